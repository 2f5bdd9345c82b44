package payment

import (
	"slices"
	"strings"
	"time"
)

// Review is a reason why a human must look. The list is closed.
type Review string

// The reasons for a review.
const (
	ReviewAmount   Review = "amount"   // the bank took another amount than the order's
	ReviewCurrency Review = "currency" // the bank took another currency
	ReviewSession  Review = "session"  // a proven approval of a session that is not ours to show
	// the bank's answer is unknown or stuck, 24 h after the page's end, or denies its own sums
	ReviewStatus  Review = "status"
	ReviewRegress Review = "regress" // the bank calls a paid payment unpaid
	ReviewRefund  Review = "refund"  // the outcome of a refund cannot be decided; its reservation is held
)

// ReviewReasons are all reasons, in the order in which people are told of them.
func ReviewReasons() []Review {
	return []Review{ReviewAmount, ReviewCurrency, ReviewSession, ReviewStatus, ReviewRegress, ReviewRefund}
}

// InReview says whether a human must look for this reason.
func (p Payment) InReview(reason Review) bool { return slices.Contains(p.Reviews, reason) }

func (p *Payment) review(now time.Time, reason Review) {
	if !p.InReview(reason) {
		p.Reviews = append(p.Reviews, reason)
		p.record(now, "review:"+string(reason), byKassa, "", "")
	}
}

// calledAt is when a person was last called for a reason anew; zero when nobody ever was.
func (p *Payment) calledAt(reason Review) (at time.Time) {
	for _, e := range p.History {
		if e.What == "review:"+string(reason) {
			at = e.At
		}
	}
	return at
}

// mostAnswered is how often the bank may answer a review of one reason before a person has to look.
const mostAnswered = 16

// clearReview takes a review back because the bank has answered it. One that comes and goes with each message does not
// fill the history, of which refunds need some: it stays at last, until a person has looked.
func (p *Payment) clearReview(now time.Time, reason Review) {
	answered := 0 // since a person last did
	for _, e := range p.History {
		if e.What == "review_cleared:"+string(reason) {
			if answered++; strings.HasPrefix(e.By, operator) {
				answered = 0
			}
		}
	}
	if p.room() >= toSettle && answered < mostAnswered {
		p.clearReviewBy(byKassa, now, reason)
	}
}

func (p *Payment) clearReviewBy(by string, now time.Time, reason Review) {
	if i := slices.Index(p.Reviews, reason); i >= 0 {
		p.Reviews = slices.Delete(p.Reviews, i, i+1)
		p.record(now, "review_cleared:"+string(reason), by, "", "")
	}
}

// dismissed is when a person last looked at this review and ended it without doing anything; zero when nobody has. The
// bank's next answer of the same kind tells nothing new.
func (p *Payment) dismissed(reason Review) (at time.Time) {
	for _, e := range p.History {
		if e.What == "review_cleared:"+string(reason) && strings.HasPrefix(e.By, operator) {
			at = e.At
		}
	}
	return at
}
