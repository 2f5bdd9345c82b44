package banks

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
	"kassa/shared/simbank/kartapokupok/ledger"
)

// kartaKeys are made once: making them is the slow part. The bank has changed its key at the start already, and signs
// with the older one until the rotation.
var kartaKeys = sync.OnceValues(func() (*kartapokupoksim.PKI, error) {
	pki, err := kartapokupoksim.LoadOrCreatePKI("", "P-100", Start)
	if err == nil {
		err = pki.RotateSigning("ed25519", true)
	}
	return pki, err
})

// openKarta sells by instalments. What it signs waits until an event delivers it, and a rotation gives it another key.
func openKarta(h Host) (*Side, error) {
	pki, err := kartaKeys()
	if err != nil {
		return nil, err
	}
	sim, err := kartapokupoksim.New(kartapokupoksim.Options{PageURL: pages, Partner: "P-100", PKI: pki, Auth: "none",
		Now: h.Now, Client: client(h)})
	if err != nil {
		return nil, err
	}
	sim.Journal.Off = true
	key := func(name string) error {
		return sim.Set(func(set *kartapokupoksim.Settings) {
			set.Callback, set.Algorithm, set.Key = "hold", "ed25519", name
		})
	}
	s := &Side{Name: "kartapokupok", Kassas: map[bool]bank.Bank{}, API: sim.API(), Life: 30 * 24 * time.Hour,
		Approve: sim.Approve, Decline: sim.Reject, Leave: sim.Cancel, Late: sim.Approve, Desk: sim.DeskRefund,
		Books: func() any { return sim.Book.All() }}
	s.Rotate = func(rotated bool) error { return key(map[bool]string{false: "previous", true: "current"}[rotated]) }
	s.Mark = sim.Mark
	published, err := pki.PublicKeys("ed25519")
	if err != nil {
		return nil, err
	}
	certificate, private := pki.Client()
	for rotated, keys := range map[bool][]string{false: {string(published[1])},
		true: {string(published[0]), string(published[1])}} {
		s.Kassas[rotated], err = kartapokupok.New(secretOf(map[string]any{"partner_id": "P-100", "environment": "test",
			"base_url": "https://bank.test", "certificate": string(certificate), "key": string(private),
			"ca": string(pki.CA()), "payment_hosts": []string{"pay.bank.test"},
			"callback": map[string]any{"public_keys": keys, "algorithm": "ed25519"}}), options(h))
		if err != nil {
			return nil, err
		}
	}
	kartaMessages(s, sim, key)
	account := func(a ledger.Application) Account { return Account{a.Session, a.Charged, a.Returned, a.Status} }
	s.Account, s.Accounts, s.Keep = accounts(sim.Book, func(order string) string { return order }, account)
	s.Call = func(r *http.Request, _ string) (string, bool) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		return name, name != "status"
	}
	return s, s.Rotate(false)
}

// kartaMessages are what an application needs, and what the bank signs about it.
func kartaMessages(s *Side, sim *kartapokupoksim.Sim, key func(string) error) {
	s.Terms = func(o *checkout.Order) {
		o.Amount.Currency, o.Term = payment.BYN, 6
		o.Items = []bank.Item{{SKU: "C-1", Name: "Chair", Quantity: 1, UnitAmount: o.Amount.Minor}}
		o.Customer = bank.Customer{FirstName: "Anna", LastName: "Ivanova", Phone: "+375291234567", Email: "a@example.com"}
		o.Instalments = payment.InstalmentPolicy{Terms: []int{6}}
	}
	s.Come = func(ctx context.Context, order string) error {
		_, err := sim.Deliver(ctx, order, false)
		return err
	}
	s.Again = func(ctx context.Context, order string) error {
		_, err := sim.Replay(ctx, order)
		return err
	}
	s.Forge = func(ctx context.Context, order string) error {
		before := sim.Settings().Key
		defer func() { _ = key(before) }()
		if err := key("foreign"); err != nil {
			return err
		}
		_, err := sim.Callback(ctx, order, kartapokupoksim.Message{Status: "APPROVED"})
		return err
	}
}
