// Package turns deals out what waits in a to-do list so that nobody waits for another: whoever is being served least
// comes next. A shop with a long list, or whose other end is dead or slow, holds up itself alone.
package turns

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// Turns is what waits, by who waits. Several workers may take from it at once.
type Turns struct {
	PerOne int // payments of one in one run
	PerRun int // payments of all in one run, beside the first of each: they stand in memory

	mu      sync.Mutex
	free    *sync.Cond
	known   map[string]*turn
	queue   []*turn // those who wait, the one whose last turn is longest ago first
	kept    int     // payments in all lists
	skipped int
}

// turn is what waits for one.
type turn struct {
	who     string
	waiting []payment.ID
	busy    int // being served just now
}

// New makes an empty list with its bounds.
func New(perOne, perRun int) *Turns {
	t := &Turns{PerOne: perOne, PerRun: perRun, known: map[string]*turn{}}
	t.free = sync.NewCond(&t.mu)
	return t
}

// Fill adds all shards of a to-do list, in each minute from another one on: of one who has more than there is time for,
// no payment is always among the last. Each shard may take its share of half the invocation's time: behind one long
// list others may wait. The error joins those of the shards that could not be read.
func (t *Turns) Fill(ctx context.Context, now time.Time, list func(shard int) iter.Seq2[payment.ListEntry, error],
	who func(payment.ListEntry) string) error {
	var errs []error
	first, share := int(now.Unix()/60%payment.Shards), saving.Remaining(ctx)/2/payment.Shards
	for i := range payment.Shards {
		until := saving.Remaining(ctx) - share
		for w, err := range list((first + i) % payment.Shards) {
			if err != nil {
				errs = append(errs, err)
				break
			}
			if t.Add(who(w), w.ID); saving.Remaining(ctx) < until {
				break
			}
		}
	}
	return errors.Join(errs...)
}

// Add puts a payment at the end of its list; one that a run could never come to is not kept.
func (t *Turns) Add(who string, id payment.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.known[who]
	if s == nil {
		s = &turn{who: who}
		t.known[who] = s
		t.queue = append(t.queue, s)
	}
	if len(s.waiting) > 0 && (len(s.waiting) >= t.PerOne || t.kept >= t.PerRun) {
		t.skipped++
		return
	}
	s.waiting = append(s.waiting, id)
	t.kept++
}

// Serve has so many workers serve what waits, until nothing is left or there is no more time. limit is Take's.
func (t *Turns) Serve(workers int, limit func(who string) int, more func() bool, serve func(payment.ID)) {
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for more() {
				id, done, ok := t.Take(limit)
				if !ok {
					return
				}
				serve(id)
				done()
			}
		})
	}
	group.Wait()
}

// Take gives the next payment, and what to call when it was served; false when nothing is left. limit says how many of
// one's payments may be served at once: with 0 all that waits for that one is passed over for good, and below those
// that are being served it waits, and so does the caller when there is nobody else.
func (t *Turns) Take(limit func(who string) int) (id payment.ID, done func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	best, held := t.next(limit)
	for best < 0 && held {
		t.free.Wait()
		best, held = t.next(limit)
	}
	if best < 0 {
		return payment.ID{}, nil, false
	}
	next := t.pull(best)
	id, next.waiting = next.waiting[0], next.waiting[1:]
	if len(next.waiting) > 0 {
		t.queue = append(t.queue, next)
	}
	next.busy++
	return id, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		next.busy--
		t.free.Broadcast()
	}, true
}

// next is the place in the queue of who is served least and may be served, -1 for nobody; held says that somebody waits
// who may not.
func (t *Turns) next(limit func(who string) int) (best int, held bool) {
	best = -1
	// at most as many are busy as there are workers
	for i := 0; i < len(t.queue) && (best < 0 || t.queue[best].busy > 0); {
		s := t.queue[i]
		most := limit(s.who)
		if most <= 0 {
			t.skipped += len(s.waiting)
			t.pull(i)
			continue
		}
		held = held || s.busy >= most
		if s.busy < most && (best < 0 || s.busy < t.queue[best].busy) {
			best = i
		}
		i++
	}
	return best, held
}

// pull takes the ith out of the queue, where few stand before it.
func (t *Turns) pull(i int) *turn {
	s := t.queue[i]
	copy(t.queue[1:i+1], t.queue[:i])
	t.queue = t.queue[1:]
	return s
}

// Left is how many payments nobody was served of.
func (t *Turns) Left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.skipped
	for _, s := range t.queue {
		n += len(s.waiting)
	}
	return n
}

// Heads are the longest waiting payments of up to n of those who wait.
func (t *Turns) Heads(n int) (ids []payment.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.queue[:min(n, len(t.queue))] {
		ids = append(ids, s.waiting[0])
	}
	return ids
}
