package cardpage

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
	// Tone colours the status: "good", "bad" or nothing.
	Tone string
	// Steps are what the bank may do now.
	Steps []Step
	// Left is what can still be given back, and Whole the steps that give back
	// all of it at once.
	Left  int64
	Whole []Step
}

// Step is a button of the desk: the control's action and its words.
type Step struct{ Action, Label string }

// Money formats minor units for the desk.
func (DeskOrder) Money(minor int64) string {
	major, fraction := frame.Money("en", minor)
	return major + fraction
}
