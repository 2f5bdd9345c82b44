package screen

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"kassa/infra/console/frame"
	"kassa/infra/kassa/evidence"
	"kassa/shared/bank"
	"kassa/shared/boot"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// paymentPage is one payment with all that is on record about it, but for what opens doors: no token and no page of the
// bank.
type paymentPage struct {
	frame.Frame
	P        payment.Payment
	Title    string // what the bank is called
	Timeline []moment
	Reviews  []advice
	Attempts []payment.Payment // of the order, the newest first, where there are several
	Answer   *answer           // what the bank says now, where it was asked
	Done     string            // the key of what was just done; "" for nothing
}

// moment is one entry of the history with what belongs to it.
type moment struct {
	payment.Entry
	Code, Means string // the bank's code, and what it says
	Why         string // of a person's decision
	Delivery    *delivery.Delivery
}

// answer is what the bank says of a payment now. Nothing of it goes on record.
type answer struct {
	At     time.Time
	Report payment.Report
	Err    *frame.Fault // why there is none
	None   bool         // this bank has no such question
	Same   bool         // it says what is on record
}

// load reads the payment of an address and makes its shop the visit's.
func (s *screens) load(v *frame.Visit) (payment.Payment, error) {
	id, known := payment.ParseID(v.R.PathValue("id"))
	if !known {
		return payment.Payment{}, frame.NoPayment
	}
	p, err := s.Store.Load(v.R.Context(), id)
	if err == nil {
		s.site.At(v, p.Shop)
	}
	return p, err
}

func (s *screens) payment(v *frame.Visit) (any, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	return s.page(v, p)
}

// evidence gives the document for the bank in a dispute, as `kassa payment evidence` makes it, in the page's language.
func (s *screens) evidence(v *frame.Visit) (any, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	d, err := evidence.Of(p, boot.Profiles()[p.Bank], s.Now())
	if err != nil {
		return nil, err
	}
	attach(v, "text/html; charset=utf-8", "evidence-"+p.ID.String()+".html")
	if d.HTML(v.W, v.Language) != nil {
		return nil, frame.ErrCut
	}
	return nil, nil
}

// page is the payment's page.
func (s *screens) page(v *frame.Visit, p payment.Payment) (*paymentPage, error) {
	page := &paymentPage{Frame: v.Frame, P: p, Title: titleOf(p)}
	attempts, err := s.Service.Orders(v.R.Context(), p.Shop, p.OrderRef)
	if err != nil {
		return nil, err
	}
	if len(attempts) > 1 {
		page.Attempts = attempts
	}
	for _, e := range slices.Backward(p.History) {
		page.Timeline = append(page.Timeline, page.moment(e))
	}
	for _, reason := range p.Reviews {
		page.Reviews = append(page.Reviews, adviceOn(v, p, reason))
	}
	page.done(v.R.URL.Query())
	return page, nil
}

// moment joins an entry with the decision that it stands for, what its code says, and how the shop was told.
func (p *paymentPage) moment(e payment.Entry) moment {
	m := moment{Entry: e, Code: e.Code}
	if e.What == string(payment.Declined) {
		m.Code = cmp.Or(e.Code, p.P.Decline.Code)
	}
	if m.Code != "" && (e.What == string(payment.Declined) || e.What == "refund_failed") {
		m.Means = p.means(m.Code)
	}
	for _, r := range p.P.Resolutions {
		if r.Sequence == e.Sequence {
			m.Why = r.Why
		}
	}
	for _, d := range p.P.Deliveries {
		if d.Sequence == e.Sequence {
			m.Delivery = &d
		}
	}
	return m
}

// titleOf is what a payment's bank is called.
func titleOf(p payment.Payment) string { return cmp.Or(boot.Profiles()[p.Bank].Title, p.Bank) }

// done reads from the address what was just done, and tells it as it is on record: the address itself proves nothing.
func (p *paymentPage) done(query url.Values) {
	if r, there := p.P.FindRefund(query.Get("refund")); there {
		p.Done = "done.refund." + refundState(r)
		return
	}
	switch word := query.Get("done"); {
	case word == "cancelled" && p.P.Status == payment.Cancelled, word == "decided" && len(p.P.Resolutions) > 0,
		word == "sent" && len(p.P.Deliveries) > 0:
		p.Done = "done." + word
	}
}

// Cancellable says whether the payment can still be called off.
func (p *paymentPage) Cancellable() bool { return p.Write && p.P.Status.Live() }

// Returnable says whether there is money to give back.
func (p *paymentPage) Returnable() bool { return p.Write && p.Refundable() > 0 && p.P.Status.Money() }

// Untold says whether the shop has not taken some message.
func (p *paymentPage) Untold() bool { return p.Write && len(p.P.Undelivered()) > 0 }

// means is what a bank's code of a refusal says.
func (p *paymentPage) means(code string) string {
	return p.Say("cause." + string(boot.Profiles()[p.P.Bank].CauseOf(p.P.Handle.Account.Gateway, code)))
}

// Declined is why the bank refused, in words; "" where nobody said so.
func (p *paymentPage) Declined() string {
	if p.P.Status != payment.Declined || p.P.Decline.Code == "" {
		return ""
	}
	return p.means(p.P.Decline.Code)
}

// Hint is what the shop tells the customer about a refusal.
func (p *paymentPage) Hint() string {
	return p.Say("decline." + string(cmp.Or(p.P.Decline.Hint, payment.HintOther)))
}

// Sum is an amount in the payment's currency.
func (p *paymentPage) Sum(minor int64) string { return p.Money(minor, p.P.Amount.Currency) }

// Refundable is what can still be given back.
func (p *paymentPage) Refundable() int64 { return max(0, p.P.Refundable()) }

// Real says whether this is money, and no test of the bank's.
func (p *paymentPage) Real() bool { return p.P.Handle.Account.Environment == "prod" }

// Event is the type of message that tells the shop of an entry, in words.
func (p *paymentPage) Event(sequence int64) string { return told(p.Frame, p.P, sequence) }

// RefundState is how a refund stands, in the API's words.
func (p *paymentPage) RefundState(r payment.Refund) string { return p.Word("status", refundState(r)) }

// refundState is the API's word: what is in flight is processing.
func refundState(r payment.Refund) string {
	if r.Status == payment.RefundBegun || r.Status == payment.RefundUnknown {
		return "processing"
	}
	return string(r.Status)
}

// patience bounds what asks a bank. A bank's call has its own limit of 20 s, and a refund needs a reading before and
// may need one after it.
const patience = 40 * time.Second

// askBank puts one question to the bank and shows what it says beside what is on record. It changes nothing: what the
// bank says comes on record by the ways in which it always does.
func (s *screens) askBank(v *frame.Visit) (any, error) {
	p, err := s.load(v)
	if err != nil {
		return nil, err
	}
	page, err := s.page(v, p)
	if err != nil {
		return nil, err
	}
	page.Answer = &answer{At: s.Now()}
	if p.Handle.OrderID == "" {
		page.Answer.None = true
		return page, nil
	}
	ctx, cancel := context.WithTimeout(v.R.Context(), patience)
	defer cancel()
	err = s.Service.Banks.With(ctx, p.Shop, p.Bank, func(b bank.Bank) (err error) {
		page.Answer.Report, err = b.Status(ctx, p.Handle)
		return err
	})
	switch {
	case payment.KindOf(err) == payment.Unsupported && err != nil:
		page.Answer.None = true
	case err != nil:
		said, _ := frame.FaultOf(err)
		if said.Word == "unavailable" || said.Word == "payment" {
			said.Word = "bank"
		}
		said.Frame = v.Frame
		page.Answer.Err = &said
	}
	page.Answer.Same = agrees(p, page.Answer.Report)
	return page, nil
}

// agrees says whether what the bank states is what is on record.
func agrees(p payment.Payment, r payment.Report) bool {
	if r.Amount.Currency != "" && r.Amount.Currency != p.Amount.Currency {
		return false
	}
	returned := !r.Refunded.Said || r.Refunded.Minor == p.Refunded
	switch r.State {
	case payment.BankApproved, payment.BankRefunded, payment.BankReturned, payment.BankRefunding:
		return p.Status.Money() && returned && (r.Amount.Minor == 0 || r.Amount.Minor == p.Captured)
	case payment.BankOpen, payment.BankProcessing:
		return p.Status.Live()
	case payment.BankDeclined, payment.BankCancelled, payment.BankExpired:
		return strings.EqualFold(string(r.State), string(p.Status))
	}
	return false
}
