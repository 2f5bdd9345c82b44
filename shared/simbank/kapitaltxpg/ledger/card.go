package ledger

import "kassa/shared/simbank/kapital"

// Cards lists the test cards. The first two are those that the bank gives out, with the
// expiry as printed; the others are of no scheme and have outcomes that no published
// card has. A future date does for all.
func Cards() kapital.Cards {
	return kapital.Cards{
		{PAN: "4169741330151778", Expiry: "0627", CVV: "591", Outcome: kapital.Approves, Code: "1", Name: "approve"},
		{PAN: "5239151747183468", Expiry: "1127", CVV: "602", Outcome: kapital.Approves, Code: "1", Name: "approve"},
		{PAN: "7777770000000038", CVV: "119", Outcome: kapital.Challenges, Code: "1", Name: "secure"},
		{PAN: "7777770000000004", CVV: "119", Outcome: kapital.Declines, Code: "68", Name: "decline"},
		{PAN: "7777770000000012", CVV: "119", Outcome: kapital.Declines, Code: "59", Name: "funds"},
		{PAN: "7777770000000020", CVV: "119", Outcome: kapital.Declines, Code: "51", Name: "expired"},
	}
}
