package saving

import (
	"fmt"
	"runtime/debug"
	"sync"

	"kassa/shared/payment"
)

// enough failures in a row, and one is left alone.
const enough = 3

// Patience is what a run has with those it talks to: whoever fails several times in a row is left alone for the rest of
// it. Several workers may use it at once; its zero value has heard of nobody.
type Patience struct {
	mu    sync.Mutex
	known map[string]record
}

// record is how one has answered.
type record struct {
	failures int  // in a row
	answers  bool // the last answer came
}

// Heard notes whether one has answered.
func (p *Patience) Heard(who string, answered bool) {
	p.note(who, func(r record) record {
		if answered {
			return record{answers: true}
		}
		return record{failures: r.failures + 1}
	})
}

// GiveUp leaves one alone at once.
func (p *Patience) GiveUp(who string) {
	p.note(who, func(record) record { return record{failures: enough} })
}

func (p *Patience) note(who string, change func(record) record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]record{}
	}
	p.known[who] = change(p.known[who])
}

// Over says whether one is left alone.
func (p *Patience) Over(who string) bool { return p.of(who).failures >= enough }

// Answers says whether one was heard, and the last time also answered.
func (p *Patience) Answers(who string) bool { return p.of(who).answers }

func (p *Patience) of(who string) record {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[who]
}

// Guard does a piece of work and makes its panic an error, so that a payment which makes us panic stops no other.
func Guard(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &payment.Error{Kind: payment.Internal, Message: "panic", Cause: fmt.Errorf("%v\n%s", v, debug.Stack())}
		}
	}()
	return work()
}
