// Package bench compares the functions with the least that a function can be, with the SDK's clients alone, with an
// earlier build and with what others would write in Node. Command run measures; what it writes is kept here, and
// docs/performance.md shows what follows from it.
package bench

import (
	_ "embed"
	"encoding/json"
	"slices"

	"kassa/infra/scale"
)

// Results are one run on one machine.
type Results struct {
	Machine  Machine                 `json:"machine"`
	Revision string                  `json:"revision"`       // of the functions
	Base     string                  `json:"base,omitempty"` // of the earlier build; empty where there was none
	Node     string                  `json:"node"`           // its version, or why it was left out
	Limit    string                  `json:"limit"`          // how a tenth of a processor was made, or why it was not
	Warm     int                     `json:"warm"`           // requests to a process after its first
	Free     Runs                    `json:"free"`           // with all processors of the machine
	Tenth    Runs                    `json:"tenth"`          // with a tenth of one
	Facts    map[string]Fact         `json:"facts"`          // by program
	Flows    map[string]scale.Counts `json:"flows"`          // what each flow of the whole stack took at this revision
}

// Machine is what measured.
type Machine struct {
	Date       string `json:"date"`
	Processor  string `json:"processor"`
	Processors int    `json:"processors"`
	System     string `json:"system"`
	Go         string `json:"go"`
	Table      string `json:"table"` // where the table's file is kept
}

// Runs are what was measured of each program, by its name, in rounds: the n-th of each was measured in one round.
type Runs map[string]Series

// Series are the figures of a program by their kind, one for each round, in microseconds or kilobytes.
type Series map[Kind][]int

// Kind is what is measured of a process. CPU is the time of processors, of the user and the system together; Wall is
// what passed.
type Kind string

// The kinds. A start ends when the process asks for its first event; Warm is the mean of the later requests in the
// case of CPU, their median in that of Wall. Without TLS a start meets a table that answers at once over plain HTTP, so
// that what a program links and makes ready is seen by itself.
const (
	StartCPU  Kind = "start_cpu_us"
	StartWall Kind = "start_wall_us"
	PlainCPU  Kind = "start_without_tls_cpu_us"
	FirstCPU  Kind = "first_cpu_us"
	FirstWall Kind = "first_wall_us"
	WarmCPU   Kind = "warm_cpu_us"
	WarmWall  Kind = "warm_wall_us"
	PeakKB    Kind = "peak_kb"
	ColdCPU   Kind = "start_cpu_us and first_cpu_us" // both together, until the first answer
)

// Fact is what does not change from round to round.
type Fact struct {
	P99         int `json:"p99_us"` // of all warm requests of all rounds
	Allocations int `json:"allocations,omitempty"`
	AllocatedB  int `json:"allocated_bytes,omitempty"`
	BinaryB     int `json:"binary_bytes,omitempty"`
	ZipB        int `json:"zip_bytes,omitempty"`
	Cold        Use `json:"cold"` // from the start to the end of the first request
	Warm        Use `json:"warm"` // of one later request
}

// Use is what a program asked of others.
type Use struct {
	TableCalls      int `json:"table_calls"`
	Secrets         int `json:"secrets"`
	TableHandshakes int `json:"table_handshakes"`
	BankHandshakes  int `json:"bank_handshakes"`
}

// The programs beside the functions, which go by their logical ids.
const (
	Floor   = "floor"           // a bare handler
	SDK     = "sdk"             // the two clients and nothing else
	Clients = "clients"         // the same with the functions' own
	Again   = "Initiate again"  // the same binary under another name
	Ahead   = "Initiate ahead"  // the same binary, told of the shop that it gets ready for
	Earlier = "Initiate before" // of the earlier build
	Node    = "node"            // Initiate's work with the SDK and Powertools in Node
	Bundled = "node bundled"    // the same in one file
)

//go:embed results/results.json
var measured []byte

// Measured are the results that are kept.
func Measured() (r Results, err error) {
	err = json.Unmarshal(measured, &r)
	return r, err
}

// median gives the middle, or the mean of the two in the middle; 0 of nothing.
func median[N int | float64](all []N) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
}

// of gives the figures of a kind; those of a start and of the first request together are added.
func (s Series) of(k Kind) []int {
	if k != ColdCPU {
		return s[k]
	}
	var all []int
	for i := range min(len(s[StartCPU]), len(s[FirstCPU])) {
		all = append(all, s[StartCPU][i]+s[FirstCPU][i])
	}
	return all
}

// Ratio is the median of the ratios of two programs in each round; false where one of them was not measured. Noise of
// the machine that outlasts a round is in both, and goes.
func (r Runs) Ratio(one, other string, k Kind) (float64, bool) {
	above, below := r[one].of(k), r[other].of(k)
	var ratios []float64
	for i := range min(len(above), len(below)) {
		if below[i] > 0 {
			ratios = append(ratios, float64(above[i])/float64(below[i]))
		}
	}
	return median(ratios), len(ratios) > 0
}

// compared are the kinds by which a program must be like itself.
func compared() []Kind { return []Kind{StartCPU, StartWall, FirstCPU, FirstWall, WarmCPU, WarmWall} }

// Alike says whether the same binary under two names came out alike; what passed on a machine that others work on as
// well may differ where the time of processors does not.
func (r Runs) Alike(k Kind) bool {
	ratio, ok := r.Ratio(Again, "Initiate", k)
	return ok && ratio >= 0.90 && ratio <= 1.10
}

// Void says by which kinds a run is no good at all.
func (r Runs) Void() (all []Kind) {
	for _, k := range []Kind{StartCPU, FirstCPU, WarmCPU} {
		if !r.Alike(k) {
			all = append(all, k)
		}
	}
	return all
}

// shown says whether a kind may be told: a time that passed must be alike.
func (r Runs) shown(k Kind) bool {
	return k != StartWall && k != FirstWall && k != WarmWall || r.Alike(k)
}
