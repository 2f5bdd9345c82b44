package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"kassa/infra/local/stack"
)

func TestBadSettingsAreOneLine(t *testing.T) {
	t.Chdir(t.TempDir())
	for port, want := range map[string]string{
		"eighty": `PORT must be a number, not "eighty"`,
		"":       "template.yaml: not found; run this from the root of the repository",
	} {
		getenv := func(name string) string {
			if name == "PORT" {
				return port
			}
			return t.TempDir()
		}
		err := run(t.Context(), getenv, io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("PORT=%q: got %v, want %s", port, err, want)
		}
	}
}

func TestEndingWhileStartingIsNoFailure(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, func(string) string { return "" }, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}

// TestWelcome holds the line that scripts wait for.
func TestWelcome(t *testing.T) {
	s := &stack.Stack{Info: stack.Info{
		ShopURL: "http://127.0.0.1:8080",
		APIURL:  "http://127.0.0.1:8081",
		Shops:   []stack.ShopInfo{{APIKey: "sk_demo-az_k1_secret", Banks: []string{"kapital"}}},
		Simulators: map[string]stack.SimulatorInfo{
			"kapital": {PageURL: "http://127.0.0.1:8084"}, "kartapokupok": {PageURL: "http://127.0.0.1:8086"},
		},
	}}
	text := welcome(s)
	if !strings.HasPrefix(text, "kassa: ready http://127.0.0.1:8080\n") {
		t.Errorf("the ready line must stand alone:\n%s", text)
	}
	for _, want := range []string{"http://127.0.0.1:8081/v1/payments", "Bearer sk_demo-az_k1_secret", `"bank":"kapital"`,
		"8084/desk\n", "8086/desk", "8080/in/BYN"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}
