package frame

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Desk is what a bank's people see, newest order first.
type Desk struct {
	Bank, Lead, Empty string
	Orders            []Line
	Message           string
}

// Line is one order of the desk. Amounts are minor units.
type Line struct {
	ID                        string // by which the bank's controls know it
	Name, Status, What        string
	Amount, Charged, Refunded int64
	Currency                  string
	Created                   time.Time
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

// Steps makes buttons of pairs: action, words, action, words.
func Steps(pairs ...string) []Step {
	var steps []Step
	for i := 0; i+1 < len(pairs); i += 2 {
		steps = append(steps, Step{Action: pairs[i], Label: pairs[i+1]})
	}
	return steps
}

// Money formats minor units for the desk.
func (Line) Money(minor int64) string {
	major, fraction := Money("en", minor)
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
