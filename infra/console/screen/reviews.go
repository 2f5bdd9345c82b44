package screen

import (
	"slices"
	"strings"

	"kassa/infra/console/frame"
	"kassa/infra/kassa/amount"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// reviewsPage is every payment of a shop that people must look at, the longest waiting first.
type reviewsPage struct {
	frame.Frame
	Cases  []reviewCase
	Partly bool // some payments could not be read
}

// reviewCase is one of them, with what each of its reasons means.
type reviewCase struct {
	P       payment.Payment
	Reviews []advice
}

func (s *screens) reviews(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	found, partly, err := s.underReview(v)
	if err != nil {
		return nil, err
	}
	page := &reviewsPage{Frame: v.Frame, Partly: partly}
	for _, p := range found {
		one := reviewCase{P: p}
		for _, reason := range p.Reviews {
			one.Reviews = append(one.Reviews, adviceOn(v, p, reason))
		}
		page.Cases = append(page.Cases, one)
	}
	return page, nil
}

// advice is a review in words.
type advice struct {
	Reason payment.Review
	wording.Advice
	Facts string // of this payment
}

// adviceOn is what a review of a payment means, with the payment's own figures.
func adviceOn(v *frame.Visit, p payment.Payment, reason payment.Review) advice {
	r := p.InFlight()
	a := advice{Reason: reason, Advice: v.Review(reason, p.Status.Money(), r != nil)}
	sum := func(minor int64) string { return v.Money(minor, p.Amount.Currency) }
	switch {
	case reason == payment.ReviewAmount:
		a.Facts = v.Say("fact.amount", sum(p.Captured), sum(p.Amount.Minor))
	case reason == payment.ReviewRefund && r != nil:
		a.Facts = v.Say("fact.refund", r.ID, sum(r.Amount), v.At(r.RequestedAt))
	case reason == payment.ReviewRefund:
		a.Facts = v.Say("fact.refund_desk", sum(p.Refunded), sum(p.Captured))
	}
	return a
}

// decidePage is the form of a decision about one review.
type decidePage struct {
	*actPage
	Review  advice
	Choices []people.Choice
	Chosen  people.Choice // by its radio button
}

// decide begins the page of the review that the address names.
func (s *screens) decide(v *frame.Visit) (*decidePage, error) {
	act, err := s.act(v, "choice", "amount", "reason", "refund")
	if err != nil {
		return nil, err
	}
	reason := payment.Review(v.R.PathValue("review"))
	page := &decidePage{actPage: act, Review: adviceOn(v, act.P, reason), Choices: people.Choices(act.P, reason)}
	if !act.P.InReview(reason) { // somebody has decided meanwhile, or the bank has answered
		return nil, frame.NoReview
	}
	if i := slices.IndexFunc(page.Choices, func(c people.Choice) bool { return c.When == act.Typed["choice"] }); i >= 0 {
		page.Chosen = page.Choices[i]
	}
	if r := act.P.InFlight(); r != nil && act.Typed["refund"] == "" && v.R.Method == "GET" {
		act.Typed["refund"] = r.ID
	}
	return page, nil
}

func (s *screens) decideForm(v *frame.Visit) (any, error) { return s.decide(v) }

// ruling reads the form, asks whether it is meant, and puts the decision on record. A decision about a refund holds for
// the one that the form showed: the shop may have begun another since.
func (s *screens) ruling(v *frame.Visit) (any, error) {
	page, err := s.decide(v)
	if err != nil {
		return nil, err
	}
	e := page.Chosen.Ruling
	if page.Chosen.GiveBack {
		return frame.Onward("/payments/" + page.P.ID.String() + "/refund"), nil
	}
	page.complain(e.How == "", "decide.wrong.choice")
	page.complain(e.Refund != page.Typed["refund"] && e.Refund != "", "decide.wrong.refund")
	why, said := people.Reason(page.Typed["reason"])
	e.Why = why
	page.complain(!said, "decide.wrong.reason")
	if page.Chosen.Part {
		typed, wrong := amount.Read("amount", page.Typed["amount"])
		page.complain(wrong != nil || typed.Minor == 0, "act.wrong.amount")
		if wrong == nil {
			e.Amount, wrong = typed.Of(page.P)
			page.complain(wrong != nil, "act.wrong.currency")
		}
	}
	page.Minor, page.Sure, e.By = e.Amount, len(page.Wrong) == 0, s.Operator
	if !page.Sure || v.R.PostForm.Get("sure") != "yes" {
		return page, nil
	}
	operator := people.Operator{Store: s.Store, Now: s.Now}
	if _, err := operator.Resolve(v.R.Context(), page.P.ID, e); err != nil {
		page.Sure = false
		page.fail(err)
		return page, nil
	}
	return frame.Onward("/payments/" + page.P.ID.String() + "?done=decided"), nil
}

// Words is when a choice is right, as the beginning of a sentence.
func (p *decidePage) Words(c people.Choice) string {
	text := []rune(p.Say(c.When))
	return strings.ToUpper(string(text[:1])) + string(text[1:])
}

// Parts says whether one of the choices wants an amount.
func (p *decidePage) Parts() bool {
	return slices.ContainsFunc(p.Choices, func(c people.Choice) bool { return c.Part })
}
