//go:build browser

package browser

import (
	"testing"

	"kassa/shared/simbank/kapitalxml"
)

// 150.00 AZN with the bank's test card, on a phone; a part goes back, then the rest.
func (w *world) payAndRefund(t *testing.T) {
	b := w.visit(t, phone(), "/")
	b.see(hook("catalogue"))
	b.inspect("shop 1 catalogue")
	b.press(hook("product-armudu"))
	b.see(hook("pay-button"))
	b.inspect("shop 2 product")
	b.press(hook("pay-button"))
	b.shows(".sum .amount", "150.00 AZN")
	b.inspect("bank 1 card")
	number := b.number()
	b.pay(goodCard)
	b.stands("paid")
	b.announced(hook("payment-status"))
	b.shows(hook("paid-amount"), "150.00 AZN")
	b.shows(hook("order-number"), number)
	b.inspect("shop 3 paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})

	b.toOrders(number)
	b.see(inBackOffice(number) + `[data-state="paid"]`)
	b.inspect("shop 4 orders")
	b.openOrder(number)
	b.see(hook("history-entry") + `[data-what="paid"]`)
	b.inspect("shop 5 order paid")

	b.write(hook("refund-amount"), "12.34")
	b.because()
	b.press(hook("refund-button"))
	b.shows("h1", "Refund 12.34 AZN?")
	b.inspect("shop 5 refund question")
	b.press(hook("refund-sure-button"))
	b.shows(hook("flash"), "Refunded 12.34 AZN.")
	b.announced(hook("flash"))
	b.refunds("12.34 AZN", "partially_refunded")
	b.inspect("shop 6 order partly refunded")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000, refunded: 1234})

	b.giveBack("refund-all-button")
	b.shows(hook("flash"), "Refunded 137.66 AZN.")
	b.refunds("150.00 AZN", "refunded")
	b.until(`!document.querySelector('[data-testid="refund-form"]')`)
	b.inspect("shop 7 order refunded")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000, refunded: 15000})

	b.address(w.Info.ShopURL + "/return/" + number)
	b.stands("refunded")
	b.shows(hook("refunded-amount"), "150.00 AZN")
	b.inspect("shop 8 refunded")
}

// refunds checks the figures of an order's one payment.
func (b *tab) refunds(given, status string) {
	b.Helper()
	b.shows(hook("captured"), "150.00 AZN")
	b.shows(hook("refunded"), given)
	b.see(hook("payment") + `[data-status="` + status + `"]`)
	b.until(`[...document.querySelectorAll('[data-testid="refund"]')].every((e) => e.dataset.status === "succeeded")`)
}

func (w *world) declinedThenPaid(t *testing.T) {
	b := w.order(t, desktop())
	number := b.number()
	b.pay(declinedCard)
	b.stands("declined")
	b.inspect("shop declined")
	w.expect(t, number, account{attempts: 1})
	b.press(hook("try-again-button"))
	b.see("#pan")
	if again := b.number(); again != number {
		t.Errorf("the second attempt is of order %s, want %s", again, number)
	}
	b.pay(goodCard)
	b.stands("paid")
	w.expect(t, number, account{attempts: 2, charges: 1, charged: 15000})
	b.toOrder(number)
	b.see(hook("payment") + `[data-status="paid"]`)
	b.see(hook("payment") + `[data-status="declined"]`)
	b.inspect("shop order with two attempts")
}

func (w *world) cancelAtTheBank(t *testing.T) {
	b := w.order(t, phone())
	number := b.number()
	b.press(".sim summary")
	b.inspect("bank 1 test cards")
	b.press(`[data-pan="7777 7700 0000 0012"]`)
	b.until(`document.querySelector("#pan").value === "7777 7700 0000 0012"`)
	b.press(`button[value="cancel"]`)
	b.stands("cancelled")
	b.inspect("shop cancelled")
	w.expect(t, number, account{attempts: 1})
}

// The shop cancels from its orders page. The customer, whose page at the bank is still open, pays all the same: that is
// kept.
func (w *world) shopCancels(t *testing.T) {
	b := w.order(t, desktop())
	number := b.number()
	b.fill(goodCard)
	staff := w.visit(t, desktop(), "/")
	staff.toOrder(number)
	staff.inspect("shop order pending")
	staff.press(hook("cancel-button"))
	staff.shows(hook("flash"), "The payment is cancelled.")
	staff.see(hook("payment") + `[data-status="cancelled"]`)
	staff.until(`!document.querySelector('[data-testid="cancel-button"]')`)
	w.expect(t, number, account{attempts: 1})
	b.toFront()
	b.press(`button[value="pay"]`)
	b.stands("paid_late")
	staff.inspect("shop order cancelled")
	b.inspect("shop paid late")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

func (w *world) secureCode(t *testing.T) {
	b := w.order(t, phone())
	number := b.number()
	b.pay(secureCard)
	b.see("#code")
	b.inspect("bank 2 code")
	w.expect(t, number, account{attempts: 1})
	b.write("#code", "1234")
	b.press(`button[value="confirm"]`)
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// The bank cannot say at once. The page at the shop waits and hears of the approval without loading again.
func (w *world) lockedThenApproved(t *testing.T) {
	b := w.order(t, phone())
	number := b.number()
	b.pay(lockedCard)
	b.see(".spinner")
	b.inspect("bank 3 waiting")
	b.press("#back button")
	b.stands("pending")
	b.announced(hook("payment-status"))
	b.inspect("shop pending")
	b.mark()
	if err := w.Kapital.Approve(w.onlyBankOrder(t, number)); err != nil {
		t.Fatal(err)
	}
	b.stands("paid")
	b.sameLoad()
	b.shows("h1", "Paid. Thank you!")
	b.shows(hook("paid-amount"), "150.00 AZN")
	b.until(`!document.querySelector('[data-testid="try-again-button"]')`)
	b.until(`document.title.startsWith("Paid")`)
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// The bank never sends the customer back. A page of the shop that was left open hears of the payment all the same.
func (w *world) callbackDropped(t *testing.T) {
	w.bankReturns(t, "drop")
	defer w.bankReturns(t, "")
	b := w.order(t, desktop())
	number := b.number()
	shop := b.another("/return/" + number)
	shop.stands("pending")
	shop.mark()
	b.toFront()
	b.pay(goodCard)
	b.see(".result.good")
	b.inspect("bank 4 paid, no way back")
	shop.toFront()
	shop.stands("paid")
	shop.sameLoad()
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

func (w *world) bankReturns(t *testing.T, callback string) {
	t.Helper()
	if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.Callback = callback }); err != nil {
		t.Fatal(err)
	}
}
