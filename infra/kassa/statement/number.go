package statement

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// fractionForm is a whole number as Java and Python write one that they hold as a binary fraction: 1001.0,
	// 6.33100000001E11.
	fractionForm = regexp.MustCompile(`^(?:[0-9]+\.0|[0-9]\.[0-9]+E[0-9]+)$`)

	// exponentForm is a long number as a spreadsheet shows it, and as it saves it in a CSV file.
	exponentForm = regexp.MustCompile(`^[0-9](?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]+$`)
)

// mostExact is beneath every number that a binary fraction does not hold to its last digit.
const mostExact = 1e15

// kept is a number of an order or an operation without what keeps a spreadsheet from taking its zeros away, an
// apostrophe before it or a formula that says a text, and in its digits alone where a program has made a fraction of
// it.
func kept(cell string) string {
	if text, is := strings.CutPrefix(cell, `="`); is && strings.HasSuffix(text, `"`) {
		return strings.TrimSuffix(text, `"`)
	}
	if fractionForm.MatchString(cell) {
		digits := shown(cell)
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n < mostExact {
			return digits
		}
	}
	return strings.TrimPrefix(cell, "'")
}

// rounded says whether a spreadsheet has taken digits of a number away. In a sheet it may hold one in any form.
func rounded(id string, sheet bool) bool {
	held := sheet && strings.ContainsAny(id, "eE.") && strings.Trim(id, "0123456789.eE+-") == ""
	return held || exponentForm.MatchString(id)
}
