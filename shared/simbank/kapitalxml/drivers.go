package kapitalxml

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/kapital"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// Card is what a customer types on the page: digits, expiry as MMYY.
type Card = kapital.Card

// Statement is the bank's ledger: what it charged and gave back.
type Statement = simbank.Statement[Account]

// Account is one order of the ledger. Refunded is everything that went back to
// the customer, through refunds and through a reversal.
type Account struct {
	OrderID     string             `json:"order_id"`
	Amount      int64              `json:"amount"`
	Currency    string             `json:"currency"`
	Charged     int64              `json:"charged"`
	Refunded    int64              `json:"refunded"`
	Held        int64              `json:"held"`
	Pending     int64              `json:"pending"` // a refund that is ON-REFUND
	Status      string             `json:"status"`
	Code        string             `json:"response_code"`
	Description string             `json:"description"`
	Card        string             `json:"card"` // masked
	CreatedAt   time.Time          `json:"created_at"`
	Operations  []ledger.Operation `json:"operations"`
}

// Ledger returns what the bank charged and gave back, oldest order first.
func (s *Sim) Ledger() Statement {
	return simbank.State(s.Book.All(), func(o ledger.Order) (Account, int64, int64) {
		return account(o), o.Charged, o.GivenBack()
	})
}

func account(o ledger.Order) Account {
	return Account{
		OrderID: idText(o.ID), Amount: o.Amount, Currency: o.Currency, Charged: o.Charged,
		Refunded: o.GivenBack(), Held: o.Held, Pending: o.Pending, Status: o.Status, Code: o.Code,
		Description: o.Description, Card: o.Card.Masked, CreatedAt: o.Created,
		Operations: append([]ledger.Operation{}, o.Operations...),
	}
}

// Status returns an order's status as it stands, without looking at the clock.
func (s *Sim) Status(orderID string) (string, error) {
	o, err := s.order(orderID)
	return o.Status, err
}

// Pay pays an order with a card as the page would, without a browser: nobody
// comes back to the shop. It returns the status after it.
func (s *Sim) Pay(orderID string, c Card) (string, error) {
	return s.drive(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error { return o.Pay(c, now, r) })
}

// Approve lets the bank's host say yes to an open or locked order.
func (s *Sim) Approve(orderID string) error { return s.do(orderID, (*ledger.Order).Approve) }

// Decline lets the issuer say no.
func (s *Sim) Decline(orderID string) error { return s.do(orderID, (*ledger.Order).Decline) }

// Cancel is the customer's cancel button.
func (s *Sim) Cancel(orderID string) error { return s.do(orderID, (*ledger.Order).Cancel) }

// Lock leaves an order ON-LOCK.
func (s *Sim) Lock(orderID string) error { return s.do(orderID, (*ledger.Order).Lock) }

// Unlock ends the lock without a result: the order is CREATED again.
func (s *Sim) Unlock(orderID string) error { return s.do(orderID, timed((*ledger.Order).Unlock)) }

// Expire ends an unpaid order now.
func (s *Sim) Expire(orderID string) error { return s.do(orderID, timed((*ledger.Order).ForceExpire)) }

// EndRefund ends a refund that is ON-REFUND.
func (s *Sim) EndRefund(orderID string) error { return s.do(orderID, (*ledger.Order).EndRefund) }

// DeskRefund is a refund by the bank itself; amount in minor units.
func (s *Sim) DeskRefund(orderID string, amount int64) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		return o.DeskRefund(amount, now, r)
	})
}

// DeskReverse is a reversal by the bank itself.
func (s *Sim) DeskReverse(orderID string) error { return s.do(orderID, (*ledger.Order).DeskReverse) }

// SetStatus lets the bank claim any status, known or not. It moves no money.
func (s *Sim) SetStatus(orderID, status string) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, _ ledger.Rules) error {
		o.Status, o.Updated = status, now
		return nil
	})
}

// SetAmount lets the bank claim another amount. A charge that was already
// taken becomes that amount too, as if the bank had charged wrongly.
func (s *Sim) SetAmount(orderID string, amount int64) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, _ ledger.Rules) error {
		if amount <= 0 || o.GivenBack() > 0 {
			return ledger.Refusal{Code: ledger.BadFormat, Why: "the amount must be positive and nothing given back yet"}
		}
		if o.Charged > 0 {
			o.Charged = amount
		}
		o.Amount, o.Updated = amount, now
		return nil
	})
}

// SetCurrency lets the bank claim another currency (numeric ISO 4217).
func (s *Sim) SetCurrency(orderID, currency string) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, _ ledger.Rules) error {
		o.Currency, o.Updated = currency, now
		return nil
	})
}

// Return describes messages that the bank sends from its own address.
type Return struct {
	ForgeStatus string // stands in the message instead of the real status
	SwapOrder   string // the order whose ids stand in the message
	To          string // "approve", "cancel" or "decline" instead of the address that fits
	Count       int    // how often; zero means once
}

// Callback sends the return message without a browser and returns the shop's
// HTTP statuses. What it leaves open is as the switches say.
func (s *Sim) Callback(ctx context.Context, orderID string, as Return) ([]int, error) {
	o, err := s.order(orderID)
	if err != nil {
		return nil, err
	}
	set := s.Settings()
	set.ForgeStatus = cmp.Or(as.ForgeStatus, set.ForgeStatus)
	set.SwapOrder = cmp.Or(as.SwapOrder, set.SwapOrder)
	p, err := s.pack(toward(o, as.To), set)
	if err != nil {
		return nil, err
	}
	return simbank.Repeat(ctx, as.Count, func(ctx context.Context) (int, error) { return s.deliver(ctx, p) })
}

// toward sends the message to another of the order's three addresses.
func toward(o ledger.Order, to string) ledger.Order {
	switch to {
	case "approve":
		o.CancelURL, o.DeclineURL = o.ApproveURL, o.ApproveURL
	case "cancel":
		o.ApproveURL, o.DeclineURL = o.CancelURL, o.CancelURL
	case "decline":
		o.ApproveURL, o.CancelURL = o.DeclineURL, o.DeclineURL
	}
	return o
}

func (s *Sim) order(orderID string) (ledger.Order, error) {
	id, err := strconv.ParseInt(orderID, 10, 64)
	if err != nil {
		return ledger.Order{}, fmt.Errorf("order %.40q: %w", orderID, ledger.ErrUnknown)
	}
	return s.Book.Find(id)
}

func (s *Sim) do(orderID string, take step) error {
	_, err := s.drive(orderID, take)
	return err
}

func (s *Sim) drive(orderID string, take step) (string, error) {
	o, err := s.order(orderID)
	if err != nil {
		return "", err
	}
	o, err = s.act(o.ID, take)
	return o.Status, err
}

// act takes a step on an order under the switches as they stand.
func (s *Sim) act(id int64, take step) (ledger.Order, error) {
	set, now := s.Settings(), s.Now()
	return s.Book.Change(id, func(o *ledger.Order) error { return take(o, now, set.Rules) })
}

func timed(f func(*ledger.Order, time.Time) error) step {
	return func(o *ledger.Order, now time.Time, _ ledger.Rules) error { return f(o, now) }
}
