package storetest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// birth is when the payments of the suite are made. Its milliseconds are odd, so that a store that drops them is found
// out.
func birth() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 891e6, time.UTC) }

// draft is a new payment of an order, at birth.
func draft(order string, attempt int) payment.Payment {
	return payment.New(payment.Draft{
		ID: payment.ID{Order: order, Attempt: attempt}, Shop: "demo-az", OrderRef: "12345", Bank: "bank",
		Amount:      payment.Money{Minor: 15000, Currency: payment.AZN},
		Description: "Nar şirəsi, 2 şüşə",
		Metadata:    map[string]string{"basket": "7", "gift": ""},
		Return: payment.ReturnURLs{
			Success: "https://shop.example/ok", Cancel: "https://shop.example/left", Decline: "https://shop.example/no",
		},
		CallbackToken: "CALLBACK", ClientToken: "CLIENT",
	}, birth(), birth().Add(30*time.Second))
}

// order is the key of an order that no other number has.
func order(n int) string { return payment.OrderKey("demo-az", strconv.Itoa(n)) }

// ordersIn are the keys of n orders in one shard.
func ordersIn(shard, n int) (keys []string) {
	for i := 0; len(keys) < n; i++ {
		if key := order(i); (payment.ID{Order: key, Attempt: 1}).Shard() == shard {
			keys = append(keys, key)
		}
	}
	return keys
}

// dueAt is a new payment that is due at a time of our choice. Only the use cases decide when; a store takes any time.
func dueAt(order string, at time.Time) payment.Payment {
	p := draft(order, 1)
	p.DueAt = at
	return p
}

func handle() payment.Handle {
	return payment.Handle{OrderID: "814021", Private: "SESSION", Account: payment.Account{Merchant: "E1000010",
		Environment: "test"}}
}

// step is something that happens to a payment, some time after birth.
type step struct {
	after time.Duration
	event payment.Event
}

// life is a payment's from its opening to its whole refund, through everything that a store must keep: a review that
// comes and goes, an unknown refund, a failed one and one that the bank made by itself.
func life() []step {
	amount := payment.Money{Minor: 14999, Currency: payment.AZN}
	total := func(n int64) *payment.Report {
		return &payment.Report{State: payment.BankApproved, Word: "APPROVED", Code: "001", Amount: amount,
			Refunded: payment.Said(n)}
	}
	reported := func(r *payment.Report) payment.Event { return payment.Statement{Handle: handle(), Report: *r} }
	return []step{
		{time.Second, payment.OpeningDone{Handle: handle(), RedirectURL: "https://bank.example/pay?ORDERID=814021",
			ExpiresAt: birth().Add(20 * time.Minute)}},
		{time.Minute, payment.Question{}},
		{time.Minute, reported(total(0))},
		{time.Hour, payment.RefundIntent{ID: "rf_one", Amount: 5000, Reason: "Sınıq şüşə", Reference: "İade-7",
			By: "shop:k1", Base: total(0), Until: birth().Add(61 * time.Minute)}},
		{time.Hour, payment.RefundAnswer{ID: "rf_one", Answer: payment.AnswerLost}},
		{2 * time.Hour, reported(total(5000))},
		{121 * time.Minute, payment.RefundIntent{ID: "rf_two", Amount: 1, By: "shop:k1",
			Until: birth().Add(122 * time.Minute)}},
		{121 * time.Minute, payment.RefundAnswer{ID: "rf_two", Answer: payment.AnswerRefused, Code: "076"}},
		{122 * time.Minute, reported(total(6000))},
		{123 * time.Minute, payment.RefundIntent{ID: "rf_three", Amount: 8999, All: true, By: "shop:k1", Base: total(6000),
			Until: birth().Add(124 * time.Minute)}},
		{123 * time.Minute, payment.RefundAnswer{ID: "rf_three", Answer: payment.AnswerDone, RefundID: "814099",
			Reading: total(14999)}},
	}
}

// apply lets an event happen to a payment.
func (s step) apply(t *testing.T, p payment.Payment) payment.Payment {
	t.Helper()
	next, err := payment.Apply(p, s.event, birth().Add(s.after))
	if err != nil {
		t.Fatalf("the suite's own %T: %v", s.event, err)
	}
	return next
}

// Largest is a payment of an order at all its bounds, with texts as long as the API and the banks let them be.
func Largest(order string) payment.Payment {
	p := draft(order, payment.MaxAttempts)
	p.Description, p.RedirectURL = strings.Repeat("ş", 500), "https://bank.example/"+strings.Repeat("r", 2000)
	p.Return = payment.ReturnURLs{
		Success: "https://shop.example/" + strings.Repeat("s", 2000),
		Cancel:  "https://shop.example/" + strings.Repeat("c", 2000),
		Decline: "https://shop.example/" + strings.Repeat("d", 2000),
	}
	p.Metadata = map[string]string{"note": strings.Repeat("m", payment.MaxMetadata-len("note"))}
	p.Handle, p.ExpiresAt, p.PaidAt = handle(), birth().Add(time.Hour), birth()
	p.Handle.Private = strings.Repeat("s", 500)
	p.Status, p.Captured = payment.Refunded, 1<<62
	p.Receipt = payment.Receipt{ApprovalCode: "12345678", RRN: "614012345678", Card: "416974******1778",
		Brand: strings.Repeat("b", 24)}
	p.Reviews = []payment.Review{payment.ReviewAmount, payment.ReviewCurrency, payment.ReviewSession,
		payment.ReviewStatus, payment.ReviewRegress, payment.ReviewRefund}
	for i := range payment.MaxRefunds + payment.MaxDeskRefunds {
		p.Refunds = append(p.Refunds, payment.Refund{
			ID: payment.RefundID(p.ID, strconv.Itoa(i)), Amount: 1, All: true, Reason: strings.Repeat("ş", 500),
			Reference: strings.Repeat("\U0001f34e", 64),
			Origin:    payment.OriginShop, Status: payment.RefundSucceeded, By: "shop:" + strings.Repeat("k", 32),
			Code: strings.Repeat("c", 64), BankRefundID: strings.Repeat("b", 64), RequestedAt: birth(), SettledAt: birth(),
			Until: birth(), BaseKnown: true, Base: 1 << 62, BaseListed: 50, ReadAt: birth(), ReadTotal: 1 << 62,
		})
	}
	p.Refunds[0].Amount = p.Captured - int64(len(p.Refunds)) + 1
	p.Refunded = p.Captured
	for range payment.MaxNotices {
		p.Notices = append(p.Notices, payment.Notice{
			Handle: payment.Handle{OrderID: strings.Repeat("s", 200), Private: strings.Repeat("r", 80)},
			Report: payment.Report{State: payment.BankApproved, Word: "APPROVED", Code: "001", Amount: p.Amount,
				Refunded: payment.Said(1 << 62), RefundID: strings.Repeat("b", 64)},
			At: birth()})
	}
	p.History, p.Sequence = nil, payment.MaxHistory
	for i := range payment.MaxHistory {
		p.History = append(p.History, payment.Entry{
			Sequence: int64(i + 1), At: birth(), What: "refund_succeeded", By: "shop:" + strings.Repeat("k", 32),
			Ref: payment.RefundID(p.ID, "1"), Code: strings.Repeat("c", 64),
		})
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: int64(i + 1), State: delivery.Delivered, Tries: 10,
			At: birth(), Code: "not_acknowledged"})
	}
	p.Notify = true
	for range payment.MaxResolved {
		p.Resolutions = append(p.Resolutions, payment.Resolution{Sequence: 1 << 62, At: birth(),
			How: payment.ResolveAcceptCaptured,
			By:  payment.ByOperator(strings.Repeat("o", 32)), Why: strings.Repeat("ş", 500)})
	}
	return p
}
