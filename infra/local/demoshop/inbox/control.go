package inbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"kassa/shared/loopback"
	"kassa/shared/simbank/fault/script"
)

// ControlPath is where Control wants to be.
const ControlPath = "/_shop/webhooks"

// Control is for tests and for the curious; a real shop has nothing of the kind. Under ControlPath:
//
//	GET              what arrived: {"messages":[...],"refused":[...],"faults":[...]}, newest first; ?shop, ?order_ref and
//	                 ?payment_id choose
//	POST   /faults   a Fault as JSON, or a list of them
//	DELETE /faults   the shop works again
//	POST   /secrets  {"shop":"demo-az","secrets":["whsec_..."]}: what its messages may be signed with, until the shop
//	                 restarts
func (b *Inbox) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPath, b.report)
	mux.HandleFunc("POST "+ControlPath+"/faults", func(w http.ResponseWriter, r *http.Request) {
		var text json.RawMessage
		command(w, r, &text, func() error {
			faults, err := script.Parse[Fault](text)
			for _, f := range faults {
				err = errors.Join(err, b.Fail(f))
			}
			return err
		})
	})
	mux.HandleFunc("DELETE "+ControlPath+"/faults", func(w http.ResponseWriter, _ *http.Request) {
		b.Recover()
		answer(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("POST "+ControlPath+"/secrets", func(w http.ResponseWriter, r *http.Request) {
		var to struct {
			Shop    string   `json:"shop"`
			Secrets []string `json:"secrets"`
		}
		command(w, r, &to, func() error { return b.Trust(to.Shop, to.Secrets...) })
	})
	return loopback.Control(mux)
}

// report tells all that arrived, also what was refused, with the time by the shop's clock.
func (b *Inbox) report(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	list, err := b.Messages(Filter{Shop: query.Get("shop"), OrderRef: query.Get("order_ref"),
		PaymentID: query.Get("payment_id")})
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	answer(w, http.StatusOK, struct {
		Messages []Message `json:"messages"`
		Refused  []Refusal `json:"refused"`
		Faults   []Fault   `json:"faults"`
		At       time.Time `json:"at"`
	}{append([]Message{}, list...), b.Refused(), b.Faults(), b.now().UTC()})
}

// command decodes a JSON body strictly and does what it says.
func command(w http.ResponseWriter, r *http.Request, to any, do func() error) {
	in := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	in.DisallowUnknownFields()
	err := in.Decode(to)
	if err == nil {
		err = do()
	}
	if err != nil {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}
