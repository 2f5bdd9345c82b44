package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestDollars: both terminals take dollars beside manat. An order in dollars is paid, given back in part and in whole,
// and stands in dollars everywhere; what the settings do not name is refused before the bank is asked.
func TestDollars(t *testing.T) { eachGateway(t, dollars) }

func dollars(t *testing.T, w world) {
	body := order(w.ref(t, 1), w.Info.ShopURL, 3605)
	body["currency"] = "USD"
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", body))
	if p.Currency != "USD" {
		t.Errorf("opened in %s", p.Currency)
	}
	w.pay(t, p)
	w.stands(t, p.ID, "paid", 3605, 0)
	for _, c := range []struct {
		amount, back int64
		status       string
	}{{1001, 1001, "partially_refunded"}, {0, 3605, "refunded"}} {
		a, err := w.shop.refund(t.Context(), p.ID, c.status, c.amount)
		if r := read[refundDoc](t, a); err != nil || a.status != 201 || r.Status != "succeeded" {
			t.Fatalf("a refund of %d: %s %v", c.amount, a, err)
		}
		w.stands(t, p.ID, c.status, 3605, c.back)
	}

	whole := order(w.ref(t, 2), w.Info.ShopURL, 3606)
	whole["currency"] = "USD"
	p = read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", whole))
	w.pay(t, p)
	if a, err := w.shop.refund(t.Context(), p.ID, "k", 0); err != nil || a.status != 201 {
		t.Fatalf("a refund of the whole: %s %v", a, err)
	}
	w.stands(t, p.ID, "refunded", 3606, 3606)
}

// TestDollarsAreNotManat: a bank that shows an order in dollars as paid in manat has not been paid.
func TestDollarsAreNotManat(t *testing.T) { eachGateway(t, dollarsAreNotManat) }

func dollarsAreNotManat(t *testing.T, w world) {
	body := order(w.ref(t, 1), w.Info.ShopURL, 3607)
	body["currency"] = "USD"
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", body))
	if err := w.bank.SetCurrency(p.BankOrderID, w.bank.azn); err != nil {
		t.Fatal(err)
	}
	if err := w.bank.Approve(p.BankOrderID); err != nil {
		t.Fatal(err)
	}
	if got := w.poll(t, p.ID); got.Status != "pending" || got.Captured != 0 || got.Review != "currency" {
		t.Errorf("%s captured %d review %q", got.Status, got.Captured, got.Review)
	}
	if err := w.bank.SetCurrency(p.BankOrderID, w.bank.usd); err != nil { // for the audit: it is paid after all
		t.Fatal(err)
	}
	w.age(t, p.ID, time.Minute)
	if got := w.poll(t, p.ID); got.Status != "paid" || got.Captured != 3607 {
		t.Errorf("%s captured %d", got.Status, got.Captured)
	}
}

// TestOtherCurrencyIsRefused says which the shop's bank takes, of a currency that Kassa knows; of one that it does not,
// which it knows.
func TestOtherCurrencyIsRefused(t *testing.T) { eachGateway(t, otherCurrencyIsRefused) }

func otherCurrencyIsRefused(t *testing.T, w world) {
	for currency, want := range map[string]struct{ code, detail string }{
		"EUR": {"currency_refused", "Kapital Bank takes AZN or USD only."},
		"BYN": {"currency_refused", "Kapital Bank takes AZN or USD only."},
		"JPY": {"unknown_currency", "Must be AZN, BYN, USD or EUR."},
	} {
		ref := refOf(t, 1) + currency
		body := order(ref, w.Info.ShopURL, 3608)
		body["currency"] = currency
		problem := read[problemDoc](t, w.shop.must(t, []int{422}, "POST", "/v1/payments", body))
		if len(problem.Errors) != 1 || problem.Errors[0].Pointer != "/currency" || problem.Errors[0].Code != want.code ||
			problem.Errors[0].Detail != want.detail {
			t.Errorf("%s: %+v", currency, problem)
		}
		for _, made := range w.bank.ledger() {
			if strings.Contains(made.Description, ref) {
				t.Errorf("%s: the bank has it as %+v", currency, made)
			}
		}
	}
}
