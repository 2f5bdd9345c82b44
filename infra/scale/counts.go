// Package scale reckons what Kassa costs and how far it goes: from counts that a run of the whole stack has measured,
// and from public prices and limits of AWS. docs/scale.md shows what comes out; a test holds the page and the reckoning
// together.
package scale

import (
	_ "embed"
	"encoding/json"
)

// Counts is what one flow takes: a payment's way through the checkout, or one run of a schedule. All are measured per
// payment.
type Counts struct {
	Invocations map[string]int `json:"invocations"` // by function
	Reads       int            `json:"reads"`       // GetItem, each strongly consistent
	Queries     int            `json:"queries"`     // of an order, or of an index
	Writes      int            `json:"writes"`      // PutItem
	ReadUnits   float64        `json:"read_units"`
	WriteUnits  int            `json:"write_units"` // the table's own
	IndexUnits  int            `json:"index_units"` // of the four indexes together
	DueUnits    int            `json:"due_units"`   // of those, the index due
	BookUnits   int            `json:"book_units"`  // of those, the book, as long as nothing changes on a later day
	BankCalls   int            `json:"bank_calls"`  // exchanges with the bank
	Webhooks    int            `json:"webhooks"`
	ItemBytes   int            `json:"item_bytes"`   // in the table at the end
	LogBytes    int            `json:"log_bytes"`    // what the functions write
	AnswerBytes int            `json:"answer_bytes"` // bodies of our answers to the shop
	CPU         float64        `json:"cpu_ms"`       // processor time of the functions; on the machine that measured
}

// The flows.
const (
	CardPaid = "card_paid" // opened, paid, the browser comes back, the shop asks once, and is told
	CardLeft = "card_left" // opened and left: the sweep asks until a day later nothing is due any more
	// applied for, approved, told by a signed callback, the browser comes back, the shop asks once, and is told
	Instalment = "instalment"
	Refund     = "refund"      // a part given back at once, and told
	Poll       = "poll"        // one more question about a payment that is settled
	Recheck    = "recheck"     // what recheck_paid adds: a paid payment, asked about once more the next morning
	IdleSweep  = "idle_sweep"  // a minute in which nothing is due
	IdleOutbox = "idle_outbox" // the same of the outbox
)

//go:embed counts.json
var measured []byte

// Measured are the counts of each flow, as the test of the whole stack wrote them last (infra/e2e,
// TestCountsOfEachFlow).
func Measured() (map[string]Counts, error) {
	var all map[string]Counts
	err := json.Unmarshal(measured, &all)
	return all, err
}
