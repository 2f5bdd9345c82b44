package environment

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kassa/shared/payment"
)

// prewarmTime bounds the calls that a starting function makes ahead of its first request.
const prewarmTime = 800 * time.Millisecond

// Call is one that a start makes, so that the first customer does not wait for it.
type Call struct {
	Whom  string // "the table"
	About []any  // attributes of a line of the log
	Make  func(ctx context.Context) error
}

// Loader is what prewarming needs of a store.
type Loader interface {
	Load(ctx context.Context, id payment.ID) (payment.Payment, error)
}

// Table reads a payment that cannot be, so that the connection to the table stands.
func Table(store Loader) Call {
	return Call{Whom: "the table", Make: func(ctx context.Context) error {
		_, err := store.Load(ctx, payment.ID{Order: payment.OrderKey("", "prewarm"), Attempt: 1})
		if payment.KindOf(err) == payment.NotFound {
			return nil
		}
		return err
	}}
}

// Prewarm makes the calls side by side. It never fails a start: what it could not do, the first request does.
func Prewarm(log *slog.Logger, calls ...Call) {
	ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
	defer cancel()
	var all sync.WaitGroup
	for _, c := range calls {
		all.Go(func() {
			if err := c.Make(ctx); err != nil {
				log.Warn(c.Whom+" could not be reached ahead of the first request", append(c.About, "error", err.Error())...)
			}
		})
	}
	all.Wait()
}
