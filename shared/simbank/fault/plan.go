package fault

import (
	"sync"

	"kassa/shared/simbank/fault/script"
)

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
	script.Plan[Fault]
	bank Bank
	stop chan struct{}
	once sync.Once
}

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
	p.Plan.Add(faults...)
	return nil
}

// Take counts a call of the operation and returns the fault that it meets.
func (p *Plan) Take(operation string) (met Fault, hit bool) {
	return p.Plan.Take(func(f Fault) bool {
		return f.Operation == "" || f.Operation == "*" || f.Operation == operation
	})
}
