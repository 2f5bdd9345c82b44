package webhook

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	const label = `[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?`
	asciitest.Same(t, `^(`+label+`\.)+[A-Za-z]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`, isHost,
		"shop.example", "my_shop.example", "a.b", "1-2.3.xn--p1ai", strings.Repeat("a", 62)+".b", "a.4b", "a-.b", "a.-b",
		"a..b", "a", "")
	asciitest.Same(t, `^[A-Za-z0-9_-]{1,128}$`, isID, "evt_1-a", strings.Repeat("x", 127), "a.b", "")
}
