package lambda

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// launcher starts processes from one OS thread that lives as long as the host: Linux ends a child that asked for it
// when the *thread* that started it ends, not the process.
type launcher struct {
	work chan func()
	done chan struct{}
	once sync.Once
}

// newLauncher starts the thread. When close ends it, Linux ends every child that is left.
func newLauncher() *launcher {
	l := &launcher{work: make(chan func()), done: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		for {
			select {
			case work := <-l.work:
				work()
			case <-l.done:
				return
			}
		}
	}()
	return l
}

// close may be called more than once.
func (l *launcher) close() { l.once.Do(func() { close(l.done) }) }

// process is a child that ends with its host, even when the host is killed.
type process struct {
	command *exec.Cmd
	exited  chan struct{} // closed when the process is gone
	err     error         // how it ended; read after exited is closed
}

// start runs a binary in its own folder with exactly the given environment; both outputs go to log.
func (l *launcher) start(binary string, environ []string, log *os.File) (*process, error) {
	p := &process{command: exec.Command(binary), exited: make(chan struct{})}
	p.command.Dir = filepath.Dir(binary)
	p.command.Env = environ
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = childAttributes()
	started := make(chan error, 1)
	select {
	case l.work <- func() { started <- p.command.Start() }:
	case <-l.done:
		return nil, ErrClosed
	}
	if err := <-started; err != nil {
		return nil, err
	}
	go func() {
		p.err = p.command.Wait()
		close(p.exited)
	}()
	return p, nil
}

// kill ends the process at once, as Lambda does, and waits until it is gone.
func (p *process) kill() error {
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.exited
	return nil
}

// state says in words how the process ended.
func (p *process) state() string {
	select {
	case <-p.exited:
	default:
		return "still running at its deadline"
	}
	if p.err == nil {
		return "exit status 0"
	}
	return p.err.Error()
}
