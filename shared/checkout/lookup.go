package checkout

import (
	"context"
	"crypto/subtle"
	"slices"
	"time"

	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// askAgain is when a caller may try once more after something that settles by itself.
const askAgain = 5 * time.Second

// Reader is who wants to know about a payment: its shop, or a browser that holds the payment's client token. One is set.
type Reader struct{ Shop, ClientToken string }

func (r Reader) may(p payment.Payment) bool {
	if r.Shop != "" {
		return r.Shop == p.Shop
	}
	return r.ClientToken != "" && subtle.ConstantTimeCompare([]byte(r.ClientToken), []byte(p.ClientToken)) == 1
}

// Poll gives a payment; an open one after asking the bank, so that a lost callback is mended while the customer waits. When the
// bank does not answer, what is on record is the answer.
//
// NotFound: no such payment, or not the reader's.
func (s *Service) Poll(ctx context.Context, id payment.ID, who Reader) (payment.Payment, error) {
	p, err := s.load(ctx, id, who)
	if err != nil || p.Status != payment.Pending {
		return p, err
	}
	p, _, err = s.ask(ctx, p, s.Now())
	return p, err
}

// Orders gives all attempts to pay a shop's order, newest first; none is no error. It asks nobody.
func (s *Service) Orders(ctx context.Context, shop, ref string) ([]payment.Payment, error) {
	attempts, err := s.Store.Attempts(ctx, payment.OrderKey(shop, field.Ref(ref)))
	slices.Reverse(attempts)
	return attempts, err
}

// load reads a payment for somebody who may see it. Unknown and foreign ones look the same.
func (s *Service) load(ctx context.Context, id payment.ID, who Reader) (payment.Payment, error) {
	p, err := s.Store.Load(ctx, id)
	if payment.KindOf(err) == payment.NotFound || err == nil && !who.may(p) {
		return payment.Payment{}, notFound(err)
	}
	return p, err
}

func notFound(cause error) error {
	return &payment.Error{Kind: payment.NotFound, Code: "not_found", Message: "There is no such payment.", Cause: cause}
}
