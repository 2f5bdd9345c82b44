package kapitaltxpg

import (
	"cmp"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/loopback"
	"kassa/shared/simbank/cardpage"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// Pages serves the hosted page, the desk and the control API. Serve it on a
// listener of its own, over plain HTTP on one machine. It answers to names of this
// machine alone, and takes nothing from pages of other sites.
func (s *Sim) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /flex", s.showOrder)
	mux.HandleFunc("POST /flex", s.submitOrder)
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, _ *http.Request) { s.showDesk(w, http.StatusOK, "") })
	mux.HandleFunc("POST /desk", s.submitDesk)
	mux.Handle("GET /assets/", s.pages.Assets())
	mux.Handle("/_sim/", s.control())
	mux.Handle("GET /{$}", http.RedirectHandler("desk", http.StatusSeeOther))
	return loopback.Pages(mux)
}

// visit finds the order that the address opens, and lets its time end it.
func (s *Sim) visit(r *http.Request) (ledger.Order, error) {
	query := r.URL.Query()
	o, err := s.order(query.Get("id"))
	if err != nil {
		return o, err
	}
	if subtle.ConstantTimeCompare([]byte(o.Password), []byte(query.Get("password"))) == 0 {
		return ledger.Order{}, ledger.ErrUnknown
	}
	return s.drive(query.Get("id"), func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		if !r.AcceptExpired {
			o.Look(now, r)
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

// show picks the page that fits the order's status. After a declined try the form
// stands again and says so.
func (s *Sim) show(w http.ResponseWriter, status int, v cardpage.View, o ledger.Order) {
	switch {
	case o.Challenge:
		s.render(w, status, "code", v)
	case o.Status == ledger.Preparing, o.Status == ledger.Expired && s.Settings().AcceptExpired:
		if o.Tries > 0 {
			v.Alert = "try_again"
		}
		s.render(w, status, "pay", v)
	default:
		v.Back = s.backLink(o)
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
	o, err = s.drive(idText(o.ID), take)
	var no ledger.Refusal
	if err != nil && !errors.As(err, &no) {
		s.showError(w, r, err)
		return
	}
	frame.Guard(w)
	target := v.Action // by a redirect, so that a reload sends no card again
	if back := s.backLink(o); o.Final() && back != nil {
		target = back.URL
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
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

// returnAddress is where the browser goes back to: the shop's address with its own
// query, and ID and STATUS joined to it as the switches say. Nothing signs it.
func returnAddress(o ledger.Order, set Settings) string {
	id, status := cmp.Or(set.SwapOrder, idText(o.ID)), cmp.Or(set.ForgeStatus, set.word(o.Status))
	var pairs []string
	if set.ReturnWithout != "id" && set.ReturnWithout != "both" {
		pairs = append(pairs, "ID="+url.QueryEscape(id))
	}
	if set.ReturnWithout != "status" && set.ReturnWithout != "both" {
		pairs = append(pairs, "STATUS="+url.QueryEscape(status))
	}
	if set.ReturnPassword {
		pairs = append(pairs, "PASSWORD="+url.QueryEscape(o.Password))
	}
	address, fragment, cut := strings.Cut(o.RedirectURL, "#")
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	if len(pairs) > 0 {
		address += sign + strings.Join(pairs, "&")
	}
	if cut {
		address += "#" + fragment
	}
	return address
}

// backLink is the way to the shop; nil when the order names none or returns are
// switched off.
func (s *Sim) backLink(o ledger.Order) *cardpage.Back {
	set := s.Settings()
	if o.RedirectURL == "" || set.Return == "drop" {
		return nil
	}
	return &cardpage.Back{URL: returnAddress(o, set), Get: true, Delay: -1}
}

// shown words the statuses for the page, which has one set of words for both
// gateways; a status that it does not know stands for itself.
func shown(status string) string {
	words := map[string]string{
		ledger.Preparing: "CREATED", ledger.FullyPaid: "APPROVED", ledger.PartPaid: "APPROVED", ledger.Closed: "APPROVED",
		ledger.Authorized: "PREAUTH-APPROVED", ledger.Refunded: "REFUNDED", ledger.Voided: "REVERSED",
		ledger.Cancelled: "CANCELED", ledger.Declined: "DECLINED", ledger.Rejected: "DECLINED", ledger.Expired: "EXPIRED",
	}
	return cmp.Or(words[status], status)
}

func (s *Sim) view(r *http.Request, o ledger.Order) cardpage.View {
	ids := url.Values{"id": {idText(o.ID)}, "password": {o.Password}}
	v := cardpage.View{
		Lang: cardpage.Lang(r.URL.Query().Get("lang"), o.Language), Merchant: s.opts.MerchantName,
		Description: cmp.Or(o.Title, o.Description), Amount: o.Amount, Currency: o.Currency, OrderID: idText(o.ID),
		Status: shown(o.Status), Home: "flex?" + ids.Encode(),
	}
	v.Action = v.Home + "&lang=" + v.Lang
	for _, c := range ledger.Cards() {
		pan := cardpage.Form{PAN: c.PAN}.Grouped()
		v.Cards = append(v.Cards, cardpage.Hint{PAN: pan, Key: "card_" + c.Name, CVV: c.CVV, Expiry: c.Expiry})
	}
	return v
}

func (s *Sim) showError(w http.ResponseWriter, r *http.Request, err error) {
	v := cardpage.View{Lang: cardpage.Lang(r.URL.Query().Get("lang"), ""), Merchant: s.opts.MerchantName, Home: "flex?"}
	if errors.Is(err, ledger.ErrUnknown) {
		v.Status = "MISSING"
		s.render(w, http.StatusNotFound, "end", v)
		return
	}
	v.Status = "ERROR"
	s.render(w, http.StatusInternalServerError, "end", v)
}

func (s *Sim) render(w http.ResponseWriter, status int, name string, v any) {
	if err := s.pages.Render(w, status, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
