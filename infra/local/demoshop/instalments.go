// Buying by instalments: the customer fills in what the bank asks, and the bank decides. None of it is kept by the
// shop, so a second try begins with an empty form.

package demoshop

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

// application is what a customer tells the bank through us. It goes to Kassa and
// on to the bank, and is written down nowhere: neither in the order nor in a log.
type application struct {
	Term     int // months
	Customer customer
}

// instalmentsView is the form of an application, for a cart or for an order that
// is not paid yet.
type instalmentsView struct {
	Order    string // number of the order; empty for a cart
	Lines    goods.Basket
	Total    goods.Money
	Form     string // names this rendering of the form: a repeat of it is the same order
	Plans    []plan
	Chosen   int // months
	Fields   []formField
	Error    string // what is wrong with the form as a whole
	Problem  string // why there is no plan to choose
	TermNews string // what is wrong with the term
}

// formField is one thing that the bank asks of the customer.
type formField struct {
	Name, Label, Type, Autocomplete, Mode, Hint string
	Shape                                       string // the key of what it must look like
	Value, Mistake                              string
}

// Cart is the basket as the form carries it, so that a repeat of the form buys
// the same things.
func (v instalmentsView) Cart() string { return v.Lines.String() }

// Money writes minor units in the currency of the total.
func (v instalmentsView) Money(minor int64) goods.Money {
	return goods.Money{Minor: minor, Currency: v.Total.Currency}
}

// instalmentShop is the merchant that sells by instalments, and by a cart.
func (s *Site) instalmentShop() (Shop, bool) {
	for _, shop := range s.shops {
		if shop.Instalments {
			return shop, true
		}
	}
	return Shop{}, false
}

func (s *Site) showApplication(w http.ResponseWriter, r *http.Request) {
	shop, ok := s.instalmentShop()
	if !ok {
		s.notFound(w, r)
		return
	}
	b := s.basket(r, shop)
	if len(b) == 0 {
		http.Redirect(w, r, "/cart", http.StatusSeeOther)
		return
	}
	keepForTheWayBack(w)
	s.renderApplication(w, r, http.StatusOK, instalmentsView{Lines: b, Form: rand.Text()})
}

// apply records the order, then asks Kassa for an application of it.
func (s *Site) apply(w http.ResponseWriter, r *http.Request) {
	shop, ok := s.instalmentShop()
	if !ok {
		s.notFound(w, r)
		return
	}
	if !s.readForm(w, r) {
		return
	}
	say := s.speech(r)
	view := instalmentsView{Lines: goods.ReadBasket(r.PostForm.Get("cart"), s.products, shop.Currency),
		Form: r.PostForm.Get("form")}
	if !formToken.MatchString(view.Form) {
		view.Form, view.Error = rand.Text(), say.Say("mistake.old")
	}
	total, ok := view.Lines.Total()
	if !ok {
		http.Redirect(w, r, "/cart", http.StatusSeeOther)
		return
	}
	a, complete := view.read(s.speech(r), r)
	if view.Error != "" || !complete {
		s.renderApplication(w, r, http.StatusUnprocessableEntity, view)
		return
	}
	o, err := s.orders.Place(view.Form, books.Order{ShopID: shop.ID, Lines: view.Lines, Total: total,
		CreatedAt: s.now().UTC()})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if s.basket(r, shop).String() == view.Cart() {
		s.keepBasket(w, nil) // it has become an order
	}
	s.send(w, r, o, a, view)
}

// showApplicationAgain is the form for an order that is placed and not paid: the
// shop has kept nothing of what was typed before.
func (s *Site) showApplicationAgain(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.instalmentOrder(w, r); ok {
		s.renderApplication(w, r, http.StatusOK, instalmentsView{Order: o.Ref(), Lines: o.Lines})
	}
}

// applyAgain applies once more for an order whose application has ended.
func (s *Site) applyAgain(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	o, ok := s.instalmentOrder(w, r)
	if !ok {
		return
	}
	view := instalmentsView{Order: o.Ref(), Lines: o.Lines}
	a, complete := view.read(s.speech(r), r)
	if !complete {
		s.renderApplication(w, r, http.StatusUnprocessableEntity, view)
		return
	}
	s.send(w, r, o, a, view)
}

// instalmentOrder is the order in the address, if it is sold by instalments.
func (s *Site) instalmentOrder(w http.ResponseWriter, r *http.Request) (books.Order, bool) {
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return o, false
	}
	if shop, err := s.shop(o.ShopID); err != nil || !shop.Instalments {
		s.notFound(w, r)
		return o, false
	}
	return o, true
}

// read takes the form; what is missing is marked, and then it is not complete.
// Whether a phone number is one is for Kassa to say.
func (v *instalmentsView) read(say words.Speech, r *http.Request) (a application, complete bool) {
	v.Fields = applicationFields(say)
	for i, f := range v.Fields {
		v.Fields[i].Value = strings.TrimSpace(r.PostForm.Get(f.Name))
		if v.Fields[i].Value == "" {
			v.Fields[i].Mistake = say.Say("apply.needed")
		}
	}
	months, err := strconv.Atoi(r.PostForm.Get("term"))
	if err != nil || months < 1 {
		v.TermNews = say.Say("apply.choose")
	}
	v.Chosen = months
	a = application{Term: months, Customer: customer{
		FirstName: v.Fields[0].Value, LastName: v.Fields[1].Value, Phone: v.Fields[2].Value, Email: v.Fields[3].Value,
	}}
	return a, !v.mistaken()
}

// mistaken says whether anything has to be typed again.
func (v *instalmentsView) mistaken() bool {
	for _, f := range v.Fields {
		if f.Mistake != "" {
			return true
		}
	}
	return v.TermNews != ""
}

// applicationFields are the customer's fields of Kassa's API, in the order of
// the form.
func applicationFields(say words.Speech) []formField {
	return []formField{
		{Name: "first_name", Label: say.Say("apply.first_name"), Type: "text", Autocomplete: "given-name"},
		{Name: "last_name", Label: say.Say("apply.last_name"), Type: "text", Autocomplete: "family-name"},
		{Name: "phone", Label: say.Say("apply.phone"), Type: "tel", Autocomplete: "tel", Mode: "tel",
			Hint: "+375 29 123-45-67", Shape: "apply.wrongPhone"},
		{Name: "email", Label: say.Say("apply.email"), Type: "email", Autocomplete: "email", Mode: "email",
			Hint: "name@example.by", Shape: "apply.wrongEmail"},
	}
}

// renderApplication shows the form with the plans that Kassa offers just now.
func (s *Site) renderApplication(w http.ResponseWriter, r *http.Request, status int, view instalmentsView) {
	say := s.speech(r)
	if view.Fields == nil {
		view.Fields = applicationFields(say)
	}
	view.Total, _ = view.Lines.Total()
	shop, _ := s.instalmentShop()
	plans, err := s.kassa.plans(r.Context(), shop.ID, view.Total)
	switch {
	case err != nil:
		slog.WarnContext(r.Context(), "plans cannot be read", "error", err)
		status, view.Problem = http.StatusServiceUnavailable, asProblem(err).sentence(say)
	case len(plans) == 0:
		view.Problem = say.Say("apply.noPlan", view.Total)
	default:
		view.Plans = plans
		if view.Chosen == 0 {
			view.Chosen = plans[len(plans)-1].Term // the smallest monthly amount, as the widget promises
		}
	}
	back := "/instalments"
	if view.Order != "" {
		back += "/" + view.Order
	}
	s.render(w, r, status, "instalments", page{Title: say.Say("cart.instalments"), Back: back, Flash: s.takeFlash(w, r),
		Body: view})
}

// send asks Kassa for the application and leads on to the bank.
func (s *Site) send(w http.ResponseWriter, r *http.Request, o books.Order, a application, view instalmentsView) {
	err := s.takePayment(w, r, o, a)
	if err == nil {
		return
	}
	p := asProblem(err)
	switch {
	case p.Code == "payment_in_progress": // the page of the order waits for it
		//nolint:gosec // G710: a path of ours with a number in it
		http.Redirect(w, r, "/return/"+o.Ref(), http.StatusSeeOther)
	case view.marks(s.speech(r), p.Errors):
		s.renderApplication(w, r, http.StatusUnprocessableEntity, view)
	default:
		s.explainCheckout(w, r, o, err)
	}
}

// marks says beside each field that Kassa refused what is to be done, in the customer's language: the details of an
// answer are English, and for developers. False when some of them are about no field, so that they would be lost.
func (v *instalmentsView) marks(say words.Speech, wrong []badField) bool {
	for _, e := range wrong {
		name, ours := strings.CutPrefix(e.Pointer, "/customer/")
		placed := e.Pointer == "/term"
		if placed {
			v.TermNews = say.Say("apply.choose")
		}
		for i := range v.Fields {
			if ours && v.Fields[i].Name == name {
				v.Fields[i].Mistake, placed = say.Say(cmp.Or(v.Fields[i].Shape, "apply.check")), true
			}
		}
		if !placed {
			return false
		}
	}
	return len(wrong) > 0
}

// applyOn leads from an order to the bank's page that is still open for it, or
// to a new application.
func (s *Site) applyOn(w http.ResponseWriter, r *http.Request, o books.Order) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), finish)
	defer cancel()
	next := "/instalments/" + o.Ref()
	p, found, err := s.standing(ctx, o)
	switch {
	case err != nil:
		s.explainCheckout(w, r, o, err)
		return
	case found && p.live() && browsable(p.RedirectURL):
		next = p.RedirectURL
	case found && p.Captured > p.Refunded:
		next = "/return/" + o.Ref()
	}
	//nolint:gosec // G710: to our own page, or to the bank's, whose address Kassa has checked
	http.Redirect(w, r, next, http.StatusSeeOther)
}
