package payment

import (
	"slices"
	"testing"
	"time"
)

// schedule plays the sweep: it asks whenever the payment is due, hears the answer, and notes when it was due, counted
// from a time.
func schedule(t *testing.T, p Payment, from time.Time, answer Event, most int) (due []time.Duration) {
	t.Helper()
	for !p.DueAt.IsZero() && len(due) < most {
		at := p.DueAt
		due = append(due, at.Sub(from))
		if got := Due(p, at.Add(-time.Millisecond)); got != NoWork {
			t.Fatalf("a millisecond before %v there is already %q to do", at.Sub(from), got)
		}
		switch Due(p, at) {
		case AskBank:
			p = apply(t, p, Question{}, at)
			p = apply(t, p, answer, at)
		case LetLapse, NoWork: // it stood there for a page that was never opened
			p = apply(t, p, Wakeup{}, at)
		default:
			t.Fatalf("due at %v and nothing to do", at.Sub(from))
		}
	}
	return due
}

const minute, hour, day = time.Minute, time.Hour, 24 * time.Hour

func TestWhenTheBankIsAsked(t *testing.T) {
	opened := start.Add(openedIn)
	pending := pendingPayment(t, 1)
	draft := testDraft(1)
	draft.Term = 12
	instalments := apply(t, New(draft, start, start), OpeningDone{testHandle, "https://bank.example/page",
		start.Add(30 * day)},
		opened)
	var sixHourly []time.Duration
	for at := 6 * hour; at < 30*day; at += 6 * hour {
		sixHourly = append(sixHourly, at)
	}
	daysTo := func(last int) (days []time.Duration) {
		for n := 1; n <= last; n++ {
			days = append(days, time.Duration(n)*day)
		}
		return days
	}
	after := func(start time.Duration, steps []time.Duration) (at []time.Duration) {
		for _, step := range steps {
			at = append(at, start+step)
		}
		return at
	}
	cancelled := apply(t, pending, Cancellation{By: "kassa"}, start.Add(4*minute))
	lost := lostRefund(t, 5000, totalling(BankApproved, 0))
	unpaid := apply(t, paidPayment(t), reported(Report{State: BankOpen}), early)
	for name, c := range map[string]struct {
		p      Payment
		from   time.Time
		answer Event
		want   []time.Duration
	}{
		"a card page, unpaid": {pending, start, reported(Report{State: BankOpen}), // then an end that the bank did not state
			[]time.Duration{3 * minute, 8 * minute, cardEnd, cardEnd + 10*minute,
				cardEnd + 20*minute, cardEnd + 10*minute + hour, cardEnd + 10*minute + day}},
		"a card page, its end stated": {pending, start, reported(Report{State: BankExpired}), []time.Duration{3 * minute}},
		"a card page, paid":           {pending, start, reported(approved()), []time.Duration{3 * minute}},
		"a card page that hangs": {pending, start.Add(cardEnd), Silence{},
			append([]time.Duration{3*minute - cardEnd, 8*minute - cardEnd, 0, 10 * minute, 20 * minute, 40 * minute, 80 * minute,
				160 * minute, 320 * minute, 640 * minute, 1280 * minute}, daysTo(30)...)},
		"a bank that cannot be asked": {pending, start, Silence{Unsupported: true}, // lapses by age
			[]time.Duration{3 * minute, 8 * minute, cardEnd, cardEnd + 10*minute,
				cardEnd + 20*minute, cardEnd + 10*minute + hour, cardEnd + 10*minute + day}},
		"an instalment application": {instalments, start, reported(Report{State: BankProcessing}),
			append([]time.Duration{minute, 5 * minute, 15 * minute, hour},
				append(sixHourly, 30*day, 30*day+10*minute, 30*day+20*minute)...)},
		"cancelled by the shop": {cancelled, start.Add(4 * minute), reported(Report{State: BankOpen}),
			[]time.Duration{10 * minute, hour, day}},
		"cancelled, its end stated after all": {cancelled, start.Add(4 * minute), reported(Report{State: BankCancelled}),
			[]time.Duration{10 * minute}},
		"created, never opened": {createdPayment(1), start, Silence{}, []time.Duration{3 * minute, hour}},
		"a refund in flight": {lost, until, Silence{},
			append([]time.Duration{15 * minute, 30 * minute, 45 * minute, 75 * minute, 3 * hour, 8 * hour, day, day + 30*minute},
				daysTo(30)[1:]...)},
		"a refund not done": {lost, until, reported(totalling(BankApproved, 0)), // and a month longer it may turn up
			append([]time.Duration{15 * minute, 30 * minute, 45 * minute, 75 * minute, 3 * hour, 8 * hour, day},
				after(day+30*minute,
					append([]time.Duration{0, hour}, daysTo(30)...))...)},
		"a refund done": {lost, until, reported(totalling(BankApproved, 5000)), []time.Duration{15 * minute}},
		"paid":          {paidPayment(t), start, Silence{}, nil},
		"paid, and called unpaid": {unpaid, early, reported(Report{State: BankOpen}),
			append([]time.Duration{hour}, daysTo(30)...)},
		"paid, and called unpaid once": {unpaid, early, reported(approved()), []time.Duration{hour}},
	} {
		t.Run(name, func(t *testing.T) {
			most := 100
			if c.p.Term > 0 {
				most = len(c.want)
			}
			if got := schedule(t, c.p, c.from, c.answer, most); !slices.Equal(got, c.want) {
				t.Errorf("due at\n%v, want\n%v", got, c.want)
			}
		})
	}
}

// TestAPageIsAskedAboutByItsLife: months of a card page change nothing about its clock, and a long page needs no
// months.
func TestAPageIsAskedAboutByItsLife(t *testing.T) {
	for life, want := range map[time.Duration]time.Duration{20 * time.Minute: 3 * time.Minute, time.Hour: 3 * time.Minute,
		24 * time.Hour: time.Minute, 720 * time.Hour: time.Minute} {
		for _, term := range []int{0, 12} {
			draft := testDraft(1)
			draft.Term = term
			opened := openedEvent()
			opened.ExpiresAt = start.Add(life)
			p := apply(t, New(draft, start, start.Add(time.Minute)), opened, start)
			if got := p.DueAt.Sub(start); got != want {
				t.Errorf("a page of %s, %d months: first asked after %s, want %s", life, term, got, want)
			}
		}
	}
}

// An entry of the to-do list moves only when it must: earlier when something is due sooner, or away from the past.
func TestAnEntryMovesOnlyWhenItMust(t *testing.T) {
	now := start
	var never time.Time
	for _, c := range []struct{ have, want, then time.Time }{
		{never, now.Add(minute), now.Add(minute)},
		{now.Add(minute), now.Add(minute), now.Add(minute)},
		{now.Add(minute), now.Add(hour), now.Add(minute)},                     // still to come and early enough: it stays
		{now.Add(hour), now.Add(minute), now.Add(minute)},                     // too late: it moves
		{now, now.Add(hour), now.Add(hour)},                                   // over: it moves
		{now.Add(time.Millisecond), now.Add(hour), now.Add(time.Millisecond)}, // just not over
		{now.Add(-minute), now.Add(-time.Second), now.Add(-time.Second)},
		{now.Add(minute), never, never},
		{now.Add(-minute), never, never},
	} {
		if got := keepDue(c.have, c.want, now); !got.Equal(c.then) {
			t.Errorf("keepDue(%v, %v) is %v, want %v", c.have.Sub(now), c.want.Sub(now), got.Sub(now), c.then.Sub(now))
		}
	}
	p := pendingPayment(t, 1)
	if !p.DueAt.Equal(start.Add(3 * minute)) {
		t.Fatalf("due %v after the start", p.DueAt.Sub(start))
	}
	for at := 10 * time.Second; at < 3*minute; at += 10 * time.Second { // a customer who waits moves nothing
		p = apply(t, p, Question{}, start.Add(at))
		p = apply(t, p, reported(Report{State: BankOpen}), start.Add(at))
		if !p.DueAt.Equal(start.Add(3 * minute)) {
			t.Fatalf("a poll at %v moved the entry to %v", at, p.DueAt.Sub(start))
		}
	}
}

// A wake-up that comes too early finds nothing to do, and Wakeup moves the entry on.
func TestAnEarlyWakeUpIsHarmless(t *testing.T) {
	p := pendingPayment(t, 1)
	p.DueAt = start.Add(minute)
	if work := Due(p, start.Add(minute)); work != NoWork {
		t.Fatalf("a minute after the start there is %q to do", work)
	}
	next := apply(t, p, Wakeup{}, start.Add(minute))
	if !next.DueAt.Equal(start.Add(3*minute)) || next.Sequence != p.Sequence || next.Status != p.Status {
		t.Errorf("woken early: due %v after the start, status %s", next.DueAt.Sub(start), next.Status)
	}
}

func TestSiblingsAreReadBeforeAnythingElse(t *testing.T) {
	p := apply(t, pendingPayment(t, 2), reported(approved()), start.Add(paidIn))
	for range 3 { // reading them failed: it stays due
		if work := Due(p, p.PaidAt.Add(minute)); work != ReadSiblings || !p.DueAt.Equal(p.PaidAt.Add(minute)) {
			t.Fatalf("a second attempt that is paid is due at %v for %q", p.DueAt, work)
		}
	}
	p = apply(t, p, SiblingReading{Overpaid: true}, p.PaidAt.Add(minute))
	if !p.Overpaid || !p.DueAt.IsZero() || Due(p, late) != NoWork {
		t.Errorf("overpaid %v, due %v", p.Overpaid, p.DueAt)
	}
	late := apply(t, apply(t, pendingPayment(t, 1), Cancellation{By: "kassa"}, early), reported(approved()),
		early.Add(minute))
	if !late.Late || !late.SiblingsDue {
		t.Errorf("paid after its end: late %v, siblings due %v", late.Late, late.SiblingsDue)
	}
	if first := paidPayment(t); first.SiblingsDue || !first.DueAt.IsZero() {
		t.Errorf("the first attempt, paid in time, waits for siblings until %v", first.DueAt)
	}
}

// The bank is asked at most once in 5 s, later less often.
func TestHowOftenTheBankMayBeAsked(t *testing.T) {
	p := pendingPayment(t, 1)
	for _, c := range []struct{ age, interval time.Duration }{
		{minute, 5 * time.Second}, {30*minute - time.Millisecond, 5 * time.Second}, {30 * minute, 15 * time.Second},
		{2*hour - time.Millisecond, 15 * time.Second}, {2 * hour, minute}, {30 * day, minute},
	} {
		now := start.Add(c.age)
		p.AskedAt = now.Add(-c.interval + time.Millisecond)
		refuse(t, p, Question{}, now, Standing, "asked_recently")
		p.AskedAt = now.Add(-c.interval)
		if next := apply(t, p, Question{}, now); !next.AskedAt.Equal(now) || next.Sequence != p.Sequence {
			t.Errorf("at %v the claim is at %v, sequence %d", c.age, next.AskedAt, next.Sequence)
		}
		if got := p.PollAfter(now); got != c.interval {
			t.Errorf("at %v a customer is told to wait %v, want %v", c.age, got, c.interval)
		}
	}
	refuse(t, createdPayment(1), Question{}, early, Standing, "payment_created")
	if got := paidPayment(t).PollAfter(early); got != 0 {
		t.Errorf("a paid payment is to be polled again after %v", got)
	}
	if got := lostRefund(t, 100, approved()).PollAfter(early); got != time.Minute {
		t.Errorf("a refund in flight is to be polled again after %v", got)
	}
}

func TestShardsAreEvenAndBounded(t *testing.T) {
	var count [Shards]int
	for i := range 16000 {
		id := ID{Order: OrderKey("demo-az", time.Duration(i).String()), Attempt: 1}
		count[id.Shard()]++
		if other := (ID{id.Order, 2}); other.Shard() != id.Shard() {
			t.Fatal("two attempts of an order lie in two shards")
		}
	}
	for shard, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("shard %d has %d of 16000 orders, want about 1000", shard, n)
		}
	}
}

// TestWhatIsDue is said by its name, and only when its time has come.
func TestWhatIsDue(t *testing.T) {
	created := createdPayment(1)
	lapses := created.OpeningAt.Add(lapseCreated)
	if got := Due(created, lapses); got != LetLapse {
		t.Errorf("an opening nobody finished: %q", got)
	}
	if got := Due(created, lapses.Add(-time.Millisecond)); got != NoWork {
		t.Errorf("a moment before: %q", got)
	}
	if got := Due(paidPayment(t), late); got != NoWork {
		t.Errorf("of a paid payment: %q", got)
	}
	if got := listed(time.Time{}); !got.IsZero() {
		t.Errorf("what is never due is due at %v", got)
	}
}

// TestWhatWasSignedAboutAnOpeningThatNobodyFinished is nobody's to settle: a person is called where it tells of money.
func TestWhatWasSignedAboutAnOpeningThatNobodyFinished(t *testing.T) {
	p := apply(t, createdPayment(1), NoticeArrival{Handle: testHandle, Report: approved()}, early)
	due := p.Lease.Add(recoverAfter) // by then its opener is gone, whatever its clock says
	if !p.DueAt.Equal(due) {
		t.Errorf("due at %v, want %v: until then the sweep would find nothing to do, and be late", p.DueAt, due)
	}
	if early := apply(t, p, Wakeup{}, due.Add(-time.Second)); len(early.Notices) != 1 || len(early.Reviews) != 0 {
		t.Errorf("before its time: %v, %v", early.Notices, early.Reviews)
	}
	if p = apply(t, p, Wakeup{}, due); len(p.Notices) != 0 || !p.InReview(ReviewSession) {
		t.Errorf("kept %v, reviews %v", p.Notices, p.Reviews)
	}
}
