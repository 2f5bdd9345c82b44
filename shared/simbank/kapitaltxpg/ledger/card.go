package ledger

import "strings"

// Card is what a customer types: digits only, expiry as MMYY. It lives no
// longer than the request that brought it.
type Card struct{ PAN, Expiry, CVV string }

// Outcome is what the issuer of a test card does.
type Outcome int

// Outcomes of an authorisation.
const (
	Approves   Outcome = iota + 1
	Declines           // with the card's pmoResultCode
	Challenges         // asks for a 3-D Secure code first
)

// TestCard is one card with its scripted outcome.
type TestCard struct {
	PAN, Expiry, CVV string
	Outcome          Outcome
	Code             string // pmoResultCode of the authorisation
	Name             string // key of the page's texts
}

// ChallengeCode is the right answer to the 3-D Secure step.
const ChallengeCode = "1234"

// Cards lists the test cards. The first two are those that the bank gives out
// (facts 10), with the expiry as printed; the others are of no scheme and
// have outcomes that no published card has. A future date does for all.
func Cards() []TestCard {
	return []TestCard{
		{"4169741330151778", "0627", "591", Approves, "1", "approve"},
		{"5239151747183468", "1127", "602", Approves, "1", "approve"},
		{"7777770000000038", "", "119", Challenges, "1", "secure"},
		{"7777770000000004", "", "119", Declines, "68", "decline"},
		{"7777770000000012", "", "119", Declines, "59", "funds"},
		{"7777770000000020", "", "119", Declines, "51", "expired"},
	}
}

// Known reports whether the number is one of the test cards, and its printed expiry.
func Known(pan string) (expiry string, ok bool) {
	c := find(pan)
	return c.Expiry, c.Name != ""
}

// find takes a card of nobody for one that its issuer does not know.
func find(pan string) TestCard {
	for _, c := range Cards() {
		if c.PAN == pan {
			return c
		}
	}
	return TestCard{PAN: pan, Outcome: Declines, Code: "52"}
}

func trace(c Card) CardTrace {
	if len(c.PAN) < 10 {
		return CardTrace{}
	}
	masked := c.PAN[:6] + strings.Repeat("*", len(c.PAN)-10) + c.PAN[len(c.PAN)-4:]
	brand := "TEST"
	switch c.PAN[0] {
	case '4':
		brand = "VISA"
	case '5', '2':
		brand = "MC"
	}
	return CardTrace{Masked: masked, Brand: brand, Expiry: c.Expiry}
}
