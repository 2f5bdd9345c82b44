package xml

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	long := strings.Repeat("x", 39)
	asciitest.Same(t, `^[1-9][0-9]{0,11}$`, isOrder, "123456", "100200300400", "0", "")
	asciitest.Same(t, `^-?[0-9]{1,3}$`, isCode, "00", "-1", "907", "--1", "")
	asciitest.Same(t, `^[0-9]{1,15}$`, isMinor, "15000", "0", "123456789012345", "")
	asciitest.Same(t, `^[A-Za-z0-9_.-]{1,40}$`, isMerchant, "E1000010", "a.b_c-d", long, "")
	asciitest.Same(t, `^[A-Za-z][A-Za-z0-9_.-]{0,39}$`, isParameter, "Signature", "x-sign.1_2", long, "1a", "")
}
