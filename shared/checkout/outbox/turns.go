package outbox

import (
	"sync"

	"kassa/shared/payment"
)

// turns deals out what waits in the outbox so that no shop waits for another: whoever is being told least comes next. A shop that
// fails is passed over, however long its list is.
type turns struct {
	mu      sync.Mutex
	known   map[string]*turn
	queue   []*turn // those with something to hear, the one whose last turn is longest ago first
	kept    int     // payments in all lists
	skipped int
}

// turn is what one shop has to hear.
type turn struct {
	shop    string
	waiting []payment.ID
	busy    int // being told just now
}

// add puts a payment at the end of its shop's list; one that a run could never come to is not kept.
func (t *turns) add(w payment.Waiting) {
	s := t.known[w.Shop]
	if s == nil {
		s = &turn{shop: w.Shop}
		t.known[w.Shop] = s
		t.queue = append(t.queue, s)
	}
	if len(s.waiting) > 0 && (len(s.waiting) >= perShop || t.kept >= perRun) {
		t.skipped++
		return
	}
	s.waiting = append(s.waiting, w.ID)
	t.kept++
}

// take gives the next payment, and what to call when its shop was told; false when nothing is left.
func (t *turns) take(failing func(shop string) bool) (id payment.ID, done func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	best := -1
	for i := 0; i < len(t.queue) && (best < 0 || t.queue[best].busy > 0); { // at most as many are busy as there are workers
		s := t.queue[i]
		if failing(s.shop) {
			t.skipped += len(s.waiting)
			t.pull(i)
			continue
		}
		if best < 0 || s.busy < t.queue[best].busy {
			best = i
		}
		i++
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
	}, true
}

// pull takes the ith shop out of the queue, where few stand before it.
func (t *turns) pull(i int) *turn {
	s := t.queue[i]
	copy(t.queue[1:i+1], t.queue[:i])
	t.queue = t.queue[1:]
	return s
}

// left is how many payments nobody was told of.
func (t *turns) left() int {
	n := t.skipped
	for _, s := range t.queue {
		n += len(s.waiting)
	}
	return n
}
