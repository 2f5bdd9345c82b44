package kapitaltxpg

import (
	"fmt"

	"kassa/shared/simbank/kapitaltxpg/ledger"
	"kassa/shared/simbank/kapitaltxpg/message"
)

// The numbers of the terminal and the merchant in the bank's tables.
const (
	terminalID = 41
	merchantID = 101
)

// details says of an order what the levels of the question ask for. Without all of
// them allowVoid is false also where a void is possible, as at the real gateway.
func (s *Sim) details(c call, o ledger.Order, set Settings) message.Order {
	query := c.URL.Query()
	whole := func(level string) bool { return query.Get(level) == "2" }
	answer := message.Order{
		ID: o.ID, TypeRID: o.Type, Status: set.word(o.Status), PrevStatus: set.word(o.Previous), LastStatusLogin: o.By,
		Amount: message.Money(o.Amount), Currency: o.Currency, CreateTime: message.Stamp(o.Created),
		FinishTime: message.Stamp(o.Finished), Title: o.Title,
	}
	if o.Previous != "" {
		answer.Type = &message.Type{Title: "Purchase"}
	}
	if whole("orderDetailLevel") {
		possible := whole("tranDetailLevel") && whole("tokenDetailLevel")
		answer.TypeRID = ""
		answer.Type = &message.Type{Title: "Purchase", RID: o.Type, AllowVoid: &possible, Phase: "Single",
			TranTypes: []string{"Purchase", "Refund", "CheckToken"}, TranPhases: []string{"Single"}, Class: "Sale"}
		answer.Full = s.full(o, set)
	}
	if whole("tranDetailLevel") {
		trans := entries(o, set)
		answer.Trans = &trans
	}
	if whole("tokenDetailLevel") {
		answer.StoredTokens = &[]any{}
		answer.SrcToken = token(o, set)
	}
	return answer
}

func (s *Sim) full(o ledger.Order, set Settings) *message.Full {
	charged, back := o.Charged, o.Refunded
	switch set.VoidSum {
	case "":
		charged -= o.Undone
	case "refund":
		back += o.Undone
	}
	f := &message.Full{
		HppURL: s.pageURL(set), RedirectURL: o.RedirectURL, Password: o.Password,
		Terminal:  message.Place{ID: terminalID, RID: s.opts.Terminal, Title: s.opts.MerchantName},
		Merchant:  message.Place{ID: merchantID, RID: s.opts.Merchant, Title: s.opts.MerchantName},
		SrcAmount: message.Money(o.Amount), SrcAmountFull: message.Money(o.Amount), SrcCurrency: o.Currency,
		DstAmount: message.Money(o.Amount), DstCurrency: o.Currency,
		CVV2Status: "Required", TDSV1Status: "Undefined", TDSV2Status: "Undefined",
		Authorized: message.Money(o.Held + charged), Cleared: message.Money(charged), Refunded: message.Money(back),
		Description: o.Description, Language: o.Language, Environment: "Browser", Attributes: []any{},
	}
	if o.Charged > 0 {
		f.CVV2Status, f.TDSV2Status = "Authorized", "Authorized"
	}
	return f
}

func entries(o ledger.Order, set Settings) []message.Entry {
	list := []message.Entry{}
	for _, t := range o.Trans {
		e := message.Entry{
			ApprovalCode: t.Approval, ActionID: t.ActionID, OrderID: o.ID, TerminalID: terminalID, MerchantID: merchantID,
			Billing: t.Billing, Reversal: t.Void, Acquirer: t.RID, PMO: t.RID, RegTime: message.Stamp(t.At),
			ClearAmount: message.Money(t.Clear), ClearCcy: o.Currency, Amount: message.Money(t.Amount), Currency: o.Currency,
			Description: t.Kind, Phase: "Single", Type: t.Type, Result: t.Result,
		}
		if set.RRN && t.Approval != "" {
			e.RRN = fmt.Sprintf("%012s", t.RID)
		}
		if t.Void && (set.VoidMark == "description" || set.VoidMark == "sign") {
			e.Reversal = false
		}
		if t.Void && (set.VoidMark == "flag" || set.VoidMark == "sign") {
			e.Description = "Purchase"
		}
		list = append(list, e)
	}
	return list
}

// token is the card that the customer used, masked unless a switch says otherwise; nil before there was one.
func token(o ledger.Order, set Settings) *message.SrcToken {
	if o.Card.Masked == "" {
		return nil
	}
	t := &message.SrcToken{ID: o.ID * 10, Method: "Card", Status: "Active", DisplayName: o.Card.Masked}
	if set.WholeCard {
		t.DisplayName = ledger.Cards().Whole(t.DisplayName)
	}
	t.Card.Brand, t.Card.Expiration = o.Card.Brand, o.Card.Expiry
	return t
}
