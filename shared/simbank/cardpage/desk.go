package cardpage

import (
	"fmt"
	"strconv"
	"strings"
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

// Minor reads an amount that the desk was given: "150", "150.5" or "150,50" without any float.
func Minor(text string) (int64, error) {
	text = strings.NewReplacer(" ", "", "\u202f", "", ",", ".").Replace(text)
	major, minor, _ := strings.Cut(text, ".")
	if len(minor) > 2 || len(major) > 12 {
		return 0, fmt.Errorf("%.20q is not an amount such as 150.00", text)
	}
	n, err := strconv.ParseUint(major+(minor + "00")[:2], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%.20q is not an amount such as 150.00", text)
	}
	return int64(n), nil
}
