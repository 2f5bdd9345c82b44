// Package tranzaxis is what the codes of Kapital Bank's processing say. The JSON gateway tells them as they are
// (pmoResultCode), the XML gateway among the card host's codes, each with 500 added to it.
package tranzaxis

import "kassa/shared/bank"

// CauseOf is what the code of a refusal says. Two published lists differ by one for 5 to 19: those have no meaning
// here.
func CauseOf(code string) bank.Cause {
	switch code {
	case "":
		return ""
	case "40", "41":
		return bank.CauseLost
	case "51":
		return bank.CauseExpired
	case "52":
		return bank.CauseCardNumber
	case "54", "72":
		return bank.CauseSilent
	case "57":
		return bank.CauseUnsupported
	case "58":
		return bank.CauseRestricted
	case "59":
		return bank.CauseFunds
	case "60":
		return bank.CauseUses
	case "61", "63":
		return bank.CauseLimit
	case "62", "83":
		return bank.CausePINTries
	case "67":
		return bank.CauseAmount
	case "71":
		return bank.CauseIssuer
	case "74":
		return bank.CauseFormat
	case "81":
		return bank.CauseSecurityCode
	case "84":
		return bank.CauseSecure
	case "98":
		return bank.CauseMerchant
	}
	return bank.CauseOther
}
