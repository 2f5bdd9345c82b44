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
	lowered  int64 // what the bank no longer shows as taken, and neither sum nor operation says why
	currency payment.Currency
	doubt    string // why they are not to be relied on, in words for the log; "" = they are
}

// sums adds up. One unknown is left by all sources: whether a void lowers what is cleared or raises what is refunded.
// So what was taken comes from the operations alone, and what went back is the larger of the two.
func (o order) sums() sums {
	s, takings, claims := sums{currency: o.currency}, 0, false
	for i, op := range o.operations {
		if !op.counts() {
			continue
		}
		twice := func(other operation) bool {
			return op.id != "" && other.id == op.id && other.counts() && (other.amount > 0) == (op.amount > 0)
		}
		claims = claims || op.weight == claimed || op.unsure
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
			takings++
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
	case claims && !o.confirms(s):
		s.doubt = "an operation was approved in part, or in another way, or does not say clearly what it did, " +
			"and the order's sums do not confirm it"
	case s.returned > s.taken:
		s.doubt = "more went back than was taken"
	case s.taken > 0 && s.currency == "":
		s.doubt = "no currency is stated"
	case s.taken == 0 || o.cleared == nil || *o.cleared == s.taken || o.explains(s):
	case *o.cleared != 0 || o.refunded() != s.taken: // else both say that all of it went back
		if s.lowered = s.taken - *o.cleared; s.lowered < 0 || s.returned > 0 || takings > 1 {
			s.doubt = "the order's sums and its operations contradict each other" // one may be read the wrong way round
		}
	}
	return s
}

// explains says whether what went back accounts for clearedChargeAmount being lower than what was taken: it is lowered
// by all that went back, or by the voids beside the refunds that clearedRefundAmount counts.
func (o order) explains(s sums) bool {
	lower, refunded := s.taken-*o.cleared, o.refunded()
	return lower >= 0 && (lower == s.listed && (refunded == 0 || refunded == s.listed) || lower+refunded == s.listed)
}

// confirms says whether the order's own sums state what the operations add up to.
func (o order) confirms(s sums) bool {
	return o.cleared != nil && (o.returned != nil || s.listed == 0) && o.explains(s)
}

// refunded is clearedRefundAmount, 0 where it is not stated.
func (o order) refunded() int64 {
	if o.returned == nil {
		return 0
	}
	return *o.returned
}

// shows says whether a sum is there and above zero.
func shows(sum *int64) bool { return sum != nil && *sum > 0 }
