package days

import (
	"strconv"

	"github.com/spf13/pflag"

	"kassa/infra/kassa/console"
	"kassa/shared/checkout/book"
)

// Filters say which payments of the days are wanted, in the words of the API's list (GET /v1/payments?from=). As with
// days they stay text until Apply reads them.
type Filters struct {
	status, bank, prefix   string
	least, most            string
	Review, late, overpaid *bool // nil where it was not typed: both kinds are wanted
	changed                bool
}

// Register adds the flags.
func (f *Filters) Register(flags *pflag.FlagSet) {
	flags.StringVar(&f.status, "status", "", "only these `statuses`, separated by commas; with --from")
	flags.StringVar(&f.bank, "bank", "", "only of this bank; with --from")
	flags.StringVar(&f.prefix, "order-ref-prefix", "", "only orders whose number (order_ref) begins so; with --from")
	flags.StringVar(&f.least, "amount-from", "", "only orders of this `amount` or more, such as 50.00; with --from")
	flags.StringVar(&f.most, "amount-to", "", "only orders of this `amount` or less; with --from")
	flags.BoolVar(&f.changed, "changed", false, "by the last change and not by the creation; with --from")
	yesOrNo(flags, &f.Review, "review", "payments that people must look at; with --from also --review=false, the others")
	yesOrNo(flags, &f.late, "late", "only those paid after an unpaid end, or with --late=false the others; with --from")
	yesOrNo(flags, &f.overpaid, "overpaid",
		"only those whose order had been paid before, or with --overpaid=false the others; with --from")
}

// yesOrNo is a flag of three states, as the API's parameter is: true, false, and not there. Without a value it is true,
// since that is what people type.
func yesOrNo(flags *pflag.FlagSet, at **bool, name, usage string) {
	flags.BoolFunc(name, usage, func(text string) error {
		yes, err := strconv.ParseBool(text)
		*at = &yes
		return err
	})
}

// Any tells whether there is any but a bare --review, which means something without days, too.
func (f *Filters) Any() bool {
	rest := *f
	if f.Review != nil && *f.Review {
		rest.Review = nil
	}
	return rest != Filters{}
}

// Apply narrows a query, and gives all that is wrong with what was typed at once. Amount reads an amount that a flag
// was given.
func (f *Filters) Apply(q *book.Query, amount func(flag, text string) (int64, error)) error {
	var wrong [3]error
	q.Statuses, wrong[0] = Statuses(f.status)
	q.Least, wrong[1] = amount("--amount-from", f.least)
	q.Most, wrong[2] = amount("--amount-to", f.most)
	q.Bank, q.RefPrefix, q.Changed = f.bank, f.prefix, f.changed
	q.Review, q.Late, q.Overpaid = f.Review, f.late, f.overpaid
	// a comparison says something only of two amounts that could be read
	err := console.All(wrong[:]...)
	if err == nil && q.Most > 0 && q.Most < q.Least {
		return console.Fail(console.Usage, "--amount-to %s is less than --amount-from %s", f.most, f.least)
	}
	return err
}
