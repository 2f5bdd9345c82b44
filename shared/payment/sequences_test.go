package payment

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// alphabet is a closed set of events that between them do everything that can be done to a payment.
func alphabet(at time.Time) []Event {
	base := totalling(BankApproved, 0)
	base.Operations = []Operation{}
	events := []Event{
		OpeningStart{Until: at.Add(30 * time.Second)},
		OpeningDone{testHandle, "https://bank.example/page", at.Add(pageLife)},
		OpeningDone{Handle{}, "", at},
		OpeningRefusal{Code: "10"},
		OpeningLoss{},
		Question{},
		Silence{},
		Silence{Unsupported: true},
		Silence{Blind: true},
		Cancellation{By: "kassa"},
		SiblingReading{Overpaid: true},
		Wakeup{},
		owned(RefundIntent{Amount: 4000, Base: &base}, at),
		owned(RefundIntent{ID: "rf_two", Amount: testAmount, All: true}, at),
		owned(RefundIntent{ID: "rf_bad", Amount: -1}, at),
		RefundAnswer{ID: "rf_one", Answer: AnswerDone},
		RefundAnswer{ID: "rf_one", Answer: AnswerLost, Reading: pointer(totalling(BankApproved, 4000))},
		RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "076"},
		RefundAnswer{ID: "rf_none", Answer: "what?"},
		reported(Report{State: BankUnknown}),
		reported(Report{State: BankProcessing}),
		reported(Report{State: BankOpen}),
		reported(approved()),
		reported(totalling(BankApproved, 0)),
		reported(totalling(BankApproved, 4000)),
		reported(Report{State: BankApproved, Amount: Money{testAmount - 1, AZN}}),
		reported(Report{State: BankApproved, Amount: Money{testAmount, BYN}}),
		reported(Report{State: BankApproved, Amount: Money{-1, AZN}}),
		reported(totalling(BankRefunding, 0)),
		reported(Report{State: BankReturned}),
		reported(Report{State: BankDeclined, Code: "051"}),
		reported(Report{State: BankExpired}),
		Statement{Handle: otherHandle, Report: approved()},
		decision(ResolveRefundDone, "rf_one"),
		decision(ResolveRefundNotDone, "rf_one"),
		DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true}, 4: {Code: "500"}}},
		DeliveryOutcome{PutOff: []int64{3, 4}},
	}
	return events
}

// starts are the payments that the sequences begin with: each status, and refunds in each state.
func starts(t *testing.T) map[string]Payment {
	all := map[string]Payment{
		"paid, its shop not told": apply(t, toldPayment(t), reported(approved()), early),
		"created, its lease over": apply(t, createdPayment(1), OpeningLoss{}, early),
		"second attempt paid":     apply(t, pendingPayment(t, 2), reported(approved()), early),
		"refund requested": refundingPayment(t, early,
			RefundIntent{Amount: 4000, Base: pointer(totalling(BankApproved, 0))}),
		"refund without a base": refundingPayment(t, early, RefundIntent{Amount: testAmount, All: true}),
	}
	p := apply(t, all["refund requested"], RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	all["refund unknown"] = p
	all["refund read once"] = apply(t, p, reported(totalling(BankApproved, 0)), early.Add(16*time.Minute))
	all["refund failed"] = apply(t, all["refund requested"], RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, early)
	for _, status := range allStatuses {
		all[string(status)] = inStatus(t, status, "")
	}
	return all
}

// TestEverySequenceOfThreeEvents applies every sequence of three events to every start, each event soon after the one
// before, and each long after it: Apply never panics, never changes what it was given, never goes back on money, and
// keeps its own word.
func TestEverySequenceOfThreeEvents(t *testing.T) {
	applied := 0
	for name, p := range starts(t) {
		for _, pause := range []time.Duration{time.Second, 25 * time.Hour} {
			applied += everySequence(t, p, late, pause, 3, []string{name, "each after " + pause.String()})
		}
	}
	t.Logf("%d events applied", applied)
	if applied < 900_000 {
		t.Errorf("only %d events were applied", applied)
	}
}

func everySequence(t *testing.T, p Payment, at time.Time, pause time.Duration, left int, path []string) (applied int) {
	if left == 0 {
		return 0
	}
	before, at := p.clone(), at.Add(pause)
	for i, e := range alphabet(at) {
		next, err := Apply(p, e, at)
		if why := wrongStep(p, next, err); why != "" {
			t.Fatalf("%q, then %T %d: %s\nevent  %+v\nbefore %+v\nafter  %+v", path, e, i, why, e, p, next)
		}
		applied += 1 + everySequence(t, next, at, pause, left-1, append(path, reflect.TypeOf(e).Name()))
	}
	if !reflect.DeepEqual(p, before) {
		t.Fatalf("%q: Apply changed what it was given\nbefore %+v\nafter  %+v", path, before, p)
	}
	return applied
}

func wrongStep(p, next Payment, err error) string {
	switch {
	case err != nil && next.Sequence != p.Sequence:
		return "an error changed the payment"
	case err != nil && strings.Contains(err.Error(), "at sequence"): // what Check says of a broken payment
		return "an invariant would have broken: " + err.Error()
	case next.Captured < p.Captured || next.Refunded < p.Refunded || p.Status.Money() && !next.Status.Money():
		return "money was undone"
	case next.Sequence-p.Sequence != int64(len(next.History)-len(p.History)) || next.Sequence > p.Sequence+4:
		return "the sequence does not grow by one per visible change"
	case !p.Status.Live() && next.Status.Live():
		return "an ended payment is open again"
	case next.Status.Live() && next.DueAt.IsZero() && next.Reviews == nil:
		return "it is open and never due"
	}
	if err := next.Check(); err != nil {
		return err.Error()
	}
	return ""
}

// Whatever the order in which events arrive, and however often, money that the bank proved is on record at the end,
// once.
func TestShuffledAndRepeatedEventsComeToTheSameMoney(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 2))
		list := []Event{
			reported(totalling(BankApproved, 4000)), reported(totalling(BankApproved, 0)), reported(Report{State: BankOpen}),
			reported(Report{State: BankDeclined}), reported(Report{State: BankExpired}), reported(Report{State: BankProcessing}),
			reported(Report{State: BankUnknown, Word: "NEW"}), Cancellation{By: "kassa"}, Wakeup{}, Silence{},
			openedEvent(), OpeningLoss{},
			OpeningRefusal{}, reported(totalling(BankApproved, 1000)),
		}
		list = append(list, list[:rng.IntN(len(list))]...)
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		p, wasPaid, wasLate := pendingPayment(t, 1), false, false
		for i, e := range list {
			p, _ = Apply(p, e, start.Add(time.Duration(2+i)*3*time.Minute)) // a refusal leaves the payment as it was
			if wasPaid && !p.Status.Money() || wasLate && !p.Late {
				t.Fatalf("seed %d: %T took back what was on record: %+v", seed, e, p)
			}
			wasPaid, wasLate = p.Status.Money(), p.Late
		}
		if p.Status != PartiallyRefunded || p.Captured != testAmount || p.Refunded != 4000 {
			t.Fatalf("seed %d: %s, captured %d, refunded %d of %d events", seed, p.Status, p.Captured, p.Refunded, len(list))
		}
	}
}
