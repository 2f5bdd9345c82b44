package kartapokupok

import (
	"context"
	"net/http"

	"kassa/shared/simbank/control"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() *control.API {
	api := s.Control(func() any { return s.Ledger() }, s.Reset)
	control.Handle(api, "GET /_sim/callbacks", func(*http.Request, *struct{}) (any, error) {
		return map[string]any{"callbacks": s.Callbacks()}, nil
	})
	control.Handle(api, "POST /_sim/callbacks", func(r *http.Request, ask *delivery) (any, error) {
		answers, err := s.Deliver(r.Context(), ask.Session, ask.NewestFirst)
		return map[string]any{"answers": answers}, err
	})
	control.Orders(api, func(session string) (any, error) { return s.Order(session) }, s.actions())
	control.Handle(api, "GET /_sim/keys", func(*http.Request, *struct{}) (any, error) { return s.keys() })
	control.Handle(api, "POST /_sim/rotate", s.controlRotate)
	return api
}

type delivery struct {
	Session     string `json:"session"`
	NewestFirst bool   `json:"newest_first"`
}

// command is the body of POST /_sim/orders/{session}.
type command struct {
	control.Command
	OrderRef string  `json:"order_ref"`
	Message  Message `json:"message"`
}

// Common gives the part that all commands have; what is counted are messages.
func (c command) Common() control.Command {
	common := c.Command
	common.Count = c.Message.Count
	return common
}

func (s *Sim) actions() control.Actions[command] {
	plain, quiet := control.Plain[command], control.Quiet[command]
	return control.Actions[command]{
		"approve": plain(s.Approve), "reject": plain(s.Reject), "cancel": plain(s.Cancel), "later": plain(s.Later),
		"expire":      plain(s.Expire),
		"desk_refund": quiet(func(session string, c command) error { return s.DeskRefund(session, c.Amount) }),
		"amount":      quiet(func(session string, c command) error { return s.SetAmount(session, c.Amount) }),
		"currency":    quiet(func(session string, c command) error { return s.SetCurrency(session, c.Currency) }),
		"order_ref":   quiet(func(session string, c command) error { return s.SetOrderRef(session, c.OrderRef) }),
		"status":      quiet(func(session string, c command) error { return s.SetStatus(session, c.Status) }),
		"deliver": func(ctx context.Context, session string, _ command) ([]int, error) {
			_, err := s.Deliver(context.WithoutCancel(ctx), session, false)
			return nil, err
		},
		"replay": func(ctx context.Context, session string, _ command) ([]int, error) {
			status, err := s.Replay(ctx, session)
			return []int{status}, err
		},
		"callback": func(ctx context.Context, session string, c command) ([]int, error) {
			return s.Callback(ctx, session, c.Message)
		},
	}
}
