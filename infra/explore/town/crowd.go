package town

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"kassa/infra/explore/world"
)

// crowd lets whatever is at work, the workers of a step and those that they start themselves, go on one at a time:
// each stops before every call until it is picked, and the dice pick.
type crowd struct {
	mu      sync.Mutex
	waiting []*caller
	working int       // workers of the step that are not done
	news    chan bool // somebody came, or is done

	dice     *rand.Rand
	pausing  bool // now and then everybody is kept waiting while time passes
	faults   []Fault
	draw     func(call string) world.Kind // draws the faults; nil where they are given
	calls    int                          // of this step
	throttle int                          // calls of the table that are still to be refused
	quiet    bool                         // no call fails

	trace Trace
	tally Tally
}

// caller is somebody who has stopped before a call.
type caller struct {
	worker      int
	about, call string
	turn        chan bool
}

// compare puts those who wait into an order that does not depend on who came first: goroutines that are woken at once
// come as the machine likes.
func (c *caller) compare(other *caller) int {
	return cmp.Or(c.worker-other.worker, cmp.Compare(c.about, other.about), cmp.Compare(c.call, other.call))
}

// invocation is one run of a function, or a worker that is none yet. When it is killed, nothing of it reaches anybody
// any more.
type invocation struct {
	worker int
	end    context.CancelFunc
	dead   bool
}

type invocationKey struct{}

// invocationOf is whose call comes with a context; Kassa hands on to the table, the bank and the shop the one that it
// was called with.
func invocationOf(ctx context.Context) *invocation {
	in, _ := ctx.Value(invocationKey{}).(*invocation)
	return in
}

// invoke runs a function for so long at most.
func invoke(ctx context.Context, limit time.Duration, work func(ctx context.Context)) (survived bool) {
	in := &invocation{worker: invocationOf(ctx).worker}
	ctx, in.end = context.WithTimeout(context.WithValue(context.Background(), invocationKey{}, in), limit)
	defer in.end()
	work(ctx)
	return !in.dead
}

// run has the workers do their work at once, and comes back when all are done.
func (c *crowd) run(workers ...func(ctx context.Context)) {
	c.news, c.working = make(chan bool, 1), len(workers)
	for i, work := range workers {
		go func() {
			ctx := context.WithValue(context.Background(), invocationKey{}, &invocation{worker: i})
			c.arrive(ctx, "start", "")
			work(ctx)
			c.mu.Lock()
			c.working--
			c.mu.Unlock()
			c.tell()
		}()
	}
	for c.next() {
	}
}

// next lets the next one go on; false when all are done.
func (c *crowd) next() bool {
	synctest.Wait()
	c.mu.Lock()
	if len(c.waiting) == 0 {
		left := c.working
		c.mu.Unlock()
		if left > 0 {
			<-c.news // they wait for time to pass
		}
		return left > 0
	}
	slices.SortFunc(c.waiting, (*caller).compare)
	i := 0
	if c.dice != nil && len(c.waiting) > 1 {
		i = c.dice.IntN(len(c.waiting))
	}
	picked := c.waiting[i]
	c.waiting = slices.Delete(c.waiting, i, i+1)
	c.mu.Unlock()
	if c.dice != nil && c.pausing && c.dice.IntN(pauseOdds) == 0 {
		c.tally.Pauses++
		time.Sleep(time.Duration(1+c.dice.IntN(25)) * time.Second) //nolint:forbidigo // the clock of a bubble leaps
		synctest.Wait()
	}
	picked.turn <- true
	return true
}

// pauseOdds is how seldom everybody is kept waiting: one call in so many of those in steps where that may be.
const pauseOdds = 24

// tell wakes whoever waits for somebody to come. One token is enough, however many have come since it looked.
func (c *crowd) tell() {
	select {
	case c.news <- true:
	default:
	}
}

// arrive waits for the turn of a call; false when its invocation was killed. That is asked when the turn has come: who
// arrives while another worker of it is being killed would see the one or the other.
func (c *crowd) arrive(ctx context.Context, call, about string) bool {
	in := invocationOf(ctx)
	me := &caller{in.worker, about, call, make(chan bool)}
	c.mu.Lock()
	c.waiting = append(c.waiting, me)
	c.mu.Unlock()
	c.tell()
	<-me.turn
	return !in.dead
}

// pass waits for the turn of a call and says what it meets.
func (c *crowd) pass(ctx context.Context, call, about string) world.Kind {
	if !c.arrive(ctx, call, about) {
		return world.Killed
	}
	return c.meet(ctx, call, about)
}

// refuses says whether the call of a bank that has arrived is to be refused: then nobody must look at it.
func (c *crowd) refuses() bool {
	f := Fault{At: c.calls + 1, Kind: world.Refused}
	if c.draw != nil && c.draw("bank") == world.Refused {
		c.faults = append(c.faults, f)
	}
	return !c.quiet && slices.Contains(c.faults, f)
}

// meet counts a call whose turn it is.
func (c *crowd) meet(ctx context.Context, call, about string) world.Kind {
	c.calls++
	met := world.None
	if !c.quiet {
		met = c.fault(call)
	}
	c.trace.add(call, about, string(met))
	c.tally.Calls++
	switch met {
	case world.Throttle:
		c.throttle, met = 2, world.Refused
	case world.Killed:
		invocationOf(ctx).kill()
	}
	return met
}

// fault is what a call meets.
func (c *crowd) fault(call string) world.Kind {
	if c.draw != nil && !slices.ContainsFunc(c.faults, func(f Fault) bool { return f.At == c.calls }) {
		if kind := c.draw(call); kind != world.None && (kind != world.Refused || !strings.HasPrefix(call, "bank")) {
			c.faults = append(c.faults, Fault{c.calls, kind})
		}
	}
	for _, f := range c.faults {
		if f.At == c.calls && slices.Contains(world.Kinds(call), f.Kind) {
			c.tally.Faults[f.Kind]++
			return f.Kind
		}
	}
	if c.throttle > 0 && strings.HasPrefix(call, "table") {
		c.throttle--
		return world.Refused
	}
	return world.None
}

// wait lets the time of a call pass.
func (c *crowd) wait(ctx context.Context) error {
	<-ctx.Done()
	c.arrive(ctx, "back", "")
	return ctx.Err()
}

// kill ends the invocation whose call it is.
func (in *invocation) kill() {
	in.dead = true
	in.end()
}
