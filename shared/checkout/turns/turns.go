// Package turns deals out what waits in a to-do list so that nobody waits for another: whoever is being served least
// comes next. A shop with a long list, or whose other end is dead or slow, holds up itself alone; and however many
// shops wait at one other end, such as a bank that hangs, they leave the others their share of the workers.
package turns

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// Turns is what waits, by the other end and by who waits there. Several workers may take from it at once.
type Turns struct {
	Workers int // that serve at once
	PerOne  int // payments of one in one run
	PerEnd  int // payments at one other end in one run, beside the first of each: they stand in memory

	mu      sync.Mutex
	free    *sync.Cond
	known   map[string]*turn
	ends    []*end
	skipped int
}

// List goes through the entries of one shard of a to-do list, the longest waiting first. An error is the last that
// comes.
type List = iter.Seq2[payment.ListEntry, error]

// end is whom those in its queue wait for, such as a bank.
type end struct {
	name  string
	queue []*turn // those who wait, the one whose last turn is longest ago first
	kept  int     // payments in all lists
	busy  int     // being served just now
}

// turn is what waits for one.
type turn struct {
	who     string
	waiting []payment.ID
	busy    int // being served just now
}

// New makes an empty list with its bounds.
func New(workers, perOne, perEnd int) *Turns {
	t := &Turns{Workers: workers, PerOne: perOne, PerEnd: perEnd, known: map[string]*turn{}}
	t.free = sync.NewCond(&t.mu)
	return t
}

// Fill adds the lists of shards, in each minute from another one on: of one who has more than there is time for, no
// payment is always among the last. Each list may take its share of half the invocation's time: behind one long list
// others may wait. who says at which other end one waits, and who that is. The error joins those of the lists that
// could not be read.
func (t *Turns) Fill(ctx context.Context, now time.Time, lists []List,
	who func(payment.ListEntry) (at, who string)) error {
	var errs []error
	minute := now.Unix() / 60
	first, share := int(minute%int64(len(lists))), saving.Remaining(ctx)/2/time.Duration(len(lists))
	for i := range lists {
		until := saving.Remaining(ctx) - share
		for w, err := range lists[(first+i)%len(lists)] {
			if err != nil {
				errs = append(errs, err)
				break
			}
			at, one := who(w)
			if t.Add(at, one, w.ID); saving.Remaining(ctx) < until {
				break
			}
		}
	}
	t.rotate(minute)
	return errors.Join(errs...)
}

// rotate begins each queue in another place in each minute, so that where a run's time is enough for some alone, nobody
// is always among the last. Steps of the golden section reach every place about equally soon, however many have their
// turn in one run and whichever minutes it comes in.
func (t *Turns) rotate(minute int64) {
	const golden, whole = 40503, 1 << 16 // golden is whole * 0.618
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.ends {
		slices.SortFunc(e.queue, func(a, b *turn) int { return cmp.Compare(a.who, b.who) })
		first := minute * golden % whole * int64(len(e.queue)) / whole
		e.queue = slices.Concat(e.queue[first:], e.queue[:first])
	}
}

// Add puts a payment at the end of the list of who waits for it at an other end; one that a run could never come to is
// not kept.
func (t *Turns) Add(at, who string, id payment.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, s := t.end(at), t.known[who]
	if s == nil {
		s = &turn{who: who}
		t.known[who] = s
		e.queue = append(e.queue, s)
	}
	if len(s.waiting) > 0 && (len(s.waiting) >= t.PerOne || e.kept >= t.PerEnd) {
		t.skipped++
		return
	}
	s.waiting = append(s.waiting, id)
	e.kept++
}

func (t *Turns) end(name string) *end {
	for _, e := range t.ends { // there are as many as banks
		if e.name == name {
			return e
		}
	}
	t.ends = append(t.ends, &end{name: name})
	return t.ends[len(t.ends)-1]
}

// Serve has the workers serve what waits, until nothing is left or there is no more time. limit is Take's.
func (t *Turns) Serve(limit func(who string) int, more func() bool, serve func(payment.ID)) {
	var group sync.WaitGroup
	for range t.Workers {
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
	at, place, held := t.next(limit)
	for at == nil && held {
		t.free.Wait()
		at, place, held = t.next(limit)
	}
	if at == nil {
		return payment.ID{}, nil, false
	}
	next := at.pull(place)
	id, next.waiting = next.waiting[0], next.waiting[1:]
	if len(next.waiting) > 0 {
		at.queue = append(at.queue, next)
	}
	if len(at.queue) == 0 {
		t.free.Broadcast() // the other ends' shares have grown
	}
	next.busy++
	at.busy++
	return id, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		next.busy--
		at.busy--
		t.free.Broadcast()
	}, true
}

// next is the other end at which fewest are being served, and the place in its queue of who may be served there, nil
// for nobody; held says that somebody waits who may not. While others wait elsewhere, no end takes more than its share
// of the workers: what they are kept waiting for at one that hangs, nobody knows before.
func (t *Turns) next(limit func(who string) int) (best *end, place int, held bool) {
	sharing := 0
	for _, e := range t.ends {
		if len(e.queue) > 0 {
			sharing++
		}
	}
	for _, e := range t.ends {
		i, blocked := t.nextAt(e, limit)
		full := e.busy*sharing >= t.Workers
		held = held || blocked || i >= 0 && full
		if i >= 0 && !full && (best == nil || e.busy < best.busy) {
			best, place = e, i
		}
	}
	return best, place, held
}

// nextAt is the place in an end's queue of who is served least and may be served, -1 for nobody.
func (t *Turns) nextAt(e *end, limit func(who string) int) (best int, held bool) {
	best = -1
	// at most as many are busy as there are workers
	for i := 0; i < len(e.queue) && (best < 0 || e.queue[best].busy > 0); {
		s := e.queue[i]
		most := limit(s.who)
		if most <= 0 {
			t.skipped += len(s.waiting)
			e.pull(i)
			continue
		}
		held = held || s.busy >= most
		if s.busy < most && (best < 0 || s.busy < e.queue[best].busy) {
			best = i
		}
		i++
	}
	return best, held
}

// pull takes the ith out of the queue, where few stand before it.
func (e *end) pull(i int) *turn {
	s := e.queue[i]
	copy(e.queue[1:i+1], e.queue[:i])
	e.queue = e.queue[1:]
	return s
}

// Left is how many payments nobody was served of.
func (t *Turns) Left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.skipped
	for _, e := range t.ends {
		for _, s := range e.queue {
			n += len(s.waiting)
		}
	}
	return n
}

// Heads are the longest waiting payments of up to n of those who wait at each end.
func (t *Turns) Heads(n int) (ids []payment.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.ends {
		for _, s := range e.queue[:min(n, len(e.queue))] {
			ids = append(ids, s.waiting[0])
		}
	}
	return ids
}
