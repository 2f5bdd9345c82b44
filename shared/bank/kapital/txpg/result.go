package txpg

import "kassa/shared/payment"

// weight is what a pmoResultCode, the card host's answer, is worth (facts 7).
type weight int

const (
	open     weight = iota // it decides nothing: postponed, host down, a code that nobody knows
	approved               // a yes
	claimed                // a yes to a part or in another way: it counts where the order's sums agree
	declined               // a definite no
)

// weigh weighs a pmoResultCode. Where an acquirer sends none, the operation's ridByPmo stands for the yes. Two
// published lists differ about 5 to 19, so these mean nothing.
func weigh(code string) weight {
	switch code {
	case "", "1":
		return approved
	case "2", "3", "96":
		return claimed
	case "40", "41", "51", "52", "57", "58", "59", "60", "61", "62", "63", "67", "68", "71", "74", "81", "83", "84", "98":
		return declined
	}
	return open
}

// hint is what such a code means to a customer.
func hint(code string) payment.Hint {
	switch code {
	case "":
		return ""
	case "51":
		return payment.HintExpired
	case "59":
		return payment.HintFunds
	case "60", "61", "63":
		return payment.HintLimit
	case "57", "58":
		return payment.HintForbidden
	case "52", "81", "84":
		return payment.HintTryAgain
	case "40", "41", "62", "71", "83":
		return payment.HintCallBank
	}
	return payment.HintOther
}
