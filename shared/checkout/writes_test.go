package checkout_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// saves counts the writes of what is done.
func saves(s *memory.Store, do func()) (n int) {
	s.Before = func(op memory.Op, _ payment.ID) error {
		if op == memory.Save {
			n++
		}
		return nil
	}
	do()
	s.Before = nil
	return n
}

// TestWritesOfASignedCallback: the claim to ask, or the settlement, goes with the notice, and the answer is a second
// write. That the question waits for its turn is not a third one of its own: the promise goes with the notice too.
func TestWritesOfASignedCallback(t *testing.T) {
	for name, c := range map[string]struct {
		settings map[string]any
		polled   bool // a moment before
		want     int
	}{
		"re-read":                         {want: 2},
		"by the signature alone":          {settings: noStatusCall, want: 1},
		"re-read, and asked a moment ago": {polled: true, want: 3}, // the promise, its claim, the answer
	} {
		t.Run(name, func(t *testing.T) {
			b := newPartner(t, nil, c.settings)
			p := b.open()
			if c.polled {
				_, err := b.svc.Poll(context.Background(), p.ID, checkout.Reader{Shop: "demo"})
				b.must(err)
				b.advance(time.Second)
			}
			n := saves(b.store, func() { b.must(b.sim.Approve(b.session())) })
			b.stands("approved", payment.Paid, false)
			if n != c.want {
				t.Errorf("%d writes, want %d", n, c.want)
			}
			if n := saves(b.store, func() { _, _ = b.sim.Replay(context.Background(), b.session()) }); n != 0 {
				t.Errorf("%d writes of its repetition", n)
			}
		})
	}
}

// TestWritesOfAnOpening: what the bank has signed before it answered is asked about in the write that saves the page.
func TestWritesOfAnOpening(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "early_paid" }, nil)
	// the notice, the page, again beside the notice and with the claim, the answer
	if n := saves(b.store, func() { b.called(payment.Paid) }); n != 4 {
		t.Errorf("%d writes", n)
	}
	b.stands("opened", payment.Paid, false)
}

// TestWritesOfARefusal: why the bank refused, as the browser brings it, is saved with the bank's own answer.
func TestWritesOfARefusal(t *testing.T) {
	w := newWorld(t, nil)
	w.perform([]string{"open", "A", "15000"})
	w.perform([]string{"bank", "decline", "A"})
	order := w.stored("A").Handle.OrderID
	n := saves(w.store, func() {
		if _, err := w.come("A", true, said(order, "DECLINED", "051")); err != nil {
			t.Fatal(err)
		}
	})
	if p := w.stored("A"); p.Decline.Code != "051" || n != 2 {
		t.Errorf("%d writes, %+v", n, p.Decline)
	}
}

// TestWritesOfACancellation: the bank's answer and the end that it allows are one write.
func TestWritesOfACancellation(t *testing.T) {
	w := newWorld(t, nil)
	w.perform([]string{"open", "A", "15000"})
	n := saves(w.store, func() {
		if _, err := w.svc.Cancel(context.Background(), w.id("A"), "demo", payment.ByShop("k1")); err != nil {
			t.Fatal(err)
		}
	})
	if p := w.stored("A"); p.Status != payment.Cancelled || n != 1 {
		t.Errorf("%d writes, %s", n, p.Status)
	}
}

// TestASignedCallbackOutlastsTheStore, whichever of its writes fails, is found done although its answer was lost, or is
// overtaken by a shop that polls at that moment: the payment is paid, at the latest by the next run of the sweep.
func TestASignedCallbackOutlastsTheStore(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		for at := range 3 {
			for _, how := range []string{"fails", "lost", "overtaken"} {
				t.Run(fmt.Sprintf("%s, write %d %s", name, at, how), func(t *testing.T) {
					b := newPartner(t, nil, settings)
					p, n, busy := b.open(), 0, false
					hook := func(op memory.Op, _ payment.ID) error {
						if op != memory.Save || busy {
							return nil
						}
						if n++; n-1 != at {
							return nil
						}
						if how != "overtaken" {
							return unavailable()
						}
						busy = true
						_, err := b.svc.Poll(context.Background(), p.ID, checkout.Reader{Shop: "demo"})
						busy = false
						return err
					}
					if b.store.Before = hook; how == "lost" {
						b.store.Before, b.store.After = nil, hook
					}
					b.must(b.sim.Approve(b.session()))
					b.store.Before, b.store.After = nil, nil
					b.advance(2 * time.Minute)
					b.sweep()
					b.stands("swept", payment.Paid, false)
					if p := b.read(); len(p.Notices) != 0 || p.Sequence != 3 {
						t.Errorf("%d entries, notices %v", p.Sequence, p.Notices)
					}
				})
			}
		}
	}
}
