package kapitalxml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kassa/shared/simbank/kapitalxml/ledger"
)

// control is the API for scripts; the package comment lists it.
func (s *Sim) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/ledger", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Ledger(), nil) })
	mux.HandleFunc("GET /_sim/requests", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"requests": s.Requests()}, nil)
	})
	mux.HandleFunc("GET /_sim/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		o, err := s.order(r.PathValue("id"))
		reply(w, account(o), err)
	})
	mux.HandleFunc("POST /_sim/orders/{id}", s.controlOrder)
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { s.replyFaults(w, nil) })
	mux.HandleFunc("POST /_sim/faults", s.controlFaults)
	mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		s.replyFaults(w, nil)
	})
	mux.HandleFunc("GET /_sim/settings", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Settings(), nil) })
	mux.HandleFunc("POST /_sim/settings", s.controlSettings)
	mux.HandleFunc("POST /_sim/reset", s.controlReset)
	mux.HandleFunc("/_sim/", func(w http.ResponseWriter, r *http.Request) {
		reply(w, nil, fmt.Errorf("%w: %s %s; the package comment of kapitalxml lists the control API", errNoRoute, r.Method, r.URL.Path))
	})
	return mux
}

var (
	errNoRoute  = errors.New("no such control")
	errBadInput = errors.New("bad input")
)

// command is the body of POST /_sim/orders/{id}.
type command struct {
	Action   string `json:"action"`
	Amount   int64  `json:"amount"`
	Status   string `json:"status"`
	Currency string `json:"currency"`
	PAN      string `json:"pan"`
	Expiry   string `json:"expiry"`
	CVV      string `json:"cvv"`
	Swap     string `json:"swap"`
	To       string `json:"to"`
	Count    int    `json:"count"`
}

func (s *Sim) controlOrder(w http.ResponseWriter, r *http.Request) {
	var c command
	if err := readJSON(w, r, &c); err != nil {
		reply(w, nil, err)
		return
	}
	id := r.PathValue("id")
	if c.Action == "callback" {
		answers, err := s.controlCallback(r, id, c)
		reply(w, map[string]any{"answers": answers}, err)
		return
	}
	if err := s.command(id, c); err != nil {
		reply(w, nil, err)
		return
	}
	o, err := s.order(id)
	reply(w, account(o), err)
}

func (s *Sim) command(id string, c command) error {
	plain := map[string]func(string) error{
		"approve": s.Approve, "decline": s.Decline, "cancel": s.Cancel, "lock": s.Lock, "unlock": s.Unlock,
		"expire": s.Expire, "settle": s.Settle, "desk_reverse": s.DeskReverse,
	}
	if run := plain[c.Action]; run != nil {
		return run(id)
	}
	switch c.Action {
	case "desk_refund":
		return s.DeskRefund(id, c.Amount)
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
	return fmt.Errorf("%w: action %.40q is not known", errBadInput, c.Action)
}

func (s *Sim) controlCallback(r *http.Request, id string, c command) ([]int, error) {
	if c.Count > 1000 {
		return nil, fmt.Errorf("%w: count is at most 1000", errBadInput)
	}
	if err := oneOf("to", c.To, "", "approve", "cancel", "decline"); err != nil {
		return nil, fmt.Errorf("%w: %w", errBadInput, err)
	}
	return s.Callback(r.Context(), id, Return{ForgeStatus: c.Status, SwapOrder: c.Swap, To: c.To, Count: c.Count})
}

// controlFaults takes one line or a list of lines.
func (s *Sim) controlFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if err := readJSON(w, r, &raw); err != nil {
		reply(w, nil, err)
		return
	}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		raw = append(append([]byte("["), raw...), ']')
	}
	var faults []Fault
	if err := strict(raw, &faults); err != nil {
		reply(w, nil, err)
		return
	}
	if err := s.Faults(faults...); err != nil {
		reply(w, nil, fmt.Errorf("%w: %w", errBadInput, err))
		return
	}
	s.replyFaults(w, nil)
}

func (s *Sim) replyFaults(w http.ResponseWriter, err error) {
	reply(w, map[string]any{"faults": s.faults.Left()}, err)
}

func (s *Sim) controlSettings(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if err := readJSON(w, r, &raw); err != nil {
		reply(w, nil, err)
		return
	}
	var malformed error
	err := s.Set(func(set *Settings) {
		next := *set
		if malformed = strict(raw, &next); malformed == nil {
			*set = next
		}
	})
	if err != nil {
		err = fmt.Errorf("%w: %w", errBadInput, err)
	}
	reply(w, s.Settings(), errors.Join(malformed, err))
}

func (s *Sim) controlReset(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Orders bool `json:"orders"`
	}
	if err := readJSON(w, r, &ask); err != nil {
		reply(w, nil, err)
		return
	}
	reply(w, map[string]any{"reset": true}, s.Reset(ask.Orders))
}

// Reset puts faults, switches and history back to the start; with orders the
// ledger is emptied too. Order ids are never used again.
func (s *Sim) Reset(orders bool) error {
	s.ClearFaults()
	s.journal.clear()
	if err := s.Set(func(set *Settings) { *set = s.opts.Settings }); err != nil {
		return err
	}
	if !orders {
		return nil
	}
	return s.book.Forget()
}

// readJSON reads a strict JSON body; an empty one stands for {}.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return fmt.Errorf("%w: the body is too large or was cut off", errBadInput)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return strict(body, into)
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
