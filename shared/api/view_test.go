package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

func contains(b []byte, text string) bool { return strings.Contains(string(b), text) }

var t0 = time.Date(2026, 3, 1, 9, 0, 0, 987e6, time.UTC)

// aPayment is pending, with everything on it that a view could show.
func aPayment() payment.Payment {
	return payment.Payment{
		ID: payment.ID{Order: payment.OrderKey("demo-az", "12345"), Attempt: 1}, Shop: "demo-az", OrderRef: "12345",
		Bank:   "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Description: "Çay & nar",
		Metadata:  map[string]string{"cart": "7"},
		CreatedAt: t0, OpeningAt: t0, CallbackToken: "CALLBACK-TOKEN", ClientToken: "CLIENTTOKEN",
		Handle: payment.Handle{OrderID: "778", Private: "SESSION-SECRET", Account: payment.Account{Merchant: "MERCHANT",
			Environment: "test"}},
		RedirectURL: "https://bank.example/pay?ORDERID=778&SESSIONID=SESSION-SECRET", ExpiresAt: t0.Add(20 * time.Minute),
		Status: payment.Pending, BankStatus: "CREATED", Sequence: 2,
		History: []payment.Entry{{Sequence: 1, At: t0, What: "created", By: "kassa"},
			{Sequence: 2, At: t0.Add(time.Second), What: "pending", By: "bank"}},
	}
}

// aRefundedPayment is paid late, partly given back, with a refund on its way, and under review.
func aRefundedPayment() payment.Payment {
	p := aPayment()
	p.Status, p.Captured, p.Refunded, p.Late, p.Overpaid, p.Term = payment.PartiallyRefunded, 15000, 5000, true, true, 12
	p.Receipt = payment.Receipt{ApprovalCode: "047347", Card: "416974******1778", Brand: "Visa"}
	p.Reviews = []payment.Review{payment.ReviewRefund, payment.ReviewAmount}
	p.Refunds = []payment.Refund{
		{ID: "rf_1", Amount: 5000, Origin: payment.OriginBank, Status: payment.RefundSucceeded, BankRefundID: "R-9",
			RequestedAt: t0},
		{ID: "rf_2", Amount: 100, Origin: payment.OriginShop, Status: payment.RefundFailed, RequestedAt: t0,
			Reason: "one cup broke", Reference: "credit-note-7"},
		{ID: "rf_3", Amount: 200, Origin: payment.OriginShop, Status: payment.RefundUnknown, RequestedAt: t0},
	}
	p.History = append(p.History, payment.Entry{Sequence: 3, At: t0, What: "refund_failed", By: "bank", Ref: "rf_2",
		Code: "076"})
	p.Sequence = 3
	return p
}

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %v\n%s", name, err, got)
	}
}

func TestViews(t *testing.T) {
	words := map[string]string{"pending": "AWAITING_PAYMENT", "paid": "PAID"}
	now := t0.Add(time.Minute)
	golden(t, "view-pending.json", ViewPayment(aPayment(), words, now))
	golden(t, "view-refunded.json", ViewPayment(aRefundedPayment(), words, now))
	golden(t, "view-customer.json", ViewForCustomer(aPayment(), now))
	fresh := payment.New(payment.Draft{ID: aPayment().ID, OrderRef: "12345", Bank: "kapital", Amount: aPayment().Amount},
		t0, t0.Add(time.Minute))
	golden(t, "view-created.json", ViewPayment(fresh, nil, now))
}

// TestViewsKeepSecrets: nothing shows the session beyond the page's address, the callback token or the merchant; the
// page and the client token are gone once the payment is decided, and the customer never sees either.
func TestViewsKeepSecrets(t *testing.T) {
	secrets := []string{"CALLBACK-TOKEN", "MERCHANT"}
	shown := func(v any) []byte {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	for _, s := range secrets {
		if contains(shown(ViewPayment(aPayment(), nil, t0)), s) {
			t.Errorf("the shop sees %s", s)
		}
	}
	for _, s := range append(secrets, "SESSION-SECRET", "CLIENTTOKEN") {
		if contains(shown(ViewPayment(aRefundedPayment(), nil, t0)), s) || contains(shown(ViewForCustomer(aPayment(), t0)),
			s) {
			t.Errorf("a decided payment or the customer's view shows %s", s)
		}
	}
}
