package kartapokupok

import (
	"fmt"
	"slices"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/partnerapi"
	"kassa/shared/simbank/kartapokupok/signer"
)

// Settings are the switches of the simulator. The zero value behaves as the brief
// describes, and else as comparable banks do. Rules of an application's life are
// [ledger.Rules], how callbacks are signed is [signer.Scheme]; in JSON all
// switches stand side by side.
type Settings struct {
	ledger.Rules
	signer.Scheme
	// AmountFormat is how amounts stand in requests, answers and callbacks:
	// "decimal" (also empty: a number), "string" or "minor".
	AmountFormat partnerapi.Form `json:"amount_format"`
	// TermCode says where a plan's code stands in a request: "field", "replace"
	// or empty for either; see [partnerapi.Shape].
	TermCode string `json:"term_code"`
	// StatusCall is "on" (also empty), "404", "405" or "501": what the bank
	// answers who has no such call.
	StatusCall string `json:"status_call"`
	// Totals says what a status answer tells of refunds: "full" (also empty:
	// refunded_amount and refunds), "amount" (refunded_amount alone) or "off".
	Totals string `json:"totals"`
	// Callback is "" (once), "drop" (never), "double" (twice the same), "hold"
	// (it waits until it is asked for: delayed, and with newest_first
	// reordered), "early" (a signed APPROVED before create is answered, and
	// nothing is approved) or "early_paid" (the same, and it really is).
	Callback string `json:"callback"`
	// RefundCallback is "all" (also empty), "desk" (only of refunds by the
	// bank's desk) or "off".
	RefundCallback string `json:"refund_callback"`
	// RefundAmount says what "amount" is in the callback of a refund: "order"
	// (also empty: the application's) or "refund" (what this refund gave back).
	RefundAmount string `json:"refund_amount"`
	// CallbackOmit names fields to leave out of callbacks, such as "amount",
	// "refund_id" and "refunded_amount".
	CallbackOmit []string `json:"callback_omit"`
	// CallbackExtra adds a field that nobody has announced.
	CallbackExtra bool `json:"callback_extra"`
	// SwapSession puts the session_id of this other application into callbacks
	// and status answers.
	SwapSession string `json:"swap_session"`
	// Return is "redirect" (also empty) or "stay": the customer is not sent
	// back but stays on the bank's page.
	Return string `json:"return"`
}

// callbackFields are the fields of a callback.
func callbackFields() []string {
	return []string{"session_id", "order_ref", "status", "amount", "currency", "refund_id", "refunded_amount"}
}

// Validate names the first switch that has no meaning.
func (s Settings) Validate() error {
	if err := s.Rules.Validate(); err != nil {
		return err
	}
	if err := s.Scheme.Validate(); err != nil {
		return err
	}
	if err := s.AmountFormat.Validate(); err != nil {
		return err
	}
	for _, name := range s.CallbackOmit {
		if !slices.Contains(callbackFields(), name) {
			return fmt.Errorf("callback_omit names %.40q; a callback has %q", name, callbackFields())
		}
	}
	for _, c := range []struct {
		name, value string
		allowed     []string
	}{
		{"term_code", s.TermCode, []string{"", "field", "replace"}},
		{"status_call", s.StatusCall, []string{"", "on", "404", "405", "501"}},
		{"totals", s.Totals, []string{"", "full", "amount", "off"}},
		{"callback", s.Callback, []string{"", "drop", "double", "hold", "early", "early_paid"}},
		{"refund_callback", s.RefundCallback, []string{"", "all", "desk", "off"}},
		{"refund_amount", s.RefundAmount, []string{"", "order", "refund"}},
		{"return", s.Return, []string{"", "redirect", "stay"}},
	} {
		if err := control.OneOf(c.name, c.value, c.allowed...); err != nil {
			return err
		}
	}
	return nil
}

// own takes the slice from the settings it was copied from.
func own(s Settings) Settings {
	s.CallbackOmit = slices.Clone(s.CallbackOmit)
	return s
}

func (s *Sim) shape(set Settings) partnerapi.Shape {
	return partnerapi.Shape{Amounts: set.AmountFormat, Terms: s.opts.Terms, TermCode: set.TermCode}
}
