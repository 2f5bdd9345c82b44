package lambda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
)

// MaxPayload is Lambda's limit on an event and on an answer, in bytes.
const MaxPayload = 6 << 20

// ErrTooLarge says that the event exceeds MaxPayload. The function was not invoked.
var ErrTooLarge = errors.New("the event is larger than the 6 MB that Lambda takes")

// ErrClosed says that the host is shutting down.
var ErrClosed = errors.New("the function host is closed")

// Function is a hosted function: a bounded pool of environments.
type Function struct {
	spec     Spec
	options  Options
	launcher *launcher
	log      *os.File
	turning  sync.Mutex    // held while the log may begin anew
	slots    chan struct{} // one token per invocation or start under way
	closed   chan struct{}
	running  sync.WaitGroup

	mu   sync.Mutex
	idle []*environment // the most recently used last: it is used first, as Lambda does
	all  map[*environment]struct{}
}

// Name is the function's logical id.
func (f *Function) Name() string { return f.spec.Name }

// LogFile is the path of the file that holds what the function wrote to stdout and stderr.
func (f *Function) LogFile() string { return f.log.Name() }

// Warm starts one environment, so that a function that cannot start is noticed before it is needed.
func (f *Function) Warm(ctx context.Context) error {
	_, err := f.within(ctx, func() result {
		e, err := f.take()
		if err == nil {
			f.giveBack(e)
		}
		return result{err: err}
	})
	return err
}

// Invoke runs the function once with the event and returns its answer. It waits while all environments are busy. When
// ctx ends first the caller gets its error, but the invocation goes on, as in AWS. A failed function is a
// *FunctionError.
func (f *Function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if len(event) > MaxPayload {
		return nil, ErrTooLarge
	}
	return f.within(ctx, func() result { return f.invoke(event) })
}

// result is what an invocation leaves: its outcome, and the environment that it used, nil when there was none.
type result struct {
	answer []byte
	err    error
	used   *environment
}

// within runs work in a slot and a goroutine of its own, so that it survives a caller who goes away. The caller gets
// the outcome at once; the slot stays taken until the environment is ready for the next invocation or gone.
func (f *Function) within(ctx context.Context, work func() result) ([]byte, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	done := make(chan result, 1)
	go func() {
		defer f.leave()
		r := work()
		done <- r
		f.turnLog()
		if r.used != nil {
			f.settle(r.used)
		}
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// enter takes a slot and counts the work, so that close can wait for it. When the host was closed meanwhile the slot is
// given back.
func (f *Function) enter(ctx context.Context) error {
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-f.closed:
		return ErrClosed
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		<-f.slots
		return ErrClosed
	default:
		f.running.Add(1)
		return nil
	}
}

// leave gives both back.
func (f *Function) leave() {
	<-f.slots
	f.running.Done()
}

// invoke hands the event to an environment. One that died while idle never saw the event, so another one takes over.
func (f *Function) invoke(event []byte) result {
	for {
		e, err := f.take()
		if err != nil {
			return result{err: err}
		}
		answer, err := e.invoke(event)
		if !errors.Is(err, errNeverSeen) {
			return result{answer, err, e}
		}
		f.discard(e)
	}
}

// settle returns an environment to the pool once its runtime asks for work; one that exits instead is forgotten.
func (f *Function) settle(e *environment) {
	if !e.waitIdle() {
		f.discard(e)
		return
	}
	f.giveBack(e)
}

// giveBack puts an environment to those that wait for work.
func (f *Function) giveBack(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, e)
}

// take returns an idle environment or starts one.
func (f *Function) take() (*environment, error) {
	f.mu.Lock()
	if n := len(f.idle); n > 0 {
		e := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.mu.Unlock()
		return e, nil
	}
	f.mu.Unlock()
	return f.start()
}

// discard kills an environment and forgets it; where it has died by itself that is no error.
func (f *Function) discard(e *environment) {
	e.kill()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.all, e)
	f.idle = slices.DeleteFunc(f.idle, func(other *environment) bool { return other == e })
}

// register remembers a started environment, so that close finds it. It answers false when the function is already
// closed.
func (f *Function) register(e *environment) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return false
	default:
	}
	if f.all == nil {
		f.all = map[*environment]struct{}{}
	}
	f.all[e] = struct{}{}
	return true
}

// PIDs are the numbers of the processes that the function has now, for whoever measures them.
func (f *Function) PIDs() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []int
	for e := range f.all {
		all = append(all, e.process.command.Process.Pid)
	}
	return all
}

// KillAll ends the processes of the function, invocations under way included. New ones serve the next invocations.
func (f *Function) KillAll() {
	f.mu.Lock()
	started := slices.Collect(maps.Keys(f.all))
	f.mu.Unlock()
	for _, e := range started {
		f.discard(e)
	}
}

// close refuses new invocations, waits for those under way until ctx is done, and kills every process.
func (f *Function) close(ctx context.Context) {
	f.mu.Lock()
	close(f.closed)
	f.mu.Unlock()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		f.running.Wait()
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	f.KillAll()
	<-finished
	if err := f.log.Close(); err != nil {
		fmt.Fprintf(os.Stderr, "kassa: close the log of %s: %v\n", f.spec.Name, err)
	}
}
