//go:build linux

// Command local measures the local stack, writes what it found to infra/bench/results/local.json, and the page that
// shows it anew: `make load`. It says how soon `make run` is ready, how many writes the engine takes, and what a long
// load of payments leaves in the memory of the process and on the disk.
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
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"kassa/infra/bench"
	"kassa/infra/local/stack"
)

// plan says what is measured.
type plan struct {
	root    string
	minutes int    // of load
	rate    int    // payments a second, where the machine is quick enough
	heap    string // a file for a profile; empty for none
	out     io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	p := plan{root: ".", out: os.Stdout}
	flag.IntVar(&p.minutes, "minutes", 60, "how long payments are made; with 0 the last load's figures stay")
	flag.IntVar(&p.rate, "rate", 30, "how many a second")
	flag.StringVar(&p.heap, "heap", "", "a file for a heap profile of the end")
	flag.Parse()
	l, err := bench.MeasuredLocal()
	if err == nil {
		err = p.measure(ctx, &l)
	}
	stop()
	if err == nil {
		err = bench.WriteLocal(p.root, l)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// measure makes everything in a folder on the disk, where the engine has to wait for it, and takes it away again.
func (p plan) measure(ctx context.Context, l *bench.Local) error {
	folder, err := os.MkdirTemp("", "kassa-load")
	if err != nil {
		return err
	}
	if p.minutes > 0 { // first, in a process that has held nothing yet
		l.Load, err = p.load(ctx, folder)
	}
	if err == nil {
		l.Quick, err = p.quick(ctx, folder)
	}
	return errors.Join(err, os.RemoveAll(folder))
}

// quick is what does not take long.
func (p plan) quick(ctx context.Context, folder string) (q bench.Quick, err error) {
	q.Machine = bench.ThisMachine("on disk")
	if q.ReadyMS, err = p.ready(ctx, folder); err != nil {
		return q, err
	}
	p.say("make run was ready after %d ms", q.ReadyMS)
	err = p.with(ctx, filepath.Join(folder, "quick"), func(s *stack.Stack) error {
		q.Puts, err = puts(ctx, s.Info)
		return err
	})
	p.say("puts a second by clients: %v", q.Puts)
	return q, err
}

// with runs a stack in this process for a while, as infra/local does.
func (p plan) with(ctx context.Context, data string, do func(*stack.Stack) error) error {
	// as often as make run collects garbage, or its memory would be another
	debug.SetGCPercent(400)
	s, err := stack.Start(ctx, stack.Config{Root: p.root, Data: data, Errors: p.out})
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close(context.WithoutCancel(ctx)))
}

// load makes payments, and looks at what is held at the start and after each tenth of the time.
func (p plan) load(ctx context.Context, folder string) (l bench.Load, err error) {
	const samples = 10
	l.Machine, l.Minutes = bench.ThisMachine("on disk"), p.minutes
	data := filepath.Join(folder, "load")
	err = p.with(ctx, data, func(s *stack.Stack) error {
		b := newBuyers(s)
		// nobody is under way when a sample is taken, but for what the functions do by themselves
		for n := 0; ; n++ {
			sample, err := held(data, int(b.paid.Load()))
			if err != nil {
				return err
			}
			p.say("%+v", sample)
			if l.Samples = append(l.Samples, sample); n == samples {
				return p.profile()
			}
			if err := b.buy(ctx, p.rate, time.Duration(p.minutes)*time.Minute/samples); err != nil {
				return err
			}
		}
	})
	return l, err
}

// held is what the process holds now, and what lies in the folder of its state.
func held(data string, payments int) (s bench.Sample, err error) {
	s.Payments = payments
	runtime.GC()
	runtime.GC() // what a finaliser or a pool kept over the first is gone after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.HeldKB = int(m.HeapAlloc / 1000) //nolint:gosec // no machine has so much memory
	if s.ResidentKB, err = residentKB(); err != nil {
		return s, err
	}
	s.DiskKB, s.LogsKB, err = onDisk(data)
	return s, err
}

// profile says who holds what at the end, where somebody wants to know.
func (p plan) profile() error {
	if p.heap == "" {
		return nil
	}
	f, err := os.Create(p.heap)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

func (p plan) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, "load: "+format+"\n", args...) // a closed terminal stops nothing
}
