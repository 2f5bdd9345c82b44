package world

import (
	"slices"
	"strings"
)

// turns lets one worker go on at a time: each stops before every call until it is picked.
type turns struct {
	picked int         // who goes on
	turn   []chan bool // by worker
	halted chan bool   // whoever went on has stopped: before a call, or, if false, for good
	next   []string    // what each is about to do
}

// halt is what a worker does before each call.
func (t *turns) halt(g *gate, call string) {
	me, at := t.picked, g.at
	t.next[me] = call
	t.halted <- true
	<-t.turn[me]
	g.at = at
}

// commute says whether it makes no difference which of two calls comes first.
func commute(one, other string) bool {
	placeOne, whatOne, _ := strings.Cut(one, " ")
	placeOther, whatOther, _ := strings.Cut(other, " ")
	return placeOne != placeOther || reads(whatOne) && reads(whatOther)
}

// reads says whether a call changes nothing for others.
func reads(what string) bool {
	return what != "save" && what != "create" && what != "deliver" && what != "move"
}

// run lets the workers go on in the order of the path, of those that are not done; where the path ends, the first of
// them. It gives the whole path, and how many there were to pick from at each step. Of orders that differ only in
// calls which commute, one is enough: the first does not go on after a call of the second that its own would commute
// with, since it could have gone before.
func (t *turns) run(path []int, workers []func()) (taken, width []int) {
	t.halted, t.turn, t.next = make(chan bool), make([]chan bool, len(workers)), make([]string, len(workers))
	var left []int
	for i, work := range workers {
		t.turn[i] = make(chan bool)
		go func() {
			<-t.turn[i]
			work()
			t.halted <- false
		}()
		if t.goOn(i) { // up to its first call, which is nothing to the other
			left = append(left, i)
		}
	}
	before, did := 0, ""
	for len(left) > 0 {
		at := 0
		switch step := len(taken); {
		case step < len(path):
			at = min(path[step], len(left)-1)
		case len(left) > 1 && before > left[0] && commute(did, t.next[left[0]]):
			at = 1
		}
		taken, width = append(taken, at), append(width, len(left))
		before, did = left[at], t.next[left[at]]
		if !t.goOn(left[at]) {
			left = slices.Delete(left, at, at+1)
		}
	}
	return taken, width
}

// goOn lets a worker go on to its next call; false when it is done.
func (t *turns) goOn(worker int) bool {
	t.picked = worker
	t.turn[worker] <- true
	return <-t.halted
}

// Next is the path to take after this one, nil when all were taken.
func Next(taken, width []int) []int {
	for i := len(taken) - 1; i >= 0; i-- {
		if taken[i]+1 < width[i] {
			return append(slices.Clone(taken[:i]), taken[i]+1)
		}
	}
	return nil
}

// Pair lets two events happen at once, whose calls follow each other as the path says, with a fault among them.
func (w *World) Pair(one, other Event, path []int, f Fault) (taken, width []int, calls []string) {
	w.advance(pause)
	w.fault, w.calls, w.throttle = f, nil, 0
	w.turns = &turns{}
	taken, width = w.turns.run(path, []func(){
		func() { w.guard(func() { one.do(w) }) },
		func() { w.guard(func() { other.do(w) }) },
	})
	w.turns, w.at = nil, nil
	calls, w.fault, w.throttle = w.calls, Fault{}, 0
	w.settleOverdue()
	w.observe()
	return taken, width, calls
}
