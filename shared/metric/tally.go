package metric

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Tally gathers the figures of one request or run on their way to its line. It may be added to by several goroutines.
type Tally struct {
	mu      sync.Mutex
	figures []Figure // in the order in which their names first came
}

// tallyKey is where a context holds the tally of what it serves.
type tallyKey struct{}

// Begin gives a context in which Add is heard, and the tally that hears it.
func Begin(ctx context.Context) (context.Context, *Tally) {
	t := &Tally{}
	return context.WithValue(ctx, tallyKey{}, t), t
}

// Add notes a figure for the line of the request or run that ctx serves; figures of one name become one, as their
// metric folds them. Where nobody counts, as in the command kassa, it does nothing.
func Add(ctx context.Context, name Name, value int64) {
	if t, ok := ctx.Value(tallyKey{}).(*Tally); ok {
		t.add(Figure{name, value})
	}
}

func (t *Tally) add(f Figure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.figures, func(have Figure) bool { return have.Name == f.Name })
	if i < 0 {
		t.figures = append(t.figures, f)
		return
	}
	have := &t.figures[i]
	switch of(f.Name).Fold {
	case Least:
		have.Value = min(have.Value, f.Value)
	case Most:
		have.Value = max(have.Value, f.Value)
	case Sum:
		have.Value += f.Value
	}
}

// Attrs are the attributes of a line with all that was added; none when nothing was.
func (t *Tally) Attrs(now time.Time, stage string) []any {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.figures) == 0 {
		return nil
	}
	return Attrs(now, stage, t.figures...)
}
