// Package frametest holds the pages of a simulated bank to what is true of all.
package frametest

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kassa/shared/simbank/frame"
)

// Said proves that the templates say only texts that have a wording.
func Said(t *testing.T, files fs.FS, words frame.Words) {
	t.Helper()
	said := regexp.MustCompile(`\.Say "([a-z_]+)"`)
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d templates, %v", len(names), err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			if words[m[1]] == nil {
				t.Errorf("%s says %q, which has no wording", name, m[1])
			}
		}
	}
}

// Contrast holds pairs of colours ("front back least") to WCAG AA: 4.5 for text, 3
// for the borders of controls, in the light and in the dark scheme of the bank's
// style sheet. Colours are those that the sheet does not name.
func Contrast(t *testing.T, files fs.FS, colours map[string]string, pairs ...string) {
	t.Helper()
	css, err := fs.ReadFile(files, "assets/page.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d colour schemes", len(blocks))
	}
	for scheme, block := range blocks {
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+)`).FindAllStringSubmatch(block[1], -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range pairs {
			var front, back string
			var least float64
			if _, err := fmt.Sscan(pair, &front, &back, &least); err != nil {
				t.Fatal(err)
			}
			if got := contrast(t, colours[front], colours[back]); got < least {
				t.Errorf("scheme %d: %s has a contrast of %.2f", scheme, pair, got)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) != 6 {
		t.Fatalf("colour %q: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
