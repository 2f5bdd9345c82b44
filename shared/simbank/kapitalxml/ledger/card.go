package ledger

import "kassa/shared/simbank/kapital"

// CVV is the security code of every test card; any other one declines.
const CVV = "119"

// Cards lists the test cards. The first is the one the bank publishes for its test
// terminal (the brief); it fails the Luhn check, which is why the page does not apply
// that check to known cards. The others are from the vendor's own test range. Any date
// does.
func Cards() kapital.Cards {
	return kapital.Cards{
		{PAN: "4169741330151124", CVV: CVV, Outcome: kapital.Approves, Code: "001", Name: "approve"},
		{PAN: "7777770000000004", CVV: CVV, Outcome: kapital.Declines, Code: "050", Name: "decline"},
		{PAN: "7777770000000012", CVV: CVV, Outcome: kapital.Declines, Code: "076", Name: "funds"},
		{PAN: "7777770000000020", CVV: CVV, Outcome: kapital.Declines, Code: "051", Name: "expired"},
		{PAN: "7777770000000038", CVV: CVV, Outcome: kapital.Challenges, Code: "001", Name: "secure"},
		{PAN: "7777770000000046", CVV: CVV, Outcome: kapital.Locks, Code: "001", Name: "lock"},
		{PAN: "7777770000000053", CVV: CVV, Outcome: kapital.Approves, Code: "000", Name: "plain"},
		{PAN: "7777770000000061", CVV: CVV, Outcome: kapital.Breaks, Code: "811", Name: "error"},
	}
}
