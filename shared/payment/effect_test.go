package payment

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// Two times at which every row's event is tried: while a page is open, and long after all that lapses has lapsed.
var (
	early = start.Add(5 * time.Minute)
	late  = start.Add(72 * time.Hour)
)

// rows gives the event of each row of the table, made at a time; the report only matters to the bank's rows.
func rows() map[string]func(at time.Time, r Report) Event {
	all := map[string]func(time.Time, Report) Event{
		"opening": func(at time.Time, _ Report) Event { return OpeningStart{Until: at.Add(30 * time.Second)} },
		"opened": func(at time.Time, _ Report) Event {
			return OpeningDone{testHandle, "https://bank.example/page", at.Add(pageLife)}
		},
		"open refused": func(time.Time, Report) Event { return OpeningRefusal{Code: "10"} },
		"open lost":    func(time.Time, Report) Event { return OpeningLoss{} },
		"cancel":       func(time.Time, Report) Event { return Cancellation{By: ByShop("k1")} },
		"siblings read": func(time.Time, Report) Event {
			return SiblingReading{Overpaid: true}
		},
		"noticed": func(_ time.Time, r Report) Event {
			r.State, r.Word = BankApproved, "APPROVED"
			return NoticeArrival{Handle: testHandle, Report: r}
		},
		"noticed, unclear": func(time.Time, Report) Event {
			return NoticeArrival{Handle: testHandle, Report: Report{State: BankUnclear, Word: "APPROVED"}}
		},
		"notices trusted": func(time.Time, Report) Event { return NoticeTrust{} },
		"promise":         func(time.Time, Report) Event { return QuestionPromise{} },
		"claimed": func(time.Time, Report) Event {
			return Hearsay{Handle: testHandle, Report: Report{State: BankDeclined, Code: "051", Hint: HintExpired}}
		},
		"asking":           func(time.Time, Report) Event { return Question{} },
		"woken":            func(time.Time, Report) Event { return Wakeup{} },
		"unanswered":       func(time.Time, Report) Event { return Silence{} },
		"no such question": func(time.Time, Report) Event { return Silence{Unsupported: true} },
		"refund": func(at time.Time, _ Report) Event {
			return owned(RefundIntent{ID: "rf_new", Amount: 100}, at)
		},
		"refund seen":      func(time.Time, Report) Event { return RefundDisclosure{ID: "rf_one"} },
		"refund answered":  func(time.Time, Report) Event { return RefundAnswer{ID: "rf_one", Answer: AnswerDone} },
		"refund resolved":  func(time.Time, Report) Event { return decision(ResolveRefundDone, "rf_one") },
		"capture accepted": func(time.Time, Report) Event { return decision(ResolveAcceptCaptured) },
		"review dismissed": func(time.Time, Report) Event { return decision(ResolveDismiss) },
		"told": func(time.Time, Report) Event {
			return DeliveryOutcome{Answers: map[int64]delivery.Answer{1: {Accepted: true}}}
		},
		"redelivered": func(time.Time, Report) Event { return Redelivery{} },
	}
	for _, state := range []State{BankUnknown, BankUnclear, BankOpen, BankProcessing, BankApproved, BankRefunding,
		BankRefunded, BankReturned, BankDeclined, BankCancelled, BankExpired} {
		all["bank: "+string(state)] = func(_ time.Time, r Report) Event {
			r.State, r.Word = state, "WORD"
			return reported(r)
		}
	}
	return all
}

// inStatus builds a payment of each status: with a page where one can be, with money where it says so, and still to be
// asked about.
func inStatus(t *testing.T, s Status, row string) Payment {
	t.Helper()
	at := start.Add(3 * time.Minute)
	switch s {
	case Created:
		return reviewed(createdPayment(1), row)
	case Pending:
		return reviewed(noticing(t, pendingPayment(t, 1), row), row)
	case Declined, Cancelled, Expired:
		p := pendingPayment(t, 1)
		p.end(s, byBank, "", row == "claimed" && s == Declined, at)
		return reviewed(noticing(t, p, row), row)
	}
	p := paidPayment(t)
	switch s {
	case PartiallyRefunded:
		p = apply(t, p, reported(totalling(BankApproved, 4000)), at)
	case Refunded:
		p = apply(t, p, owned(RefundIntent{Amount: testAmount, All: true}, at), at)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, at)
	}
	if (row == "refund seen" || row == "refund answered" || row == "refund resolved") && s != Refunded {
		p = apply(t, p, owned(RefundIntent{Amount: 100}, at), at)
		if row != "refund seen" {
			p = apply(t, p, RefundDisclosure{ID: "rf_one"}, at)
		}
	}
	return reviewed(p, row)
}

// reviewed gives the rows of people's decisions something to decide.
func reviewed(p Payment, row string) Payment {
	switch {
	case row == "review dismissed":
		p.review(start.Add(4*time.Minute), ReviewSession)
	case row == "capture accepted" && p.Status.Money():
		p.review(start.Add(4*time.Minute), ReviewAmount)
	}
	return p
}

func decision(how RulingKind, refund ...string) Ruling {
	return Ruling{How: how, Refund: strings.Join(refund, ""), By: ByOperator("aysel"),
		Why: "the bank's desk said so on the telephone"}
}

// noticing gives the row that settles notices one to settle.
func noticing(t *testing.T, p Payment, row string) Payment {
	if row != "notices trusted" {
		return p
	}
	return apply(t, p, NoticeArrival{Handle: testHandle, Report: approved()}, start.Add(4*time.Minute))
}

// probe is one row's event before one column's payment.
type probe struct {
	row string
	p   Payment
}

// at applies the row's event with what the bank states besides its state.
func (b probe) at(at time.Time, r Report) (Payment, error) {
	return Apply(b.p, rows()[b.row](at, r), at)
}

// effectOf is the one word of the legend that describes what the row's event does to a payment of that status.
func effectOf(t *testing.T, row string, s Status) string {
	t.Helper()
	b := probe{row, inStatus(t, s, row)}
	if err := b.p.Check(); err != nil {
		t.Fatal(err)
	}
	var words []string
	for word, holds := range effects() {
		if holds(b) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " and ")
}

// effects says of each word of the legend whether it describes what the probe's event does.
func effects() map[string]func(probe) bool {
	return map[string]func(probe) bool{
		"-":        func(b probe) bool { return b.refused(early) && b.refused(late) },
		"=":        func(b probe) bool { return b.nothing(early) && b.nothing(late) },
		"pending":  func(b probe) bool { return b.becomes(Pending) },
		"declined": func(b probe) bool { return b.becomes(Declined) },
		"cancelled": func(b probe) bool {
			return b.becomes(Cancelled)
		},
		"expired": func(b probe) bool { return b.becomes(Expired) },
		"lease":   probe.leases,
		"free": func(b probe) bool {
			return !b.p.Lease.IsZero() && b.only(early, func(p *Payment) { p.Lease = time.Time{} })
		},
		"claim":    probe.claims,
		"lapse":    probe.lapses,
		"stuck":    probe.sticks,
		"last":     probe.lasts,
		"paid":     func(b probe) bool { return !b.p.Status.Money() && b.pays(false) },
		"late":     func(b probe) bool { return !b.p.Status.Money() && b.pays(true) },
		"book":     probe.books,
		"regress":  probe.regresses,
		"stated":   func(b probe) bool { return b.only(early, func(p *Payment) { p.EndStated = true }) && !b.p.EndStated },
		"overpaid": probe.overpays,
		"keep":     probe.keeps,
		"doubt":    probe.doubts,
		"promise":  probe.promises,
		"hint":     probe.hints,
		"trust":    probe.trusts,
		"reserve":  probe.reserves,
		"settle":   probe.settles,
		"heard":    probe.hears,
		"decide":   probe.decides,
		"clear":    probe.clears,
	}
}

func (b probe) refused(at time.Time) bool {
	next, err := b.at(at, Report{})
	return err != nil && reflect.DeepEqual(next, b.p)
}

// only says whether the event changes the payment in just this way; the bank's word and the to-do list are nobody's
// business here.
func (b probe) only(at time.Time, how func(*Payment)) bool {
	next, err := b.at(at, Report{})
	want := b.p.clone()
	if how != nil {
		how(&want)
	}
	next.BankStatus, next.BankCode, next.DueAt = want.BankStatus, want.BankCode, want.DueAt
	return err == nil && reflect.DeepEqual(next, want)
}

// nothing says whether the event changes nothing, whatever a bank states beside its word, but that a person is called
// for more money given back than can be.
func (b probe) nothing(at time.Time) bool {
	stated, err := b.at(at, Report{Amount: Money{testAmount + 1, BYN}, Refunded: Said(testAmount + 1)})
	called := b.p.Status.Money() && b.seen(stated, "review:refund") && stated.Refunded == b.p.Refunded
	return err == nil && (called || stated.Sequence == b.p.Sequence) && b.only(at, nil)
}

// seen says whether exactly these history entries were added.
func (b probe) seen(next Payment, what ...string) bool {
	return slices.Equal(whats(next, len(b.p.History)), what)
}

func (b probe) becomes(s Status) bool {
	for _, at := range []time.Time{early, late} {
		next, err := b.at(at, Report{})
		ended := s == Pending || next.EndedAt.Equal(at) && next.EndStated == (b.row != "cancel" || b.p.Status == Created)
		if err != nil || next.Status != s || !ended || !next.Lease.IsZero() || !b.seen(next, string(s)) {
			return false
		}
	}
	return true
}

func (b probe) leases() bool {
	_, err := b.at(start.Add(10*time.Second), Report{})
	return CodeOf(err) == "payment_in_progress" && b.only(early, func(p *Payment) {
		p.Lease, p.OpeningAt = early.Add(30*time.Second), early
		p.Openings++
	})
}

func (b probe) claims() bool {
	claimed, err := b.at(early, Report{})
	again := probe{b.row, claimed}
	return err == nil && b.only(early, func(p *Payment) {
		p.AskedAt = early
	}) && again.refused(early.Add(4999*time.Millisecond)) &&
		!again.refused(early.Add(5*time.Second))
}

func (b probe) lapses() bool {
	moment := b.p.OpeningAt.Add(time.Hour)
	if b.p.Status != Created {
		moment = b.p.ExpiresAt.Add(10 * time.Minute)
	}
	next, err := b.at(moment, Report{})
	return err == nil && next.Status == Expired && b.seen(next, "expired") && b.only(moment.Add(-time.Millisecond), nil)
}

// lasts: a day after an end that the bank did not state, this answer is the last that is asked for.
func (b probe) lasts() bool {
	moment := b.p.EndedAt.Add(24 * time.Hour)
	return b.p.EndedAt.After(start) && b.only(moment.Add(-time.Millisecond), nil) && b.only(moment, func(p *Payment) {
		p.EndStated = true
	})
}

func (b probe) sticks() bool {
	moment := b.p.ExpiresAt.Add(24 * time.Hour)
	if !b.p.Status.Live() {
		moment = b.p.EndedAt.Add(24 * time.Hour)
	}
	next, err := b.at(moment, Report{})
	return err == nil && next.Status == b.p.Status && b.seen(next, "review:status") &&
		b.only(moment.Add(-time.Millisecond), nil)
}

func (b probe) pays(late bool) bool {
	whole, err := b.at(early, Report{})
	if err != nil || len(whole.History) == len(b.p.History) || whole.Captured != testAmount || whole.Late != late ||
		whole.SiblingsDue != late || !whole.PaidAt.Equal(early) || whats(whole, len(b.p.History))[0] != "paid" {
		return false
	}
	var unsure []Review
	if b.row == "bank: refunded" { // and not how much: no amount is made up
		unsure = []Review{ReviewRefund}
	}
	if !slices.Equal(whole.Reviews, unsure) {
		return false
	}
	less, err := b.at(early, Report{Amount: Money{testAmount - 1, AZN}})
	if err != nil || less.Captured != testAmount-1 ||
		!slices.Equal(less.Reviews, append([]Review{ReviewAmount}, unsure...)) {
		return false
	}
	foreign, err := b.at(early, Report{Amount: Money{testAmount, BYN}})
	return err == nil && foreign.Status == b.p.Status && foreign.Captured == 0 && b.seen(foreign, "review:currency")
}

// books: a total that grew is a refund of the bank's, never beyond what was taken, and settles a refund in flight
// instead.
func (b probe) books() bool {
	if state, bank := strings.CutPrefix(b.row, "bank: "); !b.p.Status.Money() || !bank || !State(state).taken() {
		return false
	}
	all, err := b.at(early, Report{Refunded: Said(testAmount + 1)})
	if err != nil || all.Status != Refunded || all.Refunded != testAmount ||
		!slices.Equal(all.Reviews, []Review{ReviewRefund}) {
		return false
	}
	if b.p.Status == Refunded {
		return b.only(early, nil)
	}
	some, err := b.at(early, Report{Refunded: Said(b.p.Refunded + 100)})
	if err != nil || some.Refunded != b.p.Refunded+100 || some.Refunds[len(some.Refunds)-1].Origin != OriginBank ||
		!b.seen(some, "refund_succeeded") {
		return false
	}
	own, err := Apply(b.p, owned(RefundIntent{Amount: 100, Base: pointer(totalling(BankApproved, b.p.Refunded))},
		early), early)
	settled, err2 := probe{b.row, own}.at(late, Report{Refunded: Said(b.p.Refunded + 100)})
	r, _ := settled.FindRefund("rf_one")
	return err == nil && err2 == nil && r.Status == RefundSucceeded && len(settled.Refunds) == len(b.p.Refunds)+1
}

func (b probe) regresses() bool {
	next, err := b.at(early, Report{})
	again, err2 := probe{b.row, next}.at(late, Report{})
	return err == nil && err2 == nil && b.seen(next, "review:regress") && next.Status == b.p.Status &&
		next.Captured == b.p.Captured &&
		again.Sequence == next.Sequence && b.only(b.p.PaidAt.Add(-time.Millisecond), nil)
}

func (b probe) overpays() bool {
	b.p.SiblingsDue = true
	none, err := Apply(b.p, SiblingReading{}, early)
	return err == nil && !none.SiblingsDue && !none.Overpaid && b.only(early, func(p *Payment) {
		p.SiblingsDue, p.Overpaid = false, true
		p.record(early, "overpaid", byKassa, "", "")
	})
}

func (b probe) keeps() bool {
	kept, err := b.at(early, Report{})
	again, err2 := probe{b.row, kept}.at(late, Report{})
	foreign, err3 := Apply(b.p, NoticeArrival{Handle: Handle{OrderID: "another"}, Report: approved()}, early)
	doubted := b.p.Status == Created && len(foreign.Notices) == 1 || b.seen(foreign, "review:session")
	return err == nil && err2 == nil && err3 == nil && len(kept.Notices) == 1 && len(again.Notices) == 1 &&
		kept.Sequence == b.p.Sequence &&
		kept.Status == b.p.Status && doubted
}

func (b probe) doubts() bool {
	kept, err := b.at(early, Report{})
	again, err2 := probe{b.row, kept}.at(late, Report{})
	return err == nil && err2 == nil && len(again.Notices) == 1 && b.seen(kept, "review:status") &&
		again.Sequence == kept.Sequence &&
		kept.Status == b.p.Status && !kept.DueAt.IsZero()
}

// promises: at once where nobody was asked of late, else when five seconds are over; once, and to one.
func (b probe) promises() bool {
	asked := b.p
	asked.AskedAt = early.Add(-time.Second)
	soon, err := probe{b.row, asked}.at(early, Report{})
	_, again := probe{b.row, soon}.at(early.Add(3999*time.Millisecond), Report{})
	return err == nil && CodeOf(again) == "asked_soon" && soon.AskNext.Equal(early.Add(4*time.Second)) &&
		b.only(early, func(p *Payment) { p.AskNext = early })
}

func (b probe) hints() bool {
	open, other := b.p, b.p
	open.EndStated, other.Handle.OrderID = false, "another"
	return b.only(late, func(p *Payment) {
		p.Decline = Decline{"051", HintExpired}
	}) && probe{b.row, open}.nothing(early) &&
		probe{b.row, other}.nothing(early)
}

func (b probe) trusts() bool {
	next, err := b.at(early, Report{})
	return err == nil && len(b.p.Notices) == 1 && next.Status == Paid && next.Captured == testAmount &&
		len(next.Notices) == 0
}

func (b probe) reserves() bool {
	next, err := b.at(early, Report{})
	_, again := Apply(next, owned(RefundIntent{ID: "rf_other", Amount: 1}, early), early)
	_, tooMuch := Apply(b.p, owned(RefundIntent{Amount: b.p.Refundable() + 1}, early), early)
	return err == nil && next.Reserved() == 100 && next.Refunded == b.p.Refunded && next.Status == b.p.Status &&
		len(next.History) == len(b.p.History) &&
		CodeOf(again) == "refund_in_progress" && CodeOf(tooMuch) == "refund_exceeds_captured"
}

// hears: the refund in flight enters the history, once.
func (b probe) hears() bool {
	next, err := b.at(early, Report{})
	again, err2 := probe{b.row, next}.at(late, Report{})
	return err == nil && err2 == nil && b.p.InFlight() != nil && b.seen(next, "refund_requested") &&
		len(next.History) == len(b.p.History)+1 &&
		again.Sequence == next.Sequence
}

func (b probe) settles() bool {
	yes, err := b.at(early, Report{})
	no, err2 := Apply(b.p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, early)
	lost, err3 := Apply(b.p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	return err == nil && err2 == nil && err3 == nil && b.p.InFlight() != nil &&
		b.seen(yes, "refund_succeeded") && yes.Refunded == b.p.Refunded+100 && yes.Status == PartiallyRefunded &&
		b.seen(no, "refund_failed") && no.Reserved() == 0 && no.Refunded == b.p.Refunded &&
		b.seen(lost, "refund_unknown") && lost.Reserved() == 100
}

// decides: not while the asker may be at work; then either way, and it is kept who decided and why.
func (b probe) decides() bool {
	yes, err := b.at(late, Report{})
	no, err2 := Apply(b.p, decision(ResolveRefundNotDone, "rf_one"), late)
	return err == nil && err2 == nil && b.refused(early) && b.p.InFlight() != nil &&
		b.seen(yes, "refund_succeeded") && yes.Refunded == b.p.Refunded+100 &&
		yes.History[len(yes.History)-1].By == "operator:aysel" &&
		b.seen(no, "refund_failed") && no.Reserved() == 0 && no.Refunded == b.p.Refunded && kept(yes, b.p) && kept(no, b.p)
}

func (b probe) clears() bool {
	next, err := b.at(early, Report{})
	return err == nil && len(b.p.Reviews) == 1 && len(next.Reviews) == 0 &&
		b.seen(next, "review_cleared:"+string(b.p.Reviews[0])) &&
		next.Status == b.p.Status && next.Captured == b.p.Captured && kept(next, b.p)
}

// kept says whether the decision is on record with the entry that it made.
func kept(next, before Payment) bool {
	r := next.Resolutions
	return len(r) == 1 && r[0].Sequence == before.Sequence+1 && r[0].By == "operator:aysel" && r[0].Why != ""
}
