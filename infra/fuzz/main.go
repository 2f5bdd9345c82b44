// Command fuzz feeds whatever decodes a stranger's bytes with what no test would think of: one target after the other,
// the least fuzzed first, with one worker.
//
//	go run ./infra/fuzz                     for an hour
//	go run ./infra/fuzz -minutes 600        for ten
//	go run ./infra/fuzz -only shared/api    the targets of one folder, or of one name
//	go run ./infra/fuzz -minutes 0          chooses anew which of the inputs found on this machine are kept
//	go run ./infra/fuzz -list               nothing is run: what each decoder has had so far
//
// What a target has had is added up in results.json, over runs and machines, and shown in docs/security.md. Of the
// inputs that were found the few that reach the most are kept in the package's testdata/fuzz, where each `go test`
// tries them; all others stay in .build/fuzz, for the next run on this machine. An input that breaks a target is
// written to testdata/fuzz, too: mend the code, give the input to the target by f.Add, and delete the file.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	minutes := flag.Int("minutes", 60, "how long")
	each := flag.Duration("each", 2*time.Minute, "how long one target, before the next has its turn")
	only := flag.String("only", "", "a part of the folder and the name of a target")
	list := flag.Bool("list", false, "say what each decoder has had")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := readResults()
	if err == nil && *list {
		fmt.Print(r.section())
	} else if err == nil {
		err = r.fuzz(ctx, *only, time.Now().Add(time.Duration(*minutes)*time.Minute), *each)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be stopped
	}
}

// fuzz gives targets their turns until a time: of those with the least seconds the first of the list. It adds what came
// of each at once, and at the end chooses the inputs that are kept. A target that broke has no further turn: it would
// break by the same input.
func (r *results) fuzz(ctx context.Context, only string, until time.Time, each time.Duration) (broken error) {
	var all []target
	for _, d := range decoders() {
		all = append(all, d.targets...)
	}
	all = slices.DeleteFunc(all, func(t target) bool { return !strings.Contains(t.String(), only) })
	programs := map[target]string{}
	for ctx.Err() == nil && len(all) > 0 && time.Until(until) > time.Second {
		t := slices.MinFunc(all, func(a, b target) int { return cmp.Compare(r.of(a).Seconds, r.of(b).Seconds) })
		var err error
		if programs[t] == "" {
			programs[t], err = t.compile(ctx, "fuzz", "-fuzz", "^"+t.name+"$")
		}
		if err != nil {
			return errors.Join(broken, err)
		}
		turn, err := t.run(ctx, programs[t], min(each, time.Until(until)))
		if err != nil {
			broken = errors.Join(broken, err)
			all = slices.DeleteFunc(all, func(other target) bool { return other == t })
		}
		if err := r.add(t, turn); err != nil {
			return errors.Join(broken, err)
		}
		fmt.Printf("%s %s: %.0f s, %d executions, %d new; %d s in all\n", time.Now().Format("15:04"), t,
			turn.used.Seconds(), turn.executions, turn.found, r.of(t).Seconds)
	}
	return errors.Join(broken, r.keep(ctx, all), r.write())
}

// keep chooses the inputs that are kept of targets.
func (r *results) keep(ctx context.Context, all []target) error {
	for _, t := range all {
		kept, err := t.keep(ctx)
		if err != nil {
			return err
		}
		r.of(t).Inputs = kept
		if err := r.write(); err != nil {
			return err
		}
		fmt.Printf("%s %s: %d inputs are kept\n", time.Now().Format("15:04"), t, kept)
	}
	return nil
}
