package search

import (
	"cmp"
	"slices"

	"kassa/infra/explore/world"
)

// sortPlaces puts places into an order that does not depend on who came there first.
func sortPlaces(all []place) {
	text := map[int]string{}
	for i := range all {
		all[i].by = i
		text[i] = all[i].so.String()
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(text[a.by], text[b.by]) })
}

// visit goes on from one place, in a world.
type visit struct {
	*Search
	w      *world.World
	counts *Counts // of whoever works in the world
	place
	here  world.Digest
	back  func()
	lore  *world.Lore  // of two at once
	stand *world.Stand // before the last move of a step's path
	meets string       // the call that has the fault, as it was called without
}

// begin leads a fresh world to where histories begin.
func (v visit) begin() {
	start := v.w.Mark()
	for i, scene := range Scenes() {
		so, err := Parse(v.name + ": " + scene)
		if err != nil {
			panic(err) //nolint:forbidigo // scenes are written by us, and a test reads them
		}
		start()
		for j := range so.Steps {
			so.Steps[j].Fault.At = v.first(so.Steps[j])
			so.Steps[j].take(v.w, nil, nil)
		}
		v.place = place{left{v.bounds.after(so), v.bounds.Faults}, so, i}
		v.settle(v.w.Digest(), v.place)
	}
}

// first is the first call of a scene's step that can meet its fault; 0 when it has none.
func (v visit) first(step Step) int {
	kind, back := step.Fault.Kind, v.w.Mark()
	defer back()
	step.Fault = world.Fault{}
	moves, _ := step.take(v.w, nil, nil)
	return 1 + slices.IndexFunc(moves, func(m world.Move) bool { return slices.Contains(world.Kinds(m.Call), kind) })
}

// from lets everything happen that can happen at the place: each event by itself, with a fault at each of its calls,
// and each two at once. The place's own history is repeated first, which is a few steps where hundreds follow: so no
// world is kept for later.
func (v visit) from() {
	defer func() {
		if v.late.Load() {
			v.missed.Add(1)
		}
	}()
	for _, step := range v.so.Steps {
		step.take(v.w, nil, nil)
	}
	v.here, v.back = v.w.Digest(), v.w.Mark()
	v.counts.Places++
	var busy, spare []world.Event
	for _, e := range world.Events() {
		if v.back(); v.w.Spare(e, "") {
			spare = append(spare, e)
			continue
		}
		moves := v.step(Step{One: e.Name})
		if len(moves) > 0 && !e.Alone {
			busy = append(busy, e)
		}
		if v.faults == 0 {
			continue
		}
		for i, m := range moves {
			v := v
			v.meets = m.Call
			for _, kind := range world.Kinds(m.Call) {
				v.step(Step{One: e.Name, Fault: world.Fault{At: i + 1, Kind: kind}})
			}
		}
	}
	if v.bounds.Pairs && v.events > 1 {
		v.pairs(busy, spare)
	}
}

// step takes a step from the place and looks where it leads, in a world that first goes back to the place. It gives
// nothing when the time is over, so that whoever calls it soon comes to an end.
func (v visit) step(step Step) []world.Move {
	if v.late.Load() {
		return nil
	}
	v.back()
	moves, again := step.take(v.w, v.lore, v.stand)
	v.counts.add(step, moves, v.meets, v.faults)
	if again {
		v.counts.Again++
		return moves
	}
	v.counts.Histories++
	if step.Other != "" {
		v.counts.Together++
	}
	here := v.w.Digest()
	if here == v.here {
		return moves // nothing has happened
	}
	next := left{v.events - step.weight(), v.faults}
	if step.Fault.Kind != world.None {
		next.faults--
	}
	step.Path = path(step, moves)
	v.settle(here, place{next, v.so.with(step), v.by})
	return moves
}

// settle notes where a step has led, and drives a state to rest that nobody has seen.
func (v visit) settle(here world.Digest, p place) {
	if v.arrive(here, p) {
		if problems := v.w.Settle(); len(problems) > 0 {
			v.find(here, p.so, problems)
		}
	}
}
