// Package evidence makes one self-contained document of a payment, for the bank in a dispute: what happened, what the
// bank proved, what the shop was told, what went back, and a digest of it all. It is made from the record alone; no
// bank is asked.
//
// What goes in is chosen field by field, so that nothing comes along: no data of the customer, no card beyond what its
// receipt shows, no token, no secret, no name of staff, and none of the texts that people typed, which may hold any of
// these.
package evidence

import (
	"slices"
	"strings"
	"time"

	"kassa/infra/kassa/console"
	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

// Version is that of the record's form.
const Version = 1

// Record is what the digest is over. Its fields stand in this order in the canonical line; a name is never given
// another meaning. Amounts are minor units, of which 100 are one unit of the currency.
type Record struct {
	EvidenceOf string     `json:"evidence_of"` // the payment's id
	Version    int        `json:"version"`
	Shop       string     `json:"shop"`
	OrderRef   string     `json:"order_ref"`
	Attempt    int        `json:"attempt"` // of those to pay the order
	Bank       Bank       `json:"bank"`
	Status     string     `json:"status"`
	Late       bool       `json:"late"`
	Overpaid   bool       `json:"overpaid"`
	Reviews    []string   `json:"reviews"`
	Currency   string     `json:"currency"`
	Ordered    int64      `json:"ordered"`
	Captured   int64      `json:"captured"`
	Refunded   int64      `json:"refunded"`
	Term       int        `json:"term"` // months of an instalment plan; 0 for a card payment
	CreatedAt  *Moment    `json:"created_at"`
	PaidAt     *Moment    `json:"paid_at"`
	EndedAt    *Moment    `json:"ended_at"` // unpaid
	Receipt    Receipt    `json:"receipt"`
	Refusal    Refusal    `json:"refusal"`
	Proofs     []Proof    `json:"proofs"`
	Refunds    []Refund   `json:"refunds"`
	History    []Entry    `json:"history"`
	Deliveries []Delivery `json:"deliveries"`
	Decisions  []Decision `json:"decisions"`
}

// Moment is a time twice: in UTC, and by the clock of the shop's country. RFC 3339, whole seconds.
type Moment struct {
	UTC  string `json:"utc"`
	Shop string `json:"shop"`
}

// Bank is where the payment stands at the bank.
type Bank struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Gateway     string `json:"gateway"`
	Merchant    string `json:"merchant"`
	Environment string `json:"environment"` // test or prod
	OrderID     string `json:"order_id"`
	Word        string `json:"word"` // the bank's own for how it stands, as last heard
	Code        string `json:"code"`
}

// Receipt is what the bank tells of a card payment for people.
type Receipt struct {
	ApprovalCode string `json:"approval_code"`
	RRN          string `json:"rrn"`
	Card         string `json:"card"` // masked
	Brand        string `json:"brand"`
}

// Refusal is why the bank refused.
type Refusal struct {
	Code  string `json:"code"`
	Cause string `json:"cause"` // what the code says, of bank.Causes
}

// Proof is something that the bank itself stated, in an answer to a question of ours or in a message whose signature
// was verified. Kind is money_taken, money_given_back, unpaid_end or signed_message.
type Proof struct {
	Kind   string  `json:"kind"`
	At     *Moment `json:"at"` // when it was recorded
	Amount int64   `json:"amount"`
	Word   string  `json:"word"`
	Code   string  `json:"code"`
	BankID string  `json:"bank_id"` // of the bank's order or refund
}

// Refund is money that went back, or may have.
type Refund struct {
	ID           string  `json:"id"`
	Amount       int64   `json:"amount"`
	Status       string  `json:"status"` // requested, unknown, succeeded or failed
	Origin       string  `json:"origin"` // shop or bank
	BankRefundID string  `json:"bank_refund_id"`
	Code         string  `json:"code"` // of a refusal
	RequestedAt  *Moment `json:"requested_at"`
	SettledAt    *Moment `json:"settled_at"`
}

// Entry is one visible change. By says who, without a name: customer, bank, kassa, shop or operator.
type Entry struct {
	Sequence int64   `json:"sequence"`
	At       *Moment `json:"at"`
	What     string  `json:"what"`
	By       string  `json:"by"`
	Refund   string  `json:"refund"`
	Code     string  `json:"code"`
}

// Delivery is a message to the shop, by the id under which the shop's server has it in its log.
type Delivery struct {
	EventID string  `json:"event_id"`
	Type    string  `json:"type"`
	State   string  `json:"state"` // new, retry, delivered or dead
	Tries   int     `json:"tries"`
	At      *Moment `json:"at"`     // taken, given up, or next tried
	Answer  string  `json:"answer"` // of the shop's server to the last try: an HTTP status, or a word of ours
}

// Decision is what a person of the deployment's found out and recorded.
type Decision struct {
	Sequence int64   `json:"sequence"` // of the first entry of the history that it made
	At       *Moment `json:"at"`
	How      string  `json:"how"`
}

// of is the record of a payment through a bank of this profile.
func of(p payment.Payment, profile bank.Profile) Record {
	zone := allowance.Zone(string(p.Amount.Currency))
	at := func(t time.Time) *Moment { return momentOf(t, zone) }
	account := p.Handle.Account
	r := Record{
		EvidenceOf: p.ID.String(), Version: Version, Shop: p.Shop, OrderRef: plain(p.OrderRef), Attempt: p.ID.Attempt,
		Bank: Bank{Name: p.Bank, Title: profile.Title, Gateway: account.Gateway, Merchant: plain(account.Merchant),
			Environment: account.Environment, OrderID: plain(p.Handle.OrderID), Word: plain(p.BankStatus),
			Code: plain(p.BankCode)},
		Status: string(p.Status), Late: p.Late, Overpaid: p.Overpaid, Reviews: []string{},
		Currency: string(p.Amount.Currency), Ordered: p.Amount.Minor, Captured: p.Captured, Refunded: p.Refunded,
		Term: p.Term, CreatedAt: at(p.CreatedAt), PaidAt: at(p.PaidAt), EndedAt: at(p.EndedAt),
		Receipt: Receipt{plain(p.Receipt.ApprovalCode), plain(p.Receipt.RRN), p.Receipt.Card, plain(p.Receipt.Brand)},
		Proofs:  proofsOf(p, at), Refunds: []Refund{}, History: []Entry{}, Deliveries: []Delivery{}, Decisions: []Decision{},
	}
	if p.Status == payment.Declined {
		r.Refusal = Refusal{plain(p.Decline.Code), string(profile.CauseOf(account.Gateway, p.Decline.Code))}
	}
	for _, reason := range p.Reviews {
		r.Reviews = append(r.Reviews, string(reason))
	}
	for _, f := range p.Refunds {
		r.Refunds = append(r.Refunds, Refund{ID: f.ID, Amount: f.Amount, Status: string(f.Status), Origin: f.Origin,
			BankRefundID: plain(f.BankRefundID), Code: plain(f.Code), RequestedAt: at(f.RequestedAt),
			SettledAt: at(f.SettledAt)})
	}
	for _, e := range p.History {
		r.History = append(r.History, Entry{e.Sequence, at(e.At), e.What, kind(e.By), e.Ref, plain(e.Code)})
	}
	for _, d := range p.Deliveries {
		if d.Sequence < 1 || d.Sequence > int64(len(p.History)) {
			continue // by a hand in the table
		}
		r.Deliveries = append(r.Deliveries, Delivery{api.EventID(p.ID, d.Sequence), p.History[d.Sequence-1].Announced(),
			string(d.State), d.Tries, at(d.At), plain(d.Code)})
	}
	for _, d := range p.Resolutions {
		r.Decisions = append(r.Decisions, Decision{d.Sequence, at(d.At), string(d.How)})
	}
	return r
}

// proofsOf are the bank's own statements that are on record, oldest first as far as they follow each other.
func proofsOf(p payment.Payment, at func(time.Time) *Moment) []Proof {
	all := []Proof{}
	if p.Captured > 0 {
		all = append(all, Proof{Kind: "money_taken", At: at(p.PaidAt), Amount: p.Captured, BankID: plain(p.Handle.OrderID)})
	}
	if p.EndStated {
		all = append(all, Proof{Kind: "unpaid_end", At: at(p.EndedAt), BankID: plain(p.Handle.OrderID)})
	}
	for _, f := range p.Refunds {
		ruled := slices.ContainsFunc(p.History, func(e payment.Entry) bool {
			return e.Ref == f.ID && e.What == "refund_succeeded" && kind(e.By) == "operator"
		})
		if f.Status == payment.RefundSucceeded && !ruled { // what a person found out stands among the decisions
			all = append(all, Proof{Kind: "money_given_back", At: at(f.SettledAt), Amount: f.Amount,
				BankID: plain(f.BankRefundID)})
		}
	}
	for _, n := range p.Notices {
		amount := n.Amount.Minor
		if n.Amount.Currency != p.Amount.Currency {
			amount = 0 // it would read as an amount of the order's currency
		}
		all = append(all, Proof{Kind: "signed_message", At: at(n.At), Amount: amount, Word: plain(n.Word),
			Code: plain(n.Code), BankID: plain(n.Handle.OrderID)})
	}
	return all
}

func momentOf(t time.Time, zone *time.Location) *Moment {
	if t.IsZero() {
		return nil
	}
	t = t.Truncate(time.Second)
	return &Moment{t.UTC().Format(time.RFC3339), t.In(zone).Format(time.RFC3339)}
}

// plain is a word of a bank's or a shop's, of which none may be a card's number: adapters see to that, and here it
// would leave the house.
func plain(text string) string {
	if field.HoldsCardNumber(text) {
		return "(left out)"
	}
	return console.Plain(text)
}

// kind is who did it, without the name.
func kind(by string) string {
	who, _, _ := strings.Cut(by, ":")
	return who
}
