// Package checkout holds what Kassa can do, one use case a file: open a payment, take a bank's callback, answer a poll,
// refund, cancel, sweep. Each reads the clock once, asks the bank where only the bank knows, lets payment.Apply decide,
// and saves before anybody is told.
package checkout

import (
	"context"
	"crypto/subtle"
	"iter"
	"log/slog"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/field"
	"kassa/shared/checkout/limit"
	"kassa/shared/checkout/saving"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// Store keeps payments. Every write is conditional; nothing is ever deleted. Its errors are *payment.Error: NotFound
// where said, Unavailable when the store cannot be reached (the write may have happened), Internal when what it reads
// breaks an invariant.
type Store interface {
	saving.Store

	// Create writes a new payment unless its key is taken; then it gives the payment that stands there and ErrConflict.
	Create(ctx context.Context, p payment.Payment) (payment.Payment, error)

	// Attempts reads all payments of an order consistently, oldest first; none is no error.
	Attempts(ctx context.Context, order string) ([]payment.Payment, error)

	// Due goes through all in one shard of the bank's to-do list that are due at now, the longest waiting first, reading
	// on as far as is asked for. It may be a moment old. An error is the last that comes.
	Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error]
}

// Shards is into how many keys each to-do list is split at least, so that no one key takes all its writes.
const Shards = payment.Shards

// ErrConflict says that another version was saved first: read again and decide again.
var ErrConflict = payment.ErrConflict

// Banks lets call the bank that a shop has settings for. NotFound when it has none, Misconfigured when they are wrong,
// Unavailable when they cannot be fetched; else what call ends with, which may be made twice when the first ends with
// Misconfigured or Forged.
type Banks interface {
	With(ctx context.Context, shop, name string, call func(bank.Bank) error) error
}

// UndeliveredList lists what shops have not acknowledged; see the package dynamo, whose errors these are.
type UndeliveredList interface {
	Undelivered(ctx context.Context, shop, from string, limit int) (ids []payment.ID, next string, err error)
}

// Service is Kassa's use cases over its store and its banks. It may serve several invocations at once.
type Service struct {
	Store        Store
	Banks        Banks
	Now          func() time.Time
	Log          *slog.Logger
	Allowances   limit.Store     // needed for shops with a daily limit of refunds alone
	Undeliveries UndeliveredList // needed by Undelivered alone
	Days         book.Store      // needed by the lists of days alone
	CallbackURL  string          // base of our callback addresses, without a trailing slash; needed by Initiate alone

	DueShards int // into how many keys the bank's to-do list is split, a multiple of Shards; 0 is Shards

	// HandOn lets the sweep have another run look after a shard of its list (SweepShard), beginning at once; it waits for
	// nothing but that the run is promised. nil has none, and each run does what it can.
	HandOn func(ctx context.Context, shard int) error

	// Wait lets a callback wait for its turn to ask the bank; false when ctx is over. nil waits by the machine's clock,
	// as Now must then tell it.
	Wait func(ctx context.Context, d time.Duration) bool
}

// Bounds of a bank call: its own longest time, and what must be left of the invocation to save what it said.
const (
	bankCall  = 20 * time.Second
	saveTime  = 3 * time.Second
	leaseOver = 5 * time.Second // after the deadline nobody of that invocation is at work any more
	tries     = 8               // of what others keep overtaking
)

// bankTime bounds a bank call so that its outcome can still be saved.
func bankTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return saving.Within(ctx, bankCall, saveTime)
}

// change saves what e makes of p.
func (s *Service) change(ctx context.Context, p payment.Payment, e payment.Event, now time.Time) (payment.Payment,
	error) {
	return saving.Change(ctx, s.Store, p, saving.All(now, e))
}

// changeSurely is change for what a bank said: what is not saved now must be asked again.
func (s *Service) changeSurely(ctx context.Context, p payment.Payment, e payment.Event, now time.Time) (payment.Payment,
	error) {
	return saving.Surely(ctx, s.Store, p, saving.All(now, e))
}

// askAgain is when a caller may try once more after something that settles by itself.
const askAgain = 5 * time.Second

// Reader is who wants to know about a payment: its shop, or a browser that holds the payment's client token. One is
// set.
type Reader struct{ Shop, ClientToken string }

func (r Reader) may(p payment.Payment) bool {
	if r.Shop != "" {
		return r.Shop == p.Shop
	}
	return r.ClientToken != "" && subtle.ConstantTimeCompare([]byte(r.ClientToken), []byte(p.ClientToken)) == 1
}

// Poll gives a payment; an open one after asking the bank, so that a lost callback is mended while the customer waits.
// When the bank does not answer, what is on record is the answer.
//
// NotFound: no such payment, or not the reader's.
func (s *Service) Poll(ctx context.Context, id payment.ID, who Reader) (payment.Payment, error) {
	p, err := s.load(ctx, id, who)
	if err != nil || p.Status != payment.Pending {
		return p, err
	}
	p, _, err = s.ask(ctx, p, s.Now())
	return p, err
}

// Orders gives all attempts to pay a shop's order, newest first; none is no error. It asks nobody.
func (s *Service) Orders(ctx context.Context, shop, ref string) ([]payment.Payment, error) {
	attempts, err := s.Store.Attempts(ctx, payment.OrderKey(shop, field.Ref(ref)))
	slices.Reverse(attempts)
	return attempts, err
}

// unread says whether the store itself gives nothing, rather than one payment that cannot be read.
func unread(err error) bool {
	kind := payment.KindOf(err)
	return err != nil && (kind == payment.Unavailable || kind == payment.Misconfigured)
}

// Undelivered gives payments of a shop of which a message waits for another try or is dead, at most limit, and where to
// go on: next is "" at the end. It asks no bank. A payment that cannot be read hides no other; it is logged.
func (s *Service) Undelivered(ctx context.Context, shop, from string, limit int) (found []payment.Payment, next string,
	err error) {
	ids, next, err := s.Undeliveries.Undelivered(ctx, shop, from, limit)
	if err != nil {
		return nil, "", err
	}
	for _, id := range ids {
		p, err := s.Store.Load(ctx, id)
		switch {
		case unread(err): // which would hide all of them
			return nil, "", err
		case err != nil:
			s.Log.Log(ctx, payment.KindOf(err).Level(), "a payment with messages that its shop has not taken cannot be read",
				"payment_id", id.String(),
				"error", err.Error())
		case p.Shop == shop && len(p.Undelivered()) > 0: // the list may be a moment old
			found = append(found, p)
		}
	}
	return found, next, nil
}

// Redeliver makes what a payment's shop has not acknowledged due now, for that shop: what is dead, and what would wait
// for longer than a minute. What goes out within a minute anyway is left as it is, so repeating the request changes
// nothing, and no message is sent more than once a minute, however often it is asked for.
//
// NotFound: no such payment, or another shop's.
func (s *Service) Redeliver(ctx context.Context, id payment.ID, shop string) (payment.Payment, error) {
	p, err := s.load(ctx, id, Reader{Shop: shop})
	if err != nil {
		return payment.Payment{}, err
	}
	return s.change(ctx, p, payment.Redelivery{}, s.Now())
}

// load reads a payment for somebody who may see it. Unknown and foreign ones look the same.
func (s *Service) load(ctx context.Context, id payment.ID, who Reader) (payment.Payment, error) {
	p, err := s.Store.Load(ctx, id)
	if payment.KindOf(err) == payment.NotFound || err == nil && !who.may(p) {
		return payment.Payment{}, notFound(err)
	}
	return p, err
}

func notFound(cause error) error {
	return &payment.Error{Kind: payment.NotFound, Code: "not_found", Message: "There is no such payment.", Cause: cause}
}

// logProven tells what the bank has signed; loudly where nobody understands it, as of an answer that nobody
// understands.
func (s *Service) logProven(ctx context.Context, p payment.Payment, n bank.Reading) {
	args := claimsOf(p, n)
	switch n.Report.State {
	case payment.BankUnclear:
		metric.Add(ctx, metric.BankUnclear, 1)
		s.Log.ErrorContext(ctx, "the bank has signed a message that cannot be understood: it is kept, and a person must look",
			append(args, "unclear", n.Unclear)...)
	case payment.BankUnknown:
		metric.Add(ctx, metric.BankUnclear, 1)
		s.Log.ErrorContext(ctx, "the bank has signed a status that decides nothing: it is kept until the bank says more",
			append(args, "bank_status", n.Report.Word, "bank_code", n.Report.Code)...)
	default:
		s.Log.InfoContext(ctx, "a signed callback came", args...)
	}
}

// claimsOf are the attributes of a line about a message. Whoever sends one may write what they like where an order's
// number belongs; a card's is not written down.
func claimsOf(p payment.Payment, n bank.Reading) []any {
	args := []any{"payment_id", p.ID.String(), "bank", p.Bank}
	for _, c := range n.Claims {
		if field.HoldsCardNumber(c.Value) {
			c.Value = "(looks like a card number)"
		}
		args = append(args, "claimed_"+c.Name, c.Value)
	}
	return args
}

// logClaims tells what an unproven message says about our payment, and above all where it speaks of another one.
func (s *Service) logClaims(ctx context.Context, p payment.Payment, n bank.Reading, unreadable error) {
	args := claimsOf(p, n)
	switch {
	case payment.KindOf(unreadable) == payment.Misconfigured && unreadable != nil:
		s.Log.ErrorContext(ctx, "a callback that cannot be proven, since a setting is wrong: the bank is asked all the same",
			append(args, "error", unreadable.Error())...)
	case unreadable != nil:
		s.Log.WarnContext(ctx, "a callback that cannot be read: the bank is asked all the same",
			append(args, "error", unreadable.Error())...)
	case !n.Handle.IsOf(p.Handle):
		s.Log.WarnContext(ctx, "a callback names another order or session than ours: the bank is asked about ours", args...)
	default:
		s.Log.InfoContext(ctx, "a callback came", args...)
	}
}
