package banktest

import (
	"fmt"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Run holds the bank folder that make builds to the contract. Cases about refunds are skipped for a bank that gives
// none.
func Run(t *testing.T, fixture func(t *testing.T) Fixture) {
	t.Helper()
	if missing := fixture(t).missing(); len(missing) > 0 {
		t.Fatalf("banktest did not run: the fixture has no %s; package banktest says what each is for",
			strings.Join(missing, ", "))
	}
	for _, c := range []struct {
		name string
		run  func(s *suite)
	}{
		{"its profile says what it is, and which orders it refuses", (*suite).profile},
		{"opening gives a handle and a page that is allowed", (*suite).opening},
		{"an opening without a readable answer is known as such", (*suite).openingFails},
		{"what the customer does is reported", (*suite).outcomes},
		{"a question without an answer is no news", (*suite).statusFails},
		{"a handle of other settings is not asked about", (*suite).foreignHandles},
		{"a part is given back, and then the rest", (*suite).refundsInParts},
		{"the whole is given back at once", (*suite).refundsWhole},
		{"more than was taken is refused", (*suite).refundsTooMuch},
		{"a refund without a readable answer is uncertain and done once", (*suite).refundLost},
		{"a dead bank moves nothing", (*suite).deadBank},
		{"garbage is no callback", (*suite).garbage},
		{"a signed notice is proven, and nothing else is", (*suite).readings},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{T: t, Fixture: fixture(t), secrets: map[string]bool{}}
			for _, secret := range s.Secrets {
				s.secrets[secret] = true
			}
			c.run(s)
			s.nothingLeaked()
		})
	}
}

// suite is one case at work. It remembers every error, because none may tell a secret.
type suite struct {
	*testing.T
	Fixture
	said    []string
	secrets map[string]bool
	orders  int
}

// order is a new one each time, as every opening is to a bank.
func (s *suite) order() bank.Order {
	s.orders++
	o := bank.Order{
		ID:         payment.ID{Order: payment.OrderKey("demo", "banktest"), Attempt: 1},
		RefForBank: fmt.Sprintf("banktest-%d", s.orders), Amount: s.Amount,
		Description: "Çay & \"şəkər\" <2 kq>", Locale: "en", Now: s.Now,
		ReturnURL: "https://shop.example/pay_x/token/return?a=1&b=2", NotifyURL: "https://shop.example/pay_x/token/notify",
	}
	if s.Complete != nil {
		s.Complete(&o)
	}
	return o
}

func (s *suite) open() bank.Handle {
	s.Helper()
	session, err := s.Bank.Open(s.Context(), s.order())
	s.noteError(err)
	if err != nil {
		s.Fatalf("open: %v", err)
	}
	s.secrets[session.Handle.Private] = true
	return session.Handle
}

func (s *suite) drive(h bank.Handle, step Step) {
	s.Helper()
	if err := s.Drive(h, step); err != nil {
		s.Fatalf("the simulator could not %s: %v", step, err)
	}
}

func (s *suite) fault(op bank.Operation, f Fault) {
	s.Helper()
	if err := s.Fault(op, f); err != nil {
		s.Fatalf("the simulator could not play %q: %v", f, err)
	}
}

func (s *suite) status(h bank.Handle) bank.Report {
	s.Helper()
	report, err := s.Bank.Status(s.Context(), h)
	s.noteError(err)
	if err != nil {
		s.Fatalf("status: %v", err)
	}
	return report
}

// fails asserts that an error came, of one of the kinds.
func (s *suite) fails(what string, err error, kinds ...payment.Kind) {
	s.Helper()
	s.noteError(err)
	if err == nil {
		s.Errorf("%s: no error", what)
		return
	}
	for _, kind := range kinds {
		if payment.KindOf(err) == kind {
			return
		}
	}
	s.Errorf("%s: %v, want %v", what, err, kinds)
}

func (s *suite) ledger(charged, returned int64) {
	s.Helper()
	if got := s.Ledger(); got.Charged != charged || got.Returned != returned {
		s.Errorf("the bank took %d and gave back %d, want %d and %d", got.Charged, got.Returned, charged, returned)
	}
}

func (s *suite) noteError(err error) {
	if err != nil {
		s.said = append(s.said, err.Error(), fmt.Sprintf("%+v", err))
	}
}

func (s *suite) nothingLeaked() {
	all := s.Log() + strings.Join(s.said, "\n")
	for secret := range s.secrets {
		if secret != "" && strings.Contains(all, secret) {
			s.Errorf("a secret was told in an error or in the log: %.6s...", secret)
		}
	}
}
