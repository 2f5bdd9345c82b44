//go:build browser

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Both pay buttons are pressed twice, the bank's page by a customer in a hurry.
func (w *world) doubleClick(t *testing.T) {
	b := w.visit(t, desktop(), "/products/armudu")
	b.pressTwice(hook("pay-button"))
	b.see("#pan")
	number := b.number()
	b.fill(goodCard)
	b.pressTwice(`button[value="pay"]`)
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// After paying, the customer goes back to the product, whose form is still the same, and presses the button again.
func (w *world) backButton(t *testing.T) {
	b := w.order(t, desktop())
	number := b.number()
	b.pay(goodCard)
	b.stands("paid")
	b.back()
	b.see(".result.good ~ #back") // the bank says that it is paid, and shows the way to the shop
	b.inspect("bank 6 paid before")
	b.mark()
	b.back()
	b.until(`!window.marked`)
	b.see(".result.good ~ #back") // the page where the card was typed says the same
	b.back()
	b.press(hook("pay-button"))
	b.stands("paid")
	b.shows(hook("order-number"), number)
	b.shows(hook("flash"), "This order is already paid. Nothing more was charged.")
	b.inspect("shop paid before")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// The same checkout form in two tabs, as a duplicated tab has it, leads to the same page at the bank, and that takes
// one payment.
func (w *world) twoTabs(t *testing.T) {
	one := w.visit(t, desktop(), "/products/armudu")
	form, err := ask[string](one, `document.querySelector('input[name="form"]').value`)
	if err != nil {
		t.Fatal(err)
	}
	two := one.another("/products/armudu")
	two.until(`document.querySelector('input[name="form"]').value = ` + quote(form))
	two.press(hook("pay-button"))
	two.see("#pan")
	one.toFront()
	one.press(hook("pay-button"))
	one.see("#pan")
	number := one.number()
	if other := two.number(); other != number {
		t.Errorf("the tabs are of the orders %s and %s, want one", number, other)
	}
	one.fill(goodCard)
	two.toFront()
	two.fill(goodCard)
	two.press(`button[value="pay"]`)
	two.stands("paid")
	one.toFront()
	one.press(`button[value="pay"]`)
	one.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// From the shelf to "paid" and into the back office without mouse or finger; tabTo looks that the focus can always be
// seen.
func (w *world) keyboardOnly(t *testing.T) {
	enter := chromedp.KeyEvent(kb.Enter)
	b := w.visit(t, desktop(), "/")
	b.tabTo(`.skip[href="#content"]`)
	b.inspect("shop skip link")
	b.do(enter)
	b.until(`location.hash === "#content" && document.activeElement.id === "content"`)
	b.tabTo(hook("product-armudu"))
	b.do(enter)
	b.see(hook("pay-button"))
	b.tabTo(hook("currency-AZN"))
	b.tabTo("select")
	b.do(chromedp.KeyEvent("2")) // chooses "2 for 300.00 AZN"
	b.until(`document.querySelector("select").value === "2"`)
	b.tabTo(hook("pay-button"))
	b.do(enter)
	b.shows(".sum .amount", "300.00 AZN")
	number := b.number()
	b.tabTo("#pan")
	b.do(chromedp.KeyEvent(goodCard))
	b.tabTo("#expiry")
	b.do(chromedp.KeyEvent(nextYear()))
	b.tabTo("#cvv")
	b.do(chromedp.KeyEvent("119"))
	b.inspect("bank 1 card filled in")
	b.tabTo(`button[value="pay"]`)
	b.do(enter)
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 30000})
	b.tabTo(`nav a[href="/orders"]`)
	b.do(enter)
	b.leaf(number, func(next string) {
		b.tabTo(next)
		b.do(enter)
	})
	b.tabTo(inBackOffice(number) + " h2 a")
	b.do(enter)
	b.see(`h1[id^="title-"]`)
	b.tabTo(hook("refund-amount"))
	b.do(chromedp.KeyEvent("0,5"))
	b.tabTo(hook("refund-reason"))
	b.do(chromedp.KeyEvent("one glass broke"), enter) // a part, also where the form is sent by Enter
	b.tabTo(hook("refund-sure-button"))
	b.do(enter)
	b.shows(hook("flash"), "Refunded 0.50 AZN.")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 30000, refunded: 50})
}
