package kartapokupok

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kartapokupok/ledger"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() http.Handler {
	api := control.New(control.Bank[Settings]{
		Name: "kartapokupok", Faults: s.faults, Switches: s.switches,
		Ledger: func() any { return s.Ledger() }, Requests: func() any { return s.Requests() },
		Reset: s.Reset, Unknown: ledger.ErrUnknown, Refused: forbidden,
	})
	control.Handle(api, "GET /_sim/callbacks", func(*http.Request, *struct{}) (any, error) {
		return map[string]any{"callbacks": s.Callbacks()}, nil
	})
	control.Handle(api, "POST /_sim/callbacks", func(r *http.Request, ask *delivery) (any, error) {
		answers, err := s.Deliver(r.Context(), ask.Session, ask.NewestFirst)
		return map[string]any{"answers": answers}, err
	})
	control.Handle(api, "GET /_sim/orders/{session}", func(r *http.Request, _ *struct{}) (any, error) {
		return s.Order(r.PathValue("session"))
	})
	control.Handle(api, "POST /_sim/orders/{session}", s.controlOrder)
	control.Handle(api, "GET /_sim/keys", func(*http.Request, *struct{}) (any, error) { return s.keys() })
	control.Handle(api, "POST /_sim/rotate", s.controlRotate)
	return api.Handler()
}

// forbidden knows the steps that an order's state forbids.
func forbidden(err error) bool {
	var no ledger.Refusal
	return errors.As(err, &no)
}

type delivery struct {
	Session     string `json:"session"`
	NewestFirst bool   `json:"newest_first"`
}

// command is the body of POST /_sim/orders/{session}.
type command struct {
	Action   string  `json:"action"`
	Amount   int64   `json:"amount"`
	Status   string  `json:"status"`
	Currency string  `json:"currency"`
	OrderRef string  `json:"order_ref"`
	Message  Message `json:"message"`
}

func (s *Sim) controlOrder(r *http.Request, c *command) (any, error) {
	session := r.PathValue("session")
	switch c.Action {
	case "replay":
		status, err := s.Replay(r.Context(), session)
		return map[string]any{"answers": []int{status}}, err
	case "callback":
		if c.Message.Count < 0 || c.Message.Count > 1000 {
			return nil, fmt.Errorf("%w: count is at most 1000", control.ErrBadInput)
		}
		answers, err := s.Callback(r.Context(), session, c.Message)
		return map[string]any{"answers": answers}, err
	}
	if err := s.command(session, *c); err != nil {
		return nil, err
	}
	return s.Order(session)
}

func (s *Sim) command(session string, c command) error {
	plain := map[string]func(string) error{
		"approve": s.Approve, "reject": s.Reject, "cancel": s.Cancel, "later": s.Later, "expire": s.Expire,
		"deliver": func(session string) error {
			_, err := s.Deliver(context.Background(), session, false)
			return err
		},
	}
	if run := plain[c.Action]; run != nil {
		return run(session)
	}
	switch c.Action {
	case "desk_refund":
		return s.DeskRefund(session, c.Amount)
	case "amount":
		return s.SetAmount(session, c.Amount)
	case "currency":
		return s.SetCurrency(session, c.Currency)
	case "order_ref":
		return s.SetOrderRef(session, c.OrderRef)
	case "status":
		return s.SetStatus(session, c.Status)
	}
	return fmt.Errorf("%w: action %.40q is not known", control.ErrBadInput, c.Action)
}
