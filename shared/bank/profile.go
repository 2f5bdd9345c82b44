package bank

import (
	"context"
	"crypto/tls"
	"net/url"
	"slices"
	"time"

	"kassa/shared/payment"
)

// Profile is what a bank is, as data: of the bank as such, with its usual settings, or of one shop at it, with that
// shop's. Whoever would otherwise have to know a bank by its name reads it here.
type Profile struct {
	Name       string // in the API, in secrets and in settings: a word of a-z, and the name of its folder
	Title      string // for people
	Currencies []payment.Currency
	Locales    []string // of its page, as an order names them; any other gets the page's usual one
	Terms      Terms
	PageLife   time.Duration  // how long its page can be paid on
	Zone       *time.Location // whose midnight ends the bank's day
	Status     bool           // it has a status question; without one its signed messages are all that is ever heard
	Refunds    bool           // it gives money back through Kassa
	Secret     []Field        // what a shop must bring from the bank

	// Causes says what a code of a refusal means, by the gateway that gave it; nil = nobody knows this bank's codes.
	Causes func(gateway, code string) Cause

	// The rest is of one shop at the bank; the bank as such has none of it.

	Line Line

	// Broken says why operations cannot work with the shop's settings: Misconfigured, naming the fields. Whatever is
	// not in it works.
	Broken map[Operation]error

	// Rules gives every field of an order that this bank cannot take for reasons of its own. It asks nobody.
	Rules func(Order) []payment.FieldError

	// Probe asks the bank every question that the settings rely on, about an order that cannot exist: harmless, and
	// what a shop is not let to ask is known before the first customer. nil = there is nothing to ask.
	Probe func(context.Context) []ProbeResult
}

// Terms are the months in which an order can be paid by instalments; the zero value takes card payments alone.
type Terms struct {
	Needed bool  // there are no orders without a term
	Any    bool  // the bank takes every term that the shop offers
	Months []int // otherwise the only ones, ascending
}

// Take says whether an order can be paid in so many months.
func (t Terms) Take(months int) bool { return t.Any && months > 0 || slices.Contains(t.Months, months) }

// Operation is what a bank can be asked for.
type Operation string

// The operations, by the methods of a bank.
const (
	OpOpen   Operation = "open"
	OpStatus Operation = "status"
	OpRefund Operation = "refund"
	OpRead   Operation = "read"
)

// Role is what a field of the secret holds.
type Role string

// The roles. Certificate, Key, CA and PublicKeys are PEM.
const (
	RoleAccount     Role = "account"     // what the bank calls the shop
	RoleAddress     Role = "address"     // of the bank's API
	RoleHosts       Role = "hosts"       // of its pages
	RoleLogin       Role = "login"       // goes with a password
	RolePassword    Role = "password"    // one line of text
	RoleCertificate Role = "certificate" // that the bank knows the shop by
	RoleKey         Role = "key"         // the certificate's private key
	RoleCA          Role = "ca"          // that the bank's own certificate comes from
	RolePublicKeys  Role = "public keys" // a list: what the bank signs with
)

// Field is a field of the secret that comes from the bank. Name leads by slashes into inner objects.
type Field struct {
	Name    string
	Role    Role
	Example string // "" = none is needed
}

// File says whether people keep the field in a file of its own.
func (f Field) File() bool {
	switch f.Role {
	case RolePassword, RoleCertificate, RoleKey, RoleCA, RolePublicKeys:
		return true
	case RoleAccount, RoleAddress, RoleHosts, RoleLogin:
	}
	return false
}

// Line is how a bank is reached and what it signs with.
type Line struct {
	Address *url.URL    // https
	Trust   *tls.Config // with the client certificate, where there is one
	Keys    []string    // ids of the public keys that prove the bank's messages; none where it signs none

	// Ends is when the first of the certificates ends without which the bank cannot be asked: the client's, or all of
	// its CA's; zero = none is known.
	Ends time.Time

	// Ahead opens a connection that the next question or opening goes over, so that it does not wait for one; nil where
	// the bank keeps none. Nothing is sent.
	Ahead func(ctx context.Context) error
}

// ProbeResult is how the bank answered a question, in words. An error says that it did not answer as a bank does that
// knows this shop; its kinds are those of Status.
type ProbeResult struct {
	Question string // its name, such as "status question"
	Said     string
	Err      error
}

// CauseOf is what the code of a refusal means that a gateway of this bank gave; "" for no code.
func (p Profile) CauseOf(gateway, code string) Cause {
	switch {
	case code == "":
		return ""
	case p.Causes == nil:
		return CauseOther
	}
	return p.Causes(gateway, code)
}

// Examine gives every field of an order that the bank could not take, without asking anybody: Open would refuse it.
// Pointers are those of the API's request.
func (p Profile) Examine(o Order) (wrong []payment.FieldError) {
	if !slices.Contains(p.Currencies, o.Amount.Currency) {
		wrong = append(wrong, payment.FieldError{Pointer: "/currency", Code: "currency_refused",
			Detail: p.Title + " takes " + payment.Listed(p.Currencies) + " only."})
	}
	switch {
	case o.Term == 0 && p.Terms.Needed:
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "required",
			Detail: "Must be the number of months to pay in."})
	case o.Term == 0 || p.Terms.Take(o.Term):
	case len(p.Terms.Months) == 0:
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "term_refused",
			Detail: p.Title + " takes card payments from this shop; leave the term out."})
	default:
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "term_refused",
			Detail: "Is no term that the shop's contract with " + p.Title + " has."})
	}
	if p.Rules != nil {
		wrong = append(wrong, p.Rules(o)...)
	}
	return wrong
}

// Refuse is how Open says no to an order that Examine finds something wrong with; nil when it finds nothing.
func (p Profile) Refuse(o Order) error {
	if wrong := p.Examine(o); len(wrong) > 0 {
		return &payment.Error{Kind: payment.Refused, Code: "order_refused", Fields: wrong,
			Message: p.Title + " cannot be sent this order: " + wrong[0].Pointer + " is wrong"}
	}
	return nil
}
