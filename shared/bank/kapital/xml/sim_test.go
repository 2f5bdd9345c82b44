package xml

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/banktest"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

const (
	simMerchant = "E1000010"
	pagesURL    = "https://pages.bank.test"
	simPassword = "canary-password-5c1f"
	simSecret   = "canary-secret-key-77aa"
)

// bakuNoon is the clock of the tests: well within a bank day.
func bakuNoon() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, time.FixedZone("Baku", 4*3600)) }

// simulated is a terminal connected to a simulated bank over real TLS.
type simulated struct {
	*Gateway
	sim    *kapitalxml.Sim
	server *httptest.Server
	secret map[string]any
	log    *bytes.Buffer
	now    time.Time
	// HTTP status that a proxy puts in place of the bank's answers, after the bank has done its work; 0 = no proxy
	proxy int
}

func simulate(t *testing.T, auth string, change map[string]any) *simulated {
	t.Helper()
	s := &simulated{now: bakuNoon(), log: &bytes.Buffer{}}
	var err error
	s.sim, err = kapitalxml.New(kapitalxml.Options{PageURL: pagesURL, Auth: auth, Password: simPassword,
		Merchant: simMerchant, Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	pki, err := kapitalxml.LoadOrCreatePKI(t.TempDir(), simMerchant, bakuNoon)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.TLS = s.sim.ServerTLS(pki)
	s.server.StartTLS()
	t.Cleanup(func() {
		s.sim.ClearFaults()
		if err := s.sim.Close(); err != nil {
			t.Error(err)
		}
		s.server.Close()
	})
	s.secret = map[string]any{
		"merchant_id": simMerchant, "environment": "test", "endpoint": s.server.URL + "/api/order/",
		"page_hosts": []string{"pages.bank.test"},
		"auth":       auth, "certificate": string(pki.ClientCert), "key": string(pki.ClientKey), "ca": string(pki.CA),
		"password": simPassword, "secret_key": simSecret,
	}
	maps.Copy(s.secret, change)
	s.Gateway = s.terminal(t, nil)
	return s
}

// serve is the bank's door, or a proxy before it. Tests change proxy between calls only.
func (s *simulated) serve(w http.ResponseWriter, r *http.Request) {
	if s.proxy == 0 {
		s.sim.API().ServeHTTP(w, r)
		return
	}
	s.sim.API().ServeHTTP(httptest.NewRecorder(), r)
	w.Header().Set("Location", "/login")
	w.WriteHeader(s.proxy)
}

// terminal makes a terminal of the same settings with some of them changed.
func (s *simulated) terminal(t *testing.T, change map[string]any) *Gateway {
	t.Helper()
	fields := maps.Clone(s.secret)
	maps.Copy(fields, change)
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(raw, Options{Stage: "local", Now: bakuNoon, Log: slog.New(slog.NewTextHandler(s.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fault scripts the next call, whichever it is.
func (s *simulated) fault(kind string) error {
	s.sim.ClearFaults()
	return s.sim.Faults(kapitalxml.Fault{Kind: kind})
}

func (s *simulated) order() bank.Order {
	return bank.Order{RefForBank: "12345", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Description: "Order №12345",
		Locale:      "az", ReturnURL: "https://site.az/pay_x-1/token/return?a=1&b=2", Now: s.now}
}

// paid opens and pays an order of 150.00 AZN.
func (s *simulated) paid(t *testing.T) bank.Handle {
	t.Helper()
	session, err := s.Open(t.Context(), s.order())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Approve(session.Handle.OrderID); err != nil {
		t.Fatal(err)
	}
	return session.Handle
}

// asked counts the requests of an operation that the bank has seen.
func (s *simulated) asked(operation string) int {
	n := 0
	for _, e := range s.sim.Requests() {
		if e.Operation == operation {
			n++
		}
	}
	return n
}

func TestContract(t *testing.T) {
	for _, auth := range []string{"certificate", "password", "none"} {
		t.Run(auth, func(t *testing.T) {
			banktest.Run(t, func(t *testing.T) banktest.Fixture { return fixture(t, simulate(t, auth, nil)) })
		})
	}
	t.Run("totals off", func(t *testing.T) {
		banktest.Run(t, func(t *testing.T) banktest.Fixture {
			return fixture(t, simulate(t, "certificate", map[string]any{"totals": "off"}))
		})
	})
}

func fixture(t *testing.T, s *simulated) banktest.Fixture {
	dead := httptest.NewServer(nil)
	address := "https" + dead.URL[len("http"):]
	dead.Close()
	steps := map[banktest.Step]func(string) error{
		banktest.Approve: s.sim.Approve, banktest.Decline: s.sim.Decline, banktest.Cancel: s.sim.Cancel,
		banktest.Work: s.sim.Lock, banktest.Expire: s.sim.Expire,
	}
	faults := map[banktest.Fault]string{banktest.AnswerLost: "cut_after", banktest.AnswerJunk: "html_200_after",
		banktest.NotDone: "refuse_connection"}
	key, _ := s.secret["key"].(string)
	return banktest.Fixture{
		Bank: s.Gateway, Dead: s.terminal(t, map[string]any{"endpoint": address}),
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Now: s.now, Pages: pagesURL + "/",
		Secrets: []string{simPassword, simSecret, key[30:60]}, Log: s.log.String,
		Spoil: func(o *bank.Order) { o.Description = "a\x01b" },
		Outcomes: map[banktest.Step]payment.State{
			banktest.Approve: payment.BankApproved, banktest.Decline: payment.BankDeclined,
			banktest.Cancel: payment.BankCancelled,
			banktest.Work:   payment.BankProcessing, banktest.Expire: payment.BankExpired,
		},
		Drive: func(h bank.Handle, step banktest.Step) error { return steps[step](h.OrderID) },
		Fault: func(_ bank.Operation, f banktest.Fault) error { return s.fault(faults[f]) },
		Ledger: func() banktest.Ledger {
			totals := s.sim.Ledger().Totals
			return banktest.Ledger{Orders: totals.Orders, Charged: totals.Charged, Returned: totals.Refunded}
		},
	}
}
