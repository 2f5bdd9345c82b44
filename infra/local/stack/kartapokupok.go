package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// kartaPartner is the partner id that the simulated bank knows.
const kartaPartner = "KASSA-DEMO"

// startKartaPokupok opens the simulated bank of Karta Pokupok: its door, which wants a client certificate, and its
// pages on a listener of their own. It calls back by itself, at the address that each application names.
func (s *Stack) startKartaPokupok(context.Context) error {
	pki, err := kartapokupoksim.LoadOrCreatePKI(s.data("kartapokupok"), kartaPartner, time.Now)
	if err != nil {
		return err
	}
	s.KartaPokupok, err = kartapokupoksim.New(kartapokupoksim.Options{
		PageURL:     address(s.Ports.KartaPokupokPages),
		Partner:     kartaPartner,
		PartnerName: "Kassa Demo",
		PKI:         pki,
		DataFile:    s.data("kartapokupok", "bank.db"),
	})
	if err != nil {
		return fmt.Errorf("start the simulated bank of Karta Pokupok: %w", err)
	}
	s.onClose(func(context.Context) error { return s.KartaPokupok.Close() })
	s.serve(s.Ports.KartaPokupokAPI, s.KartaPokupok.API(), pki.ServerTLS())
	s.serve(s.Ports.KartaPokupokPages, s.KartaPokupok.Pages(), nil)
	s.Info.Simulators["kartapokupok"] = SimulatorInfo{
		URL: "https://" + hostPort(s.Ports.KartaPokupokAPI), PageURL: address(s.Ports.KartaPokupokPages),
	}
	return nil
}

// kartaSecret is what a shop's operator would enter from the bank's letter.
func (s *Stack) kartaSecret() (map[string]any, error) {
	pki := s.KartaPokupok.PKI()
	published, err := pki.PublicKeys("rsa")
	if err == nil && len(published) == 0 {
		err = errors.New("it publishes no RSA key")
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of the simulated bank of Karta Pokupok: %w", err)
	}
	keys := make([]string, len(published))
	for i, key := range published {
		keys[i] = string(key)
	}
	certificate, key := pki.Client()
	fields := map[string]any{
		"partner_id":        kartaPartner,
		"environment":       "test",
		"base_url":          "https://" + hostPort(s.Ports.KartaPokupokAPI),
		"payment_hosts":     []string{hostPort(s.Ports.KartaPokupokPages)},
		"certificate":       string(certificate),
		"key":               string(key),
		"ca":                string(pki.CA()),
		"callback":          map[string]any{"public_keys": keys},
		"insecure_loopback": true,
	}
	maps.Copy(fields, s.config.KartaSettings)
	return fields, nil
}
