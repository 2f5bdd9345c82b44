package payment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/shared/payment/delivery"
)

// Entry is one visible change.
type Entry struct {
	Sequence int64
	At       time.Time
	// a status, review:<reason>, review_cleared:<reason>, overpaid, refund_requested, refund_unknown, refund_succeeded or
	// refund_failed
	What string
	By   string // customer, bank, kassa, shop:<key id> or operator:<name>
	Ref  string // the refund that is meant, if one is
	Code string // the bank's code, where it gave one
}

// The actors of a history entry. A shop's entry says `shop:<key id>`.
const (
	byBank  = "bank"
	byKassa = "kassa"

	operator = "operator:" // and a name
)

// ByOperator names a person of the deployment's as the actor of what the command kassa did.
func ByOperator(name string) string { return operator + name }

// ByShop names a shop's API key as the actor of a cancellation or a refund.
func ByShop(keyID string) string { return "shop:" + keyID }

// record adds a history entry: every visible change passes here, so the sequence grows by exactly one for each.
func (p *Payment) record(now time.Time, what, by, ref, code string) {
	p.Sequence++
	entry := Entry{Sequence: p.Sequence, At: now, What: what, By: by, Ref: ref, Code: code}
	p.History = append(p.History, entry)
	if p.Notify && entry.Announced() != "" {
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: p.Sequence, State: delivery.New, At: now})
	}
}

// Announced is the type of the event that tells a shop of this entry, "" for what a shop is not told: what it has just
// asked for itself. A review is announced when it comes and when it goes.
func (e Entry) Announced() string {
	switch what, _, _ := strings.Cut(e.What, ":"); what {
	case string(Paid), string(Declined), string(Cancelled), string(Expired), "overpaid", "review":
		return "payment." + what
	case "review_cleared":
		return "payment.review"
	case "refund_succeeded":
		return "refund.succeeded"
	case "refund_failed":
		return "refund.failed"
	case "refund_unknown":
		return "refund.processing"
	}
	return ""
}

func (p *Payment) noteDeliveries(e DeliveryOutcome, now time.Time) {
	for i, d := range p.Deliveries {
		if answer, ok := e.Answers[d.Sequence]; ok {
			p.Deliveries[i] = d.Tried(answer, now)
		} else if slices.Contains(e.PutOff, d.Sequence) {
			p.Deliveries[i] = d.Shelved(now.Add(putOff))
		}
	}
}

// ChangedAt is when the payment last changed visibly: the latest moment in its history, which need not be the last
// where clocks differ. Its UTC day is where the payment stands in the book, so that none of its days lies behind that.
func (p Payment) ChangedAt() time.Time {
	at := p.CreatedAt
	for _, e := range p.History {
		if e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// Undelivered are the messages that the payment's shop has not acknowledged, oldest first.
func (p Payment) Undelivered() (open []delivery.Delivery) {
	for _, d := range p.Deliveries {
		if d.State != delivery.Delivered {
			open = append(open, d)
		}
	}
	return open
}

// redeliver also announces what was recorded while the shop had no webhook.
func (p *Payment) redeliver(e Redelivery, now time.Time) error {
	for _, sequence := range e.Sequences {
		if sequence < 1 || sequence > p.Sequence || p.History[sequence-1].Announced() == "" {
			return &Error{Kind: Invalid, Code: "not_announced",
				Message: fmt.Sprintf("Entry %d of the history is none that a shop is told of.", sequence)}
		}
		if !slices.ContainsFunc(p.Deliveries, func(d delivery.Delivery) bool { return d.Sequence == sequence }) {
			p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: sequence})
		}
	}
	slices.SortFunc(p.Deliveries, func(a, b delivery.Delivery) int { return cmp.Compare(a.Sequence, b.Sequence) })
	for i, d := range p.Deliveries {
		unnamed := len(e.Sequences) == 0 && (d.State == delivery.Dead || d.Waits(now))
		if unnamed || slices.Contains(e.Sequences, d.Sequence) {
			p.Deliveries[i] = d.Again(now)
		}
	}
	return nil
}
