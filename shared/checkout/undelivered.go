package checkout

import (
	"context"

	"kassa/shared/payment"
)

// Untold lists what shops have not acknowledged; see the package dynamo, whose errors these are.
type Untold interface {
	Undelivered(ctx context.Context, shop, from string, limit int) (ids []payment.ID, next string, err error)
}

// Undelivered gives payments of a shop of which a message waits for another try or is dead, at most limit, and where to go on: next is
// "" at the end. It asks no bank. A payment that cannot be read hides no other; it is logged.
func (s *Service) Undelivered(ctx context.Context, shop, from string, limit int) (found []payment.Payment, next string, err error) {
	ids, next, err := s.Untold.Undelivered(ctx, shop, from, limit)
	if err != nil {
		return nil, "", err
	}
	for _, id := range ids {
		p, err := s.Store.Load(ctx, id)
		switch {
		case payment.KindOf(err) == payment.Unavailable:
			return nil, "", err
		case err != nil:
			s.Log.Log(ctx, payment.KindOf(err).Level(), "a payment with messages that its shop has not taken cannot be read", "payment_id", id.String(),
				"error", err.Error())
		case p.Shop == shop && len(p.Undelivered()) > 0: // the list may be a moment old
			found = append(found, p)
		}
	}
	return found, next, nil
}

// Redeliver makes what a payment's shop has not acknowledged due now, for that shop: what is dead, and what would wait for longer than
// a minute. What goes out within a minute anyway is left as it is, so repeating the request changes nothing, and no message is sent
// more than once a minute, however often it is asked for.
//
// NotFound: no such payment, or another shop's.
func (s *Service) Redeliver(ctx context.Context, id payment.ID, shop string) (payment.Payment, error) {
	p, err := s.load(ctx, id, Reader{Shop: shop})
	if err != nil {
		return payment.Payment{}, err
	}
	return s.change(ctx, p, payment.Redelivered{}, s.Now())
}
