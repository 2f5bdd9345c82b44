package demoshop

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/inbox"
)

// ordersView is a page of orders, or one order alone.
type ordersView struct {
	Cards  []orderCard
	Single bool
	Older  string       // number to go on below; empty at the end
	Board  *inbox.Board // what Kassa told about the one order; nil for many
}

// orderCard is an order with its payments, as the shop's staff see it.
type orderCard struct {
	Order    order
	Badge    panel
	Payments []paymentCard
	Problem  string // why the payments could not be read
	Single   bool
}

// paymentCard is one attempt with what can be done about it.
type paymentCard struct {
	payment
	OrderRef string
	Attempt  int
	Left     int64 // what may still be refunded
	Key      string
	Unsent   *refundIntent // a refund whose answer was lost, to be sent again
	Typed    string        // what was typed into the amount, when it is shown again
	Mistake  string
	Open     bool // show the history
}

// Refundable says whether a refund form makes sense.
func (c paymentCard) Refundable() bool { return c.Left > 0 || c.Unsent != nil }

// Cancellable says whether the attempt may still be called off.
func (c paymentCard) Cancellable() bool { return c.live() }

// Money writes minor units in the payment's currency.
func (c paymentCard) Money(minor int64) goods.Money {
	return goods.Money{Minor: minor, Currency: c.Currency}
}

// Remaining is what may still be refunded.
func (c paymentCard) Remaining() goods.Money { return c.Money(c.Left) }

const ordersPerPage = 6

func (s *Site) listOrders(w http.ResponseWriter, r *http.Request) {
	before, err := strconv.ParseUint(r.URL.Query().Get("before"), 10, 64)
	if err != nil {
		before = 0
	}
	list, more, err := s.orders.recent(before, ordersPerPage)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ordersView{Cards: make([]orderCard, len(list))}
	var reading sync.WaitGroup
	for i, o := range list {
		reading.Go(func() { view.Cards[i] = s.card(r.Context(), o) })
	}
	reading.Wait()
	if more {
		view.Older = list[len(list)-1].Ref()
	}
	s.render(w, http.StatusOK, "orders", page{Title: "Orders", Flash: s.takeFlash(w, r), Body: view})
}

func (s *Site) showOrder(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.requestedOrder(w, r); ok {
		s.renderOrder(w, r, http.StatusOK, s.card(r.Context(), o))
	}
}

func (s *Site) renderOrder(w http.ResponseWriter, r *http.Request, status int, card orderCard) {
	card.Single = true
	for i := range card.Payments {
		card.Payments[i].Open = true
	}
	board, err := s.board(card.Order)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ordersView{Cards: []orderCard{card}, Single: true, Board: board}
	s.render(w, status, "orders", page{Title: "Order " + card.Order.Ref(), Flash: s.takeFlash(w, r), Body: view})
}

// card reads an order's payments; an order whose payments cannot be read is
// shown all the same, with the reason.
func (s *Site) card(ctx context.Context, o order) orderCard {
	card := orderCard{Order: o}
	shop, err := s.shop(o.ShopID)
	var attempts []payment
	if err == nil {
		attempts, err = s.kassa.attempts(ctx, shop.APIKey, o.Ref())
	}
	if err != nil {
		card.Problem, card.Badge = asProblem(err).sentence(), panelOf("unknown", shop.Instalments)
		return card
	}
	card.Badge = panelOf("unpaid", shop.Instalments)
	if p, found := decisive(attempts); found {
		card.Badge = panelOf(stateOf(p), shop.Instalments)
	}
	for i, p := range attempts {
		card.Payments = append(card.Payments, newPaymentCard(o, p, len(attempts)-i))
	}
	return card
}

func newPaymentCard(o order, p payment, attempt int) paymentCard {
	c := paymentCard{payment: p, OrderRef: o.Ref(), Attempt: attempt, Left: p.Captured - p.Refunded, Key: rand.Text()}
	for _, r := range p.Refunds {
		if r.Status == "processing" {
			c.Left -= r.Amount
		}
	}
	if o.Refund != nil && o.Refund.PaymentID == p.ID {
		c.Unsent = o.Refund
	}
	return c
}

var refundKey = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// refund gives back a part or all that remains. The form carries the key, so a
// double click is one refund; the intent is on record before the call, so a lost
// answer is asked for again under the same key.
func (s *Site) refund(w http.ResponseWriter, r *http.Request) {
	o, p, ok := s.requestedPayment(w, r)
	if !ok {
		return
	}
	intent := refundIntent{PaymentID: p.ID, Key: r.PostForm.Get("key")}
	if !refundKey.MatchString(intent.Key) {
		s.back(w, r, o, notice{Tone: "bad", Text: "The form was damaged or too old. Nothing was refunded; please send it again."})
		return
	}
	if r.PostForm.Get("scope") != "all" {
		minor, err := goods.ParseAmount(r.PostForm.Get("amount"))
		if err != nil {
			s.askAmountAgain(w, r, o, intent.PaymentID, err)
			return
		}
		intent.Minor = minor
	}
	switch err := s.orders.beginRefund(o.Number, intent); {
	case errors.Is(err, errRefundUnsettled):
		s.back(w, r, o, notice{Tone: "bad", Text: "An earlier refund of this order still waits for its answer. Finish it first; this one was not started."})
	case err != nil:
		s.fail(w, r, err)
	default:
		s.sendRefund(w, r, o, intent)
	}
}

func (s *Site) sendRefund(w http.ResponseWriter, r *http.Request, o order, intent refundIntent) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), finish)
	defer cancel()
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
			s.back(w, r, o, notice{Tone: "bad", Text: p.sentenceWith("Send the refund again from this page: it will not be made twice.")})
			return
		}
	}
	if err := s.orders.endRefund(o.Number, intent); err != nil {
		s.fail(w, r, err)
		return
	}
	s.back(w, r, o, refundNews(done, o.Total.Currency, err))
}

// refundNews says how a refund ended. Only "succeeded" is called done.
func refundNews(done refund, currency string, err error) notice {
	amount := goods.Money{Minor: done.Amount, Currency: currency}.String()
	switch {
	case err != nil:
		return notice{Tone: "bad", Text: asProblem(err).sentence()}
	case done.Status == "succeeded":
		return notice{Tone: "good", Text: "Refunded " + amount + "."}
	case done.Status == "failed":
		return notice{Tone: "bad", Text: "The bank did not refund " + amount + ". No money moved."}
	}
	return notice{Tone: "info", Text: "The refund of " + amount + " is processing: the bank has not confirmed it yet. It will be settled without you."}
}

// askAmountAgain shows the order with the mistake beside the field. Nothing was
// sent.
func (s *Site) askAmountAgain(w http.ResponseWriter, r *http.Request, o order, paymentID string, reason error) {
	card := s.card(r.Context(), o)
	for i := range card.Payments {
		if card.Payments[i].ID == paymentID {
			card.Payments[i].Mistake, card.Payments[i].Typed = reason.Error(), r.PostForm.Get("amount")
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
	news := notice{Tone: "good", Text: "The payment is cancelled."}
	switch {
	case err != nil:
		news = notice{Tone: "bad", Text: asProblem(err).sentence()}
	case p.Status != "cancelled":
		news = notice{Tone: "info", Text: "The payment was not cancelled: it is " + p.Status + " now."}
	}
	s.back(w, r, o, news)
}

// requestedPayment reads a form about a payment and makes sure that the payment
// belongs to the order in the address.
func (s *Site) requestedPayment(w http.ResponseWriter, r *http.Request) (order, payment, bool) {
	if !s.readForm(w, r) {
		return order{}, payment{}, false
	}
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return order{}, payment{}, false
	}
	shop, err := s.shop(o.ShopID)
	var attempts []payment
	if err == nil {
		attempts, err = s.kassa.attempts(r.Context(), shop.APIKey, o.Ref())
	}
	if err != nil {
		s.back(w, r, o, notice{Tone: "bad", Text: asProblem(err).sentence()})
		return order{}, payment{}, false
	}
	for _, p := range attempts {
		if p.ID == r.PostForm.Get("payment_id") {
			return o, p, true
		}
	}
	s.notFound(w, r)
	return order{}, payment{}, false
}

// back leads from a form to the order's page, so that a reload repeats nothing.
func (s *Site) back(w http.ResponseWriter, r *http.Request, o order, news notice) {
	s.flash(w, news)
	http.Redirect(w, r, "/orders/"+o.Ref(), http.StatusSeeOther) //nolint:gosec // G710: a path of ours with a number in it
}
