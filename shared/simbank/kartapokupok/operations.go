package kartapokupok

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/partnerapi"
)

// step is one change of an application under the rules at one moment.
type step func(a *ledger.Application, now time.Time, r ledger.Rules) error

const (
	pageKey   = "key=" // stands before the key in payment_url
	keyLength = 32
)

// create opens a session; with an early callback the shop hears of it before it
// knows the session's id.
func (s *Sim) create(ctx context.Context, c call) answer {
	q, err := partnerapi.ReadCreate(c.document, s.shape(c.settings))
	if err != nil {
		return misread(err)
	}
	if no := s.strange(c, q.Partner); no.status != 0 {
		return no.of("", q.Reference)
	}
	now := s.Now()
	a := ledger.Application{
		Session: random(), Key: random(), Partner: q.Partner, Reference: q.Reference, Amount: q.Amount, Currency: q.Currency,
		Term: q.Term, SuccessURL: q.SuccessURL, FailURL: q.FailURL, CallbackURL: q.CallbackURL,
		Status: ledger.Pending, Created: now, Updated: now,
	}
	for _, item := range q.Items {
		a.Items = append(a.Items, ledger.Item{Name: item.Name, SKU: item.SKU, Quantity: item.Quantity, Price: item.Price})
	}
	if a, err = s.Book.Create(a, a.Unlike(c.settings.Rules)); err != nil {
		return failed(err).of("", q.Reference)
	}
	s.remember(a.Session, q.FirstName)
	done := answer{status: http.StatusOK}.of(a.Session, a.Reference)
	if err := s.callEarly(ctx, a, c.settings); err != nil {
		done.why = err.Error()
	}
	done.body = partnerapi.NewBody("", nil).
		Text("payment_url", s.PageURL+"/apply?session="+a.Session+"&"+pageKey+a.Key).
		Text("session_id", a.Session).JSON()
	return done
}

// random draws 32 hex digits.
func random() string {
	var b [keyLength / 2]byte
	// crypto/rand.Read cannot fail; where it could it would end the program.
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x", b)
}

// status tells how an application stands.
func (s *Sim) status(ctx context.Context, c call) answer {
	if code, err := strconv.Atoi(c.settings.StatusCall); err == nil {
		return refused(code, "not_supported", "The bank offers no status call.")
	}
	q, err := partnerapi.ReadStatus(c.document)
	if err != nil {
		return misread(err)
	}
	if no := s.strange(c, q.Partner); no.status != 0 {
		return no.of(q.Session, "")
	}
	a, err := s.act(q.Session, look)
	if err != nil {
		return failed(err).of(q.Session, "")
	}
	done := answer{status: http.StatusOK, body: s.stands(a.Application, c.settings)}
	done.after = s.afterwards(ctx, a)
	return done.of(a.Session, a.Reference)
}

func (s *Sim) stands(a ledger.Application, set Settings) []byte {
	b := partnerapi.NewBody(set.AmountFormat, nil).
		Text("session_id", cmp.Or(set.SwapSession, a.Session)).Text("order_ref", a.Reference).
		Text("status", a.Word(set.Rules)).Amount("amount", a.Amount).Text("currency", a.Currency)
	if set.Totals == "off" {
		return b.JSON()
	}
	b.Amount("refunded_amount", a.Returned)
	if set.Totals == "amount" {
		return b.JSON()
	}
	refunds := []partnerapi.RefundEntry{}
	for _, g := range a.Refunds {
		if !g.Hidden {
			refunds = append(refunds, partnerapi.RefundEntry{ID: g.ID, Amount: g.Amount})
		}
	}
	return b.Refunds("refunds", refunds).JSON()
}

// refund gives money back. Its callback follows the answer, as it would from a
// bank that processes refunds on its own time.
func (s *Sim) refund(ctx context.Context, c call) answer {
	q, err := partnerapi.ReadRefund(c.document, s.shape(c.settings))
	if err != nil {
		return misread(err)
	}
	a, err := s.Book.Find(q.Session)
	if err != nil {
		return failed(err).of(q.Session, "")
	}
	if no := s.strange(c, a.Partner); no.status != 0 {
		return no.of(q.Session, "")
	}
	id := "rf-" + random()[:16]
	given, err := s.act(q.Session, func(a *ledger.Application, now time.Time, r ledger.Rules) error {
		return a.Refund(id, q.Amount, now, r)
	})
	if err != nil {
		return failed(err).of(q.Session, a.Reference)
	}
	done := answer{status: http.StatusOK, body: partnerapi.NewBody("", nil).Text("refund_id", id).JSON()}
	done.after = s.afterwards(ctx, given)
	return done.of(a.Session, a.Reference)
}

// change is an application after a step, and what the step has to tell the shop.
type change struct {
	ledger.Application
	fresh []ledger.Callback
}

// act takes a step on an application under the rules as they stand, and lets it
// run out first where its time is over. Nothing is sent yet.
func (s *Sim) act(session string, take step) (change, error) {
	set, now := s.Settings(), s.Now()
	c := change{}
	a, err := s.Book.Change(session, func(a *ledger.Application) error {
		known := len(a.Notices)
		a.Lapse(now, set.Rules)
		refusal := take(a, now, set.Rules)
		for _, n := range a.Notices[known:] {
			if set.mute(*a, n) {
				a.Drop(n.Number)
				continue
			}
			c.fresh = append(c.fresh, n)
		}
		return refusal
	})
	if err == nil && !a.Open() {
		s.forget(session)
	}
	c.Application = a
	return c, err
}

func look(*ledger.Application, time.Time, ledger.Rules) error { return nil }

// remember keeps the first name for the page.
func (s *Sim) remember(session, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= maxNames {
		for other := range s.names { // whose is of no matter
			delete(s.names, other)
			break
		}
	}
	s.names[session] = name
}

func (s *Sim) forget(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.names, session)
}

// misread refuses a request that is not what was agreed.
func misread(err error) answer {
	return refused(http.StatusBadRequest, "bad_request", err.Error())
}

// failed words an error of the books for the partner.
func failed(err error) answer {
	var no ledger.Refusal
	switch {
	case errors.As(err, &no):
		return refused(statusOf(no), no.Code, no.Why)
	case errors.Is(err, ledger.ErrUnknown):
		return refused(http.StatusNotFound, "unknown_session", "The bank has no such session.")
	}
	done := refused(http.StatusInternalServerError, "internal", "The bank could not save this.")
	done.why = err.Error()
	return done
}
