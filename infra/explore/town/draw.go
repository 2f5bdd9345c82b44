package town

import (
	"math/rand/v2"
	"time"

	"kassa/infra/explore/world"
)

// drawer draws what happens in a town.
type drawer struct {
	t      *Town
	dice   *rand.Rand
	rate   float64 // of the step's calls that fail
	orders int     // that there are to be
	fresh  int     // orders so far
}

// Orders are how many a town has: enough to be in each other's way, and few enough for a short script.
const Orders = 64

// stepsPerOrder are how many steps there are in a town.
const stepsPerOrder = 6

// odds are how often each of some things happens, beside the others.
type odds []struct {
	what string
	odds int
}

// pick draws one of them, each as often as its odds say.
func (o odds) pick(dice *rand.Rand) string {
	sum := 0
	for _, one := range o {
		sum += one.odds
	}
	n := dice.IntN(sum)
	for _, one := range o {
		if n -= one.odds; n < 0 {
			return one.what
		}
	}
	return ""
}

// unpaid is what happens to an order whose page is open, or was.
func unpaid() odds {
	return odds{{"pay", 30}, {"come", 25}, {"poll", 14}, {"create", 8}, {"decline", 8}, {"supersede", 6}, {"cancel", 5},
		{"leave", 5}, {"late", 4}, {"pay-first", 3}, {"forge", 3}, {"old", 2}, {"come-twice", 4}, {"refund", 1},
		{"reopen", 1}, {"rotate", 1}}
}

// paid is what happens to one that was paid.
func paid() odds {
	return odds{{"refund", 18}, {"rival", 10}, {"whole", 8}, {"small", 8}, {"come", 14}, {"come-twice", 4}, {"poll", 6},
		{"desk", 4}, {"create", 5}, {"supersede", 2}, {"reopen", 4}, {"cancel", 3}, {"old", 4}, {"forge", 3}, {"late", 2},
		{"pay", 2}, {"pay-first", 2}, {"rotate", 1}}
}

// town is what happens to all.
func town() odds {
	return odds{{"tell", 50}, {"sweep", 25}, {"outbox", 15}, {"tell-twice", 3}, {"untold", 3}}
}

// waits are how long nothing happens.
func waits() odds {
	return odds{{"1m", 40}, {"4m", 30}, {"21m", 20}, {"2h", 10}, {"10h", 4}, {"26h", 6}, {"168h", 2}, {"721h", 2}}
}

// step draws the next step.
func (d *drawer) step() Step {
	if d.dice.IntN(12) == 0 {
		wait, _ := time.ParseDuration(waits().pick(d.dice))
		return Step{Wait: wait + time.Duration(d.dice.IntN(50))*time.Second, Runs: wait > time.Hour && d.dice.IntN(4) > 0}
	}
	d.rate = []float64{0, 0, 0, 0, 0, 0, 0, 0.03, 0.08, 0.25}[d.dice.IntN(10)]
	s := Step{}
	together := []int{1, 1, 1, 1, 1, 1, 1, 2, 2, 3}[d.dice.IntN(10)]
	known := events()
	same := d.pick()
	for len(s.Events) < together {
		h := Happening{Event: town().pick(d.dice)}
		if d.dice.IntN(10) < 7 || len(s.Events) == 0 && together > 1 {
			n := same
			if d.dice.IntN(4) == 0 {
				n = d.pick()
			}
			h = Happening{d.event(d.t.order(n)), n}
		}
		if e := known[h.Event]; e.alone && together > 1 {
			continue
		}
		s.Events = append(s.Events, h)
	}
	s.Dice = d.dice.Uint64N(1 << 20)
	return s
}

// pick draws an order: a new one, one of the latest, or any.
func (d *drawer) pick() int {
	if d.fresh == 0 || d.fresh < d.orders && d.dice.IntN(6) == 0 {
		d.fresh++
		return d.fresh
	}
	if d.dice.IntN(4) > 0 {
		return d.fresh - d.dice.IntN(min(5, d.fresh))
	}
	return 1 + d.dice.IntN(d.fresh)
}

// event draws what happens to an order.
func (d *drawer) event(o *order) string {
	p, there := d.t.held(o)
	switch {
	case !there:
		return "create"
	case p.Status.Money():
		return paid().pick(d.dice)
	}
	return unpaid().pick(d.dice)
}

// fault draws what a call meets.
func (d *drawer) fault(call string) world.Kind {
	if d.dice.Float64() >= d.rate {
		return world.None
	}
	all := world.Kinds(call)
	return all[d.dice.IntN(len(all))]
}
