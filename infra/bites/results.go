package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// results are what has come of all runs, as results.json keeps them.
type results struct {
	Variants map[string]string `json:"variants"` // by name: the test that noticed it
	Packages []score           `json:"packages"` // as targets.txt has them
}

// score is what is known of a target's mutants.
type score struct {
	Package    string   `json:"package"`
	Files      []string `json:"files,omitempty"` // those that count, if not all
	Sources    string   `json:"sources"`         // a short sum of what was measured
	Mutants    int      `json:"mutants"`
	Killed     int      `json:"killed"`
	Equivalent int      `json:"equivalent"`          // survived, and equivalent.txt says why that is right
	Waiting    int      `json:"waiting,omitempty"`   // survived the quick tests, or were not tried yet
	Survivors  []string `json:"survivors,omitempty"` // survived all tests of the package, with no excuse
}

// percent is the mutation score: how many of a hundred that a test could kill were killed. Those that wait count as not
// killed.
func (s score) percent() float64 {
	return 100 * float64(s.Killed) / float64(max(1, s.Mutants-s.Equivalent))
}

// shown is the score as the page has it: none before most of the mutants were tried.
func (s score) shown() string {
	switch {
	case 2*s.Waiting > s.Mutants:
		return "not measured yet"
	case s.Waiting > 0:
		return fmt.Sprintf("at least %.1f %%", s.percent())
	}
	return fmt.Sprintf("%.1f %%", s.percent())
}

// line is the score for whoever waits for it.
func (s score) line() string {
	text := fmt.Sprintf("%s: %.1f %%: %d of %d were killed, %d are equivalent", s.Package, s.percent(), s.Killed,
		s.Mutants, s.Equivalent)
	if s.Waiting > 0 {
		text += fmt.Sprintf(", %d wait for all tests", s.Waiting)
	}
	return text
}

// score is what is known by now. An excuse counts for a mutant that survived, and for one that was not tried: nobody
// expects it to be killed.
func (m *measurement) score() score {
	s := score{Package: m.path, Files: m.files, Sources: m.sources, Mutants: len(m.found.Mutants)}
	for _, one := range m.found.Mutants {
		switch v := m.ledger.of(one); {
		case v.kills():
			s.Killed++
		case m.excuses(one):
			s.Equivalent++
		case v == survived:
			s.Survivors = append(s.Survivors, m.path+"/"+one.String())
		default:
			s.Waiting++
		}
	}
	return s
}

// score puts a score in the place of the package's former one.
func (r *results) score(s score) {
	i := slices.IndexFunc(r.Packages, func(old score) bool { return old.Package == s.Package })
	if i < 0 {
		r.Packages = append(r.Packages, s)
		return
	}
	r.Packages[i] = s
}

// forget leaves out variants that there are no more.
func (r *results) forget(all []variant) {
	for name := range r.Variants {
		if !slices.ContainsFunc(all, func(v variant) bool { return v.name == name }) {
			delete(r.Variants, name)
		}
	}
}

// readResults reads what earlier runs have found; nothing where there was none.
func readResults() (*results, error) {
	r := &results{Variants: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(here, "results.json"))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	return r, err
}

// write writes the results, and the page that is made of them.
func (r *results) write() error {
	order, err := targets()
	if err != nil {
		return err
	}
	place := func(s score) int {
		return slices.IndexFunc(order, func(t target) bool { return t.path == s.Package })
	}
	slices.SortFunc(r.Packages, func(a, b score) int { return place(a) - place(b) })
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(here, "results.json"), append(text, '\n'), 0o600); err != nil {
		return err
	}
	return r.writePage(page)
}

// equivalents reads the list of mutants that no test can kill, or that none should: lines that name them, then, behind
// blanks, the reason that they share.
func equivalents() (reasons map[string]string, err error) {
	text, err := os.ReadFile(filepath.Join(here, "equivalent.txt"))
	reasons = map[string]string{}
	var names []string
	reason := ""
	flush := func() {
		for _, name := range names {
			if _, twice := reasons[name]; twice || reason == "" {
				err = errors.Join(err, fmt.Errorf("equivalent.txt names this twice, or without a reason: %s", name))
			}
			reasons[name] = reason
		}
		names, reason = nil, ""
	}
	for line := range strings.Lines(string(text)) {
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "" || line[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			reason = strings.TrimSpace(reason + " " + trimmed)
		default:
			if reason != "" {
				flush()
			}
			names = append(names, trimmed)
		}
	}
	flush()
	return reasons, err
}
