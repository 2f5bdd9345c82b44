package kapitalxml

import (
	"fmt"
	"regexp"
	"slices"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// Settings are the switches of the simulator. The zero value behaves as the
// bank is known to. Rules of the order's life are [ledger.Rules]; in JSON
// all switches stand side by side.
type Settings struct {
	ledger.Rules
	// Return is how the customer's browser goes back: "post" (or empty: an
	// auto-submitting form with xmlmsg) or "get" (a 303 with OrderId and
	// SessionId in the query).
	Return string `json:"return"`
	// Base64 sends xmlmsg in base64, as other banks on this product do.
	Base64 bool `json:"base64"`
	// SpoilBase64 sends base64 with its plus signs turned into blanks, as a
	// gateway does that writes them into the form as they are.
	SpoilBase64 bool `json:"spoil_base64"`
	// Wrapper names an element to put around Message.
	Wrapper string `json:"wrapper"`
	// LetterCase spells OrderID and SessionID: "" as the vendor, "upper",
	// "lower" or "mixed".
	LetterCase string `json:"letter_case"`
	// ForgeStatus stands in the message instead of the order's real status.
	ForgeStatus string `json:"forge_status"`
	// SwapOrder puts the ids of this other order into the message.
	SwapOrder string `json:"swap_order"`
	// Callback is "" (once, by the browser), "drop" (the customer stays on the
	// bank's page), "double" (the bank sends it once more by itself, before
	// the browser), "delay", "early" (the bank calls ApproveURL before it
	// answers CreateOrder and claims APPROVED) or "early_paid" (the same, and
	// the order really is paid by then).
	Callback string `json:"callback"`
	// CallbackDelaySeconds is the length of "delay".
	CallbackDelaySeconds int `json:"callback_delay_seconds"`
	// EmptyRespCode leaves RespCode and RespMessage of a Reverse empty.
	EmptyRespCode bool `json:"empty_resp_code"`
	// OddForms answers with 201, a byte order mark and line ends around the
	// document, a declared prefix on its root and 0.00 for nothing given back.
	OddForms bool `json:"odd_forms"`
	// NoInformation answers GetOrderInformation with 54, as to a terminal that
	// may not ask it.
	NoInformation bool `json:"no_information"`
	// WholeCard tells the number of a test card without its mask where params are shown.
	WholeCard bool `json:"whole_card"`
	// NoAddParams refuses a CreateOrder that says how long the order lives.
	NoAddParams bool `json:"no_add_params"`
	// Currencies that the terminal takes, by their numbers; empty means 944.
	Currencies []string `json:"currencies"`
	// WantTwoID refuses a Refund whose TranId is not the purchase's twoId.
	WantTwoID bool `json:"want_two_id"`
	// POSOut adds the level out to POSResponse of a Completion.
	POSOut bool `json:"pos_out"`
}

func ownSettings(s Settings) Settings {
	s.Currencies = slices.Clone(s.Currencies)
	return s
}

var elementName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,39}$`)

// takes says whether the terminal has the currency.
func (s Settings) takes(currency string) bool {
	if len(s.Currencies) == 0 {
		return currency == "944"
	}
	return slices.Contains(s.Currencies, currency)
}

// Validate names the first switch that has no meaning.
func (s Settings) Validate() error {
	if err := s.Rules.Validate(); err != nil {
		return err
	}
	if s.Wrapper != "" && !elementName.MatchString(s.Wrapper) {
		return fmt.Errorf("wrapper %q is not an element name", s.Wrapper)
	}
	if s.CallbackDelaySeconds < 0 || s.CallbackDelaySeconds > 3600 {
		return fmt.Errorf("callback_delay_seconds is %d; use 0 to 3600", s.CallbackDelaySeconds)
	}
	if err := control.OneOf("return", s.Return, "", "post", "get"); err != nil {
		return err
	}
	if err := control.OneOf("letter_case", s.LetterCase, "", "upper", "lower", "mixed"); err != nil {
		return err
	}
	return control.OneOf("callback", s.Callback, "", "drop", "double", "delay", "early", "early_paid")
}
