package payment

import (
	"testing"
	"time"
)

const refundAt = 10 * time.Minute // after start the refunds of these tests are asked for

// until is the deadline of their owner.
var until = start.Add(refundAt + 30*time.Second)

func lostRefund(t testing.TB, amount int64, base Report) Payment {
	t.Helper()
	p := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: amount, Base: &base})
	return apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, until)
}

func TestARefundInFlightIsLookedAtForAMonth(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	asked := 0
	for at := p.DueAt; !at.IsZero(); at = p.DueAt {
		if at.Before(p.AskedAt) {
			t.Fatalf("due at %v, before it was last asked about at %v", at, p.AskedAt)
		}
		p = apply(t, p, Question{}, at)
		p = apply(t, p, Silence{}, at)
		if asked++; asked > 100 {
			t.Fatal("it is asked about for ever")
		}
	}
	if last := p.AskedAt.Sub(until); last != 30*24*time.Hour {
		t.Errorf("the last question was put %v after the owner's deadline, want 30 days", last)
	}
	if !p.InReview(ReviewRefund) || p.Reserved() != 5000 {
		t.Errorf("reviews %v, reserved %d: nobody looks, or the reservation is gone", p.Reviews, p.Reserved())
	}
}

// A bank that is away for a day is asked again: one reading is no proof, so the second must follow.
func TestARefundIsSettledWhenTheBankComesBackAfterADay(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	day := until.Add(24 * time.Hour)
	for at := p.DueAt; at.Before(day); at = p.DueAt {
		p = apply(t, apply(t, p, Question{}, at), Silence{}, at)
	}
	for range 4 {
		at := p.DueAt
		if at.IsZero() {
			t.Fatal("a refund is in flight and nothing is due")
		}
		p = apply(t, apply(t, p, Question{}, at), reported(totalling(BankApproved, 0)), at)
	}
	if r := p.Refunds[0]; r.Status != RefundFailed {
		t.Errorf("after equal readings a day apart the refund is %s", r.Status)
	}
}

// Nor does it depend on when the first of the two was made: the month of questions may be over by then, as after a
// sweep that did not run for so long.
func TestARefundFirstReadAfterAMonthIsReadAgain(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	for at := until.Add(40 * 24 * time.Hour); p.InFlight() != nil; at = p.DueAt {
		if at.IsZero() {
			t.Fatalf("a refund is in flight, nothing is due, and the reviews are %v", p.Reviews)
		}
		p = apply(t, apply(t, p, Question{}, at), reported(totalling(BankApproved, 0)), at)
	}
	if r := p.Refunds[0]; r.Status != RefundFailed || p.AskedAt.Sub(r.ReadAt) != bankDay {
		t.Errorf("it is %s, read at %v and asked about last at %v", r.Status, r.ReadAt, p.AskedAt)
	}
}

// A question that was claimed and never put, since its asker was cut off, is not the last, however late it was.
func TestAClaimAfterAMonthIsNotTheLast(t *testing.T) {
	late := start.Add(70 * 24 * time.Hour)
	cancelled := apply(t, pendingPayment(t, 1), Cancellation{By: "shop:k1"}, start.Add(time.Minute))
	for name, p := range map[string]Payment{"pending": pendingPayment(t, 1), "cancelled": cancelled,
		"a refund": lostRefund(t, 5000, totalling(BankApproved, 0))} {
		claimed := apply(t, p, Question{}, late)
		if want := late.Add(bankDay); !claimed.DueAt.Equal(want) {
			t.Errorf("%s is due at %v, want %v", name, claimed.DueAt, want)
		}
		if silent := apply(t, claimed, Silence{}, late); !silent.DueAt.IsZero() || len(silent.Reviews) != 1 {
			t.Errorf("%s of which a bank has told nothing is due at %v, reviews %v", name, silent.DueAt, silent.Reviews)
		}
	}
}

// Recovery starts a quarter of an hour after the owner's deadline, not before: until then the owner, or the bank with
// what it was sent, may still be at work, and a refund at the bank's desk of the same amount would pass for ours.
func TestRecoveryWaitsForTheOwner(t *testing.T) {
	p := refundingPayment(t, start.Add(refundAt), RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	early := apply(t, p, reported(totalling(BankApproved, 5000)), until.Add(recoverAfter-time.Millisecond))
	if early.InFlight() == nil {
		t.Error("a reading settled the refund while its owner may be at work")
	}
	late := apply(t, p, reported(totalling(BankApproved, 5000)), until.Add(recoverAfter))
	if late.Refunds[0].Status != RefundSucceeded || late.Refunded != 5000 {
		t.Errorf("after the owner's time the refund is %s, refunded %d", late.Refunds[0].Status, late.Refunded)
	}
}

// Only two equal readings, with nothing else read between them, say "not done".
func TestAnotherReadingBetweenTheTwoStartsAfresh(t *testing.T) {
	for name, between := range map[string]Report{
		"another total":             totalling(BankApproved, 1000),
		"no total":                  approved(),
		"the bank giving back":      totalling(BankRefunding, 0),
		"less than was given back":  totalling(BankApproved, 0, 1),
		"not done by another total": totalling(BankApproved, 200, 200),
	} {
		t.Run(name, func(t *testing.T) {
			base := totalling(BankApproved, 0)
			base.Operations = []Operation{}
			p := lostRefund(t, 5000, base)
			at := until.Add(recoverAfter)
			p = apply(t, p, reported(base), at)
			p = apply(t, p, reported(between), at.Add(5*time.Minute))
			p = apply(t, p, reported(base), at.Add(bankDay))
			if p.InFlight() == nil {
				t.Fatal("the refund was settled by readings that are not two in a row")
			}
			p = apply(t, p, reported(base), at.Add(2*bankDay))
			if p.Refunds[0].Status != RefundFailed {
				t.Errorf("after two equal readings in a row it is %s", p.Refunds[0].Status)
			}
		})
	}
}

// A bank that says "refunded" and not how much: nobody knows, also when the payment is first seen so, and a human
// looks; unless our own refunds explain the word.
func TestRefundedWithoutAFigure(t *testing.T) {
	word := reported(Report{State: BankRefunded, Word: "REFUNDED"})
	first := apply(t, pendingPayment(t, 1), word, early)
	if first.Status != Paid || first.Refunded != 0 || !first.InReview(ReviewRefund) {
		t.Errorf("first seen as refunded: %s, %d, %v", first.Status, first.Refunded, first.Reviews)
	}
	known := apply(t, paidPayment(t), word, early)
	if known.Status != Paid || known.Refunded != 0 || !known.InReview(ReviewRefund) {
		t.Errorf("known as paid: %s, %d, %v", known.Status, known.Refunded, known.Reviews)
	}
	ours := apply(t, apply(t, paidPayment(t), reported(totalling(BankApproved, 4000)), early), word, early)
	if ours.Refunded != 4000 || len(ours.Reviews) > 0 {
		t.Errorf("after a refund: %d, %v", ours.Refunded, ours.Reviews)
	}
}

// An end that the bank did not state is asked about until the bank has decided something a day later, whatever goes
// wrong before.
func TestAnUnstatedEndIsNotForgotten(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), Cancellation{By: ByShop("k1")}, early)
	ended := p.EndedAt
	for _, silence := range []Event{Silence{}, reported(Report{State: BankProcessing, Word: "ON-LOCK"}),
		reported(Report{State: BankUnknown})} {
		q := p
		for _, after := range []time.Duration{10 * time.Minute, time.Hour, 24 * time.Hour} {
			at := ended.Add(after)
			if Due(q, at) != AskBank {
				t.Fatalf("after %v nobody is to ask", after)
			}
			q = apply(t, apply(t, q, Question{}, at), silence, at)
		}
		if !q.InReview(ReviewStatus) || Due(q, ended.Add(48*time.Hour)) != AskBank {
			t.Errorf("after %T at the last question: reviews %v, due %v", silence, q.Reviews, q.DueAt)
		}
		late := apply(t, q, reported(approved()), ended.Add(48*time.Hour))
		if late.Status != Paid || !late.Late || len(late.Reviews) > 0 {
			t.Errorf("the money came: %s late %v reviews %v", late.Status, late.Late, late.Reviews)
		}
		over := apply(t, q, reported(Report{State: BankOpen, Word: "CREATED"}), ended.Add(48*time.Hour))
		if !over.DueAt.IsZero() || len(over.Reviews) > 0 {
			t.Errorf("no money came: due %v reviews %v", over.DueAt, over.Reviews)
		}
	}
	// Killed between the claim and the answer of the last question.
	q := apply(t, p, Question{}, ended.Add(24*time.Hour))
	if Due(q, ended.Add(48*time.Hour)) != AskBank {
		t.Error("a question that nobody answered was the last one")
	}
}
