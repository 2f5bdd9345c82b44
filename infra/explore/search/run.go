package search

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kassa/infra/explore/world"
)

// work is what one of those who search does next.
type work struct {
	search *Search
	place  place
}

// Run searches through the histories of banks, with as many at it as there are processors: first what has the fewest
// events, since a state that is met with most events left need not be gone on from again. What is found does not depend
// on who is faster.
func Run(t *testing.T, banks []string, b Bounds, tell func(Finding)) (all []Counts) {
	t.Helper()
	var late atomic.Bool
	if b.Limit > 0 {
		defer time.AfterFunc(b.Limit, func() { late.Store(true) }).Stop()
	}
	var begin []work
	for _, name := range banks {
		begin = append(begin, work{newSearch(name, b, &late, tell), place{}})
	}
	together(t, "scenes", begin, visit.begin)
	for events := range b.Events {
		var level []work
		for _, w := range begin {
			for _, p := range w.search.level(events) {
				level = append(level, work{w.search, p})
			}
		}
		together(t, fmt.Sprintf("after %d events", events), level, visit.from)
	}
	for _, w := range begin {
		w.search.counts.Left = int(w.search.missed.Load())
		all = append(all, w.search.counts)
	}
	return all
}

// together does all of the work, in bubbles where time costs nothing. No bubble waits for another.
func together(t *testing.T, name string, all []work, do func(visit)) {
	t.Helper()
	var next atomic.Int64
	t.Run(name, func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					worlds := worlds{}
					for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
						worlds.do(t, all[i], do)
					}
					worlds.done()
				})
			})
		}
	})
}

// worlds are those in which one works, a bank each. A world stays in the bubble that it was made in, as its clock does.
type worlds map[*Search]*inhabited

type inhabited struct {
	w      *world.World
	start  func()
	counts Counts
}

func (all worlds) do(t *testing.T, w work, do func(visit)) {
	t.Helper()
	if w.search.late.Load() {
		w.search.missed.Add(1)
		return
	}
	mine := all[w.search]
	if mine == nil {
		made, err := world.New(w.search.name)
		if err != nil {
			t.Fatal(err)
		}
		mine = &inhabited{made, made.Mark(), newCounts(w.search.name, w.search.bounds)}
		all[w.search] = mine
	}
	mine.start()
	do(visit{Search: w.search, w: mine.w, counts: &mine.counts, place: w.place})
}

// done adds what was counted to what the searches have counted.
func (all worlds) done() {
	for s, mine := range all {
		mine.w.Close()
		s.mu.Lock()
		s.counts.join(mine.counts)
		s.mu.Unlock()
	}
}
