package world

import (
	"runtime"
	"slices"
	"strings"
	"time"
)

// turns lets one worker go on at a time: each stops before every call until it is picked.
type turns struct {
	picked int         // who goes on
	turn   []chan bool // by worker
	halted chan bool   // whoever went on has stopped: before a call, or, if false, for good
	next   []string    // what each is about to do
	heard  [2]digester // what each was answered
	drawn  drawn
	writes int  // of the table
	over   bool // what follows is known: nobody makes a call any more
}

// halt is what a worker does before each call.
func (t *turns) halt(g *gate, call string) {
	me, at := t.picked, g.at
	t.next[me] = call
	t.halted <- true
	<-t.turn[me]
	g.at = at
}

// Move is one call of one of two workers.
type Move struct {
	Worker int
	Call   string // as it is known before it is made
	Kind   Kind   // of the fault that it meets
	Other  string // what the other would have done instead; empty when it is done
	Before Digest // names how everything stood before it, both workers included; zero for a move that the path said
	felt   bool   // by every later move: its worker has let time pass after it, or the table was refusing calls
}

// Commutes says whether it makes no difference which of two moves of two workers comes first, the second following the
// first at once.
func (m Move) Commutes(next Move) bool {
	switch {
	case m.idle() || next.idle():
		return true
	case m.lasts() || next.lasts():
		return false
	}
	one, other := place(m.Call), place(next.Call)
	return one != other || !m.changes() && !next.changes()
}

func place(call string) string {
	name, _, _ := strings.Cut(call, " ")
	return name
}

// idle says that a move does nothing, here or elsewhere.
func (m Move) idle() bool {
	return !m.felt && (m.Kind == Refused || m.Kind == Killed || m.Kind == Cut)
}

// lasts says that a move is felt by whatever comes after it.
func (m Move) lasts() bool {
	return m.felt || m.Kind == Slow || m.Kind == Overdue || m.Kind == Throttle
}

// changes says whether others may see that the move was made.
func (m Move) changes() bool {
	switch place(m.Call) {
	case "table":
		return m.Call == "table save" || m.Call == "table create"
	case "bank":
		return !strings.HasSuffix(m.Call, "?") || m.Kind == Stale || m.Kind == Lags
	}
	return true
}

// kills says whether the worker makes no further move.
func (k Kind) kills() bool { return k == Killed || k == Done }

// Apart says whether an order of moves in which this one meets its fault is an order of its own, and not one that was
// looked at already with moves that commute the other way around. before is the move before it, if any.
func (m Move) Apart(before *Move) bool {
	if m.Worker == 0 {
		return before == nil || before.Worker == 0 || !before.Commutes(m)
	}
	return !m.Kind.kills() || m.Other == "" || !m.Commutes(Move{Call: m.Other})
}

// run lets the workers go on in the order of the path, of those that are not done; where the path ends, the first of
// them. Of orders that differ only in moves which commute one is enough: the first worker does not go on after a move
// of the second that its own would commute with, since it could have gone before. Where it must, because the second is
// done, this is such an order again. So it is where all stands as it did in another order: then it ends there.
func (t *turns) run(w *World, order Order, workers []func()) (moves []Move, again bool) {
	t.halted, t.turn, t.next = make(chan bool), make([]chan bool, len(workers)), make([]string, len(workers))
	var left []int
	for i, work := range workers {
		t.turn[i] = make(chan bool)
		go func() {
			deepen()
			<-t.turn[i]
			work()
			t.halted <- false
		}()
		w.at = nil     // whoever began before it may stand within an invocation, and be killed there
		if t.goOn(i) { // up to its first call, which is nothing to the other
			left = append(left, i)
		}
	}
	began := time.Now()
	for len(left) > 0 {
		at, next := 0, Move{Worker: left[0], Call: t.next[left[0]]}
		steps := len(moves)
		after := steps > 0 && moves[steps-1].Worker > next.Worker && moves[steps-1].Commutes(next)
		switch {
		case steps < len(order.Path):
			at = min(order.Path[steps], len(left)-1)
		case after && len(left) > 1:
			at = 1
		case after:
			again = true
		}
		m := Move{Worker: left[at], Call: t.next[left[at]]}
		if steps >= len(order.Path) && !again && order.Known != nil {
			if m.Before = w.midway(left, moves, time.Since(began)); order.Known(m.Before) {
				t.over = true
				for _, worker := range left {
					t.goOn(worker)
				}
				return moves, true
			}
		}
		if steps+1 == order.Fault.At {
			m.Kind = order.Fault.Kind
		}
		if len(left) > 1 {
			m.Other = t.next[left[1-at]]
		}
		before, throttled := time.Now(), w.throttle > 0 && place(m.Call) == "table"
		if !t.goOn(left[at]) {
			left = slices.Delete(left, at, at+1)
		}
		m.felt = time.Since(before) > 0 || throttled
		moves = append(moves, m)
	}
	return moves, again
}

// deepen gives a goroutine the stack that it will need while there is nothing on it yet that must be moved with it.
//
//go:noinline
func deepen() {
	var room [100 << 10]byte
	runtime.KeepAlive(&room)
}

// goOn lets a worker go on to its next call; false when it is done.
func (t *turns) goOn(worker int) bool {
	t.picked = worker
	t.turn[worker] <- true
	return <-t.halted
}

// Order is how the calls of two workers follow each other.
type Order struct {
	Path  []int // at each step who of those that are not done goes on
	Fault Fault // at one of all their calls

	// Known says of how all stands after the path whether it was met in another order; nil = nothing was.
	Known func(Digest) bool
}

// Pair lets two events happen at once, in an order of their calls. It says whether this is another order again: then
// the world need not be looked at.
func (w *World) Pair(one, other Event, order Order) (moves []Move, again bool) {
	w.advance(pause)
	w.fault, w.calls, w.throttle = order.Fault, nil, 0
	w.turns = &turns{drawn: drawn{w.known, map[string]int{}}}
	moves, again = w.turns.run(w, order, []func(){
		func() { w.guard(func() { one.do(w) }) },
		func() { w.guard(func() { other.do(w) }) },
	})
	w.turns, w.at = nil, nil
	for i := range min(len(moves), len(w.calls)) {
		moves[i].Call = w.calls[i]
	}
	w.fault, w.throttle = Fault{}, 0
	w.settleOverdue()
	w.observe()
	return moves, again
}
