package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kassa/shared/payment"
)

// The exit codes, which scripts may trust.
const (
	Done     = 0
	Failed   = 1 // refused, or it did not work
	Usage    = 2 // the command line is wrong
	NotFound = 3 // no such shop or payment
	// something cannot be reached, is busy, or its outcome is not known yet: the same command once more is safe
	TryAgain  = 4
	Attention = 5 // a check found something that a person must mend, or a certificate that ends soon
)

// Codes explains the exit codes, for help texts.
const Codes = `Exit codes: 0 done, 1 refused or failed, 2 the command line is wrong, 3 no such shop or payment, 4 try
the same again (unreachable, busy, or the outcome is not known yet), 5 needs attention (a check failed, or a certificate
ends soon).`

// Exit is an error with the exit code that it ends the command with.
type Exit struct {
	Code int
	Err  error
}

// Error is the reason alone.
func (e *Exit) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *Exit) Unwrap() error { return e.Err }

// Fail makes an error that ends the command with a code.
func Fail(code int, format string, values ...any) error {
	return &Exit{Code: code, Err: fmt.Errorf(format, values...)}
}

// All is every error of a command line in one line, so that nobody mends them one run at a time; nil where there is
// none. It ends the command as the first does.
func All(errs ...error) error {
	errs = slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = Say(err)
	}
	return Fail(CodeOf(errs[0]), "%s", strings.Join(texts, "; "))
}

// CodeOf is the exit code of any error.
func CodeOf(err error) int {
	if err == nil {
		return Done
	}
	if e, ok := errors.AsType[*Exit](err); ok {
		return e.Code
	}
	e, ok := errors.AsType[*payment.Error](err)
	switch {
	case !ok:
		return Failed
	case e.Kind == payment.NotFound:
		return NotFound
	case e.Kind == payment.Unavailable, e.Kind == payment.Uncertain, e.Kind == payment.Standing && e.RetryAfter > 0:
		return TryAgain
	}
	return Failed
}

// Say is an error in words for whoever typed the command. Unlike a shop, that person may know which setting is wrong,
// so the cause is told where it says more than the message.
func Say(err error) string {
	e, ok := errors.AsType[*payment.Error](err)
	if !ok {
		return Plain(err.Error())
	}
	text := e.Message
	if text == "" {
		text = e.Kind.String()
	}
	text = strings.TrimSuffix(text, ".") // something may follow, and the command's own lines have none
	if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	if e.BankCode != "" {
		text += " [the bank's code: " + e.BankCode + "]"
	}
	for _, f := range e.Fields {
		text += " " + f.Pointer + " " + f.Detail
	}
	if e.Cause != nil && (e.Kind == payment.Misconfigured || e.Kind == payment.Unavailable || e.Kind == payment.Internal) {
		text += ": " + e.Cause.Error()
	}
	return Plain(text)
}
