package stack

import (
	"context"
	"fmt"
	"maps"
	"time"

	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
)

// kapitalMerchant is the merchant id that the simulated bank knows.
const kapitalMerchant = "E1000010"

// startKapital opens the simulated Kapital Bank: its TLS door, and its pages on a listener of their own, since no
// browser would trust its certificate.
func (s *Stack) startKapital(context.Context) error {
	pki, err := kapitalxml.LoadOrCreatePKI(s.data("kapital"), kapitalMerchant, time.Now)
	if err != nil {
		return err
	}
	s.pki = pki
	s.Kapital, err = kapitalxml.New(kapitalxml.Options{
		PageURL:      address(s.Ports.KapitalPages),
		Auth:         "certificate",
		Merchant:     kapitalMerchant,
		MerchantName: "Kassa Demo",
		DataFile:     s.data("kapital", "bank.db"),
	})
	if err != nil {
		return fmt.Errorf("start the simulated Kapital Bank: %w", err)
	}
	s.onClose(func(context.Context) error { return s.Kapital.Close() })
	s.serve(s.Ports.KapitalAPI, s.Kapital.API(), s.Kapital.ServerTLS(pki))
	s.serve(s.Ports.KapitalPages, s.Kapital.Pages(), nil)
	s.Info.Simulators = map[string]SimulatorInfo{
		"kapital": {URL: "https://" + hostPort(s.Ports.KapitalAPI), PageURL: address(s.Ports.KapitalPages)},
	}
	return nil
}

// kapitalSecret is what a shop's operator would enter from the bank's letter.
func (s *Stack) kapitalSecret() map[string]any {
	fields := map[string]any{
		"merchant_id":       kapitalMerchant,
		"environment":       "test",
		"endpoint":          "https://" + hostPort(s.Ports.KapitalAPI) + "/api/order/",
		"page_hosts":        []string{hostPort(s.Ports.KapitalPages)},
		"auth":              "certificate",
		"certificate":       string(s.pki.ClientCert),
		"key":               string(s.pki.ClientKey),
		"ca":                string(s.pki.CA),
		"insecure_loopback": true,
	}
	maps.Copy(fields, s.config.KapitalSettings)
	return fields
}

// The terminal of the JSON gateway, as its letter to the shop says it.
const (
	txpgLogin    = "TerminalSys/kapital"
	txpgPassword = "kapital123"
)

// startKapitalTXPG opens the simulated JSON gateway of Kapital Bank beside the older one.
func (s *Stack) startKapitalTXPG(context.Context) error {
	pki, err := kapitaltxpg.LoadOrCreatePKI(s.data("kapital-txpg"), time.Now)
	if err != nil {
		return err
	}
	s.KapitalTXPG, err = kapitaltxpg.New(kapitaltxpg.Options{
		PageURL:      address(s.Ports.KapitalTXPGPages),
		Login:        txpgLogin,
		Password:     txpgPassword,
		MerchantName: "Kassa Demo",
		DataFile:     s.data("kapital-txpg", "bank.db"),
	})
	if err != nil {
		return fmt.Errorf("start the simulated JSON gateway of Kapital Bank: %w", err)
	}
	s.txpgCA = pki.CA
	s.onClose(func(context.Context) error { return s.KapitalTXPG.Close() })
	s.serve(s.Ports.KapitalTXPGAPI, s.KapitalTXPG.API(), pki.ServerTLS())
	s.serve(s.Ports.KapitalTXPGPages, s.KapitalTXPG.Pages(), nil)
	s.Info.Simulators["kapital-txpg"] = SimulatorInfo{
		URL: "https://" + hostPort(s.Ports.KapitalTXPGAPI), PageURL: address(s.Ports.KapitalTXPGPages),
	}
	return nil
}

// txpgSecret is what a shop's operator would enter from the bank's letter.
func (s *Stack) txpgSecret() map[string]any {
	return map[string]any{
		"environment":       "test",
		"gateway":           "txpg",
		"insecure_loopback": true,
		"txpg": map[string]any{
			"merchant_id": kapitalMerchant,
			"base_url":    "https://" + hostPort(s.Ports.KapitalTXPGAPI) + "/api",
			"page_hosts":  []string{hostPort(s.Ports.KapitalTXPGPages)},
			"login":       txpgLogin,
			"password":    txpgPassword,
			"ca":          string(s.txpgCA),

			"taksit_terms": []int{2, 3, 6},
		},
	}
}
