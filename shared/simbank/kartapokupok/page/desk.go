package page

import (
	"time"

	"kassa/shared/simbank/frame"
)

// Desk is what the bank's people see, newest application first.
type Desk struct {
	Orders  []DeskOrder
	Message string
}

// DeskOrder is one line of the desk. Amounts are minor units.
type DeskOrder struct {
	Session, Reference, Status, Currency string
	Amount, Charged, Returned            int64
	Term                                 int
	Waiting                              int // notices that the shop has not taken
	Created                              time.Time
}

// Money formats minor units for the desk.
func (DeskOrder) Money(minor int64) string {
	major, fraction := frame.Money("en", minor)
	return major + fraction
}

// Open says that nothing is decided.
func (o DeskOrder) Open() bool { return o.Status == "PENDING" }

// Unpaid says that an approval is still possible, if only a late one.
func (o DeskOrder) Unpaid() bool { return o.Charged == 0 }

// Left is what can still be given back, in minor units.
func (o DeskOrder) Left() int64 {
	if o.Status != "APPROVED" {
		return 0
	}
	return o.Charged - o.Returned
}
