package kapitalxml

import (
	"regexp"
	"time"

	"kassa/shared/simbank/journal"
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

// secrets are the session ids: whoever has one can open the customer's page.
var secrets = regexp.MustCompile(`(?i)\b([0-9A-F]{4})[0-9A-F]{28}\b`)

func (s *Sim) note(e Exchange) {
	e.Request, e.Response = masked(e.Request), masked(e.Response)
	s.journal.Add(e)
}

func masked(text string) string { return journal.Cut(secrets.ReplaceAllString(text, "$1…")) }
