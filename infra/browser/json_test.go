//go:build browser

package browser

import (
	"strings"
	"testing"
)

// jsonAccount is what the ledger of the JSON gateway says of an order of the shop, over all its attempts.
func (w *world) jsonAccount(order string) account {
	var sum account
	for _, a := range w.KapitalTXPG.Ledger().Orders {
		if !strings.HasPrefix(a.Description, "Order "+order+":") {
			continue
		}
		sum.attempts++
		if a.Charged > 0 {
			sum.charges++
		}
		sum.charged += a.Charged
		sum.refunded += a.Refunded
	}
	return sum
}

func (w *world) wantJSON(t *testing.T, order string, want account) {
	t.Helper()
	if got := w.jsonAccount(order); got != want {
		t.Errorf("the JSON gateway's ledger of order %s: %+v, want %+v", order, got, want)
	}
}

// jsonOrder goes to the page of the JSON gateway.
func (w *world) jsonOrder(t *testing.T, s screen) *tab {
	b := w.visit(t, s, "/products/armudu?shop=demo-az-json")
	b.press(hook("pay-button"))
	b.shows(".sum .amount", "150.00 AZN")
	return b
}

// Through the JSON gateway, on a phone: a try is declined and the page takes another card for the same order; all of it
// goes back, in two parts.
func (w *world) jsonTriesTwiceAndRefunds(t *testing.T) {
	b := w.jsonOrder(t, phone())
	number := b.number()
	b.pay("7777 7700 0000 0012")
	b.shows(`[role="alert"]`, "The card's bank refused the payment. Please try again with another card.")
	b.inspect("bank json 1 second try")
	b.press(".sim summary")
	b.press(`[data-pan="4169 7413 3015 1778"]`)
	b.until(`document.querySelector("#cvv").value === "591"`)
	b.press(`button[value="pay"]`)
	b.stands("paid")
	w.wantJSON(t, number, account{attempts: 1, charges: 1, charged: 15000})

	b.toOrder(number)
	b.write(hook("refund-amount"), "12.34")
	b.giveBack("refund-button")
	b.shows(hook("flash"), "Refunded 12.34 AZN.")
	b.refunds("12.34 AZN", "partially_refunded")
	b.giveBack("refund-all-button")
	b.shows(hook("flash"), "Refunded 137.66 AZN.")
	b.refunds("150.00 AZN", "refunded")
	w.wantJSON(t, number, account{attempts: 1, charges: 1, charged: 15000, refunded: 15000})
}

// Through the JSON gateway, on a large screen: the customer leaves the page, comes again and is asked for a code.
func (w *world) jsonCancelsThenPays(t *testing.T) {
	b := w.jsonOrder(t, desktop())
	number := b.number()
	b.press(`button[value="cancel"]`)
	b.stands("cancelled")
	b.press(hook("try-again-button"))
	b.see("#pan")
	b.pay("7777 7700 0000 0038")
	b.write("#code", "1234")
	b.press(`button[value="confirm"]`)
	b.stands("paid")
	w.wantJSON(t, number, account{attempts: 2, charges: 1, charged: 15000})
}
