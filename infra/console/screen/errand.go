package screen

import (
	"context"
	"errors"
	"sync"
	"time"

	"kassa/infra/kassa/reconcile"
	"kassa/infra/kassa/statement"
	"kassa/shared/boot"
)

// errand is the one reconciliation that goes on behind the pages, and what came of the last one. It may be used by
// several requests at once.
type errand struct {
	mu      sync.Mutex
	now     progress
	stop    context.CancelFunc // nil until it has begun behind the pages
	stopped bool
}

// progress is how an errand stands. The zero value is that there was none.
type progress struct {
	Running   bool
	Shop, Day string
	File      string // the statement's name, "" for none
	Done, All int    // of the payments that are looked at; All is 0 until they are found
	Report    *reconcile.Report
	Made      time.Time // the report
	Wrong     statement.Problems
	Err       error // why there is no report
}

// Look is how it stands.
func (e *errand) Look() progress {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

// Stop ends the asking; what was not asked stands in the report.
func (e *errand) Stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = true
	if e.stop != nil {
		e.stop()
	}
}

// begin takes the place of the running one; false where there is one.
func (e *errand) begin(q reconcile.Request, file string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now.Running {
		return false
	}
	e.stopped = false
	e.now = progress{Running: true, Shop: q.Shop, Day: q.Day.Format(time.DateOnly), File: file}
	return true
}

// reconcile begins a reconciliation behind the pages, which ends with the console; false where one goes on already: two
// would ask the bank twice as often as is polite.
func (s *screens) reconcile(q reconcile.Request, file string) bool {
	if !s.errand.begin(q, file) {
		return false
	}
	r := reconcile.Reconciler{Payments: reconcile.FromBook(s.Store, s.Now), Banks: s.Service.Banks, Usual: boot.Profiles(),
		Store: s.Store, Now: s.Now, Pace: reconcile.Pace(reconcile.Polite), Progress: s.errand.tell}
	s.Behind(func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s.errand.stoppable(cancel)
		report, err := r.Run(ctx, q)
		s.errand.end(report, err, s.Stage, s.Now())
	})
	return true
}

// stoppable hears how to end what has been begun, which somebody may have wanted meanwhile.
func (e *errand) stoppable(stop context.CancelFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop = stop; e.stopped {
		stop()
	}
}

// tell hears how far it is.
func (e *errand) tell(done, all int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now.Done, e.now.All = done, all
}

// end notes what came of it.
func (e *errand) end(report reconcile.Report, err error, stage string, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now.Running, e.now.Made, e.stop = false, now, nil
	if problems, are := errors.AsType[statement.Problems](err); are {
		e.now.Wrong = problems
		return
	}
	if err != nil && e.stopped {
		e.now = progress{} // nothing had been found yet
		return
	}
	if e.now.Err = err; err == nil {
		report.Stage = stage
		if report.Statement != nil {
			report.Statement.File = e.now.File
		}
		e.now.Report = &report
	}
}
