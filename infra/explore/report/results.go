// Package report keeps what a search through all short histories has found, and makes the tables and the picture of
// docs/reliability.md from it.
package report

import (
	_ "embed"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"kassa/infra/explore/search"
	"kassa/infra/explore/world"
)

// Results are those of one search on one machine.
type Results struct {
	Date       string          `json:"date"`
	Revision   string          `json:"revision"` // of the functions, and of what searches
	Processor  string          `json:"processor"`
	Processors int             `json:"processors"` // that worked at it
	System     string          `json:"system"`
	Go         string          `json:"go"`
	Seconds    int             `json:"seconds"`
	Banks      []search.Counts `json:"banks"`
}

//go:embed histories.json
var kept []byte

// Kept are the results that were kept.
func Kept() (r Results, err error) { return r, json.Unmarshal(kept, &r) }

// New describes a search that was just made in the repository's folder.
func New(root string, took time.Duration, banks []search.Counts) (Results, error) {
	git := exec.Command("git", "log", "-1", "--format=%H", "--", "functions", "shared", "infra/explore")
	git.Dir = root
	revision, err := git.Output()
	if err != nil {
		return Results{}, err
	}
	r := Results{Date: time.Now().UTC().Format(time.DateOnly), Revision: strings.TrimSpace(string(revision)),
		Processors: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Seconds: int(took.Seconds()), Banks: banks}
	text, _ := os.ReadFile("/proc/cpuinfo") // where there is none the processor has no name
	if _, after, found := strings.Cut(string(text), "model name"); found {
		line, _, _ := strings.Cut(after, "\n")
		r.Processor = strings.Trim(line, "\t :")
	}
	return r, nil
}

// met is how many histories had each kind of fault at each call, of all events.
func met(c search.Counts) map[string]map[world.Kind]int {
	all := map[string]map[world.Kind]int{}
	for _, p := range c.Points {
		if all[p.Call] == nil {
			all[p.Call] = map[world.Kind]int{}
		}
		for kind, n := range p.Faults {
			all[p.Call][kind] += n
		}
	}
	return all
}

// kinds are all kinds of faults that any call can meet.
func (r Results) kinds() (all []world.Kind) {
	for _, c := range r.Banks {
		for _, p := range c.Points {
			all = append(all, world.Kinds(p.Call)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// calls are those of a bank's histories, in the order of their names.
func calls(c search.Counts) []string { return slices.Sorted(maps.Keys(met(c))) }
