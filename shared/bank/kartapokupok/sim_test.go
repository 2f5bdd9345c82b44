package kartapokupok

import (
	"bytes"
	"errors"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/banktest"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

const pagesURL = "https://pay.bank.test"

// simulated is a shop connected to a simulated bank over mutual TLS. It is also the way by which the bank's callbacks
// go out, and keeps them.
type simulated struct {
	*KartaPokupok
	sim    *kartapokupoksim.Sim
	pki    *kartapokupoksim.PKI
	secret map[string]any
	log    *bytes.Buffer
	now    time.Time

	mu      sync.Mutex
	calls   []bank.Message
	arrived chan struct{} // wakes whoever waits for a callback
}

// RoundTrip takes a callback as AWS would deliver it: names in lower case, repeats joined by commas.
func (s *simulated) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := bank.Message{Method: r.Method, Query: r.URL.Query(), Header: map[string]string{}, Body: body, Now: s.now}
	for name, values := range r.Header {
		c.Header[strings.ToLower(name)] = strings.Join(values, ",")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

// last is the latest callback about a session.
func (s *simulated) last(session string) (bank.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.calls) - 1; i >= 0; i-- {
		if bytes.Contains(s.calls[i].Body, []byte(session)) {
			return s.calls[i], nil
		}
	}
	return bank.Message{}, errors.New("the bank sent nothing about this session")
}

// bankPKI is made once for the tests that rotate nothing: making keys is the slow part.
var bankPKI = sync.OnceValues(newPKI)

func newPKI() (*kartapokupoksim.PKI, error) {
	return kartapokupoksim.LoadOrCreatePKI("", "P-100", minskNoon)
}

func simulate(t *testing.T, set func(*kartapokupoksim.Settings), change map[string]any) *simulated {
	t.Helper()
	return simulateWith(t, bankPKI, set, change)
}

// await is the latest callback about a session, once there is one that holds a text: what the bank tells of our own
// refund comes after its answer to it.
func (s *simulated) await(t *testing.T, session, text string) bank.Message {
	t.Helper()
	patience := time.After(10 * time.Second)
	for {
		if c, err := s.last(session); err == nil && bytes.Contains(c.Body, []byte(text)) {
			return c
		}
		select {
		case <-s.arrived:
		case <-patience:
			t.Fatalf("the bank sent nothing about this session that holds %s", text)
		}
	}
}

func simulateWith(t *testing.T, pki func() (*kartapokupoksim.PKI, error), set func(*kartapokupoksim.Settings),
	change map[string]any) *simulated {
	t.Helper()
	s := &simulated{now: minskNoon(), log: &bytes.Buffer{}, arrived: make(chan struct{}, 1)}
	var err error
	if s.pki, err = pki(); err != nil {
		t.Fatal(err)
	}
	s.sim, err = kartapokupoksim.New(kartapokupoksim.Options{PageURL: pagesURL, Partner: "P-100", PKI: s.pki,
		Now: func() time.Time { return s.now }, Client: &http.Client{Transport: s}})
	if err != nil {
		t.Fatal(err)
	}
	if set != nil {
		if err := s.sim.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewUnstartedServer(s.sim.API())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = s.pki.ServerTLS()
	server.StartTLS()
	t.Cleanup(func() {
		s.sim.ClearFaults()
		if err := s.sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s.secret = map[string]any{"partner_id": "P-100", "environment": "test", "base_url": server.URL,
		"payment_hosts": []string{"pay.bank.test"}, "ca": string(s.pki.CA())}
	maps.Copy(s.secret, change)
	s.KartaPokupok = s.partner(t, nil)
	return s
}

// partner makes a shop of the same settings, some of them changed, with the certificate and the bank's keys of this
// moment.
func (s *simulated) partner(t *testing.T, change map[string]any) *KartaPokupok {
	t.Helper()
	fields := maps.Clone(s.secret)
	certificate, key := s.pki.Client()
	fields["certificate"], fields["key"] = string(certificate), string(key)
	callback, ok := fields["callback"].(map[string]any)
	if !ok {
		callback = map[string]any{}
	}
	callback = maps.Clone(callback)
	algorithm, _ := callback["algorithm"].(string)
	if algorithm == "" {
		algorithm = rsaSHA256
	}
	public, err := s.pki.PublicKeys(families[algorithm])
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, one := range public {
		keys = append(keys, string(one))
	}
	callback["public_keys"] = keys
	fields["callback"] = callback
	k, err := New(secretOf(t, fields, change),
		Options{Stage: "local", Now: minskNoon, Log: slog.New(slog.NewTextHandler(s.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *simulated) fault(kind string) error {
	s.sim.ClearFaults()
	return s.sim.Faults(kartapokupoksim.Fault{Kind: kind})
}

func TestContract(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*kartapokupoksim.Settings)
		change map[string]any
	}{
		"as the brief has it": {nil, nil},
		"another dialect": {func(s *kartapokupoksim.Settings) {
			s.AmountFormat, s.Totals, s.Algorithm, s.Encoding, s.Header, s.PartialWord = "minor", "amount", "ed25519", "hex",
				"X-Sign", "REFUNDED"
			s.UniqueRef = true
		}, map[string]any{"amount_format": "minor", "callback": map[string]any{"algorithm": "ed25519", "encoding": "hex",
			"header": "X-Sign"}}},
		"amounts as strings": {func(s *kartapokupoksim.Settings) { s.AmountFormat, s.Algorithm = "string", "ecdsa-sha256" },
			map[string]any{"amount_format": "string", "callback": map[string]any{"algorithm": "ecdsa-sha256"}}},
	} {
		t.Run(name, func(t *testing.T) {
			banktest.Run(t, func(t *testing.T) banktest.Fixture { return fixture(t, simulate(t, c.set, c.change)) })
		})
	}
}

func fixture(t *testing.T, s *simulated) banktest.Fixture {
	dead := httptest.NewServer(nil)
	address := "https" + dead.URL[len("http"):]
	dead.Close()
	steps := map[banktest.Step]func(string) error{
		banktest.Approve: s.sim.Approve, banktest.Decline: s.sim.Reject, banktest.Cancel: s.sim.Cancel,
		banktest.Work: s.sim.Later, banktest.Expire: s.sim.Expire,
	}
	faults := map[banktest.Fault]string{banktest.AnswerLost: "cut_after", banktest.AnswerJunk: "html_200_after",
		banktest.NotDone: "refuse_connection"}
	_, key := s.pki.Client()
	return banktest.Fixture{
		Bank: s.KartaPokupok, Dead: s.partner(t, map[string]any{"base_url": address}),
		Amount: byn(12000), Now: s.now, Pages: pagesURL + "/", Secrets: []string{string(key[30:60]), canaryLast, canaryPhone,
			canaryMail}, Log: s.log.String,
		Complete: func(o *bank.Order) {
			order := someOrder()
			o.Term, o.Items, o.Customer = order.Term, order.Items, order.Customer
		},
		Spoil: func(o *bank.Order) { o.Customer.FirstName = "a\x01b" },
		Outcomes: map[banktest.Step]payment.State{
			banktest.Approve: payment.BankApproved, banktest.Decline: payment.BankDeclined,
			banktest.Cancel: payment.BankCancelled,
			banktest.Work:   payment.BankOpen, banktest.Expire: payment.BankCancelled,
		},
		Drive: func(h bank.Handle, step banktest.Step) error { return steps[step](h.OrderID) },
		Fault: func(_ bank.Operation, f banktest.Fault) error { return s.fault(faults[f]) },
		Ledger: func() banktest.Ledger {
			totals := s.sim.Ledger().Totals
			return banktest.Ledger{Orders: totals.Orders, Charged: totals.Charged, Returned: totals.Refunded}
		},
		Notice: func(h bank.Handle) (bank.Message, error) { return s.last(h.OrderID) },
	}
}

func (s *simulated) opened(t *testing.T) bank.Handle {
	t.Helper()
	session, err := s.Open(t.Context(), someOrder())
	if err != nil {
		t.Fatal(err)
	}
	return session.Handle
}

// Every scheme that the bank may have chosen, and every way to sign that is not it.
func TestTheBanksSchemes(t *testing.T) {
	for algorithm := range families {
		for encoding := range encoders {
			for _, stamp := range []string{"", "X-Time"} {
				s := simulate(t, func(set *kartapokupoksim.Settings) {
					set.Algorithm, set.Encoding, set.TimestampHeader = algorithm, encoding, stamp
				}, map[string]any{"callback": map[string]any{"algorithm": algorithm, "encoding": encoding,
					"timestamp_header": stamp}})
				h := s.opened(t)
				told := func(change func(*kartapokupoksim.Settings)) (bank.Reading, error) {
					before := s.sim.Settings()
					if err := s.sim.Set(change); err != nil {
						t.Fatal(err)
					}
					if _, err := s.sim.Callback(t.Context(), h.OrderID, kartapokupoksim.Message{Status: "APPROVED"}); err != nil {
						t.Fatal(err)
					}
					if err := s.sim.Set(func(set *kartapokupoksim.Settings) { *set = before }); err != nil {
						t.Fatal(err)
					}
					c, err := s.last(h.OrderID)
					if err != nil {
						t.Fatal(err)
					}
					return s.Read(c)
				}
				what := algorithm + ", " + encoding + ", " + stamp
				if notice, err := told(func(*kartapokupoksim.Settings) {}); err != nil || !notice.Proven ||
					notice.Handle != (bank.Handle{OrderID: h.OrderID, Private: h.Private}) ||
					notice.Report.State != payment.BankApproved || notice.Report.Amount != byn(12000) {
					t.Errorf("%s: %+v, %v", what, notice, err)
				}
				for name, change := range map[string]func(*kartapokupoksim.Settings){
					"labelled": func(set *kartapokupoksim.Settings) { set.Signature = "labelled" },
					"the other form": func(set *kartapokupoksim.Settings) {
						set.Encoding = map[string]string{"hex": "hex-upper", "base64url": "base64url-padded"}[encoding]
					},
				} {
					if notice, err := told(change); err != nil || !notice.Proven {
						t.Errorf("%s, %s: %+v, %v", what, name, notice, err)
					}
				}
				for name, change := range map[string]func(*kartapokupoksim.Settings){
					"none":        func(set *kartapokupoksim.Settings) { set.Signature = "none" },
					"empty":       func(set *kartapokupoksim.Settings) { set.Signature = "empty" },
					"tampered":    func(set *kartapokupoksim.Settings) { set.Signature = "tampered" },
					"cut":         func(set *kartapokupoksim.Settings) { set.Signature = "cut" },
					"two":         func(set *kartapokupoksim.Settings) { set.Signature = "two" },
					"two-mixed":   func(set *kartapokupoksim.Settings) { set.Signature = "two-mixed" },
					"body":        func(set *kartapokupoksim.Settings) { set.Body = "tampered" },
					"spaced":      func(set *kartapokupoksim.Settings) { set.Body = "spaced" },
					"foreign key": func(set *kartapokupoksim.Settings) { set.Key = "foreign" },
					"header":      func(set *kartapokupoksim.Settings) { set.Header = "X-Other" },
					"lines":       func(set *kartapokupoksim.Settings) { set.Encoding = "base64-lines" },
				} {
					if name == "lines" && (algorithm == ed25519Plain || algorithm == ecdsaSHA256) {
						continue // two short lines at most, and one line is the right form where the signature fits it
					}
					if notice, err := told(change); payment.KindOf(err) != payment.Forged || err == nil || notice.Proven {
						t.Errorf("%s, %s: %+v, %v", what, name, notice, err)
					}
				}
				if stamp != "" {
					for _, shift := range []int{-301, 301} {
						if notice, err := told(func(set *kartapokupoksim.Settings) {
							set.TimestampShift = shift
						}); payment.KindOf(err) != payment.Forged || notice.Proven {
							t.Errorf("%s, %d s off: %+v, %v", what, shift, notice, err)
						}
					}
				}
			}
		}
	}
}

func TestCertificatesAtTheBank(t *testing.T) {
	s := simulateWith(t, newPKI, nil, nil)
	h := s.opened(t)
	stranger, err := issued()
	if err != nil {
		t.Fatal(err)
	}
	foreign := s.partner(t, map[string]any{"certificate": stranger.certificate, "key": stranger.key})
	for range 10 {
		if _, err := foreign.Open(t.Context(), someOrder()); payment.KindOf(err) != payment.Misconfigured {
			t.Fatalf("a stranger's certificate: %v", err)
		}
	}
	if err := s.pki.RotateClient(false); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Approve(h.OrderID); err != nil {
		t.Fatal(err)
	}
	r := someRefund(4005)
	r.Handle = h
	if _, err := s.Refund(t.Context(), r); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("the old certificate: %v", err)
	}
	s.KartaPokupok = s.partner(t, nil)
	if id, err := s.Refund(t.Context(), r); err != nil || id == "" || s.sim.Ledger().Totals.Refunded != 4005 {
		t.Errorf("the new certificate: %+v, %v", id, err)
	}
	for _, kind := range []string{"foreign", "expired", "wrong_name"} {
		if err := s.pki.SetServer(kind); err != nil {
			t.Fatal(err)
		}
		fresh := s.partner(t, nil)
		if _, err := fresh.Status(t.Context(), h); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("a server with a certificate that is %s: %v", kind, err)
		}
	}
}

func TestTheBanksKeyRotates(t *testing.T) {
	s := simulateWith(t, newPKI, nil, nil)
	h := s.opened(t)
	tell := func(key string) bank.Message {
		if err := s.sim.Set(func(set *kartapokupoksim.Settings) { set.Key = key }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.sim.Callback(t.Context(), h.OrderID, kartapokupoksim.Message{Status: "APPROVED"}); err != nil {
			t.Fatal(err)
		}
		c, err := s.last(h.OrderID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if err := s.pki.RotateSigning("rsa", true); err != nil {
		t.Fatal(err)
	}
	forged(t, s.KartaPokupok, "a key that is not in the secret yet", tell("current"))
	both := s.partner(t, nil)
	for _, key := range []string{"current", "previous"} {
		if notice, err := both.Read(tell(key)); err != nil || !notice.Proven {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// What goes back at the desk or by us is told in the bank's callback, as a total and with the refund's id.
func TestRefundsAreTold(t *testing.T) {
	s := simulate(t, nil, nil)
	h := s.opened(t)
	if err := s.sim.Approve(h.OrderID); err != nil {
		t.Fatal(err)
	}
	r := someRefund(4005)
	r.Handle = h
	done, err := s.Refund(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		total      int64
		id, waitOn string
	}{{4005, done, "40.05"}, {6005, "", "60.05"}} {
		notice, err := s.Read(s.await(t, h.OrderID, step.waitOn))
		if err != nil || notice.Report.State != payment.BankReturned || notice.Report.Refunded.Minor != step.total ||
			notice.Report.RefundID == "" ||
			step.id != "" && notice.Report.RefundID != step.id {
			t.Errorf("notice %+v, %v", notice, err)
		}
		if err := s.sim.DeskRefund(h.OrderID, 2000); err != nil {
			t.Fatal(err)
		}
	}
	report, err := s.Status(t.Context(), h)
	if err != nil || report.State != payment.BankApproved || report.Refunded.Minor != 8005 ||
		len(report.Operations) != 3 || report.Operations[0].ID != done {
		t.Errorf("%+v, %v", report, err)
	}
}
