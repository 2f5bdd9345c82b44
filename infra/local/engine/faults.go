package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"kassa/infra/local/engine/wire"
)

// FaultKind is what goes wrong.
type FaultKind string

// The faults. Conflict, DuplicateRecord and DropRecord exist for PutItem only.
const (
	// FaultNone is the ordinary course of things.
	FaultNone FaultKind = ""
	// FaultConflict answers ConditionalCheckFailedException and writes nothing.
	FaultConflict = FaultKind(wire.Conflict)
	// FaultThrottle answers 400 ProvisionedThroughputExceededException (Secrets Manager: ThrottlingException) and does
	// nothing.
	FaultThrottle FaultKind = "throttle"
	// FaultInternal answers 500 InternalServerError (Secrets Manager: InternalServiceError) and does nothing.
	FaultInternal FaultKind = "internal"
	// FaultLost does the work, on disk, then cuts the connection without an answer.
	FaultLost FaultKind = "lost"
	// FaultLostBefore cuts the connection without an answer and does nothing.
	FaultLostBefore FaultKind = "lost_before"
	// FaultDuplicateRecord leaves the stream record of the write twice: same event id, same sequence number.
	FaultDuplicateRecord = FaultKind(wire.DuplicateRecord)
	// FaultDropRecord leaves no stream record of the write.
	FaultDropRecord = FaultKind(wire.DropRecord)
)

// Always is the Count of a fault that never wears off.
const Always = -1

// Fault is a scripted fault: which calls it hits, and how. Calls count when the operation is the same and their key
// contains Key (a key is "hash/range"; of a Query the hash key's value; of a secret its id as the caller wrote it).
type Fault struct {
	Operation string    `json:"operation"`
	Key       string    `json:"key,omitempty"`
	Kind      FaultKind `json:"fault"`
	// Nth is the first call that is hit, counted from the moment the fault is set; 0 and 1 are the next one.
	Nth int `json:"nth,omitempty"`
	// Count is how many calls in a row are hit; 0 means one, Always all.
	Count int `json:"count,omitempty"`
}

// hits tells whether the nth call that counts is hit.
func (f Fault) hits(nth int) bool {
	first := max(f.Nth, 1)
	return nth >= first && (f.Count == Always || nth < first+max(f.Count, 1))
}

func (f Fault) wornOff(seen int) bool {
	return f.Count != Always && seen >= max(f.Nth, 1)+max(f.Count, 1)-1
}

// faults is the script.
type faults struct {
	mu    sync.Mutex
	armed []*armedFault
}

type armedFault struct {
	Fault
	seen int
}

// hit counts a call against all faults and returns the first that hits it.
func (f *faults) hit(call Call) FaultKind {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind := FaultNone
	for _, a := range f.armed {
		if a.Operation != call.Operation || !strings.Contains(call.Key, a.Key) {
			continue
		}
		a.seen++
		if kind == FaultNone && a.hits(a.seen) {
			kind = a.Kind
		}
	}
	f.armed = slices.DeleteFunc(f.armed, func(a *armedFault) bool { return a.wornOff(a.seen) })
	return kind
}

// Fault sets a scripted fault. It is an error to name an operation or a kind that the engine does not know, or to aim a
// fault of writes at another operation than PutItem: such a fault would never fire and the test that set it would prove
// nothing.
func (e *Engine) Fault(f Fault) error {
	kinds := []FaultKind{FaultThrottle, FaultInternal, FaultLost, FaultLostBefore}
	if f.Operation == "PutItem" {
		kinds = append(kinds, FaultConflict, FaultDuplicateRecord, FaultDropRecord)
	}
	switch {
	case !e.speaks(f.Operation):
		return fmt.Errorf("a fault needs an operation that the engine speaks, not %q", f.Operation)
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("a fault of %s is one of %q, not %q", f.Operation, kinds, f.Kind)
	case f.Nth < 0 || f.Count < Always:
		return fmt.Errorf("a fault's nth is at least 0 and its count at least %d", Always)
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.armed = append(e.faults.armed, &armedFault{Fault: f})
	return nil
}

func (e *Engine) speaks(operation string) bool {
	for target := range e.operations {
		if operationName(target) == operation {
			return true
		}
	}
	return false
}

// Faults are the faults that have not worn off yet, as they were set.
func (e *Engine) Faults() []Fault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	list := make([]Fault, len(e.faults.armed))
	for i, a := range e.faults.armed {
		list[i] = a.Fault
	}
	return list
}

// ClearFaults ends all faults.
func (e *Engine) ClearFaults() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.armed = nil
}
