package main

import (
	"flag"
	"os"
	"testing"

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

func TestNumbersAreWrittenInThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := whole(n); got != want {
			t.Errorf("%d is written as %s", n, got)
		}
	}
}
