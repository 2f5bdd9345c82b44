package api

import (
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// UndeliveredView is what of a payment its shop has not acknowledged.
type UndeliveredView struct {
	ID          string         `json:"id"`
	OrderRef    string         `json:"order_ref"`
	Status      payment.Status `json:"status"`
	CreatedAt   string         `json:"created_at"`
	Undelivered []MessageView  `json:"undelivered"` // oldest first
}

// MessageView is one webhook that was not acknowledged so far.
type MessageView struct {
	EventID    string  `json:"event_id"` // webhook-id: the same on every try
	Type       string  `json:"type"`
	Timestamp  string  `json:"timestamp"` // when it happened
	State      string  `json:"state"`     // waiting or dead
	Tries      int     `json:"tries"`
	NextTryAt  *string `json:"next_try_at"` // null while the first try is under way, and when nobody tries any more
	LastAnswer *string `json:"last_answer"` // of the shop's server: an HTTP status, or a word of ours
}

// ViewUndelivered shows what of p its shop has not acknowledged.
func ViewUndelivered(p payment.Payment) UndeliveredView {
	v := UndeliveredView{ID: p.ID.String(), OrderRef: p.OrderRef, Status: p.Status, CreatedAt: stamp(p.CreatedAt), Undelivered: []MessageView{}}
	for _, d := range p.Undelivered() {
		if d.Sequence < 1 || d.Sequence > int64(len(p.History)) {
			continue // by a hand in the table
		}
		e := p.History[d.Sequence-1]
		m := MessageView{EventID: eventID(p.ID, d.Sequence), Type: e.Announced(), Timestamp: stamp(e.At), State: "waiting", Tries: d.Tries,
			LastAnswer: optional(d.Code)}
		switch d.State {
		case delivery.Dead:
			m.State = "dead"
		case delivery.Retry:
			m.NextTryAt = optionalTime(d.At)
		}
		v.Undelivered = append(v.Undelivered, m)
	}
	return v
}
