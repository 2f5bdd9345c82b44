//go:build browser

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// put lays one piece into the cart, from the Belarusian shelf.
func (b *tab) put(sku string) {
	b.Helper()
	b.press(hook("product-" + sku))
	b.press(hook("add-button"))
	b.see(hook("cart") + ` [data-sku="` + sku + `"]`)
}

// applicant fills in the form of an application, from field to field as the "next" of a phone's keyboard goes.
func (b *tab) applicant(phone string) {
	b.Helper()
	b.press(hook("first_name"))
	for i, f := range []struct{ name, value string }{
		{"first_name", "Ганна"}, {"last_name", "Лянок"}, {"phone", phone}, {"email", "hanna@mail.example"},
	} {
		if i > 0 {
			b.do(chromedp.KeyEvent(kb.Tab))
		}
		b.until(`document.activeElement.name === ` + quote(f.name))
		b.do(chromedp.KeyEvent(f.value))
	}
}

// somePhone is a number that the bank accepts.
const somePhone = "+375 29 123-45-67"

// apply goes from the Belarusian shelf to the bank's page with one linen set over 12 months, and tells the order's
// number.
func (w *world) apply(t *testing.T, s screen) (b *tab, number string) {
	t.Helper()
	b = w.visit(t, s, "/in/BYN")
	b.put("abrus")
	b.press(hook("instalments-button"))
	b.applicant(somePhone)
	b.press(hook("apply-button"))
	b.see("#consent")
	return b, b.applied()
}

// applied is the shop's number of the order that the page of an application shows.
func (b *tab) applied() string {
	b.Helper()
	number, _, _ := strings.Cut(b.text(".plan dl > :last-child dd"), "/")
	return number
}

// applications are the bank's of one order, oldest first: a later opening has the number of the attempt behind a slash.
func (w *world) applications(order string) (all []kartapokupoksim.Account) {
	for _, a := range w.KartaPokupok.Ledger().Orders {
		if ref, _, _ := strings.Cut(a.OrderRef, "/"); ref == order {
			all = append(all, a)
		}
	}
	return all
}

// owes compares the bank's ledger.
func (w *world) owes(t *testing.T, order string, want account) {
	t.Helper()
	var got account
	for _, a := range w.applications(order) {
		got.attempts++
		if a.Charged > 0 {
			got.charges++
		}
		got.charged += a.Charged
		got.refunded += a.Refunded
	}
	if got != want {
		t.Errorf("the bank's ledger of order %s: %+v, want %+v", order, got, want)
	}
}

func (b *tab) consent() {
	b.Helper()
	b.press("#consent")
	b.press(`button[value="approve"]`)
}

// 120.00 BYN over 12 months, on a phone, from the badge on the product page; a part goes back.
func (w *world) instalmentsApproved(t *testing.T) {
	b := w.visit(t, phone(), "/")
	b.press(hook("market-BYN"))
	b.see(hook("product-abrus"))
	b.inspect("by 1 catalogue")
	b.press(hook("product-abrus"))
	b.badge("from 10.00 BYN/month × 12")
	b.until(`(() => { const s = document.querySelector('[data-testid="quantity"]'); s.value = "2"; return ` +
		`s.dispatchEvent(new Event("change")); })()`)
	b.badge("from 20.00 BYN/month × 12")
	b.until(`(() => { const s = document.querySelector('[data-testid="quantity"]'); s.value = "1"; return ` +
		`s.dispatchEvent(new Event("change")); })()`)
	b.badge("from 10.00 BYN/month × 12")
	b.inspect("by 2 product")
	b.press(hook("add-button"))
	b.shows(hook("cart-total"), "120.00 BYN")
	b.badge("from 10.00 BYN/month × 12")
	b.inspect("by 3 cart")
	b.press(hook("instalments-button"))
	b.see(hook("term-12") + ":checked")
	b.inspect("by 4 application")
	b.applicant(somePhone)
	b.press(hook("apply-button"))
	b.see("#consent")
	b.inspect("by 5 bank")
	number := b.applied()
	b.consent()
	b.stands("paid")
	b.announced(hook("payment-status"))
	b.shows(hook("order-number"), number)
	b.shows(hook("paid-amount"), "120.00 BYN")
	b.shows(hook("term"), "12 months")
	b.inspect("by 6 approved")
	w.owes(t, number, account{attempts: 1, charges: 1, charged: 12000})
	if a := w.applications(number)[0]; a.Term != 12 || a.Currency != "BYN" {
		t.Errorf("the bank has %+v", a)
	}

	b.toOrder(number)
	b.write(hook("refund-amount"), "20")
	b.giveBack("refund-button")
	b.shows(hook("flash"), "Refunded 20.00 BYN.")
	b.see(hook("payment") + `[data-status="partially_refunded"]`)
	b.inspect("by 7 order partly refunded")
	w.owes(t, number, account{attempts: 1, charges: 1, charged: 12000, refunded: 2000})
	b.address(w.Info.ShopURL + "/return/" + number)
	b.stands("partially_refunded")
	b.shows(hook("refunded-amount"), "20.00 BYN")
	b.press(hook("cart-link"))
	b.see(hook("cart-empty"))
	b.inspect("by 8 cart empty")
}

// badge waits for what the widget shows.
func (b *tab) badge(text string) {
	b.Helper()
	b.until(`document.querySelector("kassa-instalments")?.shadowRoot?.querySelector("[part=text]")?.` +
		`textContent.replace(/\s+/g, " ") === ` + quote(text))
}

// The bank says no; the customer applies again, for other months, and is approved.
func (w *world) instalmentsRejected(t *testing.T) {
	b, number := w.apply(t, desktop())
	b.press(`button[value="reject"]`)
	b.stands("declined")
	b.inspect("by declined")
	w.owes(t, number, account{attempts: 1})
	b.press(hook("try-again-button"))
	b.see(hook("apply-button"))
	b.inspect("by application again")
	b.applicant(somePhone)
	b.press(hook("term-3"))
	b.press(hook("apply-button"))
	b.consent()
	b.stands("paid")
	b.shows(hook("term"), "3 months")
	w.owes(t, number, account{attempts: 2, charges: 1, charged: 12000})
}

// The customer leaves the decision open. The page at the shop waits, leads back to the bank, and hears of the approval
// of another day without loading again.
func (w *world) instalmentsLater(t *testing.T) {
	b, number := w.apply(t, phone())
	b.press(`button[value="later"]`)
	b.stands("pending")
	b.announced(hook("payment-status"))
	b.inspect("by pending")
	b.press(hook("try-again-button"))
	b.see("#consent")
	b.press(`button[value="later"]`)
	b.stands("pending")
	b.mark()
	if err := w.KartaPokupok.Approve(w.applications(number)[0].SessionID); err != nil {
		t.Fatal(err)
	}
	b.stands("paid")
	b.sameLoad()
	w.owes(t, number, account{attempts: 1, charges: 1, charged: 12000})
}

func (w *world) instalmentsCancelled(t *testing.T) {
	b, number := w.apply(t, desktop())
	b.press(`button[value="cancel"]`)
	b.stands("cancelled")
	b.inspect("by cancelled")
	w.owes(t, number, account{attempts: 1})
}

// Several things in the cart, changed there, and all without script; what the bank could not use is told beside its
// field.
func (w *world) instalmentsWithoutScript(t *testing.T) {
	b := w.visit(t, phone(), "/in/BYN")
	b.scriptless()
	b.forgive("422")
	for _, sku := range []string{"svitka", "pavuk"} {
		b.address(w.Info.ShopURL + "/in/BYN")
		b.put(sku)
	}
	b.address(w.Info.ShopURL + "/in/BYN")
	b.put("abrus")
	b.shows(hook("cart-total"), "606.00 BYN")
	b.inspect("by cart full without script")
	b.press(hook("remove-pavuk"))
	b.shows(hook("cart-total"), "570.00 BYN")
	b.press(hook("instalments-button"))
	b.press(hook("term-6"))
	b.applicant("29")
	b.press(hook("apply-button"))
	b.see(hook("phone-error"))
	b.inspect("by application mistyped")
	b.write(hook("phone"), "\b\b\b\b"+somePhone)
	b.press(hook("apply-button"))
	b.see("#consent")
	number := b.applied()
	b.consent()
	b.stands("paid")
	b.shows(hook("paid-amount"), "570.00 BYN")
	b.shows(hook("term"), "6 months")
	w.owes(t, number, account{attempts: 1, charges: 1, charged: 57000})
}
