package payment

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// claim is a report that may tell of money given back: each word of a bank, with each figure that can stand beside it.
type claim struct {
	name string
	r    Report
}

// claimsOfAll gives the claims of a table: words × totals × currencies × ids.
func claimsOfAll() (all []claim) {
	own, foreign := Money{testAmount, AZN}, Money{testAmount, BYN}
	totals := []Sum{{}, Said(0), Said(2000), Said(4000), Said(9000), Said(testAmount), Said(testAmount + 5000)}
	states := []State{BankUnknown, BankUnclear, BankOpen, BankProcessing, BankApproved, BankRefunding, BankRefunded,
		BankReturned,
		BankDeclined, BankCancelled, BankExpired}
	for _, state := range states {
		for _, total := range totals {
			for currency, amount := range map[string]Money{"no": {}, "our": own, "a foreign": foreign} {
				for _, id := range []string{"", "b9"} {
					r := Report{State: state, Word: "W-" + string(state), Amount: amount, Refunded: total, RefundID: id}
					figure := "no total"
					if total.Said {
						figure = fmt.Sprint(total.Minor)
					}
					all = append(all, claim{fmt.Sprintf("%s, %s, %s currency, id %q", state, figure, currency, id), r})
				}
			}
		}
	}
	return all
}

// grounds are the payments that a claim may meet.
func grounds(t *testing.T) map[string]Payment {
	t.Helper()
	lost := func(answer Answer) Payment {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
		return apply(t, p, RefundAnswer{ID: "rf_one", Answer: answer, Reading: pointer(totalling(BankApproved, 0))}, early)
	}
	part := refundingPayment(t, early, RefundIntent{Amount: 4000})
	part = apply(t, part, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
	all := map[string]Payment{
		"pending": pendingPayment(t, 1), "paid": paidPayment(t), "a part given back": part,
		"a part of the desk's":  apply(t, paidPayment(t), reported(totalling(BankApproved, 4000)), early),
		"all given back":        apply(t, paidPayment(t), reported(totalling(BankReturned, testAmount)), early),
		"a refund just sent":    refundingPayment(t, early, RefundIntent{Amount: 5000}),
		"a refund, no answer":   lost(AnswerLost),
		"a refund, a plain yes": lost(AnswerDone),
	}
	crowded := paidPayment(t) // a total of all three is more than was captured
	for _, amount := range []int64{8000, 10000, 2000} {
		crowded.Refunds = append(crowded.Refunds, Refund{ID: fmt.Sprint("rf_", amount), Amount: amount, Origin: OriginShop,
			By:     "shop:k1",
			Status: RefundFailed, Answer: AnswerLost, RequestedAt: early, SettledAt: early, BaseListed: -1})
	}
	all["refunds that seemed lost"] = crowded
	for _, end := range []State{BankDeclined, BankExpired} {
		all[string(end)] = apply(t, pendingPayment(t, 1), reported(Report{State: end, Word: "NO"}), early)
	}
	for _, why := range []Review{ReviewAmount, ReviewCurrency, ReviewSession, ReviewStatus, ReviewRegress, ReviewRefund} {
		p := paidPayment(t)
		p.review(early, why)
		all["paid, under "+string(why)] = p
	}
	return all
}

// ways are how a claim comes, and what the bank says besides: nil = it is the bank's answer itself. Each is repeated a
// day later.
func ways() map[string]func(p Payment, c claim) Event {
	amount := Money{testAmount, AZN}
	return map[string]func(Payment, claim) Event{
		"signed, and that is enough":    func(Payment, claim) Event { return NoticeTrust{} },
		"signed, and nobody to ask":     func(Payment, claim) Event { return Silence{Unsupported: true} },
		"signed, and the bank is mute":  func(Payment, claim) Event { return Silence{} },
		"signed, and read without sums": func(Payment, claim) Event { return reported(approved()) },
		"signed, and the total lags": func(p Payment, _ claim) Event {
			return reported(Report{State: BankApproved, Word: "APPROVED", Amount: amount, Refunded: Said(p.Refunded)})
		},
		"signed, and read the same": func(_ Payment, c claim) Event { return reported(c.r) },
		"answered":                  nil,
	}
}

// news says whether a claim tells of money given back that is not on record, and how much is claimed in all: -1 =
// nobody says.
func (c claim) news(p Payment) (total int64, is bool) {
	back := c.r.State == BankRefunded || c.r.State == BankReturned
	ours := p.InFlight()
	yes := ours != nil && ours.Answer == AnswerDone
	foreign := c.r.Amount != (Money{}) && c.r.Amount.Currency != AZN
	switch known := p.Captured > 0 && p.Refunded == p.Captured; {
	case c.r.Refunded.Said && c.r.Refunded.Minor > 0 && foreign:
		return -1, !known
	case c.r.Refunded.Said && c.r.Refunded.Minor > 0:
		return c.r.Refunded.Minor, c.r.Refunded.Minor > p.Refunded
	case known:
		return -1, false
	case c.r.State == BankUnclear:
		return -1, p.Status.Money()
	case c.r.State == BankReturned && !c.r.Refunded.Said && !foreign:
		return max(p.Captured, testAmount), true
	case (back || c.r.State == BankRefunding) && foreign:
		return -1, true
	case c.r.State == BankRefunding:
		return -1, p.Refunded == 0 && p.Status.Money() // before, that the bank took it says as much
	case back || c.r.State == BankApproved && c.r.RefundID != "":
		return -1, p.Refunded == 0 && !yes && (c.r.State != BankApproved || !c.r.Refunded.Said)
	}
	return 0, false
}

// alarmed says whether somebody looks at a payment that was not looked at for this reason before.
func alarmed(before, p Payment) bool {
	return len(p.Reviews) > 0 && !slices.Equal(before.Reviews, p.Reviews)
}

// Whatever word and whatever figures tell of money given back, on whichever payment and by whichever way: nothing of it
// is forgotten, nothing more is sent before it is known, and no more is booked than was captured.
func TestNoClaimOfMoneyGivenBackIsForgotten(t *testing.T) {
	tried := 0
	for ground, p := range grounds(t) {
		for _, c := range claimsOfAll() {
			for way, answer := range ways() {
				tried++
				next, err := p, error(nil)
				say := func(e Event, at time.Time) {
					if err == nil {
						next, err = Apply(next, e, at)
					}
				}
				signed := answer != nil
				if !signed && c.r.State == BankUnclear || !c.r.Possible() {
					continue // only a signature makes anything of it
				}
				if signed {
					say(NoticeArrival{Handle: testHandle, Report: c.r}, early)
					say(answer(p, c), early.Add(time.Minute))
				} else {
					say(reported(c.r), early)
				}
				name := ground + "; " + c.name + "; " + way
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				heldAt(t, name, p, next, c, signed)
				if signed {
					say(answer(p, c), late)
				} else {
					say(reported(c.r), late)
				}
				settledAt(t, name, p, next, c)
			}
		}
	}
	if tried < 50000 {
		t.Errorf("only %d were tried", tried)
	}
}

// heldAt is what must be true as soon as a claim was heard.
func heldAt(t *testing.T, name string, before, p Payment, c claim, signed bool) {
	t.Helper()
	total, news := c.news(before)
	booked := total >= 0 && p.Refunded >= min(total, max(p.Captured, 1))
	under := !signed && c.r.State == BankRefunding // whoever reads this sends nothing, and reads it again
	if news && !booked && !under && len(p.Notices) == 0 && len(p.Reviews) == 0 && p.InFlight() == nil {
		t.Errorf("%s: forgotten: %s, refunded %d", name, p.Status, p.Refunded)
	}
	if !p.Status.Money() || p.InFlight() != nil {
		return
	}
	next, err := Apply(p, owned(RefundIntent{ID: "rf_new", Amount: 100, Base: pointer(approved())}, late), late)
	if news && !booked && !under && err == nil {
		t.Errorf("%s: a refund is sent: refunded %d, reviews %v, kept %v", name, p.Refunded, p.Reviews, next.Notices)
	}
	called := p.InReview(ReviewRefund) || p.InReview(ReviewStatus) && !before.InReview(ReviewStatus)
	if total > p.Captured && news && !called && !under {
		t.Errorf("%s: more than was captured, and nobody is called: refunded %d, reviews %v", name, p.Refunded, p.Reviews)
	}
	plain := c.r.State == BankApproved || c.r.State == BankRefunded && c.r.Refunded.Said && c.r.Refunded.Minor > 0
	known := plain && c.r.RefundID == "" && (c.r.Amount == (Money{}) || c.r.Amount.Currency == AZN)
	if signed && !news && known && before.Status.Money() && alarmed(before, p) {
		t.Errorf("%s: a person is called for what is on record: reviews %v", name, p.Reviews)
	}
}

// settledAt is what must be true a day later: what is not booked by then, a person sees.
func settledAt(t *testing.T, name string, before, p Payment, c claim) {
	t.Helper()
	total, news := c.news(before)
	booked := total >= 0 && p.Refunded >= total
	if news && !booked && len(p.Reviews) == 0 && c.r.State != BankRefunding {
		t.Errorf("%s, a day later: nobody looks: %s, refunded %d, kept %v", name, p.Status, p.Refunded, p.Notices)
	}
	if p.Refunded > p.Captured {
		t.Errorf("%s: refunded %d of %d", name, p.Refunded, p.Captured)
	}
}
