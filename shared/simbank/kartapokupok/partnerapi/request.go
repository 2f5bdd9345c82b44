package partnerapi

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// Term is one length of an instalment plan that the partner may offer.
type Term struct {
	Months int
	// Code is the bank's own name of the plan; empty where months are enough.
	Code string
}

// Shape is what the partner and the bank agreed on.
type Shape struct {
	Amounts Form
	Terms   []Term
	// TermCode says where a plan's code stands: "field" (term stays the
	// months, term_code beside it), "replace" (in place of the months, as
	// string or number) or empty for either.
	TermCode string
}

// Create is POST /installment/create, without the customer: nothing but the
// first name for the page is taken over.
type Create struct {
	Partner, Reference               string
	Amount                           int64 // minor units
	Currency                         string
	Term                             int
	Items                            []Item
	FirstName                        string
	SuccessURL, FailURL, CallbackURL string
}

// Item is one line of the order; Price is minor units per piece.
type Item struct {
	Name, SKU       string
	Quantity, Price int64
}

// Status is POST /installment/status.
type Status struct{ Partner, Session string }

// Refund is POST /installment/refund; Amount is minor units.
type Refund struct {
	Session string
	Amount  int64
	Reason  string
}

var (
	referenceForm = regexp.MustCompile(`^[!-~]{1,80}$`)
	sessionForm   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	currencyForm  = regexp.MustCompile(`^BYN$`)
	phoneForm     = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{7,24}$`)
	emailForm     = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

const (
	maxItems    = 1000
	maxQuantity = 1_000_000
)

// ReadCreate reads a request to open a session. The error is a [FormatError].
func ReadCreate(document []byte, s Shape) (Create, error) {
	tree, err := parse(document)
	if err != nil {
		return Create{}, err
	}
	f := open("", tree)
	c := Create{
		Partner:     f.text("partner_id", 64),
		Reference:   f.matching("order_ref", referenceForm, "1 to 80 printable characters without spaces"),
		Amount:      f.amount("amount", s.Amounts),
		Currency:    f.matching("currency", currencyForm, "BYN"),
		Items:       f.items("items", s.Amounts),
		FirstName:   f.customer("customer"),
		SuccessURL:  f.address("success_url"),
		FailURL:     f.address("fail_url"),
		CallbackURL: f.address("callback_url"),
	}
	c.Term = f.term(s)
	f.addsUp(c)
	return c, f.end()
}

// ReadStatus reads a question about a session. The error is a [FormatError].
func ReadStatus(document []byte) (Status, error) {
	tree, err := parse(document)
	if err != nil {
		return Status{}, err
	}
	f := open("", tree)
	q := Status{
		Partner: f.text("partner_id", 64),
		Session: f.matching("session_id", sessionForm, "a session_id"),
	}
	return q, f.end()
}

// ReadRefund reads an order to give money back. The error is a [FormatError].
func ReadRefund(document []byte, s Shape) (Refund, error) {
	tree, err := parse(document)
	if err != nil {
		return Refund{}, err
	}
	f := open("", tree)
	q := Refund{
		Session: f.matching("session_id", sessionForm, "a session_id"),
		Amount:  f.amount("amount", s.Amounts),
		Reason:  f.text("reason", 255),
	}
	return q, f.end()
}

func (f *fields) items(name string, form Form) []Item {
	lines, ok := f.value(name).(list)
	if !ok || len(lines) == 0 || len(lines) > maxItems {
		f.complain(name, "is not a list of 1 to %d items", maxItems)
		return nil
	}
	items := make([]Item, 0, len(lines))
	for i, line := range lines {
		in := open(fmt.Sprintf("%s[%d]", f.at(name), i), line)
		items = append(items, Item{
			Name: in.text("name", 255), SKU: in.text("sku", 100),
			Quantity: in.whole("quantity", maxQuantity), Price: in.price("price", form, 0),
		})
		if err := in.end(); err != nil && f.bad == nil {
			f.bad = err
		}
	}
	return items
}

// customer looks whether the bank could reach the applicant, and keeps the first
// name alone.
func (f *fields) customer(name string) string {
	in := open(f.at(name), f.value(name))
	first := in.text("first_name", 100)
	in.text("last_name", 100)
	in.matching("phone", phoneForm, "a telephone number")
	in.matching("email", emailForm, "an e-mail address")
	if err := in.end(); err != nil && f.bad == nil {
		f.bad = err
	}
	return first
}

// term finds the plan that the request names.
func (f *fields) term(s Shape) int {
	value := f.value("term")
	code, hasCode := "", f.has("term_code")
	if hasCode {
		code = f.text("term_code", 64)
	}
	for _, t := range s.Terms {
		months := value == json.Number(fmt.Sprint(t.Months))
		beside := months && (hasCode && code == t.Code)
		instead := !hasCode && t.Code != "" && (value == t.Code || value == json.Number(t.Code))
		switch {
		case t.Code == "" && months && !hasCode,
			t.Code != "" && beside && s.TermCode != "replace",
			instead && s.TermCode != "field":
			return t.Months
		}
	}
	f.complain("term", "is not one of the partner's terms")
	return 0
}

// addsUp holds the items to the amount, and the amount to the plan: each of the
// payments must be more than nothing.
func (f *fields) addsUp(c Create) {
	if f.bad != nil {
		return
	}
	var sum int64
	for _, item := range c.Items {
		// Neither factor exceeds its bound, and the sum stops above the amount: no overflow.
		if sum += item.Quantity * item.Price; sum > c.Amount {
			break
		}
	}
	if sum != c.Amount {
		f.complain("items", "do not add up to the amount")
	}
	if n := int64(c.Term); c.Amount-(n-1)*((c.Amount+n-1)/n) <= 0 {
		f.complain("amount", "is too small for the term")
	}
}
