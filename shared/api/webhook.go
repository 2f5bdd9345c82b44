package api

import (
	"encoding/json"
	"fmt"
	"time"

	"kassa/shared/payment"
)

// maxEvent bounds the body of a webhook, in bytes. Source: Standard Webhooks 1.0.0 asks for less than 20 KB.
const maxEvent = 20_000 - 1

// Event is a webhook as it is sent.
type Event struct {
	ID   string // webhook-id: the same however often the event is sent
	Body []byte // JSON, see EventView
}

// EventView is the body of a webhook: what happened, and how the payment stands by the time that it is sent.
type EventView struct {
	Type      string      `json:"type"`
	Timestamp string      `json:"timestamp"` // when it happened
	Sequence  int64       `json:"sequence"`  // of the change that it tells of; data has its own
	Data      PaymentView `json:"data"`
}

// ViewEvent tells p's shop of an entry of its history. A webhook opens no doors: it holds neither the client token nor the bank's page.
// Of a history that is too long the oldest entries are left out; the sequence of the first that is there says how many.
func ViewEvent(p payment.Payment, e payment.Entry, orderStatus map[string]string, now time.Time) (Event, error) {
	data := ViewPayment(p, orderStatus, now)
	data.RedirectURL, data.ClientToken = nil, nil
	view := EventView{Type: e.Announced(), Timestamp: stamp(e.At), Sequence: e.Sequence, Data: data}
	for {
		body, err := json.Marshal(view)
		if err != nil {
			return Event{}, fmt.Errorf("encode event %d of %s: %w", e.Sequence, p.ID, err)
		}
		if len(body) <= maxEvent || len(view.Data.History) == 0 {
			return Event{ID: fmt.Sprintf("evt_%s_%d", p.ID, e.Sequence), Body: body}, nil
		}
		view.Data.History = view.Data.History[(len(view.Data.History)+3)/4:]
	}
}
