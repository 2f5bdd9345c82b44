package payment

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// lapsedRefund is a refund whose answer was lost, and which two readings a bank day apart did not show.
func lapsedRefund(t *testing.T) (p Payment, at time.Time) {
	t.Helper()
	p, at = lostRefund(t, ours, totalling(BankApproved, 0)), until.Add(recoverAfter)
	for range 2 {
		p = apply(t, p, reported(totalling(BankApproved, 0)), at)
		at = at.Add(bankDay)
	}
	if r := p.Refunds[0]; r.Status != RefundFailed || p.Reserved() != 0 {
		t.Fatalf("the refund is %s, reserved %d", r.Status, p.Reserved())
	}
	return p, at
}

// A bank that said yes may take its time: no reading of an old total makes its yes a no.
func TestADefiniteYesNeverFailsByItself(t *testing.T) {
	p := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: ours, Base: pointer(totalling(BankApproved, 0))})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, Reading: pointer(totalling(BankApproved, 0))}, until)
	for at := p.DueAt; !at.IsZero(); at = p.DueAt {
		p = apply(t, apply(t, p, Question{}, at), reported(totalling(BankApproved, 0)), at)
		if r := p.Refunds[0]; r.Status != RefundUnknown || p.Reserved() != ours {
			t.Fatalf("%v after the yes it is %s, reserved %d", at.Sub(until), r.Status, p.Reserved())
		}
		if late := !at.Before(until.Add(refundStuck)); p.InReview(ReviewRefund) != late {
			t.Fatalf("%v after the yes the reviews are %v", at.Sub(until), p.Reviews)
		}
	}
	if asked := p.AskedAt.Sub(until); asked != 30*24*time.Hour {
		t.Errorf("it was asked about for %v", asked)
	}
	p = apply(t, p, reported(totalling(BankApproved, ours)), until.Add(31*bankDay))
	if p.Refunds[0].Status != RefundSucceeded || p.Refunded != ours || len(p.Reviews) != 0 {
		t.Errorf("shown at last it is %s, refunded %d, reviews %v", p.Refunds[0].Status, p.Refunded, p.Reviews)
	}
}

// A lost refund that was given up is sent by nobody again, and is believed when the bank carries it out after all.
func TestALostRefundIsBelievedWhenItTurnsUp(t *testing.T) {
	p, at := lapsedRefund(t)
	again := owned(RefundIntent{Amount: ours}, at)
	refuse(t, p, again, at, Standing, "refund_unconfirmed")
	if p.DueAt.IsZero() {
		t.Error("nobody looks whether it turns up")
	}
	late := apply(t, p, reported(totalling(BankApproved, ours)), at.Add(28*bankDay))
	if r := late.Refunds[0]; len(late.Refunds) != 1 || r.Status != RefundSucceeded || late.Refunded != ours ||
		r.unproven() {
		t.Errorf("turned up: %+v, refunded %d", late.Refunds, late.Refunded)
	}
	wantWhats(t, late, 3, "refund_requested", "refund_unknown", "refund_failed", "refund_succeeded")
	// A person who has asked the bank may let the key try again.
	decided := apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), decision(ResolveRefundNotDone, "rf_one"), at)
	decided = apply(t, decided, again, at)
	if decided.Reserved() != ours {
		t.Error("after a person's decision the key does not try again")
	}
}

// Whose the money is: what the total has grown by is matched with what may have come through, before it is called the
// desk's.
func TestWhoseTheMoneyIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		lost   []int64 // refunds that failed without proof
		flying int64   // the refund in flight, its answer lost
		yes    bool    // or with the bank's definite yes
		grown  int64
		listed []int64
		want   verdict
		found  []int64
		desk   int64
	}{
		{"ours alone", []int64{3000}, 0, false, 3000, nil, notDone, []int64{3000}, 0},
		{"one of two equal ones", []int64{3000, 3000}, 0, false, 3000, nil, notDone, []int64{3000}, 0},
		{"the one that fits", []int64{3000, 2000}, 0, false, 2000, nil, notDone, []int64{2000}, 0},
		{"both", []int64{3000, 2000}, 0, false, 5000, nil, notDone, []int64{3000, 2000}, 0},
		{"two of three", []int64{3000, 700, 2000}, 0, false, 2700, nil, notDone, []int64{700, 2000}, 0},
		{"less than any", []int64{3000}, 0, false, 1000, nil, notDone, nil, 1000},
		{"ours and the desk's", []int64{3000}, 0, false, 4000, nil, notDone, []int64{3000}, 1000},
		{"the desk's alone, listed", []int64{3000}, 0, false, 4000, []int64{4000}, notDone, nil, 4000},
		{"ours and the desk's, listed", []int64{3000}, 0, false, 4000, []int64{1000, 3000}, notDone, []int64{3000}, 1000},
		{"the larger, for which the smaller leaves no room", []int64{3000, 8000}, 0, false, 8000, nil, notDone, []int64{8000},
			0},
		{"the larger, for which the smaller leaves no room, listed", []int64{3000, 8000}, 0, false, 8000, []int64{8000},
			notDone, []int64{8000}, 0},
		{"beside a like one of the desk's, listed", []int64{3000}, 2000, false, 5000, []int64{3000, 2000}, done,
			[]int64{3000}, 0},
		{"the one in flight and the desk's, listed", nil, 2000, false, 5000, []int64{3000, 2000}, done, nil, 3000},
		{"all that there is room for", []int64{8500}, 0, false, 8500, nil, notDone, []int64{8500}, 0},
		{"more than there is room for", []int64{9000}, 0, false, 9000, nil, notDone, nil, 9000},
		{"nothing", []int64{3000}, 0, false, 0, nil, notDone, nil, 0},
		{"the one in flight before the older", []int64{3000}, 3000, false, 3000, nil, done, nil, 0},
		{"the one in flight before the older, listed", []int64{3000}, 3000, false, 3000, []int64{3000}, done, nil, 0},
		{"a yes before the older", []int64{3000}, 3000, true, 3000, nil, done, nil, 0},
		{"both, the older and the one in flight", []int64{3000}, 3000, false, 6000, nil, done, []int64{3000}, 0},
		{"the one in flight", []int64{3000}, 2000, false, 2000, nil, done, nil, 0},
		{"the older, or the one in flight and the desk's", []int64{3000}, 2000, false, 3000, nil, undecided, nil, 0},
		{"the older, listed, and not the one in flight", []int64{3000}, 2000, false, 3000, []int64{3000}, notDone,
			[]int64{3000}, 0},
		{"the older, too little for the one in flight", []int64{2000}, 3000, false, 2000, nil, notDone, []int64{2000}, 0},
		{"neither", []int64{3000}, 2000, false, 4000, nil, undecided, nil, 0},
		{"no room for the older", []int64{8000}, 5000, false, 8000, nil, undecided, nil, 0},
		{"no room for the older, which is as large", []int64{8000}, 8000, false, 8000, nil, done, nil, 0},
		{"the total lags", []int64{3000}, 2000, false, -1000, nil, underWay, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Payment{Captured: 10000, Refunded: 1500, Refunds: []Refund{{ID: "desk", Amount: 1500, Status: RefundSucceeded}}}
			for i, amount := range c.lost {
				p.Refunds = append(p.Refunds, Refund{ID: fmt.Sprint(i), Amount: amount, Status: RefundFailed, Answer: AnswerLost})
			}
			var r *Refund
			if c.flying > 0 {
				p.Refunds = append(p.Refunds, Refund{ID: "r", Amount: c.flying, Status: RefundUnknown, Answer: AnswerLost,
					BaseKnown: true, Base: 1500, BaseListed: 1})
				r = &p.Refunds[len(p.Refunds)-1]
				if c.yes {
					r.Answer = AnswerDone
				}
			}
			if c.listed == nil && r != nil {
				r.BaseListed = -1
			}
			report := totalling(BankApproved, 1500+c.grown)
			if c.listed != nil {
				report = totalling(BankApproved, 1500+c.grown, append([]int64{1500}, c.listed...)...)
			}
			f := p.weigh(r, report)
			var found []int64
			for _, r := range f.found {
				found = append(found, r.Amount)
			}
			if f.verdict != c.want || sum(f.desk) != c.desk || !slices.Equal(found, c.found) {
				t.Errorf("verdict %d, found %v, desk %d; want %d, %v, %d", f.verdict, found, sum(f.desk), c.want, c.found, c.desk)
			}
		})
	}
}

// TestOfTwoLostRefundsTheLaterIsFound: what the bank had done of the first before the second was asked for, it would
// have said then. That holds while the second is in flight, and after both have failed without proof.
func TestOfTwoLostRefundsTheLaterIsFound(t *testing.T) {
	flying, at := lapsedRefund(t)
	second := RefundIntent{ID: "rf_two", Amount: ours, Base: pointer(totalling(BankApproved, 0))}
	flying = apply(t, flying, owned(second, at), at)
	flying = apply(t, flying, RefundAnswer{ID: "rf_two", Answer: AnswerLost}, at)
	both, at := flying, at.Add(time.Hour)
	for range 2 {
		both = apply(t, both, reported(totalling(BankApproved, 0)), at)
		at = at.Add(bankDay)
	}
	for name, p := range map[string]Payment{"in flight": flying, "failed": both} {
		p = apply(t, p, reported(totalling(BankApproved, ours)), at)
		one, _ := p.FindRefund("rf_one")
		two, _ := p.FindRefund("rf_two")
		if one.Status != RefundFailed || two.Status != RefundSucceeded || p.Refunded != ours {
			t.Errorf("%s: the first is %s, the second %s, refunded %d", name, one.Status, two.Status, p.Refunded)
		}
	}
}

// TestALostRefundThatAPersonCalledNotDoneIsFoundLast: whoever has asked the bank about the later one knows more than
// its time tells.
func TestALostRefundThatAPersonCalledNotDoneIsFoundLast(t *testing.T) {
	p, at := lapsedRefund(t)
	second := RefundIntent{ID: "rf_two", Amount: ours, Base: pointer(totalling(BankApproved, 0))}
	p = apply(t, p, owned(second, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone, Reading: pointer(totalling(BankApproved, 0))}, at)
	at = at.Add(bankDay + 2*time.Hour)
	p = apply(t, p, Ruling{How: ResolveRefundNotDone, Refund: "rf_two", By: ByOperator("ada"), Why: "says the bank"}, at)
	p = apply(t, p, reported(totalling(BankApproved, ours)), at.Add(time.Hour))
	one, _ := p.FindRefund("rf_one")
	two, _ := p.FindRefund("rf_two")
	if one.Status != RefundSucceeded || two.Status != RefundFailed || p.Refunded != ours {
		t.Errorf("the first is %s, the second %s, refunded %d", one.Status, two.Status, p.Refunded)
	}
	p = apply(t, p, reported(totalling(BankApproved, 2*ours)), at.Add(2*time.Hour))
	if two, _ = p.FindRefund("rf_two"); two.Status != RefundSucceeded || p.Refunded != 2*ours {
		t.Errorf("a person may err: the second is %s, refunded %d", two.Status, p.Refunded)
	}
}

// Tries of which nothing was sent leave nothing behind, however many there are and under however many keys.
func TestTriesOfWhichNothingWasSentLeaveNoTrail(t *testing.T) {
	for name, id := range map[string]func(int) string{
		"one key":   func(int) string { return "rf_one" },
		"many keys": func(n int) string { return fmt.Sprint("rf_", n) },
	} {
		t.Run(name, func(t *testing.T) {
			p := paidPayment(t)
			before := p
			for n := range 1000 {
				p = apply(t, p, owned(RefundIntent{ID: id(n), Amount: ours, Owner: "o"}, early), early)
				p = apply(t, p, RefundAnswer{ID: id(n), Owner: "o", Answer: AnswerUnsent}, early)
			}
			if p.Refunds != nil || p.Sequence != before.Sequence || p.Reserved() != 0 {
				t.Errorf("left behind: %d refunds, %d entries", len(p.Refunds), p.Sequence-before.Sequence)
			}
			p = apply(t, p, owned(RefundIntent{Amount: testAmount, All: true}, early), early)
			if p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early); p.Status != Refunded {
				t.Errorf("after them the payment is %s", p.Status)
			}
		})
	}
}

// Who was told that a refund is under way hears how it ends, also when nothing was sent; tries after that add nothing.
func TestWhoWasToldHearsTheEnd(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: ours})
	p = apply(t, p, RefundDisclosure{ID: "rf_one"}, early)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerUnsent}, early)
	wantWhats(t, p, 3, "refund_requested", "refund_failed")
	n := p.Sequence
	for range 300 {
		p = apply(t, p, owned(RefundIntent{Amount: ours}, late), late)
		p = apply(t, p, RefundDisclosure{ID: "rf_one"}, late)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerUnsent}, late)
	}
	if r := p.Refunds[0]; p.Sequence != n || r.Status != RefundFailed || !r.SettledAt.Equal(early) {
		t.Errorf("%d more entries, the refund %+v", p.Sequence-n, r)
	}
}

// "Already given back", said to a try after one whose answer was lost, may mean that one: nobody knows, and a person
// looks.
func TestARefusalAfterALostAnswerIsNoNo(t *testing.T) {
	p := apply(t, lostRefund(t, ours, totalling(BankApproved, 0)), decision(ResolveRefundNotDone, "rf_one"), late)
	p = apply(t, p, owned(RefundIntent{Amount: ours}, late), late)
	refused := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "078"}, late)
	if r := refused.Refunds[0]; r.Status != RefundUnknown || !refused.InReview(ReviewRefund) ||
		refused.Reserved() != ours {
		t.Errorf("refused: %s, reviews %v, reserved %d", r.Status, refused.Reviews, refused.Reserved())
	}
	unsent := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerUnsent}, late)
	if r := unsent.Refunds[0]; r.Status != RefundFailed || !r.unproven() || len(unsent.Reviews) != 0 {
		t.Errorf("unsent: %+v, reviews %v", r, unsent.Reviews)
	}
}

// While nobody knows how much went back nothing more is sent; a total that the bank states ends that.
func TestNoRefundWhileItIsUnknownWhatWentBack(t *testing.T) {
	word := reported(Report{State: BankRefunded, Word: "REFUNDED"})
	for name, p := range map[string]Payment{"paid": paidPayment(t), "first seen so": pendingPayment(t, 1)} {
		t.Run(name, func(t *testing.T) {
			p := apply(t, p, word, early)
			if p.Status != Paid || !p.InReview(ReviewRefund) || p.Refunded != 0 || p.DueAt.IsZero() {
				t.Fatalf("%s, refunded %d, reviews %v, due %v", p.Status, p.Refunded, p.Reviews, p.DueAt)
			}
			refuse(t, p, owned(RefundIntent{Amount: 100}, early), early, Standing, "refund_under_review")
			if still := apply(t, p, word, late); still.Sequence != p.Sequence {
				t.Errorf("the same word again is %d entries", still.Sequence-p.Sequence)
			}
			p = apply(t, p, reported(totalling(BankRefunded, 4000)), late)
			if p.Refunded != 4000 || len(p.Reviews) != 0 {
				t.Errorf("a stated total: refunded %d, reviews %v", p.Refunded, p.Reviews)
			}
			if p = apply(t, p, owned(RefundIntent{Amount: testAmount - 4000, All: true}, late), late); p.InFlight() == nil {
				t.Error("the rest cannot be given back")
			}
		})
	}
}

// The bank sends its one word after each refund. After ours it can only mean ours, and calls nobody.
func TestTheWordAfterOurRefundCallsNobody(t *testing.T) {
	word := NoticeArrival{Handle: testHandle, Report: Report{State: BankRefunded, Word: "REFUNDED"}}
	silent := Report{State: BankRefunded, Word: "REFUNDED"}
	for name, amount := range map[string]int64{"the whole": testAmount, "a part": ours} {
		for how, end := range map[string]Event{
			"by the signature": NoticeTrust{}, "re-read": reported(silent),
			"re-read with a total": reported(totalling(BankRefunded, amount)),
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				flying := refundingPayment(t, early, RefundIntent{Amount: amount, All: amount == testAmount})
				answer := RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b-1"}
				for order, p := range map[string]Payment{
					"after the answer":  apply(t, apply(t, apply(t, flying, answer, early), word, early), end, early),
					"before the answer": apply(t, apply(t, apply(t, flying, word, early), answer, early), end, early),
					"heard twice": apply(t, apply(t, apply(t, apply(t, apply(t, flying, answer, early), word, early), end, early),
						word, late), end, late),
					"settled before the answer": apply(t, apply(t, apply(t, apply(t, flying, word, early), end, early), answer, early),
						end, late),
				} {
					if p.Refunded != amount || len(p.Reviews) != 0 || len(p.Notices) != 0 ||
						slices.Contains(whats(p, 0), "review:refund") {
						t.Errorf("%s: refunded %d, reviews %v, kept %v, %v", order, p.Refunded, p.Reviews, p.Notices, whats(p, 3))
					}
				}
			})
		}
	}
}

// A signed message that names the refund and a total, confirmed by asking, settles the refund whose answer was lost,
// also where no total was stated before it.
func TestASignedTotalSettlesALostRefund(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: ours})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	p = apply(t, p, gaveBack(ours, "b-1"), early)
	p = apply(t, p, reported(totalling(BankRefunded, ours)), early)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || r.BankRefundID != "b-1" || len(p.Reviews) != 0 ||
		len(p.Notices) != 0 {
		t.Errorf("%s, bank's id %q, reviews %v, kept %v", r.Status, r.BankRefundID, p.Reviews, p.Notices)
	}
}

// A signed word that the bank's own answer does not show yet is kept, and a person is called when it never does.
func TestASignedWordIsNotForgottenBesideALaggingTotal(t *testing.T) {
	p := apply(t, paidPayment(t), NoticeArrival{Handle: testHandle, Report: Report{State: BankRefunded, Word: "REFUNDED"}},
		early)
	p = apply(t, p, reported(totalling(BankApproved, 0)), early)
	if len(p.Notices) != 1 || p.Refunded != 0 || len(p.Reviews) != 0 {
		t.Fatalf("kept %v, refunded %d, reviews %v", p.Notices, p.Refunded, p.Reviews)
	}
	shown := apply(t, p, reported(totalling(BankRefunded, 700)), late)
	if len(shown.Notices) != 0 || shown.Refunded != 700 || len(shown.Reviews) != 0 {
		t.Errorf("shown: kept %v, refunded %d, reviews %v", shown.Notices, shown.Refunded, shown.Reviews)
	}
	never := apply(t, p, reported(totalling(BankApproved, 0)), early.Add(stuckAfter))
	if !never.InReview(ReviewRefund) {
		t.Errorf("a day later the reviews are %v", never.Reviews)
	}
}

// The bank works off the older of two lost refunds of one amount, which is taken for the younger, and the younger when
// the month of the older is over: the month begins anew with what was found, also where the bank had named it.
func TestTheMonthOfALostRefundBeginsAnewWithWhatItMayHaveBeen(t *testing.T) {
	for _, name := range []string{"", "b2"} {
		monthOfALostRefund(t, name)
	}
}

func monthOfALostRefund(t *testing.T, promised string) {
	t.Helper()
	none := totalling(BankApproved, 0)
	none.Operations = nil
	p, at := lostRefund(t, ours, none), until.Add(recoverAfter)
	asked := func(total int64, at time.Time) {
		t.Helper()
		report := totalling(BankApproved, total)
		report.Operations = nil
		p = apply(t, apply(t, p, Question{}, at), reported(report), at)
	}
	asked(0, at)
	asked(0, at.Add(bankDay))
	second := at.Add(20 * bankDay)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: ours, Base: pointer(none)}, second), second)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost, Promised: promised}, second)
	asked(0, second.Add(time.Hour))
	asked(0, second.Add(time.Hour+bankDay))
	asked(ours, at.Add(23*bankDay))
	if one, two := p.Refunds[0].Status, p.Refunds[1].Status; one != RefundFailed || two != RefundSucceeded {
		t.Fatalf("the older is %s, the younger %s", one, two)
	}
	carriedOut := at.Add(35 * bankDay)
	for !p.DueAt.IsZero() && p.DueAt.Before(carriedOut) {
		asked(ours, p.DueAt)
	}
	if p.DueAt.IsZero() {
		t.Fatalf("named %q: nobody asks after %v", promised, p.AskedAt.Sub(at))
	}
	asked(2*ours, p.DueAt)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || p.Refunded != 2*ours || len(p.Reviews) != 0 {
		t.Errorf("the older is %s, refunded %d, reviews %v", r.Status, p.Refunded, p.Reviews)
	}
}
