package e2e

import (
	"slices"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/kapitalxml"
)

// processing lets a refund end without an answer and without a reading: the bank may or may not have given the money
// back.
func (w world) processing(t *testing.T, id string, amount int64, kind string) {
	t.Helper()
	w.told(t, id) // what Notify saves beside a refund makes it ask once more
	w.bank.breaks(t, w.bank.move[:1], fault.Fault{Kind: kind})
	w.bank.breaks(t, w.bank.ask[:1], fault.Fault{Nth: w.bank.readings + 1, Count: 2, Kind: "http_500"})
	a, err := w.shop.refund(t.Context(), id, "k", amount)
	if r := read[refundDoc](t, a); err != nil || a.status != 202 || r.Status != "processing" || r.Amount != amount {
		t.Fatalf("a refund without an answer: %s %v", a, err)
	}
	w.bank.ClearFaults()
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
func TestRefundWithoutAnAnswer(t *testing.T) { eachGateway(t, refundWithoutAnAnswer) }

func refundWithoutAnAnswer(t *testing.T, w world) {
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
	alone(t, stack.Config{}).eachGateway(t, func(t *testing.T, w world) {
		listed := w.paid(t, 1, 9000)
		w.processing(t, listed.ID, 3000, "cut_after")
		w.desk(t, listed, 1000)
		w.recover(t, listed.ID)
		w.givenBackByBoth(t, w.stands(t, listed.ID, "partially_refunded", 9000, 4000), 3000, 1000)
		if w.bank.name == "json" {
			w.deskRefundOfTheSameAmount(t)
		} else {
			w.hiddenDeskRefund(t)
		}
	})
}

// desk lets the bank give money back by itself.
func (w world) desk(t *testing.T, p paymentDoc, amount int64) {
	t.Helper()
	if err := w.bank.DeskRefund(p.BankOrderID, amount); err != nil {
		t.Fatal(err)
	}
}

// givenBackByBoth checks that our refund and the bank's are both on record, each as whose it is and under its own id.
func (w world) givenBackByBoth(t *testing.T, p paymentDoc, ours, theirs int64) {
	t.Helper()
	found := map[string]int64{}
	ids := map[string]bool{}
	for _, r := range p.Refunds {
		if r.Status == "succeeded" {
			found[r.Origin] += r.Amount
			ids[r.BankID] = true
		}
	}
	if len(p.Refunds) != 2 || found["shop"] != ours || found["bank"] != theirs || len(ids) != 2 && w.bank.name == "json" {
		t.Errorf("given back by us %d, by the bank %d, want %d and %d: %+v", found["shop"], found["bank"], ours, theirs,
			p.Refunds)
	}
}

// deskRefundOfTheSameAmount: each operation of the JSON gateway has an id. So a refund by the bank's desk is told from
// ours of the same amount, whether our answer came or was lost. Where ours was lost on its way to the bank, nobody can
// tell: it counts as ours, and nothing is sent again.
func (w world) deskRefundOfTheSameAmount(t *testing.T) {
	answered := w.paid(t, 2, 9100)
	a, err := w.shop.refund(t.Context(), answered.ID, "k", 3000)
	ours := read[refundDoc](t, a)
	if err != nil || a.status != 201 || ours.BankID == "" {
		t.Fatalf("%s %v", a, err)
	}
	w.desk(t, answered, 3000)
	if a, err = w.shop.refund(t.Context(), answered.ID, "too-much", 3101); err != nil || a.status != 422 {
		t.Errorf("more than the bank's desk has left: %s %v", a, err)
	}
	p := w.stands(t, answered.ID, "partially_refunded", 9100, 6000)
	w.givenBackByBoth(t, p, 3000, 3000)
	for _, r := range p.Refunds {
		if (r.BankID == ours.BankID) != (r.Origin == "shop") {
			t.Errorf("the bank's %s is not whose it is: %+v", ours.BankID, p.Refunds)
		}
	}

	lost := w.paid(t, 3, 9200)
	w.processing(t, lost.ID, 3000, "cut_after")
	w.desk(t, lost, 3000)
	w.recover(t, lost.ID)
	w.givenBackByBoth(t, w.stands(t, lost.ID, "partially_refunded", 9200, 6000), 3000, 3000)

	unsent := w.paid(t, 4, 9300)
	w.processing(t, unsent.ID, 3000, "refuse_connection")
	w.desk(t, unsent, 3000)
	w.recover(t, unsent.ID)
	if a, err = w.shop.refund(t.Context(), unsent.ID, "k", 3000); err != nil || a.status != 201 {
		t.Errorf("the same refund once more: %s %v", a, err)
	}
	w.stands(t, unsent.ID, "partially_refunded", 9300, 3000)
}

// hiddenDeskRefund is one that the older gateway does not list: a person must look.
func (w world) hiddenDeskRefund(t *testing.T) {
	if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.HideDesk = true }); err != nil {
		t.Fatal(err)
	}
	hidden := w.paid(t, 2, 9100)
	w.processing(t, hidden.ID, 3000, "cut_after")
	w.desk(t, hidden, 1000)
	w.recover(t, hidden.ID)
	p := w.poll(t, hidden.ID)
	if p.Review != "refund" || p.Refunded != 0 || p.Refunds[0].Status != "processing" {
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
	w := alone(t, stack.Config{BankSettings: map[string]map[string]any{"kapital": {"totals": "off"}}})
	p := w.paid(t, 1, 7500)
	if a, err := w.shop.refund(t.Context(), p.ID, "k", 2500); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	w.stands(t, p.ID, "partially_refunded", 7500, 2500)
	if asked := w.asked(p.BankOrderID); slices.Contains(asked, "GetOrderInformation") {
		t.Errorf("asked for totals: %v", asked)
	}
}
