package stack

import (
	"encoding/json"
	"errors"
	"testing"

	"kassa/shared/bank/kapital"
	"kassa/shared/bank/kartapokupok"
)

// TestBanksAcceptTheirSecrets gives each seeded secret to the adapter that will read it.
func TestBanksAcceptTheirSecrets(t *testing.T) {
	s := start(t, config(t))
	for name, read := range map[string]func(secret []byte, stage string) error{
		"demo-az/kapital": func(secret []byte, stage string) error {
			_, err := kapital.New(secret, kapital.Options{Stage: stage})
			return err
		},
		"demo-az-json/kapital": func(secret []byte, stage string) error {
			_, err := kapital.New(secret, kapital.Options{Stage: stage})
			return err
		},
		"demo-by/kartapokupok": func(secret []byte, stage string) error {
			_, err := kartapokupok.New(secret, kartapokupok.Options{Stage: stage})
			return err
		},
	} {
		fields, found, err := s.vault().get(t.Context(), "kassa/local/bank/"+name)
		if err != nil || !found {
			t.Fatal(name, found, err)
		}
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if err := read(text, "local"); err != nil {
			t.Errorf("%s: %v %v", name, err, errors.Unwrap(err))
		}
		if err := read(text, "prod"); err == nil {
			t.Errorf("%s: the secret of one machine works in production", name)
		}
	}
}
