// Package demo is what the local stack is filled with: the banks that it simulates and the shops that sell through
// them. It is the one place of the local stack that knows a bank by its name; a further simulator is one entry here.
package demo

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
	"kassa/shared/simbank/kartapokupok"
)

// Banks are the simulated banks, for tests that drive them.
type Banks struct {
	Kapital *kapitalxml.Sim
	// KapitalTXPG is the same bank's JSON gateway.
	KapitalTXPG *kapitaltxpg.Sim
	// KartaPokupok is the simulated bank that sells by instalments.
	KartaPokupok *kartapokupok.Sim
}

// Place is where a simulator lives: the folder of its books and keys, and the hosts, with port, of its API and its
// pages. The host of the pages stands in the shop's secret too, as the only one that a redirect may lead to.
type Place struct{ Folder, API, Pages string }

func (p Place) url() string   { return "https://" + p.API }
func (p Place) page() string  { return "http://" + p.Pages }
func (p Place) books() string { return filepath.Join(p.Folder, "bank.db") }

// Simulator is a simulated bank that has been opened. Pages are plain http on a listener of their own, since no browser
// would trust the bank's certificate.
type Simulator struct {
	API, Pages http.Handler
	TLS        *tls.Config // of the API
	Close      func() error
	// Secret is what a shop's operator would enter from the bank's letter.
	Secret map[string]any
}

// Entry is one simulator by its name in local.json.
type Entry struct {
	Name string
	Open func(*Banks, Place) (Simulator, error)
}

// Simulators are opened in this order, and have their ports in it.
func Simulators() []Entry {
	return []Entry{{"kapital", openKapital}, {"kartapokupok", openKartaPokupok}, {"kapital-txpg", openKapitalTXPG}}
}

const (
	merchantName = "Kassa Demo"
	// kapitalMerchant is the merchant id that the simulated bank knows.
	kapitalMerchant = "E1000010"
	// The terminal of the JSON gateway, as its letter to the shop says it.
	txpgLogin    = "TerminalSys/kapital"
	txpgPassword = "kapital123"
	// kartaPartner is the partner id that the simulated bank knows.
	kartaPartner = "KASSA-DEMO"
)

// currencies are those that Kapital Bank's terminals take here: a shop that sells in manat, and abroad in dollars.
func currencies() []string { return []string{"AZN", "USD"} }

// openKapital opens the XML gateway, which knows its merchant by a client certificate.
func openKapital(b *Banks, at Place) (Simulator, error) {
	pki, err := kapitalxml.LoadOrCreatePKI(at.Folder, kapitalMerchant, time.Now)
	if err != nil {
		return Simulator{}, err
	}
	sim, err := kapitalxml.New(kapitalxml.Options{PageURL: at.page(), Auth: "certificate", Merchant: kapitalMerchant,
		MerchantName: merchantName, DataFile: at.books(),
		Settings: kapitalxml.Settings{Currencies: []string{"944", "840"}}})
	if err != nil {
		return Simulator{}, err
	}
	b.Kapital = sim
	return Simulator{API: sim.API(), Pages: sim.Pages(), TLS: sim.ServerTLS(pki), Close: sim.Close, Secret: map[string]any{
		"merchant_id":       kapitalMerchant,
		"environment":       "test",
		"endpoint":          at.url() + "/api/order/",
		"page_hosts":        []string{at.Pages},
		"currencies":        currencies(),
		"auth":              "certificate",
		"certificate":       string(pki.ClientCert),
		"key":               string(pki.ClientKey),
		"ca":                string(pki.CA),
		"insecure_loopback": true,
	}}, nil
}

// openKapitalTXPG opens the JSON gateway of the same bank, with a login in place of the certificate. It has a contract
// for instalments by card (taksit), which the other has not.
func openKapitalTXPG(b *Banks, at Place) (Simulator, error) {
	pki, err := kapitaltxpg.LoadOrCreatePKI(at.Folder, time.Now)
	if err != nil {
		return Simulator{}, err
	}
	sim, err := kapitaltxpg.New(kapitaltxpg.Options{PageURL: at.page(), Login: txpgLogin, Password: txpgPassword,
		MerchantName: merchantName, DataFile: at.books(),
		Settings: kapitaltxpg.Settings{Currencies: currencies()}})
	if err != nil {
		return Simulator{}, err
	}
	b.KapitalTXPG = sim
	return Simulator{API: sim.API(), Pages: sim.Pages(), TLS: pki.ServerTLS(), Close: sim.Close, Secret: map[string]any{
		"environment":       "test",
		"gateway":           "txpg",
		"insecure_loopback": true,
		"txpg": map[string]any{
			"merchant_id":  kapitalMerchant,
			"base_url":     at.url() + "/api",
			"page_hosts":   []string{at.Pages},
			"login":        txpgLogin,
			"password":     txpgPassword,
			"ca":           string(pki.CA),
			"currencies":   currencies(),
			"taksit_terms": []int{2, 3, 6},
		},
	}}, nil
}

// openKartaPokupok opens a bank whose door wants a client certificate. It calls back by itself, at the address that
// each application names.
func openKartaPokupok(b *Banks, at Place) (Simulator, error) {
	pki, err := kartapokupok.LoadOrCreatePKI(at.Folder, kartaPartner, time.Now)
	if err != nil {
		return Simulator{}, err
	}
	keys, err := published(pki)
	if err != nil {
		return Simulator{}, err
	}
	sim, err := kartapokupok.New(kartapokupok.Options{PageURL: at.page(), Partner: kartaPartner, PartnerName: merchantName,
		PKI: pki, DataFile: at.books()})
	if err != nil {
		return Simulator{}, err
	}
	b.KartaPokupok = sim
	certificate, key := pki.Client()
	return Simulator{API: sim.API(), Pages: sim.Pages(), TLS: pki.ServerTLS(), Close: sim.Close, Secret: map[string]any{
		"partner_id":        kartaPartner,
		"environment":       "test",
		"base_url":          at.url(),
		"payment_hosts":     []string{at.Pages},
		"certificate":       string(certificate),
		"key":               string(key),
		"ca":                string(pki.CA()),
		"callback":          map[string]any{"public_keys": keys},
		"insecure_loopback": true,
	}}, nil
}

// published are the keys that the bank signs its callbacks with, as its letter to a shop would hold them.
func published(pki *kartapokupok.PKI) ([]string, error) {
	public, err := pki.PublicKeys("rsa")
	if err == nil && len(public) == 0 {
		err = errors.New("it publishes no RSA key")
	}
	if err != nil {
		return nil, fmt.Errorf("read the bank's keys: %w", err)
	}
	keys := make([]string, len(public))
	for i, key := range public {
		keys[i] = string(key)
	}
	return keys, nil
}
