package field

import (
	"slices"
	"strconv"
	"strings"
)

// row is groups of digits that stand beside each other, from one on.
type row struct {
	from   int
	digits string
	shape  string // the length of each group, as one digit of base 36
	kind   string // what separates all of them, "" for several kinds
	list   bool   // something that separates members of a list is among that
}

// add takes one more group, unless it is not beside the others or makes the row longer than any card.
func (r *row) add(g group) bool {
	if r.digits != "" {
		if g.before == "" {
			return false
		}
		if len(r.shape) == 1 {
			r.kind = g.before
		}
		if r.kind != g.before || g.before == mixed {
			r.kind = ""
		}
		r.list = r.list || g.before == listed
	}
	r.digits += g.digits
	r.shape += strconv.FormatInt(int64(len(g.digits)), 36)
	return len(r.digits) <= longestGlued && len(g.digits) < 36
}

// parted says whether a row that ends with this group is written as cards are and as other numbers are not: its gaps
// stand where a card has its own, with one kind of separator. That a check digit is right across two numbers of other
// lengths, such as an order's and a phone's, is chance.
//
//   - All gaps of a card may have any separators in fours and on American Express. A list of them must be just that
//     long, and its members may not be close to each other, as the numbers of a day's orders are, nor go up in round
//     numbers, as those of models do;
//   - other groups that cards alone have may not begin behind a further four that is no year: the row is another one;
//   - some of the gaps between fours, 8 and 8 or 4 and 12, are a card's if no part is a phone number and no further
//     such number stands beside them;
//   - digit by digit, just as many as a card has, in no list. There must be a 0 among them: quantities have none.
//
// No part may look like a date, save in the commonest forms: fours, and the groups of American Express.
func (s digitScan) parted(r row, to int) bool {
	one, fours := r.kind != "", strings.HasPrefix(r.shape, "444")
	groups := s.groups[r.from : to+1]
	beside := func(least, most int) (before, behind bool) {
		within := func(g group) bool { return least <= len(g.digits) && len(g.digits) <= most }
		return r.from > 0 && groups[0].before != "" && within(s.groups[r.from-1]),
			to+1 < len(s.groups) && s.groups[to+1].before != "" && within(s.groups[to+1])
	}
	before, behind := beside(4, 4)
	further := before && !isDate(s.groups[r.from-1].digits) // a year ends what stands before the row
	switch {
	case r.list && (before || behind), !fours && r.shape != "465" && isDated(groups, r.digits):
		return false
	case r.shape == "4444":
		return !neighbours(groups) && !models(groups, r) && !s.amongSlashes(r, to)
	case r.shape == "465":
		return true
	case one && slices.Contains(ownGroups(), r.shape):
		return !further
	case r.shape == unionPay:
		return one && !further && strings.HasPrefix(r.digits, "62")
	case strings.Trim(r.shape, "1") == "":
		before, behind = beside(1, 1)
		return one && !r.list && !before && !behind && strings.Contains(r.digits, "0")
	}
	before, behind = beside(4, longestGlued)
	return one && !r.list && !before && !behind && len(r.digits) == 16 && strings.Trim(r.shape, "48c") == "" &&
		!slices.ContainsFunc(groups, group.isPhone)
}

// unionPay is how the cards of 19 digits of UnionPay alone are written.
const unionPay = "6d"

// ownGroups are the groups in which cards show their digits: by fours with what is left at the end, alone or together
// with the four before it, those of American Express, Diners Club and the old Visa, and fours with an expiry date or a
// check value written on.
func ownGroups() []string {
	return []string{"4441", "4442", "4443", "4445", "4446", "44441", "44442", "44443", "465", "464", "4333",
		"4447", "4448", "444b"}
}

// isDated says whether one of the groups of a number is a date. The first one of a card of Mir is none, see
// beginsWithDate.
func isDated(groups []group, digits string) bool {
	if isMir(digits) {
		groups = groups[1:]
	}
	return slices.ContainsFunc(groups, func(g group) bool { return isDate(g.digits) })
}

// isPhone says whether a part is a phone number with a country's code, as programs write it: behind a plus, or one of
// 12 digits of the countries whose people buy in ours. Beside an order's number it is as long as a card.
func (g group) isPhone() bool {
	codes := strings.Fields("375 994 380 905 992 995 996 998 447 491 393 9715 9725 989")
	return g.plus || len(g.digits) == 12 &&
		slices.ContainsFunc(codes, func(code string) bool { return strings.HasPrefix(g.digits, code) })
}

// neighbours says whether these numbers of four digits are close to each other, as those of the orders of a day are.
// Each order has its own: numbers that repeat are those of test cards, such as 4242 four times.
func neighbours(groups []group) bool {
	for i, g := range groups {
		if slices.ContainsFunc(groups[:i], func(other group) bool { return other.digits == g.digits }) {
			return false
		}
	}
	hundred := func(g group) int { return int(g.digits[0]-'0')*10 + int(g.digits[1]-'0') }
	return !slices.ContainsFunc(groups, func(g group) bool {
		return hundred(g) < hundred(groups[0]) || hundred(g) > hundred(groups[0])+1
	})
}

// models says whether these numbers of four digits are those of models of printers, phones and their like, as goods for
// them name them, such as 4000/4020/4500/4520: round ones that go up. Four in a million cards are such rows, too, and
// one in 20,000 with slashes or commas in its gaps, which nobody writes.
func models(groups []group, r row) bool {
	round := "0"
	if r.list || r.kind == "/" {
		round = "05"
	}
	for i, g := range groups {
		if !strings.ContainsAny(g.digits[3:], round) || i > 0 && g.digits <= groups[i-1].digits {
			return false
		}
	}
	return true
}

// amongSlashes says whether a row of fours is a part of a longer one with slashes between them, as a good names all the
// models that it is for. A single one more may be a card's expiry date, or a year.
func (s digitScan) amongSlashes(r row, to int) bool {
	if r.kind != "/" {
		return false
	}
	var further []string
	for i := r.from; i > 0 && s.groups[i].before == "/" && len(s.groups[i-1].digits) == 4; i-- {
		further = append(further, s.groups[i-1].digits)
	}
	for i := to + 1; i < len(s.groups) && s.groups[i].before == "/" && len(s.groups[i].digits) == 4; i++ {
		further = append(further, s.groups[i].digits)
	}
	return len(further) > 1 || len(further) == 1 && !isExpiry(further[0]) && !isDate(further[0])
}

// beginsWithDate says whether a number begins with a date as order numbers do: the day first with a year of four
// digits, the year first with a time or a padded counter behind it, or as .NET counts time, in 18 digits, from April
// 2026 to 2035: before that it has Maestro's 6390. None of Mir's does: its most common cards, 2202 20, would all be
// the 22nd of February.
func beginsWithDate(digits string) bool {
	at := func(from int, least, most string) bool {
		return least <= digits[from:from+2] && digits[from:from+2] <= most
	}
	if isMir(digits) {
		return false
	}
	dayFirst := at(0, "01", "31") && at(2, "01", "12") && at(4, "19", "20")
	yearFirst := at(0, "20", "33") && at(2, "01", "12") && at(4, "01", "31") // from 34 on it is American Express
	timed := at(6, "00", "23") && at(8, "00", "59") && at(10, "00", "59")
	ticks := len(digits) == 18 && "6391" <= digits[:4] && digits[:4] <= "6421"
	return dayFirst || yearFirst && (timed || digits[6:10] == "0000") || ticks
}

// isDate says whether a number is a year or a day of these years, with or without a time, as programs write them: also
// in seconds or milliseconds since 1970, from 2023 to 2030. The year in two digits is none before 2023.
func isDate(digits string) bool {
	if len(digits) == 4 {
		return "2015" <= digits && digits <= "2035"
	}
	if n := len(digits); (n == 10 || n == 13) && (digits[:2] == "17" || digits[:2] == "18") {
		return true
	}
	if len(digits) < 6 || len(digits) > 14 || len(digits)%2 != 0 {
		return false
	}
	var pairs []string
	for at := 0; at < len(digits); at += 2 {
		pairs = append(pairs, digits[at:at+2])
	}
	all := func(bounds ...string) bool {
		for i, pair := range pairs[:min(len(bounds), len(pairs))] {
			if pair < bounds[i][:2] || bounds[i][3:] < pair {
				return false
			}
		}
		return len(pairs) >= len(bounds)-3 // the time may be less than whole
	}
	return all("23-35", "01-12", "01-31", "00-23", "00-59", "00-59") && len(pairs) <= 6 ||
		all("01-31", "01-12", "23-35", "00-23", "00-59", "00-59") && len(pairs) <= 6 ||
		all("19-20", "00-99", "01-12", "01-31", "00-23", "00-59", "00-59") ||
		all("01-31", "01-12", "19-20", "00-99", "00-23", "00-59", "00-59")
}
