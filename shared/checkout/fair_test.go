package checkout_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// twoBanks are both kept by one teller, who knows by the reference what to do.
type twoBanks struct{ teller bank.Bank }

func (b twoBanks) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(b.teller)
}

// crowd opens so many payments of each of the shops at a bank, in one shard or anywhere.
func (c *counter) crowd(name, bank string, shops, each int, oneShard bool) (ids []payment.ID) {
	c.t.Helper()
	for i := range shops {
		shop := name
		if shops > 1 {
			shop = fmt.Sprintf("%s-%d", name, i)
		}
		refs := inShard(shop, each)
		for n, ref := range refs {
			if !oneShard {
				ref = fmt.Sprintf("%s-any-%d", shop, n)
			}
			o := order(ref, 15000)
			o.Shop, o.Bank, o.Banks = shop, bank, []string{bank}
			opened, err := c.svc.Initiate(c.t.Context(), o)
			if err != nil {
				c.t.Fatal(err)
			}
			ids = append(ids, opened.Payment.ID)
			c.advance(time.Millisecond)
		}
	}
	return ids
}

// badly are the ways in which a bank is not well.
var badly = map[string]func() error{
	"hangs":                            func() error { time.Sleep(20 * time.Second); return unavailable() },
	"slow":                             func() error { time.Sleep(15 * time.Second); return nil },
	"refuses":                          unavailable,
	"TLS":                              func() error { time.Sleep(50 * time.Millisecond); return unavailable() },
	"TLS, after the longest handshake": func() error { time.Sleep(10 * time.Second); return unavailable() },
}

// tally counts what was asked of a bank by the beginning of the reference, and lets questions come out as they do
// there.
type tally struct {
	mu    sync.Mutex
	asked map[string]int
}

func (c *counter) tallied(how map[string]func() error) *tally {
	n := &tally{asked: map[string]int{}}
	c.bank.before = func(_ context.Context, _, ref string) error {
		name, _, _ := strings.Cut(ref, "-")
		n.mu.Lock()
		n.asked[name]++
		n.mu.Unlock()
		if answer := how[name]; answer != nil {
			return answer()
		}
		time.Sleep(100 * time.Millisecond)
		return nil
	}
	return n
}

// unasked counts those of whom no question is on record.
func (c *counter) unasked(ids []payment.ID) (n int) {
	c.t.Helper()
	for _, id := range ids {
		p, err := c.reload(id)
		if err != nil {
			c.t.Fatal(err)
		}
		if p.AskedAt.IsZero() {
			n++
		}
	}
	return n
}

// However many shops' one bank hangs, is slow or cannot be reached, in one shard or in all: the other bank's shop,
// whose payments became due last, is looked after in its first run, all of it, and a third bank that is as bad changes
// nothing. What there was no turn for is not on record as asked.
func TestABankThatHangsForManyShopsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	for name, answer := range badly {
		for _, shops := range []int{1, 40, 100, 1000} {
			for _, oneShard := range []bool{true, false} {
				for _, both := range []bool{false, true} {
					if shops == 1000 && (name != "hangs" || both == oneShard) || sampled && (shops > 40 || both == oneShard) {
						continue // those take long, and tell nothing new
					}
					inBubble(t, func(t *testing.T, c *counter) {
						c.svc.Banks = twoBanks{c.bank}
						bad := c.crowd("bad", "kapital", shops, 2, oneShard)
						if both {
							bad = append(bad, c.crowd("worse", "third", shops, 2, oneShard)...)
						}
						good := c.crowd("good", "kartapokupok", 1, 150, oneShard)
						for _, id := range good {
							p, _ := c.reload(id)
							c.bank.approve(p.OrderRef)
						}
						c.advance(dueAt + time.Minute)
						asked := c.tallied(map[string]func() error{"bad": answer, "worse": answer})
						swept := c.sweep()
						for _, id := range good {
							if p, err := c.reload(id); err != nil || p.Status != payment.Paid {
								t.Fatalf("%s, %d shops, one shard %t, two such banks %t: %s is %s, %v; %+v", name, shops, oneShard, both,
									p.OrderRef, p.Status, err, swept)
							}
						}
						if n := asked.asked["bad"] + asked.asked["worse"]; n == 0 || n != len(bad)-c.unasked(bad) {
							t.Errorf("%s, %d shops: %d of %d are on record as asked, and %d were", name, shops, len(bad)-c.unasked(bad),
								len(bad), n)
						}
					})
				}
			}
		}
	}
}

// Where the bank that hangs is also the bank of a shop for which it answers, a run has time for some of the shops
// alone: each has its turn within a few, wherever it stands and however much waits of each.
func TestNoShopOfABankThatHangsIsAlwaysTheLast(t *testing.T) {
	t.Parallel()
	places := []string{"aaa", "bad-77x", "zzz"}
	if sampled {
		places = places[1:2]
	}
	for _, sound := range places {
		inBubble(t, func(t *testing.T, c *counter) {
			c.svc.Banks = twoBanks{c.bank}
			const shops, each = 200, 15
			c.crowd("bad", "kapital", shops, each, true)
			good := c.crowd(sound, "kapital", 1, 1, true)
			c.advance(dueAt + time.Minute)
			heard := map[string]bool{}
			var mu sync.Mutex
			c.bank.before = func(_ context.Context, _, ref string) error {
				shop := ref[:strings.LastIndexByte(ref, '-')]
				mu.Lock()
				heard[shop] = true
				mu.Unlock()
				if shop == sound {
					return nil
				}
				return badly["hangs"]()
			}
			runs := 0
			for ; len(heard) <= shops && runs < 10; runs++ {
				began := time.Now()
				c.sweep()
				c.advance(time.Until(began.Add(time.Minute)))
			}
			if len(heard) <= shops || c.unasked(good) > 0 {
				t.Errorf("%s: after %d runs only %d of %d shops had a turn; the sound one waits: %t", sound, runs, len(heard),
					shops+1, !heard[sound])
			}
		})
	}
}
