package search

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"kassa/infra/explore/world"
)

// TestNoOrderIsLeftOut: the orders that are tried of two at once lead to all states to which any order leads, with any
// fault at any call.
func TestNoOrderIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"karta: create; cancel|poll:", "txpg: create; pay; cancel|poll:",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			script, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			last := len(script.Steps) - 1
			pair := script.Steps[last]
			script.Steps = script.Steps[:last]
			some, all := map[world.Digest]bool{}, map[world.Digest]bool{}
			synctest.Test(t, func(t *testing.T) {
				v := at(t, script)
				v.orders(pair, branch{})
				for here := range v.seen {
					some[here] = true
				}
				every(v, pair, func() { all[v.w.Digest()] = true })
				v.w.Close()
			})
			delete(all, script.digest(t))
			missed := 0
			for here := range all {
				if !some[here] {
					missed++
				}
			}
			if missed > 0 || len(all) < 10 {
				t.Errorf("%d of %d states were missed", missed, len(all))
			}
		})
	}
}

// at is a visit to where a script leads.
func at(t *testing.T, so Script) visit {
	t.Helper()
	w, err := world.New(so.Bank)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range so.Steps {
		step.take(w, nil, nil)
	}
	b, counts := Bounds{Events: 2, Faults: 1, Pairs: true}, newCounts(so.Bank, Bounds{})
	return visit{Search: newSearch(so.Bank, b, &atomic.Bool{}, func(f Finding) { t.Error(f) }), w: w, counts: &counts,
		place: place{left: left{2, 1}, so: so}, here: w.Digest(), back: w.Mark(),
		lore: world.NewLore()}
}

// every takes every path there is, with each fault at each of its calls and without one.
func every(v visit, pair Step, look func()) {
	for path := []int{}; path != nil; {
		run := func(f world.Fault) []world.Move {
			v.back()
			step := pair
			step.Path, step.Fault = path, f
			moves, _ := step.take(v.w, nil, nil)
			look()
			return moves
		}
		moves := run(world.Fault{})
		for i, m := range moves {
			for _, kind := range world.Kinds(m.Call) {
				run(world.Fault{At: i + 1, Kind: kind})
			}
		}
		path = next(pair, moves)
	}
}

// next is the path after the one that led to these moves; nil when all were taken.
func next(pair Step, moves []world.Move) []int {
	taken := path(pair, moves)
	for i := len(moves) - 1; i >= 0; i-- {
		if moves[i].Worker == 0 && moves[i].Other != "" {
			return append(slices.Clone(taken[:i]), 1)
		}
	}
	return nil
}

// digest names the state that a script leads to.
func (s Script) digest(t *testing.T) (here world.Digest) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := at(t, s)
		here = v.here
		v.w.Close()
	})
	return here
}
