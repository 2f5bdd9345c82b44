// Package checkout holds what Kassa can do, one use case a file: open a payment, take a bank's callback, answer a poll, refund,
// cancel, sweep. Each reads the clock once, asks the bank where only the bank knows, lets payment.Apply decide, and saves before
// anybody is told.
package checkout

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Store keeps payments. Every write is conditional; nothing is ever deleted. Its errors are *payment.Error: NotFound where said,
// Unavailable when the store cannot be reached (the write may have happened), Internal when what it reads breaks an invariant.
type Store interface {
	// Create writes a new payment unless its key is taken; then it gives the payment that stands there and ErrConflict.
	Create(ctx context.Context, p payment.Payment) (payment.Payment, error)

	// Load reads one payment consistently. NotFound when there is none.
	Load(ctx context.Context, id payment.ID) (payment.Payment, error)

	// Attempts reads all payments of an order consistently, oldest first; none is no error.
	Attempts(ctx context.Context, order string) ([]payment.Payment, error)

	// Save replaces the version that p was read as, and gives p with its new Rev. ErrConflict when another was saved since.
	Save(ctx context.Context, p payment.Payment) (payment.Payment, error)

	// Due gives the ids in one shard (0 to Shards-1) of the bank's to-do list that are due at now, the longest waiting first, at
	// most limit. It may be a moment old.
	Due(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error)
}

// Shards is into how many keys each to-do list is split, so that no one key takes all its writes.
const Shards = payment.Shards

// ErrConflict says that another version was saved first: read again and decide again.
var ErrConflict = payment.ErrConflict

// Banks finds the bank that a shop has settings for. Misconfigured when it has none, Unavailable when they cannot be fetched.
type Banks interface {
	Bank(ctx context.Context, shop, name string) (bank.Bank, error)
}

// Service is Kassa's use cases over its store and its banks. It may serve several invocations at once.
type Service struct {
	Store       Store
	Banks       Banks
	Now         func() time.Time
	Log         *slog.Logger
	CallbackURL string // base of our callback addresses, without a trailing slash; needed by Initiate alone
}
