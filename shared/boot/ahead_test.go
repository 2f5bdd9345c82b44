package boot

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/payment"
)

const (
	shopAhead   = "kassa/local/shop/s"
	bankAhead   = "kassa/local/bank/s/small"
	shopSettled = `{"currency":"AZN","origins":["https://shop.example"],"banks":["small"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}]}`
)

// TestAStartMeetsTheShopsThatItKnows: their secrets are there and their bank is connected to, so that the first opening
// needs neither.
func TestAStartMeetsTheShopsThatItKnows(t *testing.T) {
	sim, server := startSmall(t)
	all, secret := small(t, server, server.URL)
	c := cloudtest.New(t, map[string]string{shopAhead: shopSettled, bankAhead: string(secret)})
	var lines bytes.Buffer
	app := appOf(c, slog.New(slog.NewJSONHandler(&lines, nil)))
	app.banks.folders = all
	known := environment.AtStart{Shop: "s", Bank: "small"}
	environment.Prewarm(app.Log, app.meetShop(known), app.meetBank(known))
	if len(sim.orders) != 0 || lines.Len() != 0 {
		t.Errorf("a start opened %d orders and said %s", len(sim.orders), lines.String())
	}
	c.Close()
	if err := server.Listener.Close(); err != nil { // what is connected stays
		t.Fatal(err)
	}
	if found, err := app.Keys.Shop(t.Context(), api.Key{Shop: "s", ID: "k1", Secret: "secret"}); err != nil ||
		found.Banks[0] != "small" {
		t.Errorf("%+v, %v", found, err)
	}
	err := app.Service.Banks.With(t.Context(), "s", "small", func(b bank.Bank) error {
		_, err := b.Open(t.Context(), bank.Order{Amount: payment.Money{Minor: 100, Currency: payment.AZN}, Now: time.Now()})
		return err
	})
	if err != nil || len(sim.orders) != 1 {
		t.Errorf("%d orders, %v", len(sim.orders), err)
	}
}

// TestAStartDoesNotFailByWhomItKnows: a shop or a bank that is not there costs a line in the log.
func TestAStartDoesNotFailByWhomItKnows(t *testing.T) {
	_, server := startSmall(t)
	all, secret := small(t, server, server.URL)
	server.Close()
	c := cloudtest.New(t, map[string]string{bankAhead: string(secret)})
	var lines bytes.Buffer
	app := appOf(c, slog.New(slog.NewJSONHandler(&lines, nil)))
	app.banks.folders = all
	for _, known := range []environment.AtStart{{Shop: "s", Bank: "small"}, {Shop: "nobody", Bank: "small"},
		{Shop: "s", Bank: "nosuch"}, {}} {
		lines.Reset()
		environment.Prewarm(app.Log, app.meetShop(known), app.meetBank(known))
		if n := strings.Count(lines.String(), "could not be reached ahead of the first request"); n != 2 {
			t.Errorf("%+v: %d lines: %s", known, n, lines.String())
		}
	}
}

// TestOnlyWhoHasKeysReadsAShopAhead: the others have no right to a shop's secret.
func TestOnlyWhoHasKeysReadsAShopAhead(t *testing.T) {
	c := cloudtest.New(t, nil)
	for name, value := range map[string]string{"TABLE": "payments", "STAGE": environment.Local,
		"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": c.URL, "SHOPS_AT_START": "a/small, b/small"} {
		t.Setenv(name, value)
	}
	for needs, want := range map[environment.Need][]string{
		ShopKeys: {"kassa/local/shop/a", "kassa/local/shop/b"}, "": nil,
	} {
		MustStart(needs)
		if got := c.Fetched(); !slices.Equal(got, want) {
			t.Errorf("needs %q: fetched %q, want %q", needs, got, want)
		}
	}
}
