package kartapokupok

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kassa/shared/simbank/kartapokupok/ledger"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "GET /_sim/ledger", func(*http.Request, *struct{}) (any, error) { return s.Ledger(), nil })
	handle(mux, "GET /_sim/requests", func(*http.Request, *struct{}) (any, error) {
		return map[string]any{"requests": s.Requests()}, nil
	})
	handle(mux, "GET /_sim/callbacks", func(*http.Request, *struct{}) (any, error) {
		return map[string]any{"callbacks": s.Callbacks()}, nil
	})
	handle(mux, "POST /_sim/callbacks", func(r *http.Request, ask *delivery) (any, error) {
		answers, err := s.Deliver(r.Context(), ask.Session, ask.NewestFirst)
		return map[string]any{"answers": answers}, err
	})
	handle(mux, "GET /_sim/orders/{session}", func(r *http.Request, _ *struct{}) (any, error) {
		return s.Order(r.PathValue("session"))
	})
	handle(mux, "POST /_sim/orders/{session}", s.controlOrder)
	handle(mux, "GET /_sim/faults", func(*http.Request, *struct{}) (any, error) { return s.faultsLeft(), nil })
	handle(mux, "POST /_sim/faults", s.controlFaults)
	handle(mux, "DELETE /_sim/faults", func(*http.Request, *struct{}) (any, error) {
		s.ClearFaults()
		return s.faultsLeft(), nil
	})
	handle(mux, "GET /_sim/settings", func(*http.Request, *struct{}) (any, error) { return s.Settings(), nil })
	handle(mux, "POST /_sim/settings", s.controlSettings)
	handle(mux, "GET /_sim/keys", func(*http.Request, *struct{}) (any, error) { return s.keys() })
	handle(mux, "POST /_sim/rotate", s.controlRotate)
	handle(mux, "POST /_sim/reset", func(_ *http.Request, ask *resetting) (any, error) {
		return map[string]any{"reset": true}, s.Reset(ask.Orders)
	})
	mux.HandleFunc("/_sim/", func(w http.ResponseWriter, r *http.Request) {
		reply(w, nil, fmt.Errorf("%w: %s %s; the package comment of kartapokupok lists the control API", errNoRoute, r.Method, r.URL.Path))
	})
	return mux
}

var (
	errNoRoute  = errors.New("no such control")
	errBadInput = errors.New("bad input")
)

type delivery struct {
	Session     string `json:"session"`
	NewestFirst bool   `json:"newest_first"`
}

type resetting struct {
	Orders bool `json:"orders"`
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
			return nil, fmt.Errorf("%w: count is at most 1000", errBadInput)
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
	return fmt.Errorf("%w: action %.40q is not known", errBadInput, c.Action)
}

// controlFaults takes one line or a list of lines.
func (s *Sim) controlFaults(_ *http.Request, raw *json.RawMessage) (any, error) {
	text := bytes.TrimSpace(*raw)
	if !bytes.HasPrefix(text, []byte("[")) {
		text = append(append([]byte("["), text...), ']')
	}
	var faults []Fault
	if err := strict(text, &faults); err != nil {
		return nil, err
	}
	if err := s.Faults(faults...); err != nil {
		return nil, fmt.Errorf("%w: %w", errBadInput, err)
	}
	return s.faultsLeft(), nil
}

func (s *Sim) faultsLeft() any { return map[string]any{"faults": s.faults.Left()} }

func (s *Sim) controlSettings(_ *http.Request, raw *json.RawMessage) (any, error) {
	var malformed error
	err := s.Set(func(set *Settings) {
		next := *set
		if malformed = strict(*raw, &next); malformed == nil {
			*set = next
		}
	})
	if err != nil {
		err = fmt.Errorf("%w: %w", errBadInput, err)
	}
	return s.Settings(), errors.Join(malformed, err)
}

// handle serves one control: a strict JSON body in (an empty one stands for {}),
// JSON out.
func handle[T any](mux *http.ServeMux, pattern string, run func(*http.Request, *T) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			reply(w, nil, fmt.Errorf("%w: the body is too large or was cut off", errBadInput))
			return
		}
		if len(bytes.TrimSpace(body)) == 0 {
			body = []byte("{}")
		}
		var ask T
		if err := strict(body, &ask); err != nil {
			reply(w, nil, err)
			return
		}
		value, err := run(r, &ask)
		reply(w, value, err)
	})
}

func strict(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errBadInput, err)
	}
	if decoder.More() {
		return fmt.Errorf("%w: something follows the JSON value", errBadInput)
	}
	return nil
}

// reply writes the value, or the error with the status that fits it.
func reply(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	var no ledger.Refusal
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrUnknown), errors.Is(err, errNoRoute):
		status = http.StatusNotFound
	case errors.Is(err, errBadInput):
		status = http.StatusBadRequest
	case errors.As(err, &no):
		status = http.StatusConflict
	default:
		status = http.StatusBadGateway
	}
	if err != nil {
		value = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(value)
}
