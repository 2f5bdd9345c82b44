package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// aLongPayment has as much on it as a payment can, each part as long as it can be.
func aLongPayment(history, refunds int) payment.Payment {
	p := aRefundedPayment()
	long := strings.Repeat("w", 64)
	p.ID.Attempt, p.OrderRef, p.BankStatus, p.BankCode, p.Handle.OrderID = payment.MaxAttempts, long, long, long, long
	p.Description, p.Captured, p.Amount.Minor = strings.Repeat("\U0001f34e", 250), 1e11, 1e11
	p.Metadata = map[string]string{}
	for i := range 20 {
		p.Metadata[fmt.Sprintf("%02d", i)] = strings.Repeat(`"`, 100)
	}
	p.Refunds, p.History = nil, nil
	for i := range refunds {
		p.Refunds = append(p.Refunds, payment.Refund{ID: payment.RefundID(p.ID, fmt.Sprint(i)), Amount: 1e9,
			Origin: payment.OriginShop,
			Status: payment.RefundUnknown, BankRefundID: strings.Repeat("b", 64), RequestedAt: t0,
			Reason: strings.Repeat("\U0001f34e", 250), Reference: strings.Repeat("\U0001f34e", 64)})
	}
	for i := range history {
		p.History = append(p.History, payment.Entry{Sequence: int64(i + 1), At: t0, What: "refund_succeeded",
			By:  "shop:" + strings.Repeat("k", 32),
			Ref: payment.RefundID(p.ID, "0"), Code: long})
	}
	p.Sequence = int64(history)
	return p
}

func eventOf(t *testing.T, p payment.Payment, e payment.Entry) (EventView, Event) {
	t.Helper()
	event, err := ViewEvent(p, e, map[string]string{"paid": "P"}, t0.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var view EventView
	if err := json.Unmarshal(event.Body, &view); err != nil {
		t.Fatalf("%v: %s", err, event.Body)
	}
	return view, event
}

func TestViewEvent(t *testing.T) {
	p := aRefundedPayment()
	e := payment.Entry{Sequence: 3, At: t0.Add(time.Second), What: "refund_unknown", By: "kassa", Ref: "rf_3"}
	view, event := eventOf(t, p, e)
	if want := "evt_" + p.ID.String() + "_3"; event.ID != want || strings.Contains(event.ID, ".") {
		t.Errorf("id %s, want %s", event.ID, want)
	}
	if view.Type != "refund.processing" || view.Timestamp != "2026-03-01T09:00:01Z" || view.Sequence != 3 {
		t.Errorf("%s", event.Body)
	}
	if want := ViewPayment(p, map[string]string{"paid": "P"}, t0.Add(time.Minute)); !reflect.DeepEqual(view.Data, want) {
		t.Errorf("%+v, want %+v", view.Data, want)
	}
	golden(t, "event-refund.json", view)
}

// TestEventsOpenNoDoors: a payment may be live when it is told of, after a review was set.
func TestEventsOpenNoDoors(t *testing.T) {
	p := aPayment()
	view, event := eventOf(t, p, payment.Entry{Sequence: 2, At: t0, What: "review:status", By: "kassa"})
	if view.Data.RedirectURL != nil || view.Data.ClientToken != nil || view.Type != "payment.review" {
		t.Errorf("%s", event.Body)
	}
	for _, secret := range []string{"CALLBACK-TOKEN", "CLIENTTOKEN", "SESSION-SECRET", "MERCHANT", `"ct_`,
		"bank.example"} {
		if contains(event.Body, secret) {
			t.Errorf("an event holds %s: %s", secret, event.Body)
		}
	}
	if shown := ViewPayment(p, nil, t0); shown.RedirectURL == nil || shown.ClientToken == nil {
		t.Error("telling of a payment changed what its shop is shown")
	}
}

func TestOnlyWhatIsAnnouncedIsTold(t *testing.T) {
	for _, what := range []string{"created", "pending", "refund_requested", "", "asked"} {
		if event, err := ViewEvent(aPayment(), payment.Entry{Sequence: 1, At: t0, What: what}, nil, t0); err == nil ||
			payment.KindOf(err) != payment.Internal || event.Body != nil {
			t.Errorf("%q: %s, %v", what, event.Body, err)
		}
	}
}

// TestEventsAreBounded fills payments up to their bounds: each event stays below 20,000 bytes and leaves out no more
// than it must, the history first, the oldest first, and never the refund that it is about.
func TestEventsAreBounded(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {3, 1}, {50, 0}, {60, 5}, {400, 0}, {400, 10}, {400, 40}, {400, 60}, {0, 60}} {
		p := aLongPayment(c[0], c[1])
		about := payment.Entry{Sequence: 1, At: t0, What: "refund_failed", Ref: payment.RefundID(p.ID, "0")}
		view, event := eventOf(t, p, about)
		whole := ViewPayment(p, map[string]string{"paid": "P"}, t0.Add(time.Minute))
		entries, refunds := view.Data.History, view.Data.Refunds
		if len(event.Body) >= 20_000 || len(event.Body) == 0 {
			t.Errorf("%d entries, %d refunds: %d bytes", c[0], c[1], len(event.Body))
		}
		if !reflect.DeepEqual(entries, whole.History[c[0]-len(entries):]) {
			t.Errorf("%d entries, %d refunds: the history that is left is not its newest part", c[0], c[1])
		}
		next := 0 // bytes of what was left out last
		switch {
		case len(refunds) < c[1] && (len(entries) > 0 || refunds[0].ID != about.Ref ||
			!reflect.DeepEqual(refunds[1:], whole.Refunds[c[1]-len(refunds)+1:])):
			t.Errorf("%d entries, %d refunds: %d and %d are left", c[0], c[1], len(entries), len(refunds))
		case len(refunds) < c[1]:
			next = size(t, whole.Refunds[c[1]-len(refunds)])
		case len(entries) < c[0]:
			next = size(t, whole.History[c[0]-len(entries)-1])
		default:
			next = maxEvent
		}
		if len(event.Body)+next+1 <= maxEvent {
			t.Errorf("%d entries, %d refunds: %d bytes, and %d more would have fit", c[0], c[1], len(event.Body), next)
		}
		t.Logf("%d of %d entries, %d of %d refunds: %d bytes", len(entries), c[0], len(refunds), c[1], len(event.Body))
	}
}

func size(t *testing.T, v any) int {
	t.Helper()
	body, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return len(body) - 1 // without the line's end
}

// TestEventsThatCannotBe: no hand in the table makes an event that is too long.
func TestEventsThatCannotBe(t *testing.T) {
	p := aPayment()
	p.Description = strings.Repeat("d", 20_000)
	if event, err := ViewEvent(p, payment.Entry{Sequence: 1, At: t0, What: "paid"}, nil, t0); err == nil ||
		payment.KindOf(err) != payment.Internal || event.Body != nil {
		t.Errorf("%d bytes, %v", len(event.Body), err)
	}
}
