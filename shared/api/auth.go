package api

import (
	"context"
	"slices"
	"strings"

	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// Shop is a shop whose API key was right, with the settings of it that the edge and the use cases need.
type Shop struct {
	ID               string
	KeyID            string            // names the key in histories
	Scopes           []Scope           // what this key may do
	Currency         payment.Currency  // what it sells in, where an order does not say
	Banks            []string          // those that it takes new payments through
	Origins          []string          // exact origins that it may send customers back to
	OrderStatus      map[string]string // what it calls our statuses; a status that is not there keeps our name
	Instalments      payment.InstalmentPolicy
	RefundLimit      int64 // what its keys may ask to be given back a day, in minor units; 0 = no limit
	Bitrix24         bool  // it has a portal, which is told of the payments that it has opened
	RecheckPaid      bool  // its paid payments are asked about once more on the bank's next morning
	Webhook          bool  // it is told what becomes of its payments
	InsecureLoopback bool  // http to this machine is allowed; true on the stage "local" alone
	// settings that cannot be read, by their names in the shop's secret; whatever needs one gives its error
	Broken map[string]error
}

// Scope is one thing that an API key may do.
type Scope string

// The scopes. A key that was given none has all three.
const (
	Create Scope = "create" // open payments and end unpaid ones; the answers show the payment
	Read   Scope = "read"   // read payments
	Refund Scope = "refund" // give money back
)

// Keys knows the shops' API keys.
type Keys interface {
	// Shop gives the shop that has this key. Forged: there is no such shop, it has no such key, or the secret is wrong;
	// the error does not tell which. Unavailable: its settings cannot be fetched.
	Shop(ctx context.Context, key Key) (Shop, error)
}

// Key is an API key as a shop sends it: sk_<shop>_<keyid>_<secret>.
type Key struct{ Shop, ID, Secret string }

// String keeps the secret out of %v and %s.
func (k Key) String() string { return "sk_" + k.Shop + "_" + k.ID + "_..." }

// GoString keeps the secret out of %#v.
func (k Key) GoString() string { return k.String() }

// clientToken begins every client token on the wire, so that a leaked one is recognised; it is not part of what is
// stored.
const clientToken = "ct_"

// ParseKey reads the value of an Authorization header that carries an API key; false when it is anything else. A
// repeated header holds a comma and is anything else, too.
func ParseKey(authorization string) (Key, bool) {
	return parseKey(bearer(authorization))
}

func parseKey(text string) (Key, bool) {
	text, ours := strings.CutPrefix(text, "sk_")
	shop, text, _ := strings.Cut(text, "_")
	id, secret, _ := strings.Cut(text, "_")
	if !ours || !ascii.Only(shop, ascii.Lower+ascii.Digits+"-", 1, 32) ||
		!ascii.Only(id, ascii.Letters+ascii.Digits+"-", 1, 32) || !isToken(secret) {
		return Key{}, false
	}
	return Key{Shop: shop, ID: id, Secret: secret}, true
}

// isToken says whether a text can be a secret in a header.
func isToken(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"_-", 1, 128) }

// ClientToken is the client token in the Authorization header, without its ct_; false when there is none. It proves
// nothing until the payment that it is for was read.
func (r *Request) ClientToken() (string, bool) {
	token, ours := strings.CutPrefix(bearer(r.Header["authorization"]), clientToken)
	if !ours || !isToken(token) {
		return "", false
	}
	return token, true
}

// bearer is what follows the scheme, whose letter case does not matter and which any number of blanks may follow (RFC
// 9110, 11.1 and
// 11.4). Blanks around a header's value are no part of it (5.5); one gateway takes them off, another does not.
func bearer(authorization string) string {
	scheme, key, _ := strings.Cut(strings.Trim(authorization, " \t"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimLeft(key, " ")
}

// Authenticate finds the shop that sent r, whose key must have the scope needed. Every way of failing is the same 401,
// so that nobody learns which shops or keys there are; Unavailable stays what it is. Only a key that is right learns
// that it lacks a scope (Invalid, scope_missing, 403), and before anything is read: the answer is the same for every
// payment, there or not, own or not.
func Authenticate(ctx context.Context, keys Keys, r *Request, needed Scope) (Shop, error) {
	return AuthenticateKey(ctx, keys, r, bearer(r.Header["authorization"]), needed)
}

// AuthenticateKey is Authenticate for a caller who cannot send headers, so that its key stands elsewhere in r.
func AuthenticateKey(ctx context.Context, keys Keys, r *Request, text string, needed Scope) (Shop, error) {
	key, ok := parseKey(text)
	if !ok {
		return Shop{}, unauthorized(nil)
	}
	shop, err := keys.Shop(ctx, key)
	if payment.KindOf(err) == payment.Forged {
		return Shop{}, unauthorized(err)
	}
	if err != nil {
		return Shop{}, err
	}
	r.log.shop = shop.ID
	if !slices.Contains(shop.Scopes, needed) {
		return Shop{}, &payment.Error{Kind: payment.Invalid, Code: "scope_missing",
			Message: "This API key is right, but lacks the scope " + string(needed) + ". Use a key that has it."}
	}
	if needed == Refund { // nobody knows how much its keys may give back
		return shop, shop.Broken["refund_limit_per_day"]
	}
	return shop, nil
}

func unauthorized(cause error) error {
	return &payment.Error{Kind: payment.Forged, Code: "unauthorized", Cause: cause,
		Message: "Send your API key as Authorization: Bearer sk_<shop>_<key id>_<secret>."}
}
