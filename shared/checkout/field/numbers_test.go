package field_test

import (
	"slices"
	"strings"
	"testing"

	"kassa/shared/checkout/field"
)

// TestTwoOrThreeNumbersAreNoCard: an order's number with a phone, a taxpayer's number or anything else beside it, in
// every way in which two or three numbers have as many digits as a card. Their check digit is right by chance in one
// text of ten, their beginning a network's in one of three: under 5 in 1,000 are refused, of every way but those in
// which a card itself is parted.
func TestTwoOrThreeNumbersAreNoCard(t *testing.T) {
	computes(t)
	const each = 2000
	d := newDraw()
	try := func(name string, draw func() string) {
		found := []string{}
		for range each {
			if text := draw(); field.HoldsCardNumber(text) {
				found = append(found, text)
			}
		}
		if len(found) > each*5/1000 {
			t.Errorf("%s: %d of %d are refused, such as %q", name, len(found), each, found[:min(3, len(found))])
		}
	}
	for _, lengths := range partings() {
		form := ""
		for _, n := range lengths {
			form += " 1" + strings.Repeat("0", n-1)
		}
		try(form, func() string {
			text := ""
			for _, n := range lengths {
				text += d.pick(" ", " ", "-", "/") + d.pick("1", "2", "3", "4", "5", "6", "7", "8", "9") + d.digits(n-1)
			}
			return text[1:]
		})
	}
	for _, form := range []string{"0000 37529 0000000", "0000 99450 0000000", "00000 8º29 0000000", "00000 79160000000",
		"0000 9º5320000000", "0000 38º500000000", "0000-998900000000", "0000/447700000000", "0000 +351900000000",
		"0000 375290000000", "9945º0000000 0000", "9º5320000000 0000", "0000 +919000000000",
		"000000 º500000000", "00000 8º290000000", "000000 0000000001", "0000000 190000000"} {
		try(form, func() string { return d.form(form) })
	}
}

// partings are the lengths of two or three numbers of 3 to 12 digits with 13 to 19 together, save those of cards.
func partings() (all [][]int) {
	var part func(parts []int, rest int)
	part = func(parts []int, rest int) {
		whole := append(slices.Clone(parts), rest)
		if len(parts) > 0 && rest <= 12 && !gapsOfCard(whole) && !gapsOfCard(whole[1:]) && !gapsOfCard(parts) {
			all = append(all, whole)
		}
		for n := 3; n <= min(rest-3, 12) && len(parts) < 2; n++ {
			part(append(slices.Clone(parts), n), rest-n)
		}
	}
	for total := 13; total <= 19; total++ {
		part(nil, total)
	}
	return all
}

func gapsOfCard(lengths []int) bool {
	sum := 0
	for _, n := range lengths {
		sum += n
	}
	return sum == 16 && !slices.ContainsFunc(lengths, func(n int) bool { return n%4 != 0 })
}
