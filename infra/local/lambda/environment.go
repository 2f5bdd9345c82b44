// One environment: a process of a function and the Runtime API that only it talks to. The order of things is Lambda's.
// The runtime asks for work; an event is handed over; the answer, an error, the end of the process or the deadline
// comes first, and whichever does is the outcome.

package lambda

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
)

// initLimit is how long a runtime may take before its first request for work: Lambda allows 10 s, and then once more
// the function's own time-out; a busy laptop deserves both at once.
const initLimit = 10 * time.Second

// errNeverSeen says that the process ended before it was given the event.
var errNeverSeen = errors.New("the environment ended before it was invoked")

// environment is one process of a function and the Runtime API that it talks to.
type environment struct {
	function *Function
	server   *http.Server
	process  *process
	next     chan *invocation // handed to the runtime's request for work
	idle     chan struct{}    // one signal for each time that the runtime asks for work

	mu       sync.Mutex
	current  *invocation
	deadline time.Time      // of the current or last invocation, of the start before the first
	initErr  *FunctionError // what the runtime reported while it started
}

// invocation is one event on its way through an environment.
type invocation struct {
	id       string
	event    []byte
	deadline time.Time
	done     chan outcome // holds one
}

// outcome is how an invocation ended: an answer or an error, never both.
type outcome struct {
	answer []byte
	err    error
}

// start launches a process and waits until it asks for work.
func (f *Function) start() (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the runtime API of %s: %w", f.spec.Name, err)
	}
	e := &environment{
		function: f,
		next:     make(chan *invocation),
		idle:     make(chan struct{}, 1),
		deadline: time.Now().Add(initLimit + f.spec.Timeout),
	}
	e.server = &http.Server{Handler: e.runtimeAPI(), ReadHeaderTimeout: time.Minute}
	go e.serve(listener)
	written := f.logSize()
	e.process, err = f.launcher.start(f.spec.Binary, f.environ(listener.Addr().String()), f.log)
	if err != nil {
		err = fmt.Errorf("start %s: %w", f.spec.Name, err)
		return nil, errors.Join(err, e.server.Close())
	}
	if !f.register(e) {
		e.kill()
		return nil, ErrClosed
	}
	if e.waitIdle() {
		return e, nil
	}
	err = e.startError(written)
	f.note("%v", err)
	f.discard(e)
	return nil, err
}

// serve answers the process until it is killed.
func (e *environment) serve(listener net.Listener) {
	if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		e.function.note("runtime API: %v", err)
	}
}

// startError says why the runtime never asked for work; written is where the process began to write into the log.
func (e *environment) startError(written int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.initErr != nil {
		return e.initErr
	}
	message := "it did not start: " + e.process.state()
	if line := e.function.firstLine(written); line != "" {
		message += ": " + line
	}
	return &FunctionError{
		Function: e.function.spec.Name,
		Type:     "Runtime.ExitError",
		Message:  message,
		Log:      e.function.LogFile(),
	}
}

// waitIdle waits until the runtime asks for work. It answers false when the process ends or the deadline passes first.
func (e *environment) waitIdle() bool {
	e.mu.Lock()
	timer := time.NewTimer(time.Until(e.deadline))
	e.mu.Unlock()
	defer timer.Stop()
	select {
	case <-e.idle:
		return true
	case <-e.process.exited:
		return false
	case <-timer.C:
		return false
	}
}

// invoke hands an event to the runtime and waits for its answer, its error, its exit or the deadline.
func (e *environment) invoke(event []byte) ([]byte, error) {
	timeout := e.function.spec.Timeout
	in := &invocation{id: requestID(), event: event, deadline: time.Now().Add(timeout), done: make(chan outcome, 1)}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	e.mu.Lock()
	e.deadline = in.deadline
	e.mu.Unlock()
	select {
	case <-e.process.exited: // its last request for work may still stand open, and must not get this one
		return nil, errNeverSeen
	default:
	}
	select {
	case e.next <- in:
	case <-e.process.exited:
		return nil, errNeverSeen
	case <-timer.C:
		return nil, errNeverSeen
	}
	select {
	case out := <-in.done:
		return out.answer, out.err
	case <-e.process.exited:
		return e.ended(in)
	case <-timer.C:
		e.kill()
		return nil, e.failed(in, "Sandbox.Timedout", fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds()))
	}
}

// ended decides an invocation whose process is gone: the answer may have come first.
func (e *environment) ended(in *invocation) ([]byte, error) {
	select {
	case out := <-in.done:
		return out.answer, out.err
	default:
		return nil, e.failed(in, "Runtime.ExitError", "Runtime exited: "+e.process.state())
	}
}

// failed makes the error of an invocation and notes it in the function's log, beside what the function itself wrote.
func (e *environment) failed(in *invocation, kind, message string) error {
	err := &FunctionError{
		Function:  e.function.spec.Name,
		RequestID: in.id,
		Type:      kind,
		Message:   message,
		Log:       e.function.LogFile(),
	}
	e.function.note("%v", err)
	return err
}

// kill ends the process and its Runtime API. It may be called more than once.
func (e *environment) kill() {
	if err := e.process.kill(); err != nil {
		e.function.note("end the process: %v", err)
	}
	if err := e.server.Close(); err != nil {
		e.function.note("close the runtime API: %v", err)
	}
}

// environ is the function's whole environment; nothing of the user's shell reaches it.
func (f *Function) environ(api string) []string {
	folder := filepath.Dir(f.spec.Binary)
	variables := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.spec.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.spec.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.spec.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_REGION":                      f.options.Region,
		"AWS_DEFAULT_REGION":              f.options.Region,
		"AWS_ACCESS_KEY_ID":               f.spec.Name, // so that whoever is called knows the caller, as AWS knows its role
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"LAMBDA_TASK_ROOT":                folder,
		"LAMBDA_RUNTIME_DIR":              folder,
		"_HANDLER":                        "bootstrap",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
	}
	if runtime.GOOS == "windows" { // sockets fail there without it
		variables["SYSTEMROOT"] = os.Getenv("SYSTEMROOT")
	}
	maps.Copy(variables, f.options.Environment)
	maps.Copy(variables, f.spec.Environment)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		out = append(out, name+"="+variables[name])
	}
	return out
}

// requestID is a random UUID, as Lambda's are.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
