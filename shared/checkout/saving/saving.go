// Package saving is how a payment is changed, whoever changes it: decide by the version that was read, save on that
// version alone, and decide again by what stands there when somebody else was faster. Beside that loop stands what
// keeps a run going: patience with those who do not answer, a guard against panics, and what is left of an invocation's
// time.
package saving

import (
	"context"
	"errors"
	"reflect"
	"slices"
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

// Change takes a step from p and saves where it leads; when somebody else was faster, from what stands there then. It
// gives the payment as it is stored, also beside an error of the step. A step that changes nothing writes nothing.
func Change(ctx context.Context, s Store, p payment.Payment, step Step) (payment.Payment, error) {
	p, _, err := change(ctx, s, p, step)
	return p, err
}

// change also gives what it last tried to save.
func change(ctx context.Context, s Store, p payment.Payment, step Step) (stored, tried payment.Payment, err error) {
	for range tries {
		next, err := step(p)
		if err != nil || reflect.DeepEqual(p, next) {
			return p, p, err
		}
		saved, err := Once(ctx, s, p, next)
		switch {
		case err == nil:
			return saved, saved, nil
		case !errors.Is(err, payment.ErrConflict):
			return p, next, err
		}
		p = saved
	}
	return p, p, Busy(p)
}

// Once replaces the version p by next, and counts what the history has gained: by the writer whose save it was, and
// nobody else. With payment.ErrConflict it gives the version that stands there.
func Once(ctx context.Context, s Store, p, next payment.Payment) (payment.Payment, error) {
	saved, err := s.Save(ctx, next)
	if err == nil {
		count(ctx, next, next.History[len(p.History):])
	}
	return saved, err
}

// Surely is Change for what must not be lost, such as what a bank said about money: it is tried until there is just
// time to answer. The step must find nothing to do in what it has done itself: a save may have come through although
// its answer was lost.
func Surely(ctx context.Context, s Store, p payment.Payment, step Step) (payment.Payment, error) {
	ctx, cancel := Within(ctx, Remaining(ctx), AnswerTime)
	defer cancel()
	for pause := RetryPause; ; pause = min(2*pause, mostPause) {
		next, tried, saveErr := change(ctx, s, p, step)
		lost := payment.KindOf(saveErr) == payment.Unavailable
		if saveErr == nil || !lost && !errors.Is(saveErr, payment.ErrConflict) {
			return next, saveErr
		}
		if !Pass(ctx, pause) {
			return p, saveErr
		}
		if fresh, err := s.Load(ctx, p.ID); err == nil {
			if lost {
				countLost(ctx, next, tried, fresh)
			}
			p = fresh
		}
	}
}

// countLost counts a change from p when the answer to its save was lost and found, read again, holds it all the same.
func countLost(ctx context.Context, p, tried, found payment.Payment) {
	n, m := len(p.History), len(tried.History)
	if len(found.History) >= m && slices.Equal(tried.History[n:], found.History[n:m]) {
		count(ctx, found, tried.History[n:])
	}
}

// Busy is payment.ErrConflict after all tries, about the payment that is meant.
func Busy(p payment.Payment) error {
	return &payment.Error{Kind: payment.Standing, Code: "conflict", Payment: &p, RetryAfter: time.Second,
		Cause:   payment.ErrConflict,
		Message: "Other requests keep changing this payment; try again."}
}
