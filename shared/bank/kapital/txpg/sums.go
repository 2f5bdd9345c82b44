package txpg

import (
	"slices"

	"kassa/shared/payment"
)

// sums are what an order's operations add up to, in minor units.
type sums struct {
	taken    int64 // ever; not what is taken now
	returned int64 // the bank's total where it is more than the operations give
	listed   int64 // what the operations give as returned
	currency payment.Currency
	doubt    string // why they are not to be relied on, in words for the log; "" = they are
}

// sums adds up. One unknown is left by all sources: whether a void lowers what is cleared or raises what is refunded
// (facts 6). So what was taken comes from the operations alone, and what went back is the larger of the two.
func (o order) sums() sums {
	s, claims := sums{currency: o.currency}, false
	for i, op := range o.operations {
		if !op.counts() {
			continue
		}
		twice := func(other operation) bool {
			return op.id != "" && other.id == op.id && other.counts() && (other.amount > 0) == (op.amount > 0)
		}
		claims = claims || op.weight == claimed
		switch currency := op.currency; {
		case op.strange:
			s.doubt = "an operation is not understood"
		case slices.ContainsFunc(o.operations[:i], twice):
			s.doubt = "an operation is listed twice"
		case currency != "" && s.currency != currency && s.taken+s.listed > 0:
			s.doubt = "the operations have several currencies"
		case currency != "":
			s.currency = currency
		}
		if op.amount > 0 {
			s.taken += op.amount
		} else {
			s.listed -= op.amount
		}
	}
	s.returned = s.listed
	if o.returned != nil {
		s.returned = max(s.returned, *o.returned)
	}
	switch {
	case s.doubt != "":
	case claims && !o.agrees(s):
		s.doubt = "an operation was approved in part or in another way, and the order's sums do not agree"
	case s.returned > s.taken:
		s.doubt = "more went back than was taken"
	case s.taken > 0 && s.currency == "":
		s.doubt = "no currency is stated"
	}
	return s
}

// agrees says whether the order's own sums confirm what the operations add up to.
func (o order) agrees(s sums) bool {
	if o.cleared == nil {
		return false
	}
	returned := s.listed == 0 || o.returned != nil && *o.returned == s.listed
	return *o.cleared == s.taken-s.listed || *o.cleared == s.taken && returned
}

// shows says whether a sum is there and above zero.
func shows(sum *int64) bool { return sum != nil && *sum > 0 }
