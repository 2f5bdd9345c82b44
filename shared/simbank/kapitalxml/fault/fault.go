// Package fault plays a bad network and a bad bank by script: which operation
// fails, at which call, and whether the bank had done the work by then.
package fault

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Fault is one line of the script.
//
// Kinds that leave the operation undone: refuse_connection (cut before an
// answer), timeout_before, http_500, html_200, empty, status_NN (Response/Status
// NN with two or three digits). Kinds after the effect: timeout_after,
// cut_after, truncated, bom, slow (the right answer, late), and http_500_after,
// html_200_after, empty_after, status_NN_after.
type Fault struct {
	// Operation is the one it waits for; empty or "*" means every one.
	Operation string `json:"operation"`
	// Nth is the first matching call that fails, counted from 1 since the
	// script was given; zero means 1.
	Nth int `json:"nth"`
	// Count is how many calls fail from there; zero means 1, -1 all.
	Count int `json:"count"`
	// Kind is one of the kinds above.
	Kind string `json:"fault"`
	// DelayMS bounds a time-out (default 30000) and is the length of slow
	// (default 2000), in milliseconds.
	DelayMS int `json:"delay_ms,omitempty"`
}

var statusKind = regexp.MustCompile(`^status_([0-9]{2,3})(_after)?$`)

// Validate names what is wrong with the line.
func (f Fault) Validate() error {
	switch {
	case f.Nth < 0:
		return errors.New("nth counts calls from 1")
	case f.Count < -1:
		return errors.New("count is a number of calls, or -1 for all that follow")
	case f.DelayMS < 0:
		return errors.New("delay_ms must not be negative")
	}
	switch f.Kind {
	case "refuse_connection", "timeout_before", "timeout_after", "cut_after", "truncated", "bom", "slow",
		"http_500", "http_500_after", "html_200", "html_200_after", "empty", "empty_after":
		return nil
	}
	if statusKind.MatchString(f.Kind) {
		return nil
	}
	return fmt.Errorf("fault %q is not known; see the package comment of fault for the kinds", f.Kind)
}

// CarriesOut reports whether the bank does the work before it misbehaves.
func (f Fault) CarriesOut() bool {
	switch f.Kind {
	case "truncated", "bom", "slow":
		return true
	}
	return strings.HasSuffix(f.Kind, "_after")
}

// Status returns NN of a status_NN kind, or "".
func (f Fault) Status() string {
	if m := statusKind.FindStringSubmatch(f.Kind); m != nil {
		return m[1]
	}
	return ""
}
