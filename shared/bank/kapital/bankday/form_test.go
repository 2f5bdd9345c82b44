package bankday

import (
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	asciitest.Same(t, `^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`, isClock, "23:59", "00:00", "19:30", "24:00", "9:60", "")
	asciitest.Same(t, `^[+-](?:0[0-9]|1[0-4]):(?:00|30|45)$`, isZone, "+04:00", "-14:30", "+09:45", "+15:00", "Z", "")
}
