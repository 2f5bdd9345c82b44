package saving

import (
	"context"
	"time"
)

// Bounds of an invocation's time.
const (
	Untimed    = 30 * time.Second // stands in for the invocation's deadline where there is none
	AnswerTime = time.Second      // what must be left to tell the caller that the store does not answer
)

// Remaining is how long this invocation may still run.
func Remaining(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return Untimed
}

// Within bounds a piece of work: its own longest time, and what must be left of the invocation for what comes after it.
func Within(ctx context.Context, most, reserve time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, min(most, Remaining(ctx)-reserve))
}

// Pass lets time pass; false when the invocation's is over.
func Pass(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
