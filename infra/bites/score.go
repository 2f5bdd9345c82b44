package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// verdict is what the tests said of a mutant.
type verdict struct {
	Number int    `json:"number"`
	Killed bool   `json:"killed"`
	Tests  string `json:"tests"`          // by which tests: others may kill what these did not
	Hung   bool   `json:"hung,omitempty"` // it was killed because a test did not end
}

// quickTests stands for the tests that a mutant has survived where the slow ones have not been run yet.
const quickTests = "quick"

// measurement is a target being measured. What is known so far stands in files that are named by the sources and the
// mutants made of them, so that it goes on where it stopped.
type measurement struct {
	target
	found    *mutant.Package
	work     string // a folder for what is compiled
	log      string // the file that gets each verdict
	sources  string // a sum of them and of the mutants
	testsSum string
	quick    time.Duration // tests that take longer are left to another run; 0 = all are run
	verdicts map[int]verdict
	woven    binary
	tests    []test // quickest first
	mu       sync.Mutex
}

// begin finds a target's mutants and what is known of them. Nothing is compiled and no test is run for that but what
// the package imports, which the go command has kept.
func begin(ctx context.Context, t target, work string) (*measurement, error) {
	own, export, err := load(ctx, t.path)
	if err != nil {
		return nil, err
	}
	m := &measurement{target: t, work: work, verdicts: map[int]verdict{}}
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
	m.log = filepath.Join(kept, strings.ReplaceAll(t.path, "/", "-")+"-"+m.sources+".jsonl")
	return m, m.remember()
}

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

// remember reads the verdicts of earlier runs; the last one of a mutant counts.
func (m *measurement) remember() error {
	text, err := os.ReadFile(m.log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var v verdict
		if json.Unmarshal([]byte(line), &v) == nil { // the last line may have been cut
			m.verdicts[v.Number] = v
		}
	}
	return nil
}

// open are the mutants that wait for a verdict: those without one, and those that survived other tests than today's.
func (m *measurement) open() (all []mutant.Mutant) {
	for _, one := range m.found.Mutants {
		if v, ok := m.verdicts[one.Number]; !ok || !v.Killed && v.Tests != m.testsSum {
			all = append(all, one)
		}
	}
	return all
}

// prepare compiles the woven package and runs each of its tests once, or remembers how they ran.
func (m *measurement) prepare(ctx context.Context) (err error) {
	if m.woven, err = compile(ctx, m.work, m.path, m.found.Woven()); err != nil {
		return err
	}
	file := strings.TrimSuffix(m.log, ".jsonl") + "-" + m.testsSum + ".json"
	if text, err := os.ReadFile(file); err == nil { //nolint:gosec // written by an earlier run
		return json.Unmarshal(text, &m.tests)
	}
	if m.tests, err = m.woven.tests(ctx, m.work, mutant.Reached); err != nil {
		return err
	}
	text, err := json.Marshal(m.tests)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// measure judges what is open, several at once, until the context ends.
func (m *measurement) measure(ctx context.Context, workers int) error {
	open := m.open()
	if m.quick > 0 { // who has survived quick tests waits for the others
		open = slices.DeleteFunc(open, func(one mutant.Mutant) bool { return m.verdicts[one.Number].Tests == quickTests })
	}
	if len(open) == 0 {
		return nil
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	queue := make(chan mutant.Mutant)
	failed := make(chan error, workers)
	for i := range workers {
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
		if i%50 == 0 {
			fmt.Printf("%s: %d of %d mutants are open, %s\n", m.path, len(open)-i, len(m.found.Mutants),
				time.Now().UTC().Format(time.TimeOnly))
		}
		queue <- one
	}
	close(queue)
	var all []error
	for range workers {
		all = append(all, <-failed)
	}
	return errors.Join(all...)
}

// judge runs the tests that come by a mutant, quick ones first, and notes what they say. A mutant that no test comes by
// has survived. One that hangs is noticed: its tests had ten times as long as they take, and ten seconds.
func (m *measurement) judge(ctx context.Context, one mutant.Mutant, work string) error {
	tests, bin := m.tests, m.woven
	if one.Alone {
		if err := os.MkdirAll(work, 0o700); err != nil {
			return err
		}
		var err error
		file, _ := filepath.Abs(filepath.Join(m.path, one.File))
		if bin, err = compile(ctx, work, m.path, map[string]string{file: one.Text()}); err != nil {
			return m.note(verdict{Number: one.Number, Killed: true, Tests: "does not compile"})
		}
	} else {
		tests = nil
		for _, t := range m.tests {
			if slices.Contains(t.Reached, one.Number) {
				tests = append(tests, t)
			}
		}
	}
	v := verdict{Number: one.Number, Tests: m.testsSum}
	for _, b := range batches(tests) {
		if m.quick > 0 && b.took > m.quick {
			v.Tests = quickTests
			break
		}
		passed, said := bin.run(ctx, b.pattern, 10*time.Second+10*b.took, fmt.Sprintf("%s=%d", mutant.Awake, one.Number))
		if ctx.Err() != nil {
			return nil
		}
		if v.Killed = !passed; v.Killed {
			v.Hung = said == "" || strings.Contains(said, "panic: test timed out")
			break
		}
	}
	return m.note(v)
}

// batch is tests that run in one process.
type batch struct {
	pattern string
	took    time.Duration
}

// batches puts tests together, each batch about as long as all before it: most mistakes are noticed by quick tests.
func batches(tests []test) (all []batch) {
	var names []string
	var took, before time.Duration
	flush := func() {
		if len(names) > 0 {
			all = append(all, batch{"^(" + strings.Join(names, "|") + ")$", took})
		}
		names, before, took = nil, before+took, 0
	}
	for _, t := range tests {
		if took+t.Took > max(before, 300*time.Millisecond) {
			flush()
		}
		names, took = append(names, t.Name), took+t.Took
	}
	flush()
	return all
}

// note keeps a verdict, in memory and for the next run.
func (m *measurement) note(v verdict) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.verdicts[v.Number] = v
	f, err := os.OpenFile(m.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
