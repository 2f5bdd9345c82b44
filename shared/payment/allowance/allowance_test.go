package allowance

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func claim(refund, owner string, amount int64) Claim { return Claim{refund, owner, amount} }

func TestADayHasItsLimit(t *testing.T) {
	u := Usage{ID: ID{"demo-az", "AZN"}}
	for i, c := range []struct {
		claim     Claim
		day       int64
		left, sum int64
		ok        bool
	}{
		{claim("a", "1", 60), 7, 40, 60, true},
		{claim("b", "1", 41), 7, 40, 60, false},
		{claim("b", "1", 40), 7, 0, 100, true},
		{claim("c", "1", 1), 7, 0, 100, false},
		{claim("a", "2", 60), 7, 0, 100, true},  // the same refund again counts once
		{claim("a", "2", 50), 7, 10, 90, true},  // and with what is asked for now
		{claim("a", "3", 61), 7, 60, 90, false}, // which must fit as well
		{claim("d", "1", 100), 8, 0, 100, true}, // a new day
		{claim("e", "1", 1), 7, 0, 100, false},  // and a late clock does not bring the old one back
		{claim("d", "1", 100), 7, 0, 100, true},
	} {
		next, left, ok := u.Take(c.claim, c.day, 100)
		if left != c.left || ok != c.ok || next.Sum != c.sum || next.Check() != nil {
			t.Errorf("step %d: %+v, %d left, %t, %v", i, next, left, ok, next.Check())
		}
		u = next
	}
}

func TestOnlyTheOwnerGivesUp(t *testing.T) {
	u, _, _ := Usage{ID: ID{"demo-az", "AZN"}}.Take(claim("a", "first", 60), 7, 100)
	again, _, _ := u.Take(claim("a", "second", 60), 7, 100)
	if next, ok := again.GiveUp(claim("a", "first", 60)); ok || next.Sum != 60 {
		t.Errorf("a claim that another request took over was given up: %+v", next)
	}
	gone, ok := again.GiveUp(claim("a", "second", 60))
	if !ok || gone.Sum != 0 || len(gone.Claims) != 0 || len(again.Claims) != 1 {
		t.Errorf("%+v, %+v", gone, again)
	}
	if _, ok := gone.GiveUp(claim("a", "second", 60)); ok {
		t.Error("given up twice")
	}
	tomorrow, _, _ := again.Take(claim("b", "x", 1), 8, 100)
	if next, ok := tomorrow.GiveUp(claim("a", "second", 60)); ok || next.Sum != 1 {
		t.Errorf("yesterday's claim came off today's sum: %+v", next)
	}
}

// TestAnyOrderStaysWithinTheLimit: whatever comes, the sum is never over the limit nor under what still counts, and the
// item is bounded.
func TestAnyOrderStaysWithinTheLimit(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		const limit = 1000
		u, day := Usage{ID: ID{"s", "BYN"}}, int64(1)
		counted := map[string]Claim{}
		for range 400 {
			c := claim(fmt.Sprint("rf", r.IntN(300)), fmt.Sprint(r.IntN(3)), 1+r.Int64N(9))
			switch r.IntN(40) {
			case 0:
				day++
				counted = map[string]Claim{}
			case 1, 2, 3, 4, 5, 6, 7, 8:
				c = counted[c.Refund]
				next, ok := u.GiveUp(c)
				if ok {
					delete(counted, c.Refund)
				}
				u = next
				continue
			}
			next, _, ok := u.Take(c, day, limit)
			if ok {
				counted[c.Refund] = c
			}
			u = next
			var must int64
			for _, c := range counted {
				must += c.Amount
			}
			if err := u.Check(); err != nil || u.Sum > limit || u.Day == day && u.Sum < must || len(u.Claims) > Remembered {
				t.Fatalf("seed %d: %v, sum %d, must be %d to %d", seed, err, u.Sum, must, limit)
			}
		}
	}
}

func TestDaysBeginWhereTheShopIs(t *testing.T) {
	for _, c := range []struct {
		currency, now, next string
		later               int64 // days after 1970 that have begun
	}{
		{"AZN", "2026-03-04T19:59:59Z", "2026-03-05T00:00:00+04:00", 20516},
		{"AZN", "2026-03-04T20:00:00Z", "2026-03-06T00:00:00+04:00", 20517},
		{"BYN", "2026-03-04T20:59:59Z", "2026-03-05T00:00:00+03:00", 20516},
		{"BYN", "2026-03-04T21:00:00Z", "2026-03-06T00:00:00+03:00", 20517},
		{"XXX", "2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", 21243},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if day, next := Day(c.currency, now); day != c.later || next.Format(time.RFC3339) != c.next {
			t.Errorf("%s at %s: day %d, next %s", c.currency, c.now, day, next.Format(time.RFC3339))
		}
	}
}

func TestUnsoundCountsAreFound(t *testing.T) {
	id := ID{"s", "AZN"}
	for name, u := range map[string]Usage{
		"no shop":     {ID: ID{"", "AZN"}},
		"no currency": {ID: ID{"s", ""}},
		"too little":  {ID: id, Sum: 9, Claims: []Claim{claim("a", "1", 10)}},
		"negative":    {ID: id, Sum: 9, Claims: []Claim{claim("a", "1", -1)}},
		"nobody's":    {ID: id, Sum: 9, Claims: []Claim{claim("a", "", 1)}},
		"twice":       {ID: id, Sum: 9, Claims: []Claim{claim("a", "1", 1), claim("a", "2", 1)}},
		"below zero":  {ID: id, Sum: -1},
		"of nothing":  {ID: id, Sum: 9, Claims: []Claim{claim("a", "1", 0)}},
		"no refund's": {ID: id, Sum: 9, Claims: []Claim{claim("", "1", 1)}},
		"too many":    {ID: id, Sum: 1 << 40, Claims: many(Remembered + 1)},
	} {
		if u.Check() == nil {
			t.Errorf("%s: %+v passes", name, u)
		}
	}
}

func many(n int) (claims []Claim) {
	for i := range n {
		claims = append(claims, claim(fmt.Sprint("rf", i), "1", 1))
	}
	return claims
}

func TestSoundCountsPass(t *testing.T) {
	u := Usage{ID: ID{"s", "AZN"}, Sum: Remembered, Claims: many(Remembered)}
	if err := u.Check(); err != nil {
		t.Error(err)
	}
}

// A count that others hold stays as it is, whatever is made of it.
func TestACountIsAValue(t *testing.T) {
	u := Usage{ID: ID{"s", "AZN"}, Day: 7, Sum: 3, Claims: many(3)}
	if _, _, ok := u.Take(claim("rf0", "2", 5), 7, 100); !ok || u.Claims[0] != claim("rf0", "1", 1) ||
		u.Claims[2] != claim("rf2", "1", 1) {
		t.Errorf("taken: %+v", u)
	}
	if _, ok := u.GiveUp(claim("rf0", "1", 1)); !ok || u.Claims[0] != claim("rf0", "1", 1) ||
		u.Claims[2] != claim("rf2", "1", 1) {
		t.Errorf("given up: %+v", u)
	}
}

// A claim holds on its day, and for a clock that is late; on the next day it counts anew.
func TestAClaimHoldsOnItsDay(t *testing.T) {
	u := Usage{ID: ID{"s", "AZN"}, Day: 7, Sum: 1, Claims: many(1)}
	for day, want := range map[int64]bool{6: true, 7: true, 8: false} {
		if u.Holds(claim("rf0", "1", 1), day) != want {
			t.Errorf("day %d: %t", day, !want)
		}
	}
	if u.Holds(claim("rf0", "2", 1), 7) || u.Holds(claim("rf0", "1", 2), 7) {
		t.Error("another's claim, or another amount, holds")
	}
}

// A limit that was lowered below what is used leaves nothing, and not less.
func TestALoweredLimitLeavesNothing(t *testing.T) {
	u := Usage{ID: ID{"s", "AZN"}, Day: 7, Sum: 60, Claims: []Claim{claim("a", "1", 60)}}
	if _, left, ok := u.Take(claim("b", "1", 1), 7, 50); ok || left != 0 {
		t.Errorf("%d left, %t", left, ok)
	}
}
