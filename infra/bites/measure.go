package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/infra/bites/mutant"
)

// target is a package whose mutants are counted, and those of its files, if not all.
type target struct {
	path  string
	files []string
}

// targets reads the list of what is measured.
func targets() (all []target, err error) {
	text, err := os.ReadFile(filepath.Join(here, "targets.txt"))
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			all = append(all, target{words[0], words[1:]})
		}
	}
	return all, err
}

// measurement is a target being measured. It goes on where it stopped: what is known by then stands in its ledger.
type measurement struct {
	target
	found    *mutant.Package
	work     string // a folder for what is compiled
	ledger   *ledger
	excused  map[string]string // by name: why a mutant may survive
	sources  string            // a sum of them and of the mutants
	testsSum string
	options
	woven      binary
	tests      []test // quickest first
	favourites favourites
	mu         sync.Mutex
}

// begin finds a target's mutants and what is known of them. Nothing is compiled and no test is run for that but what
// the package imports, which the go command has kept.
func begin(ctx context.Context, t target, work string) (*measurement, error) {
	own, export, err := load(ctx, t.path)
	if err != nil {
		return nil, err
	}
	m := &measurement{target: t, work: work, favourites: favourites{}}
	chosen := func(file string) bool { return len(t.files) == 0 || slices.Contains(t.files, file) }
	if m.found, err = mutant.Find(own.Dir, own.GoFiles, chosen, export); err != nil {
		return nil, err
	}
	if m.sources, err = digest(own.Dir, own.GoFiles, m.found.Mutants); err != nil {
		return nil, err
	}
	if m.testsSum, err = digest(own.Dir, append(own.TestGoFiles, own.XTestGoFiles...), nil); err != nil {
		return nil, err
	}
	m.ledger, err = readLedger(filepath.Join(here, "verdicts", m.file()+".txt"))
	return m, err
}

// file is what files about the target are called.
func (m *measurement) file() string { return strings.ReplaceAll(m.path, "/", "-") }

// digest is a short sum of files and of what was made of them.
func digest(folder string, files []string, made any) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // a source of ours
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	if err := json.NewEncoder(sum).Encode(made); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// excuses says whether a mutant may survive.
func (m *measurement) excuses(one mutant.Mutant) bool {
	_, ok := m.excused[m.path+"/"+one.String()]
	return ok
}

// open are the mutants that wait for a verdict. Who has survived other tests than today's waits for these, unless it is
// excused; who has survived the quick ones waits for the others. Chosen tests are new ones, for whoever has survived.
func (m *measurement) open() (all []mutant.Mutant) {
	for _, one := range m.found.Mutants {
		switch v := m.ledger.of(one); {
		case v.kills(), m.excuses(one) && v != untried:
		case v == survived && !m.chosen() && m.ledger.tests == m.testsSum:
		case v != untried && m.quick > 0: // no quick test is run twice
		default:
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b mutant.Mutant) int { // each of those alone costs a compilation
		return strings.Compare(fmt.Sprint(a.Alone), fmt.Sprint(b.Alone))
	})
	return all
}

// chosen says whether some tests judge, and not all of the package's own.
func (o options) chosen() bool { return o.run != "" || o.by != "" }

// renew makes the ledger one of today's tests: who has survived others is known to survive some.
func (m *measurement) renew() {
	if m.ledger.tests == m.testsSum {
		return
	}
	for _, one := range m.found.Mutants {
		if m.ledger.of(one) == survived && !m.excuses(one) {
			m.ledger.set(one, passed)
		}
	}
	m.ledger.tests = m.testsSum
}

// prepare compiles the woven package and runs each of its tests once, or remembers how they ran.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.woven, err = compile(ctx, m.work, cmp.Or(m.by, m.path), m.found.Woven()); err != nil {
		return err
	}
	file := filepath.Join(kept, fmt.Sprintf("%s-%s-%s-%s.json", m.file(), m.sources, m.testsSum, m.quick))
	if text, err := os.ReadFile(file); err == nil && !m.chosen() { //nolint:gosec // written by an earlier run
		return json.Unmarshal(text, &m.tests)
	}
	fits, err := regexp.Compile(m.run)
	if err != nil {
		return err
	}
	if m.tests, err = m.woven.tests(ctx, m.work, fits, m.quick); err != nil || m.chosen() {
		return err
	}
	text, err := json.Marshal(m.tests)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(kept, 0o750); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// measure judges what is open, several at once, until the context ends.
func (m *measurement) measure(ctx context.Context) error {
	open := m.open()
	if !m.chosen() {
		m.renew()
	}
	if len(open) == 0 {
		return m.ledger.write(m.found.Mutants)
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	queue := make(chan mutant.Mutant)
	failed := make(chan error, m.workers)
	for i := range m.workers {
		go func() {
			for one := range queue {
				if err := m.judge(ctx, one, filepath.Join(m.work, fmt.Sprint(i))); err != nil {
					failed <- err
					for range queue { // nobody waits in vain
					}
					return
				}
			}
			failed <- nil
		}()
	}
	for i, one := range open {
		if ctx.Err() != nil {
			break
		}
		if i%20 == 0 {
			fmt.Printf("%s: %d of %d mutants are open, %s\n", m.path, len(open)-i, len(m.found.Mutants),
				time.Now().UTC().Format(time.TimeOnly))
			if err := m.ledger.write(m.found.Mutants); err != nil {
				return err
			}
		}
		queue <- one
	}
	close(queue)
	all := []error{}
	for range m.workers {
		all = append(all, <-failed)
	}
	return errors.Join(append(all, m.ledger.write(m.found.Mutants))...)
}

// judge runs the tests that come by a mutant, and notes what they say. A mutant that no test comes by has survived.
func (m *measurement) judge(ctx context.Context, one mutant.Mutant, work string) error {
	tests, bin := m.tests, m.woven
	if one.Alone {
		if err := os.MkdirAll(work, 0o700); err != nil {
			return err
		}
		var err error
		file, _ := filepath.Abs(filepath.Join(m.path, one.File))
		if bin, err = compile(ctx, work, cmp.Or(m.by, m.path), map[string]string{file: one.Text()}); err != nil {
			if ctx.Err() == nil {
				m.ledger.set(one, refused)
			}
			return nil
		}
	} else {
		tests = slices.DeleteFunc(slices.Clone(tests), func(t test) bool {
			return !slices.Contains(t.Reached, one.Number)
		})
	}
	m.mu.Lock()
	known := m.favourites[one.Place]
	m.mu.Unlock()
	for _, b := range batches(tests, known) {
		awake := fmt.Sprintf("%s=%d", mutant.Awake, one.Number)
		o := bin.run(ctx, b.pattern, b.limits(), awake)
		if o.late() && !o.asleep {
			o = bin.run(ctx, b.pattern, b.limits().patient(), awake)
		}
		if ctx.Err() != nil {
			return nil
		}
		if !o.passed {
			m.kill(one, o)
			return nil
		}
	}
	switch { // those that were chosen are not all
	case m.quick > 0 && m.ledger.of(one) == untried && !m.chosen():
		m.ledger.set(one, passed)
	case m.quick == 0 && !m.chosen():
		m.ledger.set(one, survived)
	}
	return nil
}

// kill notes that a mutant was noticed, and by whom.
func (m *measurement) kill(one mutant.Mutant, o outcome) {
	by := failedTest(o.said)
	if strings.HasPrefix(by, "Test") || strings.HasPrefix(by, "Fuzz") {
		m.mu.Lock()
		m.favourites.add(one.Place, by)
		m.mu.Unlock()
	}
	v := killed
	if o.asleep || o.late() || strings.Contains(o.said, "SIGXCPU") {
		v = hung
	}
	m.ledger.set(one, v)
}
