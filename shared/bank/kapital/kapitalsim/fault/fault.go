// Package fault plays a bad network and a bad bank by script: which operation
// fails, at which call, and whether the bank had done the work by then.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Fault is one line of the script.
//
// Kinds that leave the operation undone: refuse_connection (cut before an
// answer), timeout_before, http_500, html_200, empty, status_NN (Response/Status
// NN with two or three digits). Kinds after the effect: timeout_after,
// cut_after, truncated, bom, slow (the right answer, late), and http_500_after,
// html_200_after, empty_after, status_NN_after.
type Fault struct {
	// Operation is the one it waits for; empty or "*" means every one.
	Operation string `json:"operation"`
	// Nth is the first matching call that fails, counted from 1 since the
	// script was given; zero means 1.
	Nth int `json:"nth"`
	// Count is how many calls fail from there; zero means 1, -1 all.
	Count int `json:"count"`
	// Kind is one of the kinds above.
	Kind string `json:"fault"`
	// DelayMS bounds a time-out (default 30000) and is the length of slow
	// (default 2000), in milliseconds.
	DelayMS int `json:"delay_ms,omitempty"`
}

var statusKind = regexp.MustCompile(`^status_([0-9]{2,3})(_after)?$`)

// Validate names what is wrong with the line.
func (f Fault) Validate() error {
	switch {
	case f.Nth < 0:
		return errors.New("nth counts calls from 1")
	case f.Count < -1:
		return errors.New("count is a number of calls, or -1 for all that follow")
	case f.DelayMS < 0:
		return errors.New("delay_ms must not be negative")
	}
	switch f.Kind {
	case "refuse_connection", "timeout_before", "timeout_after", "cut_after", "truncated", "bom", "slow",
		"http_500", "http_500_after", "html_200", "html_200_after", "empty", "empty_after":
		return nil
	}
	if statusKind.MatchString(f.Kind) {
		return nil
	}
	return fmt.Errorf("fault %q is not known; see the package comment of fault for the kinds", f.Kind)
}

// CarriesOut reports whether the bank does the work before it misbehaves.
func (f Fault) CarriesOut() bool {
	switch f.Kind {
	case "truncated", "bom", "slow":
		return true
	}
	return strings.HasSuffix(f.Kind, "_after")
}

// Status returns NN of a status_NN kind, or "".
func (f Fault) Status() string {
	if m := statusKind.FindStringSubmatch(f.Kind); m != nil {
		return m[1]
	}
	return ""
}

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

// Send misbehaves on the connection. The answer is what the bank would have
// said; it is nil where the fault leaves the operation undone.
func (p *Plan) Send(w http.ResponseWriter, r *http.Request, f Fault, answer []byte) {
	switch kind := strings.TrimSuffix(f.Kind, "_after"); kind {
	case "timeout_before", "timeout":
		p.hold(r, f.DelayMS, 30*time.Second)
		cut()
	case "http_500":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case "html_200":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		write(w, []byte("<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1><br></body></html>"))
	case "empty":
		write(w, nil)
	case "truncated":
		write(w, answer[:len(answer)/2])
	case "bom":
		write(w, append([]byte("\xef\xbb\xbf"), answer...))
	case "slow":
		p.hold(r, f.DelayMS, 2*time.Second)
		write(w, answer)
	case "refuse_connection", "cut":
		cut()
	default: // status_NN: the caller has made the answer for it
		write(w, answer)
	}
}

// hold keeps the connection until the client gives up, the bound passes or the
// simulator closes.
func (p *Plan) hold(r *http.Request, ms int, bound time.Duration) {
	if ms > 0 {
		bound = time.Duration(ms) * time.Millisecond
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
	case <-p.stop:
	}
}

// cut ends the connection without an answer: ErrAbortHandler is net/http's own
// way to say so and is not logged.
func cut() { panic(http.ErrAbortHandler) }

// write drops the error: a client that is gone needs no answer.
func write(w http.ResponseWriter, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	}
	_, _ = w.Write(body)
}

func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}
