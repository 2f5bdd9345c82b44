// What was called: counted for the budget of calls that a payment has, listed so that a test can see which they were,
// and by caller, so that what a function really uses is held against what its policy allows.

package engine

import (
	"maps"
	"net/http"
	"strings"
	"sync"

	"kassa/infra/local/engine/wire"
)

const (
	// maxRecent is how many calls the engine remembers one by one.
	maxRecent = 1000
	// maxUses is how many different uses it counts: whoever guesses at secrets makes a new one of each guess.
	maxUses = 10000
)

// Call is a call that reached the engine, whatever became of it; so an SDK's retries count too. Key is "hash/range" of
// an item, the hash key's value of a Query, the id of a secret as the caller wrote it.
type Call struct {
	Operation string `json:"operation"`
	Table     string `json:"table,omitempty"`
	Index     string `json:"index,omitempty"`
	Key       string `json:"key,omitempty"`
}

// Use is what a caller did to something, whichever item or version of it: what an IAM policy would have to allow.
type Use struct {
	Caller string `json:"caller"`          // the access key id that signed it
	Action string `json:"action"`          // as IAM calls it: dynamodb:GetItem
	Table  string `json:"table,omitempty"` // of DynamoDB's actions and of its streams'
	Index  string `json:"index,omitempty"`
	Stream bool   `json:"stream,omitempty"` // the table's stream is meant
	Secret string `json:"secret,omitempty"` // its name, as the caller wrote it
	// a function that was started, by its logical id
	Function string `json:"function,omitempty"`
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

// calls is the record, which every request adds to. Uses are never reset: they are held against the policies at the end
// of a whole run.
type calls struct {
	mu     sync.Mutex
	counts map[string]int
	recent []Call // once it is full, a ring
	next   int    // where the next call takes the oldest's place
	uses   map[Use]int
}

// add notes a call before it is carried out, so a call that is cut off or fails counts as it would on the bill.
func (c *calls) add(call Call, use Use) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.use(use)
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[call.Operation]++
	if len(c.recent) < maxRecent {
		c.recent = append(c.recent, call)
		return
	}
	c.recent[c.next] = call
	c.next = (c.next + 1) % maxRecent
}

// use counts a use. The lock is held.
func (c *calls) use(use Use) {
	if c.uses == nil {
		c.uses = map[Use]int{}
	}
	if _, known := c.uses[use]; known || len(c.uses) < maxUses {
		c.uses[use]++
	}
}

// Started notes that a request to Lambda has started a function; the host of the functions answers it.
func (e *Engine) Started(r *http.Request, function string) {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	e.calls.use(Use{Caller: caller(r), Action: "lambda:InvokeFunction", Function: function})
}

// Calls is a copy of the record of calls.
func (e *Engine) Calls() Calls {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	record := Calls{Counts: map[string]int{}}
	record.Recent = append(append([]Call{}, e.calls.recent[e.calls.next:]...), e.calls.recent[:e.calls.next]...)
	maps.Copy(record.Counts, e.calls.counts)
	return record
}

// ResetCalls starts the record of calls anew.
func (e *Engine) ResetCalls() {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	e.calls.counts, e.calls.recent, e.calls.next = nil, nil, 0
}

// Uses is how often each use was made since the engine was opened, whatever was reset.
func (e *Engine) Uses() map[Use]int {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	return maps.Clone(e.calls.uses)
}

// useOf says what a request is a use of.
func useOf(r *http.Request, target string, action wire.Action) Use {
	use := Use{Caller: caller(r), Table: action.Table, Index: action.Index,
		Stream: strings.HasPrefix(target, "DynamoDBStreams_")}
	if strings.HasPrefix(target, "secretsmanager.") {
		use.Action, use.Secret = "secretsmanager:"+operationName(target), action.Key
	} else {
		use.Action = "dynamodb:" + operationName(target)
	}
	return use
}

// caller is the access key id of a signed request. Source: "Signature Version 4", the Authorization header.
func caller(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	return key
}
