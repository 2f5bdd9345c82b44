package screen

import (
	"kassa/infra/console/frame"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// deliveriesPage is what a shop has not taken: what is given up before what goes out by itself.
type deliveriesPage struct {
	frame.Frame
	Payments []payment.Payment
	Next     string // the address of what follows; "" at the end
	Begun    bool   // this is not the first page
	Done     bool
}

func (s *screens) deliveries(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	query := v.R.URL.Query()
	found, next, err := s.Service.Undelivered(v.R.Context(), v.Shop, query.Get("cursor"), perPage)
	if payment.KindOf(err) == payment.Invalid {
		return nil, frame.NoCursor
	}
	page := &deliveriesPage{Frame: v.Frame, Payments: found, Begun: query.Get("cursor") != "",
		Done: query.Get("done") == "sent"}
	if next != "" {
		page.Next = v.Link("/deliveries", "cursor", next)
	}
	return page, err
}

// sendAgain has all messages of a payment go out again that its shop has not taken.
func (s *screens) sendAgain(v *frame.Visit) (any, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	operator := people.Operator{Store: s.Store, Now: s.Now}
	if _, err := operator.Redeliver(v.R.Context(), p.ID, nil); err != nil {
		return nil, err
	}
	return frame.Onward(v.With("/deliveries", "done", "sent")), nil
}

// Told is the type of a message of a payment, in words.
func (p *deliveriesPage) Told(of payment.Payment, sequence int64) string {
	return told(p.Frame, of, sequence)
}

// GivenUp says whether nobody tries any more to tell the shop something about a payment.
func (p *deliveriesPage) GivenUp(of payment.Payment) bool {
	return !delivery.GivenUp(of.Undelivered()).IsZero()
}

// Soon says whether a message goes out by itself so soon that sending it again would change nothing.
func (p *deliveriesPage) Soon(of payment.Payment) bool {
	for _, d := range of.Undelivered() {
		if d.State == delivery.Dead || d.Waits(p.Now) {
			return false
		}
	}
	return true
}

// told is the type of the message that tells a shop of an entry, in words.
func told(f frame.Frame, p payment.Payment, sequence int64) string {
	if sequence < 1 || sequence > int64(len(p.History)) {
		return ""
	}
	return f.Word("told", p.History[sequence-1].Announced())
}
