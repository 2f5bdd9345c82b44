package partnerapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Form is how amounts stand in JSON: "decimal" (also empty: a number with two
// decimals, 120.00), "string" ("120.00") or "minor" (kopecks, 12000). No form is
// ever read through a float.
type Form string

// Validate names a form that has no meaning.
func (f Form) Validate() error {
	switch f {
	case "", "decimal", "string", "minor":
		return nil
	}
	return fmt.Errorf(`amount_format is %.40q; use "decimal", "string" or "minor"`, string(f))
}

var (
	decimal = regexp.MustCompile(`^(0|[1-9][0-9]{0,9})\.[0-9]{2}$`)
	plain   = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})$`)
)

// read returns the amount in minor units, or why it is none; an amount of at least so many.
func (f Form) read(value any, least int64) (minor int64, why string) {
	text, ok := value.(string)
	if f != "string" {
		var number json.Number
		number, ok = value.(json.Number)
		text = string(number)
	}
	if !ok {
		return 0, "is not of the agreed type"
	}
	form := decimal
	if f == "minor" {
		form = plain
	}
	if !form.MatchString(text) {
		return 0, "is not an amount of the agreed form"
	}
	minor, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	if err != nil || minor < least {
		return 0, "is not more than nothing"
	}
	return minor, ""
}

// Text writes an amount as JSON.
func (f Form) Text(minor int64) string {
	switch f {
	case "minor":
		return strconv.FormatInt(minor, 10)
	case "string":
		return fmt.Sprintf(`"%d.%02d"`, minor/100, minor%100)
	}
	return fmt.Sprintf("%d.%02d", minor/100, minor%100)
}
