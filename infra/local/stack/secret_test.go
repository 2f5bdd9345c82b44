package stack

import (
	"encoding/json"
	"errors"
	"testing"

	"kassa/shared/bank/kapital"
)

// TestBankAcceptsItsSecret gives the seeded secret to the adapter that will read it.
func TestBankAcceptsItsSecret(t *testing.T) {
	s := start(t, config(t))
	fields, found, err := s.vault().get(t.Context(), "kassa/local/bank/demo-az/kapital")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kapital.New(text, kapital.Options{Stage: "local"}); err != nil {
		t.Errorf("%v", errors.Unwrap(err))
	}
	if _, err := kapital.New(text, kapital.Options{Stage: "prod"}); err == nil {
		t.Error("the secret of one machine works in production")
	}
}
