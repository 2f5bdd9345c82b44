// Package kapital is Kapital Bank as a shop's secret has it: one or both of the bank's gateways. The setting gateway
// says which of them new orders are opened through; an older payment is asked about and given back where it was
// opened, as its handle says.
package kapital

import (
	"context"
	"errors"
	"slices"
	"sync"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/txpg"
	"kassa/shared/bank/kapital/xml"
	"kassa/shared/payment"
)

// The values of the setting gateway.
const (
	gatewayXML  = "xml" // the older one (TKKPG), and the default: whoever has settings of before has these
	gatewayTXPG = txpg.Section
)

// Options is what does not stand in the shop's bank secret.
type Options = exchange.Options

// Kapital is one shop's terminals at the bank. It holds no payment and may be used by several goroutines at once.
type Kapital struct {
	chosen, xml, json bank.Bank // nil where the secret has none, or where nothing of it works
	wrong             error     // why chosen is nil
	profile           func() bank.Profile
}

var _ bank.Bank = (*Kapital)(nil)

// New reads the bank secret of a shop, a JSON object: gateway, the settings of the XML gateway beside it, those of the
// JSON gateway in the object txpg, environment and insecure_loopback for both. All that is wrong is named in one error
// of kind Misconfigured. Beside it the bank is there all the same where anything can work: the profile says what
// cannot.
func New(secret []byte, o Options) (*Kapital, error) {
	read, err := exchange.ReadSecret("kapital", secret)
	if err != nil {
		return nil, err
	}
	choice := read.OneOf("gateway", gatewayXML, gatewayXML, gatewayTXPG)
	wantJSON := read.Holds(txpg.Section) || choice == gatewayTXPG
	read.Skip("environment", "insecure_loopback", txpg.Section)
	wantXML := !read.Empty() || choice == gatewayXML
	read.Skip()

	k, wrong := &Kapital{}, read.Verdict()
	k.profile = sync.OnceValue(k.settled)
	undecided := wrong != nil // through which of them to open: then neither is
	if wantXML {
		made, err := xml.New(secret, o)
		if made != nil {
			k.xml = made
		}
		wrong = joined(wrong, err)
	}
	if wantJSON {
		made, err := txpg.New(secret, o)
		if made != nil {
			k.json = made
		}
		wrong = joined(wrong, err)
	}
	switch {
	case undecided:
	case choice == gatewayTXPG:
		k.chosen = k.json
	default:
		k.chosen = k.xml
	}
	if wrong != nil {
		k.wrong = exchange.Misplaced("kapital", wrong)
	}
	if k.xml == nil && k.json == nil {
		return nil, k.wrong
	}
	return k, k.wrong
}

// joined puts together what two readers of one secret found wrong. What both found is told once.
func joined(before, found error) error {
	more, ok := errors.AsType[exchange.WrongFields](found)
	if !ok {
		return errors.Join(before, found)
	}
	all, _ := errors.AsType[exchange.WrongFields](before)
	for _, one := range more {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// of finds the gateway that a payment was opened through; before it is opened, that of new orders.
func (k *Kapital) of(h bank.Handle) (bank.Bank, error) {
	g, section := k.xml, "the XML gateway's settings"
	switch {
	case h == bank.Handle{}:
		g = k.chosen
	case h.Account.Gateway == gatewayTXPG:
		g, section = k.json, "the object txpg"
	}
	switch {
	case g != nil:
		return g, nil
	case k.wrong != nil:
		return nil, k.wrong
	}
	return nil, &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed",
		Message: "the payment was opened through another gateway than those in the bank secret; " + section +
			" must stay there while there are payments of it"}
}

// Open opens the order through the gateway of new orders; see bank.Bank for the kinds of errors.
func (k *Kapital) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if k.chosen == nil {
		return bank.Session{}, k.wrong
	}
	return k.chosen.Open(ctx, o)
}

// Status asks where the payment was opened; see bank.Bank for the kinds of errors.
func (k *Kapital) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	g, err := k.of(h)
	if err != nil {
		return bank.Report{}, err
	}
	return g.Status(ctx, h)
}

// Read reads a message as the gateway sends it that the payment was opened through. It proves nothing at either.
func (k *Kapital) Read(c bank.Message) (bank.Reading, error) {
	g, err := k.of(c.Handle)
	if err != nil {
		return bank.Reading{}, err
	}
	return g.Read(c)
}

// Refund gives money back where it was taken; see bank.Bank for the kinds of errors.
func (k *Kapital) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	g, err := k.of(r.Handle)
	if err != nil {
		return "", err
	}
	return g.Refund(ctx, r)
}

// gateways are those that work, that of new orders first.
func (k *Kapital) gateways() (all []bank.Bank) {
	for _, g := range []bank.Bank{k.chosen, k.xml, k.json} {
		if g != nil && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}
