// Package bankday is when Kapital Bank's day begins and ends: both of its gateways undo a payment within its own bank
// day only.
package bankday

import (
	"strings"
	"time"

	"kassa/shared/bank/exchange"
	"kassa/shared/strict/ascii"
)

// Day is the bank's day as a terminal's settings have it.
type Day struct {
	Zone  *time.Location // the bank's clock
	Until time.Duration  // since midnight: from then on a payment of the day is refunded, not undone
}

// Defaults of the settings: Baku has one offset all year, and the bank closes its day before midnight.
const (
	zone  = "+04:00"
	until = "23:00"
)

// Usual is the bank's clock where no setting says otherwise.
func Usual() *time.Location { return time.FixedZone("bank", 4*60*60) }

// Read takes the two settings under their names: an offset from UTC such as "+04:00", and a time of day such as
// "23:00".
func Read(s *exchange.Secret, zoneName, untilName string) Day {
	day := Day{Zone: time.UTC}
	offset := s.Text(zoneName)
	if offset == "" {
		offset = zone
	}
	if isZone(offset) {
		seconds := int(sixties(offset[1:]) / time.Second)
		if offset[0] == '-' {
			seconds = -seconds
		}
		day.Zone = time.FixedZone("bank", seconds)
	} else {
		s.Wrong(zoneName, `must be an offset from UTC, such as "`+zone+`"`)
	}
	clock := s.Text(untilName)
	if clock == "" {
		clock = until
	}
	if isClock(clock) {
		day.Until = sixties(clock)
	} else {
		s.Wrong(untilName, `must be a time of day, such as "`+until+`"`)
	}
	return day
}

// isClock says whether a text is a time of day, HH:MM.
func isClock(text string) bool {
	hour, minute, _ := strings.Cut(text, ":")
	return isPair(hour, 23) && isPair(minute, 59)
}

// isZone says whether a text is an offset that some country has, +HH:MM or -HH:MM.
func isZone(text string) bool {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return false
	}
	hour, minute, _ := strings.Cut(text[1:], ":")
	return isPair(hour, 14) && (minute == "00" || minute == "30" || minute == "45")
}

// isPair says whether a text is a number of two digits, up to most.
func isPair(text string, most int) bool {
	return ascii.Only(text, ascii.Digits, 2, 2) && int(text[0]-'0')*10+int(text[1]-'0') <= most
}

// sixties reads HH:MM that a form has checked.
func sixties(text string) time.Duration {
	digit := func(i int) time.Duration { return time.Duration(text[i] - '0') }
	return (digit(0)*10+digit(1))*time.Hour + (digit(3)*10+digit(4))*time.Minute
}

// Open says whether what was paid then can still be undone now: the same calendar day at the bank, and before it
// closes.
func (d Day) Open(paid, now time.Time) bool {
	paid, now = paid.In(d.Zone), now.In(d.Zone)
	clock := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute
	return paid.Format(time.DateOnly) == now.Format(time.DateOnly) && clock < d.Until
}
