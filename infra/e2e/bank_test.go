package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/kapitalxml"
)

// TestEveryAnswerOfTheBankMayFail lets the bank's answer to each operation of a payment's life go wrong in every way
// that a server or the road to it knows, before or after the bank has done its work. Whoever asked asks again; money
// moves once.
func TestEveryAnswerOfTheBankMayFail(t *testing.T) {
	w := shared(t)
	defer w.Kapital.ClearFaults()
	for n, kind := range []string{"refuse_connection", "cut_after", "http_500", "http_500_after", "html_200",
		"html_200_after", "empty", "empty_after",
		"truncated", "bom", "status_96", "status_96_after", "status_977"} {
		t.Run(kind, func(t *testing.T) {
			arm := func(operations ...string) {
				t.Helper()
				w.Kapital.ClearFaults()
				for _, operation := range operations {
					if err := w.Kapital.Faults(kapitalxml.Fault{Operation: operation, Kind: kind}); err != nil {
						t.Fatal(err)
					}
				}
			}
			amount := int64(4500 + n)
			arm("CreateOrder")
			ref := w.ref(t, n)
			p := w.openStubbornly(t, "", order(ref, w.Info.ShopURL, amount), 2)
			if p.Status != "pending" || w.ordersOf(ref) > 2 {
				t.Errorf("%s, %d orders at the bank", p.Status, w.ordersOf(ref))
			}

			arm("GetOrderStatus", "GetOrderInformation")
			at, err := w.browser.atBank(t.Context(), p.RedirectURL, card(cardApproved))
			if err == nil {
				at, err = w.browser.home(t.Context(), at)
			}
			if err != nil || at.status != http.StatusSeeOther {
				t.Fatalf("the customer was not brought back: %s %v", at, err)
			}
			w.age(t, p.ID, 10*time.Second)
			w.poll(t, p.ID) // the second of the two faults may still be to come
			w.age(t, p.ID, 10*time.Second)
			w.stands(t, p.ID, "paid", amount, 0)

			arm("Refund")
			w.refundStubbornly(t, p.ID, 1500, 6)
			w.stands(t, p.ID, "partially_refunded", amount, 1500)
		})
	}
}

// TestSilentBank: the bank takes the request and says nothing, for longer than a function may live. Each function gives
// up in time to put on record what it knows.
func TestSilentBank(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	p := w.paid(t, 1, 9900)
	for _, operation := range []string{"CreateOrder", "Refund"} {
		if err := w.Kapital.Faults(kapitalxml.Fault{Operation: operation, Kind: "timeout_after",
			DelayMS: 60000}); err != nil {
			t.Fatal(err)
		}
	}
	body := order(w.ref(t, 2), w.Info.ShopURL, 9800)
	var both sync.WaitGroup
	both.Go(func() {
		a, err := w.shop.refund(t.Context(), p.ID, "k", 900)
		if err != nil || a.status != 201 {
			t.Errorf("the refund that the bank did without a word: %s %v", a, err)
		}
	})
	both.Go(func() {
		a, err := w.shop.send(t.Context(), "POST", "/v1/payments", body)
		if err != nil || a.status != 503 {
			t.Errorf("an opening without an answer: %s %v", a, err)
		}
		if _, again, err := later(a); err != nil || !again {
			t.Errorf("%s %v", a, err)
		}
	})
	both.Wait()
	w.stands(t, p.ID, "partially_refunded", 9900, 900)
	w.pay(t, read[paymentDoc](t, w.shop.must(t, []int{200, 201}, "POST", "/v1/payments", body)))
}
