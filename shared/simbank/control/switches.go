package control

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Settings are the switches of one bank; Validate names the first that has no
// meaning.
type Settings interface{ Validate() error }

// Switches holds a bank's settings. It is safe for concurrent use.
type Switches[S Settings] struct {
	own func(S) S

	mu         sync.Mutex
	start, now S
}

// NewSwitches returns the switches as they stand at the start and after a reset.
// Own copies the slices of settings that have some; nil where there are none.
func NewSwitches[S Settings](start S, own func(S) S) *Switches[S] {
	if own == nil {
		own = func(s S) S { return s }
	}
	return &Switches[S]{own: own, start: own(start), now: own(start)}
}

// Get returns the switches as they stand.
func (s *Switches[S]) Get() S {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Set changes the switches: f edits a copy, which is taken when it is valid.
func (s *Switches[S]) Set(f func(*S)) error {
	return s.change(func(next *S) error {
		f(next)
		return nil
	})
}

// Reset puts the switches back to the start.
func (s *Switches[S]) Reset() error { return s.Set(func(next *S) { *next = s.own(s.start) }) }

// read changes the switches that the JSON names.
func (s *Switches[S]) read(raw []byte) error {
	err := s.change(func(next *S) error { return strict(raw, next) })
	if err == nil || errors.Is(err, ErrBadInput) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrBadInput, err)
}

func (s *Switches[S]) change(f func(*S) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.own(s.now)
	if err := f(&next); err != nil {
		return err
	}
	if err := next.Validate(); err != nil {
		return err
	}
	s.now = next
	return nil
}

// OneOf says what a word may be when it is none of those.
func OneOf(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s is %.40q; use one of %q", name, value, allowed)
}
