package environment

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/payment"
)

// prewarmTime bounds the one call that a starting function makes ahead of its first request.
const prewarmTime = 800 * time.Millisecond

// Loader is what prewarming needs of a store.
type Loader interface {
	Load(ctx context.Context, id payment.ID) (payment.Payment, error)
}

// Prewarm reads a payment that cannot be, so that the connection to the table stands before the first customer waits
// for it. It never fails a start: what it could not do, the first request does.
func Prewarm(store Loader, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
	defer cancel()
	_, err := store.Load(ctx, payment.ID{Order: payment.OrderKey("", "prewarm"), Attempt: 1})
	if err != nil && payment.KindOf(err) != payment.NotFound {
		log.Warn("the table could not be reached ahead of the first request", "error", err.Error())
	}
}
