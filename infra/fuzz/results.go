package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"kassa/infra/figures"
)

const (
	kept = "infra/fuzz/results.json"
	page = "docs/security.md"
	hour = 3600
)

// results are what all runs have given, as results.json keeps them.
type results []*result

// result is what a target has had, in all.
type result struct {
	Folder     string `json:"folder"`
	Target     string `json:"target"`
	Seconds    int    `json:"seconds"` // of a processor
	Executions int    `json:"executions"`
	Inputs     int    `json:"inputs"`   // in testdata/fuzz
	Revision   string `json:"revision"` // of the last run
	Date       string `json:"date"`
}

func readResults() (*results, error) {
	r := &results{}
	text, err := os.ReadFile(kept)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	return r, err
}

// of is what a target has had; nothing yet is a result, too.
func (r *results) of(t target) *result {
	i := slices.IndexFunc(*r, func(old *result) bool { return old.Folder == t.folder && old.Target == t.name })
	if i < 0 {
		*r = append(*r, &result{Folder: t.folder, Target: t.name})
		i = len(*r) - 1
	}
	return (*r)[i]
}

// add adds a turn, and writes the results and their table anew.
func (r *results) add(t target, done turn) error {
	revision, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("the revision: %w", err)
	}
	one := r.of(t)
	one.Seconds += int(math.Ceil(done.used.Seconds()))
	one.Executions += done.executions
	one.Revision, one.Date = strings.TrimSpace(string(revision)), time.Now().UTC().Format(time.DateOnly)
	return r.write()
}

// write writes the results, without targets that there are no more, and their table in the page.
func (r *results) write() error {
	var all results
	for _, d := range decoders() {
		for _, t := range d.targets {
			all = append(all, r.of(t))
		}
	}
	*r = all
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(kept, append(text, '\n'), 0o600); err != nil {
		return err
	}
	text, err = os.ReadFile(page)
	if err != nil {
		return err
	}
	changed, err := figures.Fill(string(text), map[string]string{"fuzz": r.section()})
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(changed), 0o600) //nolint:gosec // a page of the repository
}

// section is the table of the page: a row for each decoder, and how far it is from its hour.
func (r *results) section() string {
	var table figures.Table
	table.Head("what is read", "from", "targets", "minutes", "executions", "inputs kept", "of its hour")
	var seconds, executions, inputs, whole int
	for _, d := range decoders() {
		var names []string
		var sum result
		for _, t := range d.targets {
			one := r.of(t)
			names = append(names, fmt.Sprintf("`%s %s`", t.folder, t.name))
			sum.Seconds, sum.Executions, sum.Inputs = sum.Seconds+one.Seconds, sum.Executions+one.Executions,
				sum.Inputs+one.Inputs
		}
		if sum.Seconds >= hour {
			whole++
		}
		table.Row(d.reads, d.from, strings.Join(names, "<br>"), sum.Seconds/60, thousands(sum.Executions), sum.Inputs,
			fmt.Sprintf("%d %%", min(100, 100*sum.Seconds/hour)))
		seconds, executions, inputs = seconds+sum.Seconds, executions+sum.Executions, inputs+sum.Inputs
	}
	table.Row("**all**", "", "", seconds/60, thousands(executions), inputs,
		fmt.Sprintf("%d of %d have it", whole, len(decoders())))
	return table.String()
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
