// Package control is the API by which scripts drive a simulated bank, /_sim/:
// what every bank answers there, and the frame for what is one bank's own.
package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kassa/shared/loopback"
	"kassa/shared/simbank/book"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/fault/script"
)

// ErrBadInput is what a control answers with 400.
var ErrBadInput = errors.New("bad input")

var errNoRoute = errors.New("no such control")

// maxBody is the largest command, in bytes.
const maxBody = 1 << 20

// Bank is what the common controls need of a bank.
type Bank[S Settings] struct {
	// Name of the package whose comment lists the bank's controls.
	Name     string
	Faults   *fault.Plan
	Switches *Switches[S]
	// Ledger and Requests are what the two controls of that name show.
	Ledger, Requests func() any
	// Reset puts faults, switches and history back to the start, and empties
	// the ledger too where orders says so.
	Reset func(orders bool) error
}

// API collects a bank's controls.
type API struct{ mux *http.ServeMux }

// New returns the controls that every bank has: ledger, requests, faults,
// settings and reset.
func New[S Settings](b Bank[S]) *API {
	a := &API{mux: http.NewServeMux()}
	left := func() any { return map[string]any{"faults": b.Faults.Left()} }
	Handle(a, "GET /_sim/ledger", func(*http.Request, *struct{}) (any, error) { return b.Ledger(), nil })
	Handle(a, "GET /_sim/requests", func(*http.Request, *struct{}) (any, error) {
		return map[string]any{"requests": b.Requests()}, nil
	})
	Handle(a, "GET /_sim/faults", func(*http.Request, *struct{}) (any, error) { return left(), nil })
	Handle(a, "POST /_sim/faults", func(_ *http.Request, raw *json.RawMessage) (any, error) {
		faults, err := script.Parse[fault.Fault](*raw)
		if err == nil {
			err = b.Faults.Add(faults...)
		}
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrBadInput, err)
		}
		return left(), err
	})
	Handle(a, "DELETE /_sim/faults", func(*http.Request, *struct{}) (any, error) {
		b.Faults.Clear()
		return left(), nil
	})
	Handle(a, "GET /_sim/settings", func(*http.Request, *struct{}) (any, error) { return b.Switches.Get(), nil })
	Handle(a, "POST /_sim/settings", func(_ *http.Request, raw *json.RawMessage) (any, error) {
		err := b.Switches.read(*raw)
		return b.Switches.Get(), err
	})
	Handle(a, "POST /_sim/reset", func(_ *http.Request, ask *resetRequest) (any, error) {
		return map[string]any{"reset": true}, b.Reset(ask.Orders)
	})
	a.mux.HandleFunc("/_sim/", func(w http.ResponseWriter, r *http.Request) {
		a.reply(w, nil, fmt.Errorf("%w: %s %s; the package comment of %s lists the control API",
			errNoRoute, r.Method, r.URL.Path, b.Name))
	})
	return a
}

type resetRequest struct {
	Orders bool `json:"orders"`
}

// Handler serves the controls, guarded against pages of other sites.
func (a *API) Handler() http.Handler { return loopback.Control(a.mux) }

// Handle serves one control: a strict JSON body in (an empty one stands for {}),
// JSON out.
func Handle[T any](a *API, pattern string, run func(*http.Request, *T) (any, error)) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			a.reply(w, nil, fmt.Errorf("%w: the body is too large or was cut off", ErrBadInput))
			return
		}
		if len(bytes.TrimSpace(body)) == 0 {
			body = []byte("{}")
		}
		var ask T
		if err := strict(body, &ask); err != nil {
			a.reply(w, nil, err)
			return
		}
		value, err := run(r, &ask)
		a.reply(w, value, err)
	})
}

func strict(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrBadInput, err)
	}
	if decoder.More() {
		return fmt.Errorf("%w: something follows the JSON value", ErrBadInput)
	}
	return nil
}

// reply writes the value, or the error with the status that fits it.
func (a *API) reply(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	var no book.Refusal // a step that the order's state forbids
	switch {
	case err == nil:
	case errors.Is(err, book.ErrUnknown), errors.Is(err, errNoRoute):
		status = http.StatusNotFound
	case errors.Is(err, ErrBadInput):
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
