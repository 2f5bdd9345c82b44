// Package stack is the whole checkout on one machine: the functions' real binaries behind an HTTP API, a function URL
// and a scheduler and on the table's stream as template.yaml declares them, an engine for DynamoDB and Secrets Manager,
// the simulated banks and a demo shop.
//
// All state is in one folder, so a stack that is started again on it has every payment, key and certificate, and, on
// the same port, every address. Everything listens on 127.0.0.1 only.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kassa/infra/local/demo"
	"kassa/infra/local/demoshop"
	"kassa/infra/local/engine"
	"kassa/infra/local/lambda"
	"kassa/infra/template"
)

// Config says where a stack lives. The zero value is the repository in the working directory, free ports, and .kassa.
type Config struct {
	Root     string           // folder of template.yaml and functions/; "." when empty
	Data     string           // folder of all state; ".kassa" when empty
	Port     int              // of the demo shop, the others follow (see Ports); 0 takes a free block
	Binaries string           // folder of binaries made by Build; empty builds them
	Built    string           // folder to build them into, where they stay for the next; Data/bin when empty
	Progress io.Writer        // what happens, for people; nil is silent
	Errors   io.Writer        // failures while running; nil is silent
	Ticks    <-chan time.Time // drives the schedules; nil is a tick each second
	// Sockets is a folder of Unix sockets, named after the ports, where a part of a stack listens in place of the ports
	// (see StartPart); whoever listens at those brings the two together.
	Sockets string
	// Shop stands in place of the demo shop; nil is the demo shop.
	Shop http.Handler
	// BankSettings are laid over the bank secrets, by the names of their simulators. An inner object stands for the whole
	// of it.
	BankSettings map[string]map[string]any
	// Handshaken is told of each TLS handshake with a simulated bank, by the simulator's name; one that chooses its
	// certificate by the client is left alone.
	Handshaken func(simulator string)
	// Between stands between the functions and the API of a simulated bank, by the simulator's name; nil is nothing.
	Between func(simulator string, api http.Handler) http.Handler
}

// Stack is a running stack. It must be closed.
type Stack struct {
	Ports  Ports
	Info   Info // what local.json holds
	Engine *engine.Engine
	demo.Banks
	Shop *demoshop.Site
	Host *lambda.Host

	config    Config
	app       *template.App
	functions map[string]*lambda.Function
	secrets   map[string]map[string]any // of the banks, by simulator
	log       *slog.Logger
	closers   []func(context.Context) error // run in reverse
	once      sync.Once
	closed    error
}

// Region is the AWS region that the functions believe to be in.
const Region = "eu-central-1"

// Start starts everything and returns when it serves. An error is one line that says what to do; nothing is left
// running then.
func Start(ctx context.Context, c Config) (*Stack, error) {
	s := newStack(c)
	return s.start(ctx, s.readTemplate, s.openEngine, s.forgetInfo, s.listen, s.resolveTemplate, s.prepareBinaries,
		s.serveEngine, s.createTable, s.startSimulators, s.seed, s.startFunctions, s.startShop, s.startStreams,
		s.startSchedules, s.writeInfo)
}

// start takes steps, and ends what it has started where one fails.
func (s *Stack) start(ctx context.Context, steps ...func(context.Context) error) (*Stack, error) {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Kill())
		}
	}
	return s, nil
}

// newStack has started nothing yet.
func newStack(c Config) *Stack {
	s := &Stack{config: c.complete(), functions: map[string]*lambda.Function{}}
	s.log = slog.New(slog.NewTextHandler(s.config.Errors, nil))
	return s
}

// complete fills in what a caller leaves out.
func (c Config) complete() Config {
	if c.Root == "" {
		c.Root = "."
	}
	if c.Data == "" {
		c.Data = ".kassa"
	}
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.Errors == nil {
		c.Errors = io.Discard
	}
	return c
}

// Close ends the stack. Requests under way may finish until ctx is done; with a ctx that is done already this is a
// power cut.
func (s *Stack) Close(ctx context.Context) error {
	s.once.Do(func() {
		var all []error
		for _, end := range slices.Backward(s.closers) {
			all = append(all, end(ctx))
		}
		s.closed = errors.Join(all...)
	})
	return s.closed
}

// Kill ends the stack at once, as a power cut would: requests and invocations under way are cut off.
func (s *Stack) Kill() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.Close(ctx)
}

// Invoke runs a function, by its logical id, with an event of the caller's choice.
func (s *Stack) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	f, ok := s.functions[function]
	if !ok {
		return nil, fmt.Errorf("the template declares no function %s", function)
	}
	return f.Invoke(ctx, event)
}

// Renew ends the processes of a function, by its logical id, so that the next ones begin with nothing that these have
// read.
func (s *Stack) Renew(function string) {
	if f, ok := s.functions[function]; ok {
		f.KillAll()
	}
}

// LogFile is the path of what a function wrote, by its logical id; empty for an unknown one.
func (s *Stack) LogFile(function string) string {
	f, ok := s.functions[function]
	if !ok {
		return ""
	}
	return f.LogFile()
}

// LogFolder holds one log per function.
func (s *Stack) LogFolder() string { return s.data("logs") }

// onClose remembers how to end what was just started; the last started is ended first.
func (s *Stack) onClose(end func(context.Context) error) { s.closers = append(s.closers, end) }

// say tells people how far the start has come.
func (s *Stack) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.config.Progress, "kassa: "+format+"\n", args...) // a closed terminal stops nothing
}

// data is a path in the data folder.
func (s *Stack) data(parts ...string) string {
	return filepath.Join(append([]string{s.config.Data}, parts...)...)
}

// openEngine also claims the data folder: its file cannot be opened twice.
func (s *Stack) openEngine(context.Context) error {
	absolute, err := filepath.Abs(s.config.Data)
	if err != nil {
		return fmt.Errorf("the data folder %s: %w", s.config.Data, err)
	}
	s.config.Data = absolute
	for _, folder := range []string{s.data("bin"), s.data("logs")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make the data folder: %w; KASSA_DATA moves it", err)
		}
	}
	s.Engine, err = engine.Open(s.data("engine.db"), engine.Options{Region: Region})
	if err != nil {
		return fmt.Errorf("%w (is kassa running already? KASSA_DATA moves the data folder)", err)
	}
	s.onClose(func(context.Context) error { return s.Engine.Close() })
	return nil
}

// forgetInfo removes the last run's addresses: they are no longer true, and a script may wait for the file.
func (s *Stack) forgetInfo(context.Context) error {
	if err := os.Remove(s.InfoFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the last run's local.json: %w", err)
	}
	return nil
}
