// From a product to the bank's page. The shop keeps the order before it asks Kassa for anything, and asks again in the
// same words when it does not know how that ended: Kassa answers a repeat with the same payment.

package demoshop

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

var formToken = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// checkout records the order, then asks Kassa for a payment of it.
func (s *Site) checkout(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	p, ok := s.products.Find(r.PostForm.Get("sku"))
	if !ok {
		s.notFound(w, r)
		return
	}
	say := s.speech(r)
	draft, mistake := s.draft(say, p, s.asideShop(r), r)
	if mistake == "" && !formToken.MatchString(r.PostForm.Get("form")) {
		mistake = say.Say("mistake.old")
	}
	if mistake != "" {
		s.renderProduct(w, r, http.StatusUnprocessableEntity, p, mistake)
		return
	}
	o, err := s.orders.Place(r.PostForm.Get("form"), draft)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.pay(w, r, o)
}

// draft is the order that the form asks for, or what is wrong with it. Aside names a
// merchant off the shelves, who then is the one.
func (s *Site) draft(say words.Speech, p goods.Product, aside string, r *http.Request) (o books.Order, mistake string) {
	currency := r.PostForm.Get("currency")
	n, err := strconv.ParseInt(r.PostForm.Get("quantity"), 10, 64)
	if err != nil || n < 1 || n > goods.MaxQuantity {
		return books.Order{}, say.Say("mistake.count", goods.MaxQuantity)
	}
	for _, shop := range s.shops {
		if shop.Currency != currency || shop.Instalments || (shop.Aside || aside != "") && shop.ID != aside {
			continue
		}
		lines := goods.Basket{}.With(p, currency, n)
		if total, ok := lines.Total(); ok {
			return books.Order{ShopID: shop.ID, Lines: lines, Total: total, CreatedAt: s.now().UTC()}, ""
		}
	}
	return books.Order{}, say.Say("mistake.currency")
}

// payAgain opens a new attempt for an order that is not paid yet, or leads on to
// the attempt that is still open.
func (s *Site) payAgain(w http.ResponseWriter, r *http.Request) {
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return
	}
	if shop, err := s.shop(o.ShopID); err == nil && shop.Instalments {
		s.applyOn(w, r, o)
		return
	}
	s.pay(w, r, o)
}

// pay leads an order to the bank's page for cards.
func (s *Site) pay(w http.ResponseWriter, r *http.Request, o books.Order) {
	if err := s.takePayment(w, r, o, application{}); err != nil {
		s.explainCheckout(w, r, o, err)
	}
}

// finish is how long the work of one click may take. It goes on when the browser
// leaves: a second click breaks the first request off, not the payment.
const finish = time.Minute

// takePayment asks Kassa for a payment and leads on to the bank. Its error is
// Kassa's, and nothing was answered then.
func (s *Site) takePayment(w http.ResponseWriter, r *http.Request, o books.Order, a application) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), finish)
	defer cancel()
	p, err := s.openPayment(ctx, s.speech(r), o, a)
	if err != nil {
		return err
	}
	if err := s.orders.Attach(o.Number, p.ID, p.ClientToken); err != nil {
		s.fail(w, r, err)
		return nil
	}
	next := "/return/" + o.Ref()
	if p.live() && browsable(p.RedirectURL) {
		next = p.RedirectURL
	}
	//nolint:gosec // G710: to our own page, or to the bank's, whose address Kassa has checked
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// openPayment sends all that a shop has to say of an order. The three return addresses are one page, which asks how the
// payment stands.
func (s *Site) openPayment(ctx context.Context, say words.Speech, o books.Order, a application) (payment, error) {
	shop, err := s.shop(o.ShopID)
	if err != nil {
		return payment{}, err
	}
	back := s.address("/return/" + o.Ref())
	asked := newPayment{
		OrderRef: o.Ref(), Bank: shop.Bank, Amount: o.Total.Minor, Currency: o.Total.Currency,
		Description: say.Say("order.description", o.Ref(), spoken(say, o.Lines).Title()),
		Locale:      say.Language, ReturnURLs: returnURLs{Success: back, Cancel: back, Decline: back},
	}
	if shop.Instalments {
		asked.Term, asked.Items, asked.Customer = a.Term, itemsOf(spoken(say, o.Lines)), &a.Customer
	}
	var p payment
	err = s.patiently(ctx, "payment_in_progress", func() error {
		var err error
		p, err = s.kassa.pay(ctx, shop.APIKey, asked)
		return err
	})
	return p, err
}

// patience is how long a click may wait for another one to finish; beyond it the
// page tells the customer and waits in the browser.
const patience = 8 * time.Second

// patiently repeats a call while the API answers that the same thing is under
// way, as late as its Retry-After says.
func (s *Site) patiently(ctx context.Context, code string, call func() error) error {
	waited := time.Duration(0)
	for {
		err := call()
		var p *problem
		if !errors.As(err, &p) || p.Code != code {
			return err
		}
		pause := max(p.RetryAfter, time.Second)
		if waited += pause; waited > patience {
			return err
		}
		if err := s.wait(ctx, pause); err != nil {
			return unreachable(err)
		}
	}
}

// problemView is a page for what went wrong, with the way on.
type problemView struct {
	wording
	Tone      string // of the sign beside the words
	Order     string // empty where no order is meant
	RequestID string
	Fields    []badField
	Seconds   int64 // when to try again, 0 where the API did not say
	Automatic bool  // the page may try again by itself
	Again     bool  // trying again makes sense at all
}

// explainCheckout turns the API's refusal into the next thing to do.
func (s *Site) explainCheckout(w http.ResponseWriter, r *http.Request, o books.Order, err error) {
	p, say := asProblem(err), s.speech(r)
	switch p.Code {
	case "order_already_paid", "order_under_review", "order_refunded":
		told := p.words(say) // no reference: nothing went wrong that one would write about
		s.flash(w, flashMessage{Tone: "info", Text: told.Title + ". " + told.Text})
		//nolint:gosec // G710: a path of ours with a number in it
		http.Redirect(w, r, "/return/"+o.Ref(), http.StatusSeeOther)
		return
	}
	slog.WarnContext(r.Context(), "checkout failed", "order", o.Number, "request_id", p.RequestID, "error", p)
	view := problemView{
		wording: p.words(say), Tone: "bad", Order: o.Ref(), RequestID: p.RequestID, Fields: p.Errors,
		Seconds: int64(p.RetryAfter / time.Second), Automatic: p.Code == "payment_in_progress",
		Again: p.uncertain() || p.Code == "payment_in_progress" || p.Code == "bank_refused",
	}
	if view.Automatic {
		view.Tone, view.Seconds = "wait", max(view.Seconds, 1)
	}
	status := http.StatusBadGateway
	switch p.Status {
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		status = p.Status
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", strconv.FormatInt(max(view.Seconds, 2), 10))
	}
	s.render(w, r, status, "problem", page{Title: view.Title, Back: "/return/" + o.Ref(), Body: view})
}
