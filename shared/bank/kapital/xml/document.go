package xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strconv"
	"unicode/utf8"
)

// request is one TKKPG document. What is empty is left out, except where a pointer says that the bank wants the empty
// element.
type request struct {
	Operation      string
	Language       string
	Order          orderPart
	Description    string
	SessionID      string
	ShowParams     string
	ShowOperations string
	Refund         *refundPart
	TranID         *string
	Source         string
}

// orderPart is Request/Order. Amount is in minor units; Currency is numeric.
type orderPart struct {
	OrderType   string
	Merchant    string
	OrderID     string
	Amount      int64
	Currency    string
	Description string
	ApproveURL  string
	CancelURL   string
	DeclineURL  string
	AddParams   *addParams
	Position    *fiscalPart
}

// addParams holds the life of the payment page in minutes, so that the bank's expiry is ours.
type addParams struct{ OrderExpirationPeriod int64 }

type refundPart struct {
	Amount   int64
	Currency string
}

// fiscalPart is the receipt line that the bank's own samples of Reverse and Refund carry. It has no meaning outside
// Russia, and the bank tells merchants to send it as it stands, so it is constant.
type fiscalPart struct {
	PaymentSubjectType int64
	Quantity           int64
	Price              int64
	Tax                int64
	Text               string
	PaymentType        int64
	PaymentMethodType  int64
}

var errUnsendable = errors.New("a text holds a character that XML cannot carry")

// encode writes the document, its elements in the vendor's order: UTF-8 without byte order mark, a line break after the
// prolog and at the end, because the digest of auth password is taken over exactly these bytes.
//
// encoding/xml writes U+FFFD in place of characters that XML cannot hold. Such a text is refused instead, and a text
// that already holds U+FFFD with it: it was broken before it came here.
func (r request) encode() ([]byte, error) {
	var d document
	d.text.Grow(1 << 10)
	d.text.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	d.element("TKKPG", func() { d.element("Request", func() { r.write(&d) }) })
	d.text.WriteByte('\n')
	if bytes.ContainsRune(d.text.Bytes(), utf8.RuneError) {
		return nil, errUnsendable
	}
	return d.text.Bytes(), nil
}

func (r request) write(d *document) {
	d.always("Operation", r.Operation)
	d.always("Language", r.Language)
	d.element("Order", func() { r.Order.write(d) })
	d.some("Description", r.Description)
	d.some("SessionID", r.SessionID)
	d.some("ShowParams", r.ShowParams)
	d.some("ShowOperations", r.ShowOperations)
	if r.Refund != nil {
		d.element("Refund", func() {
			d.number("Amount", r.Refund.Amount)
			d.always("Currency", r.Refund.Currency)
			d.always("WithFee", "false")
		})
	}
	if r.TranID != nil {
		d.always("TranId", *r.TranID)
	}
	d.some("Source", r.Source)
}

func (o orderPart) write(d *document) {
	d.some("OrderType", o.OrderType)
	d.always("Merchant", o.Merchant)
	d.some("OrderID", o.OrderID)
	d.positive("Amount", o.Amount)
	d.some("Currency", o.Currency)
	d.some("Description", o.Description)
	d.some("ApproveURL", o.ApproveURL)
	d.some("CancelURL", o.CancelURL)
	d.some("DeclineURL", o.DeclineURL)
	if o.AddParams != nil {
		d.element("AddParams", func() { d.number("OrderExpirationPeriod", o.AddParams.OrderExpirationPeriod) })
	}
	if o.Position != nil {
		d.element("Positions", func() { d.element("Position", func() { o.Position.write(d) }) })
	}
}

func (f fiscalPart) write(d *document) {
	d.number("PaymentSubjectType", f.PaymentSubjectType)
	d.number("Quantity", f.Quantity)
	d.positive("Price", f.Price)
	d.positive("Tax", f.Tax)
	d.some("Text", f.Text)
	d.number("PaymentType", f.PaymentType)
	d.number("PaymentMethodType", f.PaymentMethodType)
}

// document is written as encoding/xml would write it, indented by two blanks, each element on a line of its own. That
// looks at the type of every field of every document by reflection, and takes a buffer of 4 KB for each.
type document struct {
	text  bytes.Buffer
	depth int
}

func (d *document) line(text string) {
	d.text.WriteByte('\n')
	for range d.depth {
		d.text.WriteString("  ")
	}
	d.text.WriteString(text)
}

// element has others inside.
func (d *document) element(name string, inside func()) {
	d.line("<" + name + ">")
	d.depth++
	inside()
	d.depth--
	d.line("</" + name + ">")
}

func (d *document) always(name, text string) {
	d.line("<" + name + ">")
	_ = xml.EscapeText(&d.text, []byte(text)) // the buffer takes everything
	d.text.WriteString("</" + name + ">")
}

func (d *document) some(name, text string) {
	if text != "" {
		d.always(name, text)
	}
}

func (d *document) number(name string, n int64) { d.always(name, strconv.FormatInt(n, 10)) }

func (d *document) positive(name string, n int64) {
	if n > 0 {
		d.number(name, n)
	}
}
