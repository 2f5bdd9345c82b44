package e2e

import (
	"fmt"
	"testing"
	"time"

	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/stack"
)

// unheardDoc is what of a payment its shop has not acknowledged.
type unheardDoc struct {
	ID          string `json:"id"`
	Undelivered []struct {
		EventID string `json:"event_id"`
		State   string `json:"state"`
		Tries   int    `json:"tries"`
	} `json:"undelivered"`
}

// undelivered is the shop's whole list, as payment, state and tries.
func undelivered(t testing.TB, c client) string {
	t.Helper()
	list := read[struct {
		Payments []unheardDoc `json:"payments"`
		Next     *string      `json:"next"`
	}](t, c.must(t, []int{200}, "GET", "/v1/undelivered", nil))
	if list.Next != nil {
		t.Errorf("so short a list goes on at %s", *list.Next)
	}
	all := ""
	for _, p := range list.Payments {
		for _, m := range p.Undelivered {
			all += fmt.Sprintf("%s %s %d;", p.ID, m.State, m.Tries)
		}
	}
	return all
}

// TestAShopAsksForWhatItHasNotAcknowledged: a message that was given up and one that waits are found by the shop's key
// and nobody else's, and go out with the next run of the outbox once the shop asks for them.
func TestAShopAsksForWhatItHasNotAcknowledged(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	stranger := w.shop
	for _, other := range w.Info.Shops {
		if other.ID == "demo-by" {
			stranger.bearer = other.APIKey
		}
	}
	dead, waits := w.open(t, 1, 9400), w.open(t, 2, 9500)
	w.fails(t, inbox.Fault{Kind: "http_410", PaymentID: dead.ID})
	w.fails(t, inbox.Fault{Kind: "http_503", RetryAfter: "3600", PaymentID: waits.ID})
	for _, p := range []paymentDoc{dead, waits} {
		w.pay(t, p)
		w.told(t, p.ID)
	}
	if got, want := undelivered(t, w.shop), dead.ID+" dead 1;"+waits.ID+" waiting 1;"; got != want {
		t.Fatalf("listed are %s, want %s", got, want)
	}
	if got := undelivered(t, stranger); got != "" {
		t.Errorf("another shop sees %s", got)
	}
	w.notify(t)
	for _, p := range []paymentDoc{dead, waits} {
		if got := w.tries(t, p.ID); got != "payment.paid 1 false" {
			t.Errorf("before anybody asks: %s", got)
		}
		stranger.must(t, []int{404}, "POST", "/v1/payments/"+p.ID+"/redeliver", nil)
		again := read[unheardDoc](t, w.shop.must(t, []int{202}, "POST", "/v1/payments/"+p.ID+"/redeliver", nil))
		if len(again.Undelivered) != 1 || again.Undelivered[0].State != "waiting" || again.Undelivered[0].EventID != "evt_"+
			p.ID+"_3" {
			t.Errorf("%+v", again)
		}
		w.move(t, p.ID, time.Second) // the outbox counts whole seconds
	}
	w.notify(t)
	for _, p := range []paymentDoc{dead, waits} {
		if got := w.tries(t, p.ID); got != "payment.paid 2 true" {
			t.Errorf("after the shop has asked: %s", got)
		}
	}
	if got := undelivered(t, w.shop); got != "" {
		t.Errorf("all is acknowledged, and listed are %s", got)
	}
}
