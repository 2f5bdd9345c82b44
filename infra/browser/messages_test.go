//go:build browser

package browser

import (
	"testing"

	"kassa/infra/local/demoshop/inbox"
)

// Messages from Kassa appear on the open page as they arrive, verified; one that the shop failed to take says so.
func (w *world) messagesArrive(t *testing.T) {
	staff := w.visit(t, phone(), "/messages")
	staff.see(hook("messages"))
	b := w.order(t, phone())
	number := b.number()
	staff.address(w.Info.ShopURL + "/messages?order=" + number)
	staff.see(hook("no-messages"))
	staff.inspect("messages 1 none")
	staff.mark()
	b.pay(goodCard)
	b.stands("paid")
	staff.toFront()
	paid := hook("message") + `[data-type="payment.paid"][data-taken="true"]`
	staff.see(paid)
	staff.see(paid + " " + hook("verified"))
	staff.press(paid + " summary")
	staff.until(`document.querySelector('[data-testid="message"] pre').textContent.includes('"captured_amount": 15000')`)
	staff.inspect("messages 2 paid")

	if err := w.Shop.Inbox().Fail(inbox.Fault{Kind: "http_500", OrderRef: number}); err != nil {
		t.Fatal(err)
	}
	b.toFront()
	b.toOrders(number)
	b.openOrder(number)
	b.see(hook("message") + `[data-type="payment.paid"]`)
	b.giveBack("refund-all-button")
	b.shows(hook("flash"), "Refunded 150.00 AZN.")
	staff.toFront()
	staff.see(hook("message") + `[data-type="refund.succeeded"][data-taken="false"][data-attempts="1"]`)
	staff.until(`document.querySelector('[data-type="payment.paid"] details').open`) // what was unfolded stays so
	staff.sameLoad()
	staff.inspect("messages 3 failed once")
	b.toFront()
	b.inspect("messages 4 order")
}
