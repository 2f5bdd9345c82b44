package town

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
)

// Trace is what happened, as one number: every call in its order with what it met, and how everything stood at the end.
// What was drawn at random by Kassa or by a bank, such as a token, is left out.
type Trace uint64

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

// Live lets the town of that number, of those of a seed, live with so many orders, and drives it to rest. It must be
// called in a bubble.
func Live(seed, number uint64, orders int) (Life, error) {
	t, err := New()
	if err != nil {
		return Life{}, err
	}
	d := &drawer{t: t, dice: rand.New(rand.NewPCG(seed, number)), orders: orders}
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
