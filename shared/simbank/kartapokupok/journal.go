package kartapokupok

import (
	"time"

	"kassa/shared/simbank/journal"
)

// Exchange is one request in the bank's history. The customer's data, the paths
// of the shop's addresses and the key of the page are masked in it.
type Exchange struct {
	journal.Exchange
	SessionID string `json:"session_id,omitempty"`
	OrderRef  string `json:"order_ref,omitempty"`
	// Status is the HTTP status that the bank had in mind; zero when a fault
	// left the operation undone.
	Status int `json:"status"`
}

// SentCallback is one callback in the bank's history. Of the shop's address only the
// host is told, because its path is a secret between shop and bank.
type SentCallback struct {
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

func (s *Sim) noteSent(e SentCallback) {
	e.Body = journal.Cut(e.Body)
	s.sent.Add(e)
}
