package payment

import (
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// TestAnOrdinaryPaymentKeepsItsPlaceInTheToDoList from its creation until its shop is told: each move costs two writes.
func TestAnOrdinaryPaymentKeepsItsPlaceInTheToDoList(t *testing.T) {
	for life, first := range map[time.Duration]time.Duration{pageLife: 3 * minute, 30 * day: minute} {
		for paid := time.Second; paid < first; paid += 7 * time.Second {
			d := testDraft(1)
			d.Notify, d.PageLife = true, life
			created := start.Add(333 * time.Millisecond)
			p := New(d, created, created.Add(30*time.Second))
			due := start.Add(first + time.Second)
			still := func(what string) {
				t.Helper()
				if !p.DueAt.Equal(due) {
					t.Fatalf("a page of %v, %s after %v: due after %v, want %v", life, what, paid, p.DueAt.Sub(start),
						due.Sub(start))
				}
			}
			still("created")
			opened := openedEvent()
			opened.ExpiresAt = created.Add(life)
			p = apply(t, p, opened, created)
			still("opened")
			at := created.Add(paid)
			p = apply(t, p, Question{}, at)
			still("asked")
			p = apply(t, p, reported(approved()), at)
			still("paid")
			p = apply(t, p, DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true}}}, at.Add(time.Second))
			if !p.DueAt.IsZero() {
				t.Fatalf("a page of %v, told: due after %v", life, p.DueAt.Sub(start))
			}
		}
	}
}

// TestAPaymentForgetsWhatIsOfNoUseAnyMore: where its page was, once that has ended, and the ways back that nobody goes
// from money.
func TestAPaymentForgetsWhatIsOfNoUseAnyMore(t *testing.T) {
	pending := pendingPayment(t, 1)
	all := testDraft(1).Return
	if pending.RedirectURL == "" || pending.Return != all || pending.Openings != 0 {
		t.Errorf("pending: page %q, back %v, openings %d", pending.RedirectURL, pending.Return, pending.Openings)
	}
	if p := paidPayment(t); p.RedirectURL != "" || p.Return != (ReturnURLs{Success: all.Success}) ||
		!p.OpeningAt.IsZero() {
		t.Errorf("paid: page %q, back %v", p.RedirectURL, p.Return)
	}
	for _, e := range []Event{Cancellation{By: "kassa"}, reported(Report{State: BankExpired}),
		reported(Report{State: BankDeclined})} {
		p := apply(t, pending, e, early)
		left := ReturnURLs{Success: all.Success, Cancel: all.Cancel}
		if p.Status == Declined {
			left = ReturnURLs{Success: all.Success, Decline: all.Decline}
		}
		if p.RedirectURL != "" || p.Return != left {
			t.Errorf("%s: page %q, back %v", p.Status, p.RedirectURL, p.Return)
		}
		if p.Home() != map[Status]string{Cancelled: all.Cancel, Expired: all.Cancel, Declined: all.Decline}[p.Status] {
			t.Errorf("%s: its customer is sent to %q", p.Status, p.Home())
		}
		p = apply(t, p, reported(approved()), early.Add(time.Minute))
		if p.Home() != all.Success || p.Return != (ReturnURLs{Success: all.Success}) {
			t.Errorf("paid late: back %v", p.Return)
		}
	}
}
