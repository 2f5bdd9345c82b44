package town

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"strconv"

	"kassa/infra/explore/world"
)

// Trace is what happened, as one number: every call in its order with what it met, and how everything stood at the end.
// What was drawn at random by Kassa or by a bank, such as a token, is left out.
type Trace uint64

// add goes on with a call, or whatever else happened: each sum holds all that came before it.
func (h *Trace) add(words ...string) {
	sum := fnv.New64a()
	_ = binary.Write(sum, binary.LittleEndian, uint64(*h))
	for _, word := range words {
		_, _ = sum.Write([]byte(word))
		_, _ = sum.Write([]byte{0})
	}
	*h = Trace(sum.Sum64())
}

// Join adds the trace of another town.
func (h *Trace) Join(other Trace) { h.add(strconv.FormatUint(uint64(other), 16)) }

// Life is what became of a town.
type Life struct {
	Script   Script
	Problems []string
	Trace    Trace
	Tally    Tally
}

// Tally counts what happened.
type Tally struct {
	Payments int                `json:"payments"` // attempts to pay
	Orders   int                `json:"orders"`
	Steps    int                `json:"steps"`
	Calls    int                `json:"calls"`    // of the table, the banks and the shops
	Pauses   int                `json:"pauses"`   // in which everybody was kept waiting
	Stale    int                `json:"stale"`    // answers by what was true before
	Messages int                `json:"messages"` // that shops took, repetitions among them
	Excused  int                `json:"excused"`  // payments that a person was called for, as nobody else can tell
	Taken    int64              `json:"taken"`    // by the banks, in minor units
	Returned int64              `json:"returned"` // by the banks, in minor units
	Statuses map[string]int     `json:"statuses"` // of payments at rest
	Faults   map[world.Kind]int `json:"faults"`   // met, by kind
}

// newTally is one of nothing.
func newTally() Tally {
	return Tally{Statuses: map[string]int{}, Faults: map[world.Kind]int{}}
}

// Add adds what another has counted.
func (c *Tally) Add(other Tally) {
	if c.Statuses == nil {
		*c = newTally()
	}
	c.Payments += other.Payments
	c.Orders += other.Orders
	c.Steps += other.Steps
	c.Calls += other.Calls
	c.Pauses += other.Pauses
	c.Stale += other.Stale
	c.Messages += other.Messages
	c.Excused += other.Excused
	c.Taken += other.Taken
	c.Returned += other.Returned
	for status, n := range other.Statuses {
		c.Statuses[status] += n
	}
	for kind, n := range other.Faults {
		c.Faults[kind] += n
	}
}

// Live lets the town of that number, of those of a seed, live with so many orders, and drives it to rest. It must be
// called in a bubble.
func Live(seed, number uint64, orders int) (Life, error) {
	t, err := New()
	if err != nil {
		return Life{}, err
	}
	dice := rand.New(rand.NewPCG(seed, number)) //nolint:gosec // a seed is to say what they show
	d := &drawer{t: t, dice: dice, orders: orders}
	var script Script
	for range stepsPerOrder * orders {
		step := d.step()
		t.take(&step, d.fault)
		script = append(script, step)
		if t.trouble() {
			break
		}
	}
	return t.end(script), nil
}

// Replay repeats a history and drives it to rest. It must be called in a bubble.
func Replay(s Script, say func(step Step, t *Town)) (Life, error) {
	t, err := New()
	if err != nil {
		return Life{}, err
	}
	for _, step := range s {
		t.take(&step, nil)
		say(step, t)
	}
	life := t.end(s)
	say(Step{}, t)
	return life, nil
}

// end drives the town to rest.
func (t *Town) end(s Script) Life {
	t.settle()
	t.tally.Orders = len(t.all)
	for _, o := range t.all {
		for _, p := range t.attempts(o) {
			t.tally.Payments++
			t.tally.Statuses[string(p.Status)]++
			t.trace.add(p.ID.String(), string(p.Status))
			for _, e := range p.History {
				t.trace.add(e.What, e.By, e.Code, e.At.String())
			}
		}
	}
	for _, p := range t.places {
		for _, a := range p.side.Accounts() {
			t.tally.Taken += a.Charged
			t.tally.Returned += a.Returned
		}
	}
	return Life{s, t.problems, t.trace, t.tally}
}
