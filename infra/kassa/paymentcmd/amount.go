package paymentcmd

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// amount is an amount as it was typed. Minor is minor units; the currency is only compared, since a payment has but
// one.
type amount struct {
	minor    int64
	currency payment.Currency // "" where none was typed
}

var (
	amountForm   = regexp.MustCompile(`^([0-9]{1,10})\.([0-9]{2})(?: ?([A-Za-z]{3}))?$`)
	wholeForm    = regexp.MustCompile(`^0*([0-9]{1,10})$`)
	decimalsForm = regexp.MustCompile(`^0*([0-9]{1,10})[.,]([0-9]{1,2})$`)
)

// readAmount reads what --amount was given.
func readAmount(text string) (amount, error) { return readAmountOf("--amount", text) }

// bound reads what a filter was given: an amount in whatever currency the payment has.
func bound(flag, text string) (int64, error) {
	a, err := readAmountOf(flag, text)
	if err == nil && a.currency != "" {
		err = console.Fail(console.Usage, "%s %q: leave the currency away, it is that of each payment", flag, text)
	}
	return a.minor, err
}

// readAmountOf reads an amount of major units with two decimals behind a point: 50.00, or 50.00 AZN as the tables show
// it. All else is refused with what to type instead, because it can be read in two ways: 5000 is 50.00 in the API and
// 5000.00 at a counter; a comma, or a point with three digits behind it, groups thousands for some. Nothing typed is
// the zero amount.
func readAmountOf(flag, text string) (amount, error) {
	if text == "" {
		return amount{}, nil
	}
	refuse := func(format string, values ...any) (amount, error) {
		return amount{}, console.Fail(console.Usage, "%s %q %s", flag, text, fmt.Sprintf(format, values...))
	}
	if m := amountForm.FindStringSubmatch(text); m != nil {
		minor, err := strconv.ParseInt(m[1]+m[2], 10, 64)
		if err != nil || minor == 0 {
			return refuse("is no amount")
		}
		return amount{minor, payment.Currency(strings.ToUpper(m[3]))}, nil
	}
	if m := wholeForm.FindStringSubmatch(text); m != nil {
		minor, _ := strconv.ParseInt(m[1], 10, 64) // at most ten digits
		if minor == 0 {
			return refuse("is no amount")
		}
		return refuse("must have two decimals, or else it can mean two amounts: type %s.00 or %s", m[1], digits(minor))
	}
	if m := decimalsForm.FindStringSubmatch(text); m != nil {
		return refuse("must have two decimals behind a point: type %s.%s", m[1], (m[2] + "0")[:2])
	}
	return refuse("must have two decimals behind a point and nothing between its digits, such as 1500.00 or 1500.00 AZN")
}

// digits writes minor units with two decimals.
func digits(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// of makes sure that an amount is in the payment's currency, and gives its minor units.
func (a amount) of(p payment.Payment) (int64, error) {
	if a.currency != "" && a.currency != p.Amount.Currency {
		return 0, console.Fail(console.Usage, "--amount is in %s, and the payment %s in %s", a.currency, p.ID,
			p.Amount.Currency)
	}
	return a.minor, nil
}
