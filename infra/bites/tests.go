package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kassa/infra/bites/mutant"
)

// test is one of a package, what it takes of the processors' time once its process has started, and which mutants it
// comes by.
type test struct {
	Name    string        `json:"name"`
	Took    time.Duration `json:"took"`
	Reached []int         `json:"reached"`
}

// tests runs each test of a woven package alone, if its name fits and if it takes no longer than quick, 0 for any time:
// so it is known which of them can notice a mutant at all, and those are few. Each must pass, since no mutant is awake.
func (b binary) tests(ctx context.Context, work string, fits *regexp.Regexp, quick time.Duration) (all []test,
	err error) {
	out, err := exec.CommandContext(ctx, b.path, "-test.list", ".").Output() //nolint:gosec // built just now
	if err != nil {
		return nil, err
	}
	start := b.run(ctx, "^$", limits{wall: time.Minute}).processor
	for _, name := range strings.Fields(string(out)) {
		if strings.HasPrefix(name, "Benchmark") || !fits.MatchString(name) {
			continue
		}
		one, err := b.alone(ctx, name, filepath.Join(work, "reached"), quick)
		if err != nil {
			return nil, err
		}
		if one.Took = max(time.Millisecond, one.Took-start); quick == 0 || one.Took <= quick {
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b test) int { return int(a.Took - b.Took) })
	return all, nil
}

// alone runs one test, which writes the numbers of the mutants that it comes by into a list.
func (b binary) alone(ctx context.Context, name, list string, quick time.Duration) (one test, err error) {
	if err := os.WriteFile(list, nil, 0o600); err != nil {
		return one, err
	}
	o := b.run(ctx, "^"+name+"$", limits{wall: 20 * time.Minute, processor: quick}, mutant.Reached+"="+list)
	one = test{Name: name, Took: o.processor}
	if !o.passed {
		switch {
		case ctx.Err() != nil:
			return one, ctx.Err()
		case quick > 0 && o.processor > quick: // it was stopped for that
			return one, nil
		}
		return one, fmt.Errorf("%s fails where nothing is wrong:\n%s", name, o.said)
	}
	text, err := os.ReadFile(list) //nolint:gosec // written just now
	for _, word := range strings.Fields(string(text)) {
		var n int
		if _, err := fmt.Sscan(word, &n); err != nil {
			return one, err
		}
		one.Reached = append(one.Reached, n)
	}
	return one, err
}

// batch is tests that run in one process.
type batch struct {
	pattern string
	took    time.Duration
}

// limits are how long it may take. Whoever goes round in circles, or sleeps, is stopped early, however busy the machine
// is; no test of ours waits for a clock. By the clock alone it has much time, since others may have the machine.
func (b batch) limits() limits {
	return limits{wall: 15*time.Second + 10*b.took, processor: 2*time.Second + 5*b.took, asleep: 5 * time.Second}
}

// patient is for who was too late once: perhaps others had the machine.
func (l limits) patient() limits { return limits{wall: 5 * l.wall, processor: l.processor} }

// batches puts tests together: first the favourites, then the others, quick ones first, each batch about as long as all
// before it. Most mistakes are noticed by those that have noticed their neighbours, and by quick ones.
func batches(tests []test, favourites []string) (all []batch) {
	var names []string
	var took, before time.Duration
	flush := func() {
		if len(names) > 0 {
			all = append(all, batch{"^(" + strings.Join(names, "|") + ")$", took})
		}
		names, before, took = nil, before+took, 0
	}
	add := func(t test) { names, took = append(names, t.Name), took+t.Took }
	for _, t := range tests {
		if slices.Contains(favourites, t.Name) {
			add(t)
		}
	}
	flush()
	for _, t := range tests {
		if slices.Contains(favourites, t.Name) {
			continue
		}
		if took+t.Took > max(before, 200*time.Millisecond) {
			flush()
		}
		add(t)
	}
	flush()
	return all
}

// favourites remembers which tests have noticed mutants, by declaration, the last first.
type favourites map[string][]string

// most is how many are remembered.
const most = 4

// add puts a test first.
func (f favourites) add(place, name string) {
	others := slices.DeleteFunc(slices.Clone(f[place]), func(other string) bool { return other == name })
	f[place] = append([]string{name}, others[:min(len(others), most-1)]...)
}
