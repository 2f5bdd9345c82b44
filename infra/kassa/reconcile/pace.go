package reconcile

import (
	"context"
	"fmt"
	"time"
)

// Oldest is how many days ago a day may be: what happened then is looked for in the book of each day since.
const Oldest = 400

// Polite is how many questions a second are asked where nobody says otherwise.
const Polite = 5

// Pace leaves time between two questions, so that a month's reconciliations are no load that a bank would notice. Who
// waits is let go when the command is ended.
func Pace(rate int) func(context.Context) error {
	between, next := time.Second/time.Duration(rate), time.Time{}
	return func(ctx context.Context) error {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return fmt.Errorf("asking the bank: %w", ctx.Err())
		case <-timer.C:
		}
		next = time.Now().Add(between)
		return nil
	}
}
