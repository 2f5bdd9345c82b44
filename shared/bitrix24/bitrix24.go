// Package bitrix24 speaks with a Bitrix24 portal, in the cloud or in a box, by its REST API and through an incoming
// webhook of the portal: an address that is a secret, because whoever has it may call what it allows. It needs the
// scopes pay_system and sale.
//
// A payment of the portal is opened by functions/bitrix-checkout, which the portal's server calls (mode CHECKOUT of a
// REST payment handler), and is completed from here. The portal marks a payment as paid for whoever asks, without any
// proof. So it is asked first what it wants to be paid: a payment of another sum, one that was given back and one of
// another pay system are not marked, whoever opened them with which key.
//
// Sources: the public documentation of Bitrix24's REST API, https://apidocs.bitrix24.com: sale.paysystem.handler.add
// (mode CHECKOUT), sale.paysystem.pay.payment, sale.payment.get, and its list of system errors. None of it was tried
// on a real portal.
package bitrix24

import (
	"errors"
	"strconv"
	"strings"

	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
	"kassa/shared/webhook"
)

// ID names something of the portal's: a payment or a pay system. It is positive.
type ID int64

// ParseID reads an id in its one form, without sign and leading zeros; false when it is none.
func ParseID(text string) (ID, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return ID(n), err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// The names in a payment's metadata that say where it came from.
const (
	paymentName   = "bitrix24_payment"
	paySystemName = "bitrix24_pay_system"
	refPrefix     = "b24-"
)

// Origin is which payment of the portal one of ours is for.
type Origin struct{ Payment, PaySystem ID }

// Ref is the order of ours that pays a payment of the portal, one for each. The pay system is no part of it: who goes
// back and takes another one shall not have two pages to pay at; the page before is called off.
func (o Origin) Ref() string { return refPrefix + o.Payment.String() }

// Metadata are the portal's ids as they stand on our payment.
func (o Origin) Metadata() map[string]string {
	return map[string]string{paymentName: o.Payment.String(), paySystemName: o.PaySystem.String()}
}

// OriginOf tells which payment of the portal p is for; false when for none.
func OriginOf(p payment.Payment) (Origin, bool) {
	id, hasID := ParseID(p.Metadata[paymentName])
	system, hasSystem := ParseID(p.Metadata[paySystemName])
	o := Origin{id, system}
	return o, hasID && hasSystem && p.OrderRef == o.Ref()
}

// ParseSum reads a sum as the portal writes it, such as 150, 150.5 or 150.0000, in minor units (hundredths); false
// when it can mean anything else. It takes what means one thing in every country: no groups of thousands, at most two
// decimals, or four of which a database column fills the last two with zeros. 1.500 is none: it is one and a half here
// and one thousand five hundred there.
func ParseSum(text string) (minor int64, ok bool) {
	point := len(text)
	if at := strings.IndexAny(text, ".,"); at >= 0 {
		point = at
	}
	whole, decimals := text[:point], text[min(len(text), point+1):]
	if len(decimals) == 4 && text[point] == '.' {
		decimals = strings.TrimSuffix(decimals, "00")
	}
	if whole != "0" && !ascii.Natural(whole, 13) || point < len(text) && !ascii.Only(decimals, ascii.Digits, 1, 2) {
		return 0, false
	}
	minor, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	return minor, err == nil
}

// isAddress says whether an address has the path of an incoming webhook: /rest/<id of its owner>/<its code>.
func isAddress(text string) bool {
	rest, secure := strings.CutPrefix(text, "https://")
	if !secure {
		rest = strings.TrimPrefix(text, "http://")
	}
	host, path, _ := strings.Cut(rest, "/")
	path, ours := strings.CutPrefix(path, "rest/")
	owner, code, _ := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	return ours && rest != "" && (secure || rest != text) && host != "" && !strings.ContainsAny(host, "?#") &&
		ascii.Natural(owner, len(owner)) && ascii.Only(code, ascii.Letters+ascii.Digits, 1, len(code))
}

// CheckURL says what is wrong with the address of a portal's incoming webhook, in words that follow its name; nil when
// nothing is. It must be one that a shop's webhook may have (see webhook.CheckURL), in the form in which portals show
// it. The error repeats nothing of the address.
func CheckURL(text string, loopback bool) error {
	if err := webhook.CheckURL(text, loopback); err != nil {
		return err
	}
	if !isAddress(text) {
		return errors.New("must be the address of an incoming webhook, such as https://name.bitrix24.by/rest/1/code/, " +
			"without a method behind it")
	}
	return nil
}

// method is the address of one of the portal's methods.
func method(address, name string) string { return strings.TrimSuffix(address, "/") + "/" + name }
