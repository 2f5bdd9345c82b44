package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kassa/infra/figures"
)

// Tables are all tables of docs/performance.md by name, as Markdown.
func Tables(r Results) map[string]string {
	return map[string]string{
		"goals": r.goals(), "machine": r.machine(), "start": r.start(), "first": r.first(), "warm": r.warm(),
		"size": r.size(), "tenth": r.tenth(), "before": r.before(), "node": r.node(), "asked": r.asked(),
		"ahead":   r.against(Ahead, Earlier),
		"bundled": r.against("Initiate", Bundled), "lifecycle": r.lifecycle(), "same": r.same(),
	}
}

// none stands where there is nothing to tell.
const none = "-"

// programs are those that were measured, what the functions are compared with first, then in the order of what the
// first request takes.
func (r Results) programs() []string {
	with := []string{Floor, SDK}
	if r.Free[Clients] != nil { // older results have none
		with = append(with, Clients)
	}
	var all []string
	for name := range r.Free {
		if name != Again && name != Earlier && name != Node && name != Bundled && !slices.Contains(with, name) {
			all = append(all, name)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(median(r.Free[a][FirstCPU]), median(r.Free[b][FirstCPU])), strings.Compare(a, b))
	})
	all = append(with, all...)
	for _, name := range []string{Node, Bundled} {
		if r.Free[name] != nil {
			all = append(all, name)
		}
	}
	return all
}

// ms is the median of a program's figures in milliseconds.
func (r Runs) ms(name string, k Kind) string {
	all := r[name].of(k)
	if len(all) == 0 || !r.shown(k) {
		return none
	}
	return fmt.Sprintf("%.1f", median(all)/1000)
}

// times is how many times as much a program takes as another.
func (r Runs) times(one, other string, k Kind) string {
	ratio, ok := r.Ratio(one, other, k)
	if !ok || !r.shown(k) {
		return none
	}
	return fmt.Sprintf("%.2f", ratio)
}

// machine says what measured, and what was measured on it.
func (r Results) machine() string {
	var t figures.Table
	t.Head("", "")
	t.Row("measured on", r.Machine.Date)
	t.Row("processor", fmt.Sprintf("%s, %d of them", r.Machine.Processor, r.Machine.Processors))
	t.Row("system, Go", r.Machine.System+", "+r.Machine.Go)
	t.Row("the table's file", r.Machine.Table)
	t.Row("Node", r.Node)
	t.Row("the functions' revision", short(r.Revision))
	t.Row("the earlier build", cmp.Or(short(r.Base), none))
	t.Row("rounds", fmt.Sprintf("%d, each with %d requests after the first", len(r.Free[Floor][StartCPU]), r.Warm))
	t.Row("a tenth of a processor", r.Limit)
	return t.String()
}

// short is a revision as people write it.
func short(revision string) string { return revision[:min(len(revision), 12)] }

// start is the table of the starts: against a table behind TLS, as on AWS, and against one without.
func (r Results) start() string {
	var t figures.Table
	t.Head("program", "processor, ms", "of the floor's", "of the SDK's", "passed, ms", "without TLS: processor, ms",
		"of the floor's", "of the SDK's")
	for _, name := range r.programs() {
		f := r.Free
		t.Row(name, f.ms(name, StartCPU), f.times(name, Floor, StartCPU), f.times(name, SDK, StartCPU),
			f.ms(name, StartWall), f.ms(name, PlainCPU), f.times(name, Floor, PlainCPU), f.times(name, SDK, PlainCPU))
	}
	return t.String()
}

// first is the table of first requests, which fetch the secrets and make the sessions that the start has not made.
func (r Results) first() string {
	var t figures.Table
	t.Head("program", "processor, ms", "of the floor's", "of the SDK's", "passed, ms", "with the start: processor, ms",
		"of the floor's", "of the SDK's")
	for _, name := range r.programs() {
		if s := r.Free[name]; len(s[FirstCPU]) > 0 {
			t.Row(name, r.Free.ms(name, FirstCPU), r.Free.times(name, Floor, FirstCPU),
				r.Free.times(name, SDK, FirstCPU), r.Free.ms(name, FirstWall),
				r.Free.ms(name, ColdCPU), r.Free.times(name, Floor, ColdCPU), r.Free.times(name, SDK, ColdCPU))
		}
	}
	return t.String()
}

// warm is the table of what a process takes that has answered before.
func (r Results) warm() string {
	var t figures.Table
	t.Head("program", "processor, ms", "of the floor's", "passed, ms: p50", "p99", "allocations", "KB of them")
	for _, name := range r.programs() {
		s, f := r.Free[name], r.Facts[name]
		if len(s[WarmCPU]) == 0 {
			continue
		}
		allocations, kb, p99 := none, none, none
		if r.Free.shown(WarmWall) {
			p99 = fmt.Sprintf("%.1f", float64(f.P99)/1000)
		}
		if f.Allocations > 0 {
			allocations, kb = fmt.Sprint(f.Allocations), fmt.Sprintf("%.0f", float64(f.AllocatedB)/1000)
		}
		t.Row(name, fmt.Sprintf("%.2f", median(s[WarmCPU])/1000), r.Free.times(name, Floor, WarmCPU),
			r.Free.ms(name, WarmWall),
			p99, allocations, kb)
	}
	return t.String()
}

// size is the table of memory, as the system counts it, and of files.
func (r Results) size() string {
	var t figures.Table
	t.Head("program", "memory at most, MB", "of the floor's", "binary, MB", "zip, MB", "of the floor's")
	for _, name := range r.programs() {
		f, cells := r.Facts[name], []any{none, none, none}
		if f.ZipB > 0 {
			cells = []any{mb(f.BinaryB), mb(f.ZipB), fmt.Sprintf("%.2f", float64(f.ZipB)/float64(r.Facts[Floor].ZipB))}
		}
		t.Row(append([]any{name, fmt.Sprintf("%.1f", median(r.Free[name][PeakKB])/1000),
			r.Free.times(name, Floor, PeakKB)}, cells...)...)
	}
	return t.String()
}

// mb writes a size in millions of bytes.
func mb(bytes int) string { return fmt.Sprintf("%.1f", float64(bytes)/1e6) }

// tenth is what passes where a function has a tenth of a processor, as Lambda gives one of 177 MB.
func (r Results) tenth() string {
	var t figures.Table
	t.Head("program", "start, ms", "of the floor's", "first request, ms", "of the floor's", "together, ms")
	for _, name := range append(r.programs(), Earlier) {
		if s := r.Tenth[name]; s != nil {
			together := none
			if r.Tenth.shown(StartWall) && r.Tenth.shown(FirstWall) {
				together = fmt.Sprintf("%.0f", (median(s[StartWall])+median(s[FirstWall]))/1000)
			}
			t.Row(name, r.Tenth.ms(name, StartWall), r.Tenth.times(name, Floor, StartWall), r.Tenth.ms(name, FirstWall),
				r.Tenth.times(name, Floor, FirstWall), together)
		}
	}
	return t.String()
}

// against compares two programs in all that was measured.
func (r Results) against(one, other string) string {
	var t figures.Table
	t.Head("", one, other, "ratio")
	if r.Free[other] == nil {
		return t.String()
	}
	line := func(what string, runs Runs, k Kind, shape string) {
		if theirs := runs[other].of(k); len(theirs) > 0 && len(runs[one].of(k)) > 0 && runs.shown(k) {
			t.Row(what, fmt.Sprintf(shape, median(runs[one].of(k))/1000), fmt.Sprintf(shape, median(theirs)/1000),
				runs.times(one, other, k))
		}
	}
	line("start, ms of a processor", r.Free, StartCPU, "%.1f")
	line("start without TLS, ms of a processor", r.Free, PlainCPU, "%.1f")
	line("first request, ms of a processor", r.Free, FirstCPU, "%.1f")
	line("start and first request, ms of a processor", r.Free, ColdCPU, "%.1f")
	line("first request, ms passed", r.Free, FirstWall, "%.1f")
	line("a later request, ms of a processor", r.Free, WarmCPU, "%.2f")
	line("a later request, ms passed", r.Free, WarmWall, "%.1f")
	line("memory at most, MB", r.Free, PeakKB, "%.0f")
	line("with a tenth of a processor: start, ms passed", r.Tenth, StartWall, "%.0f")
	line("with a tenth of a processor: first request, ms passed", r.Tenth, FirstWall, "%.0f")
	return t.String()
}

// before and node are the two that Initiate is compared with.
func (r Results) before() string { return r.against("Initiate", Earlier) }
func (r Results) node() string   { return r.against("Initiate", Node) }

// same is the comparison of a binary with itself, which says how far the others are to be trusted.
func (r Results) same() string {
	var t figures.Table
	t.Head("", "ratio", "with a tenth of a processor")
	for _, k := range compared() {
		cells := []any{strings.ReplaceAll(strings.TrimSuffix(string(k), "_us"), "_", ", ")}
		for _, runs := range []Runs{r.Free, r.Tenth} {
			cell := none
			if ratio, ok := runs.Ratio(Again, "Initiate", k); ok {
				cell = fmt.Sprintf("%.2f", ratio)
			}
			cells = append(cells, cell)
		}
		t.Row(cells...)
	}
	return t.String()
}
