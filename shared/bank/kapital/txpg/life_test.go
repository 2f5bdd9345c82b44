package txpg

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// shop is Kassa before the bank: all of it real but for the table, which is a map, and the clock, which is a value.
type shop struct {
	*connected
	t   *testing.T
	svc *checkout.Service
	id  payment.ID
}

// Bank finds the shop's one bank.
func (s *shop) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(s.Gateway)
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{connected: connect(t, nil), t: t}
	store := &memory.Store{}
	s.svc = &checkout.Service{Store: store, Allowances: store, Banks: s, Now: func() time.Time { return s.now },
		CallbackURL: "https://callback.example",
		Log:         slog.New(slog.NewTextHandler(s.log, nil)), Wait: func(_ context.Context,
			d time.Duration) bool {
			s.pass(d)
			return true
		}}
	started, err := s.svc.Initiate(t.Context(), checkout.Order{Shop: "demo", By: payment.ByShop("k1"), Ref: "12345",
		Bank:    "kapital",
		Amount:  payment.Money{Minor: 15050, Currency: payment.AZN},
		Return:  payment.ReturnURLs{Success: "https://shop.example/thanks"},
		Banks:   []string{"kapital"},
		Origins: []string{"https://shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	s.id = started.Payment.ID
	return s
}

func (s *shop) pass(d time.Duration) { s.now, s.bank.now = s.now.Add(d), s.now.Add(d) }

func (s *shop) stored() payment.Payment {
	s.t.Helper()
	p, err := s.svc.Store.Load(context.Background(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// back brings the customer's browser back with these words.
func (s *shop) back(words string) payment.Payment {
	s.t.Helper()
	s.pass(time.Minute)
	query, _ := url.ParseQuery(words)
	p := s.stored()
	p, err := s.svc.Read(s.t.Context(), p.ID, p.CallbackToken, bank.Message{Method: http.MethodGet, Query: query,
		Browser: true})
	if err != nil {
		s.t.Fatalf("%s: %v", words, err)
	}
	return p
}

func (s *shop) order() *bankOrder { return s.bank.orders[s.stored().Handle.OrderID] }

// TestTheReturnDecidesNothing: forged, stale or true, the bank is asked.
func TestTheReturnDecidesNothing(t *testing.T) {
	s := openShop(t)
	id := s.stored().Handle.OrderID
	for words, want := range map[string]payment.Status{"ID=" + id + "&STATUS=FullyPaid&PASSWORD=canary": payment.Pending,
		"STATUS=Declined": payment.Pending} {
		if p := s.back(words); p.Status != want {
			t.Errorf("%s: %s", words, p.Status)
		}
	}
	s.bank.pay(s.order())
	if p := s.back("ID=1&STATUS=Expired"); p.Status != payment.Paid || p.Captured != 15050 || p.BankStatus != "FullyPaid" {
		t.Errorf("paid: %s, %d", p.Status, p.Captured)
	}
	if text := s.log.String(); strings.Contains(text, "canary") || strings.Contains(text, s.stored().Handle.Private) {
		t.Errorf("a secret is told: %s", text)
	}
}

// TestWhateverIsPosted to a payment's address asks about it, and no server is told to send it again.
func TestWhateverIsPosted(t *testing.T) {
	parts := "--x\r\nContent-Disposition: form-data; name=\"ID\"\r\n\r\n<id>\r\n--x--"
	for kind, body := range map[string]string{"": "STATUS=", "text/plain": "ID=1&ID=2", "image/png": "\x89PNG\x00;%",
		"application/x-www-form-urlencoded": "ID=<id>%0A&STATUS=FullyPaid", "text/xml": "<order><id><id></id></order>",
		"application/json":                `{"order":{"id":<id>,"status":"FullyPaid"}}`,
		"multipart/form-data; boundary=x": parts, "multipart/form-data": parts} {
		s := openShop(t)
		s.bank.pay(s.order())
		s.pass(time.Minute)
		p := s.stored()
		body = strings.ReplaceAll(body, "<id>", p.Handle.OrderID)
		p, err := s.svc.Read(t.Context(), p.ID, p.CallbackToken, bank.Message{Method: http.MethodPost,
			Header: map[string]string{"content-type": kind}, Body: []byte(body)})
		if err != nil || p.Status != payment.Paid {
			t.Errorf("%s %s: %s, %v", kind, body, p.Status, err)
		}
	}
}

// TestALostRefundIsFoundAgain by the bank's list, beside one of the desk's of the same amount, and is never sent twice.
func TestALostRefundIsFoundAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fault    string
		desk     bool // a refund of the same amount at the bank's desk before ours
		want     payment.RefundStatus
		refunded int64
	}{
		"an answer":                  {"", false, payment.RefundSucceeded, 5000},
		"an answer, and the desk":    {"", true, payment.RefundSucceeded, 10000},
		"done, and no answer":        {"lost", false, payment.RefundSucceeded, 5000},
		"done, no answer, the desk":  {"lost", true, payment.RefundSucceeded, 10000},
		"done, and no sense":         {"junk", false, payment.RefundSucceeded, 5000},
		"done, and refused":          {`after 400 {"errorCode":"InvalidOrderState"}`, false, payment.RefundSucceeded, 5000},
		"done, out of order":         {`after 500 {"errorCode":"PmoUnreachable"}`, false, payment.RefundSucceeded, 5000},
		"not done, and no answer":    {"gone", false, payment.RefundUnknown, 0},
		"not done, and out of order": {`500 {"errorCode":"ServiceError"}`, true, payment.RefundUnknown, 5000},
		"refused":                    {`400 {"errorCode":"InvalidAmt"}`, false, payment.RefundFailed, 0},
		"not done, a wrong login":    {`400 {"errorCode":"InvalidLogin"}`, false, payment.RefundUnknown, 0},
	} {
		s := openShop(t)
		s.bank.pay(s.order())
		s.back("")
		if c.desk {
			s.bank.entry(s.order(), -5000, "Refund", "Refund")
		}
		s.bank.faulty, s.bank.fault = "exec-tran", c.fault
		_, _ = s.svc.Refund(t.Context(), checkout.RefundOrder{ID: s.id, Shop: "demo", By: "k1", Key: "k", Amount: 5000})
		p, sent := s.stored(), len(s.bank.sent())
		r, _ := p.FindRefund(payment.RefundID(p.ID, "k"))
		if r.Status != c.want || p.Refunded != c.refunded || sent != 1 {
			t.Errorf("%s: %q, %d given back, sent %d times", name, r.Status, p.Refunded, sent)
		}
		again, err := s.svc.Refund(t.Context(), checkout.RefundOrder{ID: s.id, Shop: "demo", By: "k1", Key: "k",
			Amount: 5000})
		if r.Status == payment.RefundSucceeded && (err != nil || !again.Replayed || len(s.bank.sent()) != sent) {
			t.Errorf("%s: the same key once more: %v, sent %d times", name, err, len(s.bank.sent()))
		}
		if r.Status == payment.RefundUnknown && len(s.bank.sent()) != sent {
			t.Errorf("%s: what may be done was sent again", name)
		}
		if p = s.stored(); p.Refunded != s.bank.ledger().Returned {
			t.Errorf("%s: we say %d, the bank %d", name, p.Refunded, s.bank.ledger().Returned)
		}
	}
}

// renewing takes a secret that has changed meanwhile after what a setting may be to blame for, as functions do.
type renewing struct{ *shop }

func (r renewing) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	err := call(r.Gateway)
	if payment.KindOf(err) == payment.Misconfigured {
		r.Gateway = r.terminal(r.t, nil)
		err = call(r.Gateway)
	}
	return err
}

// TestALoginRefusedWhenTheMoneyHasMoved, by a session that ended or by a second copy on the way: it is not sent again
// with a login that is renewed in that moment, and what is done does not fail.
func TestALoginRefusedWhenTheMoneyHasMoved(t *testing.T) {
	for _, answer := range []string{`400 {"errorCode":"UserSessionExpired"}`, `400 {"errorCode":"invalidlogin"}`, "401 "} {
		s := openShop(t)
		s.bank.pay(s.order())
		s.back("")
		s.svc.Banks = renewing{s}
		s.bank.faulty, s.bank.fault = "exec-tran", "after "+answer
		want := checkout.RefundOrder{ID: s.id, Shop: "demo", By: "k1", Key: "k", Amount: 5000}
		first, err := s.svc.Refund(t.Context(), want)
		if err != nil || first.Refund.Status == payment.RefundFailed {
			t.Errorf("%s: %q, %v", answer, first.Refund.Status, err)
		}
		again, err := s.svc.Refund(t.Context(), want)
		if err != nil || len(s.bank.sent()) != 1 {
			t.Errorf("%s, the same key: %v, sent %d times", answer, err, len(s.bank.sent()))
		}
		s.pass(time.Hour)
		_, err = s.svc.Sweep(t.Context())
		if r, _ := s.stored().FindRefund(again.Refund.ID); err != nil || r.Status != payment.RefundSucceeded {
			t.Errorf("%s, an hour later: %q, %v", answer, r.Status, err)
		}
	}
}

// TestHowAPaymentEnds as the bank's order does, also when the customer pays after all.
func TestHowAPaymentEnds(t *testing.T) {
	for word, want := range map[string]payment.Status{"Declined": payment.Declined, "Rejected": payment.Declined,
		"Refused":   payment.Cancelled,
		"Cancelled": payment.Cancelled, "Expired": payment.Expired, "Authorized": payment.Pending,
		"Brandnew": payment.Pending, "FullyPaid": payment.Pending} {
		s := openShop(t)
		s.order().status = word
		p := s.back("")
		if p.Status != want {
			t.Errorf("%s without an operation: %s", word, p.Status)
		}
		s.bank.pay(s.order())
		if p = s.back(""); p.Status != payment.Paid || p.Late != (want != payment.Pending) {
			t.Errorf("%s, then paid: %s, late %t", word, p.Status, p.Late)
		}
	}
}

// TestAnotherAmountOrCurrency is kept and shown to people.
func TestAnotherAmountOrCurrency(t *testing.T) {
	for review, change := range map[payment.Review]map[string]any{
		payment.ReviewAmount:   {"clearAmount": major(14000), "amount": major(14000)},
		payment.ReviewCurrency: {"clearCcy": "USD", "currency": "USD"},
	} {
		s := openShop(t)
		s.bank.pay(s.order())
		lay(s.order().trans[0], change)
		if p := s.back(""); !p.InReview(review) {
			t.Errorf("%s: %s, %d, reviews %v", review, p.Status, p.Captured, p.Reviews)
		}
	}
}

// TestAYesThatShowsLate: the bank has said yes and named nothing, and its list lags. The refund never fails by itself.
func TestAYesThatShowsLate(t *testing.T) {
	s := openShop(t)
	s.bank.pay(s.order())
	s.back("")
	s.bank.faulty, s.bank.fault = "exec-tran", `200 {"tran":{"pmoResultCode":"1","match":{"ridByPmo":"17302955"}}}`
	q := checkout.RefundOrder{ID: s.id, Shop: "demo", By: "shop:k1", Key: "k", Amount: 5000}
	if r, err := s.svc.Refund(t.Context(), q); err != nil || r.Refund.Status != payment.RefundUnknown {
		t.Fatalf("%+v, %v", r.Refund, err)
	}
	sweep := func() payment.Refund {
		s.pass(25 * time.Hour)
		if _, err := s.svc.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s.stored().Refunds[0]
	}
	for range 5 {
		if r := sweep(); r.Status != payment.RefundUnknown {
			t.Fatalf("%+v", r)
		}
	}
	s.bank.entry(s.order(), -5000, "Refund", "Refund")
	if r := sweep(); r.Status != payment.RefundSucceeded || len(s.stored().Reviews) != 0 {
		t.Errorf("%+v, %v", r, s.stored().Reviews)
	}
}
