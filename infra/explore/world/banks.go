package world

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// account is what the bank's ledger says of an order.
type account struct {
	Order             string
	Charged, Returned int64
	Status            string
}

// side is the bank's side of a world, by its orders' ids, and how Kassa reaches it.
type side struct {
	name   string             // of the bank
	kassas map[bool]bank.Bank // by whether they know the bank's second keys
	api    http.Handler       // the bank's
	life   time.Duration      // of its page
	terms  func(*checkout.Order)

	approve, decline, leave, late func(order string) error
	desk                          func(order string, amount int64) error
	come, again, forge            func(order string) error // a message, or a browser: as it is, an old one, a forged one
	rotate                        func(rotated bool) error
	rotated                       bool

	accounts func() []account
	books    func() any // all that the bank remembers, for telling states apart
	mark     func() (back func())
	call     func(r *http.Request, body string) (name string, moves bool)
}

// banks open the bank's side of a world, by the name that scripts use. A further bank is one entry here.
func banks() map[string]func(*World) (*side, error) {
	return map[string]func(*World) (*side, error){"xml": openXML, "txpg": openTXPG, "karta": openKarta}
}

const pages = "https://pay.bank.test"

// client carries what the bank sends by itself.
func client(w *World) *http.Client { return &http.Client{Transport: door{w}} }

func options(w *World) exchange.Options {
	return exchange.Options{Stage: "local", Now: w.Now, Wire: w}
}

// manat is all that an order paid by card needs besides.
func manat(o *checkout.Order) { o.Amount.Currency = payment.AZN }

// one is Kassa's way to a bank that changes nothing of how the shop signs in.
func one(b bank.Bank, err error) (map[bool]bank.Bank, error) {
	return map[bool]bank.Bank{false: b, true: b}, err
}

// secretOf is a bank secret as an operator would enter it.
func secretOf(fields map[string]any) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) //nolint:forbidigo // texts and lists of texts
	}
	return text
}

// minutes20 is how long a page for a card can be paid.
const minutes20 = 20 * time.Minute

// openXML is the older gateway. Its terminal signs in by a certificate, of which there is none here, so it rotates
// nothing.
func openXML(w *World) (*side, error) {
	sim, err := kapitalxml.New(kapitalxml.Options{PageURL: pages, Merchant: "E1000010", Now: w.Now, Client: client(w)})
	if err != nil {
		return nil, err
	}
	kassas, err := one(kapital.New(secretOf(map[string]any{"merchant_id": "E1000010", "environment": "test",
		"endpoint": "https://bank.test/Exec", "auth": "none", "page_hosts": []string{"pay.bank.test"}}), options(w)))
	s := &side{name: "kapital", kassas: kassas, api: sim.API(), life: minutes20, terms: manat,
		approve: sim.Approve, decline: sim.Decline, leave: sim.Cancel, desk: sim.DeskRefund, mark: func() func() {
			sim.Journal.Clear()
			return sim.Book.Mark()
		}, books: func() any { return sim.Book.All() }}
	s.late = func(order string) error {
		defer func() { _ = sim.Set(func(set *kapitalxml.Settings) { set.AcceptExpired = false }) }()
		return cmp.Or(sim.Set(func(set *kapitalxml.Settings) { set.AcceptExpired = true }), sim.Approve(order))
	}
	comes := func(order string, as kapitalxml.Return) error {
		_, err := sim.Callback(context.Background(), order, as)
		return err
	}
	s.come = func(order string) error { return comes(order, kapitalxml.Return{}) }
	s.forge = func(order string) error { return comes(order, kapitalxml.Return{ForgeStatus: "APPROVED"}) }
	s.again = s.come
	s.rotate = func(bool) error { return nil }
	s.accounts = func() (all []account) {
		for _, a := range sim.Ledger().Orders {
			all = append(all, account{a.OrderID, a.Charged, a.Refunded, a.Status})
		}
		return all
	}
	s.call = func(_ *http.Request, body string) (string, bool) {
		name := ""
		for _, operation := range []string{"CreateOrder", "GetOrderStatus", "GetOrderInformation", "Reverse", "Refund"} {
			if strings.Contains(body, "<Operation>"+operation+"</Operation>") {
				name = operation
			}
		}
		return name, !strings.HasPrefix(name, "Get")
	}
	return s, err
}

// openTXPG is the JSON gateway, whose terminal gets another password when it rotates.
func openTXPG(w *World) (*side, error) {
	const login, first, second = "TerminalSys/kapital", "first-password", "second-password"
	sim, err := kapitaltxpg.New(kapitaltxpg.Options{PageURL: pages, Login: login, Password: first, Now: w.Now,
		Client: client(w)})
	if err != nil {
		return nil, err
	}
	s := &side{name: "kapital", kassas: map[bool]bank.Bank{}, api: sim.API(), life: minutes20, terms: manat,
		approve: sim.Approve, decline: sim.Decline, leave: sim.Cancel, desk: sim.DeskRefund, mark: func() func() {
			sim.Journal.Clear()
			return sim.Book.Mark()
		}, books: func() any { return sim.Book.All() }}
	passwords := map[bool]string{false: first, true: second}
	s.rotate = func(rotated bool) error {
		sim.Unlock(passwords[rotated])
		if !rotated && !s.rotated && s.kassas[true] != nil {
			return nil
		}
		s.rotated = rotated
		return s.sign(w, login, passwords) // a bank folder remembers which login was refused
	}
	s.late = func(order string) error {
		defer func() { _ = sim.Set(func(set *kapitaltxpg.Settings) { set.AcceptExpired = false }) }()
		return cmp.Or(sim.Set(func(set *kapitaltxpg.Settings) { set.AcceptExpired = true }), sim.Approve(order))
	}
	comes := func(order string, as kapitaltxpg.Return) error {
		_, err := sim.Return(context.Background(), order, as)
		return err
	}
	s.come = func(order string) error { return comes(order, kapitaltxpg.Return{}) }
	s.forge = func(order string) error { return comes(order, kapitaltxpg.Return{ForgeStatus: "FullyPaid"}) }
	s.again = s.come
	s.accounts = func() (all []account) {
		for _, a := range sim.Ledger().Orders {
			all = append(all, account{a.OrderID, a.Charged, a.Refunded, a.Status})
		}
		return all
	}
	s.call = func(r *http.Request, _ string) (string, bool) {
		switch {
		case r.Method == http.MethodGet:
			return "order", false
		case strings.HasSuffix(r.URL.Path, "/exec-tran"):
			return "exec-tran", true
		}
		return "create", true
	}
	return s, s.rotate(false)
}

// sign makes the bank folders that know a terminal's passwords.
func (s *side) sign(w *World, login string, passwords map[bool]string) (err error) {
	for rotated, password := range passwords {
		if s.kassas[rotated], err = kapital.New(secretOf(map[string]any{"gateway": "txpg", "environment": "test",
			"txpg": map[string]any{"merchant_id": "E1000010", "base_url": "https://bank.test/api", "login": login,
				"password": password, "page_hosts": []string{"pay.bank.test"}}}), options(w)); err != nil {
			return err
		}
	}
	return nil
}

// kartaKeys are made once: making them is the slow part. The bank has changed its key at the start already, and signs
// with the older one until the rotation.
var kartaKeys = sync.OnceValues(func() (*kartapokupoksim.PKI, error) {
	pki, err := kartapokupoksim.LoadOrCreatePKI("", "P-100", func() time.Time { return Start })
	if err == nil {
		err = pki.RotateSigning("ed25519", true)
	}
	return pki, err
})

// openKarta sells by instalments. What it signs waits until an event delivers it, and a rotation gives it another key.
func openKarta(w *World) (*side, error) {
	pki, err := kartaKeys()
	if err != nil {
		return nil, err
	}
	sim, err := kartapokupoksim.New(kartapokupoksim.Options{PageURL: pages, Partner: "P-100", PKI: pki, Auth: "none",
		Now: w.Now, Client: client(w)})
	if err != nil {
		return nil, err
	}
	key := func(name string) error {
		return sim.Set(func(set *kartapokupoksim.Settings) {
			set.Callback, set.Algorithm, set.Key = "hold", "ed25519", name
		})
	}
	s := &side{name: "kartapokupok", kassas: map[bool]bank.Bank{}, api: sim.API(), life: 30 * 24 * time.Hour,
		approve: sim.Approve, decline: sim.Reject, leave: sim.Cancel, late: sim.Approve, desk: sim.DeskRefund,
		books: func() any { return sim.Book.All() }}
	s.rotate = func(rotated bool) error { return key(map[bool]string{false: "previous", true: "current"}[rotated]) }
	s.mark = func() func() {
		sim.Journal.Clear()
		return sim.Mark()
	}
	published, err := pki.PublicKeys("ed25519")
	if err != nil {
		return nil, err
	}
	certificate, private := pki.Client()
	for rotated, keys := range map[bool][]string{false: {string(published[1])},
		true: {string(published[0]), string(published[1])}} {
		s.kassas[rotated], err = kartapokupok.New(secretOf(map[string]any{"partner_id": "P-100", "environment": "test",
			"base_url": "https://bank.test", "certificate": string(certificate), "key": string(private),
			"ca": string(pki.CA()), "payment_hosts": []string{"pay.bank.test"},
			"callback": map[string]any{"public_keys": keys, "algorithm": "ed25519"}}), options(w))
		if err != nil {
			return nil, err
		}
	}
	kartaMessages(s, sim, key)
	s.accounts = func() (all []account) {
		for _, a := range sim.Ledger().Orders {
			all = append(all, account{a.SessionID, a.Charged, a.Refunded, a.Status})
		}
		return all
	}
	s.call = func(r *http.Request, _ string) (string, bool) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		return name, name != "status"
	}
	return s, s.rotate(false)
}

// kartaMessages are what an application needs, and what the bank signs about it.
func kartaMessages(s *side, sim *kartapokupoksim.Sim, key func(string) error) {
	s.terms = func(o *checkout.Order) {
		o.Amount.Currency, o.Term = payment.BYN, 6
		o.Items = []bank.Item{{SKU: "C-1", Name: "Chair", Quantity: 1, UnitAmount: o.Amount.Minor}}
		o.Customer = bank.Customer{FirstName: "Anna", LastName: "Ivanova", Phone: "+375291234567", Email: "a@example.com"}
		o.Instalments = payment.InstalmentPolicy{Terms: []int{6}}
	}
	s.come = func(order string) error {
		_, err := sim.Deliver(context.Background(), order, false)
		return err
	}
	s.again = func(order string) error {
		_, err := sim.Replay(context.Background(), order)
		return err
	}
	s.forge = func(order string) error {
		before := sim.Settings().Key
		defer func() { _ = key(before) }()
		if err := key("foreign"); err != nil {
			return err
		}
		_, err := sim.Callback(context.Background(), order, kartapokupoksim.Message{Status: "APPROVED"})
		return err
	}
}
