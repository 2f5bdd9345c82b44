package bench

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kassa/infra/scale"
)

const root = "../.."

var update = flag.Bool("update", false, "make the page and its chart anew from the results that are kept")

// TestThePageSaysWhatWasMeasured: every table of the page, and its chart, is what follows from the results that are
// kept.
func TestThePageSaysWhatWasMeasured(t *testing.T) {
	r, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	l, err := MeasuredLocal()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := WritePage(root, r, l); err != nil {
			t.Fatal(err)
		}
	}
	page, err := Page(root, r, l)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{thePage: page, theChart: Chart(r)} {
		got, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || string(got) != want {
			t.Errorf("%s is not what follows from the results (%v); go test ./infra/bench -update makes it anew", file, err)
		}
	}
	if !strings.Contains(page, "("+strings.TrimPrefix(theChart, "docs/")+")") {
		t.Errorf("%s shows no chart", thePage)
	}
}

// TestTheKeptResultsAreWhole: every program was measured in each round, and the run is not void.
func TestTheKeptResultsAreWhole(t *testing.T) {
	r, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	rounds := len(r.Free[Floor][StartCPU])
	if rounds < 31 {
		t.Errorf("%d rounds, want 31 at least", rounds)
	}
	for _, name := range append(r.programs(), Again) {
		for kind, all := range r.Free[name] {
			if len(all) != rounds {
				t.Errorf("%s: %d of %s in %d rounds", name, len(all), kind, rounds)
			}
		}
	}
	if void := r.Free.Void(); len(void) > 0 {
		t.Errorf("the same binary under two names differs in %v: this run is void", void)
	}
	if !strings.HasPrefix(r.Node, "v") && !strings.HasPrefix(r.Node, "left out: ") {
		t.Errorf("of Node it says %q", r.Node)
	}
}

// TestMemoryCameToRest: the load that is kept made thousands of payments, and in its second half no more memory is
// held than in the first, but for less than the least that could be kept of each: its id, and where that is noted.
func TestMemoryCameToRest(t *testing.T) {
	l, err := MeasuredLocal()
	if err != nil {
		t.Fatal(err)
	}
	samples := l.Load.Samples
	if len(samples) < 11 || samples[len(samples)-1].Payments < 5000 {
		t.Fatalf("%d samples: too short a load", len(samples))
	}
	if growth := l.Load.Leak(); growth > 0.1 {
		t.Errorf("%.3f KB a payment", growth)
	}
	leak := Load{}
	for n := range 11 {
		leak.Samples = append(leak.Samples, Sample{Payments: 1000 * n, HeldKB: 500 + 200*n})
	}
	if growth := leak.Leak(); growth != 0.2 {
		t.Errorf("a load that leaves 200 bytes of each payment grows by %g KB", growth)
	}
}

// series are the same figures for every kind.
func series(n ...int) Series {
	s := Series{}
	for _, k := range append(compared(), PeakKB) {
		s[k] = n
	}
	return s
}

// TestRatiosAreTakenWithinARound: a round in which the machine was slow counts as any other.
func TestRatiosAreTakenWithinARound(t *testing.T) {
	r := Runs{"a": series(20, 2000, 26), "b": series(10, 1000, 10)}
	if ratio, ok := r.Ratio("a", "b", WarmCPU); !ok || ratio != 2 {
		t.Errorf("%g %t, want 2", ratio, ok)
	}
	if _, ok := r.Ratio("a", "c", WarmCPU); ok {
		t.Error("a program that was not measured has a ratio")
	}
	for _, c := range []struct {
		all  []int
		want float64
	}{{nil, 0}, {[]int{3}, 3}, {[]int{4, 1, 9}, 4}, {[]int{4, 1, 2, 9}, 3}} {
		if got := median(c.all); got != c.want {
			t.Errorf("the median of %v is %g, want %g", c.all, got, c.want)
		}
	}
}

// TestARunIsVoidWhereABinaryDiffersFromItself, also where it was not compared with itself.
func TestARunIsVoidWhereABinaryDiffersFromItself(t *testing.T) {
	for again, void := range map[int]bool{89: true, 90: false, 100: false, 110: false, 111: true} {
		r := Runs{"Initiate": series(100), Again: series(again)}
		if got := len(r.Void()) > 0; got != void {
			t.Errorf("%d of 100: void %t", again, got)
		}
	}
	slow := series(100)
	slow[FirstWall] = []int{200}
	r := Runs{"Initiate": series(100), Again: slow}
	if len(r.Void()) > 0 || r.shown(FirstWall) || !r.shown(WarmWall) || r.ms("Initiate", FirstWall) != none {
		t.Error("what passed is told although it was not alike, or the whole run is thrown away for it")
	}
	if len((Runs{"Initiate": series(100)}).Void()) == 0 {
		t.Error("a run without the comparison is taken")
	}
}

// TestGoalsAreJudged by what was measured, and not where nothing was.
func TestGoalsAreJudged(t *testing.T) {
	r := Results{Free: Runs{Floor: series(10), "StatusPoll": series(20), "Initiate": series(70), Node: series(140)},
		Facts: map[string]Fact{Floor: {ZipB: 100}, "Initiate": {ZipB: 130}},
		Flows: map[string]scale.Counts{scale.CardPaid: {Reads: 3, Writes: 5, WriteUnits: 7, IndexUnits: 3, ItemBytes: 1024}}}
	text := r.goals()
	for _, want := range []string{
		"| a later request of StatusPoll, of the floor's | 2.50 | 2 | yes |",
		"| a later request of Initiate, of the floor's | 6 | 7 | **no** |",
		"| a later request of Initiate, of Node's | 0.333 | 0.500 | **no** |",
		"| first request of Initiate that knows its shop, of the earlier build's | 0.500 | not measured | - |",
		"| the largest zip, of the floor's | 1.40 | 1.30 | yes |",
		"| calls of the table for a payment | 8 | 8 | yes |",
		"| write units for a payment, indexes and the book included | 9 | 10 | **no** |",
		"| bytes of a payment's item | 1024 | 1024 | yes |",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the goals have no line %s:\n%s", want, text)
		}
	}
}

// TestTheChartHoldsEveryProgram that was asked for something.
func TestTheChartHoldsEveryProgram(t *testing.T) {
	r := Results{Free: Runs{Floor: series(1000), SDK: series(3000), "Initiate": series(9000), "Refund": {StartCPU: {1}}}}
	text := Chart(r)
	names := []string{Floor, SDK, "Initiate"}
	if i := slices.IndexFunc(names, func(name string) bool { return strings.Count(text, ">"+name+"<") != 2 }); i >= 0 ||
		strings.Contains(text, "Refund") {
		t.Errorf("the chart is\n%s", text)
	}
}
