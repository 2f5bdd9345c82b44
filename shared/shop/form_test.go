package shop

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	long := strings.Repeat("x", 31)
	asciitest.Same(t, `^[a-z0-9-]{1,32}$`, isName, "demo-az", "1", long, "Demo", "")
	asciitest.Same(t, `^[A-Za-z0-9-]{1,32}$`, isKey, "Demo-az", "k1", long, "a_b", "")
}
