package e2e

import (
	"slices"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/kapitalxml"
)

// processing lets a refund end without an answer and without a reading: the bank may or may not have given the money
// back.
func (w world) processing(t *testing.T, id string, amount int64, kind string) {
	t.Helper()
	w.told(t, id) // what Notify saves beside a refund makes it ask once more
	// Of the questions, the first is the one before the refund.
	err := w.Kapital.Faults(kapitalxml.Fault{Operation: "Refund", Kind: kind},
		kapitalxml.Fault{Operation: "GetOrderStatus", Nth: 2, Count: 2, Kind: "http_500"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.shop.refund(t.Context(), id, "k", amount)
	if r := read[refundDoc](t, a); err != nil || a.status != 202 || r.Status != "processing" || r.Amount != amount {
		t.Fatalf("a refund without an answer: %s %v", a, err)
	}
	w.Kapital.ClearFaults()
	if a, err = w.shop.refund(t.Context(), id, "another", 100); err != nil || a.status != 409 ||
		read[problemDoc](t, a).Code != "refund_in_progress" {
		t.Errorf("another refund meanwhile: %s %v", a, err)
	}
	if a, err = w.shop.refund(t.Context(), id, "k", amount); err != nil || a.status != 202 {
		t.Errorf("the same refund meanwhile: %s %v", a, err)
	}
}

// recover lets the time go by in which a refund without an owner is looked after: a quarter of an hour, and a bank day.
func (w world) recover(t *testing.T, id string) {
	t.Helper()
	for _, pause := range []time.Duration{20 * time.Minute, 25 * time.Hour} {
		w.age(t, id, pause)
		w.sweep(t)
	}
}

// TestRefundWithoutAnAnswer is settled by what the bank's total says later: done once; or not shown for a day and given
// up, with its key.
func TestRefundWithoutAnAnswer(t *testing.T) {
	w := shared(t)
	done := w.paid(t, 1, 8000)
	w.processing(t, done.ID, 3000, "cut_after")
	w.recover(t, done.ID)
	w.stands(t, done.ID, "partially_refunded", 8000, 3000)

	lost := w.paid(t, 2, 8100)
	w.processing(t, lost.ID, 3000, "http_500")
	w.recover(t, lost.ID)
	p := w.stands(t, lost.ID, "paid", 8100, 0)
	if len(p.Refunds) != 1 || p.Refunds[0].Status != "failed" {
		t.Errorf("%+v", p.Refunds)
	}
	if a, err := w.shop.refund(t.Context(), lost.ID, "k", 3000); err != nil || a.status != 409 ||
		read[problemDoc](t, a).Code != "refund_unconfirmed" {
		t.Errorf("the same key after it was given up: %s %v", a, err)
	}
	if a, err := w.shop.refund(t.Context(), lost.ID, "anew", 3000); err != nil || a.status != 201 {
		t.Errorf("a new key: %s %v", a, err)
	}
	w.stands(t, lost.ID, "partially_refunded", 8100, 3000)
}

// TestDeskRefundBesideALostOne: while our refund's outcome is unknown, the bank gives money back by itself. Its list of
// operations tells the two apart; where it hides its own, a human must look, and nothing is ever given back twice.
func TestDeskRefundBesideALostOne(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	desk := func(p paymentDoc) {
		t.Helper()
		if err := w.Kapital.DeskRefund(p.BankOrderID, 1000); err != nil {
			t.Fatal(err)
		}
	}
	listed := w.paid(t, 1, 9000)
	w.processing(t, listed.ID, 3000, "cut_after")
	desk(listed)
	w.recover(t, listed.ID)
	p := w.stands(t, listed.ID, "partially_refunded", 9000, 4000)
	if !slices.ContainsFunc(p.Refunds, func(r refundDoc) bool {
		return r.Origin == "bank" && r.Amount == 1000 && r.Status == "succeeded"
	}) {
		t.Errorf("%+v", p.Refunds)
	}

	if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.HideDesk = true }); err != nil {
		t.Fatal(err)
	}
	hidden := w.paid(t, 2, 9100)
	w.processing(t, hidden.ID, 3000, "cut_after")
	desk(hidden)
	w.recover(t, hidden.ID)
	if p = w.poll(t, hidden.ID); p.Review != "refund" || p.Refunded != 0 || p.Refunds[0].Status != "processing" {
		t.Errorf("undecidable: review %q, refunded %d, %+v", p.Review, p.Refunded, p.Refunds)
	}
	if a, err := w.shop.refund(t.Context(), hidden.ID, "k", 3000); err != nil || a.status != 202 {
		t.Errorf("the same key: %s %v", a, err)
	}
	if a, err := w.shop.refund(t.Context(), hidden.ID, "another", 3000); err != nil || a.status != 409 {
		t.Errorf("another key: %s %v", a, err)
	}
	if a := w.account(t, p); a.Refunded != 4000 {
		t.Errorf("the bank gave back %d, want our 3000 and its own 1000", a.Refunded)
	}
}

// TestTerminalWithoutTotals: some terminals may not ask GetOrderInformation. Then the handle stands for the amount, and
// the bank's definite yes for the refund.
func TestTerminalWithoutTotals(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{KapitalSettings: map[string]any{"totals": "off"}})
	p := w.paid(t, 1, 7500)
	if a, err := w.shop.refund(t.Context(), p.ID, "k", 2500); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	w.stands(t, p.ID, "partially_refunded", 7500, 2500)
	if asked := w.asked(p.BankOrderID); slices.Contains(asked, "GetOrderInformation") {
		t.Errorf("asked for totals: %v", asked)
	}
}
