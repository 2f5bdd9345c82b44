package kapitaltxpg

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// Settings are the switches of the simulator. The zero value behaves as the bank is
// known to. Rules of the order's life are [ledger.Rules]; in JSON all
// switches stand side by side.
type Settings struct {
	ledger.Rules
	// StatusWords spells a status in another way, e.g. {"Cancelled":"Refused"}.
	StatusWords map[string]string `json:"status_words"`
	// PageForm is how hppUrl ends: "" with /flex, "bare" without it, "slash" with
	// a slash after it.
	PageForm string `json:"page_form"`
	// VoidSum is what a void does to the sums: "" lowers clearedChargeAmount,
	// "refund" raises clearedRefundAmount, "none" neither.
	VoidSum string `json:"void_sum"`
	// VoidMark is how trans tells a void: "" by description and isReversal,
	// "description" or "flag" by one of them, "sign" by the sign alone.
	VoidMark string `json:"void_mark"`
	// RRN adds an rrn to what has an approval code, as another acquirer does.
	RRN bool `json:"rrn"`
	// WholeCard tells the number of a test card without its mask.
	WholeCard bool `json:"whole_card"`
	// LeaveOut names fields that no answer has, wherever they would stand.
	LeaveOut []string `json:"leave_out"`
	// Refuse answers an operation with this errorCode and does nothing, e.g.
	// {"exec-tran":"PmoUnreachable"}; "*" stands for every operation.
	Refuse map[string]string `json:"refuse"`
	// ErrorHTTP is the HTTP status of the gateway's errors; zero means 400, and 404
	// for an unknown order.
	ErrorHTTP int `json:"error_http"`
	// TranDecline answers a scripted status_NN of exec-tran with 200 and a tran that
	// says so, instead of PmoDecline.
	TranDecline bool `json:"tran_decline"`
	// Currencies that the terminal takes; empty means AZN.
	Currencies []string `json:"currencies"`
	// PurchaseType is what the terminal calls a purchase; empty means Order_SMS.
	PurchaseType string `json:"purchase_type"`
	// PasswordTries locks the login after that many wrong ones in a row; zero means five.
	PasswordTries int `json:"password_tries"`

	// Return is "" (the browser goes back to the shop) or "drop" (it stays here).
	Return string `json:"return"`
	// ReturnWithout leaves out "id", "status" or "both" of what the browser brings.
	ReturnWithout string `json:"return_without"`
	// ReturnPassword adds PASSWORD, as another acquirer does.
	ReturnPassword bool `json:"return_password"`
	// ForgeStatus stands in the return instead of the order's real status.
	ForgeStatus string `json:"forge_status"`
	// SwapOrder stands in the return instead of the order's id.
	SwapOrder string `json:"swap_order"`
}

func ownSettings(s Settings) Settings {
	s.StatusWords, s.Refuse = maps.Clone(s.StatusWords), maps.Clone(s.Refuse)
	s.LeaveOut, s.Currencies = slices.Clone(s.LeaveOut), slices.Clone(s.Currencies)
	return s
}

var wordForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 _-]{0,39}$`)

// Validate names the first switch that has no meaning.
func (s Settings) Validate() error {
	if err := s.Rules.Validate(); err != nil {
		return err
	}
	for status, word := range s.StatusWords {
		if !slices.Contains(ledger.Statuses(), status) || !wordForm.MatchString(word) {
			return fmt.Errorf("status_words turns %.40q into %.40q; use statuses of %q and a word",
				status, word, ledger.Statuses())
		}
	}
	for operation, code := range s.Refuse {
		if operation != "*" && !slices.Contains(operations(), operation) || !wordForm.MatchString(code) {
			return fmt.Errorf(`refuse answers %.40q with %.40q; use operations of %q or "*" and a word`,
				operation, code, operations())
		}
	}
	if s.ErrorHTTP != 0 && (s.ErrorHTTP < 200 || s.ErrorHTTP > 599) {
		return errors.New("error_http is no HTTP status of an answer")
	}
	if s.PasswordTries < 0 {
		return errors.New("password_tries must not be negative")
	}
	return errors.Join(
		control.OneOf("page_form", s.PageForm, "", "bare", "slash"),
		control.OneOf("void_sum", s.VoidSum, "", "refund", "none"),
		control.OneOf("void_mark", s.VoidMark, "", "description", "flag", "sign"),
		control.OneOf("return", s.Return, "", "drop"),
		control.OneOf("return_without", s.ReturnWithout, "", "id", "status", "both"),
	)
}

// takes says whether the terminal has the currency.
func (s Settings) takes(currency string) bool {
	if len(s.Currencies) == 0 {
		return currency == "AZN"
	}
	return slices.Contains(s.Currencies, currency)
}

// word spells a status as the switches say.
func (s Settings) word(status string) string {
	if w := s.StatusWords[status]; w != "" {
		return w
	}
	return status
}
