// Package fault plays a bad network and a bad bank by script: which operation
// fails, at which call, and whether the bank had done the work by then.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/simbank/fault/script"
)

// Fault is one line of the script, whose language package script describes.
//
// Kinds that leave the operation undone: refuse_connection (closed without an
// answer), reset (a TCP reset), timeout_before, empty, empty_json (200 and {}),
// no_json (200 and plain words), http_NNN (HTTP status NNN with the bank's error)
// and html_NNN (the same with a page, also html_200). Kinds after the effect:
// timeout_after, cut_after, reset_after, truncated, bom, slow (the right answer,
// late), twice (the right answer two times in one body) and _after forms of all
// that leave it undone but refuse_connection. Where [Bank.Words] says so there is
// also status_NN, and status_NN_after: the bank's own refusal, with two or three
// digits.
type Fault struct {
	// Operation is the one it waits for, as the bank names it; empty or "*"
	// means every one.
	Operation string `json:"operation"`
	Nth       int    `json:"nth"`
	Count     int    `json:"count"`
	// Kind is one of the kinds above.
	Kind string `json:"fault"`
	// DelayMS bounds a time-out (default 30000) and is the length of slow
	// (default 2000), in milliseconds.
	DelayMS int `json:"delay_ms,omitempty"`
}

var (
	statusKind = regexp.MustCompile(`^(http|html)_([2345][0-9]{2})(_after)?$`)
	wordKind   = regexp.MustCompile(`^status_([0-9]{2,3})(_after)?$`)
)

// When says which calls the line hits.
func (f Fault) When() script.When { return script.When{Nth: f.Nth, Count: f.Count} }

// Validate names what is wrong with the line when it is meant for this bank.
func (f Fault) Validate(b Bank) error {
	if err := f.When().Validate(); err != nil {
		return err
	}
	switch {
	case f.DelayMS < 0:
		return errors.New("delay_ms must not be negative")
	case f.Operation != "" && f.Operation != "*" && len(b.Operations) > 0 && !slices.Contains(b.Operations, f.Operation):
		return fmt.Errorf(`operation %.40q is not known; use one of %q or "*"`, f.Operation, b.Operations)
	}
	switch f.Kind {
	case "refuse_connection", "cut_after", "reset", "reset_after", "timeout_before", "timeout_after",
		"truncated", "bom", "slow", "twice",
		"empty", "empty_after", "empty_json", "empty_json_after", "no_json", "no_json_after":
		return nil
	}
	if statusKind.MatchString(f.Kind) || b.Words && wordKind.MatchString(f.Kind) {
		return nil
	}
	return fmt.Errorf("fault %.40q is not known; see package fault for the kinds", f.Kind)
}

// CarriesOut reports whether the bank does the work before it misbehaves.
func (f Fault) CarriesOut() bool {
	switch f.Kind {
	case "truncated", "bom", "slow", "twice":
		return true
	}
	return strings.HasSuffix(f.Kind, "_after")
}

// Word returns NN of a status_NN kind, or "": the caller makes the bank's refusal
// of it and hands it to [Plan.Send] as the answer.
func (f Fault) Word() string {
	if m := wordKind.FindStringSubmatch(f.Kind); m != nil {
		return m[1]
	}
	return ""
}

// status returns the HTTP status of an http_NNN or html_NNN kind and whether a
// page comes with it; zero for other kinds.
func (f Fault) status() (status int, html bool) {
	m := statusKind.FindStringSubmatch(f.Kind)
	if m == nil {
		return 0, false
	}
	status, err := strconv.Atoi(m[2])
	if err != nil {
		status = http.StatusInternalServerError
	}
	return status, m[1] == "html"
}
