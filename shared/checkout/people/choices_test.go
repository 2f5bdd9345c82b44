package people_test

import (
	"reflect"
	"strings"
	"testing"

	"kassa/shared/checkout/people"
	"kassa/shared/payment"
)

// TestChoices: each review can end in the ways that the bank's portal may show, and in no other.
func TestChoices(t *testing.T) {
	dismiss := func(reason payment.Review, when, why string) people.Choice {
		return people.Choice{When: when, Ruling: payment.Ruling{How: payment.ResolveDismiss, Review: reason, Why: why}}
	}
	pending, kept := payment.Payment{Status: payment.Pending},
		payment.Payment{Status: payment.Paid, Captured: 15000}
	gone := payment.Payment{Status: payment.Refunded, Captured: 15000, Refunded: 15000}
	flying := payment.Payment{Status: payment.Paid, Refunds: []payment.Refund{{ID: "rf_1", Status: payment.RefundUnknown}}}
	done := payment.Ruling{How: payment.ResolveRefundDone, Refund: "rf_1", Why: "the bank's portal shows it"}
	for _, c := range []struct {
		p      payment.Payment
		reason payment.Review
		want   []people.Choice
	}{
		{kept, payment.ReviewAmount, []people.Choice{
			{When: "step.keep", Ruling: payment.Ruling{How: payment.ResolveAcceptCaptured,
				Why: "the shop keeps what the bank took"}},
			{When: "step.give_back", GiveBack: true}}},
		{pending, payment.ReviewCurrency, []people.Choice{
			dismiss(payment.ReviewCurrency, "step.given_back", "given back at the bank's desk")}},
		{pending, payment.ReviewSession, []people.Choice{
			dismiss(payment.ReviewSession, "step.found_given_back", "given back at the bank's desk"),
			dismiss(payment.ReviewSession, "step.no_money", "no such money, says the bank's portal")}},
		{pending, payment.ReviewStatus, []people.Choice{
			dismiss(payment.ReviewStatus, "step.unpaid", "unpaid, says the bank's portal")}},
		{kept, payment.ReviewStatus, []people.Choice{
			dismiss(payment.ReviewStatus, "step.money_there", "the money is there, says the bank")}},
		{kept, payment.ReviewRegress, []people.Choice{
			dismiss(payment.ReviewRegress, "step.settled", "settled with the bank")}},
		{kept, payment.ReviewRefund, []people.Choice{
			{When: "step.more", Part: true, Ruling: payment.Ruling{How: payment.ResolveRefundDone,
				Why: "given back by the bank itself"}},
			dismiss(payment.ReviewRefund, "step.right", "what is on record is right, says the bank")}},
		// of these nothing can be booked
		{gone, payment.ReviewRefund, []people.Choice{
			dismiss(payment.ReviewRefund, "step.right", "what is on record is right, says the bank")}},
		{pending, payment.ReviewRefund, []people.Choice{
			dismiss(payment.ReviewRefund, "step.right", "what is on record is right, says the bank")}},
		{flying, payment.ReviewRefund, []people.Choice{
			{When: "step.refund_there", Ruling: done}, {When: "step.refund_part", Ruling: done, Part: true},
			{When: "step.refund_missing", Ruling: payment.Ruling{How: payment.ResolveRefundNotDone, Refund: "rf_1",
				Why: "the bank's portal does not show it"}}}},
		{kept, "another", nil},
	} {
		if got := people.Choices(c.p, c.reason); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s, %s: %+v, want %+v", c.p.Status, c.reason, got, c.want)
		}
	}
}

// TestReason: why somebody decides something is words, and nothing that its readers should not see.
func TestReason(t *testing.T) {
	longest := strings.Repeat("a", payment.MaxReason)
	for text, want := range map[string]string{
		"the bank says so": "the bank says so", " trimmed\t": "trimmed", "5": "5", "да": "да", "case №7": "case №7",
		"": "", "  ": "", "...": "", "!?": "",
		"two\nlines": "two lines", "банк:\r\nденьги\tвернули": "банк: деньги вернули",
		"\u200e[21.11.26, 14:05] Aysel:\u202f bank qaytardı": "[21.11.26, 14:05] Aysel:\u202f bank qaytardı",
		"half of a \ufffd": "", "card 4111 1111 1111 1111": "",
		longest: longest, longest + "a": "", longest + "\n": longest,
	} {
		got, ok := people.Reason(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.40q: %.40q, %t", text, got, ok)
		}
	}
}
