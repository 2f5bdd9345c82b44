// The engine's fault script. Each fault is one that AWS's services have: a condition that fails though nobody wrote,
// an answer that is lost after the write, a stream record that comes twice or never. Times play no part: a fault hits
// the nth call.

package engine

import (
	"fmt"
	"slices"
	"strings"

	"kassa/infra/local/engine/wire"
	"kassa/shared/simbank/fault/script"
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
	FaultLost FaultKind = "cut_after"
	// FaultLostBefore cuts the connection without an answer and does nothing.
	FaultLostBefore FaultKind = "refuse_connection"
	// FaultDuplicateRecord leaves the stream record of the write twice: same event id, same sequence number.
	FaultDuplicateRecord = FaultKind(wire.DuplicateRecord)
	// FaultDropRecord leaves no stream record of the write.
	FaultDropRecord = FaultKind(wire.DropRecord)
)

// Always is the Count of a fault that never wears off.
const Always = script.Always

// Fault is one line of the fault script, whose language package script describes: which calls it hits, and how. Calls
// count when the operation is the same and their key contains Key (a key is "hash/range"; of a Query the hash key's
// value; of a secret its id as the caller wrote it).
type Fault struct {
	Operation string    `json:"operation"`
	Key       string    `json:"key,omitempty"`
	Kind      FaultKind `json:"fault"`
	Nth       int       `json:"nth,omitempty"`
	Count     int       `json:"count,omitempty"`
}

// When says which calls the fault hits.
func (f Fault) When() script.When { return script.When{Nth: f.Nth, Count: f.Count} }

// scripted counts a call against all faults and returns the kind of the first that hits it.
func (e *Engine) scripted(call Call) FaultKind {
	f, _ := e.faults.Take(func(f Fault) bool { return f.Operation == call.Operation && strings.Contains(call.Key, f.Key) })
	return f.Kind
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
	}
	if err := f.When().Validate(); err != nil {
		return err
	}
	e.faults.Add(f)
	return nil
}

// speaks says whether an operation is one of the engine's, by its name without the service.
func (e *Engine) speaks(operation string) bool {
	for target := range e.operations {
		if operationName(target) == operation {
			return true
		}
	}
	return false
}

// Faults are the faults that have not worn off yet, as they were set.
func (e *Engine) Faults() []Fault { return e.faults.Left() }

// ClearFaults ends all faults.
func (e *Engine) ClearFaults() { e.faults.Clear() }
