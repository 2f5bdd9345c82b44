package e2e

import (
	"slices"
	"testing"
	"time"
)

// TestDroppedCallbackIsMendedByAPoll: the customer pays and closes the browser; the shop's page asks.
func TestDroppedCallbackIsMendedByAPoll(t *testing.T) { eachGateway(t, droppedCallbackIsMendedByAPoll) }

func droppedCallbackIsMendedByAPoll(t *testing.T, w world) {
	p := w.open(t, 1, 1500)
	if _, err := w.browser.atBank(t.Context(), p.RedirectURL, w.bank.approved); err != nil {
		t.Fatal(err)
	}
	w.stands(t, p.ID, "paid", 1500, 0)
}

// TestDroppedCallbackIsMendedByTheSweep: nobody asks at all. Three minutes later the sweep finds it.
func TestDroppedCallbackIsMendedByTheSweep(t *testing.T) {
	eachGateway(t, droppedCallbackIsMendedByTheSweep)
}

func droppedCallbackIsMendedByTheSweep(t *testing.T, w world) {
	p := w.open(t, 1, 1600)
	if _, err := w.browser.atBank(t.Context(), p.RedirectURL, w.bank.approved); err != nil {
		t.Fatal(err)
	}
	w.sweep(t)
	if asked := w.asked(p.BankOrderID); slices.Contains(asked, w.bank.ask[0]) {
		t.Errorf("asked before it was due: %v", asked)
	}
	w.age(t, p.ID, 3*time.Minute+time.Second)
	w.sweep(t)
	if got := w.text(t, p.ID, "status"); got != "paid" {
		t.Errorf("stored as %s after the sweep, before anybody asked", got)
	}
	w.stands(t, p.ID, "paid", 1600, 0)
	before := len(w.asked(p.BankOrderID))
	w.age(t, p.ID, 24*time.Hour)
	w.sweep(t)
	if after := len(w.asked(p.BankOrderID)); after != before {
		t.Errorf("a paid payment is still on the to-do list: %d questions more", after-before)
	}
}

// TestUnpaidExpiresOnlyAfterTheBankWasAsked and money that comes later is kept all the same.
func TestUnpaidExpiresOnlyAfterTheBankWasAsked(t *testing.T) {
	eachGateway(t, unpaidExpiresOnlyAfterTheBankWasAsked)
}

func unpaidExpiresOnlyAfterTheBankWasAsked(t *testing.T, w world) {
	p := w.open(t, 1, 1700)
	w.age(t, p.ID, 25*time.Minute) // the page's 20 minutes are over, the 10 after them are not
	w.sweep(t)
	if got := w.text(t, p.ID, "status"); got != "pending" {
		t.Errorf("%s although the bank's answer may still be on its way", got)
	}
	asked := len(w.asked(p.BankOrderID))
	w.age(t, p.ID, 10*time.Minute)
	w.sweep(t)
	if got := w.text(t, p.ID, "status"); got != "expired" {
		t.Errorf("%s, want expired", got)
	}
	if len(w.asked(p.BankOrderID)) == asked {
		t.Error("expired without asking the bank")
	}

	// The bank takes it after all, and the browser is closed.
	if err := w.bank.Approve(p.BankOrderID); err != nil {
		t.Fatal(err)
	}
	w.age(t, p.ID, 11*time.Minute)
	w.sweep(t)
	if p = w.stands(t, p.ID, "paid", 1700, 0); !p.Late {
		t.Error("paid after it had expired, and not late")
	}
}

// TestBankEndsThePageItself: the bank's own word ends a payment at once.
func TestBankEndsThePageItself(t *testing.T) { eachGateway(t, bankEndsThePageItself) }

func bankEndsThePageItself(t *testing.T, w world) {
	p := w.open(t, 1, 1800)
	if err := w.bank.Expire(p.BankOrderID); err != nil {
		t.Fatal(err)
	}
	w.stands(t, p.ID, "expired", 0, 0)
}

// TestDeskRefundIsBooked: the bank gives money back by itself, and the next refund sees it.
func TestDeskRefundIsBooked(t *testing.T) { eachGateway(t, deskRefundIsBooked) }

func deskRefundIsBooked(t *testing.T, w world) {
	p := w.paid(t, 1, 10000)
	if err := w.bank.DeskRefund(p.BankOrderID, 6000); err != nil {
		t.Fatal(err)
	}
	a, err := w.shop.refund(t.Context(), p.ID, "too-much", 5000)
	if err != nil || a.status != 422 {
		t.Errorf("50.00 of the 40.00 left: %s %v", a, err)
	}
	if a, err = w.shop.refund(t.Context(), p.ID, "rest", 0); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	if r := read[refundDoc](t, a); r.Amount != 4000 {
		t.Errorf("the rest is %d, want 4000", r.Amount)
	}
	p = w.stands(t, p.ID, "refunded", 10000, 10000)
	if !slices.ContainsFunc(p.Refunds, func(r refundDoc) bool { return r.Origin == "bank" && r.Amount == 6000 }) {
		t.Errorf("%+v", p.Refunds)
	}
}
