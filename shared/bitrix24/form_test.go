package bitrix24

import (
	"strconv"
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	asciitest.Same(t, `^(0|[1-9][0-9]{0,12})(?:[.,]([0-9]{1,2})|[.]([0-9]{2})00)?$`, func(text string) bool {
		_, ok := ParseSum(text)
		return ok
	}, "150", "150.5", "150,55", "150.0000", "0.01", "9999999999999", "1.500", "1,5000", "01", "1.", "")
	asciitest.Same(t, `^https?://[^/?#]+/rest/[1-9][0-9]*/[A-Za-z0-9]+/?$`, isAddress,
		"https://name.bitrix24.by/rest/1/code/", "http://127.0.0.1:8080/rest/1700/c0De", "https:///rest/1/c",
		"/rest/1/code", "")
	asciitest.Same(t, `^([A-Za-z_]{1,40}|[0-9]{1,12})$`, isCode, "INVALID_CREDENTIALS", "200040300010",
		strings.Repeat("E", 39), "E1", "")
}

// TestSumsAreThoseOfTheirDigits: the parts are put together in hundredths.
func TestSumsAreThoseOfTheirDigits(t *testing.T) {
	for text := range asciitest.Texts("150", "150.5", "150,55", "150.0000", "0.01", "12.3400") {
		minor, ok := ParseSum(text)
		if !ok {
			continue
		}
		whole, decimals, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
		if want, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64); err != nil || minor != want {
			t.Errorf("%q: %d, want %d (%v)", text, minor, want, err)
		}
	}
}
