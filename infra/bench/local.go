package bench

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"kassa/infra/figures"
)

// Local is what was measured of the local stack: how quick it is, and what a long load leaves in it.
type Local struct {
	Quick Quick `json:"quick"`
	Load  Load  `json:"load"`
}

// Quick is what a minute can measure, on a machine that has nothing else to do.
type Quick struct {
	Machine Machine     `json:"machine"`
	ReadyMS int         `json:"ready_ms"` // of make run, with all compiled
	Puts    map[int]int `json:"puts"`     // a second, by how many write at once
}

// Load is a run of many payments.
type Load struct {
	Machine Machine  `json:"machine"`
	Minutes int      `json:"minutes"`
	Samples []Sample `json:"samples"` // the first from before the load
}

// Sample is what the local process held after so many payments.
type Sample struct {
	Payments   int `json:"payments"`
	HeldKB     int `json:"held_kb"`     // by the heap, just collected
	ResidentKB int `json:"resident_kb"` // of its own, as the system counts it
	DiskKB     int `json:"disk_kb"`     // in the folder of its state, logs included
	LogsKB     int `json:"logs_kb"`
}

//go:embed results/local.json
var measuredLocal []byte

// MeasuredLocal are the figures of the local stack that are kept.
func MeasuredLocal() (l Local, err error) {
	err = json.Unmarshal(measuredLocal, &l)
	return l, err
}

// WriteLocal keeps the figures of the local stack and makes the page anew.
func WriteLocal(root string, l Local) error {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(root, "infra/bench/results/local.json"), append(text, '\n'), 0o600)
	if err != nil {
		return err
	}
	r, err := Measured()
	if err != nil {
		return err
	}
	return WritePage(root, r, l)
}

// tables are those of the page that tell of the local stack.
func (l Local) tables() map[string]string {
	return map[string]string{"quick": l.quick(), "load": l.load()}
}

// quick says how quick it is.
func (l Local) quick() string {
	var t figures.Table
	t.Head("", "")
	t.Row("measured on", l.Quick.Machine.String())
	t.Row("`make run` is ready after, s", fmt.Sprintf("%.1f", float64(l.Quick.ReadyMS)/1000))
	for _, clients := range slices.Sorted(maps.Keys(l.Quick.Puts)) {
		t.Row(fmt.Sprintf("writes a second by %d at once", clients), l.Quick.Puts[clients])
	}
	return t.String()
}

// load says what is held after how many payments: at the start, and of the rest each other sample.
func (l Local) load() string {
	var t figures.Table
	t.Head("payments", "held in memory, MB", "the process's own memory, MB", "on disk, MB", "of them logs, MB")
	for n, s := range l.Load.Samples {
		// eleven lines would say no more than six
		if n%2 == 0 {
			t.Row(s.Payments, kb(s.HeldKB), kb(s.ResidentKB), kb(s.DiskKB), kb(s.LogsKB))
		}
	}
	if len(l.Load.Samples) > 0 {
		fmt.Fprintf(&t.Builder, "\nIn %d minutes, on %s. A payment left %.1f KB on disk, without logs.\n", l.Load.Minutes,
			l.Load.Machine, l.Load.left())
	}
	return t.String()
}

// kb writes thousands of bytes as millions.
func kb(n int) string { return mb(n * 1000) }

// Leak is by how many thousands of bytes for each payment the memory that is held grew from the first half of the load
// to the second. Of each the least counts: what is under way at the moment of a sample comes on top, now more, now
// less.
func (l Load) Leak() float64 {
	// the first sample is of a process that has done nothing yet, and has its histories still to fill
	half := len(l.Samples)/2 + 1
	least := func(all []Sample) Sample {
		return slices.MinFunc(all, func(a, b Sample) int { return cmp.Compare(a.HeldKB, b.HeldKB) })
	}
	before, after := least(l.Samples[1:half]), least(l.Samples[half:])
	return float64(after.HeldKB-before.HeldKB) / float64(after.Payments-before.Payments)
}

// left is how many thousands of bytes a payment leaves on disk, without logs.
func (l Load) left() float64 {
	first, last := l.Samples[1], l.Samples[len(l.Samples)-1]
	return float64(last.DiskKB-last.LogsKB-first.DiskKB+first.LogsKB) / float64(last.Payments-first.Payments)
}

// String is a machine on a line.
func (m Machine) String() string {
	return fmt.Sprintf("%s: %s, %d of them, %s, %s, the table %s", m.Date, m.Processor, m.Processors, m.System, m.Go,
		m.Table)
}

// ThisMachine describes what measures, without its name.
func ThisMachine(table string) Machine {
	m := Machine{Date: time.Now().UTC().Format(time.DateOnly), Processors: runtime.NumCPU(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Table: table}
	text, _ := os.ReadFile("/proc/cpuinfo") // where there is none the processor has no name
	if _, after, found := strings.Cut(string(text), "model name"); found {
		line, _, _ := strings.Cut(after, "\n")
		m.Processor = strings.Trim(line, "\t :")
	}
	return m
}
