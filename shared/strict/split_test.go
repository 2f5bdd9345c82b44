package strict

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestDecimalsAreSplitAsByTheirPattern(t *testing.T) {
	const pattern = `^([+-]?)([0-9]{0,64})(?:\.([0-9]{0,64}))?(?:[eE]([+-]?[0-9]{1,4}))?$`
	asciitest.SameParts(t, pattern, func(text string) []string {
		n, ok := split(text)
		if !ok {
			return nil
		}
		return []string{n.sign, n.whole, n.fraction, n.exponent}
	}, "12.50", "-1.25E+1", "+.5", "1.", "1e-4", strings.Repeat("1", 63)+"."+strings.Repeat("2", 63), "1e99999", "1,5", "")
}
