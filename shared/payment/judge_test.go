package payment

import (
	"fmt"
	"testing"
)

const ours = int64(5000) // the refund that is judged, of testAmount captured; 2000 had been given back before it

// TestJudge goes through every combination of what a bank states: a total or none, a base or none, a list or none, and
// how much the total grew; and whether something is in flight at the bank.
func TestJudge(t *testing.T) {
	type list []int64 // what the bank lists beyond the base's operations; nil = it shows no list
	for _, c := range []struct {
		name  string
		grown int64
		list  list
		want  verdict
		desk  int64
		busy  verdict // the same while the bank is giving back
	}{
		{"nothing", 0, nil, notDone, 0, underWay},
		{"ours", ours, nil, done, 0, underWay},
		{"less", 3000, nil, undecided, 0, underWay},
		{"more", 7000, nil, undecided, 0, underWay},
		{"shrunk", -1000, nil, underWay, 0, underWay},
		{"nothing, listed", 0, list{}, notDone, 0, underWay},
		{"ours, listed", ours, list{ours}, done, 0, underWay},
		{"as much at the desk", ours, list{3000, 2000}, notDone, ours, underWay},
		{"less at the desk", 3000, list{3000}, notDone, 3000, underWay},
		{"more at the desk", 7000, list{7000}, notDone, 7000, underWay},
		{"twice at the desk", 7000, list{3000, 4000}, notDone, 7000, underWay},
		{"ours and the desk's", ours + 3000, list{3000, ours}, done, 3000, underWay},
		{"ours, then the desk's twice", ours + 1500, list{ours, 500, 1000}, done, 1500, underWay},
		{"ours and one like it", 2 * ours, list{ours, ours}, done, ours, underWay},
		{"the list lags", 3000, list{}, undecided, 0, underWay},
		{"the total lags", 0, list{ours}, undecided, 0, underWay},
		{"they disagree", 3000, list{ours}, undecided, 0, underWay},
		{"taken back", 0, list{ours, -ours}, notDone, 0, underWay},
		{"an entry of nothing", 3000, list{0, 3000}, undecided, 0, underWay},
		{"shrunk, listed", -1000, list{}, underWay, 0, underWay},
	} {
		for _, base := range []int{-1, 0, 1} { // no list before the refund, an empty one, one operation
			if base == 0 && c.list == nil {
				continue
			}
			r := Refund{ID: "rf_one", Amount: ours, Status: RefundUnknown, BaseKnown: true, Base: 2000, BaseListed: base}
			if base == 0 {
				r.Base = 0
			}
			total := r.Base + c.grown
			report := Report{State: BankApproved, Refunded: Said(total)}
			if c.list != nil {
				report.Operations = []Operation{{Amount: 2000}}[:max(base, 0)]
				for _, amount := range c.list {
					report.Operations = append(report.Operations, Operation{Amount: amount})
				}
			}
			want, desk, busy := c.want, c.desk, c.busy
			if base < 0 { // then the total alone decides
				want, desk, busy = byTotal(c.grown)
			}
			check := func(how string, report Report, want verdict, desk int64) {
				t.Helper()
				if f := alone(r, report); f.verdict != want || sum(f.desk) != desk {
					t.Errorf("%s, base list %d%s: verdict %d, desk %d; want %d, %d", c.name, base, how, f.verdict, sum(f.desk), want,
						desk)
				}
			}
			check("", report, want, desk)
			report.State = BankRefunding
			check(", in flight at the bank", report, busy, 0)
			report.State, report.Refunded = BankApproved, Sum{}
			check(", no total", report, unread, 0)
			report.Refunded, r.BaseKnown = Said(total), false
			check(", no base", report, unread, 0)
		}
	}
}

// alone weighs a reading for a payment whose only refund in flight is r, and of which the desk had given r's base back.
func alone(r Refund, report Report) finding {
	p := Payment{Captured: testAmount, Refunds: []Refund{r}}
	if r.Base > 0 {
		p.Refunds = append(p.Refunds, Refund{ID: "rf_desk", Amount: r.Base, Origin: OriginBank, Status: RefundSucceeded})
	}
	return p.weigh(&p.Refunds[0], report)
}

func byTotal(grown int64) (verdict, int64, verdict) {
	switch {
	case grown < 0: // the total lags
		return underWay, 0, underWay
	case grown == 0:
		return notDone, 0, underWay
	case grown == ours:
		return done, 0, underWay
	}
	return undecided, 0, underWay
}

func TestAListShorterThanBeforeIsNoList(t *testing.T) {
	r := Refund{Amount: ours, BaseKnown: true, Base: 2000, BaseListed: 2}
	for grown, want := range map[int64]verdict{0: notDone, ours: done, 3000: undecided} {
		report := totalling(BankApproved, 2000+grown, 2000)
		if f := alone(r, report); f.verdict != want || len(f.desk) != 0 {
			t.Errorf("grown by %d beside a short list: verdict %d, desk %d", grown, f.verdict, sum(f.desk))
		}
	}
}

// Returned without a figure means that everything went back.
func TestReturnedWithoutAFigureIsEverything(t *testing.T) {
	for _, c := range []struct {
		amount, base int64
		want         verdict
	}{{testAmount, 0, done}, {testAmount - 2000, 2000, done}, {ours, 0, undecided}, {ours, testAmount - ours, done}} {
		r := Refund{Amount: c.amount, BaseKnown: true, Base: c.base, BaseListed: -1}
		if f := alone(r, Report{State: BankReturned}); f.verdict != c.want {
			t.Errorf("a refund of %d over %d: verdict %d, want %d", c.amount, c.base, f.verdict, c.want)
		}
	}
	p := apply(t, pendingPayment(t, 1), reported(Report{State: BankReturned, Word: "REVERSED"}), early)
	if p.Status != Refunded || p.Captured != testAmount || p.Refunded != testAmount {
		t.Errorf("a reversed pending payment is %s, captured %d, refunded %d", p.Status, p.Captured, p.Refunded)
	}
	wantWhats(t, p, 2, "paid", "refund_succeeded")
	part := apply(t, pendingPayment(t, 1), reported(Report{State: BankReturned, Refunded: Said(100)}), early)
	if part.Status != PartiallyRefunded || part.Refunded != 100 {
		t.Errorf("a stated total of 100 is %s, refunded %d", part.Status, part.Refunded)
	}
}

// TestWhatAnOwnerCanProve: every answer, with every kind of proof beside it, and what becomes of the refund.
func TestWhatAnOwnerCanProve(t *testing.T) {
	nothing, grown, more := totalling(BankApproved, 0), totalling(BankApproved, ours), totalling(BankApproved, ours+1)
	listed := totalling(BankApproved, ours+1000, ours, 1000)
	silent, busy := approved(), totalling(BankRefunding, 0)
	const succeeded, failed, unknown = RefundSucceeded, RefundFailed, RefundUnknown
	for _, c := range []struct {
		name              string
		base, reading     *Report
		id                string
		done, lost, other RefundStatus // after a yes, a lost answer, an answer outside the list
	}{
		{"no totals, no id", nil, nil, "", succeeded, unknown, unknown},
		{"no totals, an id", nil, nil, "b-1", succeeded, succeeded, succeeded},
		{"no base, a reading", nil, &grown, "", succeeded, unknown, unknown},
		{"a base without a total", &silent, &silent, "", succeeded, unknown, unknown},
		{"a base, no reading", &nothing, nil, "", unknown, unknown, unknown},
		{"a base, no reading, an id", &nothing, nil, "b-1", succeeded, succeeded, succeeded},
		{"a base, a reading without a total", &nothing, &silent, "", unknown, unknown, unknown},
		{"grown by the amount", &nothing, &grown, "", succeeded, succeeded, succeeded},
		{"grown, called returned", &nothing, pointer(totalling(BankReturned, ours)), "", succeeded, succeeded, succeeded},
		{"grown, called refunding", &nothing, pointer(totalling(BankRefunding, ours)), "", unknown, unknown, unknown},
		{"not grown", &nothing, &nothing, "", unknown, unknown, unknown},
		{"not grown, an id", &nothing, &nothing, "b-1", succeeded, succeeded, succeeded},
		{"grown by something else", &nothing, &more, "", unknown, unknown, unknown},
		{"in flight at the bank", &nothing, &busy, "", unknown, unknown, unknown},
		{"with the desk's, no list before", &nothing, &listed, "", unknown, unknown, unknown},
		{"with the desk's, listed", &Report{State: BankApproved, Refunded: Said(0), Operations: []Operation{}},
			&listed, "",
			succeeded, succeeded, succeeded},
	} {
		for answer, want := range map[Answer]RefundStatus{AnswerDone: c.done, AnswerLost: c.lost, "what?": c.other,
			AnswerRefused: failed} {
			t.Run(fmt.Sprintf("%s, %s", c.name, answer), func(t *testing.T) {
				p := refundingPayment(t, early, RefundIntent{Amount: ours, Base: c.base})
				p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: answer, RefundID: c.id, Code: "076", Reading: c.reading},
					until)
				holdRefund(t, p, want, c.id, c.reading == &listed)
			})
		}
	}
}

func holdRefund(t *testing.T, p Payment, want RefundStatus, id string, desk bool) {
	t.Helper()
	r := p.Refunds[0]
	if r.Status != want {
		t.Fatalf("the refund is %s, want %s", r.Status, want)
	}
	var back, reserved, entries int64
	switch want {
	case RefundSucceeded:
		back, entries = ours, 2
		if desk {
			back, entries = ours+1000, 3
		}
		if r.BankRefundID != id || r.Code != "" || !r.SettledAt.Equal(until) {
			t.Errorf("bank's id %q, code %q, settled %v", r.BankRefundID, r.Code, r.SettledAt)
		}
	case RefundFailed:
		entries = 2
		if r.Code != "076" || !r.SettledAt.Equal(until) || r.BankRefundID != "" {
			t.Errorf("code %q, settled %v, bank's id %q", r.Code, r.SettledAt, r.BankRefundID)
		}
	case RefundUnknown:
		reserved, entries = ours, 2
	}
	if p.Refunded != back || p.Reserved() != reserved || p.Sequence != 3+entries {
		t.Errorf("refunded %d, reserved %d, sequence %d; want %d, %d, %d", p.Refunded, p.Reserved(), p.Sequence, back,
			reserved, 3+entries)
	}
}
