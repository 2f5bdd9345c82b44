package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// clock is a day on which the suite must be green. An empty date is a distance in days.
type clock struct {
	name string // as WHEN takes it
	days int
	date time.Time
}

// days are the clocks that take turns: tomorrow; a year and a month ahead, when what was made for a year is over; the
// day that the next year has not; and a day whose second since 1970 fits into no 32 bits. The last two begin
// in Baku's last hour, when a payment of the day is refunded and not voided any more, and three minutes before midnight
// there, which comes while the suite runs.
var days = []string{"+1d", "+400d", "2028-02-29T19:15", "2038-01-20T19:57"}

// choose reads what a caller asks for: nothing for all clocks, "turn" for the one of now's day of the year, or one by
// its name.
func choose(when string, now time.Time) ([]clock, error) {
	names := []string{when}
	switch when {
	case "":
		names = days
	case "turn":
		names = []string{days[now.UTC().YearDay()%len(days)]}
	}
	var clocks []clock
	for _, name := range names {
		c, err := parse(name)
		if err != nil {
			return nil, err
		}
		clocks = append(clocks, c)
	}
	return clocks, nil
}

// parse reads the name of a clock: a day, or a number of days from now.
func parse(name string) (clock, error) {
	if distance, ok := strings.CutPrefix(name, "+"); ok && strings.HasSuffix(distance, "d") {
		days, err := strconv.Atoi(strings.TrimSuffix(distance, "d"))
		if err == nil && days > 0 && days < 100_000 {
			return clock{name: name, days: days}, nil
		}
	}
	if date, err := time.Parse(time.DateOnly, name); err == nil {
		return clock{name: name, date: date.Add(morning)}, nil
	}
	if date, err := time.Parse("2006-01-02T15:04", name); err == nil {
		return clock{name: name, date: date}, nil
	}
	return clock{}, fmt.Errorf("%q is no clock: write a date such as 2038-01-20, a time in UTC such as 2038-01-20T19:15, "+
		"a distance such as +400d, or turn", name)
}

// morning is when a date without a time begins, so that a run ends on the same date, in UTC and in the banks' zones.
const morning = 8 * time.Hour

// shift is how far the clock stands ahead of a true one that shows now, in whole seconds.
func (c clock) shift(now time.Time) time.Duration {
	if c.date.IsZero() {
		return time.Duration(c.days) * 24 * time.Hour
	}
	return c.date.Sub(now.Truncate(time.Second))
}
