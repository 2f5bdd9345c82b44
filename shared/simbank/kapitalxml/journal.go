package kapitalxml

import (
	"regexp"
	"sync"
	"time"
)

// Exchange is one request in the bank's history. Session ids and passwords
// are masked in it; card data never comes this way.
type Exchange struct {
	At        time.Time `json:"at"`
	Path      string    `json:"path"`
	Operation string    `json:"operation"`
	OrderID   string    `json:"order_id,omitempty"`
	Merchant  string    `json:"merchant,omitempty"`
	// Status is Response/Status of the answer; empty when a fault left the
	// operation undone.
	Status string `json:"status"`
	// Why says what the bank did not like.
	Why string `json:"why,omitempty"`
	// Fault is the scripted fault that the call met.
	Fault    string `json:"fault,omitempty"`
	Request  string `json:"request"`
	Response string `json:"response"`
}

const (
	journalLength = 500  // exchanges kept
	journalText   = 4096 // bytes kept of each body
)

// secrets are the session ids: whoever has one can open the customer's page.
var secrets = regexp.MustCompile(`(?i)\b([0-9A-F]{4})[0-9A-F]{28}\b`)

type journal struct {
	mu   sync.Mutex
	list []Exchange
}

func (j *journal) add(e Exchange) {
	e.Request, e.Response = masked(e.Request), masked(e.Response)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, e)
	if len(j.list) > journalLength {
		j.list = append([]Exchange(nil), j.list[len(j.list)-journalLength:]...)
	}
}

func (j *journal) all() []Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Exchange{}, j.list...)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = nil
}

func masked(text string) string {
	text = secrets.ReplaceAllString(text, "$1…")
	if len(text) > journalText {
		text = text[:journalText] + "…"
	}
	return text
}
