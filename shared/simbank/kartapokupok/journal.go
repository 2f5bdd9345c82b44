package kartapokupok

import (
	"sync"
	"time"
)

// Exchange is one request in the bank's history. The customer's data, the paths
// of the shop's addresses and the key of the page are masked in it.
type Exchange struct {
	At        time.Time `json:"at"`
	Path      string    `json:"path"`
	Operation string    `json:"operation"`
	SessionID string    `json:"session_id,omitempty"`
	OrderRef  string    `json:"order_ref,omitempty"`
	// Status is the HTTP status that the bank had in mind; zero when a fault
	// left the operation undone.
	Status int `json:"status"`
	// Why says what the bank did not like.
	Why string `json:"why,omitempty"`
	// Fault is the scripted fault that the call met.
	Fault    string `json:"fault,omitempty"`
	Request  string `json:"request"`
	Response string `json:"response"`
}

// Sent is one callback in the bank's history. Of the shop's address only the
// host is told, because its path is a secret between shop and bank.
type Sent struct {
	At        time.Time `json:"at"`
	SessionID string    `json:"session_id"`
	Host      string    `json:"host"`
	Body      string    `json:"body"`
	Signature []string  `json:"signature"`
	Timestamp string    `json:"timestamp,omitempty"`
	// HTTP is the shop's answer; zero where it could not be reached.
	HTTP int `json:"http"`
	// Why says why the shop could not be reached.
	Why string `json:"why,omitempty"`
}

const (
	journalLength = 500  // entries kept of each kind
	journalText   = 4096 // bytes kept of each body
)

type journal struct {
	mu       sync.Mutex
	requests []Exchange
	sent     []Sent
}

func (j *journal) add(e Exchange) {
	e.Request, e.Response = cut(e.Request), cut(e.Response)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = latest(append(j.requests, e))
}

func (j *journal) addSent(s Sent) {
	s.Body = cut(s.Body)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sent = latest(append(j.sent, s))
}

func (j *journal) all() ([]Exchange, []Sent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Exchange{}, j.requests...), append([]Sent{}, j.sent...)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests, j.sent = nil, nil
}

func latest[T any](list []T) []T {
	if len(list) <= journalLength {
		return list
	}
	return append([]T(nil), list[len(list)-journalLength:]...)
}

func cut(text string) string {
	if len(text) > journalText {
		return text[:journalText] + "…"
	}
	return text
}
