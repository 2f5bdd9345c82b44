package api

import (
	"bytes"
	"fmt"
	"sort"
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

// ViewEvent tells p's shop of an entry of its history, one that is announced; an error when it is not. A webhook opens
// no doors: it holds neither the client token nor the bank's page.
//
// What does not fit is left out, the oldest first: entries of the history, so that the sequence of the first that is
// there says how many, and where that is not enough, refunds other than the one that the entry is about. All amounts
// are told in any case.
func ViewEvent(p payment.Payment, e payment.Entry, orderStatus map[string]string, now time.Time) (Event, error) {
	if e.Announced() == "" {
		return Event{}, &payment.Error{Kind: payment.Internal,
			Message: fmt.Sprintf("entry %d of %s is nothing to tell a shop of", e.Sequence, p.ID)}
	}
	whole := EventView{Type: e.Announced(), Timestamp: stamp(e.At), Sequence: e.Sequence,
		Data: ViewPayment(p, orderStatus, now)}
	whole.Data.RedirectURL, whole.Data.ClientToken = nil, nil
	encode := func(leftOut int) ([]byte, error) {
		body, err := marshal(whole.without(leftOut, e.Ref))
		return bytes.TrimSpace(body), err
	}
	least := sort.Search(len(p.History)+len(p.Refunds), func(leftOut int) bool {
		body, err := encode(leftOut)
		return err == nil && len(body) <= maxEvent
	})
	body, err := encode(least)
	if err != nil || len(body) > maxEvent {
		return Event{}, &payment.Error{Kind: payment.Internal, Cause: err,
			Message: fmt.Sprintf("entry %d of %s cannot be told in %d bytes", e.Sequence, p.ID, maxEvent)}
	}
	return Event{ID: EventID(p.ID, e.Sequence), Body: body}, nil
}

// EventID is the webhook-id of an entry of a payment's history: the same on every try.
func EventID(id payment.ID, sequence int64) string { return fmt.Sprintf("evt_%s_%d", id, sequence) }

// without is v less its n oldest parts, refunds after all of the history, and never the refund that is kept.
func (v EventView) without(n int, kept string) EventView {
	old := min(n, len(v.Data.History))
	v.Data.History = v.Data.History[old:]
	refunds := make([]RefundView, 0, len(v.Data.Refunds))
	for i, r := range v.Data.Refunds {
		if i >= n-old || r.ID == kept {
			refunds = append(refunds, r)
		}
	}
	v.Data.Refunds = refunds
	return v
}
