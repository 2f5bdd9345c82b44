// Package saving is how a payment is changed, whoever changes it: decide by the version that was read, save on that
// version alone, and decide again by what stands there when somebody else was faster.
//
// A save may be done although its answer was lost, and what is repeated then meets what others have saved on top. So
// each save bears a stamp that its writer has drawn, and a payment keeps the last few: whoever finds his own there is
// done, and does not decide again. No event has to know itself again.
//
// Beside that loop stands what keeps a run going: patience with those who do not answer, a guard against panics, and
// what is left of an invocation's time.
package saving

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"time"

	"kassa/shared/payment"
)

// Store is what is needed of the store of payments. Its errors are *payment.Error: NotFound where said, Unavailable
// when the store cannot be reached (the write may have happened), Internal when what it reads breaks an invariant.
type Store interface {
	// Load reads one payment consistently. NotFound when there is none.
	Load(ctx context.Context, id payment.ID) (payment.Payment, error)

	// Save replaces the version that p was read as, and gives p with its new Rev. When another was saved since, it gives
	// that one and payment.ErrConflict.
	Save(ctx context.Context, p payment.Payment) (payment.Payment, error)
}

// Step decides what becomes of a payment as it is stored now. It is asked again with each version that turns up; an
// error of its means that nothing is saved.
type Step func(p payment.Payment) (payment.Payment, error)

// All is the step of several events that came together: all of them are saved in one write, or none.
func All(now time.Time, events ...payment.Event) Step {
	return func(p payment.Payment) (payment.Payment, error) {
		next := p
		for _, e := range events {
			var err error
			if next, err = payment.Apply(next, e, now); err != nil {
				return p, err
			}
		}
		return next, nil
	}
}

// RetryPause is what the store is given before it is tried again.
const RetryPause = 50 * time.Millisecond

const (
	tries     = 8           // of a save that others keep overtaking
	mostPause = time.Second // between two tries
)

// save is one change on its way into the store, however often it must be tried.
type save struct {
	Store
	stamp         string
	before, tried payment.Payment // of the last try
}

func begin(s Store) *save { return &save{Store: s, stamp: rand.Text()} }

// Change takes a step from p and saves where it leads; when somebody else was faster, from what stands there then. It
// gives the payment as it is stored, also beside an error of the step. A step that changes nothing writes nothing.
// When the store's answer is lost, it is looked up once whether the change is there.
func Change(ctx context.Context, s Store, p payment.Payment, step Step) (payment.Payment, error) {
	w := begin(s)
	p, err := w.change(ctx, p, step)
	if payment.KindOf(err) == payment.Unavailable {
		if found, loadErr := s.Load(ctx, p.ID); loadErr == nil && w.did(ctx, found) {
			return found, nil
		}
	}
	return p, err
}

func (w *save) change(ctx context.Context, p payment.Payment, step Step) (payment.Payment, error) {
	for range tries {
		next, err := step(p)
		if err != nil || reflect.DeepEqual(p, next) {
			return p, err
		}
		saved, err := w.try(ctx, p, next)
		switch {
		case err == nil:
			return saved, nil
		case !errors.Is(err, payment.ErrConflict):
			return p, err
		}
		p = saved
	}
	return p, Busy(p)
}

// Once replaces the version p by next, and counts what the history has gained: by the writer whose save it was, and
// nobody else. It gives the payment as it is stored; with payment.ErrConflict, what somebody else has put in p's place.
func Once(ctx context.Context, s Store, p, next payment.Payment) (payment.Payment, error) {
	return begin(s).try(ctx, p, next)
}

func (w *save) try(ctx context.Context, p, next payment.Payment) (payment.Payment, error) {
	next.Stamp = w.stamp
	w.before, w.tried = p, next
	saved, err := w.Save(ctx, next)
	switch {
	case err == nil:
		count(ctx, next, next.History[len(p.History):])
	case errors.Is(err, payment.ErrConflict) && w.did(ctx, saved): // and others have saved on top of it
		err = nil
	}
	return saved, err
}

// did says whether the change is in what stands in the store, and counts it then: no answer has said so before.
func (w *save) did(ctx context.Context, found payment.Payment) bool {
	if !found.Bears(w.stamp) {
		return false
	}
	count(ctx, w.tried, w.tried.History[len(w.before.History):])
	return true
}

// Surely is Change for what must not be lost, such as what a bank said about money: it is tried until there is just
// time to answer.
func Surely(ctx context.Context, s Store, p payment.Payment, step Step) (payment.Payment, error) {
	ctx, cancel := Within(ctx, Remaining(ctx), AnswerTime)
	defer cancel()
	w := begin(s)
	for pause := RetryPause; ; pause = min(2*pause, mostPause) {
		next, err := w.change(ctx, p, step)
		if err == nil || payment.KindOf(err) != payment.Unavailable && !errors.Is(err, payment.ErrConflict) {
			return next, err
		}
		if !Pass(ctx, pause) {
			return p, err
		}
		if fresh, loadErr := s.Load(ctx, p.ID); loadErr == nil {
			if w.did(ctx, fresh) {
				return fresh, nil
			}
			p = fresh
		}
	}
}

// Busy is payment.ErrConflict after all tries, about the payment that is meant.
func Busy(p payment.Payment) error {
	return &payment.Error{Kind: payment.Standing, Code: "conflict", Payment: &p, RetryAfter: time.Second,
		Cause:   payment.ErrConflict,
		Message: "Other requests keep changing this payment; try again."}
}
