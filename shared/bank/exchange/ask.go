// Package exchange is what the bank folders share: a TLS client that never repeats a request and says exactly how a
// failed one ended; a strict reader of a shop's bank secret; and Terminal, which has the rules that are the same for
// every bank: what it means to get no answer, whose a handle is, which page is shown, what works beside a wrong
// setting. It knows no bank by name.
package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"kassa/shared/payment"
)

// Outcome says what is known about a request that got no answer.
type Outcome int

const (
	// NotSent means that not one byte of the request's body left, or ever will, so nothing happened.
	NotSent Outcome = iota
	// Distrusted means that one side refused the other's certificate. Nothing happened, and nothing will until a setting
	// changes.
	Distrusted
	// Incompatible means that both sides know no common version or cipher of TLS. Nothing happened, and nothing will until
	// the server changes.
	Incompatible
	// Unknown means that the request may have been received and carried out.
	Unknown
)

// String names the outcome for logs.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Distrusted:
		return "distrusted"
	case Incompatible:
		return "incompatible"
	case Unknown:
	}
	return "outcome unknown"
}

// Error is a request without a usable answer.
type Error struct {
	Outcome Outcome
	Message string // our own words
	Cause   error  // for the log; holds no body and no key
}

// Error writes the outcome, our words and the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s", e.Outcome, e.Message)
	}
	return fmt.Sprintf("%s: %s: %v", e.Outcome, e.Message, e.Cause)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// OutcomeOf is the outcome of any error of Client.Post; Unknown when it is not one of ours, because that is the safe
// guess.
func OutcomeOf(err error) Outcome {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return Unknown
}

// Lost is the kind of a request whose answer never came, cannot be read or decides nothing: a question has changed
// nothing, and whatever has an effect may have had it.
func (c Care) Lost() payment.Kind {
	if c == Question {
		return payment.Unavailable
	}
	return payment.Uncertain
}

// TurnedAway is the kind of an answer that says that the request was not let in. For money it proves nothing:
// whatever stands before the bank can answer so after the bank has acted, so only a request that never left is known
// to have moved none.
func (c Care) TurnedAway() payment.Kind {
	if c == Money {
		return payment.Uncertain
	}
	return payment.Misconfigured
}

// OK says whether the HTTP status is a success.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// TurnedAway says whether the HTTP status is a redirect or one of a server that will not let a request in: they point
// to a setting.
func (a Answer) TurnedAway() bool {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	}
	return a.Status >= 300 && a.Status < 400
}

// NoCertificate knows how nginx, which often stands before such interfaces, refuses a client certificate: by a page of
// its own, with status 400, or 495 and 496 where it is told so. The request went no further. Other pages that speak of
// such a certificate, as of one that the bank's own program met, prove nothing.
func (a Answer) NoCertificate() bool {
	return a.Status == 495 || a.Status == 496 ||
		a.Status == http.StatusBadRequest && bytes.Contains(a.Body, []byte("<html>")) &&
			(bytes.Contains(a.Body, []byte("The SSL certificate error")) ||
				bytes.Contains(a.Body, []byte("No required SSL certificate was sent")))
}

// Problem is the HTTP status as the cause of an error.
func (a Answer) Problem() error { return fmt.Errorf("HTTP status %d", a.Status) }

// Post sends a request and reads the whole answer. Every error is a *payment.Error that says what it means to have
// none.
func (t *Terminal) Post(ctx context.Context, r Request) (Answer, error) {
	got, err := t.client.Post(ctx, r)
	return got, t.unanswered(err, r.Care)
}

// Get asks without a body. See Post.
func (t *Terminal) Get(ctx context.Context, r Request) (Answer, error) {
	got, err := t.client.Get(ctx, r)
	return got, t.unanswered(err, Question)
}

// PostJSON sends a message as JSON, in the request that is given. See Post.
func (t *Terminal) PostJSON(ctx context.Context, r Request, message any) (Answer, error) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return Answer{}, Unwritable(err)
	}
	r.ContentType, r.Accept, r.Body = "application/json", "application/json", bytes.TrimSpace(body.Bytes())
	return t.Post(ctx, r)
}

func (t *Terminal) unanswered(err error, care Care) error {
	if err == nil {
		return nil
	}
	e := &payment.Error{Kind: payment.Misconfigured, Cause: err}
	switch OutcomeOf(err) {
	case NotSent:
		e.Kind, e.Message = payment.Unavailable, "the bank cannot be reached"
	case Distrusted:
		e.Message = "the bank and the shop do not accept each other's certificates; see " + t.setup.Fields.Trust +
			" in the bank secret"
	case Incompatible:
		e.Message = "the bank's server and Kassa know no common version or cipher of TLS; " +
			"ask the bank for TLS 1.2 with ECDHE and AES-GCM, or newer, at " + t.setup.Address.Host
	case Unknown:
		e.Kind, e.Message = care.Lost(), "the bank's answer was lost"
	}
	return e
}

// WrongDoor reads an answer with an HTTP status that does not come from the bank's own code: a router, a proxy or a
// page.
func (t *Terminal) WrongDoor(got Answer, care Care) error {
	if got.NoCertificate() {
		return &payment.Error{Kind: payment.Misconfigured, Cause: got.Problem(), Message: "the bank's server misses our " +
			"certificate or refuses it; see " + t.setup.Fields.Trust + " in the bank secret"}
	}
	if got.TurnedAway() {
		return &payment.Error{Kind: care.TurnedAway(), Cause: got.Problem(), Message: "the bank's server does not take " +
			"requests at this address; see " + t.setup.Fields.Address + " in the bank secret"}
	}
	return &payment.Error{Kind: care.Lost(), Message: "the bank's server is out of order", Cause: got.Problem()}
}

// Unreadable is an answer that is no refusal and yet not what was asked for.
func Unreadable(care Care, cause error) *payment.Error {
	return &payment.Error{Kind: care.Lost(), Message: "the bank's answer cannot be read", Cause: cause}
}

// Unwritable is a request that our own code cannot write.
func Unwritable(cause error) *payment.Error {
	return &payment.Error{Kind: payment.Internal, Message: "the request to the bank cannot be written", Cause: cause}
}

// Malformed is a callback that cannot be read.
func Malformed(cause error) *payment.Error {
	return &payment.Error{Kind: payment.Malformed, Message: "the callback cannot be read", Cause: cause}
}

// Unchecked is a refusal after which the bank could not be asked what it shows: it may have been for a repetition.
func Unchecked(refusal, unread error) *payment.Error {
	return &payment.Error{Kind: payment.Uncertain, BankCode: payment.BankCodeOf(refusal),
		Cause:   errors.Join(refusal, unread),
		Message: "the bank refused, and could not be asked what it shows"}
}

// Doubted is a refusal of what the bank shows as done, or under way, all the same.
func Doubted(refusal error) *payment.Error {
	return &payment.Error{Kind: payment.Uncertain, BankCode: payment.BankCodeOf(refusal), Cause: refusal,
		Message: "the bank refused, and yet shows money as given back, or on its way"}
}

// Undenied is a refusal that a bank may also have for the second copy of what it has carried out, where nothing shows
// whether it has.
func Undenied(refusal error) *payment.Error {
	return &payment.Error{Kind: payment.Uncertain, BankCode: payment.BankCodeOf(refusal), Cause: refusal,
		Message: "the bank refused as it may refuse the second copy of a request that it has carried out, and it does not " +
			"show whether it has"}
}
