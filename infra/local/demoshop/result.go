package demoshop

import (
	"context"
	"net/http"
	"slices"
	"time"

	"kassa/infra/local/demoshop/goods"
)

// resultView is the page that a customer comes back to.
type resultView struct {
	Order   order
	Payment payment // empty where there is none, or none could be read
	Panel   panel
	PollURL string // where the browser may read this payment itself; empty where it cannot
	Token   string
	Every   int64 // seconds between two questions
	// Instalments says that a bank decides on an application for this order.
	Instalments bool
}

// Captured is what the customer has paid; empty before that.
func (v resultView) Captured() string { return inWords(v.Payment.Captured, v.Payment.Currency) }

// GivenBack is what went back to the customer; empty before that.
func (v resultView) GivenBack() string { return inWords(v.Payment.Refunded, v.Payment.Currency) }

func inWords(minor int64, currency string) string {
	if minor == 0 {
		return ""
	}
	return goods.Money{Minor: minor, Currency: currency}.String()
}

// panel is what the page says of one state of a payment.
type panel struct {
	State string // data-state, a closed list: the keys of panels
	Tone  string // good, bad, wait or note
	Title string
	Text  string
	Again string // the button that leads to the bank; empty for none
	Live  bool   // more news may come
}

// panelOf has the words for every state of a payment by card, or by instalments;
// a state nobody knows is shown as one that cannot be seen now, never as success.
func panelOf(state string, instalments bool) panel {
	p, ok := cardPanels()[state]
	if own, differs := instalmentPanels()[state]; instalments && differs {
		p = own
	}
	if !ok {
		state = "unknown"
		p = panel{Tone: "wait", Title: "We cannot see your payment just now", Text: "If you paid, your money is safe. This page keeps asking; you may also close it, we will finish by ourselves.", Live: true}
	}
	p.State = state
	return p
}

func cardPanels() map[string]panel {
	return map[string]panel{
		"paid":               {Tone: "good", Title: "Paid. Thank you!", Text: "Your payment has arrived and your order is on its way to the packing table."},
		"paid_late":          {Tone: "good", Title: "Paid, a little late", Text: "The bank confirmed your payment after we had stopped waiting for it. Your money is safe, and we will send your order."},
		"partially_refunded": {Tone: "good", Title: "Paid, and partly refunded", Text: "A part of your money is on its way back to your card."},
		"refunded":           {Tone: "note", Title: "Refunded", Text: "Your money is on its way back to your card. Banks need up to a few days to show it."},
		"review":             {Tone: "note", Title: "We are checking this payment", Text: "Something does not match, and a person will look at it. There is nothing for you to do; please do not pay again.", Live: true},
		"declined":           {Tone: "bad", Title: "The bank declined the payment", Text: "Nothing was charged. Try again with the same card or another one.", Again: "Try again"},
		"cancelled":          {Tone: "note", Title: "Payment cancelled", Text: "Nothing was charged. Your order is kept, should you change your mind.", Again: "Try again"},
		"expired":            {Tone: "note", Title: "The time to pay ran out", Text: "Nothing was charged. You can start again whenever you like.", Again: "Try again"},
		"pending":            {Tone: "wait", Title: "Waiting for the bank", Text: "This takes a few seconds as a rule. You may close this page, we will finish by ourselves.", Again: "Back to the bank's page", Live: true},
		"created":            {Tone: "wait", Title: "Preparing your payment", Text: "The bank's page is not open yet. If nothing happens in a minute, try again: you will not be charged twice.", Again: "Try again", Live: true},
		"unpaid":             {Tone: "note", Title: "Not paid yet", Text: "Your order is kept. Nothing was charged.", Again: "Pay by card"},
	}
}

// instalmentPanels are the words that differ where a bank decides on an
// application and the customer pays later.
func instalmentPanels() map[string]panel {
	return map[string]panel{
		"paid":               {Tone: "good", Title: "Approved. Thank you!", Text: "The bank pays us, and you pay the bank month by month. Your order is on its way to the packing table."},
		"paid_late":          {Tone: "good", Title: "Approved, a little late", Text: "The bank said yes after we had stopped waiting for it. We will send your order."},
		"partially_refunded": {Tone: "good", Title: "Approved, and partly refunded", Text: "A part went back to the bank, which takes it off what you still have to pay."},
		"refunded":           {Tone: "note", Title: "Refunded", Text: "Everything went back to the bank, which closes your instalments. Ask it about what you have paid already."},
		"declined":           {Tone: "bad", Title: "The bank said no", Text: "Nothing is owed. You can apply again for another term, or order fewer things.", Again: "Apply again"},
		"cancelled":          {Tone: "note", Title: "Application cancelled", Text: "Nothing is owed. Your order is kept, should you change your mind.", Again: "Apply again"},
		"expired":            {Tone: "note", Title: "The application ran out", Text: "Nothing is owed. You can apply again whenever you like.", Again: "Apply again"},
		"pending":            {Tone: "wait", Title: "The bank is deciding", Text: "This takes from a minute to some days. You may close this page: we hear of it by ourselves, and this page will say it whenever you come back.", Again: "Back to the application", Live: true},
		"created":            {Tone: "wait", Title: "Preparing your application", Text: "The bank's page is not open yet. If nothing happens in a minute, apply again: it stays one application.", Again: "Apply again", Live: true},
		"unpaid":             {Tone: "note", Title: "Not applied yet", Text: "Your order is kept. Nothing is owed.", Again: "Apply for instalments"},
	}
}

// stage is one step on the way of an application.
type stage struct {
	Name string
	Now  bool // the application stands here
	Done bool
}

// Stages are the way from the order to the parcel, for an application that may
// still get there; none for a card, which is paid or not.
func (v resultView) Stages() []stage {
	at, known := map[string]int{"created": 0, "pending": 1, "paid": 2, "paid_late": 2, "partially_refunded": 2}[v.Panel.State]
	if !v.Instalments || !known {
		return nil
	}
	stages := []stage{{Name: "You apply"}, {Name: "The bank decides"}, {Name: "We pack and send"}}
	for i := range stages {
		stages[i].Done, stages[i].Now = i < at, i == at
	}
	return stages
}

// stateOf names how a payment stands for the customer. A review that concerns
// only the shop's books does not trouble a customer whose money is on record.
func stateOf(p payment) string {
	aboutBooks := func(reason string) bool { return reason == "refund" || reason == "regress" }
	switch {
	case slices.ContainsFunc(p.Review, func(reason string) bool { return p.Captured == 0 || !aboutBooks(reason) }):
		return "review"
	case p.Status == "paid" && p.Late:
		return "paid_late"
	}
	return p.Status
}

// decisive picks the attempt that tells how the order stands: the one with
// money, else one that people must look at, else one still open, else the last.
func decisive(attempts []payment) (payment, bool) {
	tests := []func(payment) bool{
		func(p payment) bool { return p.Captured > p.Refunded },
		func(p payment) bool { return len(p.Review) > 0 },
		payment.live,
		func(payment) bool { return true },
	}
	for _, test := range tests {
		if i := slices.IndexFunc(attempts, test); i >= 0 {
			return attempts[i], true
		}
	}
	return payment{}, false
}

// showReturn shows how the payment stands. Nothing is taken from the address:
// its status is only what somebody wrote into it.
func (s *Site) showReturn(w http.ResponseWriter, r *http.Request) {
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return
	}
	view := resultView{Order: o, Every: 2}
	state := "unknown"
	p, found, err := s.standing(r.Context(), o)
	switch {
	case err == nil && found:
		view.Payment, state = p, stateOf(p)
		view.Every = max(p.PollAfter, 1)
	case err == nil:
		state = "unpaid"
	}
	shop, err := s.shop(o.ShopID)
	view.Instalments = err == nil && shop.Instalments
	view.Panel = panelOf(state, view.Instalments)
	s.allowPolling(&view)
	shown := page{Title: view.Panel.Title, Flash: s.takeFlash(w, r), Body: view}
	if view.Panel.Live {
		shown.Refresh = s.refreshEvery(view)
	}
	s.render(w, http.StatusOK, "return", shown)
}

// standing reads how the order stands; a live attempt is asked about at the
// bank, so a lost message is mended while the customer waits.
func (s *Site) standing(ctx context.Context, o order) (p payment, found bool, err error) {
	shop, err := s.shop(o.ShopID)
	if err != nil {
		return payment{}, false, err
	}
	attempts, err := s.kassa.attempts(ctx, shop.APIKey, o.Ref())
	if err != nil {
		return payment{}, false, err
	}
	p, found = decisive(attempts)
	if found && p.live() {
		if fresh, err := s.kassa.ask(ctx, shop.APIKey, p.ID); err == nil {
			return fresh, true, nil
		}
	}
	return p, found, nil
}

// allowPolling gives the browser what it needs to ask Kassa itself: the client
// token of the attempt on show reads that attempt and nothing else.
func (s *Site) allowPolling(view *resultView) {
	id, token := view.Payment.ID, view.Payment.ClientToken
	if id == "" || id == view.Order.PaymentID && token == "" {
		id, token = view.Order.PaymentID, view.Order.ClientToken
	}
	if view.Panel.Live && id != "" && token != "" {
		view.PollURL, view.Token = s.kassa.base+"/v1/payments/"+id, token
	}
}

// refreshEvery is how often the page loads itself again where the browser runs
// no script: often at first, then seldom.
func (s *Site) refreshEvery(view resultView) int64 {
	since := view.Payment.CreatedAt
	if since.IsZero() {
		since = view.Order.CreatedAt
	}
	if s.now().Sub(since) > 5*time.Minute {
		return 30
	}
	return max(view.Every, 5)
}
