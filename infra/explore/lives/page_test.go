package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"kassa/infra/explore/town"
	"kassa/infra/figures"
)

var update = flag.Bool("update", false, "write the table of docs/reliability.md anew")

const page = "../../../docs/reliability.md"

// TestThePageSaysWhatCameOut: the table of docs/reliability.md is that of the run that is kept, and nothing was wrong
// in it.
func TestThePageSaysWhatCameOut(t *testing.T) {
	r, err := read("../results/lives.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := figures.Fill(string(text), map[string]string{"lives": r.table()})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Errorf("the table must read\n%sgo test ./infra/explore/lives -update writes it anew", r.table())
	}
	if r.Violations > 0 || len(r.Scripts) > 0 || r.Tally.Payments == 0 {
		t.Errorf("the run that is kept found %d violations among %d payments", r.Violations, r.Tally.Payments)
	}
}

// TestWhatThePageCallsWrongIs: the histories that it calls wrong and not mended still end so. Whoever mends one takes
// it from the page, and keeps it in town's testdata.
func TestWhatThePageCallsWrongIs(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, there := strings.Cut(string(text), "**What is still wrong.**")
	section, _, _ = strings.Cut(section, "**How to repeat it.**")
	parts := strings.Split(section, "-replay \"")[1:]
	if there && len(parts) == 0 {
		t.Error("it says that something is wrong, and names no history")
	}
	for _, part := range parts {
		history, _, _ := strings.Cut(part, "\"")
		script, err := town.Parse(history)
		if err != nil {
			t.Fatal(err)
		}
		if life := again(t, script); len(life.Problems) == 0 {
			t.Errorf("%s is right now", history)
		}
	}
}

func TestNumbersAreWrittenInThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := whole(n); got != want {
			t.Errorf("%d is written as %s", n, got)
		}
	}
}
