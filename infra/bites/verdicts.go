package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"kassa/infra/bites/mutant"
)

// verdict is what the tests said of a mutant.
type verdict byte

const (
	untried  verdict = '.'
	killed   verdict = 'k'
	hung     verdict = 'h' // killed, because a test did not end
	refused  verdict = 'c' // killed: it does not compile
	passed   verdict = 'q' // it survived the quick tests, and others have not been run
	survived verdict = 's' // it survived all tests
)

// kills says whether somebody has noticed the mutant.
func (v verdict) kills() bool { return v == killed || v == hung || v == refused }

// ledger is what is known of a package's mutants, as a file of verdicts/ keeps it: a line for each declaration, with
// its file, its name, a sum of its text, and a letter for each mutant that is made of it, in their order. So a change
// loses what was known of the declarations that it changes, and nothing else: a kill stands though another function or
// a test has changed since. Whoever doubts that removes the file and measures anew.
type ledger struct {
	path  string
	tests string // a sum of the tests that those have survived which are said to have survived all
	known map[string][]byte
	mu    sync.Mutex
}

// readLedger reads what is known; nothing where nobody has measured yet.
func readLedger(path string) (*ledger, error) {
	l := &ledger{path: path, known: map[string][]byte{}}
	text, err := os.ReadFile(path) //nolint:gosec // a file of ours
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	for line := range strings.Lines(string(text)) {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "tests":
			l.tests = words[1]
		case len(words) == 4:
			l.known[words[2]] = []byte(words[3])
		}
	}
	return l, err
}

// of is what is known of a mutant.
func (l *ledger) of(m mutant.Mutant) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	if letters := l.known[m.Place]; m.Nth < len(letters) {
		return verdict(letters[m.Nth])
	}
	return untried
}

// set notes a verdict.
func (l *ledger) set(m mutant.Mutant, v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	letters := l.known[m.Place]
	if short := m.Nth + 1 - len(letters); short > 0 {
		letters = append(letters, bytes.Repeat([]byte{byte(untried)}, short)...)
	}
	letters[m.Nth] = byte(v)
	l.known[m.Place] = letters
}

// write keeps the ledger, without what it knows of declarations that there are no more. Whoever stops it halfway leaves
// the file of before.
func (l *ledger) write(all []mutant.Mutant) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tests %s\n", l.tests)
	last := ""
	for _, m := range all {
		if m.Place != last {
			fmt.Fprintf(&b, "\n%s %s %s ", m.File, m.In, m.Place)
		}
		b.WriteByte(byte(l.of(m)))
		last = m.Place
	}
	b.WriteByte('\n')
	if err := os.MkdirAll(filepath.Dir(l.path), 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(l.path+".new", b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(l.path+".new", l.path)
}
