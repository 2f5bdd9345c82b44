// Package fire keeps what TestUnderFire of infra/e2e has counted in its longest run, and what docs/reliability.md tells
// of it.
package fire

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"kassa/infra/figures"
)

// Results are one run on one machine.
type Results struct {
	Date        string         `json:"date"`
	Machine     string         `json:"machine"`
	Revision    string         `json:"revision"`
	Seed        uint64         `json:"seed"`
	Customers   int            `json:"customers"` // at once
	Seconds     int            `json:"seconds"`
	Kills       map[string]int `json:"kills"`       // by part
	Interrupted int            `json:"interrupted"` // invocations that a kill cut off
	Cut         int            `json:"cut"`         // connections
	Slowed      int            `json:"slowed"`      // stretches of connections
	Full        int            `json:"full"`        // times that the engine's disk was full
	TornOpened  int            `json:"torn_opened"` // copies of its file, cut, that opened with all that it held
	TornRefused int            `json:"torn_refused"`
	Orders      int            `json:"orders"`
	Payments    int            `json:"payments"`
	Paid        int            `json:"paid"`
	Refunds     int            `json:"refunds"`  // that succeeded
	Repeated    int            `json:"repeated"` // requests that got no answer, or none of ours, and were sent again
	Messages    int            `json:"messages"` // that the shops had to hear
	Heard       int            `json:"heard"`    // deliveries of them
	Lost        int            `json:"lost"`
	Doubled     int            `json:"doubled"`
}

// Total is how many processes were killed.
func (r Results) Total() (n int) {
	for _, of := range r.Kills {
		n += of
	}
	return n
}

// String is for whoever ran it.
func (r Results) String() string {
	var out strings.Builder
	for _, row := range r.rows() {
		fmt.Fprintf(&out, "%s: %v\n", row[0], row[1])
	}
	return out.String()
}

func (r Results) rows() [][2]any {
	return [][2]any{
		{"processes killed (`kill -9`)", r.Total()}, {"of these", r.parts()},
		{"invocations that were cut off by it", r.Interrupted},
		{"connections cut, slowed", fmt.Sprint(r.Cut, ", ", r.Slowed)},
		{"the engine's disk full", fmt.Sprint(r.Full, " times")},
		{"copies of its file cut: opened whole, refused", fmt.Sprint(r.TornOpened, ", ", r.TornRefused)},
		{"orders, payments, paid", fmt.Sprint(r.Orders, ", ", r.Payments, ", ", r.Paid)},
		{"refunds that succeeded", r.Refunds}, {"requests that had to be sent again", r.Repeated},
		{"messages to the shops, deliveries of them", fmt.Sprint(r.Messages, ", ", r.Heard)},
		{"**lost**", r.Lost}, {"**doubled**", r.Doubled},
	}
}

// parts are the kills of each part, the most first.
func (r Results) parts() string {
	var all []string
	names := slices.Sorted(maps.Keys(r.Kills))
	slices.SortStableFunc(names, func(a, b string) int { return r.Kills[b] - r.Kills[a] })
	for _, name := range names {
		all = append(all, fmt.Sprint(name, " ", r.Kills[name]))
	}
	return strings.Join(all, ", ")
}

//go:embed results.json
var kept []byte

// Measured is the run that is kept.
func Measured() (r Results, err error) {
	err = json.Unmarshal(kept, &r)
	return r, err
}

const page = "docs/reliability.md"

// Table is what the page shows of a run, as Markdown.
func (r Results) Table() string {
	var t figures.Table
	t.Head("", "")
	for _, row := range r.rows() {
		t.Row(row[0], row[1])
	}
	t.Row("run", fmt.Sprintf("%s, %d s, %d customers at once, seed %d, revision %.12s, %s", r.Date, r.Seconds, r.Customers,
		r.Seed, r.Revision, r.Machine))
	return t.String()
}

// Page is the page as it must be. Root is the repository's folder.
func Page(root string, r Results) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, page)) //nolint:gosec // the caller names the repository
	if err != nil {
		return "", err
	}
	return figures.Fill(string(text), map[string]string{"fire": r.Table()})
}

// Keep adds to a run what measured it, and writes it and the page.
func Keep(ctx context.Context, root string, r Results) error {
	git := exec.CommandContext(ctx, "git", "log", "-1", "--format=%H", "--", "functions", "shared", "infra/local")
	git.Dir = root
	revision, err := git.Output()
	if err != nil {
		return fmt.Errorf("name the revision: %w", err)
	}
	r.Revision, r.Date = strings.TrimSpace(string(revision)), time.Now().UTC().Format(time.DateOnly)
	r.Machine = fmt.Sprintf("%d processors, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "infra/fire/results.json"), append(text, '\n'), 0o600)
	}
	if err != nil {
		return err
	}
	return WritePage(root, r)
}

// WritePage makes the table of the page anew.
func WritePage(root string, r Results) error {
	text, err := Page(root, r)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, page), []byte(text), 0o600)
}
