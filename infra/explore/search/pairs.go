package search

import (
	"fmt"

	"kassa/infra/explore/world"
)

// pair is two events at once, from one state.
type pair struct {
	*Search
	left reach
	so   Script
	here world.Digest
	back func()
	step Step
	done map[string]bool // faults that were tried, by the order of the calls up to them
}

// pairs lets each two events happen at once, in every order of their calls that matters.
func (s *Search) pairs(left reach, so Script, here world.Digest, back func()) {
	for i, one := range s.events {
		for _, other := range s.events[i:] {
			if !one.Alone && !other.Alone {
				p := pair{s, left, so, here, back, Step{One: one.Name, Other: other.Name}, map[string]bool{}}
				p.orders(nil, world.Fault{})
			}
		}
	}
}

// orders tries every order of the calls that begins so. Where there is no fault yet, it puts one at each call.
func (p *pair) orders(begin []int, f world.Fault) {
	for path := append([]int{}, begin...); path != nil; {
		p.back()
		step := p.step
		step.Path, step.Fault = path, f
		calls, taken, width := step.take(p.w)
		p.Runs++
		p.Interleavings++
		step.Path = taken
		left := reach{p.left.events - 2, p.left.faults}
		if f.Kind != world.None {
			left.faults--
		}
		p.arrive(left, p.so.with(step), p.here)
		if f.Kind == world.None && p.left.faults > 0 && len(p.so.Steps)+2 <= p.bounds.Both+p.scene {
			p.faults(taken, calls)
		}
		path = world.Next(taken, width)
		if len(path) <= len(begin) && path != nil {
			return
		}
		if p.step.One == p.step.Other && len(path) > 0 && path[0] > 0 {
			return // of two that are alike it does not matter who comes first
		}
	}
}

// faults puts each fault at each call of an order, once for all orders that are the same up to there.
func (p *pair) faults(taken []int, calls []string) {
	for i, call := range calls {
		if i >= len(taken) {
			return
		}
		for _, kind := range world.Kinds(call) {
			name := fmt.Sprint(taken[:i+1], kind)
			if !p.done[name] {
				p.done[name] = true
				p.met(call, kind)
				p.orders(taken[:i+1], world.Fault{At: i + 1, Kind: kind})
			}
		}
	}
}
