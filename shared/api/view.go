package api

import (
	"time"

	"kassa/shared/payment"
)

// PaymentView is a payment as its shop sees it. Amounts are minor units, times RFC 3339 in UTC and whole seconds; what
// there is not (yet) is null.
type PaymentView struct {
	ID             string            `json:"id"`
	OrderRef       string            `json:"order_ref"`
	Bank           string            `json:"bank"`
	Status         payment.Status    `json:"status"`
	OrderStatus    string            `json:"order_status"` // the shop's own word for Status
	BankStatus     *string           `json:"bank_status"`  // the bank's own word
	BankOrderID    *string           `json:"bank_order_id"`
	Amount         int64             `json:"amount"`
	Currency       payment.Currency  `json:"currency"`
	CapturedAmount int64             `json:"captured_amount"`
	RefundedAmount int64             `json:"refunded_amount"`
	Description    string            `json:"description"`
	Term           *int              `json:"term"` // months of an instalment plan
	Metadata       map[string]string `json:"metadata"`
	RedirectURL    *string           `json:"redirect_url"` // while the payment is live
	ClientToken    *string           `json:"client_token"` // while the payment is live
	ExpiresAt      *string           `json:"expires_at"`
	CreatedAt      string            `json:"created_at"`
	Sequence       int64             `json:"sequence"`
	PollAfter      int64             `json:"poll_after_seconds"` // 0: waiting changes nothing
	Late           bool              `json:"late"`
	Overpaid       bool              `json:"overpaid"`
	Review         *payment.Review   `json:"review"`  // the first reason why a human must look
	Decline        *DeclineView      `json:"decline"` // while the payment is declined, and where anybody says why
	Receipt        *ReceiptView      `json:"receipt"` // of a payment that was paid, and where the bank tells any of it
	Refunds        []RefundView      `json:"refunds"`
	History        []EntryView       `json:"history"`
}

// PaymentsView is a list of payments, or one page of it.
type PaymentsView struct {
	Payments []PaymentView `json:"payments"`
	Next     *string       `json:"next"` // the cursor of the next page; null at the end, and for an order's attempts
}

// ViewPayments shows payments as a list that ends with them.
func ViewPayments(all []payment.Payment, orderStatus map[string]string, now time.Time) PaymentsView {
	v := PaymentsView{Payments: make([]PaymentView, 0, len(all))}
	for _, p := range all {
		v.Payments = append(v.Payments, ViewPayment(p, orderStatus, now))
	}
	return v
}

// DeclineView is why the bank refused.
type DeclineView struct {
	Code string       `json:"code"` // the bank's own
	Hint payment.Hint `json:"hint"` // what it means, in a word of ours
}

// ReceiptView is what the bank tells of a card payment for people.
type ReceiptView struct {
	ApprovalCode *string `json:"approval_code"`
	RRN          *string `json:"rrn"`
	Card         *string `json:"card"` // masked: at most the first 6 and the last 4 digits
	Brand        *string `json:"brand"`
}

// RefundView is one refund as the shop sees it.
type RefundView struct {
	ID           string  `json:"id"`
	PaymentID    string  `json:"payment_id"`
	Amount       int64   `json:"amount"`
	Status       string  `json:"status"` // succeeded, processing or failed
	Origin       string  `json:"origin"` // shop or bank
	Reason       *string `json:"reason"`
	Reference    *string `json:"reference"` // what the shop calls it
	BankRefundID *string `json:"bank_refund_id"`
	CreatedAt    string  `json:"created_at"`
}

// EntryView is one visible change of a payment.
type EntryView struct {
	Sequence int64   `json:"sequence"`
	At       string  `json:"at"`
	What     string  `json:"what"`
	By       string  `json:"by"`
	Ref      *string `json:"ref"`
	Code     *string `json:"code"`
}

// CustomerView is what a browser with the client token may see: status fields only.
type CustomerView struct {
	ID             string           `json:"id"`
	Status         payment.Status   `json:"status"`
	Amount         int64            `json:"amount"`
	Currency       payment.Currency `json:"currency"`
	CapturedAmount int64            `json:"captured_amount"`
	RefundedAmount int64            `json:"refunded_amount"`
	Late           bool             `json:"late"`
	ExpiresAt      *string          `json:"expires_at"`
	PollAfter      int64            `json:"poll_after_seconds"`
	Sequence       int64            `json:"sequence"`
}

// ViewPayment shows p to its shop at now. orderStatus is the shop's map of our statuses to its own words.
func ViewPayment(p payment.Payment, orderStatus map[string]string, now time.Time) PaymentView {
	v := PaymentView{
		ID: p.ID.String(), OrderRef: p.OrderRef, Bank: p.Bank, Status: p.Status, OrderStatus: orderStatus[string(p.Status)],
		BankStatus: optional(p.BankStatus), BankOrderID: optional(p.Handle.OrderID),
		Amount: p.Amount.Minor, Currency: p.Amount.Currency, CapturedAmount: p.Captured, RefundedAmount: p.Refunded,
		Description: p.Description, Term: optional(p.Term), Metadata: p.Metadata,
		ExpiresAt: optionalTime(p.ExpiresAt), CreatedAt: stamp(p.CreatedAt), Sequence: p.Sequence,
		PollAfter: seconds(p.PollAfter(now)),
		Late:      p.Late, Overpaid: p.Overpaid, Refunds: make([]RefundView, 0, len(p.Refunds)),
		History: make([]EntryView, 0, len(p.History)),
	}
	if v.OrderStatus == "" {
		v.OrderStatus = string(p.Status)
	}
	if v.Metadata == nil {
		v.Metadata = map[string]string{}
	}
	if p.Status.Live() {
		token := clientToken + p.ClientToken
		v.RedirectURL, v.ClientToken = optional(p.RedirectURL), &token
	}
	if len(p.Reviews) > 0 {
		v.Review = &p.Reviews[0]
	}
	if p.Status == payment.Declined && p.Decline.Code != "" {
		v.Decline = &DeclineView{p.Decline.Code, p.Decline.Hint}
	}
	if r := p.Receipt; r != (payment.Receipt{}) {
		v.Receipt = &ReceiptView{optional(r.ApprovalCode), optional(r.RRN), optional(r.Card), optional(r.Brand)}
	}
	for _, r := range p.Refunds {
		v.Refunds = append(v.Refunds, ViewRefund(p.ID, r))
	}
	for _, h := range p.History {
		v.History = append(v.History, EntryView{h.Sequence, stamp(h.At), h.What, h.By, optional(h.Ref), optional(h.Code)})
	}
	return v
}

// ViewRefund shows a refund of the payment id.
func ViewRefund(id payment.ID, r payment.Refund) RefundView {
	v := RefundView{ID: r.ID, PaymentID: id.String(), Amount: r.Amount, Status: "processing", Origin: r.Origin,
		Reason: optional(r.Reason), Reference: optional(r.Reference), BankRefundID: optional(r.BankRefundID),
		CreatedAt: stamp(r.RequestedAt)}
	switch r.Status {
	case payment.RefundSucceeded:
		v.Status = "succeeded"
	case payment.RefundFailed:
		v.Status = "failed"
	}
	return v
}

// ViewForCustomer shows p to the browser that holds its client token.
func ViewForCustomer(p payment.Payment, now time.Time) CustomerView {
	return CustomerView{
		ID: p.ID.String(), Status: p.Status, Amount: p.Amount.Minor, Currency: p.Amount.Currency,
		CapturedAmount: p.Captured, RefundedAmount: p.Refunded, Late: p.Late,
		ExpiresAt: optionalTime(p.ExpiresAt), PollAfter: seconds(p.PollAfter(now)), Sequence: p.Sequence,
	}
}

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
	v := UndeliveredView{ID: p.ID.String(), OrderRef: p.OrderRef, Status: p.Status, CreatedAt: stamp(p.CreatedAt),
		Undelivered: []MessageView{}}
	for _, d := range p.Undelivered() {
		if d.Sequence < 1 || d.Sequence > int64(len(p.History)) {
			continue // by a hand in the table
		}
		e := p.History[d.Sequence-1]
		m := MessageView{EventID: EventID(p.ID, d.Sequence), Type: e.Announced(), Timestamp: stamp(e.At), State: "waiting",
			Tries:     d.Tries,
			NextTryAt: optionalTime(d.NextTry()), LastAnswer: optional(d.Code)}
		if !d.Open() {
			m.State = "dead"
		}
		v.Undelivered = append(v.Undelivered, m)
	}
	return v
}

// optional is nil for what there is not, so that a caller never takes a zero for a value.
func optional[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

func optionalTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := stamp(t)
	return &text
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }
