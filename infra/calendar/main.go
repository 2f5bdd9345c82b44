// Command calendar runs the test suite on other days: everything that the go command builds meanwhile, the tests and
// the programs that they build and start, has its clock moved by one distance. No test may know today's date, and this
// is how one that does is found.
//
//	go run ./infra/calendar                       all clocks, one after the other
//	go run ./infra/calendar -when +400d ./shared/...
//	go run ./infra/calendar -when 2038-01-20          at 08:00 UTC
//	go run ./infra/calendar -when 2038-01-20T19:57    in UTC
//	go run ./infra/calendar -when turn            the one whose turn it is today
//
// The go command gets the standard library's time.Now from an overlay (its flag of that name), so no code of ours knows
// about it. Only the wall clock moves. Timers, time-outs and measured durations are monotonic and stay as they are, as
// do the times of files and the clocks of programs that the go command does not build: see leftOut.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	when := flag.String("when", "", "a date, a time in UTC, a distance such as +400d, or \"turn\"; empty for all clocks")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *when, flag.Args()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "calendar:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be stopped
	}
}

// run runs the tests of packages, or of all where none is named, under each clock that when means.
func run(ctx context.Context, when string, packages []string) error {
	clocks, err := choose(when, time.Now())
	if err != nil {
		return err
	}
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	plan, err := split(ctx, packages)
	if err != nil {
		return err
	}
	m, err := newMachine(ctx, filepath.Join(".build", "calendar"))
	if err != nil {
		return err
	}
	defer m.close()
	var failed []error
	for _, c := range clocks {
		failed = append(failed, m.under(ctx, c, plan))
	}
	return errors.Join(failed...)
}

// batch is one call of `go test`: packages, and a pattern of tests that are left out of them.
type batch struct {
	packages []string
	skip     string
}

// split makes batches of packages: one of those whose tests all run, and one for each of the others. A test that is
// left out by `-skip` everywhere could hide another of that name, and a run with `-skip` counts as incomplete elsewhere
// (infra/e2e).
func split(ctx context.Context, packages []string) ([]batch, error) {
	for _, o := range leftOut {
		if err := o.exists("."); err != nil {
			return nil, err
		}
	}
	all, err := list(ctx, packages)
	if err != nil {
		return nil, err
	}
	plain, rest := batch{}, []batch{}
	for _, path := range all {
		if skip := pattern(leftOut, path); skip != "" {
			rest = append(rest, batch{[]string{path}, skip})
		} else {
			plain.packages = append(plain.packages, path)
		}
	}
	if len(plain.packages) == 0 {
		return rest, nil
	}
	return append([]batch{plain}, rest...), nil
}

// list names the packages that patterns mean.
func list(ctx context.Context, patterns []string) ([]string, error) {
	command := exec.CommandContext(ctx, "go", append([]string{"list"}, patterns...)...) //nolint:gosec // the caller's
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return strings.Fields(string(out)), nil
}

// machine is a folder with the overlay, and the environment that makes the go command use it.
type machine struct {
	shift, witness string // the file that says how far all clocks stand ahead, and a program that tells its clock
	environ        []string
}

// newMachine writes the overlay into folder, and builds a program under it.
func newMachine(ctx context.Context, folder string) (*machine, error) {
	goroot, err := setting(ctx, "GOROOT")
	if err != nil {
		return nil, err
	}
	flags, err := setting(ctx, "GOFLAGS")
	if err != nil {
		return nil, err
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // nothing here is secret
		return nil, err
	}
	m := &machine{shift: filepath.Join(folder, "shift"), witness: filepath.Join(folder, "witness")}
	overlay, err := writeOverlay(goroot, folder, m.shift)
	if err != nil {
		return nil, err
	}
	m.environ = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(flags+" '-overlay="+overlay+"'"))
	if err := os.WriteFile(m.witness+".go", []byte(telling), 0o644); err != nil { //nolint:gosec // nothing here is secret
		return nil, err
	}
	if err := m.command(ctx, "build", "-o", m.witness, m.witness+".go").Run(); err != nil {
		return nil, fmt.Errorf("build a program under the overlay: %w", err)
	}
	return m, nil
}

// setting asks the go command for one of its variables.
func setting(ctx context.Context, name string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", name).Output() //nolint:gosec // names of our own
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// close takes the clock away: a program that was left over does not run on at a wrong time, it ends and says why.
func (m *machine) close() { _ = os.Remove(m.shift) }

// under runs the batches under a clock, and first lets a program say that its clock stands where it must.
func (m *machine) under(ctx context.Context, c clock, plan []batch) error {
	shift := c.shift(time.Now())
	text := strconv.FormatInt(int64(shift/time.Second), 10)
	if err := os.WriteFile(m.shift, []byte(text), 0o644); err != nil { //nolint:gosec // nothing here is secret
		return err
	}
	told, err := m.told(ctx)
	if err != nil {
		return err
	}
	if off := told.Sub(time.Now().Add(shift)).Abs(); off > time.Hour {
		return fmt.Errorf("%s: a program under the overlay says that it is %s: the clock has not moved", c.name, told)
	}
	fmt.Printf("calendar: %s. Every clock shows %s.\n", c.name, told.UTC().Format("Monday, 2 January 2006, 15:04 UTC"))
	var failed []error
	for _, b := range plan {
		// Results are not kept (-count=1), for the go command does not know that they depend on the file; vet knows no
		// clock. Beside others a package may take longer than the ten minutes that it has by itself.
		args := []string{"test", "-count=1", "-vet=off", "-ldflags=-s -w", "-timeout=30m"}
		if b.skip != "" {
			args = append(args, "-skip", b.skip)
		}
		if err := m.command(ctx, append(args, b.packages...)...).Run(); err != nil {
			failed = append(failed, fmt.Errorf("%s: go test: %w; to see it again: make calendar WHEN=%s", c.name, err, c.name))
		}
	}
	if now, err := os.ReadFile(m.shift); err != nil || string(now) != text {
		failed = append(failed, fmt.Errorf("%s: another run has rewritten %s: this one counts for nothing", c.name, m.shift))
	}
	return errors.Join(failed...)
}

// told is the time that the witness believes to be true. It gets no environment, as functions get none of ours.
func (m *machine) told(ctx context.Context) (time.Time, error) {
	command := exec.CommandContext(ctx, m.witness) //nolint:gosec // it was built just now
	command.Env, command.Stderr = []string{}, os.Stderr
	out, err := command.Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("run a program under the overlay: %w", err)
	}
	seconds, err := strconv.ParseInt(string(out), 10, 64)
	return time.Unix(seconds, 0), err
}

// telling is a program that tells its clock, as seconds since 1970.
const telling = `package main

import (
	"fmt"
	"time"
)

func main() { fmt.Print(time.Now().Unix()) }
`

// command is the go command under the overlay.
func (m *machine) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the caller names packages
	command.Env, command.Stdout, command.Stderr = m.environ, os.Stdout, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it then ends its tests, too
	return command
}
