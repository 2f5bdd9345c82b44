package kapitalxml

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/loopback"
	"kassa/shared/simbank/cardpage"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// Pages serves the hosted page, the desk and the control API. Serve it on a
// listener of its own, over plain HTTP on one machine: the customer's browser
// then needs no exception for a private certificate. It answers to names of
// this machine alone, and takes nothing from pages of other sites.
func (s *Sim) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /index.jsp", s.showOrder)
	mux.HandleFunc("POST /index.jsp", s.submitOrder)
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, _ *http.Request) { s.showDesk(w, http.StatusOK, "") })
	mux.HandleFunc("POST /desk", s.submitDesk)
	mux.Handle("GET /assets/", s.pages.Assets())
	mux.Handle("/_sim/", s.control())
	mux.Handle("GET /{$}", http.RedirectHandler("desk", http.StatusSeeOther))
	return loopback.Pages(mux)
}

// visit finds the order that the address names, whatever the letter case of
// its parameters, and lets it expire when its time is over.
func (s *Sim) visit(r *http.Request) (ledger.Order, error) {
	query := url.Values{}
	for name, values := range r.URL.Query() {
		query[strings.ToUpper(name)] = values
	}
	o, err := s.order(query.Get("ORDERID"))
	if err != nil {
		return o, err
	}
	if subtle.ConstantTimeCompare([]byte(o.Session), []byte(query.Get("SESSIONID"))) == 0 {
		return ledger.Order{}, ledger.ErrUnknown
	}
	return s.act(o.ID, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		if !r.AcceptExpired {
			o.Expire(now, r)
		}
		return nil
	})
}

func (s *Sim) showOrder(w http.ResponseWriter, r *http.Request) {
	o, err := s.visit(r)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.show(w, http.StatusOK, s.view(r, o), o)
}

// show picks the page that fits the order's status.
func (s *Sim) show(w http.ResponseWriter, status int, v cardpage.View, o ledger.Order) {
	switch {
	case o.Status == ledger.Created, o.Status == ledger.Expired && s.Settings().AcceptExpired:
		s.render(w, status, "pay", v)
	case o.Challenge:
		s.render(w, status, "code", v)
	case o.Status == ledger.OnPayment, o.Status == ledger.OnLock:
		v.Back = s.backLink(o, -1)
		s.render(w, status, "wait", v)
	default:
		v.Back = s.backLink(o, -1)
		s.render(w, status, "end", v)
	}
}

func (s *Sim) submitOrder(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form is too large or malformed", http.StatusBadRequest)
		return
	}
	o, err := s.visit(r)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	v := s.view(r, o)
	take, bad := s.intent(r, o)
	if len(bad) > 0 {
		v.Form, v.Errors = cardpage.ReadForm(r.PostForm), bad
		s.show(w, http.StatusUnprocessableEntity, v, o)
		return
	}
	o, err = s.act(o.ID, take)
	var no ledger.Refusal
	if err != nil && !errors.As(err, &no) {
		s.showError(w, r, err)
		return
	}
	v.Status = o.Status
	s.settle(w, r, v, o)
}

// settle shows the next step of a running payment by a redirect, so that a
// reload sends no card again, and sends the customer of an ended one back.
func (s *Sim) settle(w http.ResponseWriter, r *http.Request, v cardpage.View, o ledger.Order) {
	if o.Final() {
		s.sendBack(w, r, v, o)
		return
	}
	http.Redirect(w, r, v.Action, http.StatusSeeOther)
}

// intent reads which button was pressed. Bad fields are reported instead and
// leave the order as it is.
func (s *Sim) intent(r *http.Request, o ledger.Order) (step, map[string]string) {
	switch r.PostForm.Get("action") {
	case "cancel":
		return (*ledger.Order).Cancel, nil
	case "confirm":
		code := strings.TrimSpace(r.PostForm.Get("code"))
		if code == "" && o.Challenge {
			return nil, map[string]string{"code": "error_code"}
		}
		return func(o *ledger.Order, now time.Time, r ledger.Rules) error { return o.Confirm(code, now, r) }, nil
	}
	form := cardpage.ReadForm(r.PostForm)
	if bad := form.Check(s.opts.Now().In(ledger.Baku()), ledger.Known); len(bad) > 0 && !o.Final() {
		return nil, bad
	}
	card := Card{PAN: form.PAN, Expiry: form.Expiry, CVV: form.CVV}
	return func(o *ledger.Order, now time.Time, r ledger.Rules) error { return o.Pay(card, now, r) }, nil
}

// sendBack returns the customer to the shop as the switches say.
func (s *Sim) sendBack(w http.ResponseWriter, r *http.Request, v cardpage.View, o ledger.Order) {
	set := s.Settings()
	p, err := s.pack(o, set)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	switch set.Callback {
	case "drop":
		s.render(w, http.StatusOK, "end", v)
		return
	case "double":
		// The first copy may fail as any callback may; the browser brings the second.
		_, _ = s.deliver(r.Context(), p)
	}
	delay := 0
	if set.Callback == "delay" {
		delay = set.CallbackDelaySeconds
	}
	if p.Get && delay == 0 {
		http.Redirect(w, r, p.URL, http.StatusSeeOther)
		return
	}
	if p.Get {
		w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s", delay, p.URL))
		delay = -1
	}
	v.Back = &cardpage.Back{URL: p.URL, Text: p.Text, Get: p.Get, Delay: delay}
	s.render(w, http.StatusOK, "back", v)
}

// backLink is the way to the shop from a page that waits for the customer; nil
// when returns are switched off or cannot be made.
func (s *Sim) backLink(o ledger.Order, delay int) *cardpage.Back {
	set := s.Settings()
	p, err := s.pack(o, set)
	if err != nil || set.Callback == "drop" {
		return nil
	}
	return &cardpage.Back{URL: p.URL, Text: p.Text, Get: p.Get, Delay: delay}
}

func (s *Sim) view(r *http.Request, o ledger.Order) cardpage.View {
	ids := url.Values{"ORDERID": {idText(o.ID)}, "SESSIONID": {o.Session}}
	v := cardpage.View{
		Lang: cardpage.Lang(r.URL.Query().Get("lang"), strings.ToLower(o.Language)), Merchant: s.opts.MerchantName,
		Description: o.Description, Amount: o.Amount, OrderID: idText(o.ID), Status: o.Status,
		Home: "index.jsp?" + ids.Encode(),
	}
	v.Action = v.Home + "&lang=" + v.Lang
	for _, c := range ledger.Cards() {
		v.Cards = append(v.Cards, cardpage.Hint{PAN: cardpage.Form{PAN: c.PAN}.Grouped(), Key: "card_" + c.Name,
			CVV: ledger.CVV})
	}
	return v
}

func (s *Sim) showError(w http.ResponseWriter, r *http.Request, err error) {
	v := cardpage.View{Lang: cardpage.Lang(r.URL.Query().Get("lang"), ""), Merchant: s.opts.MerchantName,
		Home: "index.jsp?"}
	if errors.Is(err, ledger.ErrUnknown) {
		v.Status = "MISSING"
		s.render(w, http.StatusNotFound, "end", v)
		return
	}
	v.Status = ledger.Failed
	s.render(w, http.StatusInternalServerError, "end", v)
}

func (s *Sim) render(w http.ResponseWriter, status int, name string, v any) {
	if err := s.pages.Render(w, status, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
