package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What is kept of a target's inputs: so few that `go test` is as quick as before, and the repository as small.
const (
	mostInputs = 40
	mostBytes  = 4 << 10
	mostTried  = 600 // of the inputs found on this machine, the shortest
)

// input is one that the fuzzer has found, or that was kept before.
type input struct {
	name string // by its content
	text []byte
	hits map[string]bool // what it reaches that the target's own seeds do not
}

// byContent is how the fuzzer names a file. Files of other names were put there by people and stay.
var byContent = regexp.MustCompile(`^[0-9a-f]{16}$`)

// keep chooses anew which inputs stand in testdata/fuzz: again and again the one that reaches the most that nothing
// chosen before it has reached, for its length.
func (t target) keep(ctx context.Context) (kept int, err error) {
	folder := filepath.Join(t.folder, "testdata", "fuzz", t.name)
	before, err := inputs(folder)
	if err != nil {
		return 0, err
	}
	all, err := inputs(folder, filepath.Join(scratch, t.folder, t.name))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	// The tests find inputs in this folder alone, so all stand there while they are measured.
	if err := write(folder, all); err != nil {
		return 0, err
	}
	if err = t.measure(ctx, all); err != nil {
		return 0, errors.Join(err, write(folder, before))
	}
	chosen := choose(all)
	return len(chosen), write(folder, chosen)
}

// inputs reads those of folders, the shortest first, each once.
func inputs(folders ...string) (all []*input, err error) {
	seen := map[string]bool{}
	for _, folder := range folders {
		files, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, f := range files {
			if !byContent.MatchString(f.Name()) || seen[f.Name()] {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, f.Name())) //nolint:gosec // the fuzzer's
			if err != nil {
				return nil, err
			}
			seen[f.Name()] = true
			all = append(all, &input{name: f.Name(), text: text})
		}
	}
	slices.SortFunc(all, func(a, b *input) int {
		if len(a.text) != len(b.text) {
			return len(a.text) - len(b.text)
		}
		return strings.Compare(a.name, b.name)
	})
	return all[:min(len(all), mostTried)], nil
}

// write leaves these inputs in a folder, and no others of the fuzzer's.
func write(folder string, all []*input) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	// what people have put there stays
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		if byContent.MatchString(f.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, f.Name())))
		}
	}
	for _, i := range all {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, i.name), i.text, 0o600))
	}
	if len(all) == 0 {
		_ = os.Remove(folder) // stays where people put something into it
	}
	return err
}

// measure notes what each input reaches: which blocks of the target's own package, and about how often. A block that is
// passed twice as often as before is something new, as it is for the fuzzer itself.
func (t target) measure(ctx context.Context, all []*input) error {
	program, err := t.compile(ctx, "cover", "-cover", "-covermode", "count")
	if err != nil {
		return err
	}
	seeds, err := t.reach(ctx, program, `^seed#\d+$`)
	if err != nil {
		return err
	}
	for _, i := range all {
		if i.hits, err = t.reach(ctx, program, "^"+i.name+"$"); err != nil {
			return err
		}
		for hit := range seeds {
			delete(i.hits, hit)
		}
	}
	return nil
}

// reach runs some of a target's inputs, and gives each block that was reached, with how many binary digits the number
// of times has.
func (t target) reach(ctx context.Context, program, which string) (map[string]bool, error) {
	profile := program + ".out"
	command := exec.CommandContext(ctx, program, "-test.run", "^"+t.name+"$/"+which, //nolint:gosec // built just now
		"-test.coverprofile", profile)
	command.Dir = t.folder
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s, %s: %w\n%s", t, which, err, said)
	}
	text, err := os.ReadFile(profile) //nolint:gosec // written just now
	if err != nil {
		return nil, err
	}
	hits := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		block, times, _ := strings.Cut(strings.TrimSpace(line), " ")
		_, times, _ = strings.Cut(times, " ")
		if n, err := strconv.ParseUint(times, 10, 64); err == nil && n > 0 {
			hits[fmt.Sprintf("%s %d", block, bits.Len64(n))] = true
		}
	}
	return hits, nil
}

// choose takes the inputs that reach the most, within what may be kept, in the order of their names.
func choose(all []*input) (chosen []*input) {
	reached, size := map[string]bool{}, 0
	for len(chosen) < mostInputs {
		var best *input
		most := 0.0
		for _, i := range all {
			gain := 0
			for hit := range i.hits {
				if !reached[hit] {
					gain++
				}
			}
			if worth := float64(gain) / float64(len(i.text)); worth > most && size+len(i.text) <= mostBytes {
				best, most = i, worth
			}
		}
		if best == nil {
			break
		}
		chosen, size = append(chosen, best), size+len(best.text)
		for hit := range best.hits {
			reached[hit] = true
		}
	}
	slices.SortFunc(chosen, func(a, b *input) int { return strings.Compare(a.name, b.name) })
	return chosen
}
