package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/fault"
)

// TestEveryAnswerOfTheBankMayFail lets the bank's answer to each operation of a payment's life go wrong in every way
// that a server or the road to it knows, before or after the bank has done its work. Whoever asked asks again; money
// moves once.
func TestEveryAnswerOfTheBankMayFail(t *testing.T) { eachGateway(t, everyAnswerOfTheBankMayFail) }

func everyAnswerOfTheBankMayFail(t *testing.T, w world) {
	defer w.bank.ClearFaults()
	for n, kind := range w.bank.faults {
		t.Run(kind, func(t *testing.T) {
			arm := func(operations []string) {
				t.Helper()
				w.bank.ClearFaults()
				w.bank.breaks(t, operations, fault.Fault{Kind: kind})
			}
			amount := int64(4500 + n)
			arm(w.bank.create)
			ref := w.ref(t, n)
			p := w.openStubbornly(t, "", order(ref, w.Info.ShopURL, amount), 2)
			if p.Status != "pending" || w.ordersOf(ref) > 2 {
				t.Errorf("%s, %d orders at the bank", p.Status, w.ordersOf(ref))
			}

			arm(w.bank.ask)
			at, err := w.browser.atBank(t.Context(), p.RedirectURL, w.bank.approved)
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

			arm(w.bank.move)
			if n/2%2 == 0 { // by turns for a loss before and after the effect
				w.refundStubbornly(t, p.ID, 1500, 6)
				w.stands(t, p.ID, "partially_refunded", amount, 1500)
			} else { // the whole is undone, where the bank's day is not over yet
				w.refundStubbornly(t, p.ID, 0, 6)
				w.stands(t, p.ID, "refunded", amount, amount)
			}
		})
	}
}

// TestSilentBank: the bank takes the request and says nothing, for longer than a function may live. Each function gives
// up in time to put on record what it knows.
func TestSilentBank(t *testing.T) {
	t.Parallel()
	alone(t, stack.Config{}).eachGateway(t, silentBank)
}

func silentBank(t *testing.T, w world) {
	p := w.paid(t, 1, 9900)
	silent := fault.Fault{Kind: "timeout_after", DelayMS: 60000}
	w.bank.breaks(t, w.bank.create, silent)
	w.bank.breaks(t, w.bank.move[:1], silent)
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
