package fault

import (
	"sync"
)

// Plan is the script and how far it has been played. It is safe for
// concurrent use.
type Plan struct {
	mu    sync.Mutex
	lines []line
	stop  chan struct{}
	once  sync.Once
}

type line struct {
	Fault
	seen int
}

// NewPlan returns an empty script.
func NewPlan() *Plan { return &Plan{stop: make(chan struct{})} }

// Close lets go of all connections that are held.
func (p *Plan) Close() { p.once.Do(func() { close(p.stop) }) }

// Add appends lines to the script; none is added when one is invalid.
func (p *Plan) Add(faults ...Fault) error {
	for _, f := range faults {
		if err := f.Validate(); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		f.Nth, f.Count = max(f.Nth, 1), orOne(f.Count)
		p.lines = append(p.lines, line{Fault: f})
	}
	return nil
}

// Clear forgets the script.
func (p *Plan) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = nil
}

// Left lists the lines that can still fail a call.
func (p *Plan) Left() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := []Fault{}
	for _, l := range p.lines {
		if l.Count < 0 || l.seen < l.Nth+l.Count-1 {
			left = append(left, l.Fault)
		}
	}
	return left
}

// Take counts a call of the operation and returns the fault that it meets, the
// first line of the script first.
func (p *Plan) Take(operation string) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var met Fault
	hit := false
	for i := range p.lines {
		l := &p.lines[i]
		if l.Operation != "" && l.Operation != "*" && l.Operation != operation {
			continue
		}
		l.seen++
		due := l.seen >= l.Nth && (l.Count < 0 || l.seen < l.Nth+l.Count)
		if due && !hit {
			met, hit = l.Fault, true
		}
	}
	return met, hit
}

func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}
