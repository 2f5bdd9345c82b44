package kapitalxml

import (
	"context"
	"fmt"

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
	return api
}

// command is the body of POST /_sim/orders/{id}.
type command struct {
	kapital.Command
	To string `json:"to"` // the return address that the browser takes: approve, cancel or decline
}

func (s *Sim) actions() control.Actions[command] {
	plain, quiet := control.Plain[command], control.Quiet[command]
	return control.Actions[command]{
		"approve": plain(s.Approve), "decline": plain(s.Decline), "cancel": plain(s.Cancel), "lock": plain(s.Lock),
		"unlock": plain(s.Unlock), "expire": plain(s.Expire), "settle": plain(s.EndRefund),
		"desk_reverse": plain(s.DeskReverse),
		"desk_refund":  quiet(func(id string, c command) error { return s.DeskRefund(id, c.Amount) }),
		"amount":       quiet(func(id string, c command) error { return s.SetAmount(id, c.Amount) }),
		"currency":     quiet(func(id string, c command) error { return s.SetCurrency(id, c.Currency) }),
		"status":       quiet(func(id string, c command) error { return s.SetStatus(id, c.Status) }),
		"pay": quiet(func(id string, c command) error {
			_, err := s.Pay(id, c.Card())
			return err
		}),
		"callback": func(ctx context.Context, id string, c command) ([]int, error) {
			if err := control.OneOf("to", c.To, "", "approve", "cancel", "decline"); err != nil {
				return nil, fmt.Errorf("%w: %w", control.ErrBadInput, err)
			}
			return s.Callback(ctx, id, Return{ForgeStatus: c.Status, SwapOrder: c.Swap, To: c.To, Count: c.Count})
		},
	}
}
