package ledger

import "strings"

// Card is what a customer types: digits only, expiry as MMYY. It lives no
// longer than the request that brought it.
type Card struct {
	PAN    string
	Expiry string
	CVV    string
}

// Outcome is what the issuer of a test card does.
type Outcome int

// Outcomes of an authorisation.
const (
	Approves   Outcome = iota + 1
	Declines           // with the card's response code
	Challenges         // asks for a 3-D Secure code first
	Locks              // leaves the order ON-LOCK
	Breaks             // the bank loses its own connection: status ERROR
)

// TestCard is one published card with its scripted outcome.
type TestCard struct {
	PAN     string
	Outcome Outcome
	Code    string // three-digit ResponseCode of the authorisation
	Name    string // key of the page's texts
}

// CVV is the security code of every test card; any other one declines.
const CVV = "119"

// ChallengeCode is the right answer to the 3-D Secure step.
const ChallengeCode = "1234"

// Cards lists the test cards. The first is the one the bank publishes for its
// test terminal (the brief); it fails the Luhn check, which is why the page does
// not apply that check to known cards. The others are from the vendor's own
// test range (facts A9).
func Cards() []TestCard {
	return []TestCard{
		{"4169741330151124", Approves, "001", "approve"},
		{"7777770000000004", Declines, "050", "decline"},
		{"7777770000000012", Declines, "076", "funds"},
		{"7777770000000020", Declines, "051", "expired"},
		{"7777770000000038", Challenges, "001", "secure"},
		{"7777770000000046", Locks, "001", "lock"},
		{"7777770000000053", Approves, "000", "plain"},
		{"7777770000000061", Breaks, "811", "error"},
	}
}

// Known reports whether the number is one of the test cards. Any date does.
func Known(pan string) (expiry string, ok bool) { return "", find(pan).Name != "" }

func find(pan string) TestCard {
	for _, c := range Cards() {
		if c.PAN == pan {
			return c
		}
	}
	return TestCard{PAN: pan, Outcome: Declines, Code: "055"}
}

func trace(pan string) CardTrace {
	if len(pan) < 10 {
		return CardTrace{}
	}
	masked := pan[:6] + strings.Repeat("*", len(pan)-10) + pan[len(pan)-4:]
	return CardTrace{Masked: masked, Brand: brand(pan)}
}

func brand(pan string) string {
	switch pan[0] {
	case '4':
		return "VISA"
	case '5', '2':
		return "MC"
	}
	return "TEST"
}
