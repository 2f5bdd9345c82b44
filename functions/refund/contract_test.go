package main

import (
	"context"
	"errors"
	"fmt"
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

// miser is a bank that gives nothing back.
type miser struct{ bank.Bank }

func (miser) Profile() bank.Profile { return bank.Profile{} }

// misers finds it.
type misers struct{ all *boottest.Bank }

func (m misers) With(ctx context.Context, shop, name string, call func(bank.Bank) error) error {
	return m.all.With(ctx, shop, name, func(b bank.Bank) error { return call(miser{b}) })
}

// TestEveryRefusalOfARefund is one that openapi.yaml knows: the bench holds each answer to it.
func TestEveryRefusalOfARefund(t *testing.T) {
	refuses := func(code string) func(*boottest.Bench, payment.Payment) {
		return func(b *boottest.Bench, _ payment.Payment) {
			b.Bank.RefundErr = &payment.Error{Kind: payment.Refused, Code: code, Message: "Words of ours."}
		}
	}
	for name, c := range map[string]struct {
		prepare func(*boottest.Bench, payment.Payment)
		status  int
		code    string
	}{
		"amount":   {refuses("amount_refused"), 422, "amount_refused"},
		"part":     {refuses("partial_refund_refused"), 422, "partial_refund_refused"},
		"too late": {refuses("refund_too_late"), 422, "refund_too_late"},
		"text":     {refuses("text_unsendable"), 422, "text_unsendable"},
		"no power": {func(b *boottest.Bench, _ payment.Payment) {
			b.Service.Banks = misers{b.Bank}
		}, 422, "refund_unsupported"},
		"no power by now": {func(b *boottest.Bench, _ payment.Payment) {
			b.Bank.RefundErr = &payment.Error{Kind: payment.Unsupported}
		}, 422, "unsupported"},
		"another merchant": {func(b *boottest.Bench, _ payment.Payment) {
			b.Bank.StatusErr = &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed"}
		}, 500, "merchant_changed"},
		"settings": {func(b *boottest.Bench, _ payment.Payment) {
			b.Broken(&payment.Error{Kind: payment.Misconfigured})
		}, 500, "misconfigured"},
		"limit unreadable": {func(b *boottest.Bench, _ payment.Payment) {
			b.Unreadable = map[string]error{"refund_limit_per_day": &payment.Error{Kind: payment.Misconfigured}}
		}, 500, "misconfigured"},
		"fault": {func(b *boottest.Bench, _ payment.Payment) { b.Broken(errors.New("CANARY")) }, 500, "internal"},
		"store": {func(b *boottest.Bench, _ payment.Payment) {
			b.Store.Before = func(memory.Op, payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
		}, 503, "unavailable"},
		"others at it": {func(b *boottest.Bench, _ payment.Payment) { b.Contend() }, 409, "conflict"},
		"nobody knows": {unsure, 409, "refund_under_review"},
		"given up":     {givenUp, 409, "refund_unconfirmed"},
		"turned up":    {turnedUp, 409, "refund_done_meanwhile"},
		"fifty":        {fifty, 409, "too_many_refunds"},
		"daily limit":  {func(b *boottest.Bench, p payment.Payment) { usedUp(t, b, p) }, 409, "refund_limit_reached"},
	} {
		t.Run(name, func(t *testing.T) {
			b := boottest.New(t)
			p := b.Paid("12345")
			c.prepare(b, p)
			if a, body := send(t, b, p,
				sent{"refund.json", boottest.Key, "k-1", text(`{"amount":1}`)}); a.StatusCode != c.status ||
				body["code"] != c.code {
				t.Errorf("%d %v", a.StatusCode, body)
			}
		})
	}
}

// usedUp leaves nothing of the shop's daily limit.
func usedUp(t *testing.T, b *boottest.Bench, p payment.Payment) {
	t.Helper()
	b.RefundLimit = 5000
	if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "before", nil}); a.StatusCode != 201 {
		t.Fatal(a.StatusCode, body)
	}
}

// fifty refunds are as many as one payment takes.
func fifty(b *boottest.Bench, p payment.Payment) {
	for n := range payment.MaxRefunds {
		id := payment.RefundID(p.ID, fmt.Sprint("before", n))
		b.Happens(p.ID, payment.RefundIntent{ID: id, Amount: 1, By: "shop:k1", Until: boottest.Start()},
			payment.RefundAnswer{ID: id, Answer: payment.AnswerDone, RefundID: fmt.Sprint("R-", n)})
	}
}

// unsure is a bank that says refunded, and not how much.
func unsure(b *boottest.Bench, p payment.Payment) {
	says := payment.Report{State: payment.BankRefunded, Word: "REFUNDED"}
	b.Happens(p.ID, payment.Statement{Handle: p.Handle, Report: says})
	b.Bank.Says(says)
}

// givenUp is a refund under the key of the request whose answer was lost, and that the bank has not shown for a day.
func givenUp(b *boottest.Bench, p payment.Payment) { lost(b, p, payment.RefundID(p.ID, "k-1"), 0) }

// turnedUp is another such refund, which the bank shows now.
func turnedUp(b *boottest.Bench, p payment.Payment) { lost(b, p, payment.RefundID(p.ID, "before"), 1) }

func lost(b *boottest.Bench, p payment.Payment, id string, shown int64) {
	none := int64(0)
	says := payment.Report{State: payment.BankApproved, Word: "APPROVED", Refunded: payment.Said(none)}
	b.Happens(p.ID, payment.RefundIntent{ID: id, Amount: 1, By: "shop:k1", Until: boottest.Start(), Base: &says},
		payment.RefundAnswer{ID: id, Answer: payment.AnswerLost})
	for range 2 {
		b.Advance(25 * time.Hour)
		b.Happens(p.ID, payment.Statement{Handle: p.Handle, Report: says})
	}
	says.Refunded = payment.Said(shown)
	b.Bank.Says(says)
}

func TestEveryRefusalOfACancellation(t *testing.T) {
	for name, c := range map[string]struct {
		key     string
		prepare func(*boottest.Bench)
		status  int
		code    string
	}{
		"no key": {key: "nobody", status: 401, code: "unauthorized"},
		"bank took another amount": {prepare: func(b *boottest.Bench) {
			b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "OK",
				Amount: payment.Money{Minor: 1, Currency: payment.BYN}})
		}, status: 409, code: "order_under_review"},
		"bank down": {prepare: func(b *boottest.Bench) {
			b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable"}
		}, status: 503, code: "bank_unavailable"},
		"another merchant": {prepare: func(b *boottest.Bench) {
			b.Bank.StatusErr = &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed"}
		}, status: 500, code: "merchant_changed"},
		"store": {prepare: func(b *boottest.Bench) {
			b.Store.Before = func(memory.Op, payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
		}, status: 503, code: "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			b := boottest.New(t)
			p := b.Open("12345")
			if c.prepare != nil {
				c.prepare(b)
			}
			key := c.key
			if key == "" {
				key = boottest.Key
			}
			if a, body := send(t, b, p, sent{"cancel.json", key, "", text("")}); a.StatusCode != c.status ||
				body["code"] != c.code {
				t.Errorf("%d %v", a.StatusCode, body)
			}
		})
	}
}

// TestOthersKeepChangingIt: a cancellation that others overtake again and again says so.
func TestOthersKeepChangingIt(t *testing.T) {
	b := boottest.New(t)
	draft := payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", "new"), Attempt: 1}, Shop: "demo-az",
		OrderRef: "new", Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}
	p := b.Create(payment.New(draft, boottest.Start(), boottest.Start().Add(time.Minute)))
	b.Advance(2 * time.Minute)
	b.Contend()
	if a, body := send(t, b, p, sent{"cancel.json", boottest.Key, "", text("")}); a.StatusCode != 409 ||
		body["code"] != "conflict" || a.Headers["Retry-After"] != "1" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

// TestBodiesThatCannotBeRead, by their form or by their size.
func TestBodiesThatCannotBeRead(t *testing.T) {
	for _, file := range []string{"refund.json", "cancel.json"} {
		b := boottest.New(t)
		p := b.Paid("12345")
		var event events.APIGatewayV2HTTPRequest
		b.Event(&event, file, "«id»", p.ID.String(), "{key}", boottest.Key, "{idempotency}", "k")
		event.Body = string(make([]byte, api.MaxBody+1))
		h := handler{checkout: b.Service, keys: b.Keys}
		edge := b.Edge(h.routes(), api.MaxBody)
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 413 {
			t.Errorf("%s: %d %v", file, a.StatusCode, err)
		}
		event.Body, event.IsBase64Encoded = "{", true
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 400 {
			t.Errorf("%s: %d %v", file, a.StatusCode, err)
		}
	}
}

// TestNamesAreDocumented: the reader of this request and openapi.yaml know the same names.
func TestNamesAreDocumented(t *testing.T) {
	contract.SameNames(t, "POST", "/v1/payments/x/refunds", "handler.go")
}
