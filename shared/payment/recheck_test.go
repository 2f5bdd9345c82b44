package payment

import (
	"testing"
	"time"
)

// recheckedDraft is of a shop that has its paid payments asked about once more.
func recheckedDraft(c Currency) Draft {
	d := testDraft(1)
	d.Recheck, d.Amount.Currency = true, c
	return d
}

// paidAt is a payment that was paid then.
func paidAt(t *testing.T, d Draft, at time.Time) Payment {
	t.Helper()
	opened := openedEvent()
	opened.ExpiresAt = at.Add(hour)
	p := apply(t, New(d, at.Add(-time.Minute), at), opened, at.Add(-30*time.Second))
	return apply(t, p, reported(approved()), at)
}

// TestThePaidAreAskedAboutNextMorning: once, when the bank's day is over, whatever the hour of the payment; not where
// the shop does not want it, and not where nothing is left to give back.
func TestThePaidAreAskedAboutNextMorning(t *testing.T) {
	for _, c := range []struct {
		currency Currency
		offset   time.Duration
	}{{AZN, 4 * hour}, {USD, 4 * hour}, {BYN, 3 * hour}} {
		zone := time.FixedZone("bank", int(c.offset/time.Second))
		for clock := range 24 {
			at := time.Date(2026, 11, 27, clock, 59, 59, 0, zone)
			p := paidAt(t, recheckedDraft(c.currency), at)
			morning := time.Date(2026, 11, 28, 6, 0, 0, 0, zone).Add(time.Duration(p.ID.Shard()) * 4 * minute)
			asked := 0
			for n := 0; !p.DueAt.IsZero() && n < 9; n++ {
				switch now := p.DueAt; Due(p, now) {
				case AskBank:
					if asked++; !now.Equal(morning) {
						t.Errorf("%s, paid at %d: asked at %v, want %v", c.currency, clock, now.In(zone), morning)
					}
					p = apply(t, apply(t, p, Question{}, now), totalled(2000), now.Add(time.Second))
				default:
					p = apply(t, p, Wakeup{}, now)
				}
			}
			if asked != 1 || p.rechecks() || p.Refunded != 2000 || p.Refunds[0].Origin != OriginBank {
				t.Errorf("%s, paid at %d: asked %d times, %+v", c.currency, clock, asked, p.Refunds)
			}
		}
	}
	at := start.Add(hour)
	if p := paidAt(t, testDraft(1), at); p.DueAt.After(at.Add(hour)) {
		t.Error("asked about although the shop does not want it")
	}
	gone := apply(t, paidAt(t, recheckedDraft(AZN), at), reported(Report{State: BankReturned, Word: "REVERSED"}), at)
	if gone = apply(t, gone, Wakeup{}, at.Add(hour)); gone.Status != Refunded || !gone.DueAt.IsZero() {
		t.Errorf("%s is due at %v", gone.Status, gone.DueAt)
	}
}

func totalled(minor int64) Statement {
	return reported(Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(minor)})
}

// TestABankThatIsSilentInTheMorning is asked again; one that has no such question is not.
func TestABankThatIsSilentInTheMorning(t *testing.T) {
	p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
	p = apply(t, p, Wakeup{}, start.Add(2*hour))
	first := p.DueAt
	p = apply(t, apply(t, p, Question{}, first), Silence{}, first)
	if !p.DueAt.Equal(first.Add(hour)) || !p.rechecks() {
		t.Errorf("after a silence due at %v, %v", p.DueAt, p.rechecks())
	}
	if p = apply(t, p, Silence{Unsupported: true}, first.Add(hour)); p.rechecks() || !p.DueAt.IsZero() {
		t.Errorf("a bank without a question is due at %v", p.DueAt)
	}
}

// TestAnAnswerOfTheSameDayIsNoRecheck: the desk may give back after it.
func TestAnAnswerOfTheSameDayIsNoRecheck(t *testing.T) {
	at := start.Add(hour)
	p := apply(t, paidAt(t, recheckedDraft(AZN), at), reported(approved()), at.Add(minute))
	if !p.rechecks() {
		t.Error("asked on the day itself, and done with")
	}
}

// TestARefundIsFollowedByAMorningToo: the desk may give back at the moment of our own refund, and the bank's answer
// says nothing of it.
func TestARefundIsFollowedByAMorningToo(t *testing.T) {
	p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
	p = apply(t, p, reported(totalling(BankApproved, 0)), p.recheckAt())
	if p = apply(t, p, Wakeup{}, start.Add(40*bankDay)); !p.DueAt.IsZero() {
		t.Fatalf("asked in the morning, it is due at %v", p.DueAt)
	}
	at := start.Add(40*bankDay + hour)
	p = apply(t, p, owned(RefundIntent{Amount: 3000, Base: pointer(totalling(BankApproved, 0))}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, at)
	p = apply(t, p, Wakeup{}, at.Add(hour))
	if morning := at.Truncate(24 * hour).Add(26 * hour); p.DueAt.Before(morning) || p.DueAt.After(morning.Add(hour)) {
		t.Fatalf("after a refund at %v it is due at %v", at, p.DueAt)
	}
	p = apply(t, apply(t, p, Question{}, p.DueAt), totalled(5000), p.DueAt)
	if p.Refunded != 5000 || len(p.Refunds) != 2 || p.rechecks() || !p.DueAt.IsZero() {
		t.Errorf("%+v, due at %v", p.Refunds, p.DueAt)
	}
}

// TestARefundThatWasNotTakenIsFollowedByAQuestion: the bank may have refused it because its desk has just given back
// the same, and a refund of which nothing is left on record tells nobody.
func TestARefundThatWasNotTakenIsFollowedByAQuestion(t *testing.T) {
	for _, answer := range []Answer{AnswerRefused, AnswerUnsent} {
		p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
		at := p.recheckAt()
		p = apply(t, apply(t, p, Question{}, at), reported(totalling(BankApproved, 0)), at)
		at = start.Add(20 * bankDay)
		whole := RefundIntent{Amount: testAmount, All: true, Base: pointer(totalling(BankApproved, 0))}
		p = apply(t, p, owned(whole, at), at)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: answer}, at)
		if p = apply(t, p, Wakeup{}, at.Add(hour)); Due(p, at.Add(hour)) != AskBank {
			t.Fatalf("%s: due at %v", answer, p.DueAt)
		}
		at = at.Add(hour)
		if p = apply(t, apply(t, p, Question{}, at), totalled(2000), at); p.Refunded != 2000 || !p.DueAt.IsZero() {
			t.Errorf("%s: refunded %d, due at %v", answer, p.Refunded, p.DueAt)
		}
	}
}

// TestARecheckIsNeverGivenUp: neither after a month without a sweep nor by a bank that is silent for years, which is
// asked ever more seldom.
func TestARecheckIsNeverGivenUp(t *testing.T) {
	p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
	at := start.Add(40 * bankDay)
	p = apply(t, apply(t, p, Question{}, at), Silence{}, at)
	asked := 0
	for ; p.DueAt.Before(start.Add(3650 * bankDay)); asked++ {
		if p.DueAt.IsZero() {
			t.Fatalf("after %d questions nobody asks any more", asked)
		}
		at = p.DueAt
		p = apply(t, apply(t, p, Question{}, at), Silence{}, at)
	}
	if asked < 5 || asked > 12 {
		t.Errorf("asked %d times in ten years", asked)
	}
	if p = apply(t, p, totalled(2000), p.DueAt); p.Refunded != 2000 || !p.DueAt.IsZero() {
		t.Errorf("answered at last: refunded %d, due at %v", p.Refunded, p.DueAt)
	}
}

// TestAnAnswerThatLeavesTheMoneyOpenIsNoRecheck: a word that decides nothing, as of a gateway that has lost its books
// for a moment, tells nothing of what the desk gave back, and a server that knows no such question may know it
// tomorrow.
func TestAnAnswerThatLeavesTheMoneyOpenIsNoRecheck(t *testing.T) {
	for name, said := range map[string]Event{
		"no word of ours": reported(Report{State: BankUnknown, Word: "ERROR"}),
		"at it":           reported(Report{State: BankProcessing, Word: "ON-LOCK"}),
		"giving back":     reported(Report{State: BankRefunding, Word: "ON-REFUND"}),
		"no such call":    Silence{Unsupported: true, NoCall: true},
	} {
		p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
		at := p.recheckAt()
		p = apply(t, apply(t, p, Question{}, at), said, at)
		if next := p.DueAt; !p.rechecks() || !next.After(at) || next.After(at.Add(hour)) {
			t.Errorf("%s: due at %v", name, p.DueAt)
			continue
		}
		at = p.DueAt
		if p = apply(t, apply(t, p, Question{}, at), totalled(2000), at); p.Refunded != 2000 || !p.DueAt.IsZero() {
			t.Errorf("%s: refunded %d, due at %v", name, p.Refunded, p.DueAt)
		}
	}
	p := paidAt(t, recheckedDraft(AZN), start.Add(hour))
	at := p.recheckAt()
	if p = apply(t, apply(t, p, Question{}, at), Silence{Unsupported: true}, at); !p.DueAt.IsZero() {
		t.Errorf("of a bank that cannot be asked it is due at %v", p.DueAt)
	}
}
