// Command bites shows whether the tests bite: it makes mistakes in the code, one at a time and never in the checkout,
// and each must turn a test red.
//
//	go run ./infra/bites                      the known mistakes in variants/, each of which might be ours
//	go run ./infra/bites -only refund         those with the word in their names
//	go run ./infra/bites -days 9              those whose turn it is today
//	go run ./infra/bites -mutants             the mutation score of the packages in targets.txt
//	go run ./infra/bites -mutants -quick 1s   first without the tests that take longer
//	go run ./infra/bites -mutants -run 'TestA|TestB'   only these: do new tests kill what has survived the others?
//	go run ./infra/bites -mutants -by functions/refund    the tests of another package, which works with this one
//	go run ./infra/bites -mutants -known      no test is run: what is known by now
//
// Measuring goes on where it stopped: each verdict is kept in verdicts/ until the declaration changes in which the
// mutant stands. With -write what has come of a run is kept in results.json, and shown in docs/reliability.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	here = "infra/bites"
	kept = ".build/bites" // how long tests take, and what they come by
)

// options are what the command is asked for.
type options struct {
	only    string
	days    int
	workers int
	quick   time.Duration
	run     string
	by      string
	known   bool
}

func main() {
	var o options
	flag.StringVar(&o.only, "only", "", "a part of a name")
	flag.IntVar(&o.days, "days", 0, "the known mistakes whose turn it is today: all within so many days")
	flag.IntVar(&o.workers, "workers", 2, "how many tests run at once")
	flag.DurationVar(&o.quick, "quick", 0, "leave out what takes longer; 0 = all tests")
	flag.StringVar(&o.run, "run", "", "which tests judge; those who survive them have not survived all")
	flag.StringVar(&o.by, "by", "", "a package whose tests judge; those who survive them have not survived all")
	flag.BoolVar(&o.known, "known", false, "judge no mutant: count what is known")
	mutants := flag.Bool("mutants", false, "the mutation score")
	write := flag.Bool("write", false, "keep what has come of it, and show it in the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := o.variants
	if *mutants {
		run = o.mutants
	}
	r, err := readResults()
	if err == nil {
		err = run(ctx, r)
	}
	if *write && r != nil {
		err = errors.Join(err, r.write())
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bites:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be stopped
	}
}

// variants tries the known mistakes.
func (o options) variants(ctx context.Context, r *results) error {
	all, err := variants()
	if err != nil {
		return err
	}
	r.forget(all)
	if o.days > 0 {
		all = ofTheDay(all, o.days, time.Now())
	}
	all = slices.DeleteFunc(all, func(v variant) bool { return !strings.Contains(v.name, o.only) })
	err = tryAll(ctx, all, o.workers, r)
	fmt.Printf("%d known mistakes were made\n", len(all))
	return err
}

// mutants measures the targets, one after the other. What is known by then counts, also when it was stopped.
func (o options) mutants(ctx context.Context, r *results) error {
	all, err := targets()
	if err != nil {
		return err
	}
	excused, err := equivalents()
	if err != nil {
		return err
	}
	for _, t := range all {
		if !strings.Contains(t.path, o.only) || ctx.Err() != nil {
			continue
		}
		if err := o.measure(ctx, t, excused, r); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
	}
	return nil
}

// measure goes on with one target, and notes how it stands then.
func (o options) measure(ctx context.Context, t target, excused map[string]string, r *results) error {
	work, err := os.MkdirTemp("", "bites")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	m, err := begin(ctx, t, work)
	if err != nil {
		return err
	}
	if m.options, m.excused = o, excused; !o.known {
		err = m.measure(ctx)
	}
	s := m.score()
	r.score(s)
	for _, name := range s.Survivors {
		fmt.Println(name)
	}
	for _, one := range m.found.Mutants {
		if m.ledger.of(one) == passed && !m.excuses(one) {
			fmt.Printf("%s/%s (line %d; slow tests may kill it)\n", m.path, one, one.Line)
		}
	}
	fmt.Println(s.line())
	return err
}
