// Package script is the language in which a server of one machine is told to fail: the simulated banks, the engine and
// the demo shop's inbox read it alike. A script is one line or a list of lines:
//
//	{"operation":"refund","nth":2,"count":1,"fault":"cut_after"}
//
// operation is the call that it waits for, as the server names it; nth is the first call that is hit, counted from the
// moment that the line is set (0 and 1 are the next one), count how many are hit from there (0 is one, -1 all until the
// script is cleared), fault what happens. A server may confine a line further, by fields of its own.
//
// The same word means the same everywhere: refuse_connection cuts before the work, cut_after once it is done, timeout_*
// says nothing, http_NNN answers with that status. What else a server can do stands beside its own type of line.
package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Always is the count of a line that never wears off.
const Always = -1

// When says which of the calls that a line waits for it hits.
type When struct{ Nth, Count int }

// Validate names what no call could meet.
func (w When) Validate() error {
	switch {
	case w.Nth < 0:
		return errors.New("nth counts calls from 1")
	case w.Count < Always:
		return errors.New("count is a number of calls, or -1 for all that follow")
	}
	return nil
}

// last is the number of the last call that is hit; of a line that never wears off it means nothing.
func (w When) last() int { return max(w.Nth, 1) + max(w.Count, 1) - 1 }

func (w When) over(met int) bool { return w.Count != Always && met >= w.last() }

// Line is one fault of a server's own type.
type Line interface{ When() When }

// Parse reads one line or a list of lines, strictly: an unknown field would be a fault that never fires, and a test
// that proves nothing.
func Parse[L Line](text []byte) ([]L, error) {
	text = bytes.TrimSpace(text)
	if !bytes.HasPrefix(text, []byte("[")) {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	var lines []L
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&lines); err != nil {
		return nil, fmt.Errorf("the fault script: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("the fault script: something follows the JSON value")
	}
	return lines, nil
}

// Plan is a script and how far it has been played. The zero value is empty and ready; it is safe for concurrent use.
type Plan[L Line] struct {
	mu    sync.Mutex
	lines []*line[L]
}

type line[L Line] struct {
	fault L
	met   int // calls so far
}

// Add appends lines, which the server has found to be valid.
func (p *Plan[L]) Add(lines ...L) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range lines {
		p.lines = append(p.lines, &line[L]{fault: l})
	}
}

// Clear forgets the script.
func (p *Plan[L]) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = nil
}

// Left lists the lines that can still hit a call, as they were set.
func (p *Plan[L]) Left() []L {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := make([]L, len(p.lines))
	for i, l := range p.lines {
		left[i] = l.fault
	}
	return left
}

// Take counts a call against every line that waits for it and returns the fault that it meets: where several are due,
// the first of the script.
func (p *Plan[L]) Take(waitsFor func(L) bool) (fault L, hit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if !waitsFor(l.fault) {
			continue
		}
		l.met++
		if !hit && l.met >= l.fault.When().Nth {
			fault, hit = l.fault, true
		}
	}
	p.lines = slices.DeleteFunc(p.lines, func(l *line[L]) bool { return l.fault.When().over(l.met) })
	return fault, hit
}
