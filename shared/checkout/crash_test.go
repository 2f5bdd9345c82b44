package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// errCrash is what a test panics with to play a process that is killed at this very point.
var errCrash = errors.New("killed")

// Whatever call of the store fails, and however, in a payment's whole life, repeating requests and sweeping brings ours
// and the bank's ledger together: one charge, one refund, nothing lost. The points are counted by running, not by hand.
func TestEveryStoreCallMayFail(t *testing.T) {
	points := 0
	for _, how := range []string{"refused", "lost", "killed before", "killed after"} {
		for at := 1; ; at++ {
			w := newWorld(t, nil)
			if !w.breakAt(at, how) {
				t.Fatal(how)
			}
			w.live()
			hit := w.store.Before == nil && w.store.After == nil
			w.store.Before, w.store.After = nil, nil
			if !hit {
				break
			}
			points++
			w.settle()
			w.agree(fmt.Sprintf("store call %d %s", at, how))
		}
	}
	if points < 40 {
		t.Errorf("only %d points were reached: the life of a payment makes more calls than that", points)
	}
	t.Logf("%d points", points)
}

// The same for every exchange with the bank: refused, lost before and after it had its effect, and rubbish.
func TestEveryBankCallMayFail(t *testing.T) {
	kinds := []string{"refuse_connection", "http_500", "html_200", "empty", "status_96", "cut_after", "truncated", "bom",
		"http_500_after", "html_200_after", "empty_after", "status_96_after"}
	points, least := 0, 60
	if sampled {
		kinds, least = []string{"refuse_connection", "status_96", "cut_after"}, 15
	}
	for _, kind := range kinds {
		for _, operation := range []string{"CreateOrder", "GetOrderStatus", "GetOrderInformation", "Refund", "Reverse"} {
			for nth := 1; ; nth++ {
				w := newWorld(t, nil)
				w.must(w.sim.Faults(kapitalxml.Fault{Operation: operation, Kind: kind, Nth: nth}))
				w.live()
				hit := false
				for _, r := range w.sim.Requests() {
					hit = hit || r.Fault != ""
				}
				if !hit {
					break
				}
				points++
				w.settle()
				w.agree(fmt.Sprintf("%s %d %s", operation, nth, kind))
			}
		}
	}
	if points < least {
		t.Errorf("only %d points were reached", points)
	}
	t.Logf("%d points", points)
}

// live is a payment's life: opened, paid, called back, polled, refunded in part and for the rest, each request as a
// shop sends it that does not look at answers.
func (w *world) live() {
	ctx := context.Background()
	step := func(f func()) {
		defer func() {
			if r := recover(); r != nil && r != any(errCrash) {
				panic(r)
			}
		}()
		f()
	}
	step(func() { _, _ = w.svc.Initiate(ctx, order("A", 15000)) })
	step(func() { w.payIfOpen() })
	step(func() { _, _ = w.svc.Read(ctx, w.id("A"), w.token(), callbackFromBrowser) })
	w.advance(6 * time.Second)
	step(func() { _, _ = w.svc.Poll(ctx, w.id("A"), checkout.Reader{Shop: "demo"}) })
	for _, key := range []string{"k1", "k2"} {
		w.advance(6 * time.Second)
		step(func() {
			_, _ = w.svc.Refund(ctx, checkout.RefundOrder{ID: w.id("A"), Shop: "demo", By: "shop:k1", Key: key, Amount: 5000})
		})
	}
}

// settle is what comes after: the shop repeats what it never got an answer to, the customer pays, and the sweep comes
// by. A refund that the bank never confirmed is given up after a bank day, and its key with it: the shop makes a new
// one.
func (w *world) settle() {
	ctx := context.Background()
	w.sim.ClearFaults()
	for _, pause := range []time.Duration{20 * time.Minute, 20 * time.Minute, 20 * time.Minute, 25 * time.Hour,
		25 * time.Hour, 20 * time.Minute} {
		w.advance(pause)
		if _, err := w.svc.Initiate(ctx, order("A", 15000)); err == nil {
			w.payIfOpen()
		}
		w.advance(6 * time.Second)
		if _, err := w.svc.Sweep(ctx); err != nil {
			w.t.Fatal(err)
		}
		for _, p := range w.attempts() {
			for _, key := range []string{"k1", "k2"} {
				o := checkout.RefundOrder{ID: p.ID, Shop: "demo", By: "shop:k1", Key: key, Amount: 5000}
				if _, err := w.svc.Refund(ctx, o); payment.CodeOf(err) == "refund_unconfirmed" {
					o.Key += ", anew"
					_, _ = w.svc.Refund(ctx, o)
				}
			}
		}
	}
}

// agree compares our records with the bank's ledger: exactly one charge, exactly the two refunds, and nothing in doubt.
func (w *world) agree(when string) {
	w.t.Helper()
	var captured, refunded, charged, returned int64
	charges := 0
	for _, p := range w.attempts() {
		captured += p.Captured
		refunded += p.Refunded
		if p.InFlight() != nil || len(p.Reviews) > 0 {
			w.t.Errorf("%s: %s", when, w.show(p))
		}
	}
	for _, a := range w.sim.Ledger().Orders {
		charged += a.Charged
		returned += a.Refunded
		if a.Charged > 0 {
			charges++
		}
	}
	if charges != 1 || captured != 15000 || charged != captured || refunded != 10000 || returned != refunded {
		w.t.Errorf("%s: %d charges; captured %d, the bank charged %d; refunded %d, the bank returned %d", when, charges,
			captured, charged, refunded, returned)
	}
}

// payIfOpen lets the customer pay the page that the shop was last given, once.
func (w *world) payIfOpen() {
	for _, p := range w.attempts() {
		if p.Status == payment.Pending && w.account(p.OrderRef+"/"+fmt.Sprint(p.ID.Attempt)).Status == "CREATED" {
			w.must(w.sim.Approve(p.Handle.OrderID))
		}
	}
}

func (w *world) attempts() []payment.Payment {
	defer w.repair()()
	all, err := w.store.Attempts(context.Background(), w.id("A").Order)
	w.must(err)
	return all
}

func (w *world) token() string {
	if all := w.attempts(); len(all) > 0 {
		return all[0].CallbackToken
	}
	return ""
}

// breakAt lets one call of the store fail, counted over all kinds from now; the hooks are nil again once it did.
func (w *world) breakAt(at int, how string) bool {
	count := 0
	fail := func(memory.Op, payment.ID) error {
		if count++; count < at {
			return nil
		}
		w.store.Before, w.store.After = nil, nil
		if how == "killed before" || how == "killed after" {
			panic(errCrash)
		}
		return &payment.Error{Kind: payment.Unavailable, Code: "store_unavailable", Message: "The store does not answer."}
	}
	switch how {
	case "refused", "killed before":
		w.store.Before = fail
	case "lost", "killed after":
		w.store.After = fail
	default:
		return false
	}
	return true
}
