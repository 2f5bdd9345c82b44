package payment

import (
	"math/rand/v2"
	"slices"
	"time"
)

// modelBank is a small bank with a ledger of its own, the truth that a payment is held against.
type modelBank struct {
	rng                    *rand.Rand
	totals, lists, ids     bool          // what it states: totals given back, a list of them, an id of each
	lag                    time.Duration // how long a total takes to show what was given back
	state                  State
	taken                  int64
	currency               Currency
	given                  []modelRefund
	queue                  []modelRefund // sent to it, its answer lost, and carried out only later
	pageEnd                time.Time
	moody                  bool // it may leave a question unanswered, or answer it with a word that nobody knows
	answered               time.Time
	toldTaken, toldUnknown bool
}

type modelRefund struct {
	id     string // ours, "" at the bank's desk
	amount int64
	at     time.Time
}

func newModelBank(rng *rand.Rand) *modelBank {
	b := &modelBank{rng: rng, totals: rng.IntN(4) > 0, ids: rng.IntN(3) == 0, state: BankOpen, currency: AZN,
		pageEnd: start.Add(cardEnd)}
	b.lists = b.totals && rng.IntN(2) == 0
	if b.ids {
		b.lag = time.Duration(rng.IntN(2)) * 10 * time.Minute
	}
	return b
}

// truth is what it really gave back.
func (b *modelBank) truth() (sum int64) {
	for _, g := range b.given {
		sum += g.amount
	}
	return sum
}

func (b *modelBank) times(id string) (n int) {
	for _, g := range b.given {
		if g.id == id {
			n++
		}
	}
	return n
}

// live lets time pass at the bank: what was sent is carried out, the page ends.
func (b *modelBank) live(now time.Time) {
	for i := 0; i < len(b.queue); {
		if b.queue[i].at.After(now) {
			i++
			continue
		}
		b.give(b.queue[i])
		b.queue = slices.Delete(b.queue, i, i+1)
	}
	if b.state == BankOpen && now.After(b.pageEnd) && b.rng.IntN(2) == 0 {
		b.state = BankExpired
	}
}

// customer does something on the page, while it is open or after having begun in time.
func (b *modelBank) customer(now time.Time) {
	if b.state == BankOpen && now.Before(b.pageEnd) {
		b.state = []State{BankProcessing, BankApproved, BankApproved, BankDeclined, BankCancelled, BankOpen}[b.rng.IntN(6)]
	} else if b.state == BankProcessing {
		b.state = []State{BankApproved, BankApproved, BankDeclined, BankProcessing}[b.rng.IntN(4)]
	}
	if b.state == BankApproved && b.taken == 0 {
		b.taken = testAmount
		if b.rng.IntN(10) == 0 {
			b.taken -= 1 + b.rng.Int64N(100)
		}
		if b.rng.IntN(20) == 0 {
			b.currency = BYN
		}
	}
}

// give carries out a refund, if the money is there; false is a definite refusal.
func (b *modelBank) give(g modelRefund) bool {
	if b.taken == 0 || g.amount <= 0 || b.truth()+g.amount > b.taken {
		return false
	}
	b.given = append(b.given, g)
	b.state = BankApproved
	if b.truth() == b.taken {
		b.state = BankReturned
	}
	return true
}

// report is the answer to a question, false when there is none.
func (b *modelBank) report(now time.Time) (Report, bool) {
	b.live(now)
	if b.moody && b.rng.IntN(4) == 0 {
		return Report{}, false
	}
	if b.moody && b.rng.IntN(8) == 0 {
		b.toldUnknown = true
		return Report{State: BankUnknown, Word: "SOMETHING-NEW", Refunded: Said(b.taken)}, true
	}
	r := Report{State: b.state, Word: string(b.state)}
	b.answered = now
	if b.taken == 0 {
		return r, true
	}
	b.toldTaken = b.toldTaken || b.currency == AZN
	r.Amount = Money{b.taken, b.currency}
	if b.totals {
		var total int64
		if b.lists {
			r.Operations = []Operation{}
		}
		for _, g := range b.given {
			if g.at.Add(b.lag).After(now) {
				break
			}
			total += g.amount
			if b.lists {
				r.Operations = append(r.Operations, Operation{Amount: g.amount})
			}
		}
		r.Refunded = Said(total)
		if r.State == BankReturned && total < b.taken {
			r.State = BankApproved
		}
	}
	if b.moody && len(b.queue) > 0 && b.rng.IntN(2) == 0 && r.State == BankApproved {
		r.State = BankRefunding
	}
	return r, true
}
