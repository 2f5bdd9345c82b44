package xml

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/markup"
)

// Operations of the gateway that are used here.
const (
	createOrder         = "CreateOrder"
	getOrderStatus      = "GetOrderStatus"
	getOrderInformation = "GetOrderInformation"
	reverse             = "Reverse"
	refund              = "Refund"
)

// request is one TKKPG document, its elements in the vendor's order. What is empty is left out, except where a pointer
// says that the bank wants the empty element.
type request struct {
	XMLName        xml.Name    `xml:"TKKPG"`
	Operation      string      `xml:"Request>Operation"`
	Language       string      `xml:"Request>Language"`
	Order          orderPart   `xml:"Request>Order"`
	Description    string      `xml:"Request>Description,omitempty"`
	SessionID      string      `xml:"Request>SessionID,omitempty"`
	ShowParams     string      `xml:"Request>ShowParams,omitempty"`
	ShowOperations string      `xml:"Request>ShowOperations,omitempty"`
	Refund         *refundPart `xml:"Request>Refund"`
	TranID         *string     `xml:"Request>TranId"`
	Source         string      `xml:"Request>Source,omitempty"`
}

// orderPart is Request/Order. Amount is in minor units; Currency is numeric.
type orderPart struct {
	OrderType   string      `xml:",omitempty"`
	Merchant    string      `xml:","`
	OrderID     string      `xml:",omitempty"`
	Amount      int64       `xml:",omitempty"`
	Currency    string      `xml:",omitempty"`
	Description string      `xml:",omitempty"`
	ApproveURL  string      `xml:",omitempty"`
	CancelURL   string      `xml:",omitempty"`
	DeclineURL  string      `xml:",omitempty"`
	AddParams   *addParams  `xml:",omitempty"`
	Position    *fiscalPart `xml:"Positions>Position"`
}

// addParams holds the life of the payment page in minutes, so that the bank's expiry is ours.
type addParams struct{ OrderExpirationPeriod int64 }

type refundPart struct {
	Amount   int64
	Currency string
	WithFee  bool
}

// fiscalPart is the receipt line that the bank's own samples of Reverse and Refund carry. It has no meaning outside
// Russia, and the bank tells merchants to send it as it stands, so it is constant.
type fiscalPart struct {
	PaymentSubjectType int
	Quantity           int
	Price              int    `xml:",omitempty"`
	Tax                int    `xml:",omitempty"`
	Text               string `xml:",omitempty"`
	PaymentType        int
	PaymentMethodType  int
}

// about starts a request about an order that exists.
func (k *Gateway) about(operation string, h bank.Handle) request {
	return request{Operation: operation, Language: k.settings.language,
		Order: orderPart{Merchant: h.Account.Merchant, OrderID: h.OrderID}, SessionID: h.Private}
}

var errUnsendable = errors.New("a text holds a character that XML cannot carry")

// encode writes the document: UTF-8 without byte order mark, a line break after the prolog and at the end, because the
// digest of auth password is taken over exactly these bytes.
//
// encoding/xml writes U+FFFD in place of characters that XML cannot hold. Such a text is refused instead, and a text
// that already holds U+FFFD with it: it was broken before it came here.
func (r request) encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	if bytes.ContainsRune(b.Bytes(), utf8.RuneError) {
		return nil, errUnsendable
	}
	return b.Bytes(), nil
}

// claims is what a message says; empty = not said.
type claims struct{ order, session, status, code string }

// merge joins what stands beside xmlmsg with what stands in it, which is the gateway's own spelling. Where they mean
// different things the message contradicts itself.
func (s claims) merge(inside claims) (claims, error) {
	for _, pair := range []struct{ beside, inside string }{{s.order, inside.order}, {s.session, inside.session},
		{claimed(s.status), claimed(inside.status)}} {
		if pair.beside != "" && pair.inside != "" && !strings.EqualFold(pair.beside, pair.inside) {
			return claims{}, errors.New("the message contradicts its own parameters")
		}
	}
	return claims{order: cmp.Or(inside.order, s.order), session: cmp.Or(inside.session, s.session),
		status: cmp.Or(inside.status, s.status), code: inside.code}, nil
}

// claimed is what a status means that a message claims, in whatever case it is written there: the state, or the word
// itself where nobody knows it.
func claimed(status string) string {
	if state := stateOf(strings.ToUpper(status)); state != payment.BankUnknown {
		return string(state)
	}
	return status
}

// messageForm reads past an enveloped XML signature: the product can add one, with its own certificate inside, which
// proves nothing.
var messageForm = strict.Form{Bytes: maxCallback, Depth: 8, Tokens: 1000,
	Skip: []string{"http://www.w3.org/2000/09/xmldsig#"}}

// readMessage reads the value of xmlmsg: a Message, alone or inside one other element. Installations differ in letter
// case.
func readMessage(text string) (claims, error) {
	message, err := readXML(text)
	if err != nil {
		return claims{}, fmt.Errorf("xmlmsg: %w", err)
	}
	if message.Name != "Message" {
		message = message.Child("Message")
	}
	if message == nil {
		return claims{}, errors.New("xmlmsg holds no Message")
	}
	field := func(name string) string { return message.Fold(name).Trimmed() }
	return claims{order: field("OrderID"), session: field("SessionID"), status: field("OrderStatus"),
		code: refusalCode(field("ResponseCode"), field("AuthorizationResponseCode"))}, nil
}

// mostSpoilt is how many blanks at the end of base64 may have been plus signs.
const mostSpoilt = 8

// readXML reads a document that came bare or in base64, whose plus signs the decoding of the form has turned into
// blanks. Within the text each blank is a plus sign again. At its end some may be the white space that they look like;
// only reading the document tells.
func readXML(text string) (*markup.Element, error) {
	if bare := strict.Bare([]byte(text)); bytes.HasPrefix(bare, []byte("<")) {
		return markup.Parse(bare, messageForm)
	}
	text = strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(text)
	text = strings.TrimLeft(text, " \ufeff") // no document begins with a plus sign
	coded := strings.TrimRight(text, " ")
	spoilt := min(len(text)-len(coded), mostSpoilt)
	if unpadded := strings.TrimRight(coded, "="); unpadded != coded { // nothing stands behind the padding
		coded, spoilt = unpadded, 0
	}
	// the alphabet of addresses has no blanks to lose
	coded = strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(coded)
	for ; spoilt >= 0; spoilt-- {
		raw, err := base64.RawStdEncoding.Strict().DecodeString(coded + strings.Repeat("+", spoilt))
		if err != nil {
			continue
		}
		if message, err := markup.Parse(raw, messageForm); err == nil || spoilt == 0 {
			return message, err
		}
	}
	return nil, errors.New("it is neither XML nor base64")
}

// fingerprint stands for a session, which is a secret, in the log.
func fingerprint(secret string) string {
	if secret == "" {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(secret)))[:8]
}
