package screen

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"kassa/infra/console/frame"
	"kassa/infra/kassa/amount"
	"kassa/shared/checkout"
	"kassa/shared/checkout/field"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
)

// actPage is a form about a payment, or the question whether it is meant. What was typed stays in it, and what is wrong
// stands at its head, all at once.
type actPage struct {
	frame.Frame
	P      payment.Payment
	Title  string // what the bank is called
	Typed  map[string]string
	Wrong  []string // keys of texts
	Fault  *frame.Fault
	Sure   bool // everything is right so far, and the question is put
	Minor  int64
	answer int // the status
}

// Status is that of the answer.
func (p *actPage) Status() int { return p.answer }

// Sum is an amount in the payment's currency.
func (p *actPage) Sum(minor int64) string { return p.Money(minor, p.P.Amount.Currency) }

// Left is what can still be given back.
func (p *actPage) Left() int64 { return max(0, p.P.Refundable()) }

// Real says whether this is money, and no test of the bank's.
func (p *actPage) Real() bool { return p.P.Handle.Account.Environment == "prod" }

// act begins a page about the payment of an address with what was typed into these fields.
func (s *screens) act(v *frame.Visit, fields ...string) (*actPage, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	page := &actPage{Frame: v.Frame, P: p, Title: titleOf(p), Typed: map[string]string{}, answer: http.StatusOK}
	for _, name := range fields {
		page.Typed[name] = strings.TrimSpace(v.R.PostForm.Get(name))
	}
	return page, nil
}

// complain adds what is wrong with the form.
func (p *actPage) complain(wrong bool, key string) {
	if wrong {
		p.Wrong, p.answer = append(p.Wrong, key), http.StatusUnprocessableEntity
	}
}

// fail adds why it was not done. What a bank does not answer is told as that.
func (p *actPage) fail(err error) {
	said, status := frame.FaultOf(err)
	if said.Word == "unavailable" && payment.CodeOf(err) != "store_unavailable" {
		said.Word = "bank"
	}
	said.Frame, p.Fault, p.answer = p.Frame, &said, status
}

// within bounds what moves money, and lets it come to its end also where the browser has gone.
func within(v *frame.Visit) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(v.R.Context()), patience)
}

// refundForm shows the form of a refund. Its key is drawn with it: however often the form is sent, money goes back
// once.
func (s *screens) refundForm(v *frame.Visit) (any, error) {
	page, err := s.act(v)
	if err != nil {
		return nil, err
	}
	page.Typed["key"] = newKey()
	page.Typed["amount"] = payment.Money{Minor: page.Left(), Currency: page.P.Amount.Currency}.Decimal()
	switch { // what the form would be refused for, before anybody fills it in
	case page.P.InFlight() != nil:
		page.Wrong = []string{"code.refund_in_progress"}
	case page.Left() == 0:
		page.Wrong = []string{"act.wrong.nothing"}
	}
	return page, nil
}

func newKey() string { return "console-" + rand.Text() }

var keyForm = regexp.MustCompile(`^console-[A-Z2-7]{26}$`)

// refund reads the form, asks whether it is meant, and gives the money back as the API would.
func (s *screens) refund(v *frame.Visit) (any, error) {
	page, err := s.act(v, "amount", "reason", "reference", "key")
	if err != nil {
		return nil, err
	}
	o := checkout.RefundOrder{ID: page.P.ID, Shop: page.P.Shop, By: s.Operator, Key: page.Typed["key"],
		Reason: page.Typed["reason"], Reference: page.Typed["reference"]}
	if !keyForm.MatchString(o.Key) {
		page.complain(true, "act.wrong.key")
		page.Typed["key"] = newKey()
	}
	old, known := page.P.FindRefund(payment.RefundID(o.ID, o.Key))
	repeat := known && old.Status != payment.RefundFailed // which sends nothing anew
	typed, wrong := amount.Read("amount", page.Typed["amount"])
	page.complain(wrong != nil || typed.Minor == 0, "act.wrong.amount")
	if wrong == nil {
		o.Amount, wrong = typed.Of(page.P)
		page.complain(wrong != nil, "act.wrong.currency")
	}
	page.complain(!repeat && o.Amount > page.P.Captured-page.P.Refunded, "act.wrong.more")
	page.complain(!repeat && page.P.InFlight() != nil, "code.refund_in_progress")
	if o.Reason != "" {
		_, said := people.Reason(o.Reason)
		page.complain(!said, "act.wrong.reason")
	}
	var reference field.Errors
	if o.Reference != "" {
		reference.Ref(field.Ref(o.Reference), "/reference")
	}
	page.complain(len(reference.All) > 0, "act.wrong.reference")
	page.Minor, page.Sure = o.Amount, len(page.Wrong) == 0
	if !page.Sure || v.R.PostForm.Get("sure") != "yes" {
		return page, nil
	}
	return s.giveBack(v, page, o)
}

// giveBack leads to the payment where anything is on record of the refund by now: how it stands is seen there. Else the
// form comes back with the reason, and with a new key where the old one was refused for good.
func (s *screens) giveBack(v *frame.Visit, page *actPage, o checkout.RefundOrder) (any, error) {
	ctx, cancel := within(v)
	defer cancel()
	id := payment.RefundID(o.ID, o.Key)
	result, err := s.Service.Refund(ctx, o)
	if err == nil {
		return frame.Onward("/payments/" + o.ID.String() + "?refund=" + result.Refund.ID), nil
	}
	page.Sure = false
	page.fail(err)
	now, unread := s.Store.Load(context.WithoutCancel(ctx), o.ID)
	if unread != nil {
		page.Fault.Word, page.Fault.Code = "unknown", "" // the same form once more finds out
		return page, nil
	}
	page.P = now
	switch r, begun := now.FindRefund(id); {
	case begun && (r.Status == payment.RefundFailed || r.Amount != o.Amount): // which is another refund
		page.Typed["key"] = newKey()
	case begun:
		return frame.Onward("/payments/" + o.ID.String() + "?refund=" + id), nil
	}
	return page, nil
}

// cancel asks whether it is meant, and ends a payment that nobody has paid.
func (s *screens) cancel(v *frame.Visit) (any, error) {
	page, err := s.act(v)
	if err != nil {
		return nil, err
	}
	if v.R.PostForm.Get("sure") != "yes" {
		return page, nil
	}
	ctx, cancel := within(v)
	defer cancel()
	if _, err := s.Service.Cancel(ctx, page.P.ID, page.P.Shop, s.Operator); err != nil {
		page.fail(err)
		return page, nil
	}
	return frame.Onward("/payments/" + page.P.ID.String() + "?done=cancelled"), nil
}

// redeliver has messages go to the shop again: one that is named, or all that the shop has not taken.
func (s *screens) redeliver(v *frame.Visit) (any, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	var sequences []int64
	if text := v.R.PostForm.Get("sequence"); text != "" {
		sequence, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, frame.NoPage
		}
		sequences = []int64{sequence}
	}
	operator := people.Operator{Store: s.Store, Now: s.Now}
	if _, err := operator.Redeliver(v.R.Context(), p.ID, sequences); err != nil {
		return nil, err
	}
	return frame.Onward("/payments/" + p.ID.String() + "?done=sent"), nil
}
