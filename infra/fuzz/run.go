package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// scratch is where binaries stay, and inputs that are not kept for everybody.
const scratch = ".build/fuzz"

// turn is what came of one run of a target.
type turn struct {
	used       time.Duration // of a processor
	executions int
	found      int // inputs that reached something new
}

// progress is what the fuzzer says about itself every three seconds.
var progress = regexp.MustCompile(`fuzz: elapsed: .*, execs: (\d+) .*, new interesting: (\d+)`)

// run fuzzes a target for a while. Its input that breaks it is an error.
func (t target) run(ctx context.Context, program string, long time.Duration) (done turn, err error) {
	found, err := filepath.Abs(filepath.Join(scratch, t.folder))
	if err != nil {
		return turn{}, err
	}
	// A worker is a process of its own. What it finds is made shorter for a moment only: the time is for finding.
	command := exec.CommandContext(ctx, program, "-test.run", "^$", //nolint:gosec // built just now
		"-test.fuzz", "^"+t.name+"$", "-test.fuzztime", long.String(), "-test.fuzzminimizetime", "2s",
		"-test.parallel", "1", "-test.fuzzcachedir", found)
	command.Dir = t.folder
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	said, err := command.CombinedOutput()
	for _, m := range progress.FindAllSubmatch(said, -1) {
		done.executions, _ = strconv.Atoi(string(m[1]))
		done.found, _ = strconv.Atoi(string(m[2]))
	}
	// the time of a processor, since a busy machine may give little of it in a minute
	if state := command.ProcessState; state != nil {
		done.used = state.UserTime() + state.SystemTime() // with those of the worker
	}
	if err != nil && ctx.Err() == nil {
		return done, fmt.Errorf("%s: %w\n%s", t, err, said)
	}
	return done, nil
}

// compile builds the tests of a target's package in one of several ways, and says where they are.
func (t target) compile(ctx context.Context, way string, flags ...string) (string, error) {
	program, err := filepath.Abs(filepath.Join(scratch, t.folder, way+".test"))
	if err != nil {
		return "", err
	}
	args := append([]string{"test", "-c", "-vet=off", "-o", program}, flags...)
	out, err := exec.CommandContext(ctx, "go", append(args, "./"+t.folder)...).CombinedOutput() //nolint:gosec // ours
	if err != nil {
		return "", fmt.Errorf("%s does not compile: %w\n%s", t, err, out)
	}
	return program, nil
}
