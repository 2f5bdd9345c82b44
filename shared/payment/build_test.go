package payment

import (
	"reflect"
	"testing"
	"time"
)

// start is when every payment of these tests is created; its page ends 20 minutes after the opening.
var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

var (
	testHandle = Handle{OrderID: "828", Private: "0123456789ABCDEF0123456789ABCDEF",
		Account: Account{Merchant: "E1000010", Environment: "test"}}
	otherHandle = Handle{OrderID: "829", Private: "0123456789ABCDEF0123456789ABCDEF",
		Account: Account{Merchant: "E1000010", Environment: "test"}}
)

const (
	testAmount = int64(15000)
	openedIn   = time.Second      // after start the bank answered the opening
	paidIn     = 2 * time.Minute  // after start the bank said approved
	pageLife   = 20 * time.Minute // of a card page
	cardEnd    = openedIn + pageLife
)

func testDraft(attempt int) Draft {
	return Draft{
		ID: ID{Order: OrderKey("demo-az", "12345"), Attempt: attempt}, Shop: "demo-az", OrderRef: "12345", Bank: "kapital",
		Amount: Money{testAmount, AZN}, Description: "A kettle", Metadata: map[string]string{"basket": "7"},
		Return: ReturnURLs{Success: "https://shop.example/ok", Cancel: "https://shop.example/cancel",
			Decline: "https://shop.example/no"},
		CallbackToken: "callback-token", ClientToken: "client-token",
	}
}

func createdPayment(attempt int) Payment {
	return New(testDraft(attempt), start, start.Add(30*time.Second))
}

func openedEvent() OpeningDone {
	return OpeningDone{Handle: testHandle, RedirectURL: "https://bank.example/page", ExpiresAt: start.Add(cardEnd)}
}

func pendingPayment(t testing.TB, attempt int) Payment {
	t.Helper()
	return apply(t, createdPayment(attempt), openedEvent(), start.Add(openedIn))
}

func paidPayment(t testing.TB) Payment {
	t.Helper()
	return apply(t, pendingPayment(t, 1), reported(approved()), start.Add(paidIn))
}

// refunding is a paid payment with a refund in flight, asked for at the given time, its owner's deadline 30 s later.
func refundingPayment(t testing.TB, at time.Time, e RefundIntent) Payment {
	t.Helper()
	return apply(t, paidPayment(t), owned(e, at), at)
}

func owned(e RefundIntent, at time.Time) RefundIntent {
	if e.ID == "" {
		e.ID = "rf_one"
	}
	if e.By == "" {
		e.By = ByShop("k1")
	}
	e.Until = at.Add(30 * time.Second)
	return e
}

// apply is Apply where the table allows the event; a refusal ends the test.
func apply(t testing.TB, p Payment, e Event, at time.Time) Payment {
	t.Helper()
	next, err := Apply(p, e, at)
	if err != nil {
		t.Fatalf("%T on a %s payment: %v", e, p.Status, err)
	}
	return next
}

// refuse is Apply where the table forbids the event: an error of that kind, and the payment as it was.
func refuse(t testing.TB, p Payment, e Event, at time.Time, kind Kind, code string) {
	t.Helper()
	next, err := Apply(p, e, at)
	if err == nil || KindOf(err) != kind || CodeOf(err) != code {
		t.Fatalf("%T on a %s payment: error %v, want %s %q", e, p.Status, err, kind, code)
	}
	if !reflect.DeepEqual(p, next) {
		t.Fatalf("%T was refused and yet changed the payment\nbefore %+v\nafter  %+v", e, p, next)
	}
}

func reported(r Report) Statement { return Statement{Handle: testHandle, Report: r} }

func approved() Report { return Report{State: BankApproved, Word: "APPROVED"} }

// total is what a bank that shows its totals says of a payment it took in full.
func totalling(state State, refunded int64, operations ...int64) Report {
	r := Report{State: state, Word: "APPROVED", Amount: Money{testAmount, AZN}, Refunded: Said(refunded)}
	for _, amount := range operations {
		r.Operations = append(r.Operations, Operation{Amount: amount})
	}
	return r
}

// whats lists the history entries after the first n.
func whats(p Payment, n int) []string {
	list := []string{}
	for _, entry := range p.History[n:] {
		list = append(list, entry.What)
	}
	return list
}

func wantWhats(t testing.TB, p Payment, n int, want ...string) {
	t.Helper()
	if got := whats(p, n); !reflect.DeepEqual(got, append([]string{}, want...)) {
		t.Fatalf("history after entry %d is %q, want %q", n, got, want)
	}
}

func pointer[T any](v T) *T { return &v }
