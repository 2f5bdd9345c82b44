package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/api"
	"kassa/shared/simbank/fault"
)

// TestAllFieldErrorsAtOnce: a programmer should not have to fix them one by one.
func TestAllFieldErrorsAtOnce(t *testing.T) {
	w := shared(t)
	a := w.shop.must(t, []int{422}, "POST", "/v1/payments",
		[]byte(`{"order_ref":" ","amount":0,"currency":"GBP","locale":7,"colour":"red",
		"metadata":{"n":"4111111111111111"},"return_urls":{"success":"https://evil.example/","cancel":"ftp://x"}}`))
	if a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s", a.header.Get("Content-Type"))
	}
	var got []string
	for _, e := range read[problemDoc](t, a).Errors {
		got = append(got, e.Pointer)
		if e.Code == "" || e.Detail == "" {
			t.Errorf("%s has no code or no detail", e.Pointer)
		}
	}
	slices.Sort(got)
	want := []string{"/amount", "/bank", "/colour", "/currency", "/locale", "/metadata/n", "/order_ref",
		"/return_urls/cancel", "/return_urls/success"}
	if !slices.Equal(got, want) {
		t.Errorf("errors at %v, want %v", got, want)
	}
	for _, body := range []string{``, `{`, `[]`, `null`, "\xff", `{} {}`} {
		w.shop.must(t, []int{400}, "POST", "/v1/payments", []byte(body))
	}
	twice := `{"order_ref":"twice","bank":"kapital","amount":1,"amount":2,"currency":"AZN","return_urls":{"success":"` +
		w.Info.ShopURL + `"}}`
	if p := read[problemDoc](t, w.shop.must(t, []int{422}, "POST", "/v1/payments", []byte(twice))); len(p.Errors) != 1 ||
		p.Errors[0].Code != "duplicate_field" {
		t.Errorf("two amounts: %+v", p)
	}
	for _, amount := range []string{`"15000 AZN"`, `150.5`, `"150.00"`, `-1`, `99999999999999999999`, `null`, `true`} {
		body := fmt.Sprintf(`{"order_ref":"amounts","bank":"kapital","amount":%s,"currency":"AZN",`+
			`"return_urls":{"success":%q}}`, amount, w.Info.ShopURL)
		if p := read[problemDoc](t, w.shop.must(t, []int{422}, "POST", "/v1/payments", []byte(body))); len(p.Errors) != 1 ||
			p.Errors[0].Pointer != "/amount" {
			t.Errorf("amount %s: %+v", amount, p)
		}
	}
}

func TestWrongKeysAreAllTheSame401(t *testing.T) {
	w := shared(t)
	key := w.Info.Shops[0].APIKey
	seen := map[string]bool{}
	for _, bearer := range []string{"", "nonsense", key + "x", key[:len(key)-1], strings.Replace(key, "_k1_", "_k2_", 1),
		strings.Replace(key, "demo-az", "nobody", 1),
		strings.Replace(secondKey, secondShop, "demo-az", 1), "sk_demo-az_k1_"} {
		for method, path := range map[string]string{"GET": "/v1/payments?order_ref=x", "POST": "/v1/payments"} {
			c := w.shop
			c.bearer = bearer
			a := c.must(t, []int{401}, method, path, nil)
			seen[anonymous(t, a)] = true
			if a.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		}
	}
	if len(seen) != 1 {
		t.Errorf("the refusals differ and tell something: %v", seen)
	}
}

// anonymous is an answer without its request_id.
func anonymous(t *testing.T, a answer) string {
	t.Helper()
	id := read[problemDoc](t, a).RequestID
	if id == "" {
		t.Errorf("no request_id: %s", a)
	}
	return fmt.Sprintf("%d %s", a.status, bytes.ReplaceAll(a.body, []byte(id), nil))
}

// TestForeignPaymentsLookLikeNone: another shop's payment, one that nobody has and what is no id at all are the same to
// a stranger.
func TestForeignPaymentsLookLikeNone(t *testing.T) {
	w := shared(t)
	p := w.paid(t, 1, 2000)
	stranger := w.shop
	stranger.bearer = secondKey
	for _, c := range []struct{ method, path string }{{"GET", ""}, {"POST", "/refunds"}, {"POST", "/cancel"},
		{"POST", "/redeliver"}} {
		seen := map[string]bool{}
		for _, id := range []string{p.ID, p.ID[:len(p.ID)-1] + "7", "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1", "nonsense",
			p.ID + "x"} {
			var body any
			if c.path == "/refunds" {
				body = map[string]int{"amount": 100}
			}
			a := stranger.must(t, []int{404}, c.method, "/v1/payments/"+id+c.path, body, "Idempotency-Key", "k")
			seen[anonymous(t, a)] = true
		}
		if len(seen) != 1 {
			t.Errorf("%s %s tells foreign from unknown: %v", c.method, c.path, seen)
		}
	}
	if a := stranger.must(t, []int{200}, "GET", "/v1/payments?order_ref="+p.OrderRef,
		nil); strings.TrimSpace(string(a.body)) != `{"payments":[],"next":null}` {
		t.Errorf("the same order_ref of another shop: %s", a)
	}
	own := read[paymentDoc](t, stranger.must(t, []int{201}, "POST", "/v1/payments", order(p.OrderRef, w.Info.ShopURL, 50)))
	if own.ID == p.ID {
		t.Error("two shops share a payment")
	}
	stranger.must(t, []int{200}, "POST", "/v1/payments/"+own.ID+"/cancel", nil)
	w.stands(t, p.ID, "paid", 2000, 0)
}

func TestBodiesHaveABound(t *testing.T) {
	w := shared(t)
	body := []byte(fmt.Sprintf(
		`{"order_ref":%q,"bank":"kapital","amount":100,"currency":"AZN","return_urls":{"success":%q}}`, w.ref(t, 1),
		w.Info.ShopURL))
	fill := func(n int) []byte { return append(slices.Clone(body), bytes.Repeat([]byte(" "), n-len(body))...) }
	w.shop.must(t, []int{413}, "POST", "/v1/payments", fill(api.MaxBody+1))
	w.shop.must(t, []int{413}, "POST", "/v1/payments", fill(5<<20))
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", fill(api.MaxBody)))
	w.shop.must(t, []int{413}, "POST", "/v1/payments/"+p.ID+"/refunds", fill(api.MaxBody+1), "Idempotency-Key", "k")

	for _, action := range []string{"return", "notify"} {
		w.Kapital.ClearFaults()
		before := len(w.asked(p.BankOrderID))
		at := w.callbackURL(t, p.ID, action)
		tooMuch := bytes.NewReader(bytes.Repeat([]byte("x"), api.MaxBody+1))
		r, err := http.NewRequestWithContext(t.Context(), "POST", at, tooMuch)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := w.browser.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != 413 {
			t.Errorf("%s of a byte too many: %d", action, response.StatusCode)
		}
		if after := len(w.asked(p.BankOrderID)); after != before {
			t.Errorf("%s: the bank was asked for a message that was refused", action)
		}
	}
}

func TestRefundNeedsAKeyThatMeansOneRefund(t *testing.T) {
	w := shared(t)
	p := w.paid(t, 1, 3000)
	path := "/v1/payments/" + p.ID + "/refunds"
	w.shop.must(t, []int{400}, "POST", path, map[string]int{"amount": 100})
	// nor may a body that was lost on its way
	w.shop.must(t, []int{400}, "POST", path, []byte(""), "Idempotency-Key", "lost")
	w.shop.must(t, []int{400}, "POST", path, map[string]int{"amount": 100}, "Idempotency-Key", "two, keys")
	w.shop.must(t, []int{201}, "POST", path, map[string]int{"amount": 100}, "Idempotency-Key", "one")
	if a := w.shop.must(t, []int{422}, "POST", path, map[string]int{"amount": 200}, "Idempotency-Key",
		"one"); read[problemDoc](t, a).Code != "idempotency_key_reused" {
		t.Errorf("%s", a)
	}
	// none of these may be taken for "all that remains"
	for _, amount := range []string{`0`, `-5`, `"1.00"`, `1.5`, `null`} {
		w.shop.must(t, []int{400, 422}, "POST", path, []byte(`{"amount":`+amount+`}`), "Idempotency-Key",
			"bad"+fmt.Sprint(len(amount)))
	}
	w.stands(t, p.ID, "partially_refunded", 3000, 100)
}

// TestBankDownLosesNothing: while the bank cuts every connection, each request is told to come back; then the same
// request works.
func TestBankDownLosesNothing(t *testing.T) { eachGateway(t, bankDownLosesNothing) }

func bankDownLosesNothing(t *testing.T, w world) {
	paid, open := w.paid(t, 1, 4000), w.open(t, 2, 4100)
	if err := w.bank.Faults(fault.Fault{Operation: "*", Kind: "refuse_connection", Count: -1}); err != nil {
		t.Fatal(err)
	}
	defer w.bank.ClearFaults()
	body := order(w.ref(t, 3), w.Info.ShopURL, 4200)
	for _, send := range []func() (answer, error){
		func() (answer, error) { return w.shop.send(t.Context(), "POST", "/v1/payments", body) },
		func() (answer, error) { return w.shop.refund(t.Context(), paid.ID, "down", 1000) },
		func() (answer, error) {
			return w.shop.send(t.Context(), "POST", "/v1/payments/"+open.ID+"/cancel", nil)
		},
	} {
		a, err := send()
		if err != nil || a.status != 503 {
			t.Fatalf("the bank is down: %s %v", a, err)
		}
		if _, again, err := later(a); err != nil || !again {
			t.Errorf("%s: %v", a, err)
		}
	}
	if p := w.poll(t, open.ID); p.Status != "pending" {
		t.Errorf("a poll while the bank is down: %s", p.Status)
	}
	w.age(t, open.ID, 10*time.Second) // so that it is asked at once
	at, err := w.browser.get(t.Context(), w.callbackURL(t, open.ID, "return"))
	if err != nil {
		t.Fatal(err)
	}
	w.browser.landed(t, at, open.ID, "success", "pending")

	w.bank.ClearFaults()
	p := read[paymentDoc](t, w.shop.must(t, []int{200, 201}, "POST", "/v1/payments", body))
	w.pay(t, p)
	if a, err := w.shop.refund(t.Context(), paid.ID, "down", 1000); err != nil || a.status != 201 {
		t.Errorf("the same refund later: %s %v", a, err)
	}
	w.shop.must(t, []int{200}, "POST", "/v1/payments/"+open.ID+"/cancel", nil)
	w.stands(t, p.ID, "paid", 4200, 0)
	w.stands(t, paid.ID, "partially_refunded", 4000, 1000)
}
