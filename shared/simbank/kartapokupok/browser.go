package kartapokupok

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kassa/shared/loopback"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/page"
)

// Pages serves the application page, the desk and the control API. Serve it on a
// listener of its own, over plain HTTP on one machine: the customer's browser then
// needs no exception for a private certificate. It answers to names of this machine
// alone, and takes nothing from pages of other sites.
func (s *Sim) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apply", s.showApplication)
	mux.HandleFunc("POST /apply", s.submitApplication)
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, _ *http.Request) { s.showDesk(w, http.StatusOK, "") })
	mux.HandleFunc("POST /desk", s.submitDesk)
	mux.Handle("GET /assets/", s.pages.Assets())
	mux.Handle("/_sim/", s.control())
	mux.Handle("GET /{$}", http.RedirectHandler("desk", http.StatusSeeOther))
	return loopback.Pages(mux)
}

// visit finds the application that the address opens, and lets it run out when its
// time is over.
func (s *Sim) visit(r *http.Request) (ledger.Application, error) {
	query := r.URL.Query()
	a, err := s.book.Find(query.Get("session"))
	if err != nil {
		return a, err
	}
	if subtle.ConstantTimeCompare([]byte(a.Key), []byte(query.Get("key"))) == 0 {
		return ledger.Application{}, ledger.ErrUnknown
	}
	c, err := s.act(a.Session, look)
	s.announce(context.WithoutCancel(r.Context()), c)
	return c.Application, err
}

func (s *Sim) showApplication(w http.ResponseWriter, r *http.Request) {
	a, err := s.visit(r)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.show(w, http.StatusOK, s.view(r, a))
}

// show picks the page that fits: the form while the customer can decide, else
// where the application stands.
func (s *Sim) show(w http.ResponseWriter, status int, v page.View) {
	if v.Status == ledger.Pending {
		s.render(w, status, "apply", v)
		return
	}
	s.render(w, status, "end", v)
}

func (s *Sim) submitApplication(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form is too large or malformed.", http.StatusBadRequest)
		return
	}
	a, err := s.visit(r)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	take := map[string]step{
		"approve": (*ledger.Application).Approve, "reject": (*ledger.Application).Reject,
		"cancel": (*ledger.Application).Cancel, "later": (*ledger.Application).Postpone,
	}[r.PostForm.Get("action")]
	switch {
	case take == nil:
		http.Error(w, "The form names no known action.", http.StatusBadRequest)
	case !a.Open(): // another tab was faster
		s.leave(w, r, a)
	case r.PostForm.Get("action") == "approve" && r.PostForm.Get("consent") != "yes":
		v := s.view(r, a)
		v.NoConsent = true
		s.show(w, http.StatusUnprocessableEntity, v)
	default:
		s.decide(w, r, a, take)
	}
}

// decide takes the customer's step, tells the shop, and sends the customer back.
func (s *Sim) decide(w http.ResponseWriter, r *http.Request, a ledger.Application, take step) {
	c, err := s.act(a.Session, open(take))
	var no ledger.Refusal
	if err != nil && !errors.As(err, &no) {
		s.showError(w, r, err)
		return
	}
	s.announce(context.WithoutCancel(r.Context()), c)
	s.leave(w, r, c.Application)
}

// open lets a customer decide only what is open: a late approval is the bank's
// own matter.
func open(take step) step {
	return func(a *ledger.Application, now time.Time, r ledger.Rules) error {
		if !a.Open() {
			return ledger.Refusal{Code: ledger.CodeState, Why: "the application is decided already"}
		}
		return take(a, now, r)
	}
}

// leave sends the customer to the shop, or shows where the application stands.
func (s *Sim) leave(w http.ResponseWriter, r *http.Request, a ledger.Application) {
	to := back(a)
	if s.Settings().Return == "stay" {
		to = "apply?" + r.URL.RawQuery
	}
	frame.Guard(w)
	//nolint:gosec // the address is the one that the partner registered with this application
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// back is where the customer goes from here.
func back(a ledger.Application) string {
	switch a.Status {
	case ledger.Rejected, ledger.Cancelled, ledger.Expired:
		return a.FailURL
	}
	return a.SuccessURL
}

func (s *Sim) view(r *http.Request, a ledger.Application) page.View {
	ids := url.Values{"session": {a.Session}, "key": {a.Key}}
	v := page.View{
		Lang: page.Lang(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language")), Shop: s.opts.PartnerName,
		Order: a.Reference, Amount: a.Amount, Currency: a.Currency, Returned: a.Returned, Term: a.Term, Status: a.Status,
		Later: a.Later, Home: "apply?" + ids.Encode(),
	}
	v.Action = v.Home + "&lang=" + v.Lang
	for _, item := range a.Items {
		v.Items = append(v.Items, page.Item{Name: item.Name, Quantity: item.Quantity, Price: item.Price})
	}
	if s.Settings().Return != "stay" {
		v.Back = back(a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Name = s.names[a.Session]
	return v
}

func (s *Sim) showError(w http.ResponseWriter, r *http.Request, err error) {
	query := r.URL.Query()
	query.Del("lang")
	v := page.View{Lang: page.Lang(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language")), Shop: s.opts.PartnerName,
		Home: "apply?" + query.Encode()}
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

// deskOrders is how many applications the desk shows.
const deskOrders = 50

func (s *Sim) showDesk(w http.ResponseWriter, status int, message string) {
	d := page.Desk{Message: message}
	all := s.book.All()
	for i := len(all) - 1; i >= 0 && len(d.Orders) < deskOrders; i-- {
		a := all[i]
		d.Orders = append(d.Orders, page.DeskOrder{
			Session: a.Session, Reference: a.Reference, Status: a.Status, Currency: a.Currency, Term: a.Term,
			Amount: a.Amount, Charged: a.Charged, Returned: a.Returned, Waiting: len(a.Due()), Created: a.Created.In(minsk()),
		})
	}
	s.render(w, status, "desk", d)
}

// minsk is UTC+3 the whole year: Belarus gave up summer time in 2011.
func minsk() *time.Location { return time.FixedZone("Minsk", 3*60*60) }

func (s *Sim) submitDesk(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	c := command{Action: r.PostFormValue("action")}
	if c.Action == "desk_refund" {
		amount, err := minorUnits(r.PostFormValue("amount"))
		if err != nil {
			s.showDesk(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		c.Amount = amount
	}
	if err := s.command(r.PostFormValue("session"), c); err != nil {
		s.showDesk(w, http.StatusConflict, err.Error())
		return
	}
	http.Redirect(w, r, "desk", http.StatusSeeOther)
}

// minorUnits reads "150", "150.5" or "150,50" without any float.
func minorUnits(text string) (int64, error) {
	text = strings.NewReplacer(" ", "", "\u202f", "", ",", ".").Replace(text)
	major, minor, _ := strings.Cut(text, ".")
	if len(minor) > 2 || len(major) > 12 {
		return 0, fmt.Errorf("%.20q is not an amount such as 150.00", text)
	}
	n, err := strconv.ParseUint(major+(minor + "00")[:2], 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%.20q is not an amount such as 150.00", text)
	}
	return int64(n), nil
}
