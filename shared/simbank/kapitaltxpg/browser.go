package kapitaltxpg

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kapital"
	"kassa/shared/simbank/kapital/page"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// Pages serves the hosted page, the desk and the control API; see [simbank.Serve].
func (s *Sim) Pages() http.Handler {
	p := page.Counter[ledger.Order]{
		Views: s.Views, Path: "flex", Merchant: s.opts.MerchantName, Cards: ledger.Cards(), Now: s.Now,
		Visit: s.visit, View: view, Pick: s.pick, Leave: s.leave,
		Take: func(o ledger.Order, p page.Press) (ledger.Order, error) {
			return s.drive(idText(o.ID), func(o *ledger.Order, now time.Time, r ledger.Rules) error {
				return page.On(p, o, now, r)
			})
		},
	}
	return simbank.Serve(s.base, simbank.Site[ledger.Order]{
		Page: "/flex", Show: p.Show, Submit: p.Submit, Line: deskLine, Control: s.control(),
		Desk: frame.Desk{Bank: "Kapital Bank", Lead: "What the bank does by itself: the shop learns of it only when it asks.",
			Empty: "No order yet. Start a payment in the shop."},
		Run: func(ctx context.Context, id string, c control.Command) error {
			_, err := s.actions().Run(ctx, id, command{Command: kapital.Command{Command: c}})
			return err
		},
	})
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

func view(o ledger.Order) page.View {
	return page.View{
		Lang: o.Language, Description: cmp.Or(o.Title, o.Description), Amount: o.Amount, Currency: o.Currency,
		OrderID: idText(o.ID), Status: shown(o.Status), IDs: url.Values{"id": {idText(o.ID)}, "password": {o.Password}},
		Challenge: o.Challenge, Ended: o.Final(),
	}
}

// pick names the page that fits the order's status. After a declined try the form
// stands again and says so.
func (s *Sim) pick(o ledger.Order, v *page.View) string {
	switch {
	case o.Challenge:
		return "code"
	case o.Status == ledger.Preparing, o.Status == ledger.Expired && s.Settings().AcceptExpired:
		if o.Tries > 0 {
			v.Alert = "try_again"
		}
		return "pay"
	}
	v.Back = s.backLink(o)
	return "end"
}

// leave goes on by a redirect, so that a reload sends no card again: to the shop
// where the payment has ended.
func (s *Sim) leave(w http.ResponseWriter, r *http.Request, v page.View, o ledger.Order) {
	target := v.Action
	if back := s.backLink(o); o.Final() && back != nil {
		target = back.URL
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
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
func (s *Sim) backLink(o ledger.Order) *page.Back {
	set := s.Settings()
	if o.RedirectURL == "" || set.Return == "drop" {
		return nil
	}
	return &page.Back{URL: returnAddress(o, set), Get: true, Delay: -1}
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

// deskLine is an order on the desk.
func deskLine(o ledger.Order) frame.Line {
	l := frame.Line{
		ID: idText(o.ID), Name: idText(o.ID), Status: o.Status, What: strings.Trim(o.Description+" · "+o.Card.Masked, " ·"),
		Amount: o.Amount, Currency: o.Currency, Charged: o.Charged, Refunded: o.GivenBack(),
		Created: o.Created.In(kapital.Baku()),
	}
	switch o.Status {
	case ledger.Preparing:
		l.Steps = frame.Steps("approve", "Approve", "decline", "Decline", "expire", "Expire")
	case ledger.FullyPaid, ledger.PartPaid:
		l.Tone, l.Left = "good", o.Left()
		if o.GivenBack() == 0 {
			l.Whole = frame.Steps("desk_void", "Void")
		}
	case ledger.Declined, ledger.Rejected:
		l.Tone = "bad"
	}
	return l
}
