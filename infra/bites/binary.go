package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pkg is what `go list` tells about a package.
type pkg struct {
	ImportPath, Dir, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// load tells about a package and all that it imports, compiled: the types of its expressions are needed, and reading
// them from what the go command has compiled costs no time.
func load(ctx context.Context, path string) (own pkg, export func(string) (io.ReadCloser, error), err error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-export", "-deps", //nolint:gosec // a package of ours
		"-json=ImportPath,Dir,Export,GoFiles,TestGoFiles,XTestGoFiles", "./"+path).Output()
	if err != nil {
		return pkg{}, nil, fmt.Errorf("go list %s: %w", path, err)
	}
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; { // what is imported comes first, so the last is the one asked for
		var next pkg
		err := dec.Decode(&next)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return pkg{}, nil, err
		}
		own = next
		exports[own.ImportPath] = own.Export
	}
	return own, func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }, nil
}

// binary is the compiled tests of a package.
type binary struct{ path, folder string }

// compile compiles a package's tests, with texts in place of files, by the go command's flag -overlay: what stands in
// the checkout is never touched. work is a folder of this one's own.
func compile(ctx context.Context, work, path string, texts map[string]string) (binary, error) {
	replace := map[string]string{}
	for file, text := range texts {
		copied := filepath.Join(work, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			return binary{}, err
		}
		replace[file] = copied
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return binary{}, err
	}
	if err := os.WriteFile(filepath.Join(work, "overlay.json"), overlay, 0o600); err != nil {
		return binary{}, err
	}
	b := binary{filepath.Join(work, strings.ReplaceAll(path, "/", "-")+".test"), path}
	out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", //nolint:gosec // a package of ours
		"-overlay", filepath.Join(work, "overlay.json"), "-o", b.path, "./"+path).CombinedOutput()
	if err != nil {
		return binary{}, fmt.Errorf("%s does not compile:\n%s", path, out)
	}
	return b, nil
}

// memory is how many KiB of addresses a test may take: a mistake in a loop may be one that fills the machine.
const memory = 8 << 20

// limits are how long a process may take: by the clock, by the processors' time, and asleep at a stretch; the latter
// two where they are above zero.
type limits struct{ wall, processor, asleep time.Duration }

// outcome is what came of a run of tests.
type outcome struct {
	passed    bool
	said      string
	processor time.Duration // what it took of the processors' time, however busy they were with others
	asleep    bool          // it was stopped since it waited for what never comes
}

// run runs tests, all for an empty pattern.
func (b binary) run(ctx context.Context, pattern string, l limits, environ ...string) outcome {
	// A test ends itself when its time is over, with the stacks of what hangs; one that keeps the scheduler busy cannot.
	hard, stop := context.WithTimeout(ctx, l.wall+5*time.Second)
	defer stop()
	script := fmt.Sprintf("ulimit -v %d; ", memory)
	if l.processor > 0 {
		script += fmt.Sprintf("ulimit -t %d; ", 1+int(l.processor.Seconds()))
	}
	command := exec.CommandContext(hard, "sh", "-c", script+`exec "$0" "$@"`, b.path, //nolint:gosec // built just now
		"-test.failfast", "-test.run", pattern, "-test.timeout", l.wall.String())
	command.Dir = b.folder
	command.Env = append(os.Environ(), environ...)
	command.WaitDelay = time.Second
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		return outcome{said: err.Error()}
	}
	asleep := make(chan bool, 1)
	watch, end := context.WithCancel(hard)
	go func() {
		slept := sleeps(watch, command.Process.Pid, l.asleep)
		if slept {
			stop()
		}
		asleep <- slept
	}()
	err := command.Wait()
	end()
	o := outcome{passed: err == nil, said: out.String(), asleep: <-asleep}
	if ended := command.ProcessState; ended != nil {
		o.processor = ended.UserTime() + ended.SystemTime()
	}
	return o
}

// late says whether tests have ended because their time was over, by the clock.
func (o outcome) late() bool {
	return !o.passed && (o.said == "" || strings.Contains(o.said, "panic: test timed out"))
}

// sleeps waits until a process has neither run nor waited for a processor for so long, and says whether that came to be
// before the context's end. A busy machine lets a process wait and not sleep. Where the system does not tell, as only
// Linux does, it never comes to be.
func sleeps(ctx context.Context, pid int, most time.Duration) bool {
	const look, dozing = 500 * time.Millisecond, 5 * time.Millisecond // so much do the runtime's own threads
	last, since := time.Duration(0), time.Now()
	for most > 0 {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(look):
		}
		now := activity(pid)
		switch {
		case now == 0:
			return false
		case now < last || now > last+dozing:
			since = time.Now()
		case time.Since(since) >= most:
			return true
		}
		last = now
	}
	return false
}

// activity is how long the threads of a process have run or waited to, 0 where that is not known.
func activity(pid int) (sum time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, thread := range threads {
		var ran, waited time.Duration
		text, _ := os.ReadFile(thread) //nolint:gosec // of a process of ours; one that has ended has none
		if _, err := fmt.Sscan(string(text), &ran, &waited); err == nil {
			sum += ran + waited
		}
	}
	return sum
}
