package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/explore/town"
	"kassa/infra/explore/world"
)

// run is town after town, on all cores at once. The towns count in the order of their numbers, so that a seed says
// which they are.
type run struct {
	Result
	payments int // that there are to be
	limit    time.Duration
	out      string

	mu      sync.Mutex
	next    uint64               // town to begin
	waiting map[uint64]town.Life // for those before them
	kinds   map[string]bool      // of wrong, that were told
}

// Result is what a run did.
type Result struct {
	Command    string     `json:"command"`
	Seed       uint64     `json:"seed"`
	Towns      int        `json:"towns"`
	Tally      town.Tally `json:"tally"`
	Violations int        `json:"violations"` // towns in which something was wrong
	Scripts    []string   `json:"scripts"`    // that repeat each kind of wrong
	Trace      town.Trace `json:"trace"`      // of all towns: the same seed and code give the same
	Revision   string     `json:"revision"`
	Began      time.Time  `json:"began"`
	Seconds    int        `json:"seconds"`
	Machine    string     `json:"machine"`
}

// newRun prepares a run that ends when there are payments enough, or when its time is over.
func newRun(seed uint64, payments int, limit time.Duration, out string) *run {
	return &run{payments: payments, limit: limit, out: out, waiting: map[uint64]town.Life{}, kinds: map[string]bool{},
		Result: Result{Seed: seed, Began: time.Now().UTC().Truncate(time.Second), Scripts: []string{}, Revision: revision(),
			Machine: fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())}}
}

// revision is the commit that this was built from, and whether anything was changed since.
func revision() string {
	name, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changed, err := exec.Command("git", "status", "--porcelain", "-uno").Output()
	if err != nil || len(changed) > 0 {
		name = append(name, "with changes"...)
	}
	return strings.Join(strings.Fields(string(name)), " ")
}

// all is the whole run.
func (r *run) all(t *testing.T) {
	fmt.Printf("seed %d\n", r.Seed)
	t.Run("", func(t *testing.T) {
		for range runtime.GOMAXPROCS(0) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				r.work(t)
			})
		}
	})
	r.Command = fmt.Sprintf("make lives PAYMENTS=%d SEED=%d", r.Tally.Payments, r.Seed) // the same towns again
	r.Seconds = int(time.Since(r.Began).Seconds())
	text, err := json.MarshalIndent(r.Result, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	if r.out != "" {
		if err := os.WriteFile(r.out, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r.Violations > 0 {
		t.Errorf("something was wrong in %d towns", r.Violations)
	}
}

// work lets one town after the other live, until there are payments enough.
func (r *run) work(t *testing.T) {
	for number, more := r.begin(); more; number, more = r.begin() {
		life := inBubble(t, func() (town.Life, error) { return town.Live(r.Seed, number, town.Orders) })
		if len(life.Problems) > 0 && r.unheard(life.Problems[0]) {
			fmt.Printf("go run ./infra/explore/lives -seed %d -town %d\n  %q\n", r.Seed, number, life.Problems)
			short := shorten(t, life)
			fmt.Println(short)
			r.mu.Lock()
			r.Scripts = append(r.Scripts, short)
			r.mu.Unlock()
		}
		r.end(number, life)
	}
}

// begin gives the next town; false when there are payments enough, or the time is over.
func (r *run) begin() (number uint64, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	return r.next - 1, r.Tally.Payments < r.payments && time.Since(r.Began) < r.limit
}

// unheard says whether nothing was told yet of what is wrong in this way.
func (r *run) unheard(problem string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind := world.Anonymous(problem)
	known := r.kinds[kind]
	r.kinds[kind] = true
	return !known
}

// end counts a town, and those that have waited for it.
func (r *run) end(number uint64, life town.Life) {
	r.mu.Lock()
	defer r.mu.Unlock()
	life.Script = nil // of a million payments there is no room for all
	r.waiting[number] = life
	for {
		next := uint64(r.Towns) //nolint:gosec // it counts from 0
		life, came := r.waiting[next]
		if !came || r.Tally.Payments >= r.payments {
			return
		}
		delete(r.waiting, next)
		r.Towns++
		r.Tally.Add(life.Tally)
		r.Trace.Join(life.Trace)
		if len(life.Problems) > 0 {
			r.Violations++
		}
		if r.Towns%500 == 0 {
			fmt.Fprintf(os.Stderr, "%d payments in %s, %d violations\n", r.Tally.Payments,
				time.Since(r.Began).Round(time.Second), r.Violations)
		}
	}
}
