// Package kapital is what both simulated gateways of Kapital Bank have of the one
// bank behind them: its test cards, its day and the steps that scripts
// take. It knows no wire and no HTTP.
package kapital

import (
	"fmt"
	"strings"
	"time"
)

// Card is what a customer types: digits only, expiry as MMYY. It lives no
// longer than the request that brought it.
type Card struct{ PAN, Expiry, CVV string }

// Outcome is what the issuer of a test card does.
type Outcome int

// Outcomes of an authorisation.
const (
	Approves   Outcome = iota + 1
	Declines           // with the card's code
	Challenges         // asks for a 3-D Secure code first
	Locks              // leaves the authorisation running
	Breaks             // the bank loses its own connection
)

// ChallengeCode is the right answer to the 3-D Secure step.
const ChallengeCode = "1234"

// TestCard is one card with its scripted outcome.
type TestCard struct {
	PAN, Expiry, CVV string // Expiry is empty where any date does
	Outcome          Outcome
	Code             string // of the authorisation, as the gateway says it
	Name             string // key of the page's texts
}

// Cards are the test cards that one gateway knows.
type Cards []TestCard

// Known reports whether the number is one of the cards, and its printed expiry.
func (c Cards) Known(pan string) (expiry string, ok bool) {
	card := c.Find(pan, "")
	return card.Expiry, card.Name != ""
}

// Find returns the card of that number. One that its issuer does not know declines
// with the code of strangers.
func (c Cards) Find(pan, stranger string) TestCard {
	for _, card := range c {
		if card.PAN == pan {
			return card
		}
	}
	return TestCard{PAN: pan, Outcome: Declines, Code: stranger}
}

// Whole is the number of the test card that was masked so; another text stays as it is.
func (c Cards) Whole(masked string) string {
	for _, card := range c {
		if TraceOf(Card{PAN: card.PAN}).Masked == masked {
			return card.PAN
		}
	}
	return masked
}

// Trace is all that the books remember of a card. The number itself is never stored.
type Trace struct {
	Masked string `json:"masked,omitempty"` // 416974******1778
	Brand  string `json:"brand,omitempty"`
	Expiry string `json:"expiry,omitempty"` // MMYY
}

// TraceOf masks a card for the books.
func TraceOf(c Card) Trace {
	if len(c.PAN) < 10 {
		return Trace{}
	}
	masked := c.PAN[:6] + strings.Repeat("*", len(c.PAN)-10) + c.PAN[len(c.PAN)-4:]
	brand := "TEST"
	switch c.PAN[0] {
	case '4':
		brand = "VISA"
	case '5', '2':
		brand = "MC"
	}
	return Trace{Masked: masked, Brand: brand, Expiry: c.Expiry}
}

// Baku is UTC+4 the whole year: Azerbaijan gave up summer time in 2016.
func Baku() *time.Location { return time.FixedZone("Baku", 4*60*60) }

// CutOff is the Baku time of day, "HH:MM", at which the bank's day ends before the
// calendar's; empty means midnight.
type CutOff string

// Validate says when the text is no time of day.
func (c CutOff) Validate() error {
	if _, err := time.Parse("15:04", string(c)); c != "" && err != nil {
		return fmt.Errorf(`cut_off is %.40q; use the time of day in Baku as "HH:MM"`, string(c))
	}
	return nil
}

// SameDay reports whether a payment is still on its bank day.
func (c CutOff) SameDay(paid, now time.Time) bool {
	paid, now = paid.In(Baku()), now.In(Baku())
	if paid.YearDay() != now.YearDay() || paid.Year() != now.Year() {
		return false
	}
	return c == "" || now.Format("15:04") < string(c)
}
