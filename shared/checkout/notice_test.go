package checkout_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// partner is a shop that sells by instalments: Kassa, the simulated bank over mutual TLS, and the bank's signed
// callbacks.
type partner struct {
	t     *testing.T
	sim   *kartapokupoksim.Sim
	svc   *checkout.Service
	store *memory.Store
	ctx   context.Context // of the invocations that take the bank's callbacks

	secret []byte

	mu    sync.Mutex
	clock time.Time
	codes []int // what the bank's server was answered
}

var partnerPKI = sync.OnceValues(func() (*kartapokupoksim.PKI, error) {
	return kartapokupoksim.LoadOrCreatePKI("", "P-100", func() time.Time { return start })
})

func newPartner(t *testing.T, set func(*kartapokupoksim.Settings), settings map[string]any) *partner {
	t.Helper()
	pki, err := partnerPKI()
	if err != nil {
		t.Fatal(err)
	}
	b := &partner{t: t, clock: start, store: &memory.Store{}, ctx: t.Context()}
	b.sim, err = kartapokupoksim.New(kartapokupoksim.Options{PageURL: "https://pay.bank.test", Partner: "P-100", PKI: pki,
		Now:    b.now,
		Client: &http.Client{Transport: b}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(b.sim.API())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = pki.ServerTLS()
	server.StartTLS()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		_ = b.sim.Close()
	})
	if set != nil {
		b.set(set)
	}
	certificate, key := pki.Client()
	var public []string
	keys, err := pki.PublicKeys("rsa")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		public = append(public, string(k))
	}
	secret := map[string]any{"partner_id": "P-100", "environment": "test", "base_url": server.URL,
		"certificate": string(certificate),
		"key":         string(key), "ca": string(pki.CA()), "payment_hosts": []string{"pay.bank.test"},
		"callback": map[string]any{"public_keys": public}, "refund": map[string]any{"partial": true}}
	for name, value := range settings {
		secret[name] = value
	}
	text, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	b.secret = text
	k, err := kartapokupok.New(text, kartapokupok.Options{Stage: "test", Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	b.svc = &checkout.Service{Store: b.store, Banks: instalmentBank{k}, Now: b.now, Wait: b.wait,
		Log:         slog.New(slog.DiscardHandler),
		CallbackURL: "https://callback.example"}
	return b
}

// instalmentBank is a shop whose only bank sells by instalments.
type instalmentBank struct{ only bank.Bank }

func (b instalmentBank) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(b.only)
}

// RoundTrip is the way of the bank's callbacks into the use case, as the callback function would take them.
func (b *partner) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(r.URL.Path, "/")
	id, _ := payment.ParseID(parts[1])
	c := bank.Message{Method: r.Method, Query: r.URL.Query(), Header: map[string]string{}, Body: body}
	for name, values := range r.Header {
		c.Header[strings.ToLower(name)] = strings.Join(values, ",")
	}
	_, err = b.svc.Read(b.ctx, id, parts[2], c)
	code := http.StatusOK
	switch payment.KindOf(err) {
	case payment.Forged:
		code = http.StatusUnauthorized
	case payment.Malformed:
		code = http.StatusBadRequest
	case payment.Unavailable, payment.Misconfigured:
		code = http.StatusServiceUnavailable
	case payment.Internal:
		if err != nil {
			code = http.StatusInternalServerError
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes = append(b.codes, code)
	return &http.Response{StatusCode: code, Body: http.NoBody, Request: r}, nil
}

func (b *partner) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

// wait is how a callback waits: the clock moves on.
func (b *partner) wait(_ context.Context, d time.Duration) bool {
	b.advance(d)
	return true
}

func (b *partner) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func (b *partner) set(f func(*kartapokupoksim.Settings)) {
	b.t.Helper()
	b.must(b.sim.Set(f))
}

func (b *partner) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// order is an application for 120.00 BYN in twelve months.
func (b *partner) order() checkout.Order {
	o := order("A", 12000)
	o.Bank, o.Amount.Currency, o.Term = "kartapokupok", payment.BYN, 12
	o.Instalments = payment.InstalmentPolicy{Terms: []int{3, 6, 12}}
	o.Items = []bank.Item{{SKU: "linen", Name: "Linen set", Quantity: 2, UnitAmount: 6000}}
	o.Customer = bank.Customer{FirstName: "Alesia", LastName: "Kupala", Phone: "+375291234567", Email: "alesia@example.by"}
	return o
}

// open begins it.
func (b *partner) open() payment.Payment {
	b.t.Helper()
	opened, err := b.svc.Initiate(context.Background(), b.order())
	b.must(err)
	return opened.Payment
}

// called opens an order about which the bank calls before it has answered: there is no page then, and no 201.
func (b *partner) called(want payment.Status) {
	b.t.Helper()
	_, err := b.svc.Initiate(context.Background(), b.order())
	if payment.CodeOf(err) != "payment_"+string(want) {
		b.t.Errorf("the opening answers with %v; notices %v, the bank was answered %v", err, b.read().Notices, b.codes)
	}
}

func (b *partner) read() payment.Payment {
	b.t.Helper()
	all, err := b.store.Attempts(context.Background(), payment.OrderKey("demo", "A"))
	b.must(err)
	return all[len(all)-1]
}

func (b *partner) session() string { return b.read().Handle.OrderID }

func (b *partner) sweep() {
	b.t.Helper()
	_, err := b.svc.Sweep(context.Background())
	b.must(err)
}

// stands compares the payment with what a story expects.
func (b *partner) stands(when string, status payment.Status, late bool, reviews ...payment.Review) {
	b.t.Helper()
	p := b.read()
	if p.Status != status || p.Late != late || !slices.Equal(p.Reviews, reviews) {
		b.t.Fatalf("%s: %s, late %v, reviews %v, notices %v; the bank was answered %v", when, p.Status, p.Late, p.Reviews,
			p.Notices, b.codes)
	}
}

func (b *partner) refund(key string, amount int64) (checkout.RefundResult, error) {
	return b.svc.Refund(context.Background(), checkout.RefundOrder{ID: b.read().ID, Shop: "demo", By: "shop:k1", Key: key,
		Amount: amount})
}

var noStatusCall = map[string]any{"status": map[string]any{"mode": "off"}}

func TestSignedApprovalPays(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		t.Run(name, func(t *testing.T) {
			b := newPartner(t, nil, settings)
			b.open()
			b.must(b.sim.Approve(b.session()))
			b.stands("approved", payment.Paid, false)
			p := b.read()
			_, err := b.sim.Replay(context.Background(), b.session())
			b.must(err)
			if again := b.read(); again.Sequence != p.Sequence || len(again.Notices) != 0 {
				t.Errorf("a replayed callback changed the payment: %+v", again)
			}
		})
	}
}

// The bank calls before it has answered the create call: the notice waits for the session, and then counts.
func TestApprovalInsideTheCreateCall(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		t.Run(name, func(t *testing.T) {
			b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "early_paid" }, settings)
			b.called(payment.Paid)
			b.stands("after it", payment.Paid, false)
		})
	}
}

func TestApprovalThatNobodyCanConfirmIsKept(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "status", Kind: "http_500", Count: 1}))
	b.must(b.sim.Approve(b.session()))
	b.stands("while the status call is down", payment.Pending, false)
	if p := b.read(); len(p.Notices) != 1 || b.codes[len(b.codes)-1] != 200 {
		t.Fatalf("notices %v, the bank was answered %v", p.Notices, b.codes)
	}
	b.advance(time.Minute)
	b.sweep()
	b.stands("a minute later", payment.Paid, false)
	if p := b.read(); len(p.Notices) != 0 || !p.DueAt.IsZero() {
		t.Errorf("still kept: %v, due %v", p.Notices, p.DueAt)
	}
}

// A signed approval that the status call does not confirm: nothing is decided until they agree, and a human looks after
// a day.
func TestApprovalThatTheStatusCallDenies(t *testing.T) {
	for _, word := range []string{"PENDING", "REJECTED"} {
		b := newPartner(t, nil, nil)
		b.open()
		b.must(b.sim.SetStatus(b.session(), word))
		_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
		b.must(err)
		b.stands(word, payment.Pending, false)
		for range 20 {
			b.advance(time.Minute)
			b.sweep()
		}
		b.stands(word+", after minutes", payment.Pending, false)
		b.must(b.sim.SetStatus(b.session(), "PENDING"))
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
		b.must(b.sim.Approve(b.session()))
		b.advance(time.Hour)
		b.sweep()
		b.stands(word+", then they agree", payment.Paid, false)
	}
	b := newPartner(t, nil, nil)
	b.open()
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
	b.must(err)
	for range 30 {
		b.advance(time.Hour)
		b.sweep()
	}
	b.stands("a day later", payment.Pending, false, payment.ReviewStatus)
	b.must(b.sim.SetStatus(b.session(), "REJECTED"))
	b.advance(24 * time.Hour)
	b.sweep()
	b.stands("and the bank now denies it: what it has signed is not forgotten", payment.Pending, false,
		payment.ReviewStatus)
	b.must(b.sim.SetStatus(b.session(), "PENDING"))
	b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
	b.must(b.sim.Approve(b.session()))
	b.advance(24 * time.Hour)
	b.sweep()
	b.stands("then they agree", payment.Paid, false)
}

// A status call that is down for a day: a human must look, and the notice is not forgotten.
func TestApprovalWhileTheStatusCallIsDownForADay(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "status", Kind: "http_500", Count: -1}))
	b.must(b.sim.Approve(b.session()))
	for range 26 {
		b.advance(time.Hour)
		b.sweep()
	}
	b.stands("a day later", payment.Pending, false, payment.ReviewStatus)
	b.sim.ClearFaults()
	b.advance(24 * time.Hour)
	b.sweep()
	b.stands("when it is back", payment.Paid, false)
}

func TestApprovalOfAnotherSession(t *testing.T) {
	for name, message := range map[string]kartapokupoksim.Message{
		"another session":  {Status: "APPROVED", SessionID: "someone-elses"},
		"another order":    {Status: "APPROVED", OrderRef: "B"},
		"only a rejection": {Status: "REJECTED", SessionID: "someone-elses"},
	} {
		b := newPartner(t, nil, nil)
		b.open()
		_, err := b.sim.Callback(context.Background(), b.session(), message)
		b.must(err)
		if message.Status == "APPROVED" {
			b.stands(name, payment.Pending, false, payment.ReviewSession)
		} else {
			b.stands(name, payment.Pending, false)
		}
	}
}

// A late approval is the customer's money: paid, late, once; after a rejection and after our own expiry, with and
// without status call.
func TestLateApproval(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		t.Run(name, func(t *testing.T) {
			b := newPartner(t, nil, settings)
			b.open()
			b.must(b.sim.Reject(b.session()))
			b.stands("rejected", payment.Declined, false)
			b.advance(time.Hour)
			b.must(b.sim.Approve(b.session()))
			b.stands("approved after all", payment.Paid, true)

			b = newPartner(t, func(s *kartapokupoksim.Settings) { s.NeverExpire = true }, settings)
			b.open()
			b.advance(30*24*time.Hour + time.Hour)
			b.sweep()
			b.stands("nobody decided", payment.Expired, false)
			b.advance(time.Hour)
			b.must(b.sim.Approve(b.session()))
			b.stands("approved after expiry", payment.Paid, true)
		})
	}
}

// CANCELLED or REJECTED after it was paid undoes nothing: where the status call agrees, a human must look.
func TestNoAfterPaid(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(time.Minute)
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "CANCELLED"})
	b.must(err)
	b.stands("only a callback says so", payment.Paid, false)
	b.advance(time.Minute)
	b.must(b.sim.SetStatus(b.session(), "REJECTED"))
	_, err = b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{})
	b.must(err)
	b.stands("the bank says so when asked", payment.Paid, false, payment.ReviewRegress)
}

// A refund whose answer is lost after it had its effect: the end is right and it is never sent twice, with the status
// call on and off.
func TestRefundAnswerLost(t *testing.T) {
	for name, settings := range map[string]map[string]any{"totals": nil, "callback": noStatusCall} {
		t.Run(name, func(t *testing.T) {
			b := newPartner(t, nil, settings)
			b.open()
			b.must(b.sim.Approve(b.session()))
			b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "cut_after", Count: 1}))
			if _, err := b.refund("k1", 5000); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				b.advance(16 * time.Minute)
				_, err := b.sim.Deliver(context.Background(), "", false)
				b.must(err)
				b.sweep()
				if _, err := b.refund("k1", 5000); err != nil {
					t.Fatal(err)
				}
			}
			b.stands("settled", payment.PartiallyRefunded, false)
			if p, l := b.read(), b.sim.Ledger(); p.Refunded != 5000 || l.Totals.Refunded != 5000 || p.InFlight() != nil {
				t.Errorf("we say %d, the bank %d", p.Refunded, l.Totals.Refunded)
			}
		})
	}
}

// What the bank's desk gives back is booked where the callback or the status call says how much, and a human looks
// where nobody does.
func TestDeskRefund(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(time.Minute)
	b.must(b.sim.DeskRefund(b.session(), 2000))
	b.stands("with totals", payment.PartiallyRefunded, false)
	if p := b.read(); p.Refunded != 2000 || p.Refunds[0].Origin != payment.OriginBank {
		t.Errorf("%+v", p.Refunds)
	}
	b = newPartner(t, func(s *kartapokupoksim.Settings) {
		s.CallbackOmit = []string{"refunded_amount", "refund_id"}
	}, noStatusCall)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(time.Minute)
	b.must(b.sim.DeskRefund(b.session(), 2000))
	b.stands("without totals", payment.Paid, false, payment.ReviewRefund)
}
