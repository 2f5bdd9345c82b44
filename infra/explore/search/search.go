// Package search looks through every history of a world: each sequence of events, with each fault at each call, and
// with two of the events at once in every order of their calls. A state that was seen before is not gone on from
// again.
package search

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kassa/infra/explore/world"
)

// Bounds say how far a search goes.
type Bounds struct {
	Events int  // in a history
	Faults int  // in a history
	Pairs  bool // two of the events may happen at once
	Both   int  // events in a history that may have a fault in one of two at once
}

// Search is one search through the histories of one bank.
type Search struct {
	Counts
	Tell func(Finding) // hears of each finding at once; nil = nobody does

	name   string
	w      *world.World
	bounds Bounds
	events []world.Event
	seen   map[world.Digest]reach
	broken map[string]bool
	scene  int // steps of the scene that is gone on from
}

// reach is how far was gone on from a state.
type reach struct{ events, faults int }

// Counts are what a search did.
type Counts struct {
	Runs, States, Rests int
	Interleavings       int
	Met                 map[string]map[world.Kind]int // by the call: how often it met each kind of fault
	Found               []Finding
}

// Finding is a history after which something is wrong.
type Finding struct {
	Script   Script
	Problems []string
}

// New prepares a search.
func New(name string, b Bounds) (*Search, error) {
	w, err := world.New(name)
	if err != nil {
		return nil, err
	}
	return &Search{name: name, w: w, bounds: b, events: world.Events(), seen: map[world.Digest]reach{},
		broken: map[string]bool{}, Counts: Counts{Met: map[string]map[world.Kind]int{}}}, nil
}

// Scenes are where histories begin, so that a few events reach into every part of a payment's life.
func Scenes() []string {
	return []string{"", "create", "create; pay; come", "create; pay; come; refund@7=overdue"}
}

// Run searches through what follows each scene.
func (s *Search) Run() (Counts, error) {
	start := s.w.Mark()
	for _, scene := range Scenes() {
		so, err := Parse(s.name + ": " + scene)
		if err != nil {
			return s.Counts, err
		}
		start()
		s.scene = len(so.Steps)
		for _, step := range so.Steps {
			step.take(s.w)
		}
		s.from(reach{s.bounds.Events, s.bounds.Faults}, so, s.w.Digest())
	}
	return s.Counts, nil
}

// from goes on from the state that the world is in, as far as is left.
func (s *Search) from(left reach, so Script, here world.Digest) {
	back := s.w.Mark()
	for _, e := range s.events {
		calls := s.step(left, so, Step{One: e.Name}, here, back)
		if left.faults == 0 {
			continue
		}
		for i, call := range calls {
			for _, kind := range world.Kinds(call) {
				s.met(call, kind)
				s.step(reach{left.events, left.faults - 1}, so, Step{One: e.Name, Fault: world.Fault{At: i + 1, Kind: kind}}, here,
					back)
			}
		}
	}
	if s.bounds.Pairs && left.events > 1 {
		s.pairs(left, so, here, back)
	}
	back()
}

// step takes a step from a state and goes on from where it leads. It gives the calls of the step.
func (s *Search) step(left reach, so Script, step Step, here world.Digest, back func()) []string {
	back()
	calls, _, _ := step.take(s.w)
	s.Runs++
	s.arrive(reach{left.events - step.weight(), left.faults}, so.with(step), here)
	return calls
}

// arrive looks at the state that a step has led to.
func (s *Search) arrive(left reach, so Script, before world.Digest) {
	here := s.w.Digest()
	known, seen := s.seen[here]
	if here == before || seen && known.events >= left.events && known.faults >= left.faults {
		return
	}
	s.seen[here] = reach{max(known.events, left.events), max(known.faults, left.faults)}
	if !seen {
		s.States++
		back := s.w.Mark()
		problems := s.w.Settle()
		s.Rests++
		back()
		if len(problems) > 0 {
			s.find(so, problems)
			return
		}
	}
	if left.events > 0 {
		s.from(left, so, here)
	}
}

// find notes a history that must not be, once for each thing that is wrong.
func (s *Search) find(so Script, problems []string) {
	kind := world.Anonymous(strings.Join(problems, "\n"))
	if !s.broken[kind] {
		s.broken[kind] = true
		s.Found = append(s.Found, Finding{so, problems})
		if s.Tell != nil {
			s.Tell(s.Found[len(s.Found)-1])
		}
	}
}

// met counts a fault.
func (s *Search) met(call string, kind world.Kind) {
	if s.Met[call] == nil {
		s.Met[call] = map[world.Kind]int{}
	}
	s.Met[call][kind]++
}

// String tells the counts.
func (c Counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d of them interleavings; %d states, each driven to rest; %d violations\n", c.Runs,
		c.Interleavings, c.States, len(c.Found))
	for _, call := range slices.Sorted(maps.Keys(c.Met)) {
		fmt.Fprintf(&b, "  %-28s", call)
		for _, kind := range slices.Sorted(maps.Keys(c.Met[call])) {
			fmt.Fprintf(&b, " %s %d", kind, c.Met[call][kind])
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
