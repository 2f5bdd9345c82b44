package payment

import (
	"testing"
	"time"
)

// pendingRefund is a paid payment with a refund of which the bank has given its id, and not said that it is done.
func pendingRefund(t *testing.T) Payment {
	t.Helper()
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1"}, early)
	if r := p.Refunds[0]; p.Refunded != 0 || r.Status != RefundUnknown || r.BankRefundID != "b1" {
		t.Fatalf("an id beside no yes: %+v", r)
	}
	return p
}

func named(id string, total int64) NoticeArrival {
	n := gaveBack(total, id)
	if total == 0 {
		n.Report.Refunded = Sum{}
	}
	return n
}

// A bank may take a refund with an id of its own, do it later and sign that, by that id alone: it was taken for one of
// the desk's that nobody knew, and a person was called for each.
func TestASignedRefundIsTheOneOfThatID(t *testing.T) {
	for name, c := range map[string]struct {
		id     string
		total  int64
		want   int64
		review bool
	}{
		"by the id alone":          {"b1", 0, 5000, false},
		"with its total":           {"b1", 5000, 5000, false},
		"with the desk's besides":  {"b1", 7000, 7000, false},
		"a total that denies it":   {"b1", 2000, 0, true},
		"another one, by its id":   {"b2", 0, 0, true},
		"another one, and a total": {"b2", 2000, 0, true},
	} {
		p := apply(t, apply(t, pendingRefund(t), named(c.id, c.total), late), NoticeTrust{}, late)
		if p.Refunded != c.want || p.InReview(ReviewRefund) != c.review || (p.InFlight() == nil) == c.review {
			t.Errorf("%s: refunded %d, reviews %v, %+v", name, p.Refunded, p.Reviews, p.Refunds)
		}
		confirmed := apply(t, pendingRefund(t), named(c.id, c.total), late)
		answer := Report{State: BankRefunded, Word: "REFUNDED"}
		if c.total > 0 {
			answer.Refunded = Said(c.total)
		}
		confirmed = apply(t, confirmed, reported(answer), late)
		if back := c.want; confirmed.Refunded != back {
			t.Errorf("%s, re-read: refunded %d, reviews %v, %+v", name, confirmed.Refunded, confirmed.Reviews, confirmed.Refunds)
		}
	}
}

// It is so also when the refund was called not done meanwhile, and its id is none that is known until then.
func TestASignedRefundOfThatIDMayComeLate(t *testing.T) {
	p := apply(t, pendingRefund(t), decision(ResolveRefundNotDone, "rf_one"), late)
	if p.Refunds[0].Status != RefundFailed {
		t.Fatalf("%+v", p.Refunds[0])
	}
	at := late.Add(time.Hour)
	p = apply(t, apply(t, p, named("b1", 0), at), NoticeTrust{}, at)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || p.Refunded != 5000 || len(p.Reviews) != 0 || len(p.Notices) != 0 {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, r)
	}
}

// While another is in flight, which the total tells from what was there before it, the message waits for that one. It
// is not taken for it, though their amounts are the same.
func TestASignedRefundOfThatIDWaitsForTheOneInFlight(t *testing.T) {
	for _, total := range []int64{0, 5000} {
		p := apply(t, pendingRefund(t), decision(ResolveRefundNotDone, "rf_one"), late)
		at := late.Add(time.Hour)
		p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 5000}, at), at)
		p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost}, at)
		at = at.Add(time.Minute)
		p = apply(t, apply(t, p, named("b1", total), at), NoticeTrust{}, at)
		if p.Refunded != 0 || p.Refunds[1].Status != RefundUnknown || len(p.Notices) != 1 {
			t.Fatalf("%d: %+v, kept %v", total, p.Refunds, p.Notices)
		}
		at = at.Add(time.Hour)
		p = apply(t, p, Ruling{How: ResolveRefundNotDone, Refund: "rf_two", By: "operator:ann", Why: "asked"}, at)
		p = apply(t, p, NoticeTrust{}, at)
		if p.Refunds[0].Status != RefundSucceeded || p.Refunds[1].Status != RefundFailed || p.Refunded != 5000 {
			t.Errorf("%d: refunded %d, %+v", total, p.Refunded, p.Refunds)
		}
	}
}

// An answer that names it says the same. That money was taken says nothing, whatever it names: the bank may be at it.
func TestAnAnswerNamesAPendingRefund(t *testing.T) {
	for state, want := range map[State]int64{BankRefunded: 5000, BankApproved: 0} {
		r := Report{State: state, Word: "WORD", RefundID: "b1"}
		if p := apply(t, pendingRefund(t), reported(r), late); p.Refunded != want || p.InReview(ReviewRefund) != (want == 0) {
			t.Errorf("%s: refunded %d, reviews %v", state, p.Refunded, p.Reviews)
		}
		p := apply(t, apply(t, pendingRefund(t), NoticeArrival{Handle: testHandle, Report: r}, late), NoticeTrust{}, late)
		if p.Refunded != want {
			t.Errorf("%s, signed: refunded %d, reviews %v", state, p.Refunded, p.Reviews)
		}
	}
}

// Where the total shows it at once, its id is kept: a later message about it would name another refund of ours.
func TestAPendingRefundThatTheTotalShowsKeepsItsID(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0)}
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: &base})
	reading := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(5000)}
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1", Reading: &reading}, early)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || r.BankRefundID != "b1" {
		t.Errorf("%+v", r)
	}
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 2000, Base: &reading}, late), late)
	then := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(7000)}
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost, Promised: "b1", Reading: &then}, late)
	if r := p.Refunds[1]; r.Status != RefundSucceeded || r.BankRefundID != "" {
		t.Errorf("the id of another one: %+v", r)
	}
}

// The bank's list names it: it is one of those that are not on record.
func TestAPendingRefundIsFoundInTheList(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0), Operations: []Operation{}}
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: &base})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1"}, early)
	p = apply(t, p, reported(Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(5000),
		Operations: []Operation{{ID: "b1", Amount: 5000}}}), late)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || r.BankRefundID != "b1" {
		t.Errorf("%+v", r)
	}
}

// What the bank lists right after its answer under another name is not that refund, though the amount is the same: the
// desk was at work beside us.
func TestAPendingRefundIsNoneOfAnotherNameInTheList(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0), Operations: []Operation{}}
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: &base})
	reading := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(5000), Returning: true,
		Operations: []Operation{{ID: "desk", Amount: 5000}}}
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1", Reading: &reading}, early)
	if r := p.Refunds[0]; r.Status != RefundUnknown || r.BankRefundID != "b1" || p.Refunded != 0 {
		t.Errorf("refunded %d, %+v", p.Refunded, r)
	}
}

// One that seemed lost is found by its name also where a later refund of the same amount is on record without one: that
// took its place in the list, and the later one's operation was booked as the desk's.
func TestAPendingRefundKeepsItsPlaceInTheList(t *testing.T) {
	list := func(ids ...string) Report {
		r := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(int64(len(ids)) * 5000), Operations: []Operation{}}
		for _, id := range ids {
			r.Operations = append(r.Operations, Operation{ID: id, Amount: 5000})
		}
		if len(ids) == 0 {
			r.State, r.Word = BankApproved, "APPROVED"
		}
		return r
	}
	base := list()
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: &base})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1"}, early)
	for _, at := range []time.Time{late, late.Add(25 * time.Hour)} {
		p = apply(t, p, reported(list()), at)
	}
	if r := p.Refunds[0]; !r.unproven() {
		t.Fatalf("not seen for a day: %+v", r)
	}
	then := late.Add(26 * time.Hour)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 5000, Base: &base}, then), then)
	reading := list("b2")
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost, Reading: &reading}, then)
	other := list("b1") // of which the sums had shown the wrong one; the list is of use all the same
	other.Operations, other.Refunded = append(other.Operations, Operation{ID: "d1", Amount: 3000}), Said(8000)
	if p := apply(t, p, reported(other), then.Add(time.Hour)); len(p.Refunds) != 3 || p.Refunds[2].BankRefundID != "d1" {
		t.Errorf("beside the desk's: %+v", p.Refunds)
	}
	p = apply(t, p, reported(list("b1", "b2")), then.Add(time.Hour))
	if one, two := p.Refunds[0], p.Refunds[1]; len(p.Refunds) != 2 || one.Status != RefundSucceeded ||
		two.Status != RefundSucceeded || p.Refunded != 10000 {
		t.Errorf("refunded %d: %+v", p.Refunded, p.Refunds)
	}
}

// The desk may give back as much as a refund of ours that the bank is being asked for, and sign that first: what the
// bank then answers, by another id, is a second one. It was dropped, and nobody asked.
func TestAYesToWhatTheDeskWasTakenForIsASecondOne(t *testing.T) {
	for _, c := range []struct {
		signed, answered string
		review           bool
	}{{"d1", "b1", true}, {"b1", "b1", false}, {"", "b1", false}, {"d1", "", false}} {
		base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0)}
		p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: &base})
		p = apply(t, apply(t, p, named(c.signed, 5000), early), NoticeTrust{}, early)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: c.answered, Owner: "o"}, early)
		if p.InReview(ReviewRefund) != c.review || p.Refunded != 5000 || c.signed == "" && p.Refunds[0].BankRefundID != "b1" {
			t.Errorf("signed %q, answered %q: %v, %+v", c.signed, c.answered, p.Reviews, p.Refunds)
		}
		if !c.review {
			continue
		}
		at := Due(p, p.DueAt)
		if p = apply(t, p, reported(totalling(BankApproved, 10000)), p.DueAt); at != AskBank || p.Refunded != 10000 ||
			p.InReview(ReviewRefund) {
			t.Errorf("%s: refunded %d, %v", at, p.Refunded, p.Reviews)
		}
	}
}

// A message of the desk's that comes after a refund of ours of the same amount states just what is on record, and names
// another one, whichever word of the bank stands there.
func TestAnotherNameBesideTheTotalOnRecordIsHeard(t *testing.T) {
	for _, state := range []State{BankRefunded, BankApproved} {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
		for id, review := range map[string]bool{"b1": false, "d1": true} {
			n := named(id, 5000)
			n.Report.State = state
			if p := apply(t, apply(t, p, n, late), NoticeTrust{}, late); p.InReview(ReviewRefund) != review {
				t.Errorf("%s, %s: reviews %v", state, id, p.Reviews)
			}
		}
	}
}

// So it is where the list lagged when it was asked for, and what is on record is not what the list held: the total
// alone was believed, a refund of the desk's of the same amount was taken for it, and it stood as done when the bank
// declined it. Where the list has it, it is done, whatever else went back.
func TestAPendingRefundIsToldByItsNameBesideALaggingList(t *testing.T) {
	list := func(ids ...string) Report {
		r := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(int64(len(ids)) * 4000), Operations: []Operation{}}
		for _, id := range ids {
			r.Operations = append(r.Operations, Operation{ID: id, Amount: 4000})
		}
		return r
	}
	base := list()
	base.State, base.Word = BankApproved, "APPROVED"
	for name, c := range map[string]struct {
		listed Report
		want   RefundStatus
		back   int64
	}{
		"the desk's": {list("b1", "d1"), RefundFailed, 8000},
		"both":       {list("b1", "d1", "b2"), RefundSucceeded, 12000},
		"it alone":   {list("b1", "b2"), RefundSucceeded, 8000},
	} {
		p := refundingPayment(t, early, RefundIntent{Amount: 4000, Base: &base})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
		p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 4000, Base: &base}, late), late)
		p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost, Promised: "b2"}, late)
		for _, at := range []time.Time{late.Add(time.Hour), late.Add(26 * time.Hour), late.Add(28 * time.Hour)} {
			p = apply(t, p, reported(c.listed), at)
		}
		if r, _ := p.FindRefund("rf_two"); r.Status != c.want || p.Refunded != c.back || len(p.Reviews) != 0 {
			t.Errorf("%s: %s, refunded %d, reviews %v, %+v", name, r.Status, p.Refunded, p.Reviews, p.Refunds)
		}
	}
}

// What the same reading shows besides is booked with it, also where the bank's yes to a refund to come was just given:
// the desk's was on nobody's record, no person was called, and nobody asked again.
func TestWhatStandsBesideARefundToldByItsNameIsBooked(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0), Operations: []Operation{}}
	whole := Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(12000),
		Operations: []Operation{{"b1", 4000}, {"d1", 4000}, {"b2", 4000}}}
	for _, at := range []string{"asked later", "asked at once"} {
		p := refundingPayment(t, early, RefundIntent{Amount: 4000, Base: &base})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
		p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 4000, Base: &base}, late), late)
		answer := RefundAnswer{ID: "rf_two", Answer: AnswerLost, Promised: "b2"}
		if at == "asked at once" {
			answer.Reading = &whole
		}
		if p = apply(t, p, answer, late); answer.Reading == nil {
			p = apply(t, p, reported(whole), p.DueAt)
		}
		if r, _ := p.FindRefund("rf_two"); r.Status != RefundSucceeded || p.Refunded != 12000 || len(p.Reviews) != 0 {
			t.Errorf("%s: %s, refunded %d, reviews %v, due %v", at, r.Status, p.Refunded, p.Reviews, p.DueAt)
		}
	}
}

// The desk may give back as much as a refund that the bank has named and still has before it, and sign that. By its
// total alone the message was taken for ours, which stood as done when the bank declined it. It is another one's,
// whatever becomes of ours.
func TestASignedRefundOfAnotherNameIsNotThePromisedOne(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0), Operations: []Operation{}}
	signed := func(p Payment, n NoticeArrival, at time.Time) Payment {
		return apply(t, apply(t, p, n, at), NoticeTrust{}, at)
	}
	asked := func(p Payment, r Report, at time.Time) Payment { return apply(t, p, reported(r), at) }
	for name, c := range map[string]struct {
		goesOn func(p Payment) Payment
		ours   RefundStatus
		back   int64
	}{
		"carried out": {func(p Payment) Payment { return signed(p, named("b1", 8000), late) }, RefundSucceeded, 8000},
		"declined, and listed": {func(p Payment) Payment {
			list := listing(Operation{"d1", 4000})
			return asked(asked(p, list, late), list, late.Add(bankDay))
		}, RefundFailed, 4000},
		"declined, as a person finds": {func(p Payment) Payment {
			p = apply(t, apply(t, p, Silence{Unsupported: true}, late), decision(ResolveRefundNotDone, "rf_one"), late)
			return apply(t, p, Silence{Unsupported: true}, late.Add(time.Hour))
		}, RefundFailed, 4000},
	} {
		p := refundingPayment(t, early, RefundIntent{Amount: 4000, Base: &base})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Promised: "b1"}, early)
		p = signed(p, named("d1", 4000), early.Add(time.Minute))
		if p.Refunded != 0 || p.InFlight() == nil {
			t.Errorf("%s: taken for ours: %+v", name, p.Refunds)
		}
		p = c.goesOn(p)
		if r := p.Refunds[0]; r.Status != c.ours || p.Refunded != c.back || len(p.Refunds) != 2 || len(p.Reviews) != 0 {
			t.Errorf("%s: refunded %d, reviews %v, %+v", name, p.Refunded, p.Reviews, p.Refunds)
		}
	}
}

// The name of a refund that is on record, or may be, denies nothing beside a total that has grown.
func TestAKnownNameBesideAGrownTotal(t *testing.T) {
	for _, c := range []struct {
		first, beside string
		want          RefundStatus
	}{{"b1", "b1", RefundSucceeded}, {"b1", "d1", RefundUnknown}, {"", "b1", RefundSucceeded}} {
		base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0)}
		p := refundingPayment(t, early, RefundIntent{Amount: 4000, Base: &base})
		base.Refunded = Said(4000)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: c.first, Reading: &base}, early)
		p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 4000, Base: &base}, late), late)
		p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost, Promised: "b2"}, late)
		p = apply(t, p, reported(Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(8000), RefundID: c.beside}),
			late.Add(time.Hour))
		if r, _ := p.FindRefund("rf_two"); r.Status != c.want {
			t.Errorf("%s beside %q: %+v", c.beside, c.first, p.Refunds)
		}
	}
}

// Nor does a lost refund get the name of another one that stands beside the total: when the bank signed the lost one's
// own, it seemed to be the desk's, and a person was called.
func TestAKnownNameIsGivenToNoOther(t *testing.T) {
	base := Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0)}
	p := refundingPayment(t, early, RefundIntent{Amount: 4000, Base: &base})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
	base.Refunded = Said(4000)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 4000, Base: &base}, late), late)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost}, late)
	later := late.Add(time.Hour)
	p = apply(t, p, reported(Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(8000), RefundID: "b1"}), later)
	p = apply(t, apply(t, p, named("b2", 8000), later), NoticeTrust{}, later)
	if r, _ := p.FindRefund("rf_two"); r.BankRefundID != "b2" || p.Refunded != 8000 || len(p.Reviews) != 0 {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
}
