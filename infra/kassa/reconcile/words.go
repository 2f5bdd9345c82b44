package reconcile

import (
	"cmp"
	_ "embed" // for the texts
	"errors"
	"strings"
	"sync"

	"kassa/shared/awsclient"
	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// Words are the texts of a report, which whoever shows one adds to the table.
//
//go:embed words.txt
var Words string

// english is what programs and the terminal are told. A test holds that the texts can be read.
var english = sync.OnceValue(func() wording.Speech {
	texts, _ := wording.Read(Words)
	return texts.In("en")
})

// says is a text of the report.
func says(key string, values ...any) wording.Phrase {
	return wording.Says("reconciliation."+key, values...)
}

// status is how a payment stands, in words.
func status(s payment.Status) wording.Phrase { return wording.Says("status." + string(s)) }

// In is a difference in a language: what it is of, and how it is on either side.
func (d Difference) In(say wording.Speech) Difference {
	return Difference{What: what(say, d.What), Here: say.Tell(d.here), There: say.Tell(d.there)}
}

// what names a difference: state, amount and so on.
func what(say wording.Speech, name string) string {
	name, line, _ := strings.Cut(name, ", line ")
	name = say.Say("reconciliation.what." + strings.ReplaceAll(name, " ", "_"))
	if line != "" {
		name += ", " + say.Say("reconciliation.line", line)
	}
	return name
}

// In is the status in a language; a bank's own word is the same in each.
func (f Figures) In(say wording.Speech) string { return say.Tell(f.said) }

// Of is the currency of the figures, where the row has this one.
func (f Figures) Of(currency string) string { return cmp.Or(f.currency, currency) }

// Reason is why something was not asked or not booked, in a language; "" where all was done. Why has the details.
func (r Row) Reason(say wording.Speech) string {
	if r.Why == "" {
		return ""
	}
	return say.Tell(r.why)
}

// because puts down why nothing is known, or nothing was booked.
func (r *Row) because(reason wording.Phrase, err error) { r.why, r.Why = reason, err.Error() }

// unasked is in plain words why a question has no answer.
func unasked(err error) wording.Phrase {
	if known, is := errors.AsType[unaskedError](err); is {
		return says("why." + known.reason)
	}
	if right := awsclient.MissingRight(err); right != "" {
		return says("why.denied", right)
	}
	if awsclient.FaultOf(err) == awsclient.Denied {
		return says("why.credentials")
	}
	switch payment.KindOf(err) {
	case payment.Unavailable, payment.Uncertain:
		return says("why.silent")
	case payment.Unsupported:
		return says("why.no_question")
	case payment.Misconfigured, payment.NotFound:
		return says("why.settings")
	}
	return says("why.other")
}

// unaskedError says why a question was not put.
type unaskedError struct{ reason, text string }

func (e unaskedError) Error() string { return "not asked: " + e.text }

// told says whether a bank has answered, if only that it does not know.
func told(err error) bool {
	return err == nil || payment.KindOf(err) == payment.Unsupported || errors.Is(err, bank.ErrNoOrder)
}
