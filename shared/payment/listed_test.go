package payment

import (
	"testing"
	"time"
)

// listing is a reading whose total is what it lists.
func listing(ops ...Operation) Report {
	total := sum(ops)
	return Report{State: BankApproved, Word: "APPROVED", Amount: Money{testAmount, AZN}, Refunded: Said(total),
		Operations: append([]Operation{}, ops...)}
}

// A bank that works its queue off late lists the operation where it began, in the middle of those that are on record:
// what is new is what is on record by neither id nor amount, and not the list's last lines. By these, 25.00 given back
// twice at the desk were taken for the news, and the refund of ours that the bank had done stayed failed.
func TestWhatIsNewInAListStandsAnywhereInIt(t *testing.T) {
	for name, id := range map[string]func(string) string{"ids": func(s string) string {
		return s
	}, "none": func(string) string { return "" }} {
		desk := []Operation{{id("d1"), 2500}, {id("d2"), 2500}}
		// A lost refund that has failed: nothing is in flight.
		p, at := lapsedRefund(t)
		p = apply(t, p, reported(listing(desk...)), at)
		if len(p.Refunds) != 3 || p.Refunds[1].BankRefundID != id("d1") || p.Refunds[2].BankRefundID != id("d2") {
			t.Fatalf("%s: the desk's two are %+v", name, p.Refunds)
		}
		p = apply(t, p, reported(listing(Operation{id("b"), ours}, desk[0], desk[1])), at.Add(time.Hour))
		if r := p.Refunds[0]; r.Status != RefundSucceeded || len(p.Refunds) != 3 || p.Refunded != 2*ours {
			t.Errorf("%s: a lost one is %s, refunded %d, %+v", name, r.Status, p.Refunded, p.Refunds)
		}
		// A refund in flight.
		p = apply(t, paidPayment(t), reported(listing(desk...)), early)
		p = apply(t, p, owned(RefundIntent{Amount: ours, Base: pointer(listing(desk...))}, early), early)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
		p = apply(t, p, reported(listing(desk[0], Operation{id("b"), ours}, desk[1])), late)
		if r, _ := p.FindRefund("rf_one"); r.Status != RefundSucceeded || len(p.Refunds) != 3 {
			t.Errorf("%s: the one in flight is %s, %+v", name, r.Status, p.Refunds)
		}
	}
}

// What is on record as one sum, because the bank told a total alone then, cannot be found in a list: who the growth
// belongs to is not known by it, and the total decides.
func TestAListThatDoesNotHoldWhatIsOnRecordIsNone(t *testing.T) {
	p := apply(t, paidPayment(t), reported(totalling(BankApproved, 4000)), early)
	p = apply(t, p, owned(RefundIntent{Amount: ours,
		Base: pointer(listing(Operation{"d1", 1000}, Operation{"d2", 3000}))}, early), early)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	grown := listing(Operation{"d1", 1000}, Operation{"d2", 3000}, Operation{"d3", 4000}, Operation{"d4", 1000})
	if next := apply(t, p, reported(grown), late); next.Refunded != 4000+ours || next.InFlight() != nil {
		t.Errorf("grown by just ours: refunded %d, reviews %v", next.Refunded, next.Reviews)
	}
	grown = listing(Operation{"d1", 1000}, Operation{"d2", 3000}, Operation{"d3", 700})
	if next := apply(t, p, reported(grown), late); next.Refunded != 4000 || next.InFlight() == nil ||
		!next.InReview(ReviewRefund) {
		t.Errorf("grown by something else: refunded %d, reviews %v", next.Refunded, next.Reviews)
	}
}

// More than the desk's entries can be: the last one grows, and keeps the name of its first.
func TestMoreDeskRefundsThanEntriesAddToTheLast(t *testing.T) {
	p, ops := paidPayment(t), []Operation{}
	for i := range MaxDeskRefunds + 2 {
		ops = append(ops, Operation{string(rune('a' + i)), 100})
	}
	p = apply(t, p, reported(listing(ops...)), early)
	last := p.Refunds[len(p.Refunds)-1]
	if len(p.Refunds) != MaxDeskRefunds || last.Amount != 300 || last.BankRefundID != "j" || p.Refunded != 1200 {
		t.Errorf("%d refunds, refunded %d, the last %+v", len(p.Refunds), p.Refunded, last)
	}
	if again := apply(t, p, reported(listing(ops...)), late); again.Sequence != p.Sequence {
		t.Errorf("told again: %v", whats(again, len(p.History)))
	}
}

// A total that lags shows a lost refund in pieces, which are booked as the desk's: that they add up to it calls a
// person, until one has looked. What the bank lists by its own names is the desk's.
func TestADeskThatAddsUpToALostRefundCallsAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []Report
		want   bool
	}{
		"in two": {[]Report{totalling(BankApproved, 2000), totalling(BankApproved, ours)}, true},
		"in two, and others": {[]Report{totalling(BankApproved, 700), totalling(BankApproved, 2700),
			totalling(BankApproved, ours+700)}, true},
		"another sum": {[]Report{totalling(BankApproved, 2000), totalling(BankApproved, ours-1)}, false},
		"listed":      {[]Report{listing(Operation{"d1", 2000}, Operation{"d2", ours - 2000})}, false},
	} {
		p, at := lapsedRefund(t)
		for _, r := range c.pieces {
			p = apply(t, p, reported(r), at)
			at = at.Add(time.Hour)
		}
		last := reported(c.pieces[len(c.pieces)-1])
		p = apply(t, p, last, at)
		if p.InReview(ReviewRefund) != c.want || p.Refunds[0].Status != RefundFailed {
			t.Errorf("%s: reviews %v, %+v", name, p.Reviews, p.Refunds)
		}
		if !c.want {
			continue
		}
		p = apply(t, p, decision(ResolveDismiss), at)
		if p = apply(t, p, last, at.Add(time.Hour)); len(p.Reviews) != 0 {
			t.Errorf("%s: a person has looked, and reviews are %v", name, p.Reviews)
		}
	}
	p, at := lapsedRefund(t)
	p.Refunds = append([]Refund{{ID: "before", Amount: ours, Origin: OriginBank, Status: RefundSucceeded,
		SettledAt: start}}, p.Refunds...)
	p.Refunded, p.Status = ours, PartiallyRefunded
	if p = apply(t, p, reported(totalling(BankApproved, ours)), at); len(p.Reviews) != 0 {
		t.Errorf("the desk's of before: reviews %v", p.Reviews)
	}
}

// A list that does not show yet what the bank has given an id for is believed in what it does show: a lost refund is
// known by its amount, though the total has grown by less than that.
func TestAListThatLagsIsBelievedInWhatItShows(t *testing.T) {
	p, at := lapsedRefund(t)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 1000, Base: pointer(listing())}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone, RefundID: "b1"}, at)
	p = apply(t, p, reported(listing(Operation{"b0", ours})), at.Add(time.Hour))
	if p.Refunds[0].Status != RefundSucceeded || len(p.Refunds) != 2 || p.Refunded != ours+1000 {
		t.Errorf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
	if next := apply(t, p, reported(listing(Operation{"b0", ours}, Operation{"b1", 1000})),
		at.Add(time.Hour)); next.Sequence != p.Sequence {
		t.Errorf("once it shows all: %v", whats(next, len(p.History)))
	}
}

// What a signed total told of the desk in one sum may be several operations, whatever name it came with: a list that
// lags shows none of them anew.
func TestASignedSumOfTheDeskIsNotBookedOnceMore(t *testing.T) {
	p := apply(t, paidPayment(t), reported(listing(Operation{"b0", 5000})), early)
	p = apply(t, apply(t, p, gaveBack(11000, "b2"), early), NoticeTrust{}, early)
	p = apply(t, p, reported(listing(Operation{"b0", 5000}, Operation{"b1", 5000})), early)
	if p.Refunded != 11000 || len(p.Refunds) != 2 {
		t.Errorf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
}

// An id is known before an amount, and without it.
func TestAnIDIsKnownBeforeAnAmount(t *testing.T) {
	p := apply(t, paidPayment(t), reported(listing(Operation{"b1", 1000}, Operation{"b2", 2000})), early)
	p.Refunds[0].Amount, p.Refunds[1].Amount = 3000, 4000 // as a sum may be
	if left, behind := p.unbooked(listing(Operation{"b2", 2000}, Operation{"b1", 1000}, Operation{"b3", 2000})); len(
		left) != 1 || left[0].ID != "b3" || behind != 0 {
		t.Errorf("left %v, behind %d", left, behind)
	}
}

// A refund of ours that a total alone has proven may have been the desk's in pieces: a list that does not hold it shows
// nothing anew.
func TestARefundThatATotalProvedIsNotBookedOnceMore(t *testing.T) {
	p := apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), reported(totalling(BankApproved, ours)), late)
	p = apply(t, p, reported(listing(Operation{"d1", 2000}, Operation{"d2", ours - 2000})), late)
	if p.Refunded != ours || len(p.Refunds) != 1 || p.Refunds[0].Status != RefundSucceeded {
		t.Errorf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
}

// Nor does it where the bank has named the refund when it took it, or a message of the desk's did later: what the bank
// lists was booked besides, and more stood there as given back than the bank's own total.
func TestARefundThatATotalProvedMayBearAName(t *testing.T) {
	desk := listing(Operation{"", 2000}, Operation{"", ours - 2000})
	pending := lostRefund(t, ours, totalling(BankApproved, 0))
	pending.Refunds[0].BankRefundID = "b1"
	alone := apply(t, pending, reported(totalling(BankApproved, ours)), late)
	signed := apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), reported(totalling(BankApproved, ours)), late)
	message := gaveBack(0, "d1")
	message.Report.Refunded = Sum{}
	signed = apply(t, apply(t, signed, message, late), NoticeTrust{}, late)
	failed, muchLater := lapsedRefund(t)
	failed.Refunds[0].BankRefundID = "b1"
	failed = apply(t, apply(t, failed, gaveBack(ours, ""), muchLater), NoticeTrust{}, muchLater)
	message = gaveBack(ours, "d1") // about both of the desk's, while ours is in flight
	total := apply(t, apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), message, late), NoticeTrust{}, late)
	nameless := apply(t, apply(t, pending, gaveBack(ours, ""), late), NoticeTrust{}, late)
	ruled := apply(t, pending, decision(ResolveRefundDone, "rf_one"), late)
	booked, _ := lapsedRefund(t)
	booked.Refunds[0].BankRefundID = "b1"
	booked = apply(t, booked, reported(Report{State: BankRefunded, Word: "REFUNDED"}), muchLater)
	booked = apply(t, booked, Ruling{How: ResolveRefundDone, Amount: ours, By: ByOperator("a"), Why: "b"}, muchLater)
	base := totalling(BankApproved, 0)
	atOnce := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: ours, Base: &base})
	atOnce = apply(t, atOnce, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1",
		Reading: pointer(totalling(BankApproved, ours))}, until)
	for name, p := range map[string]Payment{"promised": alone, "signed": signed, "failed": failed, "total": total,
		"nameless": nameless, "ruled": ruled, "booked": booked, "at once": atOnce} {
		if r := p.Refunds[0]; r.Status != RefundSucceeded || r.BankRefundID == "" {
			t.Fatalf("%s: %+v", name, r)
		}
		if p = apply(t, p, reported(desk), muchLater); p.Refunded != ours || len(p.Refunds) != 1 {
			t.Errorf("%s: refunded %d, %+v", name, p.Refunded, p.Refunds)
		}
	}
}

// Nor does it take the place of one that the bank has said yes to, in a list without names: that one seemed to be still
// to come, and what stood there besides was booked as the desk's.
func TestARefundThatATotalProvedYieldsToOneThatTheBankConfirmed(t *testing.T) {
	p := apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), reported(totalling(BankApproved, ours)), late)
	then := late.Add(time.Hour)
	second := RefundIntent{ID: "rf_two", Amount: ours, Base: pointer(totalling(BankApproved, ours))}
	p = apply(t, p, owned(second, then), then)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone, RefundID: "b2"}, then)
	list := listing(Operation{"", 2000}, Operation{"", ours - 2000}, Operation{"", ours})
	if p = apply(t, p, reported(list), then.Add(time.Hour)); p.Refunded != 2*ours || len(p.Refunds) != 2 {
		t.Errorf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
}

// One of all that was taken may bear a name, too, where no total was read before it: a person was called for what the
// desk had given back in pieces.
func TestAWholeRefundThatATotalProvedMayBearAName(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{All: true, Amount: testAmount})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1"}, early)
	p = apply(t, p, reported(totalling(BankReturned, testAmount)), late)
	next := apply(t, p, reported(listing(Operation{"d1", 1000}, Operation{"d2", testAmount - 1000})), late)
	if p.Status != Refunded || next.Sequence != p.Sequence || len(next.Refunds) != 1 {
		t.Errorf("%s: %v, %+v", p.Status, whats(next, len(p.History)), next.Refunds)
	}
}

// What the bank lists is a fact, also where it leaves no room for the refund in flight: the lost one was booked as the
// desk's, and nobody heard that it was done after all.
func TestAListedRefundIsKnownBesideOneThatItLeavesNoRoomFor(t *testing.T) {
	p, at := lapsedRefund(t)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", All: true, Amount: testAmount, Base: pointer(listing())}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost}, at)
	for range 2 {
		at = at.Add(bankDay)
		p = apply(t, p, reported(listing(Operation{"b1", ours})), at)
	}
	if one, two := p.Refunds[0], p.Refunds[1]; one.Status != RefundSucceeded || two.Status != RefundFailed ||
		len(p.Refunds) != 2 || p.Refunded != ours {
		t.Errorf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
}

// A refund that the bank's yes alone has proven, since no total could be read before it, may stand in no list yet: what
// the list holds then is another one. By the sums it was taken for the new one and a refund of the desk's.
func TestAYesMayBeAheadOfTheList(t *testing.T) {
	p, at := lapsedRefund(t)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 2500}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone}, at)
	p = apply(t, p, reported(listing(Operation{"", ours})), at.Add(bankDay))
	if one, two := p.Refunds[0], p.Refunds[1]; one.Status != RefundSucceeded || two.Status != RefundSucceeded ||
		len(p.Refunds) != 2 || p.Refunded != ours+2500 {
		t.Fatalf("refunded %d, %+v", p.Refunded, p.Refunds)
	}
	p = apply(t, p, reported(listing(Operation{"", ours}, Operation{"", 2500})), at.Add(2*bankDay))
	if len(p.Refunds) != 2 || p.Refunded != ours+2500 || len(p.Reviews) != 0 {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
}

// A person books as one sum what the desk has given back in pieces, and a refund of ours of that very amount follows:
// the list's operation is ours, and the pieces are no news. They were booked besides, above the bank's total.
func TestASumOfTheDesksIsNotTakenForOurs(t *testing.T) {
	desk := []Operation{{Amount: 2000}, {Amount: 3000}}
	p := apply(t, paidPayment(t), reported(Report{State: BankRefunded, Word: "REFUNDED"}), early)
	p = apply(t, p, Ruling{How: ResolveRefundDone, Amount: 5000, By: ByOperator("aysel"), Why: "the portal"}, early)
	for _, base := range []*Report{nil, pointer(listing(desk...))} { // totals may be switched on meanwhile
		p := apply(t, p, owned(RefundIntent{Amount: 5000, Base: base}, early), early)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b-1"}, early)
		for _, id := range []string{"", "b-1"} {
			list := listing(append(desk, Operation{ID: id, Amount: 5000})...)
			if next := apply(t, p, reported(list), late); next.Refunded != 10000 || len(next.Refunds) != 2 ||
				len(next.Reviews) != 0 {
				t.Errorf("id %q: refunded %d, %+v, reviews %v", id, next.Refunded, next.Refunds, next.Reviews)
			}
		}
	}
}
