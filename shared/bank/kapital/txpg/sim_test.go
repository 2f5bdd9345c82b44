package txpg

import (
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/banktest"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitaltxpg"
)

// simulated is a terminal connected to the simulated bank over real TLS; the simulator has its own idea of every
// message.
type simulated struct {
	*connected
	sim *kapitaltxpg.Sim
}

func simulate(t *testing.T, set kapitaltxpg.Settings, change map[string]any) *simulated {
	t.Helper()
	s := &simulated{connected: &connected{now: noon(), log: &bytes.Buffer{}}}
	clock := func() time.Time { return s.now }
	var err error
	s.sim, err = kapitaltxpg.New(kapitaltxpg.Options{PageURL: pages, Login: testLogin, Password: testPassword,
		Now: clock, Settings: set})
	if err != nil {
		t.Fatal(err)
	}
	pki, err := kapitaltxpg.LoadOrCreatePKI(t.TempDir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(s.sim.API())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = pki.ServerTLS()
	server.StartTLS()
	t.Cleanup(func() {
		if err := s.sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s.secret = map[string]any{"merchant_id": "E1000010", "base_url": server.URL + "/api",
		"page_hosts": []string{"pages.bank.test"},
		"login":      testLogin, "password": testPassword, "ca": string(pki.CA)}
	s.Gateway = s.terminal(t, change)
	return s
}

// TestContractOverTheSimulator runs the suite of all banks with each of the forms that the sources disagree about.
func TestContractOverTheSimulator(t *testing.T) {
	for name, set := range map[string]kapitaltxpg.Settings{
		"as published":              {},
		"a bare page address":       {PageForm: "bare"},
		"a page address with slash": {PageForm: "slash"},
		"a void raises the refunds": {VoidSum: "refund"},
		"a void changes no sum":     {VoidSum: "none"},
		"a void told by a flag":     {VoidMark: "flag"},
		"a void told by a word":     {VoidMark: "description"},
		"a void told by its sign":   {VoidMark: "sign"},
		"no result codes":           {LeaveOut: []string{"pmoResultCode"}},
		"no approval codes":         {LeaveOut: []string{"approvalCode", "secret", "cvv2AuthStatus", "storedTokens"}},
		"no type":                   {LeaveOut: []string{"type", "prevStatus", "srcToken", "custAttrs"}},
		"other spellings": {StatusWords: map[string]string{"Cancelled": "Refused", "Declined": "Rejected",
			"Voided": "Canceled", "PartPaid": "PartiallyPaid"}, Rules: kapitaltxpg.Rules{PartStatus: "PartPaid"}},
	} {
		t.Run(name, func(t *testing.T) {
			banktest.Run(t, func(t *testing.T) banktest.Fixture {
				f := simFixture(t, simulate(t, set, nil))
				if slices.Contains(set.LeaveOut, "pmoResultCode") {
					f.Outcomes[banktest.Work] = payment.BankOpen // nothing tells a try that runs from one that failed
				}
				return f
			})
		})
	}
}

func simFixture(t *testing.T, s *simulated) banktest.Fixture {
	dead := httptest.NewServer(nil)
	address := "https" + dead.URL[len("http"):]
	dead.Close()
	steps := map[banktest.Step]func(string) error{
		banktest.Approve: s.sim.Approve, banktest.Decline: s.sim.Decline, banktest.Cancel: s.sim.Cancel,
		banktest.Work:   func(id string) error { return s.sim.Fail(id, "4") },
		banktest.Expire: s.sim.Expire,
	}
	calls := map[bank.Operation]string{bank.OpOpen: "create", bank.OpStatus: "order", bank.OpRefund: "exec-tran"}
	faults := map[banktest.Fault]string{banktest.AnswerLost: "cut_after", banktest.AnswerJunk: "html_200_after",
		banktest.NotDone: "refuse_connection"}
	return banktest.Fixture{
		Bank: s.Gateway, Dead: s.terminal(t, map[string]any{"base_url": address}),
		Amount: payment.Money{Minor: 15050, Currency: payment.AZN}, Now: s.now, Pages: pages + "/flex?",
		Secrets: []string{testPassword}, Log: s.log.String,
		Spoil: func(o *bank.Order) { o.Amount.Currency = payment.BYN },
		Outcomes: map[banktest.Step]payment.State{
			banktest.Approve: payment.BankApproved, banktest.Decline: payment.BankDeclined,
			banktest.Cancel: payment.BankCancelled,
			banktest.Work:   payment.BankProcessing, banktest.Expire: payment.BankExpired,
		},
		Drive: func(h bank.Handle, step banktest.Step) error { return steps[step](h.OrderID) },
		Fault: func(op bank.Operation, f banktest.Fault) error {
			s.sim.ClearFaults()
			return s.sim.Faults(kapitaltxpg.Fault{Operation: calls[op], Kind: faults[f]})
		},
		Ledger: func() banktest.Ledger {
			totals := s.sim.Ledger().Totals
			return banktest.Ledger{Orders: totals.Orders, Charged: totals.Charged, Returned: totals.Refunded}
		},
	}
}

// TestEveryLossOverTheSimulator gives a part back while the answer is lost in each way that the simulator knows:
// what is called done is done, what is called refused is not, and a reading shows what the ledger has.
func TestEveryLossOverTheSimulator(t *testing.T) {
	for _, kind := range []string{"cut_after", "reset_after", "empty_after", "empty_json_after", "no_json_after",
		"http_500_after", "http_404_after", "html_200_after", "html_502_after", "status_72_after", "truncated", "twice",
		"refuse_connection", "reset", "http_503", "html_404", "status_54"} {
		t.Run(kind, func(t *testing.T) {
			s := simulate(t, kapitaltxpg.Settings{}, nil)
			session, err := s.Open(t.Context(), s.order())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.sim.Approve(session.Handle.OrderID); err != nil {
				t.Fatal(err)
			}
			if err := s.sim.Faults(kapitaltxpg.Fault{Operation: "exec-tran", Kind: kind}); err != nil {
				t.Fatal(err)
			}
			id, err := s.Refund(t.Context(), s.refund(session.Handle, 200, 0))
			back := s.sim.Ledger().Totals.Refunded
			if err == nil && (back != 200 || id == "") {
				t.Fatalf("said %+v, and the bank gave back %d", id, back)
			}
			if payment.KindOf(err) == payment.Refused && back != 0 {
				t.Fatalf("said %v, and the bank gave back %d", err, back)
			}
			status, err := s.Status(t.Context(), session.Handle)
			if err != nil || !status.Refunded.Said || status.Refunded.Minor != back {
				t.Errorf("a reading shows %+v (%v), the bank gave back %d", status, err, back)
			}
		})
	}
}
