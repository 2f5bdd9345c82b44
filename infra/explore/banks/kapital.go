package banks

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/kapital"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitaltxpg"
	txpg "kassa/shared/simbank/kapitaltxpg/ledger"
	"kassa/shared/simbank/kapitalxml"
	xml "kassa/shared/simbank/kapitalxml/ledger"
)

// manat is all that an order paid by card needs besides.
func manat(o *checkout.Order) { o.Amount.Currency = payment.AZN }

// minutes20 is how long a page for a card can be paid.
const minutes20 = 20 * time.Minute

// certified is the way to the older gateway of a terminal that signs in by its first or its second certificate.
type certified struct {
	http.RoundTripper
	second bool
}

type certificate struct{}

// RoundTrip shows the certificate, as TLS would.
func (c certified) RoundTrip(r *http.Request) (*http.Response, error) {
	return c.RoundTripper.RoundTrip(r.WithContext(context.WithValue(r.Context(), certificate{}, c.second)))
}

// openXML is the older gateway, whose terminal gets another certificate when it rotates: what stands before the bank
// turns the first one away.
func openXML(h Host) (*Side, error) {
	sim, err := kapitalxml.New(kapitalxml.Options{PageURL: pages, Merchant: "E1000010", Now: h.Now, Client: client(h)})
	if err != nil {
		return nil, err
	}
	sim.Journal.Off = true
	s := &Side{Name: "kapital", Kassas: map[bool]bank.Bank{}, Life: minutes20, Terms: manat, Approve: sim.Approve,
		Decline: sim.Decline, Leave: sim.Cancel, Desk: sim.DeskRefund, Mark: sim.Book.Mark,
		Books: func() any { return sim.Book.All() }}
	api := sim.API()
	s.API = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if second, _ := r.Context().Value(certificate{}).(bool); s.rotated && !second {
			out.WriteHeader(http.StatusForbidden)
			return
		}
		api.ServeHTTP(out, r)
	})
	s.Rotate = func(rotated bool) error {
		s.rotated = rotated
		return nil
	}
	for _, second := range []bool{false, true} {
		its := h
		its.Wire = certified{h.Wire, second}
		if s.Kassas[second], err = kapital.New(secretOf(map[string]any{"merchant_id": "E1000010", "environment": "test",
			"endpoint": "https://bank.test/Exec", "auth": "none", "page_hosts": []string{"pay.bank.test"}}),
			options(its)); err != nil {
			return nil, err
		}
	}
	s.Late = func(order string) error {
		defer func() { _ = sim.Set(func(set *kapitalxml.Settings) { set.AcceptExpired = false }) }()
		return cmp.Or(sim.Set(func(set *kapitalxml.Settings) { set.AcceptExpired = true }), sim.Approve(order))
	}
	comes := func(ctx context.Context, order string, as kapitalxml.Return) error {
		_, err := sim.Callback(ctx, order, as)
		return err
	}
	s.Come = func(ctx context.Context, order string) error { return comes(ctx, order, kapitalxml.Return{}) }
	s.Forge = func(ctx context.Context, order string) error {
		return comes(ctx, order, kapitalxml.Return{ForgeStatus: "APPROVED"})
	}
	number := func(order string) int64 {
		n, _ := strconv.ParseInt(order, 10, 64)
		return n
	}
	account := func(o xml.Order) Account {
		return Account{strconv.FormatInt(o.ID, 10), o.Charged, o.GivenBack(), o.Status}
	}
	s.Account, s.Accounts, s.Keep = accounts(sim.Book, number, account)
	s.Call = func(_ *http.Request, body string) (string, bool) {
		name := ""
		for _, operation := range []string{"CreateOrder", "GetOrderStatus", "GetOrderInformation", "Reverse", "Refund"} {
			if strings.Contains(body, "<Operation>"+operation+"</Operation>") {
				name = operation
			}
		}
		return name, !strings.HasPrefix(name, "Get")
	}
	return s, nil
}

// openTXPG is the JSON gateway, whose terminal gets another password when it rotates.
func openTXPG(h Host) (*Side, error) {
	const login, first, second = "TerminalSys/kapital", "first-password", "second-password"
	sim, err := kapitaltxpg.New(kapitaltxpg.Options{PageURL: pages, Login: login, Password: first, Now: h.Now,
		Client: client(h)})
	if err != nil {
		return nil, err
	}
	sim.Journal.Off = true
	s := &Side{Name: "kapital", Kassas: map[bool]bank.Bank{}, API: sim.API(), Life: minutes20, Terms: manat,
		Approve: sim.Approve, Decline: sim.Decline, Leave: sim.Cancel, Desk: sim.DeskRefund, Mark: sim.Book.Mark,
		Books: func() any { return sim.Book.All() }}
	passwords := map[bool]string{false: first, true: second}
	s.Rotate = func(rotated bool) error {
		sim.Unlock(passwords[rotated])
		if !rotated && !s.rotated && s.Kassas[true] != nil {
			return nil
		}
		s.rotated = rotated
		return s.sign(h, login, passwords) // a bank folder remembers which login was refused
	}
	s.Late = func(order string) error {
		defer func() { _ = sim.Set(func(set *kapitaltxpg.Settings) { set.AcceptExpired = false }) }()
		return cmp.Or(sim.Set(func(set *kapitaltxpg.Settings) { set.AcceptExpired = true }), sim.Approve(order))
	}
	comes := func(ctx context.Context, order string, as kapitaltxpg.Return) error {
		_, err := sim.Return(ctx, order, as)
		return err
	}
	s.Come = func(ctx context.Context, order string) error { return comes(ctx, order, kapitaltxpg.Return{}) }
	s.Forge = func(ctx context.Context, order string) error {
		return comes(ctx, order, kapitaltxpg.Return{ForgeStatus: "FullyPaid"})
	}
	number := func(order string) int64 {
		n, _ := strconv.ParseInt(order, 10, 64)
		return n
	}
	account := func(o txpg.Order) Account {
		return Account{strconv.FormatInt(o.ID, 10), o.Charged, o.GivenBack(), o.Status}
	}
	s.Account, s.Accounts, s.Keep = accounts(sim.Book, number, account)
	s.Call = func(r *http.Request, _ string) (string, bool) {
		switch {
		case r.Method == http.MethodGet:
			return "order", false
		case strings.HasSuffix(r.URL.Path, "/exec-tran"):
			return "exec-tran", true
		}
		return "create", true
	}
	return s, s.Rotate(false)
}

// sign makes the bank folders that know a terminal's passwords.
func (s *Side) sign(h Host, login string, passwords map[bool]string) (err error) {
	for rotated, password := range passwords {
		if s.Kassas[rotated], err = kapital.New(secretOf(map[string]any{"gateway": "txpg", "environment": "test",
			"txpg": map[string]any{"merchant_id": "E1000010", "base_url": "https://bank.test/api", "login": login,
				"password": password, "page_hosts": []string{"pay.bank.test"}}}), options(h)); err != nil {
			return err
		}
	}
	return nil
}
