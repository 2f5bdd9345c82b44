package payment

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	hash := strings.Repeat("a2", 13)
	asciitest.SameParts(t, `^(pay_[a-z2-7]{26})-([1-9][0-9]?|100)$`, func(text string) []string {
		id, ok := ParseID(text)
		if !ok {
			return nil
		}
		return []string{id.Order, strings.TrimPrefix(id.String(), id.Order+"-")}
	}, "pay_"+hash+"-1", "pay_"+hash+"-99", "pay_"+hash+"-100", "pay_"+hash+"-0", "pay_"+hash, "")
	asciitest.SameParts(t, `^([0-9]*)(?:[*xX#.•●_][0-9*xX#.•●_]*?)?([0-9]*)$`, func(text string) []string {
		first, last, ok := shownDigits(text)
		if !ok {
			return nil
		}
		return []string{first, last}
	}, "416974******1778", "4169XXXXXXXX1778", "••••1778", "*1*2*", "4169741330151778", "VISA", "")
	asciitest.Same(t, `^(?:[A-Z]{3}|[0-9]{3})$`, func(text string) bool {
		return strings.ToUpper(strings.TrimSpace(text)) == text && ReadCurrency(text) != ""
	}, "AZN", "XXX", "123", "944", "AZ", "")
}
