package screen

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"kassa/infra/console/chart"
	"kassa/infra/console/frame"
	"kassa/infra/console/tally"
	"kassa/shared/awsclient"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// todayPage is one day of a shop: what needs a person, what became of the day's payments, and how it compares.
type todayPage struct {
	frame.Frame
	Day        tally.Day
	Week       []tally.Day // with the day itself, the oldest first
	Reviews    []payment.Payment
	GivenUp    int          // payments with messages that nobody tries to bring to the shop any more
	Untold     *frame.Fault // why they could not be counted
	Partly     bool         // some payments could not be read
	Next, Last string       // the days beside this one; Next is "" where that is to come
	IsToday    bool
}

// mostReviews is how many payments under review are read for each shard of their list.
const mostReviews = 200

// firstYear has no payment of Kassa before it: an older day is a slip, and adding it up would read each day since.
const firstYear = 2025

// weekDays is how many days the chart by day has.
const weekDays = 7

func (s *screens) today(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	from, err := v.Day(v.R.URL.Query().Get("day"))
	if err != nil {
		return nil, err
	}
	if from.Year() < firstYear {
		return nil, frame.NoDay
	}
	page := &todayPage{Frame: v.Frame, IsToday: from.Equal(v.Today()), Last: from.AddDate(0, 0, -1).Format(time.DateOnly)}
	if from.Before(v.Today()) {
		page.Next = from.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	if page.Day, err = s.days.Of(v.R.Context(), v.Shop, from); err != nil {
		return nil, err
	}
	page.Week = append(s.days.Before(v.R.Context(), v.Shop, from, weekDays-1), page.Day)
	page.GivenUp, err = s.givenUp(v)
	if awsclient.FaultOf(err) == awsclient.Denied { // which hides nothing else
		page.Untold = inPlace(v, err)
	} else if err != nil {
		return nil, err
	}
	page.Reviews, page.Partly, err = s.underReview(v)
	page.Partly = page.Partly || len(page.Day.Unreadable) > 0
	return page, err
}

// underReview are the shop's payments that people must look at, the longest waiting first. What cannot be read hides no
// other.
func (s *screens) underReview(v *frame.Visit) (found []payment.Payment, partly bool, err error) {
	all, err := people.Operator{Store: s.Store, Now: s.Now}.UnderReview(v.R.Context(), mostReviews)
	for _, p := range all {
		if p.Shop == v.Shop {
			found = append(found, p)
		}
	}
	if err != nil && len(all) == 0 {
		return nil, false, err
	}
	return found, err != nil, nil
}

// givenUp counts a shop's payments with messages that were given up, of the first that its list names: the latest.
func (s *screens) givenUp(v *frame.Visit) (n int, err error) {
	found, _, err := s.Service.Undelivered(v.R.Context(), v.Shop, "", perPage)
	for _, p := range found {
		if !delivery.GivenUp(p.Undelivered()).IsZero() {
			n++
		}
	}
	return n, err
}

// Twice is how many payments of the week hold money for an order that was paid before.
func (p *todayPage) Twice() (n int) {
	for _, d := range p.Week {
		n += d.All.Twice
	}
	return n
}

// Calm says that nobody has to do anything.
func (p *todayPage) Calm() bool { return len(p.Reviews)+p.GivenUp+p.Twice() == 0 && p.Untold == nil }

// First are the reviews that have waited longest; the screen Reviews has all of them.
func (p *todayPage) First() []payment.Payment { return p.Reviews[:min(len(p.Reviews), 5)] }

// Date is a day as the calendar names it.
func (p *todayPage) Date(t time.Time) string { return t.In(p.Zone).Format(time.DateOnly) }

// ByHour is the chart of the day's hours.
func (p *todayPage) ByHour() template.HTML {
	columns := make([]chart.Column, len(p.Day.Hours))
	for i, h := range p.Day.Hours {
		columns[i] = chart.Column{All: h.Opened, Part: h.Paid}
		if i%3 == 0 {
			columns[i].Label = strconv.Itoa(i)
		}
	}
	return chart.Columns(columns)
}

// ByDay is the chart of the week that ends with the day.
func (p *todayPage) ByDay() template.HTML {
	columns := make([]chart.Column, len(p.Week))
	for i, d := range p.Week {
		columns[i] = chart.Column{Label: d.From.Format("02.01"), All: d.All.Opened, Part: d.All.Paid}
	}
	return chart.Columns(columns)
}

// hour is one line of the table of hours.
type hour struct {
	Hour int
	tally.Counts
}

// Busy are the hours of the day in which something was opened, for the table.
func (p *todayPage) Busy() (hours []hour) {
	for i, h := range p.Day.Hours {
		if h.Opened > 0 {
			hours = append(hours, hour{i, h})
		}
	}
	return hours
}

// Old says whether a day was added up before somebody looked, and is still being added up anew.
func (p *todayPage) Old(d tally.Day) bool { return d.At.Before(p.Now) }

// Reading says whether some of the week's days are.
func (p *todayPage) Reading() bool { return slices.ContainsFunc(p.Week, p.Old) }

// Captured are the sums of a day, one for each currency.
func (p *todayPage) Captured(d tally.Day) (all []string) {
	sums := map[payment.Currency]int64{}
	for _, l := range d.Lines {
		sums[l.Currency] += l.Captured
	}
	for _, c := range payment.Currencies() {
		if sum := sums[c]; sum != 0 {
			all = append(all, p.Money(sum, c))
		}
	}
	return all
}
