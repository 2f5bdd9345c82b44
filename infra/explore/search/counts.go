package search

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kassa/infra/explore/world"
)

// Counts are what a search did.
type Counts struct {
	Bank string `json:"bank"`
	Bounds
	Histories int      `json:"histories"`     // that were run to their end
	Together  int      `json:"interleavings"` // of them, those whose last two events happened at once
	Again     int      `json:"again"`         // those besides that turned out to be another's equal, or were known to be
	Places    int      `json:"places"`        // states that were gone on from
	States    int      `json:"states"`        // each driven to rest
	Left      int      `json:"left"`          // further states that there was no time for, or not enough
	Found     []string `json:"violations"`
	Points    []Point  `json:"points"`

	points map[string]*Point
}

// Point is where a fault can happen: a call of an event.
type Point struct {
	Event  string             `json:"event"`
	Call   string             `json:"call"`
	Passed int                `json:"passed"` // histories in whose last event it was made, and might have met a fault
	Faults map[world.Kind]int `json:"faults"` // histories in which it met each kind
}

func newCounts(bank string, b Bounds) Counts {
	return Counts{Bank: bank, Bounds: b, points: map[string]*Point{}}
}

// add counts a history by its last step. meets is the call that has the fault, as it was called without; faults is how
// many there might have been in the step.
func (c *Counts) add(step Step, moves []world.Move, meets string, faults int) {
	for i, m := range moves {
		event := step.One
		if m.Worker == 1 {
			event = step.Other
		}
		if m.Call == world.Unread {
			m.Call = meets
		}
		if m.Call == world.Moving || m.Call == world.Asking || len(world.Kinds(m.Call)) == 0 {
			continue // which one it is stands in the same history without the fault; or it is no call of ours
		}
		p := c.point(event, m.Call)
		if faults > 0 && step.Fault.Kind == world.None {
			p.Passed++
		}
		if i+1 == step.Fault.At && step.Fault.Kind != world.None {
			p.Faults[step.Fault.Kind]++
		}
	}
}

// point finds a point, and makes it when it is not there.
func (c *Counts) point(event, call string) *Point {
	name := event + "\n" + call
	if c.points[name] == nil {
		c.points[name] = &Point{Event: event, Call: call, Faults: map[world.Kind]int{}}
	}
	return c.points[name]
}

// join adds what another has counted, in the order of the points' names.
func (c *Counts) join(other Counts) {
	c.Histories += other.Histories
	c.Together += other.Together
	c.Again += other.Again
	c.Places += other.Places
	for _, p := range other.points {
		mine := c.point(p.Event, p.Call)
		mine.Passed += p.Passed
		for kind, n := range p.Faults {
			mine.Faults[kind] += n
		}
	}
	c.Points = nil
	for _, name := range slices.Sorted(maps.Keys(c.points)) {
		c.Points = append(c.Points, *c.points[name])
	}
}

// Reached says how many kinds of faults were met at a point, of all that there can be. Where a call is only made after
// all faults that a history may have, there can be none.
func (p Point) Reached() (met, all int) {
	if p.Passed == 0 {
		return 0, 0
	}
	kinds := world.Kinds(p.Call)
	for _, kind := range kinds {
		if p.Faults[kind] > 0 {
			met++
		}
	}
	return met, len(kinds)
}

// Open is how many calls could have met a fault.
func (c Counts) Open() (n int) {
	for _, p := range c.Points {
		if p.Passed > 0 {
			n++
		}
	}
	return n
}

// Reached says how many faults were met, of all that there can be: every kind at every call of every event.
func (c Counts) Reached() (met, all int) {
	for _, p := range c.Points {
		here, most := p.Reached()
		met, all = met+here, all+most
	}
	return met, all
}

// String tells the counts.
func (c Counts) String() string {
	var b strings.Builder
	met, all := c.Reached()
	fmt.Fprintf(&b, "%s: %d histories, in %d of them two events at once, besides %d that were again another's; "+
		"%d states, each driven to rest, and %d of them gone on from; %d violations; %d of %d faults at %d calls met\n",
		c.Bank, c.Histories, c.Together, c.Again, c.States, c.Places, len(c.Found), met, all, c.Open())
	if c.Left > 0 {
		fmt.Fprintf(&b, "  there was no time for %d further states\n", c.Left)
	}
	for _, p := range c.Points {
		if met, all := p.Reached(); met < all {
			fmt.Fprintf(&b, "  not all at %s, %s: %d of %d\n", p.Event, p.Call, met, all)
		}
	}
	return b.String()
}
