package page

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Form is the card form as the customer typed it.
type Form struct {
	PAN    string
	Expiry string
	CVV    string
}

// ReadForm takes the fields pan, expiry and cvv, forgiving spaces, dashes and
// the ways people write a month and year.
func ReadForm(values url.Values) Form {
	return Form{
		PAN:    digits(values.Get("pan")),
		Expiry: expiry(values.Get("expiry")),
		CVV:    strings.TrimSpace(values.Get("cvv")),
	}
}

// Check returns the error key of each bad field. Known tells the published test
// cards and the expiry that is printed for one (MMYY, may be empty): they pass
// without the Luhn check, which the bank's own one fails, and live for ever.
func (f Form) Check(now time.Time, known func(pan string) (expiry string, ok bool)) map[string]string {
	bad := map[string]string{}
	printed, ok := known(f.PAN)
	if !ok && (!number(f.PAN, 13, 19) || !luhn(f.PAN)) {
		bad["pan"] = "error_pan"
	}
	if key := f.expiryError(now); key != "" && (f.Expiry != printed || printed == "") {
		bad["expiry"] = key
	}
	if !number(f.CVV, 3, 4) {
		bad["cvv"] = "error_cvv"
	}
	return bad
}

// expiryError lets a card live until the end of its month.
func (f Form) expiryError(now time.Time) string {
	if !number(f.Expiry, 4, 4) {
		return "error_expiry"
	}
	month, year := atoi(f.Expiry[:2]), 2000+atoi(f.Expiry[2:])
	if month < 1 || month > 12 {
		return "error_expiry"
	}
	if year*12+month < now.Year()*12+int(now.Month()) {
		return "error_past"
	}
	return ""
}

// Grouped is the number in groups of four, as it stands on the card.
func (f Form) Grouped() string {
	var groups []string
	for rest := f.PAN; rest != ""; {
		n := min(4, len(rest))
		groups, rest = append(groups, rest[:n]), rest[n:]
	}
	return strings.Join(groups, " ")
}

// Slashed is the expiry as MM / YY where it is complete.
func (f Form) Slashed() string {
	if !number(f.Expiry, 4, 4) {
		return f.Expiry
	}
	return f.Expiry[:2] + " / " + f.Expiry[2:]
}

// expiry turns "1/27", "01 / 27", "01.2027" and "0127" into "0127"; what it
// cannot read stays as it is and is reported.
func expiry(text string) string {
	text = strings.Join(strings.Fields(text), "")
	month, year, cut := strings.Cut(strings.NewReplacer(".", "/", "-", "/").Replace(text), "/")
	if !cut {
		return text
	}
	if number(month, 1, 1) {
		month = "0" + month
	}
	if number(year, 4, 4) && strings.HasPrefix(year, "20") {
		year = year[2:]
	}
	if !number(month, 2, 2) || !number(year, 2, 2) {
		return text
	}
	return month + year
}

func digits(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSpace(text))
}

func number(text string, least, most int) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}

// luhn is the check digit rule of card numbers (ISO/IEC 7812-1).
func luhn(pan string) bool {
	sum := 0
	for i := range len(pan) {
		d := int(pan[len(pan)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// atoi reads what number has already checked.
func atoi(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
