package page

import (
	"time"

	"kassa/shared/simbank/frame"
)

// Desk is what the bank's people see, newest order first.
type Desk struct {
	Orders  []DeskOrder
	Message string
	Now     time.Time
}

// DeskOrder is one line of the desk. Amounts are minor units.
type DeskOrder struct {
	ID, Status, Description, Card string
	Amount, Charged, Refunded     int64
	Created                       time.Time
}

// Money formats minor units for the desk.
func (DeskOrder) Money(minor int64) string {
	major, fraction := frame.Money("en", minor)
	return major + fraction
}

// Open says that the bank has not decided the order.
func (o DeskOrder) Open() bool {
	return o.Status == "CREATED" || o.Status == "ON-PAYMENT" || o.Status == "ON-LOCK" || o.Status == "ERROR"
}

// Left is what can still be given back, in minor units.
func (o DeskOrder) Left() int64 {
	if o.Status != "APPROVED" {
		return 0
	}
	return o.Charged - o.Refunded
}
