package payment

import (
	"testing"
	"time"
)

// TestAPromisedQuestionIsTheirsFirst who promised it: nobody else puts it before they would have, and five seconds.
func TestAPromisedQuestionIsTheirsFirst(t *testing.T) {
	asked := early
	p := apply(t, pendingPayment(t, 1), Question{}, asked)
	p = apply(t, p, QuestionPromise{}, asked.Add(time.Second))
	free := asked.Add(5 * time.Second)
	if !p.AskNext.Equal(free) {
		t.Fatalf("promised for %v, want %v", p.AskNext, free)
	}
	refuse(t, p, QuestionPromise{}, free.Add(-time.Millisecond), Standing, "asked_soon")
	if again := apply(t, p, QuestionPromise{}, free); !again.AskNext.Equal(free) {
		t.Errorf("promised anew for %v", again.AskNext)
	}
	for _, c := range []struct {
		e  Question
		at time.Time
	}{{Question{Promised: true}, free}, {Question{}, free.Add(5 * time.Second)}} {
		refuse(t, p, c.e, c.at.Add(-time.Millisecond), Standing, "asked_recently")
		if next := apply(t, p, c.e, c.at); !next.AskedAt.Equal(c.at) || !next.AskNext.IsZero() {
			t.Errorf("%+v: asked at %v, the next at %v", c.e, next.AskedAt, next.AskNext)
		}
	}
	late := apply(t, pendingPayment(t, 1), QuestionPromise{}, early)
	if !late.AskNext.Equal(early) {
		t.Errorf("where nobody has asked of late it is promised for %v", late.AskNext)
	}
	refuse(t, createdPayment(1), QuestionPromise{}, early, Standing, "payment_created")
}

// TestAPromiseOfAnotherClock keeps nobody waiting for longer than five seconds, nor does a question that such a clock
// has noted: it may be an operator's machine.
func TestAPromiseOfAnotherClock(t *testing.T) {
	ahead, pending := early.Add(time.Hour), pendingPayment(t, 1)
	promised := apply(t, pending, QuestionPromise{}, ahead)
	if p := apply(t, promised, Question{}, early); !p.AskedAt.Equal(early) || !p.AskNext.IsZero() {
		t.Errorf("promised for %v: asked at %v, the next at %v", ahead, p.AskedAt, p.AskNext)
	}
	if p := apply(t, promised, QuestionPromise{}, early); !p.AskNext.Equal(early) {
		t.Errorf("promised anew for %v", p.AskNext)
	}
	asked := apply(t, pending, Question{}, ahead)
	refuse(t, asked, Question{}, early, Standing, "asked_recently")
	p := apply(t, asked, QuestionPromise{}, early)
	if !p.AskNext.Equal(early.Add(5 * time.Second)) {
		t.Errorf("asked at %v, and promised for %v", ahead, p.AskNext)
	}
	refuse(t, p, QuestionPromise{}, early.Add(time.Second), Standing, "asked_soon")
	for _, e := range []Question{{}, {Promised: true}} { // and is no leave for that clock to ask again at once
		refuse(t, p, e, ahead.Add(5*time.Second-time.Millisecond), Standing, "asked_recently")
		apply(t, p, e, ahead.Add(5*time.Second))
	}
}

// TestABankWithoutSuchAQuestion says nothing, and a refund whose owner is gone waits for a person then.
func TestABankWithoutSuchAQuestion(t *testing.T) {
	for _, signed := range []bool{false, true} {
		p := lostRefund(t, 100, approved())
		over := p.Refunds[0].Until.Add(recoverAfter)
		if signed {
			p = apply(t, p, NoticeArrival{Handle: testHandle, Report: Report{State: BankUnknown, Word: "NEW"}}, early)
		}
		if next := apply(t, p, Silence{Unsupported: true}, over.Add(-time.Millisecond)); next.InReview(ReviewRefund) {
			t.Errorf("signed %t: under review while its owner may be at work", signed)
		}
		if next := apply(t, p, Silence{Unsupported: true}, over); !next.InReview(ReviewRefund) {
			t.Errorf("signed %t: nobody is called", signed)
		}
	}
	refuse(t, createdPayment(1), Silence{Unsupported: true}, early, Standing, "payment_created")
}
