package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/shared/api"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// longest is how many days one list may go over: a year with its last day. Nothing breaks beyond it, but whoever asks
// for more has mistaken a year.
const longest = 366

// ofDays tells whether a request asks for days and not for an order: any parameter that days alone know says so. One
// with none of them is taken for one about an order, as it was before there were days, and gets the answer it got then.
func ofDays(r *api.Request) bool {
	return slices.ContainsFunc(strings.Fields("from to zone by status bank order_ref_prefix amount_from amount_to review "+
		"late overpaid limit cursor"), r.Query.Has)
}

// ofDays lists a shop's payments by the days of their creation, or of their last visible change. No bank is asked:
// what a list costs must not depend on how many of its payments are open. A payment that cannot be read hides no
// other; the operator finds it in the log.
func (h handler) ofDays(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Read)
	if err != nil {
		return api.Response{}, err
	}
	query, err := r.ReadQuery()
	if err != nil {
		return api.Response{}, err
	}
	now := h.checkout.Now()
	wanted := readDays(query, shop.ID)
	// every parameter is read before any error is told
	limit, cursor := query.Page(mostPage, mostPage)
	asked := askedFor(r)
	from := readPlace(r.ReadCursor(query, cursor, asked, now))
	// of both, one would have to be passed over, and a filter that is passed over shows what nobody wanted to see
	if query.Has("order_ref") {
		query.Text("order_ref")
		query.Wrong("order_ref", "unknown_parameter", "Stands alone: days are listed without it, and an order without days "+
			"and filters.")
	}
	if err := query.Err(); err != nil {
		return api.Response{}, err
	}
	page, err := book.Read(ctx, h.checkout.Days, wanted, from, limit, now)
	if err != nil {
		return api.Response{}, err
	}
	// what is wrong with an item is the operator's to mend; its shop could do nothing with the news
	for _, err := range page.Unreadable {
		h.checkout.Log.Log(ctx, payment.KindOf(err).Level(), "a payment of the book cannot be read", "error", err.Error())
	}
	list := api.ViewPayments(page.Payments, shop.OrderStatus, now)
	if page.Next != (book.Place{}) {
		next := r.Cursor(placeText(page.Next), asked, now)
		list.Next = &next
	}
	return api.JSON(http.StatusOK, list)
}

// askedFor is what a cursor belongs to: all parameters but where to go on, and how far. Going on with another filter
// would give a list with a hole, which nobody could see.
func askedFor(r *api.Request) string {
	rest := url.Values{}
	for name, values := range r.Query {
		if name != "cursor" && name != "limit" {
			rest[name] = values
		}
	}
	return rest.Encode()
}

// readDays reads what is asked for; what is wrong is noted in the query, so that the caller is told all of it at
// once. The last day belongs to the list, since that is what people mean by "from the 1st to the 28th".
func readDays(q *api.Query, shop string) book.Query {
	zone := time.UTC
	if q.Has("zone") {
		zone = readZone(q)
	}
	wanted := book.Query{Shop: shop, From: readDay(q, "from", q.Text("from"), zone),
		To: readDay(q, "to", q.Text("to"), zone)}
	// days are counted by the calendar, not in hours
	if !wanted.To.IsZero() {
		wanted.To = wanted.To.AddDate(0, 0, 1)
	}
	if !wanted.From.IsZero() && !wanted.To.IsZero() && (!wanted.From.Before(wanted.To) ||
		wanted.To.Sub(wanted.From) > longest*24*time.Hour) {
		q.Wrong("to", "out_of_range", "Must be the day from or a later one, at most "+strconv.Itoa(longest)+" days in all.")
	}
	if q.Has("by") {
		wanted.Changed = choice(q, "by", q.Text("by"), "created", "changed") == "changed"
	}
	readFilters(q, &wanted)
	return wanted
}

// readFilters reads which of the days' payments are wanted: those that fit all of what is there.
func readFilters(q *api.Query, wanted *book.Query) {
	if q.Has("status") {
		for _, status := range strings.Split(q.Text("status"), ",") {
			if !slices.Contains(payment.Statuses(), payment.Status(status)) {
				q.Wrong("status", "unknown_value", "Must be statuses, separated by commas: created, pending, paid, "+
					"partially_refunded, refunded, declined, cancelled, expired.")
				break
			}
			wanted.Statuses = append(wanted.Statuses, payment.Status(status))
		}
	}
	if q.Has("bank") {
		wanted.Bank = q.Text("bank")
	}
	if q.Has("order_ref_prefix") {
		wanted.RefPrefix = q.Text("order_ref_prefix")
	}
	if q.Has("amount_from") {
		wanted.Least = q.Integer("amount_from", mostAmount)
	}
	if q.Has("amount_to") {
		wanted.Most = q.Integer("amount_to", mostAmount)
	}
	if wanted.Most > 0 && wanted.Most < wanted.Least {
		q.Wrong("amount_to", "out_of_range", "Must not be less than amount_from.")
	}
	if q.Has("review") {
		wanted.Review = yesOrNo(q, "review", q.Text("review"))
	}
	if q.Has("late") {
		wanted.Late = yesOrNo(q, "late", q.Text("late"))
	}
	if q.Has("overpaid") {
		wanted.Overpaid = yesOrNo(q, "overpaid", q.Text("overpaid"))
	}
}

// mostAmount is more than any order may cost, in minor units. It bounds what is read as a number; an order of that
// amount is refused elsewhere.
const mostAmount = 1_000_000_000_000

// readDay reads the beginning of a day; zero where that is wrong. Days before there were any payments would only be
// read for nothing, and a year like 0001 is a slip.
func readDay(q *api.Query, name, text string, zone *time.Location) time.Time {
	if text == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || day.Year() < 2000 {
		q.Wrong(name, "bad_format", "Must be a day such as 2026-11-28, from the year 2000 on.")
		return time.Time{}
	}
	return day
}

// farthest is the greatest offset of any place from UTC.
const farthest = 14 * 60 * 60

// readZone reads an offset from UTC. A plus sign that was not encoded arrives as a blank. There are no names of zones:
// a function carries no table of them, and neither bank's country changes its clocks. So whoever lives elsewhere says
// the offset of the season, and a list over both seasons takes two requests.
func readZone(q *api.Query) *time.Location {
	text := q.Text("zone")
	if at, blank := strings.CutPrefix(text, " "); blank {
		text = "+" + at
	}
	there, err := time.Parse("Z07:00", text)
	if _, offset := there.Zone(); text != "" && (err != nil || max(offset, -offset) > farthest) {
		q.Wrong("zone", "bad_format", "Must be an offset from UTC such as +04:00, its plus sign sent as %2B, or Z.")
		return time.UTC
	}
	return there.Location()
}

// choice is one of two values. Nothing else counts as either: a filter that is misread would hide payments.
func choice(q *api.Query, name, text, one, other string) string {
	if text != "" && text != one && text != other {
		q.Wrong(name, "unknown_value", "Must be "+one+" or "+other+".")
	}
	return text
}

// yesOrNo is a filter that leaves out one of the two kinds; without the parameter both are wanted, which is why it is a
// pointer.
func yesOrNo(q *api.Query, name, text string) *bool {
	yes := choice(q, name, text, "true", "false") == "true"
	return &yes
}

// placeText writes a place for a cursor: the day, and the entry behind which to go on, if that is within the day.
func placeText(at book.Place) string {
	text := at.Day.Format(time.DateOnly)
	if at.Behind.ID.Attempt > 0 {
		text += " " + at.Behind.CreatedAt.UTC().Format(time.RFC3339Nano) + " " + at.Behind.ID.String()
	}
	return text
}

// readPlace reads what placeText has written; it was signed, so it is of that form, and nothing of it is left to doubt:
// who could sign another text would read their own payments with it.
func readPlace(text string) (at book.Place) {
	day, entry, within := strings.Cut(text, " ")
	at.Day, _ = time.Parse(time.DateOnly, day)
	if created, id, _ := strings.Cut(entry, " "); within {
		at.Behind.CreatedAt, _ = time.Parse(time.RFC3339Nano, created)
		at.Behind.ID, _ = payment.ParseID(id)
	}
	return at
}
