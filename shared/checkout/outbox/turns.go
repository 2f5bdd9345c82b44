package outbox

import (
	"cmp"
	"slices"
	"sync"

	"kassa/shared/payment"
)

// turns deals out what waits in the outbox so that no shop waits for another: whoever is being told least comes next. A shop that
// fails is passed over, however long its list is.
type turns struct {
	mu      sync.Mutex
	shops   []*turn // the next to be told first, among those of which equally many are being told
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
	i := slices.IndexFunc(t.shops, func(s *turn) bool { return s.shop == w.Shop })
	if i < 0 {
		t.shops = append(t.shops, &turn{shop: w.Shop})
		i = len(t.shops) - 1
	}
	if s := t.shops[i]; len(s.waiting) < perShop {
		s.waiting = append(s.waiting, w.ID)
	} else {
		t.skipped++
	}
}

// take gives the next payment, and what to call when its shop was told; false when nothing is left.
func (t *turns) take(failing func(shop string) bool) (id payment.ID, done func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.shops {
		if failing(s.shop) {
			t.skipped += len(s.waiting)
			s.waiting = nil
		}
	}
	t.shops = slices.DeleteFunc(t.shops, func(s *turn) bool { return len(s.waiting) == 0 })
	if len(t.shops) == 0 {
		return payment.ID{}, nil, false
	}
	next := slices.MinFunc(t.shops, func(a, b *turn) int { return cmp.Compare(a.busy, b.busy) })
	i := slices.Index(t.shops, next)
	t.shops = append(slices.Delete(t.shops, i, i+1), next) // the others first, next time
	id, next.waiting = next.waiting[0], next.waiting[1:]
	next.busy++
	return id, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		next.busy--
	}, true
}
