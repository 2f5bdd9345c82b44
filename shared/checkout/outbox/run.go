package outbox

import (
	"context"
	"sync"

	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// run is one invocation's work.
type run struct {
	*Outbox

	shops saving.Patience

	mu      sync.Mutex
	counts  Counts
	unsaved []payment.ID
}

// one works on a payment by itself: one that makes us fail or panic stops no other.
func (r *run) one(ctx context.Context, id payment.ID, work func(context.Context, payment.ID) error) {
	if err := saving.Guard(func() error { return work(ctx, id) }); err != nil {
		r.failed(ctx, id, err)
	}
}

// failed notes a payment that could not be finished. Only where trying again can help is it given back to the stream: a
// poison item must not hold up the others. The sweep, or the next run, comes back to it.
func (r *run) failed(ctx context.Context, id payment.ID, err error) {
	r.Log.Log(ctx, payment.KindOf(err).Level(), "a shop could not be told of a payment; it is tried again", "payment_id",
		id.String(), "error", err.Error())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Unsaved++
	if k := payment.KindOf(err); k == payment.Unavailable || k == payment.Standing {
		r.unsaved = append(r.unsaved, id)
	}
}

// wake tells of what was never tried. It reads the payment, though the stream's record holds it: a message that is
// signed says what the table says now, and not what the record said, or whoever can invoke the function; and where a
// batch comes again nobody is told a second time.
func (r *run) wake(ctx context.Context, id payment.ID) error {
	p, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	told := payment.DeliveryOutcome{Answers: r.tell(ctx, p, func(d delivery.Delivery) bool {
		return d.State == delivery.New
	})}
	for _, d := range p.Deliveries { // not those that are recorded meanwhile: their own record wakes us
		if _, tried := told.Answers[d.Sequence]; d.State == delivery.New && !tried {
			told.PutOff = append(told.PutOff, d.Sequence)
		}
	}
	return r.save(ctx, p, told)
}

func (r *run) retry(ctx context.Context, id payment.ID) error {
	p, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	now := r.Now()
	return r.save(ctx, p, payment.DeliveryOutcome{Answers: r.tell(ctx, p, func(d delivery.Delivery) bool {
		return d.State == delivery.Retry && d.Due(now)
	})})
}

// tell sends what is wanted of a payment's deliveries, the oldest first, and gives the shop's answers by the entries'
// sequences. Each message shows the payment as it is then: while a shop takes its time with one, the payment may
// change.
func (r *run) tell(ctx context.Context, p payment.Payment,
	wanted func(delivery.Delivery) bool) map[int64]delivery.Answer {
	answers := map[int64]delivery.Answer{}
	for _, d := range p.Deliveries {
		if !wanted(d) || d.Sequence < 1 || d.Sequence > p.Sequence {
			continue
		}
		if r.shops.Over(p.Shop) || late(ctx) {
			r.skip()
			return answers
		}
		if len(answers) > 0 {
			if fresh, err := r.Store.Load(ctx, p.ID); err == nil {
				p = fresh
			}
		}
		began := r.Now()
		answer, err := r.send(ctx, p, p.History[d.Sequence-1])
		if err != nil {
			r.Log.Log(ctx, payment.KindOf(err).Level(), "a shop cannot be reached; its messages stay in the outbox", "shop",
				p.Shop, "error", err.Error())
			r.shops.GiveUp(p.Shop)
			r.skip()
			return answers
		}
		answers[d.Sequence] = answer
		took := answer.Accepted || answer.Gone // that it never wants one message says nothing about the next
		r.shops.Heard(p.Shop, took)
		if !took && r.Now().Sub(began) >= hang { // it is not waited for again
			r.shops.GiveUp(p.Shop)
		}
	}
	return answers
}

func (r *run) send(ctx context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	ctx, cancel := saving.Within(ctx, sendTime, reserve)
	defer cancel()
	return r.Courier.Deliver(ctx, p, e)
}

// save records what the shop answered. Where it was told nothing, nothing changes, and nothing is written.
func (r *run) save(ctx context.Context, p payment.Payment, told payment.DeliveryOutcome) error {
	now, sent := r.Now(), p.Deliveries
	saved, err := saving.Change(ctx, r.Store, p, func(p payment.Payment) (payment.Payment, error) {
		forget(told.Answers, sent, p.Deliveries)
		return payment.Apply(p, told, now)
	})
	if err != nil {
		return err
	}
	for _, d := range saved.Deliveries {
		if answer, ok := told.Answers[d.Sequence]; ok {
			r.count(ctx, saved, d, answer)
		}
	}
	return nil
}

// forget leaves out the failed tries of what another run has tried meanwhile: two at once are one try, or runs that
// overlap would use up the schedule. What the other has ended is the other's to count. Of what was asked for anew
// meanwhile it leaves out every no: whoever asked has most likely mended what the no was about.
func forget(answers map[int64]delivery.Answer, sent, now []delivery.Delivery) {
	tried := map[int64]int{}
	for _, d := range sent {
		tried[d.Sequence] = d.Tries
	}
	for _, d := range now {
		a := answers[d.Sequence]
		ended := d.State == delivery.Delivered || d.State == delivery.Dead && !a.Accepted
		anew := d.Tries < tried[d.Sequence] && !a.Accepted
		if anew || d.Tries != tried[d.Sequence] && (ended || !a.Accepted && !a.Gone) {
			delete(answers, d.Sequence)
		}
	}
}

// count says what came of a try, and calls for a person where nobody will try again.
func (r *run) count(ctx context.Context, p payment.Payment, d delivery.Delivery, a delivery.Answer) {
	if d.State == delivery.Dead {
		r.Log.ErrorContext(ctx, "a shop was not told and will not be: kassa payment redeliver sends it again", "payment_id",
			p.ID.String(), "shop", p.Shop,
			"sequence", d.Sequence, "tries", d.Tries, "answer", d.Code)
	}
	if d.State == delivery.Retry {
		r.Log.WarnContext(ctx, "a shop did not take a message; it is tried again", "payment_id", p.ID.String(), "shop",
			p.Shop,
			"sequence", d.Sequence, "tries", d.Tries, "answer", d.Code, "at", d.At)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case a.Accepted:
		r.counts.Delivered++
	case d.State == delivery.Dead:
		r.counts.Dead++
	default:
		r.counts.Failed++
	}
}

func (r *run) skip() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.Skipped++
}

// limit is how many of a shop's payments may be told at once: one until it is heard to take a message, and again while
// it does not, so that one which hangs holds up one worker; none when it is left alone.
func (r *run) limit(shop string) int {
	switch {
	case r.shops.Over(shop):
		return 0
	case r.shops.Answers(shop):
		return workers
	default:
		return 1
	}
}
