package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// answer is what testdata/probe returns.
type answer struct {
	PID      int
	Text     string
	Deadline time.Time
	ID, ARN  string
	Env      map[string]string
}

// probe builds the test function once per run.
var probe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "probe")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "probe")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", path, "./testdata/probe").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := probe(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func newFunction(t *testing.T, o Options, s Spec) *Function {
	t.Helper()
	_, f := newHost(t, o, s)
	return f
}

// newHost hosts the probe; it is closed when the test ends.
func newHost(t *testing.T, o Options, s Spec) (*Host, *Function) {
	t.Helper()
	binary, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	o.LogDir, o.Region = t.TempDir(), "eu-central-1"
	h := NewHost(o)
	t.Cleanup(func() { h.Close(context.Background()) })
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	s.Name, s.Binary, s.MemoryMB = "Probe", binary, 256
	f, err := h.Add(s)
	if err != nil {
		t.Fatal(err)
	}
	return h, f
}

func ask(t *testing.T, f *Function, do, text string) answer {
	t.Helper()
	a, err := tryAsk(f, do, text)
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return a
}

func tryAsk(f *Function, do, text string) (answer, error) {
	body, err := f.Invoke(context.Background(), fmt.Appendf(nil, `{"Do":%q,"Text":%q}`, do, text))
	var a answer
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	return a, err
}

// wantFailure asks and holds what Lambda would report.
func wantFailure(t *testing.T, f *Function, do, text, kind, message string) {
	t.Helper()
	_, err := tryAsk(f, do, text)
	failed := new(FunctionError)
	if !errors.As(err, &failed) {
		t.Fatalf("%s: got %v, want a FunctionError", do, err)
	}
	if failed.Type != kind || !strings.Contains(failed.Message, message) || failed.Function != "Probe" {
		t.Errorf("%s: got %s: %s, want %s: ...%s", do, failed.Type, failed.Message, kind, message)
	}
	if !strings.Contains(logOf(t, f), message) {
		t.Errorf("%s: the log does not hold %q", do, message)
	}
}

func logOf(t *testing.T, f *Function) string {
	t.Helper()
	log, err := os.ReadFile(f.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}

// TestALogIsBounded: of what a function has written the newest is kept, in two files of a bounded size, while its
// process writes on.
func TestALogIsBounded(t *testing.T) {
	const most, line = 200, "asked to echo 00\n"
	h, f := newHost(t, Options{Concurrency: 1, MaxLog: most}, Spec{})
	want := ""
	for i := range 60 {
		text := fmt.Sprintf("%02d", i)
		ask(t, f, "echo", text)
		want += strings.Replace(line, "00", text, 1)
	}
	h.Close(t.Context()) // after which the last is done with
	before, err := os.ReadFile(f.LogFile() + ".1")
	if err != nil {
		t.Fatal(err)
	}
	now := logOf(t, f)
	if len(before) < most || len(before) >= most+len(line) || len(now) >= most {
		t.Errorf("%d bytes, and %d before them", len(now), len(before))
	}
	if !strings.HasSuffix(want, string(before)+now) {
		t.Errorf("kept: %q and %q", before, now)
	}
}

func TestOneProcessServesOneAfterTheOther(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{})
	first := ask(t, f, "echo", "one")
	second := ask(t, f, "echo", "two <&> \u2028")
	if first.Text != "one" || second.Text != "two <&> \u2028" || first.PID != second.PID {
		t.Errorf("%+v, %+v", first, second)
	}
	if log := logOf(t, f); !strings.Contains(log, "asked to echo one\n") {
		t.Errorf("log: %q", log)
	}
}

func TestContext(t *testing.T) {
	f := newFunction(t, Options{}, Spec{Timeout: time.Hour})
	a := ask(t, f, "context", "")
	b := ask(t, f, "context", "")
	if len(a.ID) != 36 || a.ID == b.ID || a.ARN != "arn:aws:lambda:eu-central-1:000000000000:function:Probe" {
		t.Errorf("%+v, %+v", a, b)
	}
	if left := time.Until(a.Deadline); left <= 0 || left > time.Hour {
		t.Errorf("the deadline is %v away", left)
	}
}

func TestEnvironmentIsExactlyWhatLambdaSets(t *testing.T) {
	t.Setenv("SHELL_SECRET", "must not reach a function")
	f := newFunction(t, Options{Environment: map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}},
		Spec{Environment: map[string]string{"TABLE": "Payments", "GOMAXPROCS": "1"}})
	env := ask(t, f, "environment", "").Env
	for name, want := range map[string]string{
		"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "TABLE": "Payments", "GOMAXPROCS": "1", "AWS_REGION": "eu-central-1",
		"AWS_LAMBDA_FUNCTION_NAME": "Probe", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "_HANDLER": "bootstrap", "TZ": ":UTC",
	} {
		if env[name] != want {
			t.Errorf("%s = %q, want %q", name, env[name], want)
		}
	}
	for _, name := range []string{"SHELL_SECRET", "HOME", "USER"} {
		if _, has := env[name]; has {
			t.Errorf("%s of the user's shell reaches the function", name)
		}
	}
}

func TestFailures(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{})
	alive := ask(t, f, "echo", "")
	wantFailure(t, f, "error", "no money", "errorString", "no money")
	if again := ask(t, f, "echo", ""); again.PID != alive.PID {
		t.Error("an error ended the process")
	}
	wantFailure(t, f, "panic", "lost my head", "string", "lost my head")
	afterPanic := ask(t, f, "echo", "")
	if afterPanic.PID == alive.PID {
		t.Error("the process survived its panic")
	}
	wantFailure(t, f, "exit", "", "Runtime.ExitError", "exit status 7")
	wantFailure(t, f, "large", "", "Function.ResponseSizeTooLarge", "6 MB")
	if last := ask(t, f, "echo", "still here"); last.Text != "still here" || last.PID == afterPanic.PID {
		t.Errorf("%+v", last)
	}
}

func TestTimeoutEndsTheProcess(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{Timeout: 2 * time.Second})
	before := ask(t, f, "echo", "")
	wantFailure(t, f, "hang", "", "Sandbox.Timedout", "Task timed out after 2.00 seconds")
	if after := ask(t, f, "echo", ""); after.PID == before.PID {
		t.Error("the process outlived its deadline")
	}
}

func TestProcessThatEndsBetweenInvocationsIsReplaced(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{})
	first := ask(t, f, "exit soon", "")
	f.mu.Lock()
	started := slices.Collect(maps.Keys(f.all))
	f.mu.Unlock()
	for _, e := range started {
		<-e.process.exited
	}
	if a := ask(t, f, "echo", "x"); a.Text != "x" || a.PID == first.PID {
		t.Errorf("%+v", a)
	}
}

func TestFunctionsThatDoNotStart(t *testing.T) {
	for start, want := range map[string]string{
		"exit":   "Runtime.ExitError: it did not start: exit status 3: PROBE_START says so (log: ",
		"panic":  "Runtime.ExitError: it did not start: exit status 2: panic: no start today (log: ",
		"report": "Config.Missing: no table (log: ",
	} {
		f := newFunction(t, Options{}, Spec{Environment: map[string]string{"PROBE_START": start}})
		for _, err := range []error{f.Warm(context.Background()), second(tryAsk(f, "echo", ""))} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: got %v, want ...%s", start, err, want)
			}
		}
	}
}

func second[A any](_ A, err error) error { return err }

func TestMissingBinary(t *testing.T) {
	h := NewHost(Options{LogDir: t.TempDir()})
	defer h.Close(context.Background())
	f, err := h.Add(Spec{Name: "Gone", Binary: filepath.Join(t.TempDir(), "gone"), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Warm(context.Background()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestPoolGrowsToItsBoundThenQueues(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 2}, Spec{})
	gate := filepath.Join(t.TempDir(), "gate")
	pids := make(chan int, 3)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			a, err := tryAsk(f, "wait for file", gate)
			if err != nil {
				t.Error(err)
			}
			pids <- a.PID
		})
	}
	waitFor(t, func() bool { return strings.Count(logOf(t, f), "asked to wait for file") == 2 })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Invoke(ctx, []byte(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("with both environments busy: %v", err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	close(pids)
	distinct := map[int]bool{}
	for pid := range pids {
		distinct[pid] = true
	}
	if len(distinct) != 2 {
		t.Errorf("3 invocations at a bound of 2 ran in %d processes", len(distinct))
	}
}

func TestInvocationOutlivesItsCaller(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{})
	gate := filepath.Join(t.TempDir(), "gate")
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() {
		_, err := f.Invoke(ctx, fmt.Appendf(nil, `{"Do":"wait for file","Text":%q}`, gate))
		gone <- err
	}()
	waitFor(t, func() bool { return strings.Contains(logOf(t, f), "asked to wait for file") })
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, f, "echo", "") // with one slot this runs only after the abandoned one has ended
	if strings.Contains(logOf(t, f), "host: ") {
		t.Errorf("the abandoned invocation did not end well: %s", logOf(t, f))
	}
}

func TestTooLargeEventIsNotInvoked(t *testing.T) {
	f := newFunction(t, Options{}, Spec{})
	if _, err := f.Invoke(context.Background(), bytes.Repeat([]byte("x"), MaxPayload+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestKillAllLeavesTheHostUsable(t *testing.T) {
	h, f := newHost(t, Options{}, Spec{})
	ended := make(chan error, 1)
	go func() {
		_, err := tryAsk(f, "hang", "")
		ended <- err
	}()
	waitFor(t, func() bool { return strings.Contains(logOf(t, f), "asked to hang") })
	h.KillAll()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the killed invocation: %v", err)
	}
	if a := ask(t, f, "echo", "again"); a.Text != "again" {
		t.Errorf("%+v", a)
	}
}

// TestWarmStartsAnewAfterKillAll: what was idle when it was killed is not taken for a process that waits.
func TestWarmStartsAnewAfterKillAll(t *testing.T) {
	f := newFunction(t, Options{Concurrency: 1}, Spec{})
	var first []int
	for range 2 {
		if err := f.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		pids := f.PIDs()
		if len(pids) != 1 || slices.Equal(pids, first) {
			t.Errorf("the processes %v after %v, want a new one", pids, first)
		}
		first = pids
		f.KillAll()
	}
	if pids := f.PIDs(); len(pids) != 0 {
		t.Errorf("%v were killed", pids)
	}
}

func TestCloseKillsWhatDoesNotEnd(t *testing.T) {
	h, f := newHost(t, Options{}, Spec{})
	ended := make(chan error, 1)
	go func() {
		_, err := tryAsk(f, "hang", "")
		ended <- err
	}()
	waitFor(t, func() bool { return strings.Contains(logOf(t, f), "asked to hang") })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.Close(ctx)
	if err := <-ended; err == nil {
		t.Error("the killed invocation answered")
	}
	if _, err := f.Invoke(context.Background(), []byte(`{}`)); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

// waitFor polls for something that another process does; the test's own time-out bounds it.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for !done() {
		if t.Context().Err() != nil {
			t.Fatal("gave up")
		}
		runtime.Gosched()
	}
}
