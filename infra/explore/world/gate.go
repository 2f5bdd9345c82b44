package world

import (
	"context"
	"slices"
	"strings"
	"time"

	"kassa/shared/payment"
)

// Kind is a way in which a call fails.
type Kind string

// The kinds of faults.
const (
	None     Kind = ""
	Refused  Kind = "refused"
	Cut      Kind = "cut"
	Lost     Kind = "lost"
	Garbage  Kind = "garbage"
	Slow     Kind = "slow"
	Overdue  Kind = "overdue"
	Killed   Kind = "killed"
	Done     Kind = "done"
	Conflict Kind = "conflict"
	Own      Kind = "own"
	Throttle Kind = "throttle"
	Missing  Kind = "missing"
	Extra    Kind = "extra"
	Stale    Kind = "stale"
	Lags     Kind = "lags"
)

// About says what a call meets.
func (k Kind) About() string {
	return map[Kind]string{
		Refused:  "an error before the effect: nothing was sent",
		Cut:      "the bank has read the request, and does nothing",
		Lost:     "the effect, then an error",
		Garbage:  "the effect, then an answer that is none",
		Slow:     "the effect, then no answer until the deadline",
		Overdue:  "no answer until the deadline, and the effect after it",
		Killed:   "the caller is killed before the effect",
		Done:     "the effect, then the caller is killed",
		Conflict: "another version was saved first",
		Own:      "saved, and the client's own repetition then finds a conflict",
		Throttle: "this call of the table and the next two are refused",
		Missing:  "the list does not show yet what stands on it",
		Extra:    "the list still shows what no longer stands on it",
		Stale:    "the bank tells what was true before money last moved",
		Lags:     "and goes on telling that for most of a day",
	}[k]
}

// Kinds are those that a call can meet, by its name.
func Kinds(call string) []Kind {
	all := []Kind{Refused, Slow, Killed}
	place, what, _ := strings.Cut(call, " ")
	switch {
	case call == customer, call == desk, call == rotation:
		return nil
	case place == "shop":
		return append(all, Lost, Done)
	case place == "bank" && strings.HasSuffix(what, "?"): // a question
		return append(all, Cut, Garbage, Stale, Lags)
	case place == "bank":
		return append(all, Cut, Lost, Garbage, Overdue, Done)
	case what == "save":
		return append(all, Lost, Done, Conflict, Own, Throttle)
	case what == "create":
		return append(all, Lost, Done, Own, Throttle)
	case what == "due", what == "outbox":
		return []Kind{Refused, Killed, Missing, Extra}
	}
	return append(all, Throttle)
}

// Fault is what happens to one call of a run, counted from 1. The zero value is none.
type Fault struct {
	At   int
	Kind Kind
}

// gate is where every call passes.
type gate struct {
	fault    Fault
	calls    []string    // of this run
	throttle int         // calls of the table that are still to be refused
	at       *invocation // whose call comes
	turns    *turns      // of two workers; nil when there is one
	shut     bool        // nothing is counted: the world is being looked after
}

// invocation is one run of a function. When it is killed, nothing of it reaches anybody any more.
type invocation struct {
	end  context.CancelFunc
	dead bool
}

// invoke runs a function for so long at most.
func (g *gate) invoke(limit time.Duration, work func(ctx context.Context)) (survived bool) {
	before := g.at
	ctx, end := context.WithTimeout(context.Background(), limit)
	defer end()
	in := &invocation{end: end}
	g.at = in
	defer func() { g.at = before }()
	work(ctx)
	return !in.dead
}

// pass counts a call and says what it meets.
func (g *gate) pass(call string) Kind {
	if !g.arrive(call) {
		return Killed
	}
	return g.meet(call)
}

// arrive waits for the turn of the worker whose call it is; false when it was killed.
func (g *gate) arrive(call string) bool {
	if g.turns != nil && !g.shut && (g.at == nil || !g.at.dead) {
		if !g.turns.over {
			g.turns.halt(g, call)
		}
		if g.turns.over {
			g.kill()
			return false
		}
	}
	return g.at == nil || !g.at.dead
}

// refuses says whether the call that has arrived is to be refused: then nobody must look at it.
func (g *gate) refuses() bool {
	return !g.shut && g.fault == Fault{At: len(g.calls) + 1, Kind: Refused}
}

// meet counts a call that has arrived.
func (g *gate) meet(call string) Kind {
	if g.shut {
		return None
	}
	g.calls = append(g.calls, call)
	met := None
	switch {
	case len(g.calls) == g.fault.At && slices.Contains(Kinds(call), g.fault.Kind):
		met = g.fault.Kind
	case g.throttle > 0 && strings.HasPrefix(call, "table "):
		g.throttle--
		met = Refused
	}
	switch met {
	case Throttle:
		g.throttle, met = 2, Refused
	case Killed:
		g.kill()
	}
	return met
}

// kill ends the invocation whose call it is.
func (g *gate) kill() {
	if g.at != nil {
		g.at.dead = true
		g.at.end()
		if g.turns != nil { // the same answer means another thing to whoever lives
			mind := &g.turns.heard[g.turns.picked]
			*mind = nameOf(string(mind[:]))
		}
	}
}

// away is the error of the table, or of whoever waits for one that was killed.
func away() error {
	return &payment.Error{Kind: payment.Unavailable, Code: "store_unavailable", Message: "The store does not answer."}
}
