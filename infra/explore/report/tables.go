package report

import (
	"fmt"
	"strconv"

	"kassa/infra/explore/search"
	"kassa/infra/explore/world"
	"kassa/infra/figures"
)

// Tables are the tables of the page by name, as Markdown.
func Tables(r Results) map[string]string {
	return map[string]string{"histories": r.histories(), "histories-machine": r.machine(), "events": events(),
		"faults": r.faults()}
}

// histories is what was done for each bank.
func (r Results) histories() string {
	var t figures.Table
	head := []any{""}
	for _, c := range r.Banks {
		head = append(head, c.Bank)
	}
	t.Head(head...)
	line := func(what string, count func(c search.Counts) string) {
		cells := []any{what}
		for _, c := range r.Banks {
			cells = append(cells, count(c))
		}
		t.Row(cells...)
	}
	line("events in a history, at most", func(c search.Counts) string { return strconv.Itoa(c.Events) })
	line("faults in a history, at most", func(c search.Counts) string { return strconv.Itoa(c.Faults) })
	line("histories", func(c search.Counts) string { return thousands(c.Histories) })
	line("of them with two events at once", func(c search.Counts) string { return thousands(c.Together) })
	line("orders of two besides, equal to others", func(c search.Counts) string { return thousands(c.Again) })
	line("states, each driven to rest", func(c search.Counts) string { return thousands(c.States) })
	line("of them gone on from", func(c search.Counts) string { return thousands(c.Places) })
	line("calls of events", func(c search.Counts) string { return thousands(c.Open()) })
	line("faults at them that can be", func(c search.Counts) string {
		_, all := c.Reached()
		return thousands(all)
	})
	line("of them met", func(c search.Counts) string {
		met, all := c.Reached()
		return fmt.Sprintf("%d %%", met*100/max(all, 1))
	})
	line("**violations**", func(c search.Counts) string { return fmt.Sprintf("**%d**", len(c.Found)) })
	return t.String()
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// machine says what searched, and for how long.
func (r Results) machine() string {
	var t figures.Table
	t.Head("", "")
	t.Row("searched on", r.Date)
	t.Row("processor", fmt.Sprintf("%s, %d of them", r.Processor, r.Processors))
	t.Row("system, Go", r.System+", "+r.Go)
	t.Row("the functions' revision", r.Revision[:min(len(r.Revision), 12)])
	t.Row("took", fmt.Sprintf("%d min %d s", r.Seconds/60, r.Seconds%60))
	return t.String()
}

// events is what can happen outside of Kassa.
func events() string {
	var t figures.Table
	t.Head("event", "what happens", "with another at once")
	for _, e := range world.Events() {
		at := "yes"
		if e.Alone {
			at = "no"
		}
		t.Row("`"+e.Name+"`", e.About, at)
	}
	return t.String()
}

// faults is what each kind of fault is, and how many histories had it.
func (r Results) faults() string {
	var t figures.Table
	t.Head("fault", "what a call meets", "histories and orders with it")
	for _, kind := range r.kinds() {
		n := 0
		for _, c := range r.Banks {
			for _, p := range c.Points {
				n += p.Faults[kind]
			}
		}
		t.Row("`"+string(kind)+"`", kind.About(), thousands(n))
	}
	return t.String()
}
