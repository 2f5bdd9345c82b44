// Package amount reads amounts of money as people type them, so that none can be read in two ways.
package amount

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// Amount is an amount as it was typed. Minor is minor units; the currency is only compared, since a payment has but
// one.
type Amount struct {
	Minor    int64
	currency payment.Currency // "" where none was typed
}

var (
	amountForm   = regexp.MustCompile(`^([0-9]{1,10})[.,]([0-9]{2})(?: ?([A-Za-z]{3}))?$`)
	shownForm    = regexp.MustCompile("^[0-9]{1,3}(\u202f[0-9]{3})+\\.") // as the console writes it
	wholeForm    = regexp.MustCompile(`^0*([0-9]{1,10})$`)
	decimalsForm = regexp.MustCompile(`^0*([0-9]{1,10})[.,]([0-9]{1,2})$`)
)

// Bound reads what a filter was given: an amount in whatever currency the payment has.
func Bound(flag, text string) (int64, error) {
	a, err := Read(flag, text)
	if err == nil && a.currency != "" {
		err = console.Fail(console.Usage, "%s %q: leave the currency away, it is that of each payment", flag, text)
	}
	return a.Minor, err
}

// Read reads what a flag was given, an amount of major units with two decimals: 50.00, or 50.00 AZN as the tables show
// it, or 50,00 as people in Baku and Minsk write it; nobody groups digits by two at the end. All else is refused with
// what to type instead, because it can be read in two ways: 5000 is 50.00 in the API and 5000.00 at a counter; a comma
// or a point with three digits behind it groups thousands for some.
// Nothing typed is the zero amount. What is pasted from the console has its own blanks in it, and others around it.
func Read(flag, text string) (Amount, error) {
	if text == "" {
		return Amount{}, nil
	}
	pasted := strings.ReplaceAll(strings.TrimSpace(text), "\u00a0", " ")
	if shownForm.MatchString(pasted) {
		pasted = strings.ReplaceAll(pasted, "\u202f", "")
	}
	refuse := func(format string, values ...any) (Amount, error) {
		return Amount{}, console.Fail(console.Usage, "%s %q %s", flag, text, fmt.Sprintf(format, values...))
	}
	if m := amountForm.FindStringSubmatch(pasted); m != nil {
		minor, err := strconv.ParseInt(m[1]+m[2], 10, 64)
		if err != nil || minor == 0 {
			return refuse("is no amount")
		}
		return Amount{minor, payment.Currency(strings.ToUpper(m[3]))}, nil
	}
	if m := wholeForm.FindStringSubmatch(text); m != nil {
		minor, _ := strconv.ParseInt(m[1], 10, 64) // at most ten digits
		if minor == 0 {
			return refuse("is no amount")
		}
		return refuse("must have two decimals, or else it can mean two amounts: type %s.00 or %s", m[1], digits(minor))
	}
	if m := decimalsForm.FindStringSubmatch(text); m != nil {
		return refuse("must have two decimals: type %s.%s", m[1], (m[2] + "0")[:2])
	}
	return refuse("must have two decimals behind a point and nothing between its digits, such as 1500.00 or 1500.00 AZN")
}

// digits writes minor units with two decimals.
func digits(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// Of makes sure that an amount is in the payment's currency, and gives its minor units.
func (a Amount) Of(p payment.Payment) (int64, error) {
	if a.currency != "" && a.currency != p.Amount.Currency {
		return 0, console.Fail(console.Usage, "--amount is in %s, and the payment %s in %s", a.currency, p.ID,
			p.Amount.Currency)
	}
	return a.Minor, nil
}
