package fault

import "sync"

// Bank is what the script language must know of the bank that plays it.
type Bank struct {
	// ContentType is that of the bank's answers.
	ContentType string
	// Operations are those that a line may wait for; none takes any name.
	Operations []string
	// Words says that the bank refuses by a word of digits, for status_NN.
	Words bool
	// Failure is the body that goes with the HTTP status of an http_NNN.
	Failure func(status int) []byte
}

// Plan is the script and how far it has been played. It is safe for concurrent
// use.
type Plan struct {
	bank  Bank
	mu    sync.Mutex
	lines []line
	stop  chan struct{}
	once  sync.Once
}

// line is one fault and the number of calls that it has met.
type line struct {
	Fault
	met int
}

// over says that the line can fail no call any more.
func (l line) over() bool { return l.Count > 0 && l.met >= l.Nth+l.Count-1 }

// NewPlan returns an empty script for the bank.
func NewPlan(b Bank) *Plan { return &Plan{bank: b, stop: make(chan struct{})} }

// Close lets go of all connections that are held.
func (p *Plan) Close() { p.once.Do(func() { close(p.stop) }) }

// Add appends lines to the script; none is added when one is invalid.
func (p *Plan) Add(faults ...Fault) error {
	for _, f := range faults {
		if err := f.Validate(p.bank); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		f.Nth = max(f.Nth, 1)
		if f.Count == 0 {
			f.Count = 1
		}
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
		if !l.over() {
			left = append(left, l.Fault)
		}
	}
	return left
}

// Take counts a call of the operation and returns the fault that it meets. Every
// line counts the call; where several are due the first one of the script plays.
func (p *Plan) Take(operation string) (met Fault, hit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.lines {
		l := &p.lines[i]
		if l.Operation != "" && l.Operation != "*" && l.Operation != operation {
			continue
		}
		due := !l.over() && l.met+1 >= l.Nth
		l.met++
		if due && !hit {
			met, hit = l.Fault, true
		}
	}
	return met, hit
}
