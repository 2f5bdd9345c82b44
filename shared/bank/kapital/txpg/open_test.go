package txpg

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// TestPage: the path's last part stands once, whatever the bank gives; the query's own parts stay as they stand, ours
// behind them; other hosts are never shown.
func TestPage(t *testing.T) {
	const ours = "?id=7&password=a%2Fb%26"
	for _, c := range []struct{ path, given, want string }{
		{"flex", "https://pages.bank.test/flex", "https://pages.bank.test/flex" + ours},
		{"flex", "https://pages.bank.test", "https://pages.bank.test/flex" + ours},
		{"flex", "https://pages.bank.test/", "https://pages.bank.test/flex" + ours},
		{"flex", "https://pages.bank.test/flex/", "https://pages.bank.test/flex" + ours},
		{"flex", "https://pages.bank.test/flex/flex", "https://pages.bank.test/flex" + ours},
		{"flex", "https://PAGES.bank.test:443/a/flex?id=1&ID=2&PASSWORD=x&lang=az",
			"https://pages.bank.test/a/flex?lang=az&id=7&password=a%2Fb%26"},
		{"flex", "https://pages.bank.test/flex?b;c=1&a=%zz&mobile#top",
			"https://pages.bank.test/flex?b;c=1&a=%25zz&mobile&id=7&password=a%2Fb%26#top"},
		{"flex", "https://pages.bank.test/complex", "https://pages.bank.test/complex/flex" + ours},
		{"", "https://pages.bank.test/", "https://pages.bank.test/" + ours},
		{"pay", "https://pages.bank.test/flex", "https://pages.bank.test/flex/pay" + ours},
		{"flex", "http://pages.bank.test/flex", ""},
		{"flex", "https://pages.bank.test.evil.example/flex", ""},
		{"flex", "https://evil.example/flex?https://pages.bank.test", ""},
		{"flex", "https://pages.bank.test@evil.example/", ""},
		{"flex", "javascript:alert(1)", ""},
		{"flex", "/flex", ""},
	} {
		k := connect(t, map[string]any{"page_path": c.path})
		got, err := k.page(t.Context(), c.given, "7", "a/b&")
		if got != c.want || c.want == "" && (payment.CodeOf(err) != "page_host_refused" || !strings.Contains(k.log.String(),
			"payment page")) {
			t.Errorf("%s: %q, %v", c.given, got, err)
		}
	}
}

func TestAnswersThatOpenNothing(t *testing.T) {
	for _, answer := range []string{
		`{"order":{"id":"abc","hppUrl":"https://pages.bank.test","password":"p"}}`,
		`{"order":{"id":-1,"hppUrl":"https://pages.bank.test","password":"p"}}`,
		`{"order":{"id":1.5,"hppUrl":"https://pages.bank.test","password":"p"}}`,
		`{"order":{"hppUrl":"https://pages.bank.test","password":"p"}}`,
		`{"order":{"id":1,"hppUrl":"https://pages.bank.test"}}`,
		`{"order":{"id":1,"hppUrl":"https://pages.bank.test","password":7}}`,
		`{"order":{"id":1,"password":"p"}}`, `{"order":[]}`,
	} {
		c := connect(t, nil)
		c.bank.faulty, c.bank.fault = "create", "200 "+answer
		if s, err := c.Open(t.Context(), c.order()); payment.KindOf(err) != payment.Uncertain || s.RedirectURL != "" {
			t.Errorf("%s: %+v, %v", answer, s, err)
		}
	}
}

// TestWhatTheBankIsTold of an order: a description or a term, and our reference where the terminal takes it.
func TestWhatTheBankIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		settings map[string]any
		change   func(o *bank.Order)
		holds    string
	}{
		"an order": {nil, func(*bank.Order) {},
			`"description":"Çay & \"şəkər\" (pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1)","hppRedirectUrl"`},
		"without words": {nil, func(o *bank.Order) { o.Description = " " },
			`"description":"12345 (pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1)"`},
		"instalments": {map[string]any{"taksit_terms": []int{6}}, func(o *bank.Order) { o.Term = 6 },
			`"description":"TAKSIT=6",`},
		"the smallest":       {nil, func(o *bank.Order) { o.Amount.Minor = 1 }, `"amount":"0.01"`},
		"the largest":        {nil, func(o *bank.Order) { o.Amount.Minor = 100_000_000_001 }, `"amount":"1000000000.01"`},
		"a reader of az":     {nil, func(o *bank.Order) { o.Locale = "az" }, `"language":"az"`},
		"nobody knows whose": {map[string]any{"language": "EN"}, func(o *bank.Order) { o.Locale = "" }, `"language":"en"`},
		"a reference": {map[string]any{"merchant_reference": "ridByMerchant"}, func(*bank.Order) {},
			`"ridByMerchant":"12345"`},
		"its own attribute": {map[string]any{"merchant_reference": "custAttrs:F104"}, func(*bank.Order) {},
			`"custAttrs":[{"rid":"F104","valAsStr":"12345"}]`},
		"its own type": {map[string]any{"order_types": map[string]any{"purchase": "Order_X"}}, func(*bank.Order) {},
			`"typeRid":"Order_X"`},
	} {
		k := connect(t, c.settings)
		o := k.order()
		c.change(&o)
		_, _ = k.Open(t.Context(), o)
		if len(k.bank.asked) != 1 || !strings.Contains(k.bank.asked[0], c.holds) {
			t.Errorf("%s: %q", name, k.bank.asked)
		}
	}
}

func TestOrdersThatAreNotSent(t *testing.T) {
	for name, change := range map[string]func(o *bank.Order){
		"nothing":            func(o *bank.Order) { o.Amount.Minor = 0 },
		"a negative amount":  func(o *bank.Order) { o.Amount.Minor = -1 },
		"another currency":   func(o *bank.Order) { o.Amount.Currency = payment.BYN },
		"a term":             func(o *bank.Order) { o.Term = 6 },
		"the bank's keyword": func(o *bank.Order) { o.Description = "taksit=6" },
	} {
		c := connect(t, nil)
		o := c.order()
		change(&o)
		if _, err := c.Open(t.Context(), o); payment.KindOf(err) != payment.Refused || len(c.bank.asked) != 0 {
			t.Errorf("%s: %v, %q", name, err, c.bank.asked)
		}
	}
}

// TestReturn: what comes with the browser is a claim, and its PASSWORD is nobody's to hear.
func TestReturn(t *testing.T) {
	for query, want := range map[string]string{
		"ID=4595&STATUS=FullyPaid":                                    "order_id=4595 status=FullyPaid",
		"id=4595&status=FullyPaid&own=x":                              "order_id=4595 status=FullyPaid",
		"ID=4595&STATUS=FullyPaid&PASSWORD=canary-5&TOKENID=canary-6": "order_id=4595 status=FullyPaid",
		"STATUS=Declined":                                             "status=Declined",
		"":                                                            "",
		"PASSWORD=a&PASSWORD=b&password=canary":                       "",
		"STATUS=FullyPaid&status=fullypaid":                           "status=FullyPaid",
		"ID=1&ID=2":                                                   "malformed",
		"ID=1&id=1":                                                   "order_id=1",
		"ID=1&id=":                                                    "order_id=1",
		"ID=4595%20&STATUS=FullyPaid%0D%0A":                           "order_id=4595 status=FullyPaid",
		"ID=&STATUS=%20":                                              "",
		"ID=1&lang=az&lang=en":                                        "order_id=1",
		"ID=%3Cscript%3E":                                             "malformed",
		"ID=12345678901234567890":                                     "malformed",
		"ID=4169741330151778&STATUS=FullyPaid":                        "malformed", // a card's number goes into no log
		"STATUS=a%0Ab":                                                "malformed",
	} {
		c := connect(t, nil)
		values, _ := url.ParseQuery(query)
		n, err := c.Read(bank.Message{Method: http.MethodGet, Query: values, Browser: true, Now: c.now})
		got := []string{}
		for _, claim := range n.Claims {
			got = append(got, claim.Name+"="+claim.Value)
		}
		said := strings.Join(got, " ")
		if payment.KindOf(err) == payment.Malformed && err != nil {
			said = "malformed"
		}
		if said != want || n.Proven || n.Handle.Private != "" || n.Report.State != "" {
			t.Errorf("%s: %q, %+v, %v", query, said, n, err)
		}
		if len(c.bank.asked) != 0 || strings.Contains(c.log.String(), "canary") || err != nil &&
			strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: told or asked", query)
		}
	}
}
