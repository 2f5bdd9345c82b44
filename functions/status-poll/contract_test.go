package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/api/contract"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// report is what the bank says about a payment's own handle.
func report(p payment.Payment, r payment.Report) payment.Event {
	r.Word = "WORD"
	return payment.Statement{Handle: p.Handle, Report: r}
}

func shown(t *testing.T, b *boottest.Bench, id payment.ID, want int, code string) map[string]any {
	t.Helper()
	a, body := get(t, b, "get.json", "«id»", id.String(), "{key}", boottest.Key)
	if a.StatusCode != want || code != "" && body["code"] != code {
		t.Fatalf("%d %v, want %d %s", a.StatusCode, body, want, code)
	}
	return body
}

// TestEveryStateIsShown as openapi.yaml says, which the bench holds each answer to.
func TestEveryStateIsShown(t *testing.T) {
	b := boottest.New(t)
	draft := payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", "new"), Attempt: 1}, Shop: "demo-az",
		OrderRef: "new", Bank: "kartapokupok",
		Term: 12, Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, ClientToken: "ABC"}
	created := b.Create(payment.New(draft, boottest.Start(), boottest.Start().Add(time.Minute)))
	ended := func(ref string, state payment.State) payment.ID {
		p := b.Open(ref)
		return b.Happens(p.ID, report(p, payment.Report{State: state})).ID
	}
	back := func(ref string, amount int64) payment.ID {
		p := b.Paid(ref)
		return b.Happens(p.ID, report(p, payment.Report{State: payment.BankApproved, Refunded: payment.Said(amount)})).ID
	}
	for want, id := range map[string]payment.ID{
		"created": created.ID, "pending": b.Open("pending").ID, "declined": ended("declined", payment.BankDeclined),
		"cancelled": ended("cancelled", payment.BankCancelled), "expired": ended("expired", payment.BankExpired),
		"paid": b.Paid("paid").ID, "partially_refunded": back("part", 5000), "refunded": back("all", 15000),
	} {
		b.Bank.Says(payment.Report{})
		if body := shown(t, b, id, 200, ""); body["status"] != want {
			t.Errorf("%v, want %s", body, want)
		}
	}
}

// TestEveryReviewIsShown while it is open and after a person has ended it.
func TestEveryReviewIsShown(t *testing.T) {
	b := boottest.New(t)
	open := func(ref string, r payment.Report) payment.Payment {
		p := b.Open(ref)
		return b.Happens(p.ID, report(p, r))
	}
	inBYN, less := payment.Money{Minor: 15000, Currency: payment.BYN}, payment.Money{Minor: 14000, Currency: payment.AZN}
	doubts := map[payment.Review]payment.Payment{
		payment.ReviewAmount:   open("amount", payment.Report{State: payment.BankApproved, Amount: less}),
		payment.ReviewCurrency: open("currency", payment.Report{State: payment.BankApproved, Amount: inBYN}),
	}
	stray := b.Open("session")
	doubts[payment.ReviewSession] = b.Happens(stray.ID, payment.NoticeArrival{Handle: payment.Handle{OrderID: "another"},
		Report: payment.Report{State: payment.BankApproved, Word: "OK"}})
	odd := b.Paid("regress")
	doubts[payment.ReviewRegress] = b.Happens(odd.ID, report(odd, payment.Report{State: payment.BankOpen}))
	lost := b.Paid("refund")
	lost = b.Happens(lost.ID, payment.RefundIntent{ID: payment.RefundID(lost.ID, "k"), Amount: 5000, By: "shop:k1",
		Until: boottest.Start()},
		payment.RefundAnswer{ID: payment.RefundID(lost.ID, "k"), Answer: payment.AnswerLost})
	stuck := b.Open("status")
	b.Advance(48 * time.Hour)
	doubts[payment.ReviewStatus] = b.Happens(stuck.ID, report(stuck, payment.Report{State: payment.BankUnknown}))
	doubts[payment.ReviewRefund] = b.Happens(lost.ID, payment.Silence{Unsupported: true})
	b.Bank.Says(payment.Report{State: payment.BankProcessing, Word: "BUSY"})
	for review, p := range doubts {
		if body := shown(t, b, p.ID, 200, ""); body["review"] != string(review) {
			t.Errorf("%v, want %s", body, review)
		}
		decision := payment.Ruling{How: payment.ResolveDismiss, Review: review, By: payment.ByOperator("anna"),
			Why: "looked"}
		if review == payment.ReviewRefund {
			decision = payment.Ruling{How: payment.ResolveRefundDone, Refund: payment.RefundID(p.ID, "k"), By: decision.By,
				Why: "the bank says so"}
		}
		b.Happens(p.ID, decision)
		if body := shown(t, b, p.ID, 200, ""); body["review"] == string(review) {
			t.Errorf("%v: %s is still open", body, review)
		}
	}
}

// TestEveryDeclineIsShown: why the bank refused, while that is how the payment stands; a code that may be anything
// never says more than other.
func TestEveryDeclineIsShown(t *testing.T) {
	b := boottest.New(t)
	refused := func(ref string, r payment.Report) payment.Payment {
		p := b.Open(ref)
		r.State, r.Word = payment.BankDeclined, "DECLINED"
		return b.Happens(p.ID, report(p, r))
	}
	for _, hint := range []payment.Hint{payment.HintFunds, payment.HintExpired, payment.HintLimit, payment.HintForbidden,
		payment.HintTryAgain,
		payment.HintCallBank, payment.HintOther} {
		p := refused(string(hint), payment.Report{Code: "05.A_b-1", Hint: hint})
		got, _ := shown(t, b, p.ID, 200, "")["decline"].(map[string]any)
		if got["code"] != "05.A_b-1" || got["hint"] != string(hint) {
			t.Errorf("%v, want %s", got, hint)
		}
	}
	for ref, r := range map[string]payment.Report{"mute": {}, "long": {Code: strings.Repeat("9", 65)},
		"markup": {Code: "<b>1</b>"}} {
		if got := shown(t, b, refused(ref, r).ID, 200, "")["decline"]; got != nil {
			t.Errorf("%s: %v", ref, got)
		}
	}
	odd := refused("odd", payment.Report{Code: "051", Hint: "a hint of a bank's own"})
	if got, _ := shown(t, b, odd.ID, 200, "")["decline"].(map[string]any); got["hint"] != "other" {
		t.Errorf("%v", got)
	}
	b.Happens(odd.ID, report(odd, payment.Report{State: payment.BankApproved, Word: "APPROVED"}))
	if got := shown(t, b, odd.ID, 200, ""); got["status"] != "paid" || got["decline"] != nil {
		t.Errorf("paid after all: %v", got)
	}
}

// TestTheReceiptIsShown to the shop's key, as much of it as the bank tells, and never a whole card number.
func TestTheReceiptIsShown(t *testing.T) {
	b := boottest.New(t)
	const whole = "4169741330151778" // one of the bank's published test cards
	paid := func(ref string, r payment.Receipt) any {
		p := b.Open(ref)
		b.Happens(p.ID, report(p, payment.Report{State: payment.BankApproved, Receipt: r}))
		return shown(t, b, p.ID, 200, "")["receipt"]
	}
	got, _ := paid("all", payment.Receipt{ApprovalCode: "047347", RRN: "614012345678", Card: whole,
		Brand: "MC"}).(map[string]any)
	if got["approval_code"] != "047347" || got["rrn"] != "614012345678" || got["card"] != "416974******1778" ||
		got["brand"] != "Mastercard" {
		t.Errorf("%v", got)
	}
	got, _ = paid("little", payment.Receipt{RRN: "614012345678"}).(map[string]any)
	if got["approval_code"] != nil || got["rrn"] != "614012345678" || got["card"] != nil || got["brand"] != nil {
		t.Errorf("%v", got)
	}
	got, _ = paid("the code alone", payment.Receipt{ApprovalCode: "047347"}).(map[string]any)
	if got["approval_code"] != "047347" || got["rrn"] != nil {
		t.Errorf("%v", got)
	}
	if none := paid("none", payment.Receipt{ApprovalCode: whole, RRN: whole, Brand: whole}); none != nil {
		t.Errorf("%v", none)
	}
}

// TestEveryRefundIsShown, and what becomes of one in the history.
func TestEveryRefundIsShown(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	ask := func(key string) payment.RefundIntent {
		return payment.RefundIntent{ID: payment.RefundID(p.ID, key), Amount: 1000, By: "shop:k1",
			Until: boottest.Start().Add(time.Minute)}
	}
	p = b.Happens(p.ID, ask("no"), payment.RefundAnswer{ID: ask("no").ID, Answer: payment.AnswerRefused, Code: "076"},
		ask("yes"), payment.RefundAnswer{ID: ask("yes").ID, Answer: payment.AnswerDone, RefundID: "R-1"},
		report(p, payment.Report{State: payment.BankApproved, Refunded: payment.Said(3000)}),
		payment.SiblingReading{Overpaid: true},
		ask("lost"), payment.RefundAnswer{ID: ask("lost").ID, Answer: payment.AnswerLost})
	var got []string
	for _, r := range shown(t, b, p.ID, 200, "")["refunds"].([]any) {
		r := r.(map[string]any)
		got = append(got, r["status"].(string)+" "+r["origin"].(string))
	}
	if want := []string{"failed shop", "succeeded shop", "succeeded bank", "processing shop"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRefusalsOfBoth(t *testing.T) {
	for code, kind := range map[string]payment.Kind{"internal": payment.Internal, "misconfigured": payment.Misconfigured} {
		b := boottest.New(t)
		p := b.Open("12345")
		b.Broken(&payment.Error{Kind: kind})
		shown(t, b, p.ID, 500, code)
		if a, body := get(t, b, "list.json", "{key}", boottest.Key); a.StatusCode != 500 || body["code"] != code {
			t.Errorf("%d %v", a.StatusCode, body)
		}
	}
	b := boottest.New(t)
	p := b.Open("12345")
	if a, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", "nobody"); a.StatusCode != 401 {
		t.Errorf("%d", a.StatusCode)
	}
	b.Contend()
	b.Advance(time.Minute)
	if body := shown(t, b, p.ID, 409, "conflict"); body["payment_id"] != p.ID.String() {
		t.Errorf("%v", body)
	}
	for _, name := range []string{"get.json", "list.json"} {
		var event events.APIGatewayV2HTTPRequest
		b.Event(&event, name, "«id»", p.ID.String(), "{key}", boottest.Key)
		event.Body = string(make([]byte, api.MaxBody+1))
		h := handler{checkout: b.Service, keys: b.Keys}
		edge := b.Edge(h.routes(), api.MaxBody)
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 413 {
			t.Errorf("%s: %d %v", name, a.StatusCode, err)
		}
		event.Body, event.IsBase64Encoded = "{", true
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 400 {
			t.Errorf("%s: %d %v", name, a.StatusCode, err)
		}
	}
}

// TestNamesAreDocumented: the reader of this request and openapi.yaml know the same names.
func TestNamesAreDocumented(t *testing.T) {
	contract.SameNames(t, "GET", "/v1/payments", "handler.go", "book.go")
}
