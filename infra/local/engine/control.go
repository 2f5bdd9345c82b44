// The engine's side door for tests and scripts, under /_engine/: it stands behind the same rules as the simulators'
// control (JSON's content type, its own host, no foreign Origin), since it lets things fail.

package engine

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"kassa/shared/simbank/fault/script"
)

// postFault sets faults, all or none but for one that cannot fire:
// {"operation":"PutItem","fault":"cut_after","key":"pay_","nth":2,"count":1}.
func (e *Engine) postFault(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	var faults []Fault
	if err == nil {
		faults, err = script.Parse[Fault](body)
	}
	if err == nil && len(faults) == 0 {
		err = errors.New("the script names no fault")
	}
	for _, fault := range faults {
		err = errors.Join(err, e.Fault(fault))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// getFaults tells the faults that have not worn off.
func (e *Engine) getFaults(w http.ResponseWriter, _ *http.Request) { writeJSON(w, e.Faults()) }

// deleteFaults ends all of them.
func (e *Engine) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	e.ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}

// getCalls tells the record of calls as Calls does.
func (e *Engine) getCalls(w http.ResponseWriter, _ *http.Request) { writeJSON(w, e.Calls()) }

// resetCalls begins a new count, for the calls of one step of a test.
func (e *Engine) resetCalls(w http.ResponseWriter, _ *http.Request) {
	e.ResetCalls()
	w.WriteHeader(http.StatusNoContent)
}

// writeJSON answers 200 with a value of ours, which can be encoded.
func writeJSON(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the answer cannot be encoded: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // A client that has gone away has nothing to be told.
}
