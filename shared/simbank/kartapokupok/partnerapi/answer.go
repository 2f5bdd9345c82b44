package partnerapi

import (
	"encoding/json"
	"strings"
)

// Body writes a JSON object with its fields in the order of the calls, as the
// bank's own software would.
type Body struct {
	form Form
	omit func(name string) bool
	text strings.Builder
}

// NewBody starts an object. omit names fields to leave out; nil keeps all.
func NewBody(form Form, omit func(name string) bool) *Body {
	return &Body{form: form, omit: omit}
}

// Text adds a string.
func (b *Body) Text(name, value string) *Body { return b.add(name, quoted(value)) }

// Amount adds money in the agreed form.
func (b *Body) Amount(name string, minor int64) *Body { return b.add(name, b.form.Text(minor)) }

// Refunds adds the list of what went back.
func (b *Body) Refunds(name string, refunds []RefundEntry) *Body {
	lines := make([]string, 0, len(refunds))
	for _, r := range refunds {
		line := NewBody(b.form, nil).Text("refund_id", r.ID).Amount("amount", r.Amount)
		lines = append(lines, string(line.JSON()))
	}
	return b.add(name, "["+strings.Join(lines, ",")+"]")
}

// JSON is the finished object.
func (b *Body) JSON() []byte { return []byte("{" + b.text.String() + "}") }

func (b *Body) add(name, value string) *Body {
	if b.omit != nil && b.omit(name) {
		return b
	}
	if b.text.Len() > 0 {
		b.text.WriteByte(',')
	}
	b.text.WriteString(quoted(name) + ":" + value)
	return b
}

// RefundEntry is one refund in the answer of the status call.
type RefundEntry struct {
	ID     string
	Amount int64 // minor units
}

// Failure is the body of every answer with HTTP status 400 and above.
func Failure(code, message string) []byte {
	return NewBody("", nil).Text("error", code).Text("message", message).JSON()
}

// quoted writes a JSON string; a string always has one.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}
