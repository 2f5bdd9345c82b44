// Package exchange is what the bank folders share: a TLS client that never repeats a request and says exactly how a
// failed one ended; a strict reader of a shop's bank secret; and Terminal, which has the rules that are the same for
// every bank: what it means to get no answer, whose a handle is, which page is shown, what works beside a wrong
// setting. It knows no bank by name.
package exchange

import (
	"errors"
	"fmt"
)

// Outcome says what is known about a request that got no answer.
type Outcome int

const (
	// NotSent means that not one byte of the request's body left, or ever will, so nothing happened.
	NotSent Outcome = iota
	// Distrusted means that one side refused the other's certificate. Nothing happened, and nothing will until a setting
	// changes.
	Distrusted
	// Incompatible means that both sides know no common version or cipher of TLS. Nothing happened, and nothing will until
	// the server changes.
	Incompatible
	// Unknown means that the request may have been received and carried out.
	Unknown
)

// String names the outcome for logs.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Distrusted:
		return "distrusted"
	case Incompatible:
		return "incompatible"
	case Unknown:
	}
	return "outcome unknown"
}

// Error is a request without a usable answer.
type Error struct {
	Outcome Outcome
	Message string // our own words
	Cause   error  // for the log; holds no body and no key
}

// Error writes the outcome, our words and the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s", e.Outcome, e.Message)
	}
	return fmt.Sprintf("%s: %s: %v", e.Outcome, e.Message, e.Cause)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// OutcomeOf is the outcome of any error of Client.Post; Unknown when it is not one of ours, because that is the safe
// guess.
func OutcomeOf(err error) Outcome {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return Unknown
}
