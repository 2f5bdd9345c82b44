package payment

import (
	"testing"
	"time"
)

func TestAPaymentCancelledBeforeItsOpeningIsNeverDue(t *testing.T) {
	p := apply(t, createdPayment(1), Cancellation{By: ByShop("k1")}, start.Add(time.Minute))
	if !p.DueAt.IsZero() || Due(p, start.Add(48*time.Hour)) != NoWork {
		t.Fatalf("it has no page at the bank, so nobody can be asked, and yet it is due at %v", p.DueAt)
	}
}

// A payment lapses ten minutes after its page's end, and only by an answer of the bank: open, or that it cannot be
// asked.
func TestWhenAPaymentLapses(t *testing.T) {
	end := start.Add(cardEnd + 10*time.Minute)
	for _, c := range []struct {
		event  Event
		lapses bool
	}{
		{reported(Report{State: BankOpen}), true},
		{Silence{Unsupported: true}, true},
		{Silence{}, false},
		{reported(Report{State: BankProcessing}), false},
		{reported(Report{State: BankUnknown}), false},
		{Wakeup{}, false},
		{Question{}, false},
	} {
		p := pendingPayment(t, 1)
		if got := apply(t, p, c.event, end.Add(-time.Millisecond)); got.Status != Pending {
			t.Errorf("%+v a millisecond early: %s", c.event, got.Status)
		}
		for _, at := range []time.Time{end, end.Add(30 * 24 * time.Hour)} {
			got := apply(t, p, c.event, at)
			if lapsed := got.Status == Expired; lapsed != c.lapses || lapsed && (got.EndStated || got.DueAt.IsZero() ||
				!got.EndedAt.Equal(at)) {
				t.Errorf("%+v at %v: %s, stated %v, due %v", c.event, at.Sub(start), got.Status, got.EndStated, got.DueAt)
			}
		}
	}
}

// An opening that nobody finished lapses an hour after the last try began, not while somebody is at it, and is never
// asked about.
func TestWhenAnOpeningLapses(t *testing.T) {
	again := start.Add(50 * time.Minute)
	for name, c := range map[string]struct {
		p  Payment
		at time.Time
	}{
		"opened once": {createdPayment(1), start.Add(time.Hour)},
		"opened twice": {apply(t, createdPayment(1), OpeningStart{Until: again.Add(time.Minute)}, again),
			again.Add(time.Hour)},
		"a long lease": {New(testDraft(1), start, start.Add(2*time.Hour)), start.Add(2 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := apply(t, c.p, Wakeup{}, c.at.Add(-time.Millisecond)); got.Status != Created {
				t.Errorf("a millisecond early it is %s", got.Status)
			}
			got := apply(t, c.p, Wakeup{}, c.at)
			if got.Status != Expired || !got.DueAt.IsZero() {
				t.Errorf("in time it is %s, due %v", got.Status, got.DueAt)
			}
		})
	}
}

// A human is called 24 hours after the page's end, and no longer once the matter is clear.
func TestAStuckPaymentIsReviewedUntilItIsClear(t *testing.T) {
	at := start.Add(cardEnd + 24*time.Hour)
	for _, e := range []Event{Silence{}, reported(Report{State: BankUnknown}),
		reported(Report{State: BankProcessing})} {
		if got := apply(t, pendingPayment(t, 1), e, at.Add(-time.Millisecond)); len(got.Reviews) != 0 {
			t.Errorf("%+v a millisecond early: reviews %v", e, got.Reviews)
		}
		stuck := apply(t, pendingPayment(t, 1), e, at)
		if !stuck.InReview(ReviewStatus) || stuck.Status != Pending || stuck.DueAt.IsZero() {
			t.Fatalf("%+v: %s, reviews %v, due %v", e, stuck.Status, stuck.Reviews, stuck.DueAt)
		}
		if again := apply(t, stuck, e, at.Add(time.Hour)); again.Sequence != stuck.Sequence {
			t.Errorf("%+v twice calls a human twice", e)
		}
		n := len(stuck.History)
		paid := apply(t, stuck, reported(approved()), at.Add(time.Hour))
		wantWhats(t, paid, n, "paid", "review_cleared:status")
		declined := apply(t, stuck, reported(Report{State: BankDeclined, Code: "051"}), at.Add(time.Hour))
		wantWhats(t, declined, n, "review_cleared:status", "declined")
		lapsed := apply(t, stuck, reported(Report{State: BankOpen}), at.Add(time.Hour))
		wantWhats(t, lapsed, n, "review_cleared:status", "expired")
	}
}

// Times are stored in UTC and whole milliseconds, so that a payment read back equals the one that was saved.
func TestTimesAreStoredAsTheyAreKept(t *testing.T) {
	odd := time.Date(2026, 11, 2, 14, 0, 0, 123456789, time.FixedZone("Baku", 4*3600))
	p := New(testDraft(1), odd, odd.Add(30*time.Second))
	p = apply(t, p, OpeningDone{testHandle, "https://bank.example/page", odd.Add(time.Hour)}, odd)
	p = apply(t, p, Question{}, odd)
	opening := p.OpeningAt
	p = apply(t, p, reported(approved()), odd)
	p = apply(t, p, RefundIntent{ID: "rf_one", Amount: 100, Until: odd.Add(time.Minute)}, odd)
	want := time.Date(2026, 11, 2, 10, 0, 0, 123000000, time.UTC)
	for name, got := range map[string]time.Time{
		"created": p.CreatedAt, "opening": opening, "expires": p.ExpiresAt.Add(-time.Hour), "asked": p.AskedAt,
		"paid":      p.PaidAt,
		"requested": p.Refunds[0].RequestedAt, "until": p.Refunds[0].Until.Add(-time.Minute), "entry": p.History[0].At,
	} {
		if got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
