// Package storetest is the suite that every store of payments passes: what checkout.Store promises, case by case.
package storetest

import (
	"context"
	"iter"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/limit"
	"kassa/shared/payment"
)

// Lossy is a store whose next write can be made to happen while its answer is lost. Cases about lost answers are
// skipped, saying so, for a store that cannot.
type Lossy interface{ LoseNextAnswer(t *testing.T) }

// Store is what every store of payments can do.
type Store interface {
	checkout.Store
	limit.Store
	work
	checkout.UndeliveredList
	book.Store
}

// work is what the schedule and people find by: messages that are due, and payments under review.
type work interface {
	Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error]
	UnderReview(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error)
}

// Run puts stores through the suite. Open gives a fresh, empty store for each case.
func Run(t *testing.T, open func(t *testing.T) Store) {
	cases := []struct {
		name string
		run  func(t *testing.T, s Store)
	}{
		{"create is read back", createIsReadBack},
		{"create of a taken key gives what stands there", createOfTakenKey},
		{"create whose answer is lost", createLost},
		{"one of 100 creators wins", creatorsRace},
		{"nothing is found where nothing is", missing},
		{"a broken payment is not written", brokenIsRefused},
		{"save replaces the version that was read", saveReplaces},
		{"save of an older version conflicts", saveOfOlder},
		{"save of what was never created conflicts", saveOfUnborn},
		{"save whose answer is lost", saveLost},
		{"a version bears the stamps of its last saves", stampsAreKept},
		{"one of 100 savers wins each version", saversRace},
		{"a whole life is read back step by step", wholeLife},
		{"the largest payment fits", largest},
		{"what is stored is nobody's to change", notShared},
		{"a caller who has gone is told to come again", callerGone},
		{"attempts come oldest first and alone", attemptsInOrder},
		{"attempts of many pages", attemptsOfManyPages},
		{"due lists a payment from its second on", dueFromItsSecond},
		{"due lists the longest waiting first, up to the limit", dueInOrder},
		{"due follows a payment that moves and ends", dueFollows},
		{"due keeps the shards apart", dueByShard},
		{"the outbox lists what is to be retried", outboxFollows},
		{"the outbox of many pages", outboxOfManyPages},
		{"what a shop has not acknowledged is found", undeliveredFollows},
		{"what a shop has not acknowledged comes page by page", undeliveredInPages},
		{"a place that no answer gave", undeliveredFromNowhere},
		{"the review lists what people must look at", reviewFollows},
		{"the book lists a day of a shop, newest first", bookOfDay},
		{"the book follows a payment to the day of its change", bookFollows},
		{"the book is cut by creation", bookByCreation},
		{"the book is read on behind any entry", bookInPages},
		{"several are read at once", severalAtOnce},
		{"summaries say what the payments say", summaries},
		{"nothing is used of an allowance at first", nothingUsed},
		{"what is used is read back", usedIsReadBack},
		{"a use of an older version conflicts", useOfOlder},
		{"a use whose answer is lost", useLost},
		{"a broken use is not written", brokenUse},
		{"100 users at once never use more than there is", usersRace},
		{"an allowance is no payment", allowanceIsNoPayment},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}
