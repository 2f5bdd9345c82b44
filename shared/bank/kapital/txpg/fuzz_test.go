package txpg

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// FuzzOrder: whatever the bank answers, a report about money has a possible amount, no more went back than was taken,
// and a list adds up.
func FuzzOrder(f *testing.F) {
	f.Add(golden(f, "answer_order_refunded.json"), "5531")
	f.Add(golden(f, "answer_order_fresh.json"), "4595")
	f.Add(body("PartPaid", history{"", []map[string]any{op("10", nil), op("-2.5", nil)}, charged("10", "2.5")}), "7")
	f.Add(body("Voided", history{"", []map[string]any{op("1E+1", map[string]any{"pmoResultCode": "2"})}, charged("0",
		"0")}), "7")
	f.Fuzz(func(t *testing.T, text, id string) {
		message, err := strict.ParseJSON([]byte(text), answerForm)
		if err != nil {
			return
		}
		o, err := readOrder(message, id)
		if err != nil {
			return
		}
		for _, m := range []meaning{unknown, fresh, held, taken, partly, back, voided, left, refusal, expired} {
			r, _ := o.report(m)
			if !r.Possible() || r.Refunded.Said && (r.Amount == (payment.Money{}) || r.Refunded.Minor > r.Amount.Minor) {
				t.Fatalf("%d: %+v", m, r)
			}
			var sum int64
			for _, one := range r.Operations {
				if sum += one.Amount; one.Amount <= 0 {
					t.Fatalf("%d: %+v", m, r.Operations)
				}
			}
			if r.Operations != nil && sum != r.Refunded.Minor {
				t.Fatalf("%d: %+v adds up to %d", m, r, sum)
			}
			if m == unknown && r.State != payment.BankUnknown || r.Amount != (payment.Money{}) && r.Amount.Currency == "" {
				t.Fatalf("%d: %+v", m, r)
			}
		}
	})
}

// FuzzAmount: what is read is exactly what was written, never rounded.
func FuzzAmount(f *testing.F) {
	for _, text := range []string{"1", "12.5", "-0.01", "1E+2", "10.005", "9999999999999.99", "1e-2", "0.1e1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		message, err := strict.ParseJSON([]byte(`{"a":`+text+`}`), answerForm)
		if err != nil {
			return
		}
		minor, err := readAmount(message.At("/a"), payment.AZN)
		if err != nil {
			return
		}
		again, err := readAmount(parsed(t, `{"a":`+string(major(minor))+`}`).At("/a"), payment.AZN)
		if err != nil || again != minor {
			t.Fatalf("%s is %d, and again %d, %v", text, minor, again, err)
		}
	})
}

// gatewayOf is a gateway whose settings no secret has.
func gatewayOf(s settings) *Gateway {
	g := &Gateway{settings: s}
	g.Terminal = exchange.NewTerminal(&g.settings.Setup, Options{Now: noon}.Filled())
	g.profile = g.settled
	return g
}

// FuzzError: an error of the bank is never a success, and nothing of its text is told.
func FuzzError(f *testing.F) {
	f.Add(golden(f, "answer_decline.json"), 2)
	f.Add(`{"errorCode":"ServiceError","errorDescription":"Currency"}`, 1)
	f.Fuzz(func(t *testing.T, text string, care int) {
		message, err := strict.ParseJSON([]byte(text), answerForm)
		if err != nil || message.At("/errorCode").Absent() {
			return
		}
		g := gatewayOf(settings{})
		if err := g.refusal(message, 400, exchange.Care(care)); err == nil || payment.KindOf(err) == payment.Internal {
			t.Fatalf("%v", err)
		}
	})
}

// FuzzReturn: whatever comes with a browser proves nothing.
func FuzzReturn(f *testing.F) {
	f.Add("ID=4595&STATUS=FullyPaid&PASSWORD=x", "", []byte(nil))
	f.Add("ID=1&id=", "multipart/form-data; boundary=x",
		[]byte("--x\r\nContent-Disposition: form-data; name=id\r\n\r\n7\r\n--x--"))
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		values, _ := url.ParseQuery(query)
		n, err := gatewayOf(settings{}).Read(bank.Message{Method: http.MethodPost, Query: values, Body: body,
			Header: map[string]string{"content-type": kind}})
		if n.Proven || n.Handle.Private != "" || err != nil && payment.KindOf(err) != payment.Malformed {
			t.Fatalf("%+v, %v", n, err)
		}
	})
}

// FuzzPage: a page is on a host of the settings and asks for our order, once.
func FuzzPage(f *testing.F) {
	f.Add("https://pages.bank.test/flex?id=1", "7", "p")
	f.Add("https://pages.bank.test//flex/%66lex#id=3", "7", "p&id=2")
	g := gatewayOf(settings{pagePath: "flex",
		Setup: exchange.Setup{Pages: exchange.Pages{Hosts: []string{"pages.bank.test"}}}})
	f.Fuzz(func(t *testing.T, address, order, password string) {
		u, ok := exchange.ParsePage(address)
		if !ok || !g.settings.Pages.Allow(u) {
			return
		}
		text, err := g.page(t.Context(), address, order, password)
		if err != nil {
			return
		}
		page, ok := exchange.ParsePage(text)
		if !ok || !g.settings.Pages.Allow(page) || len(page.Query()["id"]) != 1 || page.Query().Get("id") != order ||
			page.Query().Get("password") != password {
			t.Fatalf("%q from %q", text, address)
		}
	})
}

// FuzzNew: whatever stands in a secret, a terminal that may be used has a sound account and calls by TLS alone.
func FuzzNew(f *testing.F) {
	f.Add(secretOf(f, nil, nil))
	f.Add(secretOf(f, map[string]any{"environment": "prod"}, map[string]any{"currencies": []string{"USD"},
		"session": "5m", "status_words": map[string]string{"Neu": "Declined"}, "taksit_terms": []int{3, 6}}))
	f.Add(secretOf(f, nil, map[string]any{"merchant_reference": "custAttrs:F104", "page_hosts": []string{"a.az:8443"},
		"base_url": "https://a.az/api", "ca": "-----BEGIN CERTIFICATE-----"}))
	f.Add([]byte(`{"environment":"test","txpg":{"login":"a:b","login":1},"txpg":null}`))
	f.Fuzz(func(t *testing.T, secret []byte) {
		g, err := New(secret, Options{Stage: "prod", Now: noon})
		if g == nil && err == nil || g != nil && g.Ready(bank.OpStatus) != nil ||
			err != nil && payment.KindOf(err) != payment.Misconfigured {
			t.Fatalf("%v, %v", g, err)
		}
		if err == nil && (g.settings.Address.Scheme != "https" || g.settings.Pages.Loopback ||
			!isMerchant(g.settings.Account.Merchant) || g.settings.session < time.Minute ||
			len(g.settings.currencies) == 0) {
			t.Fatalf("settings %+v", g.settings.Account)
		}
	})
}
