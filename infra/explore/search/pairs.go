package search

import (
	"slices"

	"kassa/infra/explore/world"
)

// pairs lets each two of the events happen at once, in every order of their calls that matters. Of an event that makes
// no call here there is nothing to come between: both orders of the two are histories of single events.
func (v visit) pairs(busy, spare []world.Event) {
	lore := world.NewLore()
	for i, one := range busy {
		others := busy[i:]
		for _, e := range spare {
			if v.back(); !v.w.Spare(e, one.Name) {
				others = append(slices.Clip(others), e)
			}
		}
		for _, other := range others {
			v.lore = lore.Pair()
			v.orders(Step{One: one.Name, Other: other.Name}, branch{})
		}
	}
}

// branch is where an order of two at once parts from those before it: with a move after others.
type branch struct {
	before []world.Move
	move   world.Move
}

// orders tries every order of the calls that begins as the step says. Where there is no fault yet, it puts each one at
// each call.
func (v visit) orders(step Step, b branch) {
	begin := len(step.Path)
	moves := v.order(step, b)
	for i := begin; i < len(moves) && moves[i].Stand != nil && !moves[i].Again; i++ {
		v.lore.Meet(moves[i].Stand) // what can follow is tried below
	}
	for i := begin; i < len(moves); i++ {
		step, m := step, moves[i]
		step.Path = path(step, moves[:i])
		if v.faults > 0 && step.Fault.Kind == world.None {
			v.faultsAt(step, moves[:i], m)
		}
		alike := i == 0 && step.One == step.Other // of two that are alike it does not matter who comes first
		if m.Worker == 0 && m.Other != "" && !alike {
			step.Path = append(step.Path, 1)
			v.orders(step, branch{moves[:i], world.Move{Worker: 1, Stand: m.Stand}})
		}
		if v.again(moves[:i+1]) {
			return
		}
	}
}

// order takes an order of two at once, or says what it would bring when others have shown all of that.
func (v visit) order(step Step, b branch) []world.Move {
	if v.late.Load() {
		return nil
	}
	v.stand = b.move.Stand
	if v.stand != nil {
		if moves, known := v.lore.Foresee(b.before, b.move, step.Fault); known {
			v.counts.add(step, moves, v.meets, v.faults)
			v.counts.Again++
			return moves
		}
	}
	return v.step(step)
}

// again says whether the last of some moves could have been made before the one before it. Then all that follows is
// tried from there.
func (v visit) again(moves []world.Move) bool {
	last := len(moves) - 1
	return last > 0 && !moves[last].Apart(&moves[last-1])
}

// faultsAt puts each fault at the next call of either event after some moves. A call that would be another order again
// may be one of its own with a fault, for instance one that takes long: so both are looked at.
func (v visit) faultsAt(step Step, before []world.Move, next world.Move) {
	calls := []world.Move{next}
	if next.Other != "" {
		calls = append(calls, world.Move{Worker: 1 - next.Worker, Call: next.Other, Other: next.Call, Stand: next.Stand})
	}
	for _, m := range calls {
		if len(before) == 0 && m.Worker == 1 && step.One == step.Other {
			continue
		}
		v := v
		v.meets = m.Call
		for _, m.Kind = range world.Kinds(m.Call) {
			if v.again(append(slices.Clip(before), m)) {
				continue
			}
			step := step
			step.Path = path(step, append(slices.Clip(before), m))
			step.Fault = world.Fault{At: len(before) + 1, Kind: m.Kind}
			v.orders(step, branch{before, m})
		}
	}
}

// path is the order of some moves of two at once, as a script says it: who of those that are not done.
func path(step Step, moves []world.Move) (path []int) {
	if step.Other == "" {
		return nil
	}
	for _, m := range moves {
		at := m.Worker
		if m.Other == "" {
			at = 0
		}
		path = append(path, at)
	}
	return path
}
