package field

import (
	"slices"
	"strconv"
	"strings"
)

// The lengths, in digits, of what programs print that shows how they reckon in floating point.
const (
	fewestOfFraction = 12
	mostReckoned     = 21
)

// withoutReckoned puts a letter in the place of every digit of a number that shows how programs reckon. In floating
// point, noughts or nines stand behind what was meant, and then what is too much or too little, as in 6421.490000000001
// and 3.3696450000000003. A database divides to 16 decimals, by three above all: 164.60 in 30 parts are
// 5.4866666666666667.
func withoutReckoned(runes []rune) []rune {
	for at, r := range runes {
		if r != '.' {
			continue
		}
		from, to := at, at+1
		for from > 0 && isDigit(runes[from-1]) && to-from <= mostReckoned {
			from--
		}
		for to < len(runes) && isDigit(runes[to]) && to-from <= mostReckoned+1 {
			to++
		}
		fraction := string(runes[at+1 : to])
		among := from > 0 && runes[from-1] == '.' || to+1 < len(runes) && runes[to] == '.' && isDigit(runes[to+1])
		if from == at || len(fraction) < fewestOfFraction || to-from-1 > mostReckoned || among || !repeats(fraction) {
			continue
		}
		for i := from; i < to; i++ {
			runes[i] = 'x'
		}
	}
	return runes
}

// repeats says whether digits are those of such a number.
func repeats(fraction string) bool {
	runs := []string{"000000", "999999", "33333333", "66666666"}
	return slices.ContainsFunc(runs, func(run string) bool { return strings.Contains(fraction, run) })
}

// isReckoned says whether a text is one number below ten and nothing else, just as programs print what they have
// reckoned in floating point: a rate of exchange such as 3.2679738562091503. Of other numbers with 16 figures behind
// the point one in four is such a number, too.
func isReckoned(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && len(text) > 1 && text[1] == '.' && strconv.FormatFloat(n, 'f', -1, 64) == text
}

// isClockID says whether a number was made of the time in the way of Snowflake or Sonyflake, which programs number
// orders by. Behind the time they have which machine it was and a count, which begins anew each millisecond or each
// hundredth of a second. One in 1,300 cards of 17 or 18 digits is such a number, too, and of those that begin with 6
// one in 250 with 18; of 19 digits only what begins with 2 and is none of Mir's.
func isClockID(digits string) bool {
	n, _ := strconv.ParseUint(digits, 10, 64) // longer ones have no such form
	const countOfSnowflake, fewInOneMoment = 1 << 12, 2
	const machineOfSonyflake, countOfSonyflake = 1 << 16, 1 << 8
	snowflake := n%countOfSnowflake <= fewInOneMoment
	switch len(digits) {
	case 17:
		return snowflake
	case 18:
		return snowflake || digits[0] == '6' && n/machineOfSonyflake%countOfSonyflake == 0
	}
	return len(digits) == 19 && snowflake && digits[0] == '2' && !isMir(digits)
}
