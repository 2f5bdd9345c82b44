package kartapokupok

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind   string
		done   bool // the refund took place
		cut    bool // no answer came
		code   int
		inside string
	}{
		{"refuse_connection", false, true, 0, ""},
		{"reset", false, true, 0, ""},
		{"reset_after", true, true, 0, ""},
		{"timeout_before", false, true, 0, ""},
		{"timeout_after", true, true, 0, ""},
		{"cut_after", true, true, 0, ""},
		{"http_500", false, false, 500, `{"error":"scripted",`},
		{"http_503_after", true, false, 503, `{"error":"scripted",`},
		{"http_302", false, false, 302, `{"error":"scripted",`},
		{"html_200", false, false, 200, "<html>"},
		{"html_200_after", true, false, 200, "<html>"},
		{"html_502", false, false, 502, "<html>"},
		{"empty", false, false, 200, ""},
		{"empty_after", true, false, 200, ""},
		{"empty_json", false, false, 200, "{}"},
		{"empty_json_after", true, false, 200, "{}"},
		{"no_json_after", true, false, 200, "OK, thank you"},
		{"truncated", true, false, 200, `{"refund_id`},
		{"bom", true, false, 200, "\xef\xbb\xbf{"},
		{"twice", true, false, 200, `"}{"`},
		{"slow", true, false, 200, `{"refund_id":"rf-`},
	} {
		t.Run(c.kind, func(t *testing.T) {
			b := start(t, nil)
			b.api.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			s := b.approved()
			b.must(b.Faults(Fault{Operation: "refund", Kind: c.kind, DelayMS: 1}))
			code, text, err := b.try("refund", refundOf(s, "1.00"))
			if (err != nil) != c.cut || code != c.code || !strings.Contains(string(text), c.inside) {
				t.Errorf("HTTP %d %q (%v)", code, text, err)
			}
			want(t, "given back", b.Ledger().Totals.Refunded, map[bool]int{true: 100, false: 0}[c.done])
			requests := b.Requests()
			if got := requests[len(requests)-1]; got.Fault != c.kind || got.Operation != "refund" {
				t.Errorf("history %+v", got)
			}
			status, _ := b.refund(s, "1.00")
			want(t, "the next refund", status, 200)
			b.api.Close()
			told, due := len(b.shop.callbacks())-1, map[bool]int{true: 2, false: 1}[c.done]
			patience, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for ; told < due && patience.Err() == nil; told = len(b.shop.callbacks()) - 1 {
				runtime.Gosched() // Close does not wait for a connection that was taken over to be reset
			}
			want(t, "callbacks about refunds", told, due)
		})
	}
}

func TestTimeoutEndsWithTheClient(t *testing.T) {
	b := start(t, nil)
	b.must(b.Faults(Fault{Kind: "timeout_before", Operation: "create"}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for len(b.Requests()) == 0 { // until the request has reached the bank
			runtime.Gosched()
		}
		cancel()
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.api.URL+"/installment/create", strings.NewReader("{}"))
	b.must(err)
	answer, err := b.api.Client().Do(r)
	if !errors.Is(err, context.Canceled) {
		_ = answer.Body.Close()
		t.Errorf("the call ended with %v", err)
	}
	want(t, "sessions", len(b.Ledger().Orders), 0)
}

func TestFaultCountsCalls(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.must(b.Faults(Fault{Operation: "status", Nth: 2, Count: 2, Kind: "http_500"},
		Fault{Operation: "create", Count: -1, Kind: "http_400"}))
	for i, wanted := range []int{200, 500, 500, 200} {
		status, _ := b.call("status", map[string]any{"partner_id": "P-100", "session_id": s.id})
		want(t, "call "+string(rune('1'+i)), status, wanted)
	}
	for range 3 {
		status, _ := b.call("create", b.document())
		want(t, "create", status, 400)
	}
	want(t, "lines left", len(b.Script.Left()), 1)
	b.ClearFaults()
	b.create()
	for _, bad := range []Fault{{Kind: "explode"}, {Kind: "slow", Nth: -1}, {Kind: "slow", Count: -2},
		{Kind: "slow", DelayMS: -1}, {Kind: "http_99"}, {Kind: "slow", Operation: "pay"}} {
		if b.Faults(bad) == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

func TestRestartKeepsTheBooks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	var s, waiting session
	var before Statement
	b := start(t, func(o *Options) { o.DataFile = file; o.Settings.UniqueRef = true })
	s = b.approved()
	b.must(b.DeskRefund(s.id, 500))
	d := b.document()
	d["order_ref"] = "2"
	waiting = b.opened(d)
	b.set(func(set *Settings) { set.Callback = "hold" })
	b.must(b.Later(waiting.id))
	before = b.Ledger()
	b.must(b.Close())
	second, err := New(Options{PageURL: "http://127.0.0.1:1", Partner: "P-100", Auth: "none", PKI: keys, Now: b.clock.Now,
		DataFile: file,
		Settings: Settings{Callback: "hold"}})
	b.must(err)
	b.Sim = second // the first one's servers stay unused
	if now := b.Ledger(); strings.Compare(jsonOf(t, now), jsonOf(t, before)) != 0 || now.Totals.Refunded != 500 ||
		now.Totals.Orders != 2 {
		t.Errorf("after the restart: %s\nbefore: %s", jsonOf(t, now), jsonOf(t, before))
	}
	answers, err := b.Deliver(t.Context(), "", false)
	b.must(err)
	want(t, "what waited", answers, "[204]")
	b.must(b.Approve(waiting.id))
	want(t, "paid", b.Ledger().Totals.Charged, 24000)
	b.must(b.Reset(true))
	want(t, "after a reset", jsonOf(t, b.Ledger()), `{"orders":[],"totals":{"orders":0,"charged":0,"refunded":0}}`)
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTwoSimulatorsDoNotShareAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	b := start(t, func(o *Options) { o.DataFile = file })
	if _, err := New(Options{PageURL: "http://x", Partner: "P-100", PKI: b.PKI(), DataFile: file}); err == nil ||
		!strings.Contains(err.Error(), "another simulator") {
		t.Errorf("the second one: %v", err)
	}
}

// Refunds, decisions and switches at once: the books must stay whole. Run it with
// -race.
func TestManyAtOnce(t *testing.T) {
	b := start(t, func(o *Options) { o.DataFile = filepath.Join(t.TempDir(), "bank.db") })
	s, open := b.approved(), b.create()
	var group sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for i := range 30 {
		group.Go(func() {
			status, _, err := b.try("refund", refundOf(s, "10.00"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			codes[status]++
		})
		group.Go(func() { _ = b.Approve(open.id) })
		group.Go(func() { b.set(func(set *Settings) { set.CallbackExtra = i%2 == 0 }); _ = b.Ledger() })
		group.Go(func() { b.must(b.PKI().RotateSigning("ed25519", true)); _, _ = b.Deliver(t.Context(), "", i%2 == 0) })
	}
	group.Wait()
	want(t, "refunds done", codes[200], 12)
	want(t, "refunds refused", codes[409]+codes[422], 18)
	totals := b.Ledger().Totals
	want(t, "given back", totals.Refunded, 12000)
	want(t, "paid", totals.Charged, 24000)
}

// The canary: what the shop tells of its customer must be found nowhere.
func TestNothingOfTheCustomerIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	b := start(t, func(o *Options) { o.DataFile = file })
	s := b.create()
	broken := b.document()
	broken["customer"].(map[string]any)["colour"] = "Канарэйка"
	b.call("create", broken)
	b.call("create", `{"customer":{"last_name":"Канарэйка"`)
	b.call("create", `{"name":["Канарэйка"],"customer":["Канарэйка"],"x":{"last_name":"Канарэйка"}}`)
	page := b.get(s.page)
	if !strings.Contains(page.text, "Алеся") || strings.Contains(page.text, "Канарэйка") {
		t.Error("the page tells more or less than the first name")
	}
	b.must(b.Approve(s.id))
	if strings.Contains(b.get(s.page).text, "Алеся") {
		t.Error("the name is kept after the decision")
	}
	everything, err := os.ReadFile(file)
	b.must(err)
	said := map[string]string{"file": string(everything)}
	for _, path := range []string{"/_sim/requests", "/_sim/ledger", "/_sim/callbacks", "/_sim/orders/" + s.id, "/desk"} {
		r, err := b.pages.Client().Get(b.pages.URL + path)
		b.must(err)
		text, err := io.ReadAll(r.Body)
		b.must(err)
		_ = r.Body.Close()
		said[path] = string(text)
	}
	for where, text := range said {
		for _, secret := range []string{"Алеся", "Канарэйка", "123-45-67", "canary@example.by"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
		if where != "file" && (strings.Contains(text, "/notify") ||
			strings.Contains(text, strings.Split(s.page, "key=")[1])) {
			t.Errorf("%s holds the shop's path or the page's key", where)
		}
	}
	for _, shown := range []string{`\"order_ref\":\"12345\"`, `\"sku\":\"K-1\"`, `\"phone\":\"***\"`, "key=…"} {
		if !strings.Contains(said["/_sim/requests"], shown) {
			t.Errorf("the history lacks %s", shown)
		}
	}
}
