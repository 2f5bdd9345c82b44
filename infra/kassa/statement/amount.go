package statement

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// isBlank knows the blanks that group thousands, too, such as the one that does not break.
func isBlank(r rune) bool { return r == 0x202F || r == 0x2009 || unicode.IsSpace(r) }

var (
	// plainForm is an amount without thousands apart; groupedForm has them.
	plainForm    = regexp.MustCompile(`^([0-9]{1,12})(?:[.,]([0-9]+))?$`)
	groupedForm  = regexp.MustCompile(`^([0-9]{1,3}(?:[.,'][0-9]{3})+)(?:([.,])([0-9]{1,2}))?$`)
	currencyTail = regexp.MustCompile(`^(.*[0-9)-])[\s\x{a0}\x{202f}]*([A-Za-z]{3}|₼|Br|\$|€)$`)
	currencyHead = regexp.MustCompile(`^([(−-]?)([A-Za-z]{3}|₼|Br|\$|€)[\s\x{a0}\x{202f}]*([0-9(-].*)$`)
)

// amount reads an amount of major units, exactly. Thousands may stand apart by blanks, points, commas or apostrophes. A
// lone point or comma with three digits behind it can be read in two ways, and is refused unless the layout says which
// of them is the decimal one. why says what is wrong, nil when nothing is.
func (l Layout) amount(text string, sheet bool) (minor int64, negative bool, c payment.Currency, why *wording.Phrase) {
	if text == "" {
		return 0, false, "", amiss("empty")
	}
	if tail := currencyTail.FindStringSubmatch(text); tail != nil {
		text, c = tail[1], currencyOf(tail[2])
		if !c.Known() {
			return 0, false, "", amiss("currency")
		}
	}
	if head := currencyHead.FindStringSubmatch(text); head != nil && c == "" {
		text, c = head[1]+head[3], currencyOf(head[2])
		if !c.Known() {
			return 0, false, "", amiss("currency")
		}
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case isBlank(r):
			return -1
		case r == 0x2212:
			return '-'
		case r == 0x2019:
			return '\''
		}
		return r
	}, text)
	text, negative = below(text)
	decimal := l.Decimal
	if sheet && !strings.Contains(text, ",") {
		text, decimal = shown(text), "." // the sheet's own number
	}
	whole, cents, why := split(text, decimal)
	if why != nil {
		return 0, negative, c, why
	}
	minor, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil || len(whole) > 12 {
		return 0, negative, c, amiss("large")
	}
	if minor == 0 {
		return 0, negative, c, amiss("nothing")
	}
	return minor, negative, c, nil
}

// currencyOf reads a code, or a sign that among the currencies of Kassa is that of one.
func currencyOf(text string) payment.Currency {
	signs := map[string]payment.Currency{"₼": payment.AZN, "Br": payment.BYN, "$": payment.USD, "€": payment.EUR}
	if c, is := signs[text]; is {
		return c
	}
	return payment.ReadCurrency(text)
}

// amiss is what is wrong with an amount.
func amiss(key string, values ...any) *wording.Phrase {
	return new(wording.Says("statement.amount."+key, values...))
}

// below takes the sign away, as bookkeepers write it: before the amount, behind it, or as brackets.
func below(text string) (rest string, negative bool) {
	if inner, open := strings.CutPrefix(text, "("); open && strings.HasSuffix(inner, ")") {
		return strings.TrimSuffix(inner, ")"), true
	}
	if rest, negative = strings.CutPrefix(text, "-"); !negative {
		rest, negative = strings.CutSuffix(text, "-")
	}
	return strings.TrimPrefix(rest, "+"), negative
}

// The rules below know no country. They take what can mean one amount only, whoever wrote it, and leave the rest to the
// layout.

// split parts an amount at its decimal point, and takes away what groups its thousands. cents has at most two digits.
func split(text, decimal string) (whole, cents string, why *wording.Phrase) {
	if m := plainForm.FindStringSubmatch(text); m != nil {
		mark := strings.TrimLeft(text, "0123456789")
		switch {
		case mark == "" || len(m[2]) <= 2 && known(decimal, mark[:1]):
			return m[1], m[2], nil
		case len(m[2]) == 3 && decimal == "," && mark[0] == '.', len(m[2]) == 3 && decimal == "." && mark[0] == ',':
			if len(m[1]) <= 3 {
				return m[1] + m[2], "", nil // it groups thousands
			}
		case len(m[2]) == 3 && len(m[1]) <= 3 && known(decimal, ""):
			return "", "", amiss("two_ways", mark[:1])
		case strings.Trim(m[2][min(2, len(m[2])):], "0") == "" && decimal == mark[:1]:
			return m[1], m[2][:2], nil // 12.5000
		}
		return "", "", amiss("decimals")
	}
	m := groupedForm.FindStringSubmatch(text)
	if m == nil {
		return "", "", amiss("none")
	}
	group := strings.TrimLeft(m[1], "0123456789")[:1]
	mixed := strings.Count(m[1], group) != len(m[1])-len(strings.NewReplacer(".", "", ",", "", "'", "").Replace(m[1]))
	if mixed || m[2] == group || group == decimal || m[2] != "" && !known(decimal, m[2]) {
		return "", "", amiss("marks")
	}
	return strings.ReplaceAll(m[1], group, ""), m[3], nil
}

// known says whether a mark may be the decimal one.
func known(decimal, mark string) bool {
	return decimal == "" || decimal == "auto" || decimal == mark
}

// dateForms are how a layout may say that dates are written; a time may follow.
func dateForms() []string {
	return []string{"dd.mm.yyyy", "dd/mm/yyyy", "yyyy-mm-dd", "dd.mm.yy", "dd-mm-yyyy", "mm/dd/yyyy", "yyyymmdd"}
}

// day reads a date, of which day and month may lack their zero; a spreadsheet may hold it as the days since zero. A
// comma stands before the time as browsers write it in most languages.
func (l Layout) day(text string, zero time.Time) (day string, read bool) {
	if whole, _, _ := strings.Cut(text, "."); !zero.IsZero() && len(whole) == 5 {
		if n, err := strconv.Atoi(whole); err == nil {
			return zero.AddDate(0, 0, n).Format(time.DateOnly), true
		}
	}
	form := strings.NewReplacer("dd", "2", "mm", "1", "yyyy", "2006", "yy", "06").Replace(l.DateForm)
	if l.DateForm == "yyyymmdd" { // where nothing else tells them apart
		form = "20060102"
	}
	if end := strings.IndexFunc(text, func(r rune) bool { return isBlank(r) || r == 'T' }); end >= 0 {
		text = strings.TrimSuffix(text[:end], ",")
	}
	at, err := time.Parse(form, text)
	if err != nil {
		return "", false
	}
	return at.Format(time.DateOnly), true
}
