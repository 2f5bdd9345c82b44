//go:build browser

package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Cards of the simulated bank.
const (
	goodCard     = "4169741330151124"
	declinedCard = "7777770000000004"
	secureCard   = "7777770000000038"
	lockedCard   = "7777770000000046"
)

// nextYear is a date that a card may still bear, as it is typed.
func nextYear() string { return fmt.Sprintf("12%02d", (time.Now().Year()+1)%100) }

// order goes from the shelf to the bank's page.
func (w *world) order(t *testing.T, s screen) *tab {
	t.Helper()
	b := w.visit(t, s, "/")
	b.press(hook("product-armudu"))
	b.press(hook("pay-button"))
	b.see("#pan")
	return b
}

// number is the shop's number of the order that the bank's page shows.
func (b *tab) number() string {
	b.Helper()
	text := b.text(".sum")
	_, after, found := strings.Cut(text, "Order ")
	number, _, colon := strings.Cut(after, ":")
	if !found || !colon {
		b.fail("the bank's page names no order of the shop: %s", text)
	}
	return number
}

// fill types a card on the bank's page.
func (b *tab) fill(card string) {
	b.Helper()
	b.write("#pan", card)
	b.write("#expiry", nextYear())
	b.write("#cvv", "119")
}

// pay types a card and presses the bank's button.
func (b *tab) pay(card string) {
	b.Helper()
	b.fill(card)
	b.press(`button[value="pay"]`)
}

// stands waits until the shop's return page shows this state.
func (b *tab) stands(state string) {
	b.Helper()
	b.see(hook("payment-status") + fmt.Sprintf(`[data-state=%q]`, state))
}

// mark leaves something in the page that a reload would wipe out.
func (b *tab) mark() {
	b.Helper()
	b.until(`document.readyState === "complete" && (window.marked = true)`)
}

// sameLoad makes sure that the page was not loaded again since mark.
func (b *tab) sameLoad() {
	b.Helper()
	if marked, err := ask[bool](b, `window.marked === true`); err != nil || !marked {
		b.Errorf("the page was loaded again (%v)", err)
	}
}

// announced makes sure that a screen reader hears of news.
func (b *tab) announced(selector string) {
	b.Helper()
	b.see(selector + ` :is([role="status"], [role="alert"], [aria-live="polite"]), ` + selector +
		`:is([role="status"], [role="alert"])`)
}

// inBackOffice is the selector of an order on the shop's orders page.
func inBackOffice(number string) string { return fmt.Sprintf(`[data-order=%q]`, number) }

// toOrders goes to the page of the orders that shows an order, by the shop's own links.
func (b *tab) toOrders(number string) {
	b.Helper()
	b.press(`nav a[href="/orders"]`)
	b.leaf(number, b.press)
}

// leaf turns to older orders until this one is there: other scenarios order at the same time.
func (b *tab) leaf(number string, turn func(selector string)) {
	b.Helper()
	for {
		b.until(`document.readyState === "complete" && location.pathname === "/orders"`)
		if found, err := ask[bool](b, fmt.Sprintf(`Boolean(document.querySelector(%s))`,
			quote(inBackOffice(number)))); err == nil && found {
			return
		}
		b.mark()
		turn(`a[rel="next"]`)
		b.until(`!window.marked`)
	}
}

// toOrder goes to the page of an order.
func (b *tab) toOrder(number string) {
	b.Helper()
	b.toOrders(number)
	b.openOrder(number)
}

// because types the reason of a refund. The field is reached without a tap: three taps at one place of the screen,
// where find scrolls everything to, are a gesture of their own.
func (b *tab) because() {
	b.Helper()
	field := fmt.Sprintf(`document.querySelector(%s)`, quote(hook("refund-reason")))
	b.until(`(` + field + `?.focus(), document.activeElement === ` + field + `)`)
	b.do(chromedp.KeyEvent("one glass broke"))
}

// giveBack presses a button of the refund form, after a reason was given, and answers the question that follows with
// yes.
func (b *tab) giveBack(button string) {
	b.Helper()
	b.because()
	b.press(hook(button))
	b.see(hook("confirm-refund"))
	b.press(hook("refund-sure-button"))
}

// openOrder goes from the orders to one of them.
func (b *tab) openOrder(number string) {
	b.Helper()
	b.press(inBackOffice(number) + " h2 a")
	b.see(`h1[id^="title-"]`)
}
