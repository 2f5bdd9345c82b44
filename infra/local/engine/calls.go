package engine

import (
	"maps"
	"slices"
	"sync"
)

// maxRecent is how many calls the engine remembers one by one.
const maxRecent = 1000

// Call is a call that reached the engine, whatever became of it; so an SDK's retries count too. Key is "hash/range" of an item, the hash
// key's value of a Query, the id of a secret as the caller wrote it.
type Call struct {
	Operation string `json:"operation"`
	Table     string `json:"table,omitempty"`
	Index     string `json:"index,omitempty"`
	Key       string `json:"key,omitempty"`
}

// Calls is the record of calls since the engine was opened or the record was reset.
type Calls struct {
	// Counts is the number of calls by operation.
	Counts map[string]int `json:"counts"`
	// Recent are the last 1000 calls, oldest first.
	Recent []Call `json:"recent"`
}

// Total is the number of calls of the named operations together.
func (c Calls) Total(operations ...string) int {
	total := 0
	for _, operation := range operations {
		total += c.Counts[operation]
	}
	return total
}

type calls struct {
	mu     sync.Mutex
	counts map[string]int
	recent []Call
}

func (c *calls) add(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[call.Operation]++
	if len(c.recent) == maxRecent {
		c.recent = slices.Delete(c.recent, 0, 1)
	}
	c.recent = append(c.recent, call)
}

// Calls is a copy of the record of calls.
func (e *Engine) Calls() Calls {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	record := Calls{Counts: map[string]int{}, Recent: append([]Call{}, e.calls.recent...)}
	maps.Copy(record.Counts, e.calls.counts)
	return record
}

// ResetCalls starts the record of calls anew.
func (e *Engine) ResetCalls() {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	e.calls.counts, e.calls.recent = nil, nil
}
