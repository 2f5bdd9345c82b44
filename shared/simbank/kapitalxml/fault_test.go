package kapitalxml

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kassa/shared/simbank/kapitalxml/ledger"
)

// try posts a document and returns the HTTP status, the body and what went
// wrong on the way.
func (b *bank) try(ctx context.Context, document string) (int, string, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.api.URL+"/Exec", strings.NewReader(document))
	b.must(err)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	answer, err := b.api.Client().Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind    string
		done    bool // the refund took place
		cut     bool // no answer came
		code    int
		inside  string
		absence string
	}{
		{"refuse_connection", false, true, 0, "", ""},
		{"timeout_before", false, true, 0, "", ""},
		{"timeout_after", true, true, 0, "", ""},
		{"cut_after", true, true, 0, "", ""},
		{"http_500", false, false, 500, "Internal Server Error", ""},
		{"http_500_after", true, false, 500, "Internal Server Error", ""},
		{"html_200", false, false, 200, "<html>", ""},
		{"html_200_after", true, false, 200, "<html>", ""},
		{"empty", false, false, 200, "", "<"},
		{"empty_after", true, false, 200, "", "<"},
		{"truncated", true, false, 200, "<TKKPG>", "</TKKPG>"},
		{"bom", true, false, 200, "\xef\xbb\xbf<?xml", ""},
		{"slow", true, false, 200, "<Status>00</Status>", ""},
		{"status_96", false, false, 200, "<Status>96</Status>", ""},
		{"status_72_after", true, false, 200, "<Status>72</Status>", ""},
		{"status_205", false, false, 200, "<Status>205</Status>", ""},
	} {
		t.Run(c.kind, func(t *testing.T) {
			b := open(t, nil)
			o := b.paid()
			b.must(b.Faults(Fault{Operation: "Refund", Kind: c.kind, DelayMS: 1}))
			document := follow("Refund", o, "<Refund><Amount>100</Amount><Currency>944</Currency></Refund>")
			code, text, err := b.try(t.Context(), document)
			if (err != nil) != c.cut || code != c.code || !strings.Contains(text, c.inside) {
				t.Errorf("HTTP %d %q (%v)", code, text, err)
			}
			if c.absence != "" && strings.Contains(text, c.absence) {
				t.Errorf("the answer holds %q: %q", c.absence, text)
			}
			want(t, "RefundAmount", b.refunded(o), map[bool]string{true: "100", false: "0"}[c.done])
			if got := b.Requests()[1]; got.Fault != c.kind || got.OrderID != o.id {
				t.Errorf("history %+v", got)
			}
			want(t, "the next refund", b.refund(o, 100), "00")
		})
	}
}

func TestTimeoutEndsWithTheClient(t *testing.T) {
	b := open(t, nil)
	b.must(b.Faults(Fault{Kind: "timeout_before", Operation: "CreateOrder"}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(b.Requests()) == 0 { // the request has reached the bank
			select {
			case <-ctx.Done():
				return
			default:
				runtime.Gosched()
			}
		}
		cancel()
	}()
	if _, _, err := b.try(ctx, b.createDocument("")); !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	if got := len(b.Ledger().Orders); got != 0 {
		t.Errorf("%d orders were made", got)
	}
}

func TestFaultCountsCalls(t *testing.T) {
	b := open(t, nil)
	o := b.paid()
	b.must(b.Faults(Fault{Operation: "GetOrderStatus", Nth: 2, Count: 2, Kind: "status_96"},
		Fault{Operation: "CreateOrder", Count: -1, Kind: "status_30"}))
	for i, wanted := range []string{"00", "96", "96", "00"} {
		if got := tag(b.send(follow("GetOrderStatus", o, "")), "Status"); got != wanted {
			t.Errorf("call %d: %s, want %s", i+1, got, wanted)
		}
	}
	for range 3 {
		want(t, "CreateOrder", tag(b.send(b.createDocument("")), "Status"), "30")
	}
	b.ClearFaults()
	b.create()
	for _, bad := range []Fault{{Kind: "explode"}, {Kind: "slow", Nth: -1}, {Kind: "slow", Count: -2},
		{Kind: "slow", DelayMS: -1}, {Kind: "timeout"}} {
		if b.Faults(bad) == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// command posts to the control API and returns the HTTP status and the body.
func (b *bank) command(method, path, body string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.pages.URL+path, strings.NewReader(body))
	b.must(err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := b.pages.Client().Do(r)
	b.must(err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	b.must(err)
	if !json.Valid(text) {
		b.t.Errorf("%s %s answers no JSON: %s", method, path, text)
	}
	return answer.StatusCode, string(text)
}

func TestControl(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	path := "/_sim/orders/" + o.id
	for _, c := range []struct {
		method, path, body string
		code               int
		inside             string
	}{
		{"GET", path, "", 200, `"status":"CREATED"`},
		{"POST", path, `{"action":"lock"}`, 200, `"status":"ON-LOCK"`},
		{"POST", path, `{"action":"unlock"}`, 200, `"status":"CREATED"`},
		{"POST", path, `{"action":"pay","pan":"4169741330151124","cvv":"119","expiry":"1230"}`, 200, `"charged":15000`},
		{"POST", path, `{"action":"approve"}`, 409, `takes no payment`},
		{"POST", path, `{"action":"desk_refund","amount":500}`, 200, `"refunded":500`},
		{"POST", path, `{"action":"desk_refund","amount":50000}`, 409, `exceeds`},
		{"POST", path, `{"action":"desk_reverse"}`, 409, `refunded in part`},
		{"POST", path, `{"action":"status","status":"ON-LOCK"}`, 200, `"status":"ON-LOCK"`},
		{"POST", path, `{"action":"callback","status":"DECLINED","to":"decline","count":3}`, 200, `[204,204,204]`},
		{"POST", path, `{"action":"callback","to":"nowhere"}`, 400, `to is`},
		{"POST", path, `{"action":"explode"}`, 400, `not known`},
		{"POST", path, `{"actoin":"pay"}`, 400, `actoin`},
		{"POST", path, `{`, 400, `bad input`},
		{"POST", "/_sim/orders/1", `{"action":"approve"}`, 404, `no such order`},
		{"GET", "/_sim/orders/x", ``, 404, `no such order`},
		{"GET", "/_sim/nothing", ``, 404, `no such control`},
		{"GET", "/_sim/ledger", "", 200, `"totals":{"orders":1,"charged":15000,"refunded":500}`},
		{"GET", "/_sim/requests", "", 200, `"operation":"CreateOrder"`},
		{"POST", "/_sim/faults", `{"operation":"Refund","nth":2,"fault":"slow"}`, 200, `"nth":2`},
		{"POST", "/_sim/faults", `[{"fault":"bom"},{"fault":"empty"}]`, 200, `"fault":"empty"`},
		{"POST", "/_sim/faults", `{"fault":"nonsense"}`, 400, `nonsense`},
		{"DELETE", "/_sim/faults", ``, 200, `{"faults":[]}`},
		{"POST", "/_sim/settings", `{"callback":"drop","cut_off":"22:30"}`, 200, `"cut_off":"22:30"`},
		{"POST", "/_sim/settings", `{"callback":"never"}`, 400, `callback is`},
		{"POST", "/_sim/settings", `{"cut_off":"late"}`, 400, `cut_off`},
		{"POST", "/_sim/settings", `{"colour":"red"}`, 400, `colour`},
		{"GET", "/_sim/settings", ``, 200, `"callback":"drop"`},
		{"POST", "/_sim/reset", ``, 200, `"reset":true`},
		{"GET", "/_sim/settings", ``, 200, `"callback":""`},
		{"GET", "/_sim/ledger", "", 200, `"orders":1,`},
		{"POST", "/_sim/reset", `{"orders":true}`, 200, `"reset":true`},
		{"GET", "/_sim/ledger", "", 200, `{"orders":[],"totals":{"orders":0,"charged":0,"refunded":0}}`},
	} {
		code, text := b.command(c.method, c.path, c.body)
		if code != c.code || !strings.Contains(text, c.inside) {
			t.Errorf("%s %s %s: HTTP %d %s", c.method, c.path, c.body, code, text)
		}
	}
	hits := b.shop.all()
	if len(hits) != 3 || hits[0].path != "/decline" || tag(hits[0].form.Get("xmlmsg"), "OrderStatus") != "DECLINED" {
		t.Errorf("the forged callbacks are %v", hits)
	}
}

func TestNoCardNumberIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	b := open(t, func(o *Options) { o.DataFile = file })
	o := b.create()
	b.pay(o).card("4169741330151124")
	want(t, "status", b.status(o), ledger.Approved)
	_, requests := b.command("GET", "/_sim/requests", "")
	_, statement := b.command("GET", "/_sim/ledger", "")
	for name, text := range map[string]string{"file": readAll(t, file), "requests": requests, "ledger": statement} {
		if strings.Contains(text, "4169741330151124") || strings.Contains(text, `"119"`) {
			t.Errorf("the %s keeps card data", name)
		}
	}
	if !strings.Contains(statement, "416974******1124") {
		t.Error("the ledger lacks the masked number")
	}
}

func TestBadOptions(t *testing.T) {
	good := Options{PageURL: "http://127.0.0.1:1", Merchant: "E1", Now: func() time.Time { return noon }}
	for name, edit := range map[string]func(*Options){
		"page":     func(o *Options) { o.PageURL = "here" },
		"merchant": func(o *Options) { o.Merchant = "" },
		"auth":     func(o *Options) { o.Auth = "magic" },
		"password": func(o *Options) { o.Auth = "password" },
		"return":   func(o *Options) { o.Return = "pigeon" },
		"wrapper":  func(o *Options) { o.Settings.Wrapper = "<" },
		"case":     func(o *Options) { o.Settings.LetterCase = "title" },
		"delay":    func(o *Options) { o.Settings.CallbackDelaySeconds = -1 },
		"same day": func(o *Options) { o.Settings.RefundSameDay = "some" },
		"checks":   func(o *Options) { o.Settings.LockChecks = -1 },
	} {
		o := good
		edit(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
