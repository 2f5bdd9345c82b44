package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// read gives the result that a run has written to a file.
func read(file string) (r Result, err error) {
	text, err := os.ReadFile(file) //nolint:gosec // that of the results
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// table is what docs/reliability.md shows of a run.
func (r Result) table() string {
	var b strings.Builder
	row := func(what, value string, values ...any) { fmt.Fprintf(&b, "| "+what+" | "+value+" |\n", values...) }
	fmt.Fprint(&b, "| | |\n| --- | --- |\n")
	c := r.Tally
	row("payments, of orders, in towns", "%s, %s, %s", whole(c.Payments), whole(c.Orders), whole(r.Towns))
	row("steps, calls of table, banks and shops", "%s, %s", whole(c.Steps), whole(c.Calls))
	row("how they ended", "%s", list(c.Statuses))
	row("faults met", "%s", list(c.Faults))
	row("pauses in which all that was under way had to wait", "%s", whole(c.Pauses))
	row("answers by what was true before", "%s", whole(c.Stale))
	row("messages that shops took", "%s", whole(c.Messages))
	row("payments that a person was called for", "%s", whole(c.Excused))
	row("**violations**", "%d", r.Violations)
	row("run", "`%s`, %s UTC, %s, trace %d, revision %s, %s", r.Command, r.Began.Format("2006-01-02 15:04"),
		time.Duration(r.Seconds)*time.Second, r.Trace, r.Revision, r.Machine)
	return b.String()
}

// list names what was counted, the most first.
func list[K ~string](counts map[K]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(string(a), string(b))
	})
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s %s", name, whole(counts[name])))
	}
	return strings.ReplaceAll(strings.Join(all, ", "), "_", " ")
}

// whole writes a number with commas between its thousands.
func whole(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", whole(n/1000), n%1000)
}
