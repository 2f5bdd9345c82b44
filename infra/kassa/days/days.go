// Package days is what commands that look into the book are told of shop and days, and the sheet that they write.
//
// A day is one of the calendar in a zone, which is an offset from UTC: neither bank's country changes its clocks, and
// the program works on machines without a table of zones. The store's own days are those of UTC; a day of another zone
// lies on two of them, and the package book reads both.
package days

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/vault"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// Flags are the shop and the days, as they were typed. They stay text until Query reads them: what is wrong with one
// must not hide what is wrong with the next.
type Flags struct {
	Shop, From, To, Zone string
}

// Register adds the flags that every such command has. The shop is the caller's: some commands have it already.
// Without a zone the days are those of UTC, and not of this machine: two people must get the same list.
func (f *Flags) Register(c *cobra.Command) {
	c.Flags().StringVar(&f.From, "from", "", "the first `day`, such as 2026-11-01")
	c.Flags().StringVar(&f.To, "to", "", "the last `day`; it belongs to the list (default the first)")
	c.Flags().StringVar(&f.Zone, "zone", "Z", "where days begin, as an `offset` from UTC such as +04:00")
}

// farthest is the greatest offset of any place from UTC, in seconds.
const farthest = 14 * 60 * 60

// Query reads what was typed, and gives all that is wrong with it at once. With it comes the zone, for times that are
// shown. The last day belongs to the query, as people mean it; without one it is the first. How many days there are
// is not bounded, since reading takes no more memory for a year than for a day.
func (f *Flags) Query() (book.Query, *time.Location, error) {
	// parts that are wrong leave zero behind, and the rest is read all the same
	var wrong []error
	complain := func(format string, values ...any) {
		wrong = append(wrong, console.Fail(console.Usage, format, values...))
	}
	if !vault.IsShopID(f.Shop) {
		complain("--shop is needed: the id of a shop, 1 to 32 of a-z, 0-9 and -")
	}
	zone := time.UTC
	there, err := time.Parse("Z07:00", f.Zone)
	if _, offset := there.Zone(); err != nil || max(offset, -offset) > farthest {
		complain("--zone %q is no offset from UTC such as +04:00, or Z; the farthest are -14:00 and +14:00", f.Zone)
	} else {
		zone = there.Location()
	}
	day := func(flag, text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil || at.Year() < 2000 { // each day is read, and 0001 is a slip
			complain("%s %q is no day such as 2026-11-01, from the year 2000 on", flag, text)
		}
		return at
	}
	q := book.Query{Shop: f.Shop, From: day("--from", f.From)}
	last := q.From
	if f.To != "" {
		last = day("--to", f.To)
	}
	if q.To = last.AddDate(0, 0, 1); len(wrong) == 0 && !q.From.Before(q.To) {
		complain("--to %s comes before --from %s", f.To, f.From)
	}
	return q, zone, console.All(wrong...)
}

// Statuses reads statuses that are separated by commas; nil where none is named, which means all. One that there is not
// would silently find nothing, so it is refused, and those there are are named.
func Statuses(text string) (all []payment.Status, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if !slices.Contains(payment.Statuses(), payment.Status(word)) {
			return nil, console.Fail(console.Usage, "--status %q is none; there are %v, separated by commas", word,
				payment.Statuses())
		}
		all = append(all, payment.Status(word))
	}
	return all, nil
}
