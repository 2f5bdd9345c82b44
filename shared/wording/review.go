package wording

import (
	"strings"

	"kassa/shared/payment"
)

// Advice is what staff read about a review, each a sentence or two.
type Advice struct {
	Happened string
	Sure     string // what is certain all the same
	Next     string // what to find out and to do
	Never    string // what would make it worse
}

// Review is what a review of a payment means. money says that money is on record, inFlight that a refund is: the same
// reason asks for something else then. A reason that this version does not know is told as that.
func (s Speech) Review(reason payment.Review, money, inFlight bool) Advice {
	key := "review." + Case(reason, money, inFlight) + "."
	if !s.Has(key + "happened") {
		key = "review.other."
	}
	return Advice{s.Say(key + "happened"), s.Say(key + "sure"), s.Say(key + "next"), s.Say(key + "never")}
}

// Happened is an entry of a payment's history in words: "review:amount" as "review: amount".
func (s Speech) Happened(what string) string {
	event, reason, _ := strings.Cut(what, ":")
	if reason == "" || !s.Has("event."+event) {
		return s.Word("event", what)
	}
	return s.Say("event."+event, s.Word("reason", reason))
}

// Case is the name of what a review means in the table of texts.
func Case(reason payment.Review, money, inFlight bool) string {
	switch {
	case reason == payment.ReviewStatus && money:
		return "status_paid"
	case reason == payment.ReviewRefund && !inFlight:
		return "refund_desk"
	}
	return string(reason)
}
