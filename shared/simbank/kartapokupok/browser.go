package kartapokupok

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/page"
)

// Pages serves the application page, the desk and the control API; see
// [simbank.Serve].
func (s *Sim) Pages() http.Handler {
	return simbank.Serve(s.base, simbank.Site[ledger.Application]{
		Page: "/apply", Show: s.showApplication, Submit: s.submitApplication, Line: deskLine, Control: s.control(),
		Desk: frame.Desk{Bank: "Karta Pokupok", Empty: "No application yet. Choose instalments in the shop.",
			Lead: "What the bank does by itself. The shop is told by a signed callback, as the switches say."},
		Run: func(ctx context.Context, session string, c control.Command) error {
			_, err := s.actions().Run(ctx, session, command{Command: c})
			return err
		},
	})
}

// visit finds the application that the address opens, and lets it run out when its
// time is over.
func (s *Sim) visit(r *http.Request) (ledger.Application, error) {
	query := r.URL.Query()
	a, err := s.Book.Find(query.Get("session"))
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
		s.Render(w, status, "apply", v)
		return
	}
	s.Render(w, status, "end", v)
}

func (s *Sim) submitApplication(w http.ResponseWriter, r *http.Request) {
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
		s.Render(w, http.StatusNotFound, "end", v)
		return
	}
	v.Status = "ERROR"
	s.Render(w, http.StatusInternalServerError, "end", v)
}

// deskLine is an application on the desk.
func deskLine(a ledger.Application) frame.Line {
	l := frame.Line{
		ID: a.Session, Name: a.Reference, Status: a.Status, What: fmt.Sprintf("%d months · %s", a.Term, a.Session),
		Amount: a.Amount, Currency: a.Currency, Charged: a.Charged, Refunded: a.Returned, Created: a.Created.In(minsk()),
	}
	switch a.Status {
	case ledger.Pending:
		l.Steps = frame.Steps("approve", "Approve", "reject", "Reject", "cancel", "Cancel", "expire", "Expire")
	case ledger.Approved:
		l.Tone, l.Left = "good", a.Left()
	case ledger.Rejected:
		l.Tone = "bad"
	}
	if a.Charged == 0 && !a.Open() {
		l.Steps = frame.Steps("approve", "Approve late")
	}
	switch n := len(a.Due()); n {
	case 0:
	case 1:
		l.Steps = append(l.Steps, frame.Steps("deliver", "Send 1 callback")...)
	default:
		l.Steps = append(l.Steps, frame.Steps("deliver", fmt.Sprintf("Send %d callbacks", n))...)
	}
	return l
}

// minsk is UTC+3 the whole year: Belarus gave up summer time in 2011.
func minsk() *time.Location { return time.FixedZone("Minsk", 3*60*60) }
