// Giving money back, with everything between a wish and a refund that a shop needs: a reason, a question, an intent on
// record before the call, and the same key again when the answer was lost.

package demoshop

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

var refundKey = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// refund gives back a part or all that remains, once a reason was given and the question was answered with yes. The
// form carries the key, so a double click is one refund; the intent is on record before the call, so a lost answer is
// asked for again under the same key.
func (s *Site) refund(w http.ResponseWriter, r *http.Request) {
	o, p, ok := s.requestedPayment(w, r)
	if !ok {
		return
	}
	say := s.speech(r)
	intent := books.RefundIntent{PaymentID: p.ID, Key: r.PostForm.Get("key"), Reason: plainLine(r.PostForm.Get("reason"))}
	if !refundKey.MatchString(intent.Key) {
		s.back(w, r, o, flashMessage{Tone: "bad", Text: say.Say("refund.damaged")})
		return
	}
	// the same once more, whose answer was lost: it was asked about before
	if o.Refund != nil && o.Refund.Key == intent.Key {
		s.sendRefund(w, r, o, *o.Refund)
		return
	}
	intent.Reference = "R-" + o.Ref() + "-" + intent.Key[:6]
	again := newPaymentCard(o, p, 0)
	again.Typed, again.Reason, again.Unsaid = r.PostForm.Get("amount"), intent.Reason, intent.Reason == ""
	if r.PostForm.Get("scope") != "all" {
		minor, err := goods.ParseAmount(again.Typed)
		if err != nil {
			again.Mistake = say.Say(amountKey(err))
		}
		intent.Minor = minor
	}
	if again.Mistake != "" || again.Unsaid {
		s.askAgain(w, r, o, again)
		return
	}
	if r.PostForm.Get("sure") != "yes" {
		s.confirm(w, r, o, confirmView{intent, o.Ref(), again.Money(cmp.Or(intent.Minor, again.Left))})
		return
	}
	switch err := s.orders.BeginRefund(o.Number, intent); {
	case errors.Is(err, books.ErrRefundUnsettled):
		s.back(w, r, o, flashMessage{Tone: "bad", Text: say.Say("refund.waits")})
	case err != nil:
		s.fail(w, r, err)
	default:
		s.sendRefund(w, r, o, intent)
	}
}

// confirmView is the question before money goes back.
type confirmView struct {
	books.RefundIntent
	OrderRef string
	Amount   goods.Money
}

// confirm asks before anything is kept or sent.
func (s *Site) confirm(w http.ResponseWriter, r *http.Request, o books.Order, view confirmView) {
	s.render(w, r, http.StatusOK, "confirm", page{Title: s.speech(r).Say("refund.sure", view.Amount),
		Back: "/orders/" + o.Ref(), Body: view})
}

// plainLine is a typed reason as one line; Kassa says what else is wrong with it.
func plainLine(typed string) string { return strings.Join(strings.Fields(typed), " ") }

// amountKey names the words for an amount that cannot be read.
func amountKey(err error) string {
	return map[error]string{goods.AmountEmpty: "amount.empty", goods.AmountSpace: "amount.space",
		goods.AmountNegative: "amount.negative", goods.AmountShape: "amount.shape",
		goods.AmountDecimals: "amount.decimals", goods.AmountTooLarge: "amount.large", goods.AmountZero: "amount.zero"}[err]
}

// sendRefund sends an intent that is on record. While its answer is uncertain it stays there, and can only be sent
// again as it is; any definite answer ends it, also a refusal.
func (s *Site) sendRefund(w http.ResponseWriter, r *http.Request, o books.Order, intent books.RefundIntent) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), finish)
	defer cancel()
	say := s.speech(r)
	shop, err := s.shop(o.ShopID)
	var done refund
	if err == nil {
		err = s.patiently(ctx, "refund_in_progress", func() error {
			var err error
			done, err = s.kassa.refund(ctx, shop.APIKey, intent)
			return err
		})
	}
	if err != nil {
		slog.WarnContext(ctx, "refund failed", "order", o.Number, "error", err)
		if p := asProblem(err); p.uncertain() {
			s.back(w, r, o, flashMessage{Tone: "bad", Text: p.sentenceWith(say, say.Say("refund.resendNext"))})
			return
		}
	}
	if err := s.orders.EndRefund(o.Number, intent); err != nil {
		s.fail(w, r, err)
		return
	}
	s.back(w, r, o, refundNews(say, done, o.Total.Currency, err))
}

// refundNews says how a refund ended. Only "succeeded" is called done.
func refundNews(say words.Speech, done refund, currency string, err error) flashMessage {
	amount := goods.Money{Minor: done.Amount, Currency: currency}.String()
	switch {
	case err != nil:
		return flashMessage{Tone: "bad", Text: asProblem(err).sentence(say)}
	case done.Status == "succeeded":
		return flashMessage{Tone: "good", Text: say.Say("refund.done", amount)}
	case done.Status == "failed":
		return flashMessage{Tone: "bad", Text: say.Say("refund.failed", amount)}
	}
	return flashMessage{Tone: "info", Text: say.Say("refund.processing", amount)}
}

// askAgain shows the order with what is wrong beside the fields. Nothing was sent.
func (s *Site) askAgain(w http.ResponseWriter, r *http.Request, o books.Order, typed paymentCard) {
	card := s.card(r.Context(), s.speech(r), o)
	for i, p := range card.Payments {
		if p.ID == typed.ID {
			card.Payments[i].Mistake, card.Payments[i].Typed, card.Payments[i].Reason, card.Payments[i].Unsaid = typed.Mistake,
				typed.Typed, typed.Reason, typed.Unsaid
		}
	}
	s.renderOrder(w, r, http.StatusUnprocessableEntity, card)
}

// cancel calls a payment off that nobody has paid.
func (s *Site) cancel(w http.ResponseWriter, r *http.Request) {
	o, p, ok := s.requestedPayment(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), finish)
	defer cancel()
	shop, err := s.shop(o.ShopID)
	if err == nil {
		p, err = s.kassa.cancel(ctx, shop.APIKey, p.ID)
	}
	say := s.speech(r)
	news := flashMessage{Tone: "good", Text: say.Say("cancel.done")}
	switch {
	case err != nil:
		news = flashMessage{Tone: "bad", Text: asProblem(err).sentence(say)}
	case p.Status != "cancelled":
		news = flashMessage{Tone: "info", Text: say.Say("cancel.not", say.Word("status", p.Status))}
	}
	s.back(w, r, o, news)
}

// requestedPayment reads a form about a payment and makes sure that the payment
// belongs to the order in the address.
func (s *Site) requestedPayment(w http.ResponseWriter, r *http.Request) (books.Order, payment, bool) {
	if !s.readForm(w, r) {
		return books.Order{}, payment{}, false
	}
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return books.Order{}, payment{}, false
	}
	shop, err := s.shop(o.ShopID)
	var attempts []payment
	if err == nil {
		attempts, err = s.kassa.attempts(r.Context(), shop.APIKey, o.Ref())
	}
	if err != nil {
		s.back(w, r, o, flashMessage{Tone: "bad", Text: asProblem(err).sentence(s.speech(r))})
		return books.Order{}, payment{}, false
	}
	for _, p := range attempts {
		if p.ID == r.PostForm.Get("payment_id") {
			return o, p, true
		}
	}
	s.notFound(w, r)
	return books.Order{}, payment{}, false
}

// back leads from a form to the order's page, so that a reload repeats nothing.
func (s *Site) back(w http.ResponseWriter, r *http.Request, o books.Order, news flashMessage) {
	s.flash(w, news)
	http.Redirect(w, r, "/orders/"+o.Ref(), http.StatusSeeOther) //nolint:gosec // G710: a path of ours with a number in it
}
