package kartapokupok

import (
	"context"
	"errors"
	"slices"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/kartapokupok/ledger"
)

// Statement is the bank's ledger: what it paid and took back.
type Statement = simbank.Statement[Account]

// Account is one application of the ledger. Charged is what the bank paid to the
// shop, Refunded what it took back.
type Account struct {
	SessionID string            `json:"session_id"`
	OrderRef  string            `json:"order_ref"`
	Amount    int64             `json:"amount"`
	Currency  string            `json:"currency"`
	Term      int               `json:"term"`
	Status    string            `json:"status"` // as the partner reads it
	Later     bool              `json:"later"`
	Charged   int64             `json:"charged"`
	Refunded  int64             `json:"refunded"`
	CreatedAt time.Time         `json:"created_at"`
	Refunds   []ledger.GiveBack `json:"refunds"`
	Notices   []ledger.Callback `json:"notices"`
}

// Callbacks returns the last 500 callbacks that were sent, oldest first.
func (s *Sim) Callbacks() []SentCallback { return s.sent.All() }

// Ledger returns what the bank paid and took back, oldest application first.
func (s *Sim) Ledger() Statement {
	return simbank.State(s.Book.All(), func(a ledger.Application) (Account, int64, int64) {
		return s.account(a), a.Charged, a.Returned
	})
}

// Order returns one application without looking at the clock.
func (s *Sim) Order(session string) (Account, error) {
	a, err := s.Book.Find(session)
	return s.account(a), err
}

func (s *Sim) account(a ledger.Application) Account {
	return Account{
		SessionID: a.Session, OrderRef: a.Reference, Amount: a.Amount, Currency: a.Currency, Term: a.Term,
		Status: a.Word(s.Settings().Rules), Later: a.Later, Charged: a.Charged, Refunded: a.Returned, CreatedAt: a.Created,
		Refunds: append([]ledger.GiveBack{}, a.Refunds...), Notices: append([]ledger.Callback{}, a.Notices...),
	}
}

// Approve pays the shop, also late: after a rejection, a cancellation or the end
// of the application's time. As with every driver, the callback is sent before it
// returns, and a shop that cannot be reached is no error.
func (s *Sim) Approve(session string) error { return s.do(session, (*ledger.Application).Approve) }

// Reject is the bank's no.
func (s *Sim) Reject(session string) error { return s.do(session, (*ledger.Application).Reject) }

// Cancel is the customer's no.
func (s *Sim) Cancel(session string) error { return s.do(session, (*ledger.Application).Cancel) }

// Later leaves the application PENDING: the customer decides another day.
func (s *Sim) Later(session string) error { return s.do(session, (*ledger.Application).Postpone) }

// Expire ends an open application now.
func (s *Sim) Expire(session string) error { return s.do(session, (*ledger.Application).Expire) }

// DeskRefund is a refund by the bank itself; amount in minor units.
func (s *Sim) DeskRefund(session string, amount int64) error {
	id := "rf-" + random()[:16]
	return s.do(session, func(a *ledger.Application, now time.Time, r ledger.Rules) error {
		return a.DeskRefund(id, amount, now, r)
	})
}

// SetStatus lets the bank claim any status, known or not. It moves no money and
// tells nobody; Callback does.
func (s *Sim) SetStatus(session, status string) error {
	return s.claim(session, func(a *ledger.Application) { a.Status = status })
}

// SetAmount lets the bank claim another amount in minor units. A charge that was
// already paid becomes that amount too, as if the bank had paid wrongly.
func (s *Sim) SetAmount(session string, amount int64) error {
	return s.do(session, func(a *ledger.Application, now time.Time, _ ledger.Rules) error {
		if amount <= 0 || a.Returned > 0 {
			return ledger.Refusal{Code: ledger.CodeAmount, Why: "the amount must be positive and nothing given back yet"}
		}
		if a.Charged > 0 {
			a.Charged = amount
		}
		a.Amount, a.Updated = amount, now
		return nil
	})
}

// SetCurrency lets the bank claim another currency.
func (s *Sim) SetCurrency(session, currency string) error {
	return s.claim(session, func(a *ledger.Application) { a.Currency = currency })
}

// SetOrderRef lets the bank claim another order_ref.
func (s *Sim) SetOrderRef(session, reference string) error {
	return s.claim(session, func(a *ledger.Application) { a.Reference = reference })
}

// Callback sends a message out of turn and returns the shop's HTTP statuses. The
// application and its notices stay as they are.
func (s *Sim) Callback(ctx context.Context, session string, m Message) ([]int, error) {
	a, err := s.Book.Find(session)
	if err != nil {
		return nil, err
	}
	return s.post(ctx, a, m, s.Settings())
}

// Replay sends the last callback of the session once more, byte for byte with its
// old signature and time, and returns the shop's HTTP status. The bank forgets the
// letter in a restart, and after 500 others.
func (s *Sim) Replay(ctx context.Context, session string) (int, error) {
	s.mu.Lock()
	sent := slices.Clone(s.last)
	s.mu.Unlock()
	for _, l := range slices.Backward(sent) {
		if l.session == session {
			return s.deliver(ctx, l)
		}
	}
	return 0, ledger.Refusal{Code: ledger.CodeState, Why: "no callback of this session was sent yet, or long ago"}
}

// Deliver sends every notice that waits, each one once: held ones, and those that
// the shop did not take. An empty session means all of them. It returns the shop's
// HTTP statuses; zero stands for a shop that cannot be reached.
func (s *Sim) Deliver(ctx context.Context, session string, newestFirst bool) ([]int, error) {
	applications := s.Book.All()
	if session != "" {
		a, err := s.Book.Find(session)
		if err != nil {
			return nil, err
		}
		applications = []ledger.Application{a}
	}
	set, answers := s.Settings(), []int{}
	var broken error
	for _, a := range applications {
		due := a.Due()
		for i := range due {
			n := due[i]
			if newestFirst {
				n = due[len(due)-1-i]
			}
			statuses, err := s.tell(ctx, a, n, set)
			answers, broken = append(answers, statuses...), errors.Join(broken, err)
		}
	}
	return answers, broken
}

// do takes a step and tells the shop.
func (s *Sim) do(session string, take step) error {
	c, err := s.act(session, take)
	s.announce(context.Background(), c)
	return err
}

func (s *Sim) claim(session string, edit func(*ledger.Application)) error {
	return s.do(session, func(a *ledger.Application, now time.Time, _ ledger.Rules) error {
		edit(a)
		a.Updated = now
		return nil
	})
}
