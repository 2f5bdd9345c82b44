package kapital

import (
	"context"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/kapital/bankday"
	"kassa/shared/bank/kapital/tranzaxis"
	"kassa/shared/bank/kapital/xml"
	"kassa/shared/payment"
)

// Profile is the bank as such, with what both of its gateways want from it.
func Profile() bank.Profile {
	return bank.Profile{
		Name: "kapital", Title: "Kapital Bank", Currencies: []payment.Currency{payment.AZN},
		Locales: []string{"az", "ru", "en"}, PageLife: 20 * time.Minute, Status: true, Refunds: true,
		Zone: bankday.Usual(),
		Secret: []bank.Field{
			{Name: "merchant_id", Role: bank.RoleAccount, Example: "E1000010"},
			{Name: "endpoint", Role: bank.RoleAddress},
			{Name: "page_hosts", Role: bank.RoleHosts},
			{Name: "certificate", Role: bank.RoleCertificate},
			{Name: "key", Role: bank.RoleKey},
			{Name: "ca", Role: bank.RoleCA},
			{Name: "password", Role: bank.RolePassword},
			{Name: "secret_key", Role: bank.RolePassword},
			{Name: "txpg/merchant_id", Role: bank.RoleAccount, Example: "E1000010"},
			{Name: "txpg/base_url", Role: bank.RoleAddress},
			{Name: "txpg/page_hosts", Role: bank.RoleHosts},
			{Name: "txpg/login", Role: bank.RoleLogin, Example: "TerminalSys/kapital"},
			{Name: "txpg/password", Role: bank.RolePassword},
			{Name: "txpg/ca", Role: bank.RoleCA},
		},
		Causes: func(gateway, code string) bank.Cause {
			if gateway == gatewayTXPG {
				return tranzaxis.CauseOf(code)
			}
			return xml.CauseOf(code)
		},
	}
}

// Profile is that of the gateway of new orders, which is asked nothing for it. What follows an opening works at either
// of the two, and whose settings are wrong says so itself when it is its turn. The line ends with the first
// certificate that any of them needs, and both are probed.
func (k *Kapital) Profile() bank.Profile { return k.profile() }

func (k *Kapital) settled() bank.Profile {
	p, all := Profile(), k.gateways()
	if k.chosen != nil {
		secret := p.Secret
		p = k.chosen.Profile()
		p.Secret = secret
	}
	p.Line, p.Probe, p.Broken = all[0].Profile().Line, k.probe, map[bank.Operation]error{}
	for _, op := range []bank.Operation{bank.OpStatus, bank.OpRefund, bank.OpRead} {
		p.Broken[op] = all[0].Profile().Broken[op]
	}
	for _, g := range all[1:] {
		other := g.Profile()
		if ends := other.Line.Ends; p.Line.Ends.IsZero() || !ends.IsZero() && ends.Before(p.Line.Ends) {
			p.Line.Ends = ends
		}
		for op, broken := range p.Broken {
			if broken != nil {
				p.Broken[op] = other.Broken[op]
			}
		}
	}
	p.Broken[bank.OpOpen] = k.wrong
	if k.chosen != nil {
		p.Broken[bank.OpOpen] = k.chosen.Profile().Broken[bank.OpOpen]
	}
	return p
}

// probe asks both gateways.
func (k *Kapital) probe(ctx context.Context) (probed []bank.ProbeResult) {
	names := map[bank.Bank]string{}
	if k.xml != nil && k.json != nil {
		names = map[bank.Bank]string{k.xml: gatewayXML + ": ", k.json: gatewayTXPG + ": "}
	}
	for _, g := range k.gateways() {
		for _, p := range g.Profile().Probe(ctx) {
			p.Question = names[g] + p.Question
			probed = append(probed, p)
		}
	}
	return probed
}
