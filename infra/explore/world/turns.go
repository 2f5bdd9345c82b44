package world

import (
	"slices"
	"strings"
	"time"
)

// turns lets one worker go on at a time: each stops before every call until it is picked.
type turns struct {
	picked int         // who goes on
	turn   []chan bool // by worker
	halted chan bool   // whoever went on has stopped: before a call, or, if false, for good
	next   [2]string   // what each is about to do; empty when it is done
	heard  [2]Digest   // what each was answered
	began  time.Time
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
	Stand  *Stand // how everything stood before it; nil for a move that the path said
	Again  bool   // another order begins again with it, or before
	said   string // the call as it was announced
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
// them. Of orders that differ only in moves which commute one is enough: see pick. Where another order is met again, or
// all stands as it did in another order, it is such an order again.
func (t *turns) run(w *World, order Order, workers []func()) (moves []Move, again bool) {
	left, began := t.begin(w, workers), time.Now()
	stood := order.From // before the last move; nil when nobody wants to know
	for len(left) > 0 {
		steps := len(moves)
		at, another := pick(left, t.next, moves, order.Path)
		m := Move{Worker: left[at], Call: t.next[left[at]], said: t.next[left[at]]}
		if steps >= len(order.Path) && !again && order.Lore != nil {
			m.Stand = t.stand(w, left, moves, time.Since(began))
			order.Lore.learn(stood, moves, w.calls, m.Stand)
			if !another && order.Lore.Met(m.Stand) {
				t.over = true
				for _, worker := range left {
					t.goOn(worker)
				}
				return moves, true
			}
			stood = m.Stand
		}
		if again = again || another; again {
			m.Again, stood = true, nil
		}
		if steps+1 == order.Fault.At {
			m.Kind = order.Fault.Kind
		}
		if len(left) > 1 {
			m.Other = t.next[left[1-at]]
		}
		before, throttled := time.Now(), w.throttle > 0 && place(m.Call) == "table"
		if !t.goOn(left[at]) {
			t.next[left[at]] = ""
			left = slices.Delete(left, at, at+1)
		}
		m.felt = time.Since(before) > 0 || throttled
		moves = append(moves, m)
	}
	if stood != nil && len(moves) >= len(order.Path) {
		end := t.stand(w, nil, moves, time.Since(began))
		order.Lore.learn(stood, moves, w.calls, end)
		order.Lore.ends[end.end()] = true
	}
	return moves, again
}

// begin lets each worker come to its first call, which is nothing to the other. It gives those that make one.
func (t *turns) begin(w *World, workers []func()) (left []int) {
	t.halted, t.turn = make(chan bool), make([]chan bool, len(workers))
	for i, work := range workers {
		t.turn[i] = make(chan bool)
		w.hands.give(i, func() {
			<-t.turn[i]
			work()
			t.halted <- false
		})
		w.at = nil // whoever began before it may stand within an invocation, and be killed there
		if t.goOn(i) {
			left = append(left, i)
		}
	}
	return left
}

// pick says who of those left goes on after some moves: whom the path names, else the first. The first worker does not
// go on after a move of the second that its own would commute with, since it could have gone before. Where it must,
// because the second is done, this is another order again.
func pick(left []int, next [2]string, moves []Move, path []int) (at int, again bool) {
	steps := len(moves)
	if steps < len(path) {
		return min(path[steps], len(left)-1), false
	}
	if steps == 0 {
		return 0, false
	}
	last := moves[steps-1]
	if last.Call = last.said; last.Worker <= left[0] || !last.Commutes(Move{Call: next[left[0]]}) {
		return 0, false
	}
	return len(left) - 1, len(left) == 1
}

// hands are the goroutines of two workers. They stay, since a new one would first have to get the stack that it needs.
type hands [2]chan func()

// give has one of them do something.
func (h *hands) give(i int, work func()) {
	if h[i] == nil {
		h[i] = make(chan func())
		go func() {
			for work := range h[i] {
				work()
			}
		}()
	}
	h[i] <- work
}

// Close ends what waits for work in the world, as whoever made it must before its bubble ends.
func (w *World) Close() {
	for _, h := range w.hands {
		if h != nil {
			close(h)
		}
	}
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

	// Lore is what other orders have shown; nil = nothing is to be remembered.
	Lore *Lore
	From *Stand // how all stands before the last move of the path, if that is known
}

// Pair lets two events happen at once, in an order of their calls. It says whether this is another order again: then
// the world need not be looked at.
func (w *World) Pair(one, other Event, order Order) (moves []Move, again bool) {
	w.advance(pause)
	w.fault, w.calls, w.throttle = order.Fault, nil, 0
	w.turns = &turns{drawn: drawn{w.known, map[string]int{}}, began: time.Now(),
		heard: [2]Digest{nameOf(one.Name), nameOf(other.Name)}}
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
