// Command explore looks through every history of a payment up to a length: each sequence of events outside of Kassa,
// with each fault at each call, and two of them at once in every order of their calls, for every bank; and drives
// each state that it finds to rest, to see whether the bank's ledger is ours.
//
//	go run ./infra/explore                          three events and one fault
//	go run ./infra/explore -events 2 -bank xml      a part of it
//	go run ./infra/explore -replay "xml: create; pay; refund@5=lost"    one history, step by step
//
// It ends with 1 when something is wrong, and prints for each such history the script that repeats it.
package main

import (
	"flag"
	"fmt"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"kassa/infra/explore/report"
	"kassa/infra/explore/search"
	"kassa/infra/explore/world"
)

func main() {
	testing.Init() // a bubble wants a test around it
	var b search.Bounds
	flag.IntVar(&b.Events, "events", 3, "events in a history")
	flag.IntVar(&b.Faults, "faults", 1, "faults in a history")
	flag.BoolVar(&b.Pairs, "pairs", true, "two of the events may happen at once")
	flag.DurationVar(&b.Limit, "limit", 0, "time after which nothing further is begun; 0 = none")
	bank := flag.String("bank", "", "one bank alone")
	write := flag.Bool("write", false, "keep the results, and make docs/reliability.md and its picture from them")
	replay := flag.String("replay", "", "a script to repeat")
	flag.Parse()
	all := []testing.InternalTest{{Name: "explore", F: func(t *testing.T) {
		if *replay != "" {
			synctest.Test(t, func(t *testing.T) { repeat(t, *replay) })
			return
		}
		banks := world.Banks()
		if *bank != "" {
			banks = []string{*bank}
		}
		look(t, banks, b, *write)
	}}}
	testing.Main(regexp.MatchString, all, nil, nil) // it ends the process
}

// look searches the histories of banks, and fails when one is wrong.
func look(t *testing.T, banks []string, b search.Bounds, write bool) {
	began := time.Now()
	all := search.Run(t, banks, b, func(f search.Finding) {
		fmt.Printf("go run ./infra/explore -replay %q\n  %q\n", f.Script.String(), f.Problems)
	})
	for _, c := range all {
		fmt.Print(c)
		if len(c.Found) > 0 {
			t.Errorf("%s: %d histories are wrong", c.Bank, len(c.Found))
		}
	}
	took := time.Since(began)
	fmt.Printf("it took %s\n", took.Round(time.Second))
	if write {
		r, err := report.New(".", took, all)
		if err == nil {
			err = report.Write(".", r)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// repeat tells of one history step by step.
func repeat(t *testing.T, text string) {
	script, err := search.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := search.Replay(script, func(step, calls, stands string) {
		fmt.Printf("\n== %s\n   %s\n%s", step, calls, stands)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}
