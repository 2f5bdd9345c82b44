package kapitalxml

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"kassa/shared/simbank/kapitalxml/ledger"
	"kassa/shared/simbank/kapitalxml/tkkpg"
)

// step is one change of an order under the switches at one moment.
type step func(o *ledger.Order, now time.Time, r ledger.Rules) error

// perform carries out a request that passed form and sign-in.
func (s *Sim) perform(ctx context.Context, q tkkpg.Request) result {
	switch q.Operation {
	case tkkpg.CreateOrder:
		return s.create(ctx, q)
	case tkkpg.GetOrderStatus:
		return s.change(q, poll, func(o ledger.Order) []byte { return tkkpg.StatusAnswer(o.ID, o.Status) })
	case tkkpg.GetOrderInformation:
		if s.Settings().NoInformation {
			return refusal(q.Operation, ledger.BadOp, "", "this terminal may not ask it")
		}
		return s.change(q, poll, func(o ledger.Order) []byte { return tkkpg.InformationAnswer(s.row(o, q), q.ClassicView) })
	case tkkpg.Completion:
		return s.change(q, func(o *ledger.Order, now time.Time, _ ledger.Rules) error {
			return o.Complete(q.Amount, now)
		}, func(o ledger.Order) []byte {
			return tkkpg.CompletionAnswer(o.Code, o.Approval, s.Settings().POSOut)
		})
	case tkkpg.Reverse:
		return s.change(q, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
			return o.Reverse(q.Amount, now, r)
		}, s.reversed)
	case tkkpg.Refund:
		return s.change(q, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
			if q.Currency != o.Currency {
				return ledger.Refusal{Code: ledger.BadFormat, Why: "the refund's currency is not the order's"}
			}
			if s.Settings().WantTwoID && q.TranID != o.TwoID {
				return ledger.Refusal{Code: ledger.BadFormat, Why: "TranId is not the purchase's twoId"}
			}
			return o.Refund(q.Amount, now, r)
		}, func(ledger.Order) []byte { return tkkpg.RefundAnswer() })
	}
	return refusal(q.Operation, ledger.BadOp, "", "operation is not known")
}

func poll(o *ledger.Order, now time.Time, r ledger.Rules) error {
	o.Poll(now, r)
	return nil
}

func (s *Sim) reversed(o ledger.Order) []byte {
	if s.Settings().EmptyRespCode {
		return tkkpg.ReverseAnswer(o.ID, "", "")
	}
	return tkkpg.ReverseAnswer(o.ID, "000", "Approved")
}

// create makes the order; with the early callback the shop hears of it before
// it knows the order's number.
func (s *Sim) create(ctx context.Context, q tkkpg.Request) result {
	if s.Settings().NoAddParams && q.SaysLifetime {
		return refusal(q.Operation, ledger.BadFormat, "", "AddParams is not known")
	}
	if !s.Settings().takes(q.Currency) {
		return refusal(q.Operation, ledger.BadFormat, "", "the terminal does not take the currency "+q.Currency)
	}
	session, err := newSession()
	if err != nil {
		return refusal(q.Operation, ledger.SystemFail, "", err.Error())
	}
	now := s.Now()
	o, err := s.Book.Create(ledger.Order{
		Session: session, Merchant: q.Merchant, Type: q.OrderType, Amount: q.Amount, Currency: q.Currency,
		Language: q.Language, Description: q.Description, ApproveURL: q.ApproveURL, CancelURL: q.CancelURL,
		DeclineURL: q.DeclineURL, Lifetime: q.Lifetime, Status: ledger.Created, Created: now, Updated: now,
	}, nil)
	if err != nil {
		return refusal(q.Operation, ledger.SystemFail, "", err.Error())
	}
	done := result{body: tkkpg.CreatedAnswer(o.ID, session, s.PageURL+"/index.jsp"), status: tkkpg.OK}
	if err := s.callEarly(ctx, o); err != nil {
		done.why = err.Error()
	}
	return done
}

// newSession draws the 32 hex digits that open the customer's page.
func newSession() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("draw a session id: %w", err)
	}
	return fmt.Sprintf("%X", b), nil
}

// change finds the order that the request names, expires it where its time is
// over, takes the step and answers from what the order is then.
func (s *Sim) change(q tkkpg.Request, take step, say func(ledger.Order) []byte) result {
	set, now := s.Settings(), s.Now()
	o, err := s.Book.Change(q.OrderID, func(o *ledger.Order) error {
		if subtle.ConstantTimeCompare([]byte(o.Session), []byte(q.Session)) == 0 || o.Merchant != q.Merchant {
			return ledger.Refusal{Code: ledger.BadFormat, Why: "SessionID does not belong to the order"}
		}
		o.Expire(now, set.Rules)
		return take(o, now, set.Rules)
	})
	if err != nil {
		return refusal(q.Operation, codeOf(err), idText(q.OrderID), err.Error())
	}
	return result{body: say(o), status: tkkpg.OK}
}

// codeOf maps an error to Response/Status: a refusal has its code, an unknown
// order is a wrong format, and what the simulator could not save is the bank's
// own failure.
func codeOf(err error) string {
	var no ledger.Refusal
	switch {
	case errors.As(err, &no):
		return no.Code
	case errors.Is(err, ledger.ErrUnknown):
		return ledger.BadFormat
	}
	return ledger.SystemFail
}

// params are an order's own names. The vendor shows none of a card; these are named as in the browser's message.
func (s *Sim) params(o ledger.Order) [][2]string {
	card, reference := o.Card.Masked, ""
	if s.Settings().WholeCard {
		card = ledger.Cards().Whole(card)
	}
	if o.Approval != "" {
		reference = fmt.Sprintf("%012d", o.ID)
	}
	return [][2]string{{"OrderExpirationPeriod", fmt.Sprint(int64(o.Lifetime / time.Minute))}, {"PAN", card},
		{"Brand", o.Card.Brand}, {"RRN", reference}}
}

func (s *Sim) row(o ledger.Order, q tkkpg.Request) tkkpg.Row {
	r := tkkpg.Row{
		ID: o.ID, Session: o.Session, Merchant: o.Merchant, Type: o.Type, Created: o.Created, Updated: o.Updated,
		Paid: o.Paid, Refunded: o.RefundedAt, Amount: o.Amount, RefundAmount: o.Refunded, Currency: o.Currency,
		Language: o.Language, Description: o.Description, ApproveURL: o.ApproveURL, CancelURL: o.CancelURL,
		DeclineURL: o.DeclineURL, Status: o.Status, TwoID: o.TwoID,
	}
	if q.ShowParams {
		r.Params = s.params(o)
	}
	if q.ShowOperations {
		r.Operations = []tkkpg.RowOperation{}
		for _, op := range o.Operations {
			if !op.Hidden {
				r.Operations = append(r.Operations, tkkpg.RowOperation{ID: op.ID, Amount: op.Amount, Created: op.At, Kind: op.Kind,
					Approval: op.Approval})
			}
		}
	}
	return r
}
