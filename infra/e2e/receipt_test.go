package e2e

import (
	"errors"
	"strings"
	"testing"

	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
)

// TestNoWholeCardIsKept: the gateways answer with the whole number of the card, and the shop is told of it masked; its
// customer's browser is not. The audit at the end of the run looks for the number in every log, message, answer and
// item.
func TestNoWholeCardIsKept(t *testing.T) {
	w := shared(t)
	err := errors.Join(w.Kapital.Set(func(s *kapitalxml.Settings) { s.WholeCard = true }),
		w.KapitalTXPG.Set(func(s *kapitaltxpg.Settings) { s.WholeCard, s.RRN = true, true }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, g := range gatewaysOf(w.Stack) {
			if err := g.Reset(false); err != nil {
				t.Error(err)
			}
		}
	}()
	for _, g := range gatewaysOf(w.Stack) {
		w := w.over(g)
		p := w.open(t, g.shop, 1700)
		w.pay(t, p)
		type told struct {
			Receipt struct {
				Approval         string `json:"approval_code"`
				RRN, Card, Brand string
			} `json:"receipt"`
		}
		a := w.shop.must(t, []int{200}, "GET", "/v1/payments/"+p.ID, nil)
		got, pan := read[told](t, a).Receipt, w.bank.approved.Get("pan")
		if got.Card != pan[:6]+"******"+pan[12:] || got.Brand != "Visa" || len(got.RRN) != 12 ||
			len(got.Approval) != 6 {
			t.Errorf("%s: %s", g.name, a)
		}
		browser := w.shop
		browser.bearer = p.ClientToken
		if a := browser.must(t, []int{200}, "GET", "/v1/payments/"+p.ID, nil); strings.Contains(string(a.body), pan[:6]) {
			t.Errorf("%s: the browser is told %s", g.name, a)
		}
	}
}
