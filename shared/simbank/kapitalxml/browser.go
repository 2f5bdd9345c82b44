package kapitalxml

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kapital"
	"kassa/shared/simbank/kapital/page"
	"kassa/shared/simbank/kapitalxml/ledger"
	"kassa/shared/simbank/kapitalxml/tkkpg"
)

// Pages serves the hosted page, the desk and the control API; see [simbank.Serve].
func (s *Sim) Pages() http.Handler {
	p := s.counter()
	return simbank.Serve(s.base, simbank.Site[ledger.Order]{
		Page: "/index.jsp", Show: p.Show, Submit: p.Submit, Line: deskLine, Control: s.control(),
		Desk: frame.Desk{Bank: "Kapital Bank", Lead: "What the bank does by itself: the shop learns of it only when it asks.",
			Empty: "No order yet. Start a payment in the shop."},
		Run: func(ctx context.Context, id string, c control.Command) error {
			_, err := s.actions().Run(ctx, id, command{Command: kapital.Command{Command: c}})
			return err
		},
	})
}

func (s *Sim) counter() page.Counter[ledger.Order] {
	return page.Counter[ledger.Order]{
		Views: s.Views, Path: "index.jsp", Merchant: s.opts.MerchantName, Cards: ledger.Cards(), Now: s.Now,
		Visit: s.visit, View: view, Pick: s.pick, Leave: s.leave,
		Take: func(o ledger.Order, p page.Press) (ledger.Order, error) {
			return s.act(o.ID, func(o *ledger.Order, now time.Time, r ledger.Rules) error { return page.On(p, o, now, r) })
		},
	}
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

func view(o ledger.Order) page.View {
	return page.View{
		Lang: strings.ToLower(o.Language), Description: o.Description, Amount: o.Amount,
		Currency: tkkpg.Letters(o.Currency), OrderID: idText(o.ID),
		Status: o.Status, IDs: url.Values{"ORDERID": {idText(o.ID)}, "SESSIONID": {o.Session}},
		Challenge: o.Challenge, Ended: o.Final(),
	}
}

// pick names the page that fits the order's status.
func (s *Sim) pick(o ledger.Order, v *page.View) string {
	switch {
	case o.Status == ledger.Created, o.Status == ledger.Expired && s.Settings().AcceptExpired:
		return "pay"
	case o.Challenge:
		return "code"
	}
	v.Back = s.backLink(o, -1)
	if o.Status == ledger.OnPayment || o.Status == ledger.OnLock {
		return "wait"
	}
	return "end"
}

// leave shows the next step of a running payment by a redirect, so that a reload
// sends no card again, and returns the customer of an ended one to the shop as the
// switches say.
func (s *Sim) leave(w http.ResponseWriter, r *http.Request, v page.View, o ledger.Order) {
	if !o.Final() {
		http.Redirect(w, r, v.Action, http.StatusSeeOther)
		return
	}
	set := s.Settings()
	p, err := s.pack(o, set)
	if err != nil {
		s.counter().Fail(w, r, err)
		return
	}
	switch set.Callback {
	case "drop":
		s.Render(w, http.StatusOK, "end", v)
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
	v.Back = &page.Back{URL: p.URL, Text: p.Text, Get: p.Get, Delay: delay}
	s.Render(w, http.StatusOK, "back", v)
}

// backLink is the way to the shop from a page that waits for the customer; nil
// when returns are switched off or cannot be made.
func (s *Sim) backLink(o ledger.Order, delay int) *page.Back {
	set := s.Settings()
	p, err := s.pack(o, set)
	if err != nil || set.Callback == "drop" {
		return nil
	}
	return &page.Back{URL: p.URL, Text: p.Text, Get: p.Get, Delay: delay}
}

// deskLine is an order on the desk, with what the bank has not decided yet.
func deskLine(o ledger.Order) frame.Line {
	l := frame.Line{
		ID: idText(o.ID), Name: idText(o.ID), Status: o.Status, What: strings.Trim(o.Description+" · "+o.Card.Masked, " ·"),
		Amount: o.Amount, Currency: tkkpg.Letters(o.Currency), Charged: o.Charged, Refunded: o.GivenBack(),
		Created: o.Created.In(kapital.Baku()),
	}
	decide := frame.Steps("approve", "Approve", "decline", "Decline")
	switch o.Status {
	case ledger.Created, ledger.OnPayment:
		l.Steps = slices.Concat(decide, frame.Steps("expire", "Expire"))
	case ledger.OnLock:
		l.Steps = slices.Concat(decide, frame.Steps("expire", "Expire", "unlock", "Unlock"))
	case ledger.Declined:
		l.Tone = "bad"
	case ledger.Failed:
		l.Tone, l.Steps = "bad", decide
	case ledger.OnRefund:
		l.Steps = frame.Steps("settle", "Settle the refund")
	case ledger.Approved:
		l.Tone, l.Left = "good", o.Charged-o.Refunded
		if o.Refunded == 0 {
			l.Whole = frame.Steps("desk_reverse", "Reverse")
		}
	}
	return l
}
