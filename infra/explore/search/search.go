// Package search looks through every history of a world: each sequence of events, with each fault at each call, and
// with two of the events at once in every order of their calls. A state that was seen before is not gone on from
// again.
package search

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kassa/infra/explore/world"
)

// Bounds say how far a search goes.
type Bounds struct {
	Events int  `json:"events"` // in a history, after its scene; see after
	Faults int  `json:"faults"` // in a history, at any call of any of its events
	Pairs  bool `json:"pairs"`  // any two events that follow each other may also happen at once

	Limit time.Duration `json:"-"` // after which nothing further is begun; 0 = none
}

// Scenes are where histories begin, so that a few events reach into every part of a payment's life. A fault at call 0
// is at the first that can meet it.
func Scenes() []string {
	return []string{"", "create", "create; pay; come", "create; pay; come; refund@0=overdue"}
}

// after is how many events follow a scene. One that is several events itself gets one fewer of many.
func (b Bounds) after(scene Script) int {
	if len(scene.Steps) > 1 && b.Events > 2 {
		return b.Events - 1
	}
	return b.Events
}

// Search is a search through the histories of one bank. Several may work at it at once.
type Search struct {
	name   string
	bounds Bounds
	tell   func(Finding) // hears of each finding at once
	late   *atomic.Bool  // the time is over
	missed atomic.Int64  // places that were not gone on from then, or not wholly

	mu     sync.Mutex
	counts Counts
	levels []map[world.Digest]place // by how many events a history has: where it has come to
	seen   map[world.Digest]reach
	broken map[world.Digest]bool
	said   map[string]bool // what was found, without what was drawn at random
}

// reach is how far was gone on from a state: how many events were left, and one, by how many faults were left. Few
// events with many faults and many with few are two ways to go on, of which neither makes up for the other.
type reach []int

// covers says whether a state was gone on from with so many events and faults left, or more.
func (r reach) covers(l left) bool {
	for faults := l.faults; faults < len(r); faults++ {
		if r[faults] > l.events {
			return true
		}
	}
	return false
}

// left is how much longer a history may become.
type left struct{ events, faults int }

// place is where a history has come to.
type place struct {
	left
	so Script
	by int // which place of the level before has led here: of several histories the first one stays
}

// Finding is a history after which something is wrong.
type Finding struct {
	Script   Script
	Problems []string
}

func newSearch(name string, b Bounds, late *atomic.Bool, tell func(Finding)) *Search {
	s := &Search{name: name, bounds: b, late: late, tell: tell, counts: newCounts(name, b), said: map[string]bool{},
		seen: map[world.Digest]reach{}, broken: map[world.Digest]bool{}}
	for range b.Events + 1 {
		s.levels = append(s.levels, map[world.Digest]place{})
	}
	return s
}

// arrive notes that a history has led to a state, and says whether nobody has come there before. Of several histories
// that lead to a state it keeps the one of the earliest place, whoever was faster: a search finds the same each time.
func (s *Search) arrive(here world.Digest, p place) (isNew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, met := s.seen[here]
	level := s.levels[s.bounds.Events-p.events]
	other, twice := level[here]
	switch {
	case twice && other.faults == p.faults && p.by < other.by:
		level[here] = p
		return false
	case known.covers(p.left), s.broken[here]:
		return false
	}
	if !met {
		s.counts.States++
		known = make(reach, s.bounds.Faults+1)
	}
	known[p.faults] = max(known[p.faults], p.events+1)
	s.seen[here] = known
	if p.events > 0 && (!twice || other.faults < p.faults) {
		level[here] = p
	}
	return !met
}

// find notes a history that must not be, and says so once for each kind of thing that is wrong.
func (s *Search) find(here world.Digest, so Script, problems []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[here] = true
	kind := world.Anonymous(strings.Join(problems, "\n"))
	if s.said[kind] {
		return
	}
	s.said[kind] = true
	s.counts.Found = append(s.counts.Found, fmt.Sprintf("%s: %q", so, problems))
	s.tell(Finding{so, problems})
}

// level gives the places from which histories of so many events go on, in an order that is always the same.
func (s *Search) level(events int) (all []place) {
	for here, p := range s.levels[events] {
		if !s.broken[here] {
			all = append(all, p)
		}
	}
	s.levels[events] = nil
	sortPlaces(all)
	return all
}
