package town

import "kassa/infra/explore/world"

// Tally counts what happened.
type Tally struct {
	Payments int                `json:"payments"` // attempts to pay
	Orders   int                `json:"orders"`
	Steps    int                `json:"steps"`
	Calls    int                `json:"calls"`    // of the table, the banks and the shops
	Pauses   int                `json:"pauses"`   // in which everybody was kept waiting
	Stale    int                `json:"stale"`    // answers by what was true before
	Messages int                `json:"messages"` // that shops took, repetitions among them
	Excused  int                `json:"excused"`  // payments that a person was called for, as nobody else can tell
	Taken    int64              `json:"taken"`    // by the banks, in minor units
	Returned int64              `json:"returned"` // by the banks, in minor units
	Statuses map[string]int     `json:"statuses"` // of payments at rest
	Faults   map[world.Kind]int `json:"faults"`   // met, by kind
}

// newTally is one of nothing.
func newTally() Tally {
	return Tally{Statuses: map[string]int{}, Faults: map[world.Kind]int{}}
}

// Add adds what another has counted.
func (c *Tally) Add(other Tally) {
	if c.Statuses == nil {
		*c = newTally()
	}
	c.Payments += other.Payments
	c.Orders += other.Orders
	c.Steps += other.Steps
	c.Calls += other.Calls
	c.Pauses += other.Pauses
	c.Stale += other.Stale
	c.Messages += other.Messages
	c.Excused += other.Excused
	c.Taken += other.Taken
	c.Returned += other.Returned
	for status, n := range other.Statuses {
		c.Statuses[status] += n
	}
	for kind, n := range other.Faults {
		c.Faults[kind] += n
	}
}
