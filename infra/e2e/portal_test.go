package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/bitrix24/bitrix24sim"
)

// portal is a shop of its own that sells through a Bitrix24 portal, set up by the command as its owner would.
type portal struct {
	world
	*bitrix24sim.Portal
	key string // what the portal sends
	log string // the folder of the functions' logs
}

// withPortal starts a stack with such a shop.
func withPortal(t *testing.T, id, bank string) portal {
	t.Helper()
	data := t.TempDir()
	s, err := start(data, stack.Config{Binaries: builtBinaries(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w := newWorld(s)
	sim := bitrix24sim.New()
	t.Cleanup(sim.Close)
	dir := filepath.Join(t.TempDir(), id)
	address := filepath.Join(t.TempDir(), "portal.txt")
	if err := os.WriteFile(address, []byte(sim.Address()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	y := w.as(t, "ShopPolicy")
	w.as(t, "local").types(t, 0, "shop", "init", dir, "--bank", bank)
	var own struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(y.types(t, 0, "shop", "put", dir, "--json")), &own); err != nil || own.APIKey == "" {
		t.Fatal(err)
	}
	var made struct {
		APIKey     string `json:"api_key"`
		Registered bool   `json:"registered"`
		Action     string `json:"action"`
	}
	out := y.types(t, 0, "shop", "bitrix", id, "--portal-file", address, "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil || made.APIKey == "" || !made.Registered ||
		made.Action != w.Info.APIURL+"/bitrix/checkout" || strings.Contains(out, sim.Code()) {
		t.Fatalf("%s %v", out, err)
	}
	w.shop.bearer = own.APIKey
	return portal{w, sim, made.APIKey, filepath.Join(data, "logs")}
}

// checkout has the portal's server ask for a page.
func (p portal) checkout(t *testing.T, id int, fields ...string) (page string, refused []string) {
	t.Helper()
	given := map[string]string{"KASSA_KEY": p.key, "KASSA_ORDER": "161/1"}
	for i := 0; i+1 < len(fields); i += 2 {
		given[fields[i]] = fields[i+1]
	}
	page, err := p.Checkout(t.Context(), p.Info.APIURL+"/bitrix/checkout", id, p.Info.ShopURL+"/?orderId=7&user_lang=en",
		given)
	refusal, refusing := errors.AsType[bitrix24sim.Refusal](err)
	if err != nil && !refusing {
		t.Fatal(err)
	}
	return page, refusal.Texts
}

// retry lets a minute pass and the outbox be looked through.
func (p portal) retry(t *testing.T, id string, after time.Duration) {
	t.Helper()
	p.age(t, id, after+time.Minute) // and some: the delivery was put off from when it was tried
	p.notify(t)
}

// TestAPortalSellsWithoutAProgram: from the command to the paid order, through lost answers and refusals, and what
// comes after.
func TestAPortalSellsWithoutAProgram(t *testing.T) {
	t.Parallel()
	p := withPortal(t, "portal-az", "kapital")
	p.Owes(bitrix24sim.Payment{ID: 11, PaySystem: 7, Sum: "150", Currency: "AZN"})
	first, _ := p.checkout(t, 11)
	id := p.Payment(11).InvoiceID
	if again, _ := p.checkout(t, 11); first == "" || again != first || p.Payment(11).InvoiceID != id {
		t.Fatalf("%q, then %q", first, again)
	}
	if _, refused := p.checkout(t, 11, "KASSA_KEY", "sk_portal-az_k1_guessed"); len(refused) != 1 ||
		!strings.HasPrefix(refused[0], "The payment is not set up correctly.") {
		t.Errorf("%q", refused)
	}
	p.Change(11, func(one *bitrix24sim.Payment) { one.Sum = "151.5" }) // staff changes the order
	second, _ := p.checkout(t, 11)
	if second == "" || second == first || p.Payment(11).InvoiceID == id {
		t.Fatalf("after a change: %q", second)
	}
	id = p.Payment(11).InvoiceID

	p.Fail(bitrix24sim.Says(503, `{"error":"QUERY_LIMIT_EXCEEDED"}`))
	at, err := p.browser.atBank(t.Context(), second, card(cardApproved))
	if err == nil {
		_, err = p.browser.home(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.told(t, id)
	p.Fail(bitrix24sim.Well, bitrix24sim.Lost) // the portal acts, and nobody hears of it
	p.retry(t, id, time.Minute)
	p.retry(t, id, 5*time.Minute)
	if got := p.Payment(11); got.Paid != "Y" || got.Marked != 1 {
		t.Errorf("%+v after %v", got, p.Calls())
	}
	calls := len(p.Calls())
	if a, err := p.shop.refund(t.Context(), id, "r1", 1000); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	p.told(t, id)
	p.notify(t)
	if got := p.Payment(11); got.Marked != 1 || len(p.Calls()) != calls {
		t.Errorf("a refund is told: %+v, %v", got, p.Calls()[calls:])
	}
	if _, refused := p.checkout(t, 11); len(refused) != 1 || !strings.Contains(refused[0], "paid already") {
		t.Errorf("%q", refused)
	}
	logs, err := filepath.Glob(filepath.Join(p.log, "*"))
	if err != nil || !slices.ContainsFunc(logs, func(name string) bool {
		return strings.Contains(name, "BitrixCheckout")
	}) {
		t.Fatal(logs, err)
	}
	for _, name := range logs {
		if text, err := os.ReadFile(name); err != nil || strings.Contains(string(text), p.Code()) ||
			strings.Contains(string(text), p.key) {
			t.Errorf("%s holds the portal's address or key (%v)", name, err)
		}
	}
}

// TestWhatThePortalDoesNotWantAnyMore is money that nobody's order stands for: it is not marked, and given up at once,
// so that an alarm rings. The portal that refuses us is tried again.
func TestWhatThePortalDoesNotWantAnyMore(t *testing.T) {
	t.Parallel()
	p := withPortal(t, "portal-by", "kartapokupok")
	apply := func(n int) string {
		p.Owes(bitrix24sim.Payment{ID: n, PaySystem: 8, Sum: "120.50", Currency: "BYN"})
		if _, refused := p.checkout(t, n); !slices.ContainsFunc(refused, func(text string) bool {
			return strings.Contains(text, "instalment terms")
		}) {
			t.Fatalf("%q", refused)
		}
		page, refused := p.checkout(t, n, "KASSA_TERM", "3", "KASSA_FIRST_NAME", "Anna", "KASSA_LAST_NAME", "Kavalenka",
			"KASSA_PHONE", "+375291234567", "KASSA_EMAIL", "a@example.by")
		if page == "" {
			t.Fatalf("%q", refused)
		}
		return p.Payment(n).InvoiceID
	}
	approve := func(id string) {
		one := p.poll(t, id)
		if err := p.KartaPokupok.Approve(one.BankOrderID); err != nil {
			t.Fatal(err)
		}
		p.told(t, id)
	}
	dear := apply(21)
	p.Change(21, func(one *bitrix24sim.Payment) { one.Sum = "500" })
	approve(dear)
	refusing := apply(22)
	p.Fail(bitrix24sim.Says(401, `{"error":"NO_AUTH_FOUND"}`))
	approve(refusing)
	p.retry(t, refusing, time.Minute)
	if a, b := p.Payment(21), p.Payment(22); a.Marked != 0 || b.Marked != 1 || b.Paid != "Y" {
		t.Errorf("%+v, %+v", a, b)
	}
	text, err := os.ReadFile(filepath.Join(p.log, "Notify.log"))
	if err != nil || !strings.Contains(string(text), `"portal_other_sum"`) ||
		!strings.Contains(string(text), "a portal refuses us") || strings.Contains(string(text), "Kavalenka") {
		t.Errorf("%v %s", err, text)
	}
}
