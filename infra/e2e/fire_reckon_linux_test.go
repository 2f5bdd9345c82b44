package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/fire"
	"kassa/shared/payment"
)

// reckoning compares what everybody remembers, once a fire is out.
type reckoning struct {
	world
	town    *town
	at      context.Context
	counted *fire.Results

	mu       sync.Mutex
	payments map[string][]reckoned // by order_ref
	books    map[string]account    // of all banks, by gateway and the bank's order
	wrong    []error
}

// reckoned is a payment as the API tells it, with its history.
type reckoned struct {
	paymentDoc
	History []struct {
		Sequence int64  `json:"sequence"`
		What     string `json:"what"`
	} `json:"history"`
}

// reckon lets time pass until nothing waits any more, and compares.
func (w world) reckon(t *testing.T, v *town, counted *fire.Results) {
	t.Helper()
	r := &reckoning{world: w, town: v, at: t.Context(), counted: counted}
	v.plain.http, v.info = newHTTP(), w.Info
	refs := slices.Sorted(maps.Keys(v.visits))
	r.each(refs, r.list)
	r.each(refs, r.keptAccepted)
	for _, passed := range []time.Duration{time.Minute, 20 * time.Minute, 25 * time.Hour, 25 * time.Hour, 25 * time.Hour} {
		r.each(refs, func(ref string) error { return r.age(ref, passed) })
		for _, function := range []string{"ExpirySweep", "Notify"} {
			if _, err := w.Invoke(r.at, function, []byte(`{}`)); err != nil {
				r.note(func() { r.wrong = append(r.wrong, err) })
			}
		}
		if passed == time.Minute { // nobody is at work on anything any more
			r.each(refs, r.again)
			r.each(refs, r.list)
		}
	}
	r.each(refs, r.insist)
	r.retold(refs)
	r.each(refs, r.list)
	r.each(refs, r.told)
	r.books = r.ledgers()
	r.each(refs, r.compare)
	r.total()
	for _, err := range r.wrong {
		t.Error(err)
	}
}

func (r *reckoning) note(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// each does something for every order, several at once.
func (r *reckoning) each(refs []string, do func(ref string) error) {
	next := make(chan string)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for ref := range next {
				if err := do(ref); err != nil {
					r.note(func() { r.wrong = append(r.wrong, fmt.Errorf("%s: %w", ref, err)) })
				}
			}
		})
	}
	for _, ref := range refs {
		next <- ref
	}
	close(next)
	workers.Wait()
}

// lost and doubled count what must not be.
func (r *reckoning) lost(format string, args ...any) error {
	r.note(func() { r.counted.Lost++ })
	return fmt.Errorf("lost: "+format, args...)
}

func (r *reckoning) doubled(format string, args ...any) error {
	r.note(func() { r.counted.Doubled++ })
	return fmt.Errorf("doubled: "+format, args...)
}

// list reads all attempts to pay an order.
func (r *reckoning) list(ref string) error {
	shop := r.town.shop(ref)
	a, err := shop.send(r.at, "GET", "/v1/payments?order_ref="+ref, nil)
	var doc struct{ Payments []reckoned }
	if err == nil {
		err = r.town.read(a, &doc, 200)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	r.note(func() {
		if r.payments == nil {
			r.payments = map[string][]reckoned{}
		}
		r.payments[ref] = doc.Payments
	})
	return nil
}

func (r *reckoning) of(ref string) []reckoned {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.payments[ref]
}

// keptAccepted holds that the payment that was accepted is the one that there is.
func (r *reckoning) keptAccepted(ref string) error {
	id, all := r.town.visits[ref].id, r.of(ref)
	if len(all) > 1 {
		return r.doubled("the table has %d payments", len(all))
	}
	if id != "" && (len(all) == 0 || all[0].ID != id) {
		return r.lost("%s was accepted, the table has %+v", id, all)
	}
	return nil
}

// age lets time pass for payments with which something is still to be done.
func (r *reckoning) age(ref string, d time.Duration) error {
	for _, p := range r.of(ref) {
		item, err := r.item(r.at, p.ID)
		if err != nil {
			return err
		}
		if item["due_at"] == nil && item["outbox_at"] == nil && item["wake"] == nil {
			continue
		}
		if err := r.watch.past.Told(r.at, p.ID); err != nil {
			return err
		}
		if err := r.watch.past.Move(r.at, p.ID, d); err != nil {
			return err
		}
	}
	return nil
}

// again is the shop that has got no answer and comes back: it gets one now.
func (r *reckoning) again(ref string) error {
	if r.town.visits[ref].id != "" {
		return nil
	}
	shop := r.town.shop(ref)
	a, err := shop.send(r.at, "POST", "/v1/payments", r.town.body(ref))
	var doc struct {
		ID, Code  string
		PaymentID string `json:"payment_id"`
	}
	if err == nil {
		err = r.town.read(a, &doc, 200, 201, 409)
	}
	if all := r.of(ref); err == nil && len(all) > 0 && doc.ID+doc.PaymentID != all[0].ID {
		return r.doubled("again: %s", a)
	}
	return err
}

// insist is the shop that repeats each refund that was accepted until it is confirmed, under a new key where the old
// one was given up.
func (r *reckoning) insist(ref string) error {
	mine, shop := r.town.visits[ref], r.town.shop(ref)
	for key, amount := range mine.refunds {
		for tries := 0; ; tries++ {
			a, err := shop.refund(r.at, mine.id, key, amount)
			if err != nil || tries > 6 {
				return errors.Join(err, r.lost("the refund %s of %d: %s", key, amount, a))
			}
			var doc problemDoc
			if a.status == 201 {
				break
			}
			if err := r.town.read(a, &doc, 202, 409, 503); err != nil {
				return r.lost("the refund %s of %d: %s", key, amount, a)
			}
			if doc.Code == "refund_unconfirmed" {
				key += "-anew"
				continue
			}
			for _, d := range []time.Duration{20 * time.Minute, 25 * time.Hour} {
				if err := r.age(ref, d); err != nil {
					return err
				}
				r.watch.sweeping.Lock()
				_, err := r.Invoke(r.at, "ExpirySweep", []byte(`{}`))
				r.watch.sweeping.Unlock()
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// retold lets time pass until the shops have taken what was recorded last: a shop in a bad mood is told again later.
func (r *reckoning) retold(refs []string) {
	for range 10 { // so often a message is sent
		waits := false
		r.each(refs, func(ref string) error {
			for _, p := range r.of(ref) {
				err := r.watch.past.Told(r.at, p.ID)
				item, readErr := r.item(r.at, p.ID)
				if err = errors.Join(err, readErr); err != nil {
					return err
				}
				if item["outbox_at"] == nil {
					continue
				}
				r.note(func() { waits = true })
				if err := r.watch.past.Move(r.at, p.ID, 25*time.Hour); err != nil {
					return err
				}
			}
			return nil
		})
		if !waits {
			return
		}
		if _, err := r.Invoke(r.at, "Notify", []byte(`{}`)); err != nil {
			r.note(func() { r.wrong = append(r.wrong, err) })
		}
	}
}

// told waits until the shop has been told what there is to tell, and holds that it heard all of it.
func (r *reckoning) told(ref string) error {
	var wrong []error
	for _, p := range r.of(ref) {
		if err := r.watch.past.Told(r.at, p.ID); err != nil {
			return err
		}
		for _, h := range p.History {
			kind := payment.Entry{What: h.What}.Announced()
			if kind == "" {
				continue
			}
			id := fmt.Sprintf("evt_%s_%d", p.ID, h.Sequence)
			r.note(func() { r.counted.Messages++ })
			r.town.mu.Lock()
			heard := r.town.heard[id]
			delete(r.town.heard, id)
			r.town.mu.Unlock()
			if heard != kind {
				wrong = append(wrong, r.lost("the message %s of %s was heard as %q", id, h.What, heard))
			}
		}
	}
	return errors.Join(wrong...)
}

// ledgers are what all banks say.
func (r *reckoning) ledgers() map[string]account {
	all := map[string]account{}
	for _, g := range allGateways(r.Stack) {
		for _, a := range g.ledger() {
			all[g.name+" "+a.OrderID] = a
		}
	}
	return all
}

// compare holds an order against the bank's books and what everybody remembers of it.
func (r *reckoning) compare(ref string) error {
	mine := r.town.visits[ref]
	var wrong []error
	for _, p := range r.of(ref) {
		at := r.books[strings.SplitN(ref, "-", 2)[0]+" "+p.BankOrderID]
		said := fmt.Sprintf("%s is %s, captured %d, refunded %d, review %q; the bank charged %d and gave back %d; "+
			"remembered %+v", p.ID, p.Status, p.Captured, p.Refunded, p.Review, at.Charged, at.Refunded, *mine)
		var accepted int64
		for _, amount := range mine.refunds {
			if accepted += amount; amount == 0 {
				accepted = p.Captured
			}
		}
		switch {
		case p.Review != "":
			wrong = append(wrong, errors.New("left to people: "+said))
		case at.Charged > p.Captured, at.Refunded < p.Refunded, mine.paid && p.Captured == 0, accepted > p.Refunded:
			wrong = append(wrong, r.lost("%s", said))
		case at.Charged < p.Captured, at.Refunded > p.Refunded, at.Charged > price:
			wrong = append(wrong, r.doubled("%s", said))
		}
		r.note(func() {
			r.counted.Payments++
			if p.Captured > 0 {
				r.counted.Paid++
			}
			for _, refund := range p.Refunds {
				if refund.Status == "succeeded" {
					r.counted.Refunds++
				}
			}
		})
	}
	return errors.Join(wrong...)
}

// total compares the sums, so that no money is overlooked that stands under an order of the bank that nobody knows, and
// holds that nothing was told of what never was.
func (r *reckoning) total() {
	var charged, returned, captured, refunded int64
	for _, a := range r.books {
		charged, returned = charged+a.Charged, returned+a.Refunded
	}
	for _, all := range r.payments {
		for _, p := range all {
			captured, refunded = captured+p.Captured, refunded+p.Refunded
		}
	}
	if charged != captured || returned != refunded {
		r.wrong = append(r.wrong, r.lost("the banks charged %d and gave back %d, we say %d and %d", charged, returned,
			captured, refunded))
	}
	r.town.mu.Lock()
	defer r.town.mu.Unlock()
	for id, kind := range r.town.heard {
		r.wrong = append(r.wrong, r.doubled("the message %s (%s) tells of nothing that is on record", id, kind))
	}
	r.counted.Orders, r.counted.Repeated, r.counted.Heard = len(r.town.visits), r.town.repeated, r.town.messages
}
