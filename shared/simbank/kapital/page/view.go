package page

import (
	"cmp"
	"net/url"

	"kassa/shared/simbank/frame"
)

// View is what the customer's pages show. Amount is minor units.
type View struct {
	Lang        string // "az", "ru" or "en"
	Merchant    string
	Description string
	Amount      int64
	Currency    string // alpha; AZN where it is empty
	OrderID     string
	Status      string
	// IDs open the page: the query of its address.
	IDs url.Values
	// Challenge says that a 3-D Secure code is awaited, Ended that nothing is.
	Challenge, Ended bool
	// Action is the relative address of the form, with ids and language.
	Action string
	// Home is the same address without a language, to switch languages.
	Home string
	// Form is what the customer typed, with an error key for each bad field.
	Form   Form
	Errors map[string]string
	// Alert is the key of what went wrong with the last try, or nothing.
	Alert string
	Cards []Hint
	Back  *Back
}

// Hint names one test card, the key of what it does and its security code. Expiry
// is MMYY as the bank prints it, empty where only the code counts.
type Hint struct{ PAN, Key, CVV, Expiry string }

// Printed is the card's expiry and security code in words.
func (h Hint) Printed() string {
	if h.Expiry == "" {
		return "CVV " + h.CVV
	}
	return Form{Expiry: h.Expiry}.Slashed() + " · CVV " + h.CVV
}

// Back is the way to the shop: a form post with Text, or with Get a link.
type Back struct {
	URL   string
	Text  string
	Get   bool
	Delay int // seconds until it goes by itself; -1 waits for the button
}

// Languages lists the switch; the bank speaks these three.
func (v View) Languages() []frame.Language { return frame.Languages(v.Home, v.Lang, "az", "ru", "en") }

// Say returns a text in the language of the view.
func (v View) Say(key string) string { return text(v.Lang, key) }

// Fault returns the wording of a field's error, or nothing.
func (v View) Fault(field string) string {
	if key := v.Errors[field]; key != "" {
		return v.Say(key)
	}
	return ""
}

// First names the first bad field, which gets the focus.
func (v View) First() string {
	for _, field := range []string{"pan", "expiry", "cvv", "code"} {
		if v.Errors[field] != "" {
			return field
		}
	}
	return ""
}

// Major is the whole part of the amount with thin spaces between thousands.
func (v View) Major() string {
	major, _ := frame.Money(v.Lang, v.Amount)
	return major
}

// Minor is the fraction with the decimal sign of the language.
func (v View) Minor() string {
	_, minor := frame.Money(v.Lang, v.Amount)
	return minor
}

// Sum is the amount as one word, for the button.
func (v View) Sum() string { return v.Major() + v.Minor() + "\u00a0" + v.Unit() }

// Unit is the currency of the amount.
func (v View) Unit() string { return cmp.Or(v.Currency, "AZN") }

// Unpaid says that the amount is still to be paid.
func (v View) Unpaid() bool { return v.Status == "CREATED" || v.Status == "ON-PAYMENT" }

// Tone picks the colour and sign of an ended order.
func (v View) Tone() string {
	switch v.Status {
	case "APPROVED", "PREAUTH-APPROVED":
		return "good"
	case "DECLINED", "ERROR":
		return "bad"
	}
	return "quiet"
}

// Title heads the page of an ended order.
func (v View) Title() string { return StatusText(v.Lang, v.Status) }

// Detail explains the status in one sentence; an unknown status is not explained.
func (v View) Detail() string {
	if texts()["detail_"+v.Status] == nil {
		return ""
	}
	return text(v.Lang, "detail_"+v.Status)
}
