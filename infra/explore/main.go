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

	"kassa/infra/explore/search"
	"kassa/infra/explore/world"
)

func main() {
	testing.Init() // a bubble wants a test around it
	events := flag.Int("events", 3, "events in a history")
	faults := flag.Int("faults", 1, "faults in a history")
	pairs := flag.Bool("pairs", true, "two of the events may happen at once")
	both := flag.Int("both", 2, "events in a history in which one of two at once may have a fault")
	bank := flag.String("bank", "", "one bank alone")
	replay := flag.String("replay", "", "a script to repeat")
	flag.Parse()
	var all []testing.InternalTest
	if *replay != "" {
		all = append(all, bubble("replay", func(t *testing.T) { repeat(t, *replay) }))
	}
	for _, name := range world.Banks() {
		if *replay == "" && (*bank == "" || *bank == name) {
			all = append(all, bubble(name, func(t *testing.T) {
				look(t, name, search.Bounds{Events: *events, Faults: *faults, Pairs: *pairs, Both: *both})
			}))
		}
	}
	testing.Main(regexp.MatchString, all, nil, nil) // it ends the process
}

// bubble runs a search where time costs nothing.
func bubble(name string, run func(t *testing.T)) testing.InternalTest {
	return testing.InternalTest{Name: name, F: func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		synctest.Test(t, run)
		fmt.Printf("%s took %s\n", name, time.Since(began).Round(time.Second))
	}}
}

// look searches the histories of one bank, and fails for each that is wrong.
func look(t *testing.T, name string, b search.Bounds) {
	s, err := search.New(name, b)
	if err != nil {
		t.Fatal(err)
	}
	s.Tell = func(f search.Finding) {
		fmt.Printf("go run ./infra/explore -replay %q\n  %q\n", f.Script.String(), f.Problems)
	}
	c, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s: %s", name, c)
	if len(c.Found) > 0 {
		t.Errorf("%d histories are wrong", len(c.Found))
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
