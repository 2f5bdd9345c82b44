package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/api/contract"
	"kassa/shared/bank"
	"kassa/shared/boot/boottest"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

func body(text string) func(*events.APIGatewayV2HTTPRequest) {
	return func(e *events.APIGatewayV2HTTPRequest) { e.Body = text }
}

// TestEveryFieldIsTaken: the bench holds what is accepted to openapi.yaml, so that each field which is documented was
// used once.
func TestEveryFieldIsTaken(t *testing.T) {
	const back = `"return_urls":{"success":"https://shop.example/a","cancel":"https://shop.example/b","decline":""}`
	for n, order := range []string{
		`"bank":"kapital","amount":1,"currency":"AZN","description":"x","locale":"ru","supersede":true,"reopen":true,
			"metadata":{"k":"v"},"term":0,
			"items":[{"sku":"S","name":"N","quantity":1,"unit_amount":1}],
			"customer":{"first_name":"A","last_name":"B","phone":"1","email":"x"}`,
		`"bank":"kapital","amount":100000000000,"locale":"en","items":[]`,
		`"bank":"kapital","amount":"15000","locale":"ru-RU","term":"0","metadata":[],"customer":[],` +
			`"items":[{"quantity":"2","unit_amount":"0"}]`,
		`"bank":"kapital","amount":1.5e4,"locale":"fr_FR"`,
		`"bank":"kartapokupok","amount":"1200","term":"3.0000","items":[{"sku":"S","name":"N","quantity":"2.0000",
			"unit_amount":600.0},{"sku":"G","name":"Gift","quantity":1,"unit_amount":0}],
			"customer":{"first_name":"A","last_name":"B","phone":"8 029 123-45-67","email":"a@example.by"}`,
		`"bank":"kapital","amount":2,"locale":"","customer":{}`,
		`"bank":"kapital","amount":3605,"currency":"USD"`,
		`"bank":"kapital","amount":3605,"currency":"EUR"`,
		`"bank":"kartapokupok","amount":1200,"currency":"AZN","description":"x","locale":"be","supersede":false,
			"reopen":false,"metadata":{},"term":3,
			"items":[{"sku":"S","name":"N","quantity":2,"unit_amount":600}],
			"customer":{"first_name":"A","last_name":"B","phone":"+375 29 123-45-67","email":"a@example.by"}`,
	} {
		b := boottest.New(t)
		if a, got := post(t, b, "post.json", boottest.Key,
			body(fmt.Sprintf(`{"order_ref":"fields-%d",%s,%s}`, n, back, order))); a.StatusCode != 201 {
			t.Errorf("%s: %d %v", order, a.StatusCode, got)
		}
	}
}

// TestEveryRefusal is one that openapi.yaml knows: the bench holds each answer to it.
func TestEveryRefusal(t *testing.T) {
	fails := func(err error) func(*boottest.Bench) { return func(b *boottest.Bench) { b.Bank.OpenErr = err } }
	took := func(money payment.Money) func(*boottest.Bench) {
		return func(b *boottest.Bench) {
			p := b.Open("12345")
			b.Happens(p.ID, payment.Statement{Handle: p.Handle, Report: payment.Report{State: payment.BankApproved, Word: "OK",
				Amount: money}})
		}
	}
	for name, c := range map[string]struct {
		prepare func(*boottest.Bench)
		repeat  bool // it comes a second time, against others that change the same
		change  func(*events.APIGatewayV2HTTPRequest)
		status  int
		code    string
	}{
		"taken": {prepare: func(b *boottest.Bench) { b.Paid("12345") }, status: 409, code: "order_ref_taken",
			change: func(e *events.APIGatewayV2HTTPRequest) { e.Body = strings.Replace(e.Body, "15000", "100", 1) }},
		"given back": {prepare: func(b *boottest.Bench) {
			p := b.Open("12345")
			b.Happens(p.ID, payment.Statement{Handle: p.Handle, Report: payment.Report{State: payment.BankReturned,
				Word: "REVERSED"}})
		}, status: 409, code: "order_refunded"},
		"doubtful": {prepare: took(payment.Money{Minor: 15000, Currency: payment.BYN}), status: 409,
			code: "order_under_review"},
		"being opened": {prepare: func(b *boottest.Bench) { created(b, 1) }, status: 409, code: "payment_in_progress"},
		"others at it": {repeat: true, status: 409, code: "conflict"},
		"a hundred":    {prepare: hundred, status: 409, code: "too_many_attempts"},
		"busy":         {prepare: busy, status: 503, code: "order_busy"},
		"base64": {change: func(e *events.APIGatewayV2HTTPRequest) {
			e.IsBase64Encoded = true
		}, status: 400, code: "malformed_body"},
		"merchant": {prepare: fails(&payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed"}), status: 500,
			code: "merchant_changed"},
		"fault":          {prepare: fails(errors.New("CANARY")), status: 500, code: "internal"},
		"store":          {prepare: stopped, status: 503, code: "unavailable"},
		"paid meanwhile": {prepare: meanwhile(payment.BankApproved, payment.Sum{}), status: 409, code: "payment_paid"},
		"part went back": {prepare: meanwhile(payment.BankApproved, payment.Said(1)), status: 409,
			code: "payment_partially_refunded"},
		"all went back": {prepare: meanwhile(payment.BankApproved, payment.Said(15000)), status: 409,
			code: "payment_refunded"},
		"declined":  {prepare: meanwhile(payment.BankDeclined, payment.Sum{}), status: 409, code: "payment_declined"},
		"cancelled": {prepare: meanwhile(payment.BankCancelled, payment.Sum{}), status: 409, code: "payment_cancelled"},
		"expired":   {prepare: meanwhile(payment.BankExpired, payment.Sum{}), status: 409, code: "payment_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			b := boottest.New(t)
			if c.prepare != nil {
				c.prepare(b)
			}
			if c.repeat {
				post(t, b, "post.json", boottest.Key, c.change)
				b.Advance(time.Minute)
				b.Contend()
			}
			if a, got := post(t, b, "post.json", boottest.Key, c.change); a.StatusCode != c.status || got["code"] != c.code {
				t.Errorf("%d %v", a.StatusCode, got)
			}
		})
	}
}

// created puts an attempt on record that somebody is opening.
func created(b *boottest.Bench, attempt int) payment.Payment {
	draft := payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", "12345"), Attempt: attempt}, Shop: "demo-az",
		OrderRef: "12345",
		Bank:     "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}
	return b.Create(payment.New(draft, boottest.Start(), boottest.Start().Add(time.Minute)))
}

// hundred attempts were called off; the first and the last are all that is looked at.
func hundred(b *boottest.Bench) {
	for _, attempt := range []int{1, payment.MaxAttempts} {
		b.Happens(created(b, attempt).ID, payment.Cancellation{By: "shop:k1"})
	}
}

// busy is an order whose second attempt somebody else keeps making.
func busy(b *boottest.Bench) {
	b.Happens(b.Open("12345").ID, payment.Cancellation{By: "shop:k1"})
	b.Store.Before = func(op memory.Op, id payment.ID) error {
		if op == memory.Create && id.Attempt == 2 {
			return payment.ErrConflict
		}
		return nil
	}
}

func stopped(b *boottest.Bench) {
	b.Store.Before = func(memory.Op, payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
}

// meanwhile plays an opener that was faster, and a customer who was faster still.
func meanwhile(state payment.State, refunded payment.Sum) func(*boottest.Bench) {
	return func(b *boottest.Bench) {
		b.Bank.Opening = func(o bank.Order) {
			handle := bank.Handle{OrderID: "1", Private: "S"}
			b.Happens(o.ID, payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/",
				ExpiresAt: o.Now.Add(time.Hour)},
				payment.Statement{Handle: handle, Report: payment.Report{State: state, Word: "WORD", Refunded: refunded}})
		}
	}
}

// TestKeysThatCannotBeLookedUp is 500 or 503 before anything is read.
func TestKeysThatCannotBeLookedUp(t *testing.T) {
	for status, err := range map[int]error{500: &payment.Error{Kind: payment.Misconfigured},
		503: &payment.Error{Kind: payment.Unavailable}} {
		b := boottest.New(t)
		b.Broken(err)
		if a, got := post(t, b, "post.json", boottest.Key, body(strings.Repeat(" ", api.MaxBody))); a.StatusCode != status {
			t.Errorf("%d %v", a.StatusCode, got)
		}
	}
}

// TestBrokenInstalmentsStopInstalmentsAlone: neither a bought shirt nor a refund needs them.
func TestBrokenInstalmentsStopInstalmentsAlone(t *testing.T) {
	for term, status := range map[string]int{``: 201, `,"term":0`: 201, `,"term":3`: 500} {
		b := boottest.New(t)
		b.Unreadable = map[string]error{"instalments": &payment.Error{Kind: payment.Misconfigured}}
		if a, got := post(t, b, "post.json", boottest.Key,
			body(`{"order_ref":"1","bank":"kapital","amount":15000,`+backToShop+term+`}`)); a.StatusCode != status {
			t.Errorf("%s: %d %v", term, a.StatusCode, got)
		}
	}
}

// TestNamesAreDocumented: the reader of this request and openapi.yaml know the same names.
func TestNamesAreDocumented(t *testing.T) {
	contract.SameNames(t, "POST", "/v1/payments", "order.go")
}
