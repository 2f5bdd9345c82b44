package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// part is a part of the stack in a process of its own, which is started again whenever it ends.
type part struct {
	name    string
	command func() *exec.Cmd
	fallen  func() // looks at what a killed one has left, before the next starts; may be nil

	mu      sync.Mutex
	process *os.Process // nil while there is none
	killed  bool        // the process that ends now was killed by us
	upright atomic.Bool // it serves
	failed  int         // starts that came to nothing, in a row
}

// keep runs the part until ctx ends, and answers with why it could not.
func (p *part) keep(ctx context.Context) error {
	for ctx.Err() == nil {
		said, err := p.run()
		if p.upright.Swap(false) {
			p.failed = 0
		}
		p.mu.Lock()
		killed := p.killed
		p.process, p.killed = nil, false
		p.mu.Unlock()
		if killed {
			if p.fallen != nil {
				p.fallen()
			}
			continue
		}
		// The host finds no stream while the engine is down.
		if p.failed++; p.failed > 20 || p.name != "host" {
			return fmt.Errorf("%s ended by itself: %w; it said %q", p.name, err, said)
		}
		pause(ctx, 100*time.Millisecond)
	}
	return nil
}

// run starts the part and waits until it ends.
func (p *part) run() (said string, err error) {
	var errs bytes.Buffer
	c := p.command()
	c.Stderr = &errs
	in, err := c.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	err = c.Start()
	p.process = c.Process
	p.mu.Unlock()
	if err != nil {
		return "", err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err == nil && line == "ready\n" {
		p.upright.Store(true)
	}
	_, _ = io.Copy(io.Discard, out)
	err = c.Wait()
	_ = in.Close()
	text := errs.String()
	return text[max(0, len(text)-1000):], err
}

// do acts on the part's process while it cannot be another one yet, and says whether there was one.
func (p *part) do(act func(*os.Process) error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process != nil && !p.killed && act(p.process) == nil
}

func (p *part) kill() bool {
	return p.do(func(at *os.Process) error {
		err := at.Kill()
		p.killed = err == nil
		return err
	})
}

// limit bounds the size of the files that the part may write, as a full disk does; negative is none.
func (p *part) limit(size int64) bool {
	return p.do(func(at *os.Process) error {
		most := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
		if size >= 0 {
			most.Cur = uint64(size)
		}
		return unix.Prlimit(at.Pid, unix.RLIMIT_FSIZE, &most, nil)
	})
}

// functions are the processes of a folder's programs, by their numbers.
func functions(folder string) map[int]string {
	found := map[int]string{}
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		program, err := os.Readlink(link)
		number, wrong := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err == nil && wrong == nil && filepath.Dir(program) == folder {
			found[number] = filepath.Base(program)
		}
	}
	return found
}

// killer kills what a seed draws.
type killer struct {
	draws  *rand.Rand
	parts  map[string]*part
	folder string // of the functions' programs
	file   string // of the engine
	kills  map[string]int
	full   int // times that the engine's disk was full
}

func (k *killer) total() (n int) {
	for _, of := range k.kills {
		n += of
	}
	return n
}

// strike kills what is named: a part, "functions" for up to three of their processes, or "disk",
// which is full for a moment.
func (k *killer) strike(ctx context.Context, what string) {
	switch what {
	case "functions":
		k.strikeFunctions()
	case "disk":
		k.fillDisk(ctx)
	default:
		if k.parts[what].kill() {
			k.kills[what]++
		}
	}
}

func (k *killer) strikeFunctions() {
	alive := functions(k.folder)
	numbers := slices.Sorted(maps.Keys(alive))
	k.draws.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	for _, number := range numbers[:min(len(numbers), 1+k.draws.IntN(3))] {
		if syscall.Kill(number, syscall.SIGKILL) == nil {
			k.kills[alive[number]]++
		}
	}
}

// fillDisk lets the engine's file not grow, or not even be written from some place on, for a moment.
func (k *killer) fillDisk(ctx context.Context) {
	info, err := os.Stat(k.file)
	if err != nil {
		return
	}
	size := info.Size()
	if k.draws.IntN(2) == 0 {
		size = k.draws.Int64N(size)
	}
	if k.parts["engine"].limit(size) {
		k.full++
		pause(ctx, 50*time.Millisecond+time.Duration(k.draws.Int64N(int64(300*time.Millisecond))))
		k.parts["engine"].limit(-1)
	}
}

// draw says what is next: functions mostly, since they are what a deployment consists of.
func (k *killer) draw(banks []string) string {
	switch n := k.draws.IntN(100); {
	case n < 4:
		return "engine"
	case n < 10:
		return banks[k.draws.IntN(len(banks))]
	case n < 11:
		return "host"
	case n < 13:
		return "disk"
	}
	return "functions"
}

// standing counts the parts that serve.
func (k *killer) standing() (n int) {
	for _, p := range k.parts {
		if p.upright.Load() {
			n++
		}
	}
	return n
}
