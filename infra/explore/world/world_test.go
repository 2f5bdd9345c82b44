package world

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
)

// perform lets events happen without a fault.
func perform(t *testing.T, w *World, names ...string) {
	t.Helper()
	for _, name := range names {
		e, known := EventOf(name)
		if !known {
			t.Fatalf("there is no event %q", name)
		}
		w.Do(e, Fault{})
	}
}

// each tests every world in a bubble.
func each(t *testing.T, test func(t *testing.T, w *World)) {
	t.Helper()
	for _, name := range Banks() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, err := New(name)
				if err != nil {
					t.Fatal(err)
				}
				test(t, w)
			})
		})
	}
}

// TestAWorldGoesBack to how it stood, and everything happens there as it did before.
func TestAWorldGoesBack(t *testing.T) {
	each(t, func(t *testing.T, w *World) {
		perform(t, w, "create", "pay")
		here, back := w.Digest(), w.Mark()
		perform(t, w, "come", "refund", "rotate", "tell", "desk", "night", "sweep", "rival")
		there, stands := w.Digest(), w.String()
		for range 2 {
			back()
			if w.Digest() != here {
				t.Fatal("it did not go back")
			}
			perform(t, w, "come", "refund", "rotate", "tell", "desk", "night", "sweep", "rival")
			if w.Digest() != there || w.String() != stands {
				t.Fatalf("%s\nand before\n%s", w, stands)
			}
		}
		if problems := w.Settle(); len(problems) > 0 {
			t.Error(problems, w)
		}
	})
}

// TestAWorldSeesWhatItIsFor: money that moves twice, and money that goes back unasked, at a bank that is not as it
// should be.
func TestAWorldSeesWhatItIsFor(t *testing.T) {
	each(t, func(t *testing.T, w *World) {
		perform(t, w, "create", "pay", "come")
		bank := w.side.API
		w.side.API = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			again := r.Clone(r.Context())
			body, err := whole(r)
			if err != nil {
				t.Error(err)
			}
			r.Body, again.Body = http.NoBody, http.NoBody
			if len(body) > 0 {
				r.Body, again.Body = reader(body), reader(body)
			}
			if _, moves := w.side.Call(r, string(body)); moves {
				bank.ServeHTTP(httptest.NewRecorder(), again)
			}
			bank.ServeHTTP(out, r)
		})
		perform(t, w, "refund")
		problems := w.Settle()
		if said := strings.Join(problems, "; "); !strings.Contains(said, "the bank gave back 10000") {
			t.Errorf("it says %q\n%s", problems, w)
		}
	})
}

// TestEveryFaultIsMet: at each call of a refund, each kind of fault changes what happens, or is survived without a
// trace.
func TestEveryFaultIsMet(t *testing.T) {
	each(t, func(t *testing.T, w *World) {
		perform(t, w, "create", "pay", "come")
		back := w.Mark()
		refund, _ := EventOf("refund")
		calls := w.Do(refund, Fault{})
		sound := w.Digest()
		unlike := 0
		for i, call := range calls {
			for _, kind := range Kinds(call) {
				back()
				w.Do(refund, Fault{i + 1, kind})
				if w.Digest() != sound {
					unlike++
				}
			}
		}
		if unlike < 20 {
			t.Errorf("only %d faults left a trace", unlike)
		}
	})
}

// TestARotationIsMet: after it the bank does not know Kassa, or Kassa not the bank, until Kassa has read its settings
// again.
func TestARotationIsMet(t *testing.T) {
	each(t, func(t *testing.T, w *World) {
		perform(t, w, "create", "pay", "rotate")
		if w.renewed {
			t.Fatal("nobody has met the rotation yet")
		}
		perform(t, w, "come")
		if p, _ := w.last(); !w.renewed || !p.Status.Money() {
			t.Errorf("renewed: %t\n%s", w.renewed, w)
		}
	})
}

// TestWhoIsNotOursOutlivesTheKilled: an event of the bank's happens also where the invocation that began before it was
// killed.
func TestWhoIsNotOursOutlivesTheKilled(t *testing.T) {
	each(t, func(t *testing.T, w *World) {
		perform(t, w, "create")
		poll, _ := EventOf("poll")
		pay, _ := EventOf("pay")
		defer w.Close()
		w.Pair(poll, pay, Order{Fault: Fault{At: 1, Kind: Killed}})
		if w.charged() != price {
			t.Errorf("the bank took %d\n%s", w.charged(), w)
		}
	})
}
