// The page that a customer comes back to. It shows how the payment stands by Kassa's answer and asks on while more may
// come; the address that the customer came by proves nothing.

package demoshop

import (
	"context"
	"net/http"
	"slices"
	"time"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

// resultView is the page that a customer comes back to.
type resultView struct {
	Order   books.Order
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

// inWords is an amount for people, and nothing for 0.
func inWords(minor int64, currency string) string {
	if minor == 0 {
		return ""
	}
	return goods.Money{Minor: minor, Currency: currency}.String()
}

// panel is what the page says of one state of a payment.
type panel struct {
	State string // data-state, a closed list
	Tone  string // good, bad, wait or note
	Title string
	Text  string
	Again string // the button that leads to the bank; empty for none
	Live  bool   // more news may come
}

// shape is what does not depend on the language: the tone, what the button does, and whether more news may come.
type shape struct {
	tone        string
	card, apply string // keys of the button's words, by card and by instalments
	live        bool
}

// shapeOf is false for a state that this shop does not know, such as one of a newer Kassa.
func shapeOf(state string) (shape, bool) {
	s, known := map[string]shape{
		"paid": {tone: "good"}, "paid_late": {tone: "good"}, "partially_refunded": {tone: "good"}, "refunded": {tone: "note"},
		"review": {tone: "note", live: true}, "declined": {"bad", "again.try", "again.apply", false},
		"cancelled": {"note", "again.try", "again.apply", false}, "expired": {"note", "again.try", "again.apply", false},
		"pending": {"wait", "again.bank", "again.application", true}, "created": {"wait", "again.try", "again.apply", true},
		"unpaid": {"note", "again.card", "again.instalments", false}, "unknown": {tone: "wait", live: true},
	}[state]
	return s, known
}

// panelOf has the words for every state of a payment by card, or by instalments, where a bank decides on an application
// and the customer pays later. A state nobody knows is shown as one that cannot be seen now, never as success.
func panelOf(say words.Speech, state string, instalments bool) panel {
	s, known := shapeOf(state)
	if !known {
		state = "unknown"
		s, _ = shapeOf(state)
	}
	list, again := "card.", s.card
	if instalments {
		again = s.apply
		if say.Has("instalments." + state + ".title") {
			list = "instalments."
		}
	}
	p := panel{State: state, Tone: s.tone, Title: say.Say(list + state + ".title"), Text: say.Say(list + state + ".text"),
		Live: s.live}
	if again != "" {
		p.Again = say.Say(again)
	}
	return p
}

// why is what the customer can do about a refusal, where the bank has said why; empty where it has not.
func (d *decline) why(say words.Speech) string {
	if d == nil {
		return ""
	}
	return say.Declined(d.Hint)
}

// stage is one step on the way of an application.
type stage struct {
	Name string // key of its words
	Now  bool   // the application stands here
	Done bool
}

// Stages are the way from the order to the parcel, for an application that may
// still get there; none for a card, which is paid or not.
func (v resultView) Stages() []stage {
	at, known := map[string]int{"created": 0, "pending": 1, "paid": 2, "paid_late": 2,
		"partially_refunded": 2}[v.Panel.State]
	if !v.Instalments || !known {
		return nil
	}
	stages := []stage{{Name: "stage.apply"}, {Name: "stage.decide"}, {Name: "stage.send"}}
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
	say := s.speech(r)
	view.Panel = panelOf(say, state, view.Instalments)
	if why := p.Decline.why(say); state == "declined" && why != "" && !view.Instalments {
		view.Panel.Text = why
	}
	s.allowPolling(&view)
	shown := page{Title: view.Panel.Title, Back: "/return/" + o.Ref(), Flash: s.takeFlash(w, r), Body: view}
	if view.Panel.Live {
		shown.Refresh = s.refreshEvery(view)
	}
	s.render(w, r, http.StatusOK, "return", shown)
}

// standing reads how the order stands; a live attempt is asked about at the
// bank, so a lost message is mended while the customer waits.
func (s *Site) standing(ctx context.Context, o books.Order) (p payment, found bool, err error) {
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

// decline is why the bank refused a payment.
type decline struct {
	Code string `json:"code"` // the bank's own word
	// one of a closed list: insufficient_funds, expired_card, limit, not_permitted, try_again, call_bank, other
	Hint string `json:"hint"`
}
