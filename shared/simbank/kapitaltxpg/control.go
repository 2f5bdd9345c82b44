package kapitaltxpg

import (
	"context"
	"net/http"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kapital"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() *control.API {
	api := s.Control(func() any { return s.Ledger() }, s.Reset)
	control.Orders(api, func(id string) (any, error) {
		o, err := s.order(id)
		return account(o), err
	}, s.actions())
	control.Handle(api, "POST /_sim/login", func(_ *http.Request, ask *unlockRequest) (any, error) {
		s.Unlock(ask.Password)
		return map[string]any{"unlocked": true}, nil
	})
	return api
}

type unlockRequest struct {
	Password string `json:"password"`
}

// command is the body of POST /_sim/orders/{id}.
type command struct {
	kapital.Command
	Code string `json:"code"` // that the bank's host refuses with
}

func (s *Sim) actions() control.Actions[command] {
	plain, quiet := control.Plain[command], control.Quiet[command]
	return control.Actions[command]{
		"approve": plain(s.Approve), "decline": plain(s.Decline), "hold": plain(s.Hold), "cancel": plain(s.Cancel),
		"expire": plain(s.Expire), "desk_void": plain(s.DeskVoid),
		"desk_refund": quiet(func(id string, c command) error { return s.DeskRefund(id, c.Amount) }),
		"fail":        quiet(func(id string, c command) error { return s.Fail(id, c.Code) }),
		"amount":      quiet(func(id string, c command) error { return s.SetAmount(id, c.Amount) }),
		"currency":    quiet(func(id string, c command) error { return s.SetCurrency(id, c.Currency) }),
		"status":      quiet(func(id string, c command) error { return s.SetStatus(id, c.Status) }),
		"pay": quiet(func(id string, c command) error {
			_, err := s.Pay(id, c.Card())
			return err
		}),
		"return": func(ctx context.Context, id string, c command) ([]int, error) {
			return s.Return(ctx, id, Return{ForgeStatus: c.Status, SwapOrder: c.Swap, Count: c.Count})
		},
	}
}

// Reset puts faults, switches, login and history back to the start; with orders
// the ledger is emptied too. Order ids are never used again.
func (s *Sim) Reset(orders bool) error {
	s.Unlock(s.opts.Password)
	return s.base.Reset(orders)
}
