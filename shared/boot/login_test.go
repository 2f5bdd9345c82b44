package boot

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitaltxpg"
)

// locking is a bank that locks logins, and two shops that share one.
type locking struct {
	t       *testing.T
	sim     *kapitaltxpg.Sim
	all     *banks
	secrets map[string]map[string]any // the section of the gateway, by shop
}

func newLocking(t *testing.T) *locking {
	t.Helper()
	const pages = "https://pages.bank.test"
	sim, err := kapitaltxpg.New(kapitaltxpg.Options{PageURL: pages, Login: "TerminalSys/kapital", Password: "old"})
	if err != nil {
		t.Fatal(err)
	}
	pki, err := kapitaltxpg.LoadOrCreatePKI(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(sim.API())
	server.Config.ErrorLog, server.TLS = log.New(io.Discard, "", 0), pki.ServerTLS()
	server.StartTLS()
	t.Cleanup(server.Close)
	l := &locking{t: t, sim: sim, secrets: map[string]map[string]any{}}
	for _, shop := range []string{"left", "right"} {
		l.secrets[shop] = map[string]any{"merchant_id": "E1000010", "base_url": server.URL + "/api", "ca": string(pki.CA),
			"page_hosts": []string{"pages.bank.test"}, "login": "TerminalSys/kapital", "password": "old"}
	}
	l.all = newBanks(folders(),
		func(_ context.Context, shop, _ string, _ bool) (string, error) {
			secret, err := json.Marshal(map[string]any{"environment": "test", "gateway": "txpg", "txpg": l.secrets[shop]})
			return string(secret), err
		}, meter{"local", time.Now, slog.New(slog.DiscardHandler)})
	return l
}

// calls lets a shop open, ask and give back, and gives the errors.
func (l *locking) calls(shop string, h bank.Handle) (errs [3]error) {
	l.t.Helper()
	amount := payment.Money{Minor: 100, Currency: payment.AZN}
	order := bank.Order{ID: payment.ID{Order: "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa", Attempt: 1}, RefForBank: "1",
		Amount:    amount,
		ReturnURL: "https://kassa.example/x/y/return", Now: time.Now()}
	refund := bank.Refund{Handle: h, Amount: amount, Captured: 100, Now: time.Now()}
	for i, call := range []func(bank.Bank) error{
		func(b bank.Bank) error { _, err := b.Open(l.t.Context(), order); return err },
		func(b bank.Bank) error { _, err := b.Status(l.t.Context(), h); return err },
		func(b bank.Bank) error { _, err := b.Refund(l.t.Context(), refund); return err },
	} {
		errs[i] = l.all.With(l.t.Context(), shop, "kapital", call)
	}
	return errs
}

// refused counts how often the bank has refused the login.
func (l *locking) refused() (n int) {
	for _, e := range l.sim.Requests() {
		if e.Code == "InvalidLogin" || e.Code == "PwdTryLimitExceeded" {
			n++
		}
	}
	return n
}

// TestARefusedLoginIsTriedOnceInAnEnvironment, whoever shares it, whatever else changes in the secret, and whatever is
// asked. A renewed one is taken at once, by the call that finds the old one left alone.
func TestARefusedLoginIsTriedOnceInAnEnvironment(t *testing.T) {
	l := newLocking(t)
	var opened bank.Session
	order := bank.Order{ID: payment.ID{Order: "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa", Attempt: 1},
		Amount: payment.Money{Minor: 100, Currency: payment.AZN}, ReturnURL: "https://kassa.example/x/y/return",
		Now: time.Now()}
	if err := l.all.With(t.Context(), "left", "kapital", func(b bank.Bank) (err error) {
		opened, err = b.Open(t.Context(), order)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.sim.Approve(opened.Handle.OrderID); err != nil {
		t.Fatal(err)
	}
	l.sim.Unlock("new")
	left := func(name string, errs [3]error) {
		t.Helper()
		for i, err := range errs {
			if payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%s, call %d: %v", name, i, err)
			}
		}
		if n := l.refused(); n != 1 {
			t.Errorf("%s: the bank has refused the login %d times", name, n)
		}
	}
	left("the login was changed", l.calls("left", opened.Handle))
	left("again", l.calls("left", opened.Handle))
	left("another shop with the login", l.calls("right", opened.Handle))
	l.secrets["left"]["timeout"] = "19s"
	left("another setting has changed", l.calls("left", opened.Handle))

	l.secrets["left"]["password"] = "new"
	for i, err := range l.calls("left", opened.Handle) {
		if err != nil {
			t.Errorf("the renewed login, call %d: %v", i, err)
		}
	}
	left("the other shop has the old one still", l.calls("right", opened.Handle))
	l.secrets["right"]["password"] = "new"
	if errs := l.calls("right", opened.Handle); errs[0] != nil || errs[1] != nil || l.refused() != 1 {
		t.Errorf("renewed there too: %v, refused %d times", errs, l.refused())
	}
}
