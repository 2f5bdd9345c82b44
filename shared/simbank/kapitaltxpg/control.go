package kapitaltxpg

import (
	"errors"
	"fmt"
	"net/http"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() http.Handler {
	api := control.New(control.Bank[Settings]{
		Name: "kapitaltxpg", Faults: s.faults, Switches: s.switches,
		Ledger: func() any { return s.Ledger() }, Requests: func() any { return s.Requests() },
		Reset: s.Reset, Unknown: ledger.ErrUnknown, Refused: forbidden,
	})
	control.Handle(api, "GET /_sim/orders/{id}", func(r *http.Request, _ *struct{}) (any, error) {
		o, err := s.order(r.PathValue("id"))
		return account(o), err
	})
	control.Handle(api, "POST /_sim/orders/{id}", s.controlOrder)
	control.Handle(api, "POST /_sim/login", func(_ *http.Request, ask *unlocking) (any, error) {
		s.Unlock(ask.Password)
		return map[string]any{"unlocked": true}, nil
	})
	return api.Handler()
}

type unlocking struct {
	Password string `json:"password"`
}

// forbidden knows the steps that an order's state forbids.
func forbidden(err error) bool {
	var no ledger.Refusal
	return errors.As(err, &no)
}

// command is the body of POST /_sim/orders/{id}.
type command struct {
	Action   string `json:"action"`
	Amount   int64  `json:"amount"`
	Status   string `json:"status"`
	Currency string `json:"currency"`
	Code     string `json:"code"`
	PAN      string `json:"pan"`
	Expiry   string `json:"expiry"`
	CVV      string `json:"cvv"`
	Swap     string `json:"swap"`
	Count    int    `json:"count"`
}

func (s *Sim) controlOrder(r *http.Request, c *command) (any, error) {
	id := r.PathValue("id")
	if c.Action == "return" {
		if c.Count > 1000 {
			return nil, fmt.Errorf("%w: count is at most 1000", control.ErrBadInput)
		}
		answers, err := s.Return(r.Context(), id, Return{ForgeStatus: c.Status, SwapOrder: c.Swap, Count: c.Count})
		return map[string]any{"answers": answers}, err
	}
	if err := s.command(id, *c); err != nil {
		return nil, err
	}
	o, err := s.order(id)
	return account(o), err
}

func (s *Sim) command(id string, c command) error {
	plain := map[string]func(string) error{
		"approve": s.Approve, "decline": s.Decline, "hold": s.Hold, "cancel": s.Cancel, "expire": s.Expire,
		"desk_void": s.DeskVoid,
	}
	if run := plain[c.Action]; run != nil {
		return run(id)
	}
	switch c.Action {
	case "desk_refund":
		return s.DeskRefund(id, c.Amount)
	case "fail":
		return s.Fail(id, c.Code)
	case "amount":
		return s.SetAmount(id, c.Amount)
	case "currency":
		return s.SetCurrency(id, c.Currency)
	case "status":
		return s.SetStatus(id, c.Status)
	case "pay":
		_, err := s.Pay(id, Card{PAN: c.PAN, Expiry: c.Expiry, CVV: c.CVV})
		return err
	}
	return fmt.Errorf("%w: action %.40q is not known", control.ErrBadInput, c.Action)
}

// Reset puts faults, switches, login and history back to the start; with orders
// the ledger is emptied too. Order ids are never used again.
func (s *Sim) Reset(orders bool) error {
	s.ClearFaults()
	s.journal.Clear()
	s.Unlock(s.opts.Password)
	if err := s.switches.Reset(); err != nil {
		return err
	}
	if !orders {
		return nil
	}
	return s.book.Forget()
}
