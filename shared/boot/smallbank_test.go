package boot

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// smallBank is what a further bank takes: this file, which would be a folder below shared/bank, and one line among the
// folders. It takes cards in AZN, speaks JSON to one address, and signs nothing.
type smallBank struct {
	*exchange.Terminal
	setup exchange.Setup
}

func smallProfile() bank.Profile {
	return bank.Profile{
		Name: "small", Title: "Small Bank", Currencies: []payment.Currency{payment.AZN}, Locales: []string{"az"},
		PageLife: 20 * time.Minute, Status: true, Refunds: true,
		Secret: []bank.Field{{Name: "shop", Role: bank.RoleAccount}, {Name: "address", Role: bank.RoleAddress},
			{Name: "pages", Role: bank.RoleHosts}, {Name: "ca", Role: bank.RoleCA}},
	}
}

func newSmallBank(secret []byte, o exchange.Options) (*smallBank, error) {
	o = o.Filled()
	f, err := exchange.ReadSecret("small", secret)
	if err != nil {
		return nil, err
	}
	b := &smallBank{setup: exchange.Setup{
		Bank: "small", Title: smallProfile().Title, Called: "shop", Longest: 16 << 10, Timeout: 5 * time.Second,
		Account: bank.Account{Merchant: f.Text("shop"), Environment: f.OneOf("environment", "", "test", "prod")},
		Address: f.Address("address", ""), Pages: f.Pages("pages", o.Stage),
		Known:  func(h bank.Handle) bool { return exchange.IsName(h.OrderID) },
		Fields: exchange.Fields{Address: "address", Trust: "ca", Pages: "pages"},
	}}
	b.setup.Roots, b.setup.RootsEnd = f.Roots(true)
	b.setup.Wrong, _ = errors.AsType[exchange.WrongFields](f.Verdict())
	b.Terminal = exchange.NewTerminal(&b.setup, o)
	if err := b.Wrong(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *smallBank) Profile() bank.Profile { return b.Settled(smallProfile()) }

// ask puts one question. A refusal is a word in the answer.
func (b *smallBank) ask(ctx context.Context, what map[string]any, care exchange.Care) (*strict.Value, error) {
	got, err := b.PostJSON(ctx, exchange.Request{Address: b.setup.Address, Care: care}, what)
	if err != nil {
		return nil, err
	}
	if !got.OK() {
		return nil, b.WrongDoor(got, care)
	}
	answer, err := strict.ParseJSON(got.Body, strict.Form{Bytes: 16 << 10, Depth: 4, Tokens: 100})
	if err != nil {
		return nil, exchange.Unreadable(care, err)
	}
	if why, refused := answer.At("/refused").Text(); refused {
		return nil, &payment.Error{Kind: payment.Refused, BankCode: why, Message: "the bank refused"}
	}
	return answer, nil
}

func (b *smallBank) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if o.Amount.Minor <= 0 {
		return bank.Session{}, &payment.Error{Kind: payment.Refused, Code: "amount_refused", Message: "it is nothing"}
	}
	if err := b.Profile().Refuse(o); err != nil {
		return bank.Session{}, err
	}
	answer, err := b.ask(ctx, map[string]any{"do": "open", "amount": o.Amount.Minor, "back": o.ReturnURL}, exchange.Effect)
	if err != nil {
		return bank.Session{}, err
	}
	id, _ := answer.At("/id").Text()
	address, _ := answer.At("/page").Text()
	if !exchange.IsName(id) {
		return bank.Session{}, exchange.Unreadable(exchange.Effect, errors.New("the order has no id"))
	}
	page, err := b.Page(ctx, address)
	if err != nil {
		return bank.Session{}, err
	}
	return bank.Session{Handle: b.Handle(id, ""), RedirectURL: page.String(),
		ExpiresAt: o.Now.Add(smallProfile().PageLife)}, nil
}

func (b *smallBank) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	if err := b.Serves(bank.OpStatus, h); err != nil {
		return bank.Report{}, err
	}
	answer, err := b.ask(ctx, map[string]any{"do": "status", "id": h.OrderID}, exchange.Question)
	if err != nil {
		return bank.Report{}, err
	}
	word, _ := answer.At("/state").Text()
	back, unread := number(answer.At("/back"))
	states := map[string]payment.State{"open": payment.BankOpen, "paid": payment.BankApproved, "no": payment.BankDeclined}
	r := bank.Report{State: states[word], Word: word, Refunded: payment.Said(back)}
	switch {
	case unread != nil || r.State == "":
		r = bank.Report{State: payment.BankUnknown, Word: word}
	case back > 0:
		r.State = payment.BankRefunded
	}
	return r, nil
}

// Read reads the browser's return, which says nothing.
func (b *smallBank) Read(c bank.Message) (bank.Reading, error) {
	if c.Method != http.MethodGet {
		return bank.Reading{}, exchange.Malformed(errors.New("the method is not GET"))
	}
	return bank.Reading{}, nil
}

func (b *smallBank) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	if err := b.Serves(bank.OpRefund, r.Handle); err != nil {
		return "", err
	}
	answer, err := b.ask(ctx, map[string]any{"do": "refund", "id": r.Handle.OrderID, "amount": r.Amount.Minor},
		exchange.Money)
	if err != nil {
		return "", err
	}
	if id, _ = answer.At("/refund").Text(); id == "" {
		return "", exchange.Unreadable(exchange.Money, errors.New("the refund has no id"))
	}
	return id, nil
}

func number(v *strict.Value) (int64, error) {
	text, _ := v.Plain()
	return strconv.ParseInt(text, 10, 64)
}
