// Command lives lets towns of several shops live random lives, with many payments under faults and several workers at
// once, and drives each to rest, to see whether the banks' ledgers are ours; see the package town.
//
//	go run ./infra/explore/lives -payments 1000000 -seed 7      towns of that seed until there are so many payments
//	go run ./infra/explore/lives -seed 7 -town 12               one of them, with its whole script
//	go run ./infra/explore/lives -replay "create 1; pay 1"      a script, or a file of one, step by step
//
// Without a seed one is drawn and printed. It ends with 1 when something is wrong, and prints for each kind of wrong
// the shortest script that it finds for it. With -out it writes what it did to a file.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"kassa/infra/explore/town"
)

// none is no town.
const none = math.MaxUint64

func main() {
	testing.Init() // a bubble wants a test around it
	debug.SetGCPercent(1000)
	payments := flag.Int("payments", 20_000, "how many payments there are to be at least")
	drawn := rand.Uint64N(1_000_000) //nolint:gosec // which one it is does not matter
	seed := flag.Uint64("seed", drawn, "of all that is random; drawn where none is given")
	one := flag.Uint64("town", none, "one town of the seed alone")
	replay := flag.String("replay", "", "a script to repeat, or a file of one")
	limit := flag.Duration("limit", time.Hour, "begin no further town after that")
	out := flag.String("out", "", "the file for the results")
	flag.Parse()
	all := []testing.InternalTest{{Name: "replay", F: func(t *testing.T) { repeat(t, *replay) }}}
	switch {
	case *replay != "":
	case *one != none:
		all = []testing.InternalTest{{Name: "town", F: func(t *testing.T) { show(t, *seed, *one) }}}
	default:
		all = []testing.InternalTest{{Name: "lives", F: newRun(*seed, *payments, *limit, *out).all}}
	}
	testing.Main(regexp.MatchString, all, nil, nil) // it ends the process
}

// inBubble lets a town live where time costs nothing.
func inBubble(t *testing.T, live func() (town.Life, error)) (life town.Life) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		if life, err = live(); err != nil {
			t.Fatal(err)
		}
	})
	return life
}

// show prints the script of a town and what is wrong at its end, and the shortest script of it.
func show(t *testing.T, seed, number uint64) {
	life := inBubble(t, func() (town.Life, error) { return town.Live(seed, number, town.Orders) })
	fmt.Printf("%s# trace %x, %+v\n", life.Script.Text(), life.Trace, life.Tally)
	if len(life.Problems) > 0 {
		t.Error(shorten(t, life))
	}
}

// shorten gives the shortest script that ends as wrong as a life did, and how to repeat it.
func shorten(t *testing.T, life town.Life) string {
	short := town.Shrink(life.Script, life.Problems, func(s town.Script) []string { return again(t, s).Problems })
	return fmt.Sprintf("go run ./infra/explore/lives -replay %q\n  %q", short, again(t, short).Problems)
}

// again repeats a history without telling of it.
func again(t *testing.T, s town.Script) town.Life {
	return inBubble(t, func() (town.Life, error) { return town.Replay(s, func(town.Step, *town.Town) {}) })
}

// repeat tells of a history step by step.
func repeat(t *testing.T, text string) {
	if file, err := os.ReadFile(text); err == nil { //nolint:gosec // whoever replays it names it
		text = string(file)
	}
	script, err := town.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	life := inBubble(t, func() (town.Life, error) {
		return town.Replay(script, func(step town.Step, stands *town.Town) { fmt.Printf("\n== %s\n%s", step, stands) })
	})
	for _, p := range life.Problems {
		t.Error(p)
	}
}
