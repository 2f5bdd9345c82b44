package payment

import (
	"testing"
	"time"
)

// A definite no belongs to the try that was refused. Once the outcome is unknown, only readings can tell.
func TestARefusalDoesNotSettleAnUnknownRefund(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	later := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, until)
	if r := later.Refunds[0]; r.Status != RefundUnknown || later.Reserved() != 5000 {
		t.Errorf("the unknown refund is %s, reserved %d", r.Status, later.Reserved())
	}
	read := apply(t, p, reported(totalling(BankApproved, 0)), until.Add(recoverAfter))
	read = apply(t, read, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, until.Add(recoverAfter))
	if r := read.Refunds[0]; r.Status != RefundUnknown {
		t.Errorf("after one reading and a late no the refund is %s", r.Status)
	}
}

// An owner that saves its answer again, because it did not hear that it was saved, must not settle the next owner's try
// of the same key, which may be at the bank just now.
func TestAnAnswerSettlesItsOwnTryAlone(t *testing.T) {
	at := start.Add(refundAt)
	p := refundingPayment(t, at, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0)), Owner: "first"})
	first := RefundAnswer{ID: "rf_one", Owner: "first", Answer: AnswerRefused, Code: "076"}
	p = apply(t, p, first, at.Add(time.Second))
	again := owned(RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0)), Owner: "second"},
		at.Add(2*time.Second))
	p = apply(t, p, again, at.Add(2*time.Second))

	p = apply(t, p, first, at.Add(3*time.Second))
	if r := p.Refunds[0]; r.Status != RefundBegun || p.Reserved() != 5000 {
		t.Fatalf("the answer to the first try made the second %s, reserved %d", r.Status, p.Reserved())
	}
	second := RefundAnswer{ID: "rf_one", Owner: again.Owner, Answer: AnswerDone,
		Reading: pointer(totalling(BankApproved, 5000))}
	if p = apply(t, p, second, at.Add(4*time.Second)); p.Refunds[0].Status != RefundSucceeded {
		t.Errorf("its own answer made the second try %s", p.Refunds[0].Status)
	}
}

// A bank that proves a refund by its id may be slow to add it to its total. A base that lacks it would make the late
// addition look like the next refund.
func TestATotalThatLagsIsNoBase(t *testing.T) {
	at := start.Add(refundAt)
	p := refundingPayment(t, at, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b-1"}, at)

	lagging := totalling(BankApproved, 0)
	lagging.Operations = []Operation{}
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 5000, Base: &lagging}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost,
		Reading: pointer(totalling(BankApproved, 5000, 5000))}, at)
	if p.Refunded != 5000 || p.Reserved() != 5000 {
		t.Fatalf("refunded %d, reserved %d: the first refund, added late, passed for the second", p.Refunded, p.Reserved())
	}
	for range 2 {
		at = at.Add(bankDay)
		p = apply(t, p, reported(totalling(BankApproved, 5000, 5000)), at)
	}
	if r, _ := p.FindRefund("rf_two"); r.Status != RefundFailed || p.Refunded != 5000 {
		t.Errorf("two readings without the second refund leave it %s, refunded %d", r.Status, p.Refunded)
	}
}

// TestTheIDOfAnotherRefundProvesNothing: a bank that takes a second refund of one amount for a copy of the first
// answers with the first one's id, and gives nothing back.
func TestTheIDOfAnotherRefundProvesNothing(t *testing.T) {
	at := start.Add(refundAt)
	for _, base := range []*Report{nil, pointer(totalling(BankApproved, 0))} {
		p := refundingPayment(t, at, RefundIntent{Amount: 5000, Base: base})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b-1"}, at)
		p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 5000, Base: base}, at), at)
		p = apply(t, p, RefundAnswer{ID: "rf_two", Owner: p.Refunds[1].Owner, Answer: AnswerDone, RefundID: "b-1"}, at)
		if r, _ := p.FindRefund("rf_two"); r.Status != RefundUnknown || p.Refunded != 5000 || p.Reserved() != 5000 {
			t.Errorf("it is %s, %d given back, %d reserved", r.Status, p.Refunded, p.Reserved())
		}
	}
}

// What a reading cannot be proves nothing, in the owner's reading as in a report.
func TestAReadingThatCannotBeProvesNothing(t *testing.T) {
	foreign := totalling(BankApproved, 5000)
	foreign.Amount.Currency = BYN
	for name, reading := range map[string]Report{
		"another currency":    foreign,
		"an unknown state":    totalling(BankUnknown, 5000),
		"an unpaid state":     totalling(BankDeclined, 5000),
		"nothing was taken":   {State: BankApproved, Amount: Money{0, AZN}, Refunded: Said(5000)},
		"less than nothing":   totalling(BankApproved, -5000),
		"a word of no list":   totalling("sideways", 5000),
		"a refund taken back": totalling(BankApproved, 0, 5000, -5000),
	} {
		t.Run(name, func(t *testing.T) {
			base := totalling(BankApproved, 0)
			base.Operations = []Operation{}
			p := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: 5000, Base: &base})
			p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, Reading: &reading}, until)
			if r := p.Refunds[0]; r.Status != RefundUnknown {
				t.Errorf("the refund is %s", r.Status)
			}
		})
	}
}

// Nor is it a base: the total of a report that nobody understands would make the refund's own look like what was there
// before.
func TestATotalThatNobodyUnderstandsIsNoBase(t *testing.T) {
	for _, state := range []State{BankUnknown, BankDeclined, "sideways"} {
		p := lostRefund(t, 5000, totalling(state, 5000))
		for i := range 3 {
			p = apply(t, p, reported(totalling(BankApproved, 5000)), until.Add(time.Duration(i+1)*time.Hour))
		}
		if r := p.Refunds[0]; r.BaseKnown || r.Status != RefundUnknown || !p.InReview(ReviewRefund) {
			t.Errorf("after a base by the state %q the refund is %s, base known %v, reviews %v", state, r.Status, r.BaseKnown,
				p.Reviews)
		}
	}
}

// A reading that counts is also the bank's last word; one that does not count is not.
func TestAnOwnersReadingIsTheBanksLastWord(t *testing.T) {
	p := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	for state, want := range map[State]string{BankApproved: "PART-REFUNDED", BankUnknown: p.BankStatus} {
		reading := totalling(state, 5000)
		reading.Word, reading.Code = "PART-REFUNDED", "00"
		got := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, Reading: &reading}, until)
		if got.BankStatus != want {
			t.Errorf("after a reading of the state %s the bank's word is %q, want %q", state, got.BankStatus, want)
		}
	}
}

// A shop may choose any key, and none of them may name a refund that the bank did by itself.
func TestNoKeyNamesARefundOfTheBank(t *testing.T) {
	p := apply(t, paidPayment(t), reported(totalling(BankApproved, 1000)), start.Add(time.Hour))
	for _, key := range []string{"bank 0", "bank0", "bank", "0", ""} {
		if r, found := p.FindRefund(RefundID(p.ID, key)); found {
			t.Errorf("the key %q names the refund %+v", key, r)
		}
	}
}

// A key that belongs to another refund is told so, whatever else would stand in the way.
func TestAKeyOfAnotherRefundIsToldFirst(t *testing.T) {
	at := start.Add(refundAt)
	other := owned(RefundIntent{Amount: 6000}, at)
	tooMuch := owned(RefundIntent{Amount: testAmount + 1}, at)

	p := refundingPayment(t, at, RefundIntent{Amount: 5000})
	refuse(t, p, other, at, Invalid, "idempotency_key_reused")
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, at)
	refuse(t, p, tooMuch, at, Invalid, "idempotency_key_reused")
	whole := owned(RefundIntent{ID: "rf_two", Amount: 10000, All: true}, at)
	p = apply(t, apply(t, p, whole, at), RefundAnswer{ID: "rf_two", Answer: AnswerDone}, at)
	refuse(t, p, other, at, Invalid, "idempotency_key_reused")
}

// TestWhatAnAnswerLeavesOnRecord: whether the bank may still be at it.
func TestWhatAnAnswerLeavesOnRecord(t *testing.T) {
	for answer, harmless := range map[Answer]bool{AnswerDone: false, AnswerLost: false, AnswerRefused: true,
		AnswerUnsent: true} {
		if answer.Harmless() != harmless {
			t.Errorf("%s is harmless: %t", answer, !harmless)
		}
	}
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	for answer, want := range map[Answer]Answer{AnswerLost: AnswerLost, AnswerDone: AnswerDone} {
		next := apply(t, p, RefundAnswer{ID: "rf_one", Answer: answer}, early)
		if r := next.Refunds[0]; r.Status != RefundUnknown || r.Answer != want {
			t.Errorf("%s: %s, %q", answer, r.Status, r.Answer)
		}
	}
	signed := apply(t, p, gaveBack(2000, "desk"), early) // a no may mean that it is done
	refused := apply(t, signed, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "30"}, early)
	if r := refused.Refunds[0]; r.Status != RefundUnknown || r.Answer != AnswerLost || !refused.InReview(ReviewRefund) {
		t.Errorf("a refusal beside a signed message: %+v, reviews %v", r, refused.Reviews)
	}
}

// TestARefundThatWasNeverSentLeavesNoTrail, also beside another that the history knows.
func TestARefundThatWasNeverSentLeavesNoTrail(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	next := apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 100}, early), early)
	next = apply(t, next, RefundAnswer{ID: "rf_two", Answer: AnswerUnsent}, early)
	if len(next.Refunds) != 1 || len(next.History) != len(p.History) {
		t.Errorf("%+v", next.Refunds)
	}
}

// TestAYesThatComesLateNeedsRoom: a refund that had failed without proof is done after all, where it still fits.
func TestAYesThatComesLateNeedsRoom(t *testing.T) {
	for _, c := range []struct {
		left int64
		done bool
	}{{5000, true}, {4999, false}} {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000})
		r := &p.Refunds[0]
		r.Status, r.Answer, r.SettledAt, p.Refunded = RefundFailed, AnswerLost, early, testAmount-c.left
		p.Refunds = append(p.Refunds, Refund{ID: "rf_two", Amount: p.Refunded, Origin: OriginShop, Status: RefundSucceeded,
			BaseListed: -1})
		p.Status = PartiallyRefunded
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, late)
		if done := p.Refunds[0].Status == RefundSucceeded; done != c.done || p.InReview(ReviewRefund) == c.done {
			t.Errorf("with %d left: %s, reviews %v", c.left, p.Refunds[0].Status, p.Reviews)
		}
	}
}
