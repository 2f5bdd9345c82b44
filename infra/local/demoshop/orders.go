package demoshop

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/demoshop/words"
)

// ordersView is a page of orders, or one order alone.
type ordersView struct {
	Cards  []orderCard
	Single bool
	Search search
	Older  string       // number to go on below; empty at the end
	Board  *inbox.Board // what Kassa told about the one order; nil for many
}

// orderCard is an order with its payments, as the shop's staff see it.
type orderCard struct {
	Order    books.Order
	Badge    panel
	Payments []paymentCard
	Problem  string // why the payments could not be read
	Single   bool
}

// receipt is what the bank tells of a card payment for people; what is not known is empty.
type receipt struct {
	ApprovalCode string `json:"approval_code"`
	RRN          string `json:"rrn"`
	Card         string `json:"card"` // masked
	Brand        string `json:"brand"`
}

// paymentCard is one attempt with what can be done about it.
type paymentCard struct {
	payment
	OrderRef string
	Attempt  int
	Left     int64 // what may still be refunded
	Key      string
	Unsent   *books.RefundIntent // a refund whose answer was lost, to be sent again
	Typed    string              // what was typed into the amount, when it is shown again
	Mistake  string              // about the amount
	Reason   string              // what was typed as the reason
	Unsaid   bool                // no reason was typed
	Open     bool                // show the history
}

// HasMoney says whether the bank took any.
func (c paymentCard) HasMoney() bool { return c.Captured > 0 }

// InFlight says whether a refund is on its way.
func (c paymentCard) InFlight() bool {
	return slices.ContainsFunc(c.Refunds, func(r refund) bool { return r.Status == "processing" })
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

const (
	ordersPerPage = 6
	ordersLooked  = 60 // for a page of one state, which Kassa alone knows: each has to be asked about
)

// search is what the orders' page was asked for.
type search struct {
	Text   string // an order's number or a payment's id
	Status string // a state that an order's badge can have
	Wrong  bool   // the text is neither
}

// Empty says that all orders are meant.
func (q search) Empty() bool { return q.Text == "" && q.Status == "" }

// States are what may be looked for.
func (q search) States() []string {
	return []string{"paid", "paid_late", "pending", "created", "declined", "cancelled", "expired", "partially_refunded",
		"refunded", "review", "unpaid"}
}

func readSearch(r *http.Request) search {
	q := search{Text: strings.TrimPrefix(strings.TrimSpace(r.URL.Query().Get("find")), "#"),
		Status: r.URL.Query().Get("status")}
	if !slices.Contains(q.States(), q.Status) {
		q.Status = ""
	}
	return q
}

// listOrders shows a page of orders, the newest first; before is the number to go on below.
func (s *Site) listOrders(w http.ResponseWriter, r *http.Request) {
	before, err := strconv.ParseUint(r.URL.Query().Get("before"), 10, 64)
	if err != nil {
		before = 0
	}
	view := ordersView{Search: readSearch(r)}
	if view.Search.Text != "" {
		err = s.findOrder(r, &view)
	} else {
		err = s.listFrom(r, &view, before)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "orders", page{Title: s.speech(r).Say("nav.orders"), Flash: s.takeFlash(w, r),
		Body: view})
}

// findOrder finds the one order that a text names.
func (s *Site) findOrder(r *http.Request, view *ordersView) error {
	number, err := strconv.ParseUint(view.Search.Text, 10, 64)
	var o books.Order
	switch {
	case err == nil:
		o, err = s.orders.Get(number)
	case strings.HasPrefix(view.Search.Text, "pay_"):
		o, err = s.orders.ByPayment(view.Search.Text)
	default:
		view.Search.Wrong = true
		return nil
	}
	if errors.Is(err, books.ErrNoOrder) {
		return nil
	}
	if err == nil {
		card := s.card(r.Context(), s.speech(r), o)
		if view.Search.Status == "" || card.Badge.State == view.Search.Status {
			view.Cards = []orderCard{card}
		}
	}
	return err
}

// listFrom lists orders below a number, those of one state where that is looked for.
func (s *Site) listFrom(r *http.Request, view *ordersView, before uint64) error {
	say := s.speech(r)
	for looked := 0; len(view.Cards) < ordersPerPage && looked < ordersLooked; looked += ordersPerPage {
		list, more, err := s.orders.Recent(before, ordersPerPage)
		if err != nil || len(list) == 0 {
			return err
		}
		cards := make([]orderCard, len(list))
		var reading sync.WaitGroup
		for i, o := range list {
			reading.Go(func() { cards[i] = s.card(r.Context(), say, o) })
		}
		reading.Wait()
		for _, card := range cards {
			before = card.Order.Number
			if view.Search.Status == "" || card.Badge.State == view.Search.Status {
				view.Cards = append(view.Cards, card)
			}
			if len(view.Cards) == ordersPerPage {
				break
			}
		}
		view.Older = ""
		if more || before != list[len(list)-1].Number {
			view.Older = books.Order{Number: before}.Ref()
		}
		if !more {
			return nil
		}
	}
	return nil
}

func (s *Site) showOrder(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.requestedOrder(w, r); ok {
		s.renderOrder(w, r, http.StatusOK, s.card(r.Context(), s.speech(r), o))
	}
}

// renderOrder shows one order, also with what was typed wrong into one of its forms.
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
	s.render(w, r, status, "orders", page{Title: s.speech(r).Say("order.no", card.Order.Ref()),
		Back: "/orders/" + card.Order.Ref(), Flash: s.takeFlash(w, r), Body: view})
}

// card reads an order's payments; an order whose payments cannot be read is
// shown all the same, with the reason.
func (s *Site) card(ctx context.Context, say words.Speech, o books.Order) orderCard {
	card := orderCard{Order: o}
	shop, err := s.shop(o.ShopID)
	var attempts []payment
	if err == nil {
		attempts, err = s.kassa.attempts(ctx, shop.APIKey, o.Ref())
	}
	if err != nil {
		card.Problem, card.Badge = asProblem(err).sentence(say), panelOf(say, "unknown", shop.Instalments)
		return card
	}
	card.Badge = panelOf(say, "unpaid", shop.Instalments)
	if p, found := decisive(attempts); found {
		card.Badge = panelOf(say, stateOf(p), shop.Instalments)
	}
	for i, p := range attempts {
		card.Payments = append(card.Payments, newPaymentCard(o, p, len(attempts)-i))
	}
	return card
}

// newPaymentCard is a payment with what may be done about it. What is under way back to the customer is not offered
// again; the key of a refund is made when the form is shown, so a form sent twice is one refund.
func newPaymentCard(o books.Order, p payment, attempt int) paymentCard {
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

// hears says whether Kassa sends this shop messages.
func (s *Site) hears() bool {
	return slices.ContainsFunc(s.shops, func(shop Shop) bool { return shop.WebhookSecret != "" })
}

// messagesShown is how many messages a page has.
const messagesShown = 50

// showMessages shows what Kassa has told, of one order or of all. A script asks for it every other second, so a page
// that has not changed is not sent again.
func (s *Site) showMessages(w http.ResponseWriter, r *http.Request) {
	f := inbox.Filter{OrderRef: r.URL.Query().Get("order"), Limit: messagesShown}
	say := s.speech(r)
	tag := `"` + s.inbox.Version() + "-" + say.Language + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	board, err := s.inbox.Board(r.URL.RequestURI(), f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "messages", page{Title: say.Say("board.title"), Flash: s.takeFlash(w, r), Body: board})
}

// board is what Kassa told about one order; nil where it tells nothing.
func (s *Site) board(o books.Order) (*inbox.Board, error) {
	if !s.hears() {
		return nil, nil
	}
	board, err := s.inbox.Board("/messages?order="+o.Ref(), inbox.Filter{Shop: o.ShopID, OrderRef: o.Ref(),
		Limit: messagesShown})
	return &board, err
}

// failMessages lets the shop fail for the next message, or work again.
func (s *Site) failMessages(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	s.inbox.Recover()
	if how := r.PostForm.Get("answer"); how != "" {
		if err := s.inbox.Fail(inbox.Fault{Kind: how}); err != nil {
			s.flash(w, flashMessage{Tone: "bad", Text: s.speech(r).Say("board.cannot")})
		}
	}
	http.Redirect(w, r, "/messages", http.StatusSeeOther)
}
