package kapitaltxpg

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/kapital"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// Card is what a customer types on the page: digits, expiry as MMYY.
type Card = kapital.Card

// Rules are the switches of an order's life.
type Rules = ledger.Rules

// Statement is the bank's ledger: what it charged and gave back.
type Statement = simbank.Statement[Account]

// Account is one order of the ledger. Refunded is everything that went back to the
// customer, through refunds and through voids.
type Account struct {
	OrderID     string        `json:"order_id"`
	Amount      int64         `json:"amount"`
	Currency    string        `json:"currency"`
	Charged     int64         `json:"charged"`
	Refunded    int64         `json:"refunded"`
	Held        int64         `json:"held"`
	Status      string        `json:"status"`
	Description string        `json:"description"`
	Reference   string        `json:"reference"`
	Taksit      int           `json:"taksit"` // months; 0 = at once
	Card        string        `json:"card"`   // masked
	CreatedAt   time.Time     `json:"created_at"`
	Operations  []ledger.Tran `json:"operations"`
}

// Ledger returns what the bank charged and gave back, oldest order first.
func (s *Sim) Ledger() Statement {
	return simbank.State(s.Book.All(), func(o ledger.Order) (Account, int64, int64) {
		return account(o), o.Charged, o.GivenBack()
	})
}

func account(o ledger.Order) Account {
	return Account{
		OrderID: idText(o.ID), Amount: o.Amount, Currency: o.Currency, Charged: o.Charged, Refunded: o.GivenBack(),
		Held: o.Held, Status: o.Status, Description: o.Description, Reference: o.Reference, Taksit: o.Taksit,
		Card: o.Card.Masked, CreatedAt: o.Created, Operations: append([]ledger.Tran{}, o.Trans...),
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
	o, err := s.drive(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error { return o.Pay(c, now, r) })
	return o.Status, err
}

// Approve lets the bank's host say yes to an open order.
func (s *Sim) Approve(orderID string) error { return s.do(orderID, (*ledger.Order).Approve) }

// Decline is the issuer's no that ends the order.
func (s *Sim) Decline(orderID string) error { return s.do(orderID, (*ledger.Order).Decline) }

// Fail is a declined try with a pmoResultCode; the order stays Preparing while the
// rules leave tries.
func (s *Sim) Fail(orderID, code string) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		return o.Fail(cmp.Or(code, "59"), now, r)
	})
}

// Hold reserves the amount and takes nothing.
func (s *Sim) Hold(orderID string) error { return s.do(orderID, (*ledger.Order).Hold) }

// Cancel is the customer's cancel button.
func (s *Sim) Cancel(orderID string) error { return s.do(orderID, (*ledger.Order).Cancel) }

// Expire ends an unpaid order now.
func (s *Sim) Expire(orderID string) error { return s.do(orderID, (*ledger.Order).Expire) }

// DeskRefund is a refund by the bank itself; amount in minor units.
func (s *Sim) DeskRefund(orderID string, amount int64) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		if amount <= 0 {
			return ledger.Refusal{Code: ledger.InvalidAmount, Why: "the desk needs an amount"}
		}
		_, err := o.Refund(amount, desk(), now, r)
		return err
	})
}

// DeskVoid is a void of the whole by the bank itself.
func (s *Sim) DeskVoid(orderID string) error {
	return s.do(orderID, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		_, err := o.VoidAll(desk(), now, r)
		return err
	})
}

func desk() ledger.Mover { return ledger.Mover{Login: "Desk", Desk: true} }

// SetStatus lets the bank claim any status, known or not. It moves no money.
func (s *Sim) SetStatus(orderID, status string) error {
	return s.do(orderID, func(o *ledger.Order, _ time.Time, _ ledger.Rules) error {
		o.Previous, o.Status = o.Status, status
		return nil
	})
}

// SetAmount lets the bank claim another amount. A charge that was already taken
// becomes that amount too, as if the bank had charged wrongly.
func (s *Sim) SetAmount(orderID string, amount int64) error {
	return s.do(orderID, func(o *ledger.Order, _ time.Time, _ ledger.Rules) error {
		if amount <= 0 || o.GivenBack() > 0 {
			return ledger.Refusal{Code: ledger.InvalidAmount, Why: "the amount must be positive and nothing given back yet"}
		}
		o.Amount = amount
		if o.Charged > 0 {
			o.Charged = amount
			trans := append([]ledger.Tran{}, o.Trans...)
			for i := range trans {
				if trans[i].Clear > 0 {
					trans[i].Amount, trans[i].Clear = amount, amount
				}
			}
			o.Trans = trans
		}
		return nil
	})
}

// SetCurrency lets the bank claim another currency, such as USD.
func (s *Sim) SetCurrency(orderID, currency string) error {
	return s.do(orderID, func(o *ledger.Order, _ time.Time, _ ledger.Rules) error {
		o.Currency = currency
		return nil
	})
}

// Return describes browsers that come back to the shop without a page.
type Return struct {
	ForgeStatus string // stands in the address instead of the real status
	SwapOrder   string // stands in the address instead of the order's id
	Count       int    // how often; zero means once
}

// Return comes back to the shop as a browser does and returns the shop's HTTP
// statuses. What it leaves open is as the switches say.
func (s *Sim) Return(ctx context.Context, orderID string, as Return) ([]int, error) {
	o, err := s.order(orderID)
	if err != nil {
		return nil, err
	}
	set := s.Settings()
	set.ForgeStatus = cmp.Or(as.ForgeStatus, set.ForgeStatus)
	set.SwapOrder = cmp.Or(as.SwapOrder, set.SwapOrder)
	address := returnAddress(o, set)
	return simbank.Repeat(ctx, as.Count, func(ctx context.Context) (int, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return 0, fmt.Errorf("return to the shop: %w", err)
		}
		return s.Send(request)
	})
}

func (s *Sim) order(orderID string) (ledger.Order, error) {
	id, err := number(orderID)
	if err != nil {
		return ledger.Order{}, err
	}
	return s.Book.Find(id)
}

func number(orderID string) (int64, error) {
	id, err := strconv.ParseInt(orderID, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("order %.40q: %w", orderID, ledger.ErrUnknown)
	}
	return id, nil
}

func (s *Sim) do(orderID string, take step) error {
	_, err := s.drive(orderID, take)
	return err
}

// drive takes a step on an order under the switches as they stand.
func (s *Sim) drive(orderID string, take step) (ledger.Order, error) {
	id, err := number(orderID)
	if err != nil {
		return ledger.Order{}, err
	}
	set, now := s.Settings(), s.Now()
	return s.Book.Change(id, func(o *ledger.Order) error { return take(o, now, set.Rules) })
}
