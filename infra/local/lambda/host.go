// Package lambda hosts real function binaries through the Lambda Runtime API, as Lambda itself does: each environment
// is a process that serves one invocation at a time, a function grows environments on demand up to a bound, and an
// environment that crashes or overruns its deadline is replaced.
//
// What a function can see here is what it sees in AWS: its event, its context, its environment variables. So a function
// needs no branch for one machine.
package lambda

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Options are what all functions of a host share.
type Options struct {
	Region      string            // AWS_REGION of every function
	LogDir      string            // one file per function, appended to, and the one before it; must exist
	MaxLog      int64             // bytes of a log, after which it begins anew; 8 MB when 0
	Concurrency int               // environments per function at most; 8 when 0
	Environment map[string]string // set for every function, e.g. AWS_ENDPOINT_URL
}

// Spec is one function.
type Spec struct {
	Name        string
	Binary      string // absolute path of the executable
	Timeout     time.Duration
	MemoryMB    int // told to the function, not enforced
	Environment map[string]string
}

// Host runs functions. It must be closed, or its processes end with this one.
type Host struct {
	options   Options
	launcher  *launcher
	mu        sync.Mutex
	functions []*Function
}

// NewHost prepares a host without functions.
func NewHost(o Options) *Host {
	if o.Concurrency == 0 {
		o.Concurrency = 8
	}
	if o.MaxLog == 0 {
		o.MaxLog = 8 << 20
	}
	return &Host{options: o, launcher: newLauncher()}
}

// Add makes a function ready to be invoked. No process starts before the first invocation or Warm.
func (h *Host) Add(s Spec) (*Function, error) {
	path := filepath.Join(h.options.LogDir, s.Name+".log")
	//nolint:gosec // the host names its own folder
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", s.Name, err)
	}
	f := &Function{
		spec:     s,
		options:  h.options,
		launcher: h.launcher,
		log:      log,
		slots:    make(chan struct{}, h.options.Concurrency),
		closed:   make(chan struct{}),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.functions = append(h.functions, f)
	return f, nil
}

// KillAll kills every process of every function at once, invocations under way included, as a failing machine would.
// New processes serve the next invocations.
func (h *Host) KillAll() {
	h.mu.Lock()
	functions := slices.Clone(h.functions)
	h.mu.Unlock()
	for _, f := range functions {
		f.KillAll()
	}
}

// Close ends every function. Invocations under way may finish until ctx is done; then their processes are killed.
func (h *Host) Close(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all sync.WaitGroup
	for _, f := range h.functions {
		all.Go(func() { f.close(ctx) })
	}
	all.Wait()
	h.functions = nil
	h.launcher.close()
}
