package payment

// Hint is what the bank's code of a refusal means to a customer, in our words. The list is closed.
type Hint string

// The hints. A bank's folder maps its codes to these; a code that it does not know means HintOther.
const (
	HintFunds     Hint = "insufficient_funds"
	HintExpired   Hint = "expired_card"
	HintLimit     Hint = "limit"         // of an amount, or of how often: by the bank's rules or the customer's own
	HintForbidden Hint = "not_permitted" // this card, or this customer, cannot pay so
	HintTryAgain  Hint = "try_again"     // something was mistyped or out of order, and may pass
	HintCallBank  Hint = "call_bank"     // only the bank that issued the card can say more
	HintOther     Hint = "other"
)

// Hints are all of them.
func Hints() []Hint {
	return []Hint{HintFunds, HintExpired, HintLimit, HintForbidden, HintTryAgain, HintCallBank, HintOther}
}

// Decline is why the bank refused.
type Decline struct {
	Code string // the bank's own code
	Hint Hint
}

// maxDeclineCode bounds the code of a refusal, in bytes.
const maxDeclineCode = 64

// declineOf is what a report says about why the bank refused; nothing when it gives no code, or what can be none. A
// browser may have written it: only letters, digits and a few signs are ever kept.
func declineOf(r Report) Decline {
	if r.State != BankDeclined || r.Code == "" || len(r.Code) > maxDeclineCode {
		return Decline{}
	}
	for _, c := range []byte(r.Code) {
		plain := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '.' || c == '_' || c == '-'
		if !plain {
			return Decline{}
		}
	}
	switch r.Hint {
	case HintFunds, HintExpired, HintLimit, HintForbidden, HintTryAgain, HintCallBank:
		return Decline{r.Code, r.Hint}
	}
	return Decline{r.Code, HintOther}
}

// noteRefusal notes why the bank refused, as far as it states that itself. It may say so once and not again.
func (p *Payment) noteRefusal(r Report) {
	if d := declineOf(r); p.Status == Declined && d.Code != "" {
		p.Decline = d
	}
}

// noteHearsay notes why the bank refused as a message claims that anybody may have written. It decides nothing: the
// bank itself has stated that end of that order, and not said why.
func (p *Payment) noteHearsay(e Hearsay) {
	ours := e.Handle.OrderID != "" && e.Handle.IsOf(p.Handle)
	if ours && p.Status == Declined && p.EndStated && p.Decline.Code == "" {
		p.Decline = declineOf(e.Report)
	}
}
