//go:build browser

package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kassa/shared/simbank/kapitalxml"
)

// scriptless switches JavaScript off, as in the settings of the browser.
func (b *tab) scriptless() {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	b.address(b.world.Info.ShopURL + "/products/armudu")
}

// Without script the bank's page waits for a press where it else goes on by itself.
func (w *world) withoutScript(t *testing.T) {
	b := w.visit(t, phone(), "/")
	b.scriptless()
	b.press(hook("pay-button"))
	b.see("#pan")
	number := b.number()
	b.pay(goodCard)
	b.see("#back button")
	b.inspect("bank 5 back to the shop without script")
	b.press("#back button")
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// Without script the shop's page loads itself again until the bank has said how it ended.
func (w *world) withoutScriptBankSlow(t *testing.T) {
	b := w.visit(t, desktop(), "/")
	b.scriptless()
	b.press(hook("pay-button"))
	b.see("#pan")
	number := b.number()
	b.pay(lockedCard)
	b.press("#back button")
	b.stands("pending")
	if err := w.Kapital.Approve(w.onlyBankOrder(t, number)); err != nil {
		t.Fatal(err)
	}
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// The bank's page in its three languages, with what it says of a form that was sent empty.
func (w *world) languages(t *testing.T) {
	b := w.order(t, phone())
	b.forgive("422")
	number := b.number()
	for _, l := range []struct{ code, amount, heading, pay, fix, cvv string }{
		{"az", "150,00 AZN", "Kart məlumatları", "Ödə 150,00 AZN", "İşarələnmiş xanaları yoxlayın.",
			"Kartın arxasındakı 3 rəqəmi daxil edin."},
		{"ru", "150,00 AZN", "Данные карты", "Оплатить 150,00 AZN", "Проверьте отмеченные поля.",
			"Введите 3 цифры с обратной стороны."},
		{"en", "150.00 AZN", "Card details", "Pay 150.00 AZN", "Please check the marked fields.",
			"Enter the 3 digits on the back."},
	} {
		b.press(`.langs a[hreflang="` + l.code + `"]`)
		b.see(`html[lang="` + l.code + `"] .langs a[hreflang="` + l.code + `"][aria-current]`)
		b.shows("h1", l.heading)
		b.shows(".sum .amount", l.amount)
		b.shows(`button[value="pay"]`, l.pay)
		b.inspect("bank 1 card " + l.code)
		b.press(`button[value="pay"]`)
		b.shows(`[role="alert"]`, l.fix)
		b.shows("#cvv-error", l.cvv)
		b.until(`document.activeElement.id === "pan"`)
		b.inspect("bank 1 card empty " + l.code)
	}
	b.pay(goodCard)
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// A shop without orders, a bank without orders.
func (w *world) nothingYet(t *testing.T) {
	b := w.visit(t, phone(), "/orders")
	b.see(".empty")
	b.inspect("shop no order yet")
	b.address(w.Info.Simulators["kapital"].PageURL + "/desk")
	b.see(".desk .note")
	b.inspect("bank desk without orders")
}

// The bank's door is shut for one call: the customer hears of it, tries again and pays the same order.
func (w *world) bankUnreachable(t *testing.T) {
	if err := w.Kapital.Faults(kapitalxml.Fault{Operation: "CreateOrder", Kind: "refuse_connection"}); err != nil {
		t.Fatal(err)
	}
	defer w.Kapital.ClearFaults()
	b := w.visit(t, phone(), "/products/armudu")
	b.forgive("503")
	b.press(hook("pay-button"))
	b.see(hook("problem"))
	b.inspect("shop bank unreachable")
	b.press(hook("try-again-button"))
	b.see("#pan")
	number := b.number()
	b.pay(goodCard)
	b.stands("paid")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
}

// What was typed wrongly is told beside the field and moves no money; what is not there says so.
func (w *world) mistakes(t *testing.T) {
	b := w.visit(t, desktop(), "/orders/999999")
	b.forgive("404", "422")
	b.see(hook("problem"))
	b.inspect("shop not found")
	b.address(w.Info.Simulators["kapital"].PageURL + "/index.jsp?ORDERID=1&SESSIONID=none")
	b.see(".result.quiet")
	b.inspect("bank order not found")

	b = w.order(t, desktop())
	b.forgive("422")
	number := b.number()
	b.pay(goodCard)
	b.stands("paid")
	b.toOrder(number)
	b.write(hook("refund-amount"), "12.345")
	b.press(hook("refund-button"))
	b.shows(hook("refund-error"), "The amount has at most two decimals, for example 12.34.")
	b.inspect("shop order refund mistyped")
	b.shows(hook("reason-error"), "Say why money goes back: whoever looks later will read it.")
	b.write(hook("refund-amount"), "\b\b\b\b\b\b150.01")
	b.giveBack("refund-button")
	b.see(hook("flash") + `[data-tone="bad"]`)
	b.inspect("shop order refund too large")
	w.expect(t, number, account{attempts: 1, charges: 1, charged: 15000})
	b.address(w.Info.Simulators["kapital"].PageURL + "/desk")
	b.see(".orders .order")
	b.inspect("bank desk")
}
