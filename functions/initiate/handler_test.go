package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/boot/boottest"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// post sends a recorded event whose body is changed, and gives the answer with its body read into a map.
func post(t *testing.T, b *boottest.Bench, name, key string, change func(*events.APIGatewayV2HTTPRequest)) (
	events.APIGatewayV2HTTPResponse, map[string]any) {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	b.Event(&event, name, "{key}", key)
	if change != nil {
		change(&event)
	}
	h := handler{checkout: b.Service, keys: b.Keys}
	a, err := b.Edge(h.routes(), api.MaxBody).HTTPAPI(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	return a, body
}

func TestPaymentIsOpened(t *testing.T) {
	for _, name := range []string{"post.json", "post-base64.json"} {
		b := boottest.New(t)
		a, body := post(t, b, name, boottest.Key, nil)
		if a.StatusCode != 201 || body["status"] != "pending" ||
			body["redirect_url"] != "https://bank.example/pay?ORDERID=778" || body["amount"] != 15000.0 {
			t.Errorf("%s: %d %v", name, a.StatusCode, body)
		}
		opened := b.Bank.Orders()
		if len(opened) != 1 || opened[0].Customer.Phone != "+994501112233" || opened[0].Description != "Çay" ||
			opened[0].Locale != "az" {
			t.Fatalf("%s: the bank got %+v", name, opened)
		}
		id, token := body["id"].(string), body["client_token"].(string)
		if !strings.HasPrefix(token, "ct_") || !strings.HasPrefix(opened[0].ReturnURL, "https://callback.example/"+id+"/") {
			t.Errorf("%s: token %s, return address %s", name, token, opened[0].ReturnURL)
		}
		if by := b.Logged(); !strings.Contains(by, id) || !strings.Contains(by, `"shop":"demo-az"`) {
			t.Errorf("%s: log %s", name, by)
		}
	}
}

func TestRepeatIsTheSamePayment(t *testing.T) {
	b := boottest.New(t)
	_, first := post(t, b, "post.json", boottest.Key, nil)
	a, second := post(t, b, "post.json", boottest.Key, nil)
	if a.StatusCode != 200 || a.Headers["Idempotent-Replayed"] != "true" || first["id"] != second["id"] ||
		first["redirect_url"] != second["redirect_url"] {
		t.Errorf("%d %v %v", a.StatusCode, a.Headers, second)
	}
	if n := len(b.Bank.Orders()); n != 1 {
		t.Errorf("the bank opened %d orders", n)
	}
}

// TestEveryFieldErrorAtOnce: form and content of a body are complained about in one answer, nothing is written and
// nobody asked.
func TestEveryFieldErrorAtOnce(t *testing.T) {
	b := boottest.New(t)
	a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = `{"order_ref":" bad ref","bank":"","amount":150.00,"currency":"BYR","locale":7,"colour":"red",
			"return_urls":{"success":"http://evil.example/"},
			"metadata":{"card":"4111111111111111"},"supersede":null}`
	})
	var pointers []string
	for _, e := range body["errors"].([]any) {
		e := e.(map[string]any)
		if e["detail"] == "" || e["code"] == "" {
			t.Errorf("%v", e)
		}
		pointers = append(pointers, e["pointer"].(string))
	}
	want := []string{"/amount", "/bank", "/colour", "/currency", "/locale", "/metadata/card", "/order_ref",
		"/return_urls/success", "/supersede"}
	if a.StatusCode != 422 || body["code"] != "invalid_fields" || !slices.Equal(pointers, want) {
		t.Errorf("%d %v, want %v", a.StatusCode, pointers, want)
	}
	if len(b.Bank.Orders()) != 0 || strings.Contains(a.Body, "4111111111111111") {
		t.Error("the bank was asked, or a card number was repeated")
	}
}

// picky is a bank that takes manat only.
type picky struct{ bank.Bank }

// pickyBanks finds it.
type pickyBanks struct{ all checkout.Banks }

func (p pickyBanks) With(ctx context.Context, shop, name string, call func(bank.Bank) error) error {
	return p.all.With(ctx, shop, name, func(b bank.Bank) error { return call(picky{b}) })
}

func (p picky) Profile() bank.Profile {
	profile := p.Bank.Profile()
	profile.Rules = picks
	return profile
}

func picks(o bank.Order) (wrong []payment.FieldError) {
	if o.Amount.Currency != payment.AZN {
		wrong = append(wrong, payment.FieldError{Pointer: "/currency", Code: "currency_refused", Detail: "Manat only."})
	}
	if o.Amount.Minor <= 0 {
		wrong = append(wrong, payment.FieldError{Pointer: "/amount", Code: "amount_refused", Detail: "More than nothing."})
	}
	return wrong
}

// TestBanksFieldErrorsComeWithOurs: what only the bank minds is told together with what is wrong in form and to Kassa,
// one error a field, ours first; nothing is written.
func TestBanksFieldErrorsComeWithOurs(t *testing.T) {
	b := boottest.New(t)
	b.Service.Banks = pickyBanks{b.Bank}
	a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = `{"order_ref":" bad ref","bank":"kapital","amount":0,"currency":"BYN","term":"x",` +
			`"return_urls":{"success":"https://shop.example/thanks"}}`
	})
	var got []string
	for _, e := range body["errors"].([]any) {
		e := e.(map[string]any)
		got = append(got, e["pointer"].(string)+" "+e["code"].(string))
	}
	want := []string{"/amount out_of_range", "/currency currency_refused", "/order_ref bad_format", "/term wrong_type"}
	if a.StatusCode != 422 || !slices.Equal(got, want) {
		t.Errorf("%d %q, want %q", a.StatusCode, got, want)
	}
	b.Service.Banks = b.Bank
	if _, body := post(t, b, "post.json", boottest.Key, nil); body["status"] != "pending" || len(b.Bank.Orders()) != 1 {
		t.Errorf("%v", body)
	}
}

func TestUseCaseFindsFieldErrorsToo(t *testing.T) {
	b := boottest.New(t)
	if a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = "{}"
	}); a.StatusCode != 422 || len(body["errors"].([]any)) < 4 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = strings.Replace(e.Body, `"kapital"`, `"nosuch"`, 1)
	})
	if a.StatusCode != 422 || body["errors"].([]any)[0].(map[string]any)["pointer"] != "/bank" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	b.Service.Banks = noBanks{}
	if _, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = strings.Replace(e.Body, `"kapital"`, `"nosuch"`, 1)
	}); len(body["errors"].([]any)) != 1 {
		t.Errorf("what both find is told more than once: %v", body)
	}
}

// noBanks knows no bank, as the real registry does not know a shop's bank that has no secret.
type noBanks struct{}

func (noBanks) With(context.Context, string, string, func(bank.Bank) error) error {
	return &payment.Error{Kind: payment.NotFound, Code: "unknown_bank"}
}

// TestCurrencyOfTheShop stands in where the order names none; null is none of that.
func TestTermsOfTheShop(t *testing.T) {
	for change, want := range map[string]int{`"amount": 15000, "term": 12`: 201, `"amount": 15000, "term": 6`: 422,
		`"amount": 15001, "term": 12`: 422} {
		b := boottest.New(t)
		a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
			change += `, "items": [{"sku": "T-1", "name": "Tree", "quantity": 2, "unit_amount": 7500}]`
			e.Body = strings.NewReplacer(`"amount": 15000`, change, `"kapital"`, `"kartapokupok"`).Replace(e.Body)
		})
		if opened := b.Bank.Orders(); a.StatusCode != want || (want == 201) != (len(opened) == 1 && opened[0].Term == 12 &&
			body["term"] == 12.0) {
			t.Errorf("%s: %d %v, the bank got %+v", change, a.StatusCode, body, opened)
		}
	}
}

func TestCurrencyOfTheShop(t *testing.T) {
	b := boottest.New(t)
	if a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = strings.Replace(e.Body, `"currency": "AZN", `, "", 1)
	}); a.StatusCode != 201 || body["currency"] != "AZN" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	if a, body := post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = strings.Replace(e.Body, `"AZN"`, "null", 1)
	}); a.StatusCode != 422 || len(body["errors"].([]any)) != 1 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		key     string
		change  func(*events.APIGatewayV2HTTPRequest)
		prepare func(*boottest.Bench)
		status  int
		code    string
	}{
		"no key":       {key: "", status: 401, code: "unauthorized"},
		"read alone":   {key: boottest.KeyFor(api.Read), status: 403, code: "scope_missing"},
		"refund alone": {key: boottest.KeyFor(api.Refund), status: 403, code: "scope_missing"},
		"wrong secret": {key: "sk_demo-az_k1_wrong", status: 401, code: "unauthorized"},
		"client token": {key: "ct_ABC", status: 401, code: "unauthorized"},
		"not JSON": {key: boottest.Key, change: func(e *events.APIGatewayV2HTTPRequest) {
			e.Body = "order_ref=1"
		}, status: 400, code: "malformed_json"},
		"too large": {key: boottest.Key, change: func(e *events.APIGatewayV2HTTPRequest) {
			e.Body = strings.Repeat(" ", api.MaxBody+1)
		},
			status: 413, code: "body_too_large"},
		"another shop's origin": {key: boottest.Foreign, status: 422, code: "invalid_fields"},
		"bank refused": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Bank.OpenErr = &payment.Error{Kind: payment.Refused, BankCode: "CANARY"}
		},
			status: 422, code: "bank_refused"},
		"bank down": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Bank.OpenErr = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable", Cause: errors.New("CANARY")}
		}, status: 503, code: "bank_unavailable"},
		"answer lost": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Bank.OpenErr = &payment.Error{Kind: payment.Uncertain, Cause: errors.New("CANARY")}
		},
			status: 503, code: "bank_uncertain"},
		"wrong settings": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Bank.OpenErr = &payment.Error{Kind: payment.Misconfigured, Message: "CANARY"}
		},
			status: 500, code: "misconfigured"},
		"already paid": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Paid("12345")
		}, status: 409, code: "order_already_paid"},
		"other live payment": {key: boottest.Key, prepare: func(b *boottest.Bench) {
			b.Open("12345")
		}, change: func(e *events.APIGatewayV2HTTPRequest) {
			e.Body = strings.Replace(e.Body, "15000", "100", 1)
		}, status: 409, code: "order_has_live_payment"},
	} {
		t.Run(name, func(t *testing.T) {
			b := boottest.New(t)
			if c.prepare != nil {
				c.prepare(b)
			}
			a, body := post(t, b, "post.json", c.key, c.change)
			if a.StatusCode != c.status || body["code"] != c.code || body["request_id"] != "JKJaXmPLvHcESHA=" ||
				body["status"] != float64(c.status) {
				t.Errorf("%d %v", a.StatusCode, body)
			}
			if a.Headers["Content-Type"] != "application/problem+json" ||
				(a.Headers["Retry-After"] != "") != (c.status == 503) || strings.Contains(a.Body, "CANARY") {
				t.Errorf("%v %s", a.Headers, a.Body)
			}
			if (body["payment_id"] == nil) != (c.status != 409 && c.code != "bank_refused") {
				t.Errorf("payment_id %v", body["payment_id"])
			}
			if c.code == "order_already_paid" && (body["amount"] != 15000.0 || body["created_at"] != "2026-11-21T09:00:00Z") {
				t.Errorf("%v", body)
			}
		})
	}
}

// TestNothingPersonalIsKept: neither the log nor the payment holds the customer, the key or the tokens.
func TestNothingPersonalIsKept(t *testing.T) {
	b := boottest.New(t)
	_, body := post(t, b, "post.json", boottest.Key, nil)
	post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body = strings.Replace(e.Body, `"AZN"`, `1`, 1)
	})
	id, _ := payment.ParseID(body["id"].(string))
	p, err := b.Store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"CANARYNAME", "994501112233", "canary@", "k1_secret"} {
		if strings.Contains(b.Logged(), secret) || strings.Contains(string(stored), secret) {
			t.Errorf("%s was kept:\n%s\n%s", secret, b.Logged(), stored)
		}
	}
	for _, secret := range []string{p.ClientToken, p.CallbackToken, "SESSION-778"} {
		if strings.Contains(b.Logged(), secret) {
			t.Errorf("%s was logged", secret)
		}
	}
}

// once counts how often a shop's bank is looked at.
type once struct {
	checkout.Banks
	looked int
}

func (o *once) With(ctx context.Context, shop, name string, call func(bank.Bank) error) error {
	o.looked++
	return o.Banks.With(ctx, shop, name, call)
}

// TestAnOrderIsExaminedOnce: one look at the bank serves the form, the use case and the bank, before the one that opens
// the order, and a bank that is none of the shop's needs none.
func TestAnOrderIsExaminedOnce(t *testing.T) {
	for name, want := range map[string]int{"kapital": 2, "nosuch": 0} {
		b := boottest.New(t)
		banks := &once{Banks: b.Bank}
		b.Service.Banks = banks
		post(t, b, "post.json", boottest.Key, func(e *events.APIGatewayV2HTTPRequest) {
			e.Body = strings.Replace(e.Body, `"kapital"`, `"`+name+`"`, 1)
		})
		if banks.looked != want {
			t.Errorf("%s was looked up %d times, want %d", name, banks.looked, want)
		}
	}
}
