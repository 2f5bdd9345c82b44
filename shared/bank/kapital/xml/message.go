package xml

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

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

// about starts a request about an order that exists.
func (k *Gateway) about(operation string, h bank.Handle) request {
	return request{Operation: operation, Language: k.settings.language,
		Order: orderPart{Merchant: h.Account.Merchant, OrderID: h.OrderID}, SessionID: h.Private}
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
