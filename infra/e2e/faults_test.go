package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/engine"
	"kassa/shared/payment"
)

// TestEveryWriteMayFail lets each write of opening, callback and refund go wrong in every way that the store knows:
// once, which the SDK's own repetition hides from everybody, also when it meets its own write, and three times in a
// row, which it does not; then whoever asked asks again. In the end the money is right, the bank was asked for one
// page, and nobody ever saw a 500.
func TestEveryWriteMayFail(t *testing.T) {
	t.Parallel()
	w := shared(t)
	n := 0
	for _, kind := range []engine.FaultKind{engine.FaultConflict, engine.FaultThrottle, engine.FaultInternal,
		engine.FaultLost, engine.FaultLostBefore} {
		for _, times := range []int{1, 3} {
			for nth := 1; nth <= 2; nth++ { // each of the three makes two writes
				n++
				t.Run(fmt.Sprintf("%s x%d at write %d", kind, times, nth), func(t *testing.T) {
					t.Parallel()
					fault := engine.Fault{Operation: "PutItem", Kind: kind, Nth: nth, Count: times}
					tries := 6
					if times == 1 && kind != engine.FaultConflict {
						tries = 1
					}
					w.payWithFaults(t, int64(5000+n), fault, tries)
				})
			}
		}
	}
}

// payWithFaults opens, pays and refunds one payment, each request within the tries; the fault is set anew before each
// of the three.
func (w world) payWithFaults(t *testing.T, amount int64, fault engine.Fault, tries int) {
	ref := w.ref(t, 1)
	fault.Key = payment.OrderKey(w.Info.Shops[0].ID, ref)
	id := fault.Key + "-1"
	arm := func() {
		t.Helper()
		w.told(t, id) // or the fault would hit what Notify saves
		if err := w.Engine.Fault(fault); err != nil {
			t.Fatal(err)
		}
	}
	fired := func(during string) {
		t.Helper()
		for _, left := range w.Engine.Faults() {
			if left.Key == fault.Key {
				t.Errorf("%s: the fault has not hit every write that it was set for: this proves nothing", during)
			}
		}
	}

	arm()
	p := w.openStubbornly(t, id, order(ref, w.Info.ShopURL, amount), tries)
	if n := w.ordersOf(ref); n != 1 || p.ID != id {
		t.Errorf("the bank opened %d orders for %s", n, p.ID)
	}
	fired("opening")

	arm()
	at, err := w.browser.atBank(t.Context(), p.RedirectURL, card(cardApproved))
	if err == nil {
		at, err = w.browser.home(t.Context(), at)
	}
	if err != nil || at.status != http.StatusSeeOther {
		t.Fatalf("the customer was not brought back: %s %v", at, err)
	}
	w.age(t, id, 10*time.Second)
	w.stands(t, id, "paid", amount, 0)
	fired("callback")

	arm()
	w.refundStubbornly(t, id, 2000, tries)
	w.stands(t, id, "partially_refunded", amount, 2000)
	fired("refund")
}

// openStubbornly repeats the POST until there is a page. With an id a minute goes by between two tries, so that
// nobody's lease is running.
func (w world) openStubbornly(t *testing.T, id string, body any, tries int) paymentDoc {
	t.Helper()
	for range tries {
		a := w.shop.must(t, []int{200, 201, 409, 503}, "POST", "/v1/payments", body)
		if a.status <= 201 {
			return read[paymentDoc](t, a)
		}
		if _, again, err := later(a); err != nil || !again {
			t.Fatalf("%s: %v", a, err)
		}
		if id != "" {
			if _, err := w.item(t.Context(), id); err == nil {
				w.age(t, id, time.Minute)
			}
		}
	}
	t.Fatalf("no page after %d tries", tries)
	return paymentDoc{}
}

// refundStubbornly repeats the refund with the key "k" until it is done. Between two tries 20 minutes go by and the
// sweep comes, so that a refund whose owner is gone is recovered.
func (w world) refundStubbornly(t *testing.T, id string, amount int64, tries int) {
	t.Helper()
	key := "k"
	for range tries {
		a, err := w.shop.refund(t.Context(), id, key, amount)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := later(a); err != nil {
			t.Fatal(err)
		}
		if a.status == 409 && read[problemDoc](t, a).Code == "refund_unconfirmed" { // given up, so the shop makes a new key
			key += "-anew"
			continue
		}
		switch a.status {
		case 201:
			return
		case 202, 409, 503:
			w.age(t, id, 20*time.Minute)
			w.sweep(t)
			w.age(t, id, 25*time.Hour)
			w.sweep(t)
		default:
			t.Fatalf("the refund was answered with %s", a)
		}
	}
	t.Fatalf("the refund is not done after %d tries", tries)
}

// TestStoreDownLosesNothing: while the table answers nobody, everybody is told to come back, a customer on a page of
// our own.
func TestStoreDownLosesNothing(t *testing.T) {
	w := shared(t)
	p, ref := w.open(t, 1, 6100), w.ref(t, 2)
	address := w.callbackURL(t, p.ID, "return")
	for _, operation := range []string{"GetItem", "PutItem", "Query"} {
		if err := w.Engine.Fault(engine.Fault{Operation: operation, Kind: engine.FaultThrottle,
			Count: engine.Always}); err != nil {
			t.Fatal(err)
		}
	}
	defer w.Engine.ClearFaults()
	for _, c := range []struct{ method, path string }{
		{"POST", "/v1/payments"}, {"GET", "/v1/payments/" + p.ID}, {"GET", "/v1/payments?order_ref=" + ref},
		{"POST", "/v1/payments/" + p.ID + "/cancel"},
		{"GET", "/v1/undelivered"}, {"POST", "/v1/payments/" + p.ID + "/redeliver"},
	} {
		a := w.shop.must(t, []int{503}, c.method, c.path, order(ref, w.Info.ShopURL, 6200))
		if _, again, err := later(a); err != nil || !again {
			t.Errorf("%s %s: %s %v", c.method, c.path, a, err)
		}
	}
	at, err := w.browser.get(t.Context(), address)
	if err != nil || at.status != 503 || !strings.Contains(at.html, `http-equiv="refresh"`) ||
		at.header.Get("Retry-After") == "" {
		t.Errorf("a customer who comes back meanwhile: %s %v", at, err)
	}
	if strings.Contains(at.html, p.ID) {
		t.Error("the page shows the address that it was asked for")
	}
	w.Engine.ClearFaults()

	again := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 6200)))
	w.pay(t, again)
	w.pay(t, p)
	w.stands(t, p.ID, "paid", 6100, 0)
}
