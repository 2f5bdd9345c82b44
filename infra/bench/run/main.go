// Command run measures the functions beside what they are compared with, writes what it found to
// infra/bench/results/results.json, and docs/performance.md with its pictures anew: `make bench`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"kassa/infra/bench"
	"kassa/infra/scale"
)

// plan says what is measured. A run with the defaults takes some minutes.
type plan struct {
	root, base   string
	rounds, slow int // of all processors, and of a tenth of one
	warm         int
	out          io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	p := plan{root: ".", out: os.Stdout}
	flag.StringVar(&p.base, "base", "", "a revision whose Initiate is measured beside today's")
	flag.IntVar(&p.rounds, "rounds", 31, "how often each program is measured")
	flag.IntVar(&p.slow, "slow", 11, "how often with a tenth of a processor")
	flag.IntVar(&p.warm, "warm", 20, "requests to a process after its first")
	flag.Parse()
	results, err := p.measure(ctx)
	stop()
	if err == nil {
		err = p.judge(results)
	}
	if err == nil {
		err = bench.Write(p.root, results)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure makes everything in a folder that is in memory where there is such a one, and takes it away again.
func (p plan) measure(ctx context.Context) (r bench.Results, err error) {
	place := "in memory (/dev/shm)"
	folder, err := os.MkdirTemp("/dev/shm", "kassa-bench")
	if err != nil {
		place = "on disk"
		folder, err = os.MkdirTemp("", "kassa-bench")
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	p.say("building")
	binaries := filepath.Join(folder, "bin")
	if err := build(ctx, p.root, binaries, io.Discard); err != nil {
		return r, err
	}
	r.Machine, r.Warm = bench.ThisMachine(place), p.warm
	if r.Revision, err = git(ctx, p.root, "log", "-1", "--format=%H", "--", "functions", "shared"); err != nil {
		return r, fmt.Errorf("name the revision: %w", err)
	}
	if r.Flows, err = scale.Measured(); err != nil {
		return r, err
	}
	w, err := openWorld(ctx, p.root, filepath.Join(folder, "data"), binaries)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	next, err := w.events(ctx)
	if err != nil {
		return r, err
	}
	all := programs(binaries, w.Info.Shops[0], next)
	if p.base != "" {
		before := filepath.Join(folder, "before")
		if r.Base, err = buildBase(ctx, p.root, before, p.base, io.Discard); err != nil {
			return r, err
		}
		all = append(all, program{name: bench.Earlier, like: "Initiate", binary: filepath.Join(before, "initiate"),
			next: next["Initiate"]})
	}
	peers, node, err := w.node(ctx, p.root, folder, next["Initiate"])
	if err != nil {
		return r, err
	}
	r.Node, all = node, append(all, peers...)
	p.say("Node: %s", node)
	err = p.compare(ctx, w, folder, all, &r)
	return r, err
}

// compare hosts the programs, measures them with all of the machine and with a tenth of a processor, and counts what
// they allocate.
func (p plan) compare(ctx context.Context, w *world, folder string, all []program, r *bench.Results) error {
	m := &measurement{world: w, rounds: p.rounds, warm: p.warm, progress: p.out}
	err := m.host(all...)
	if err == nil {
		err = m.run(ctx)
	}
	if err == nil {
		p.say("counting allocations")
		err = m.allocations(ctx, p.root, filepath.Join(folder, "counting"))
	}
	if err != nil {
		return err
	}
	r.Free, r.Facts = m.runs, m.facts
	p.say("with a tenth of a processor")
	r.Tenth, r.Limit, err = m.tenth(ctx, filepath.Join(folder, "tenth"), p.slow)
	return err
}

// judge refuses a run in which a binary differs from itself.
func (p plan) judge(r bench.Results) error {
	tables := bench.Tables(r)
	for _, name := range []string{"start", "first", "warm", "size", "tenth", "before", "node", "asked", "same"} {
		p.say("%s\n%s", name, tables[name])
	}
	if void := r.Free.Void(); len(void) > 0 {
		return fmt.Errorf("this run is void: the same binary under two names differs by more than a tenth in %v; "+
			"run it again on a quieter machine", void)
	}
	return nil
}

func (p plan) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, "bench: "+format+"\n", args...) // a closed terminal stops nothing
}
