package bank

import "kassa/shared/payment"

// Cause is what a bank's code of a refusal says, for staff, who talk to the bank about it. A customer is told the Hint
// of it: that a card is called stolen is no news for whoever holds it. The list is closed; each has its text in the
// table of texts.
type Cause string

// The causes. A bank's folder maps its codes to these; a code that it does not know means CauseOther.
const (
	CauseFunds        Cause = "funds"
	CauseExpired      Cause = "expired"
	CauseLimit        Cause = "amount_limit"
	CauseUses         Cause = "uses_limit"
	CauseUnsupported  Cause = "unsupported" // this kind of payment, with this card
	CauseRestricted   Cause = "restricted"  // the card
	CauseCardNumber   Cause = "card_number"
	CauseSecure       Cause = "secure" // 3-D Secure was failed
	CauseNotEnrolled  Cause = "not_enrolled"
	CauseSecurityCode Cause = "security_code"
	CausePIN          Cause = "pin"
	CausePINTries     Cause = "pin_tries"
	CauseSilent       Cause = "silent" // whoever issued the card, or the line there
	CauseLost         Cause = "lost"   // or stolen
	CauseKeep         Cause = "keep"   // the card is to be kept
	CauseIssuer       Cause = "issuer" // wants to be called
	CauseAccount      Cause = "account"
	CauseAmount       Cause = "amount"
	CauseFormat       Cause = "format"
	CauseDuplicate    Cause = "duplicate"
	CauseMerchant     Cause = "merchant" // the shop's own terminal or contract
	CauseOther        Cause = "other"
)

// Causes are all of them.
func Causes() []Cause {
	return []Cause{CauseFunds, CauseExpired, CauseLimit, CauseUses, CauseUnsupported, CauseRestricted, CauseCardNumber,
		CauseSecure, CauseNotEnrolled, CauseSecurityCode, CausePIN, CausePINTries, CauseSilent, CauseLost, CauseKeep,
		CauseIssuer, CauseAccount, CauseAmount, CauseFormat, CauseDuplicate, CauseMerchant, CauseOther}
}

// Hint is what a customer is told of it; "" where there is none.
func (c Cause) Hint() payment.Hint {
	switch c {
	case "":
		return ""
	case CauseFunds:
		return payment.HintFunds
	case CauseExpired:
		return payment.HintExpired
	case CauseLimit, CauseUses:
		return payment.HintLimit
	case CauseUnsupported, CauseRestricted:
		return payment.HintForbidden
	case CauseCardNumber, CauseSecure, CauseSecurityCode, CausePIN, CauseSilent:
		return payment.HintTryAgain
	case CausePINTries, CauseLost, CauseKeep, CauseIssuer, CauseAccount:
		return payment.HintCallBank
	case CauseNotEnrolled, CauseAmount, CauseFormat, CauseDuplicate, CauseMerchant, CauseOther:
	}
	return payment.HintOther
}
