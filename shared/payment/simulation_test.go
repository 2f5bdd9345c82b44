package payment

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// world is one payment, its bank, and what their story must keep true.
type world struct {
	t        *testing.T
	seed     uint64
	rng      *rand.Rand
	bank     *modelBank
	p        Payment
	now      time.Time
	kept     []keptAnswer           // answers on their way, saved later or twice
	readings map[string][]keptTotal // what was read about each refund after its owner's time
	owners   map[string]RefundAnswer
	keys     int
	post     []Event // what the bank has signed and was not delivered yet
	ruled    bool    // a person is deciding
}

type keptAnswer struct {
	event Event
	at    time.Time
}

type keptTotal struct {
	at    time.Time
	total int64
}

func newWorld(t *testing.T, seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &world{t: t, seed: seed, rng: rng, bank: newModelBank(rng), now: start, readings: map[string][]keptTotal{},
		owners: map[string]RefundAnswer{}}
	w.p = createdPayment(1 + rng.IntN(2))
	if rng.IntN(10) == 0 {
		w.apply(OpeningLoss{}, start)
		w.apply(OpeningStart{Until: start.Add(time.Minute)}, start)
	}
	w.now = start.Add(openedIn)
	w.apply(openedEvent(), w.now)
	w.bank.moody = true
	if rng.IntN(4) > 0 { // most customers make up their mind at once
		w.now = start.Add(paidIn)
		w.bank.customer(w.now)
		w.bank.customer(w.now)
	}
	return w
}

// apply applies an event as a use case does, and holds what came of it against everything that must always be true.
func (w *world) apply(e Event, at time.Time) error {
	w.t.Helper()
	before := w.p
	copied := before.clone()
	next, err := Apply(before, e, at)
	if !reflect.DeepEqual(before, copied) {
		w.fail("Apply changed the value it was given", e)
	}
	if err != nil {
		if KindOf(err) == Internal {
			w.fail("Apply met an impossible step: "+err.Error(), e)
		}
		if !reflect.DeepEqual(next, before) {
			w.fail("an error changed the payment", e)
		}
		return err
	}
	w.p = next
	w.hold(before, e)
	return nil
}

func (w *world) fail(why string, e Event) {
	w.t.Helper()
	w.t.Fatalf("seed %d, %v in: %s\nevent   %T %+v\npayment %+v\nbank    %+v", w.seed, w.now.Sub(start), why, e, e, w.p,
		w.bank)
}

// hold checks the invariants with figures of the test's own, not with those that Apply keeps.
func (w *world) hold(before Payment, e Event) {
	w.t.Helper()
	p := w.p
	var inFlight int
	var reserved, done int64
	for _, r := range p.Refunds {
		switch r.Status {
		case RefundBegun, RefundUnknown:
			inFlight++
			reserved += r.Amount
		case RefundSucceeded:
			done += r.Amount
		case RefundFailed:
			if w.bank.times(r.ID) > 0 && !r.unproven() {
				w.fail("a refund that the bank did is called failed for good", e)
			}
		}
		if w.bank.times(r.ID) > 1 {
			w.fail("one key gave money back twice", e)
		}
		if old, was := before.FindRefund(r.ID); was && old.Status == RefundUnknown && r.Status == RefundFailed &&
			!w.readTwice(r.ID) && !w.ruled {
			w.fail("an unknown refund failed without two equal readings a day apart", e)
		}
	}
	switch {
	case p.Captured < before.Captured || p.Refunded < before.Refunded:
		w.fail("money on record shrank", e)
	case done != p.Refunded || p.Refunded+reserved > p.Captured:
		w.fail("refunded and reserved do not fit what was captured", e)
	case inFlight > 1:
		w.fail("two refunds in flight", e)
	case p.Refunded > w.bank.truth():
		w.fail("more is called refunded than the bank gave back", e)
	case p.Captured != 0 && (p.Captured != w.bank.taken || !w.bank.toldTaken):
		w.fail("captured is not what the bank said it took", e)
	case p.Status.Money() != (p.Captured > 0) || before.Status.Money() && !p.Status.Money():
		w.fail("paid and captured disagree, or paid was undone", e)
	case before.Late && !p.Late || before.Overpaid && !p.Overpaid || before.Handle.OrderID != "" &&
		p.Handle != before.Handle:
		w.fail("late, overpaid or the handle was undone", e)
	case p.Sequence != int64(len(p.History)) || p.Sequence < before.Sequence || len(p.History) > MaxHistory ||
		len(p.Refunds) > MaxRefunds+MaxDeskRefunds:
		w.fail("sequence and history disagree, or a bound is exceeded", e)
	case inFlight > 0 && p.DueAt.IsZero() && w.now.Before(w.p.InFlight().Until.Add(20*24*time.Hour)):
		w.fail("a refund is in flight and nothing is due", e)
	case p.Status == Pending && p.DueAt.IsZero() && w.now.Before(p.ExpiresAt.Add(20*24*time.Hour)):
		w.fail("a payment is open and nothing is due", e)
	}
	visible := func(p Payment) any {
		return []any{p.Status, p.Reviews, p.Overpaid, p.Captured, p.Refunded, inFlightStatus(p)}
	}
	if p.Sequence == before.Sequence && !reflect.DeepEqual(visible(p), visible(before)) {
		w.fail("a visible change without a history entry", e)
	}
	if r, isReport := e.(Statement); isReport && r.Report.State == BankUnknown && p.Sequence > before.Sequence &&
		!p.InReview(ReviewStatus) && !p.InReview(ReviewRefund) && p.dismissed(ReviewStatus).IsZero() {
		w.fail("an unknown state changed something", e)
	}
}

// inFlightStatus leaves out what nobody has heard of yet, and may never: a refund is on record before anything is sent.
func inFlightStatus(p Payment) RefundStatus {
	if r := p.InFlight(); r != nil && r.Status == RefundUnknown {
		return r.Status
	}
	return ""
}

func (w *world) readTwice(id string) bool {
	for i, a := range w.readings[id] {
		for _, b := range w.readings[id][i+1:] {
			if a.total == b.total && b.at.Sub(a.at) >= 24*time.Hour {
				return true
			}
		}
	}
	return false
}

// ask is a poll, a callback or the sweep: claim, question, answer, which may be lost, be late or be saved twice.
func (w *world) ask() {
	if w.apply(Question{}, w.now) != nil || w.bank.moody && w.rng.IntN(12) == 0 {
		return
	}
	report, answered := w.bank.report(w.now)
	if !answered {
		w.apply(Silence{}, w.now)
		return
	}
	answer := keptAnswer{Statement{Handle: w.p.Handle, Report: report}, w.now}
	if w.bank.moody && w.rng.IntN(6) == 0 {
		w.kept = append(w.kept, answer)
		return
	}
	w.hear(answer)
}

func (w *world) hear(a keptAnswer) {
	report := a.event.(Statement).Report
	if r := w.p.InFlight(); r != nil && !a.at.Before(r.Until.Add(15*time.Minute)) && report.Refunded.Said {
		w.readings[r.ID] = append(w.readings[r.ID], keptTotal{a.at, report.Refunded.Minor})
	}
	w.apply(a.event, a.at)
	if w.p.SiblingsDue && w.rng.IntN(2) == 0 {
		w.apply(SiblingReading{Overpaid: w.rng.IntN(2) == 0}, a.at)
	}
}

// refund is the use case: base, intent, bank, answer; the owner may die at any point and the answer be lost.
func (w *world) refund() {
	w.keys++
	id := RefundID(w.p.ID, string(rune('a'+w.rng.IntN(8))))
	e := RefundIntent{ID: id, Amount: 1 + w.rng.Int64N(8)*1000, By: ByShop("k1"), Until: w.now.Add(30 * time.Second),
		Owner: fmt.Sprint(w.keys)}
	if w.rng.IntN(5) == 0 {
		e.All, e.Amount = true, w.p.Refundable()
	}
	base, answered := w.bank.report(w.now)
	if !answered || base.State == BankRefunding {
		return
	}
	w.hear(keptAnswer{Statement{Handle: w.p.Handle, Report: base}, w.now})
	if e.Base = &base; e.All {
		e.Amount = w.p.Refundable()
	}
	if w.apply(e, w.now) != nil || w.rng.IntN(8) == 0 {
		return
	}
	answer := RefundAnswer{ID: id, Owner: e.Owner, Answer: AnswerLost}
	w.owners[id] = answer
	sent := modelRefund{id, e.Amount, w.now}
	switch w.rng.IntN(6) {
	case 0: // the answer is lost, and the bank is slow
		sent.at = w.now.Add([]time.Duration{15 * time.Minute, 26 * time.Hour,
			30 * 24 * time.Hour}[w.rng.IntN(3)] * time.Duration(w.rng.IntN(15)) / 15)
		w.bank.queue = append(w.bank.queue, sent)
	case 1: // the request is lost
	case 2:
		w.bank.give(sent)
	default:
		answer.Answer = AnswerRefused
		if w.bank.give(sent) {
			answer.Answer = AnswerDone
			if w.bank.ids {
				answer.RefundID = "b-" + id
			}
		}
	}
	if w.rng.IntN(8) == 0 {
		return
	}
	if reading, read := w.bank.report(w.now); read && answer.Answer != AnswerRefused {
		answer.Reading = &reading
	}
	w.apply(answer, w.now)
	w.owners[id] = answer
	if w.rng.IntN(4) == 0 {
		w.apply(answer, w.now)
	}
}

func (w *world) step() {
	w.bank.live(w.now)
	switch w.rng.IntN(12) {
	case 0, 1:
		w.bank.customer(w.now)
	case 2:
		w.bank.give(modelRefund{"", []int64{1001, 2001, 5000}[w.rng.IntN(3)], w.now})
	case 3, 4, 5:
		w.refund()
	case 6:
		if w.rng.IntN(6) == 0 {
			w.apply(Cancellation{By: ByShop("k1")}, w.now)
		}
	case 7:
		w.apply([]Event{Wakeup{}, OpeningLoss{}, OpeningRefusal{Code: "10"}, openedEvent(),
			OpeningStart{Until: w.now.Add(time.Minute)}}[w.rng.IntN(5)], w.now)
		if _, err := Apply(w.p, Statement{Handle: otherHandle, Report: approved()}, w.now); err == nil {
			w.fail("a report about another handle counted", nil)
		}
	default:
		w.ask()
	}
	for len(w.kept) > 0 && w.rng.IntN(2) == 0 {
		w.hear(w.kept[0])
		if w.rng.IntN(2) == 0 {
			w.hear(w.kept[0])
		}
		w.kept = w.kept[1:]
	}
	pause := []time.Duration{time.Second, 6 * time.Second, 2 * time.Minute, 16 * time.Minute, 3 * time.Hour,
		25 * time.Hour}[w.rng.IntN(6)]
	if len(w.kept) > 0 {
		pause = min(pause, 6*time.Second)
	}
	w.now = w.now.Add(pause)
}

// settle lets the bank answer every question from now on, and the sweep ask until nothing is due.
func (w *world) settle() {
	w.bank.moody, w.kept = false, nil
	for range 200 {
		if w.p.DueAt.IsZero() {
			break
		}
		if w.p.DueAt.After(w.now) {
			w.now = w.p.DueAt
		}
		switch Due(w.p, w.now) {
		case ReadSiblings:
			w.apply(SiblingReading{}, w.now)
		case AskBank:
			w.ask()
		default:
			w.apply(Wakeup{}, w.now)
		}
		w.now = w.now.Add(time.Minute)
	}
}

// TestStories tells two thousand random stories of one payment and holds each step against the invariants, and each end
// against the bank's ledger.
func TestStories(t *testing.T) {
	seeds := uint64(2000)
	if testing.Short() {
		seeds = 500
	}
	ends := map[string]int{}
	for seed := range seeds {
		w := newWorld(t, seed)
		for range 40 {
			w.step()
		}
		w.settle()
		w.ended(ends)
	}
	t.Logf("%d stories: %v", seeds, ends)
	for _, end := range []string{"paid", "partially_refunded", "refunded", "declined", "cancelled", "expired", "late",
		"recovered", "review"} {
		if ends[end] < int(seeds)/200 {
			t.Errorf("only %d of %d stories ended %s: the test does not see enough of them", ends[end], seeds, end)
		}
	}
}

// ended holds the settled payment against the bank's ledger.
func (w *world) ended(ends map[string]int) {
	w.t.Helper()
	p := w.p
	ends[string(p.Status)]++
	if p.Late {
		ends["late"]++
	}
	if len(p.Reviews) > 0 {
		ends["review"]++
	}
	for _, r := range p.Refunds {
		if !r.ReadAt.IsZero() {
			ends["recovered"]++
		}
	}
	if w.bank.toldTaken && !p.Status.Money() && len(w.kept) == 0 && w.bank.currency == AZN &&
		p.AskedAt.Equal(w.bank.answered) {
		w.fail("the bank said it took the money, and it is not on record", nil)
	}
	if p.Status == Pending && !p.InReview(ReviewCurrency) && !p.InReview(ReviewStatus) {
		w.fail("a payment stays open for ever, and nobody looks", nil)
	}
	if p.InFlight() != nil && !p.InReview(ReviewRefund) && !p.InReview(ReviewCurrency) {
		w.fail("a refund stays in flight for ever, and nobody looks", nil)
	}
	if !p.Status.Money() || !w.bank.totals {
		return
	}
	w.now = w.now.Add(time.Hour)
	report, _ := w.bank.report(w.now)
	w.apply(Statement{Handle: p.Handle, Report: report}, w.now)
	if w.p.InFlight() == nil && w.p.Refunded != w.bank.truth() {
		w.fail("what was given back is not what the bank gave back", nil)
	}
}
