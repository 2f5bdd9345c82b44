package kartapokupok

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"kassa/shared/simbank"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/partnerapi"
	"kassa/shared/simbank/kartapokupok/signer"
)

// Message is a callback out of turn. What it leaves empty is as the application
// stands; RefundID and Refunded stand in it only when they are given.
type Message struct {
	Status    string `json:"status"`
	SessionID string `json:"session_id"`
	OrderRef  string `json:"order_ref"`
	Amount    int64  `json:"amount"` // minor units
	Currency  string `json:"currency"`
	RefundID  string `json:"refund_id"`
	Refunded  int64  `json:"refunded_amount"` // minor units
	// Count is how often the same bytes are sent; zero means once.
	Count int `json:"count"`
}

// letter is a signed callback on its way to one shop.
type letter struct {
	signer.Letter
	session, url string
	timestamp    string
}

// mute says that the switches let a notice fall.
func (s Settings) mute(a ledger.Application, n ledger.Callback) bool {
	if s.Callback == "drop" {
		return true
	}
	g := a.GivenBack(n.RefundID)
	return g.ID != "" && (s.RefundCallback == "off" || s.RefundCallback == "desk" && !g.Desk)
}

// afterwards is what the bank does once its answer is out; nil where nothing
// happened. The caller's connection may be gone by then.
func (s *Sim) afterwards(ctx context.Context, c change) func() {
	if len(c.fresh) == 0 {
		return nil
	}
	return func() { s.announce(context.WithoutCancel(ctx), c) }
}

// announce sends what a step has to tell, unless a switch holds it back. A notice
// that does not arrive waits in the books.
func (s *Sim) announce(ctx context.Context, c change) {
	set := s.Settings()
	if set.Callback == "hold" {
		return
	}
	for _, n := range c.fresh {
		// The outcome stands in the books and in the history.
		_, _ = s.tell(ctx, c.Application, n, set)
	}
}

// tell sends one notice and books the shop's answer.
func (s *Sim) tell(ctx context.Context, a ledger.Application, n ledger.Callback, set Settings) ([]int, error) {
	m := Message{Status: n.Word, RefundID: n.RefundID, Refunded: n.Returned}
	if set.RefundAmount == "refund" {
		m.Amount = a.GivenBack(n.RefundID).Amount
	}
	if set.Callback == "double" {
		m.Count = 2
	}
	answers, err := s.post(ctx, a, m, set)
	if len(answers) == 0 {
		answers = []int{0}
	}
	for _, status := range answers {
		_, booked := s.Book.Change(a.Session, func(a *ledger.Application) error {
			a.Sent(n.Number, status)
			return nil
		})
		err = errors.Join(err, booked)
	}
	return answers, err
}

// post signs a message once and sends it as often as it says.
func (s *Sim) post(ctx context.Context, a ledger.Application, m Message, set Settings) ([]int, error) {
	l, err := s.sign(a, m, set)
	if err != nil {
		return nil, err
	}
	s.keep(l)
	return simbank.Repeat(ctx, m.Count, func(ctx context.Context) (int, error) { return s.deliver(ctx, l) })
}

// keep remembers a letter for a replay, and forgets the oldest where there are too many.
func (s *Sim) keep(l letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last, l)
	s.last = s.last[max(0, len(s.last)-maxLetters):]
}

func (s *Sim) sign(a ledger.Application, m Message, set Settings) (letter, error) {
	key, err := s.opts.PKI.Signer(set.Family(), set.Key)
	if err != nil {
		return letter{}, err
	}
	signed, err := signer.Sign(key, set.Scheme, written(a, m, set), s.Now())
	l := letter{Letter: signed, session: a.Session, url: a.CallbackURL}
	if set.TimestampHeader != "" && err == nil {
		l.timestamp = signed.Header.Get(set.TimestampHeader)
	}
	return l, err
}

// written is the body of a callback under the switches.
func written(a ledger.Application, m Message, set Settings) []byte {
	b := partnerapi.NewBody(set.AmountFormat, func(name string) bool { return slices.Contains(set.CallbackOmit, name) }).
		Text("session_id", cmp.Or(m.SessionID, set.SwapSession, a.Session)).
		Text("order_ref", cmp.Or(m.OrderRef, a.Reference)).
		Text("status", cmp.Or(m.Status, a.Word(set.Rules))).
		Amount("amount", cmp.Or(m.Amount, a.Amount)).
		Text("currency", cmp.Or(m.Currency, a.Currency))
	if m.RefundID != "" {
		b.Text("refund_id", m.RefundID)
	}
	if m.Refunded != 0 {
		b.Amount("refunded_amount", m.Refunded)
	}
	if set.CallbackExtra {
		b.Text("channel", "mobile")
	}
	return b.JSON()
}

// deliver sends a letter and returns the shop's HTTP status.
func (s *Sim) deliver(ctx context.Context, l letter) (int, error) {
	status, err := s.knock(ctx, l)
	sent := SentCallback{At: s.Now(), SessionID: l.session, Host: partnerapi.HostOf(l.url), Body: string(l.Body),
		Timestamp: l.timestamp, HTTP: status}
	for name, values := range l.Header {
		if name != "Content-Type" && (l.timestamp == "" || values[0] != l.timestamp) {
			sent.Signature = append(sent.Signature, values...)
		}
	}
	if err != nil {
		sent.Why = err.Error()
	}
	s.noteSent(sent)
	return status, err
}

func (s *Sim) knock(ctx context.Context, l letter) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.Body))
	if err != nil {
		return 0, errors.New("callback: the shop's address cannot be called")
	}
	request.Header = l.Header.Clone()
	return s.Send(request)
}

// callEarly plays the callback that overtakes the answer of create.
func (s *Sim) callEarly(ctx context.Context, a ledger.Application, set Settings) error {
	switch set.Callback {
	case "early":
		_, err := s.post(ctx, a, Message{Status: ledger.Approved}, set)
		return err
	case "early_paid":
		c, err := s.act(a.Session, (*ledger.Application).Approve)
		if err == nil {
			s.announce(ctx, c)
		}
		return err
	}
	return nil
}
