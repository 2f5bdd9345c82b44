package payment

import (
	"errors"
	"log/slog"
	"time"
)

// Kind is what an error means to whoever has to react to it. The set is closed: what is none of these is Internal, and
// its text is never shown to a caller.
type Kind int

// The kinds. Each comment says what its reader may rely on.
const (
	Internal      Kind = iota // a fault of ours; the text is for the log alone
	Invalid                   // the request can never work as it stands; Fields or Code say why
	NotFound                  // no such thing, or not yours: the caller must not learn which
	Standing                  // the order or refund stands otherwise; Code says how, Payment is the one meant
	Refused                   // the bank said a definite no: nothing moved
	Uncertain                 // the bank may have acted; only a later reading can tell
	Unavailable               // nothing was done, and trying again may help
	Misconfigured             // a setting of ours or the shop's is wrong: nothing was done, and trying again will not help
	Unsupported               // this bank has no such power
	Malformed                 // a message could not be read
	Forged                    // a message failed its signature
)

// String names the kind for logs.
func (k Kind) String() string {
	names := [...]string{"internal", "invalid", "not_found", "standing", "refused", "uncertain", "unavailable",
		"misconfigured", "unsupported", "malformed", "forged"}
	if k < 0 || int(k) >= len(names) {
		return "internal"
	}
	return names[k]
}

// Level is how loud an error of this kind is in the log: Error is for what only a person can mend, and wakes one. Warn
// is for what mends itself, or is somebody else's.
func (k Kind) Level() slog.Level {
	switch k {
	case Internal, Misconfigured:
		return slog.LevelError
	case Unavailable, Uncertain, Forged:
		return slog.LevelWarn
	case Invalid, NotFound, Standing, Refused, Unsupported, Malformed:
		return slog.LevelInfo
	}
	return slog.LevelError
}

// Error is the one error type of the domain, the banks and the use cases.
type Error struct {
	Kind       Kind
	Code       string        // stable snake_case word of the API, such as refund_exceeds_captured; may be empty
	Message    string        // safe for a caller: our own words, no bank text, no secret, no customer data
	BankCode   string        // the bank's own code, such as "076"; safe for logs and history
	Fields     []FieldError  // every field that is wrong, for Invalid
	Payment    *Payment      // the payment that is meant, for Standing
	RetryAfter time.Duration // when trying again makes sense; zero = not said
	Cause      error         // for the log alone
}

// FieldError is one wrong field of a request. Pointer is an RFC 6901 JSON pointer into the request body.
type FieldError struct {
	Pointer string
	Code    string
	Detail  string
}

// Error writes the whole story for the log; callers are shown Message alone.
func (e *Error) Error() string {
	text := e.Kind.String()
	for _, part := range []string{e.Code, e.BankCode, e.Message} {
		if part != "" {
			text += ": " + part
		}
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of any error: Internal unless an Error stands in its chain.
func KindOf(err error) Kind { return in(err).Kind }

// CodeOf is the API's code of any error, "" when it has none.
func CodeOf(err error) string { return in(err).Code }

// BankCodeOf is the bank's own code in any error, "" when it has none.
func BankCodeOf(err error) string { return in(err).BankCode }

// in is the Error in a chain; a zero one where there is none.
func in(err error) Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return *e
	}
	return Error{}
}

// standing reports that p is not in a state for what was asked.
func standing(p Payment, code, message string) *Error {
	return &Error{Kind: Standing, Code: code, Message: message, Payment: &p}
}

// ErrConflict says that a payment was saved by somebody else since it was read.
var ErrConflict = &Error{Kind: Standing, Code: "conflict",
	Message: "This payment was just changed by another request; try again."}
