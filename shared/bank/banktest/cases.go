package banktest

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// profile is read without asking anybody, and Open keeps to it.
func (s *suite) profile() {
	p := s.Bank.Profile()
	if p.Name == "" || p.Title == "" || p.PageLife <= 0 || p.Line.Address == nil || p.Line.Trust == nil {
		s.Errorf("the profile says too little: %+v", p)
	}
	for op, broken := range p.Broken {
		if broken != nil {
			s.Errorf("%s is broken: %v", op, broken)
		}
	}
	right, foreign, long := s.order(), s.order(), s.order()
	foreign.Amount.Currency, long.Term = "XTS", -1
	if wrong := p.Examine(right); len(wrong) > 0 {
		s.Errorf("an order in %s is refused: %+v", right.Amount.Currency, wrong)
	}
	for pointer, o := range map[string]bank.Order{"/currency": foreign, "/term": long} {
		if wrong := p.Examine(o); len(wrong) == 0 || wrong[0].Pointer != pointer {
			s.Errorf("an order with a wrong %s: %+v", pointer, wrong)
		}
		_, err := s.Bank.Open(s.Context(), o)
		s.fails("an order with a wrong "+pointer, err, payment.Refused)
	}
	if n := s.Ledger().Orders; n != 0 {
		s.Errorf("the bank heard of %d orders", n)
	}
}

func (s *suite) opening() {
	session, err := s.Bank.Open(s.Context(), s.order())
	if err != nil {
		s.Fatalf("open: %v", err)
	}
	h := session.Handle
	if h.OrderID == "" || h.Account.Merchant == "" || h.Account.Environment == "" {
		s.Errorf("the handle names no order, merchant or environment: order %q of %q in %q", h.OrderID, h.Account.Merchant,
			h.Account.Environment)
	}
	if !strings.HasPrefix(session.RedirectURL, s.Pages) {
		s.Errorf("the customer is sent to %s, not to %s", session.RedirectURL, s.Pages)
	}
	if life := s.Bank.Profile().PageLife; !session.ExpiresAt.Equal(s.Now.Add(life)) {
		s.Errorf("the page ends at %s, not %s after it began", session.ExpiresAt, life)
	}
	if got := s.status(h); got.State != payment.BankOpen {
		s.Errorf("a fresh order is %s (%s)", got.State, got.Word)
	}
	if second := s.open(); second.OrderID == h.OrderID {
		s.Error("two openings gave the same order")
	}
	s.ledger(0, 0)
}

func (s *suite) openingFails() {
	for _, f := range []Fault{AnswerLost, AnswerJunk, NotDone} {
		s.fault(bank.OpOpen, f)
		_, err := s.Bank.Open(s.Context(), s.order())
		s.fails("open, "+string(f), err, payment.Uncertain, payment.Unavailable)
	}
	bad := s.order()
	s.Spoil(&bad)
	_, err := s.Bank.Open(s.Context(), bad)
	s.fails("an order that cannot be sent", err, payment.Refused, payment.Invalid)
	s.ledger(0, 0)
}

func (s *suite) outcomes() {
	for step, want := range s.Outcomes {
		h := s.open()
		s.drive(h, step)
		report := s.status(h)
		if report.State != want || report.Word == "" {
			s.Errorf("after %s the order is %s (%q), want %s", step, report.State, report.Word, want)
		}
		if step == Approve && report.Amount != (payment.Money{}) && report.Amount != s.Amount {
			s.Errorf("the bank took %s, want %s", report.Amount, s.Amount)
		}
	}
	s.ledger(s.Amount.Minor, 0)
}

func (s *suite) statusFails() {
	h := s.open()
	s.drive(h, Approve)
	for _, f := range []Fault{AnswerLost, AnswerJunk, NotDone} {
		s.fault(bank.OpStatus, f)
		// A question may be asked again by the folder itself; what it must not do is make up an answer.
		report, err := s.Bank.Status(s.Context(), h)
		s.noteError(err)
		if err != nil && payment.KindOf(err) != payment.Unavailable {
			s.Errorf("%s: %v, want Unavailable", f, err)
		}
		if err == nil && report.State != payment.BankApproved {
			s.Errorf("%s: the order is %s", f, report.State)
		}
	}
}

func (s *suite) foreignHandles() {
	h := s.open()
	other, live, aside := h, h, h
	other.Account.Merchant += "9"
	live.Account.Environment += "9"
	aside.Account.Gateway += "9"
	for what, foreign := range map[string]bank.Handle{"another merchant": other, "another environment": live,
		"another gateway": aside, "no handle": {}} {
		_, err := s.Bank.Status(s.Context(), foreign)
		s.fails("status, "+what, err, payment.Misconfigured)
		if s.Bank.Profile().Refunds {
			_, err := s.Bank.Refund(s.Context(), s.refund(foreign, s.Amount.Minor, 0))
			s.fails("refund, "+what, err, payment.Misconfigured)
		}
	}
}

func (s *suite) refund(h bank.Handle, amount, before int64) bank.Refund {
	return bank.Refund{Handle: h, ID: payment.RefundID(payment.ID{Order: "pay_x", Attempt: 1}, h.OrderID),
		Amount:   payment.Money{Minor: amount, Currency: s.Amount.Currency},
		Captured: s.Amount.Minor, Returned: before, PaidAt: s.Now, Reason: "banktest", Now: s.Now.Add(time.Minute)}
}

// paid opens and pays an order at a bank that gives money back.
func (s *suite) paid() bank.Handle {
	s.Helper()
	if !s.Bank.Profile().Refunds {
		s.Skip("this bank gives no money back")
	}
	h := s.open()
	s.drive(h, Approve)
	return h
}

func (s *suite) refundsInParts() {
	h := s.paid()
	part := s.Amount.Minor / 3
	for _, step := range []struct{ amount, before int64 }{{part, 0}, {part, part}, {s.Amount.Minor - 2*part, 2 * part}} {
		if _, err := s.Bank.Refund(s.Context(), s.refund(h, step.amount, step.before)); err != nil {
			s.Fatalf("refund of %d after %d: %v", step.amount, step.before, err)
		}
		total := step.amount + step.before
		s.ledger(s.Amount.Minor, total)
		report := s.status(h)
		if report.Refunded.Said && report.Refunded.Minor != total {
			s.Errorf("the bank reports %d given back, want %d", report.Refunded.Minor, total)
		}
		if whole := total == s.Amount.Minor; whole && !gaveBack(report.State) ||
			!whole && report.State == payment.BankReturned {
			s.Errorf("after %d of %d the order is %s", total, s.Amount.Minor, report.State)
		}
	}
}

// gaveBack says whether a state tells that money went back: all of it, or as much as the total says.
func gaveBack(s payment.State) bool { return s == payment.BankReturned || s == payment.BankRefunded }

func (s *suite) refundsWhole() {
	h := s.paid()
	if _, err := s.Bank.Refund(s.Context(), s.refund(h, s.Amount.Minor, 0)); err != nil {
		s.Fatalf("refund: %v", err)
	}
	s.ledger(s.Amount.Minor, s.Amount.Minor)
	report := s.status(h)
	if !gaveBack(report.State) || report.Refunded.Said && report.Refunded.Minor != s.Amount.Minor {
		s.Errorf("after the refund: %+v", report)
	}
	_, err := s.Bank.Refund(s.Context(), s.refund(h, s.Amount.Minor, 0))
	s.fails("the same once more", err, payment.Refused, payment.Uncertain)
	s.ledger(s.Amount.Minor, s.Amount.Minor)
}

func (s *suite) refundsTooMuch() {
	h := s.paid()
	_, err := s.Bank.Refund(s.Context(), s.refund(h, s.Amount.Minor+1, 0))
	s.fails("one minor unit too much", err, payment.Refused)
	s.ledger(s.Amount.Minor, 0)
	if _, err := s.Bank.Refund(s.Context(), s.refund(h, 100, 0)); err != nil {
		s.Fatalf("refund: %v", err)
	}
	_, err = s.Bank.Refund(s.Context(), s.refund(h, s.Amount.Minor-99, 100))
	// where no figure shows what went back, a refusal may be for a second copy
	s.fails("one minor unit more than is left", err, payment.Refused, payment.Uncertain)
	s.ledger(s.Amount.Minor, 100)
}

func (s *suite) refundLost() {
	for _, amount := range []int64{100, s.Amount.Minor} {
		for f, moved := range map[Fault]int64{AnswerLost: amount, AnswerJunk: amount, NotDone: 0} {
			h := s.paid()
			before := s.Ledger().Returned
			s.fault(bank.OpRefund, f)
			_, err := s.Bank.Refund(s.Context(), s.refund(h, amount, 0))
			s.fails("refund, "+string(f), err, payment.Uncertain)
			if got := s.Ledger().Returned - before; got != moved {
				s.Errorf("%s: %d was given back, want %d", f, got, moved)
			}
		}
	}
}

func (s *suite) deadBank() {
	h := s.open()
	s.drive(h, Approve)
	_, err := s.Dead.Open(s.Context(), s.order())
	s.fails("open", err, payment.Unavailable)
	_, err = s.Dead.Status(s.Context(), h)
	s.fails("status", err, payment.Unavailable)
	if s.Dead.Profile().Refunds {
		_, err = s.Dead.Refund(s.Context(), s.refund(h, s.Amount.Minor, 0))
		s.fails("refund", err, payment.Unavailable)
	}
	s.ledger(s.Amount.Minor, 0)
}

func (s *suite) garbage() {
	h := s.open()
	form := map[string]string{"content-type": "application/x-www-form-urlencoded"}
	for what, c := range map[string]bank.Message{
		"a method nobody uses": {Method: "DELETE"},
		"broken escapes":       {Method: http.MethodPost, Header: form, Body: []byte("xmlmsg=%zz&a=%")},
		"bytes":                {Method: http.MethodPost, Header: form, Body: []byte("xmlmsg=\x00\xff\xfe")},
		"half a document": {Method: http.MethodPost, Header: form,
			Body: []byte("xmlmsg=" + url.QueryEscape("<Message><OrderID>1"))},
		"a megabyte": {Method: http.MethodPost, Header: form, Body: []byte(strings.Repeat("a", 1<<20))},
		"JSON in a JSON body": {Method: http.MethodPost, Header: map[string]string{"content-type": "application/json"},
			Body: []byte(`{"a":[[[`)},
	} {
		c.Now, c.Handle = s.Now, h
		notice, err := s.Bank.Read(c)
		if err != nil {
			s.fails(what, err, payment.Malformed, payment.Forged)
		} else if notice.Proven || notice.Handle != (bank.Handle{}) || notice.Report.State != "" {
			s.Errorf("%s says something: %+v", what, notice)
		}
	}
	notice, err := s.Bank.Read(bank.Message{Method: http.MethodGet, Query: url.Values{}, Browser: true, Handle: h,
		Now: s.Now})
	s.noteError(err)
	if err == nil && notice.Proven {
		s.Error("an empty message proves something")
	}
}

// readings are believed as they came, and not with one byte changed.
func (s *suite) readings() {
	if s.Notice == nil {
		s.Skip("this bank's messages prove nothing")
	}
	h := s.paid()
	c, err := s.Notice(h)
	if err != nil {
		s.Fatalf("the simulator could not tell its notice: %v", err)
	}
	c.Handle, c.Now = h, s.Now
	notice, err := s.Bank.Read(c)
	s.noteError(err)
	if err != nil || !notice.Proven || notice.Handle.OrderID != h.OrderID || notice.Report.State != payment.BankApproved {
		s.Errorf("the bank's own notice: %+v, %v", notice, err)
	}
	for i := range c.Body {
		altered := c
		altered.Body = append([]byte(nil), c.Body...)
		altered.Body[i] ^= 1
		_, err := s.Bank.Read(altered)
		s.fails("a notice with one bit changed", err, payment.Forged)
	}
	c.Header = nil
	_, err = s.Bank.Read(c)
	s.fails("a notice without its signature", err, payment.Forged)
}
