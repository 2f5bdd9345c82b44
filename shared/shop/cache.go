package shop

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"kassa/shared/payment"
)

// How long what was fetched stands, and how many names are remembered. Names come from strangers, so their number has a
// bound.
const (
	goodFor    = 5 * time.Minute
	doubtAfter = 30 * time.Second // after a doubt made us fetch: until then a doubt is answered by what that gave
	fresh      = 2 * time.Second  // of settings, after any fetch: a wrong key is doubted in the request that fetched them
	maxEntries = 1000
	maxFetch   = 10 * time.Second // for one fetch, its retries included
)

// How many fetches strangers can cause by names that they invent: so many at once, and then one per interval. Who comes
// when they are used up waits for the next, and is told to come again only when others wait already. A function serves
// one request at a time, so there whoever asks waits for one interval at most, however many strangers came before.
const (
	strangers  = 50
	perUnknown = 500 * time.Millisecond
	maxWait    = 3 * time.Second
)

// cache keeps what secrets say, by their names, and fetches each at most once at a time.
type cache[V any] struct {
	fresh time.Duration // how long after any fetch a doubt is answered by what that gave
	now   func() time.Time
	log   *slog.Logger
	fetch func(ctx context.Context, name string) (V, error)
	pause func(ctx context.Context, d time.Duration) // before a fetch whose turn has not come

	mu      sync.Mutex
	entries map[string]entry[V]
	flights map[string]*flight[V]
	full    time.Time // when all strangers' fetches are there again; each takes one interval, see turn
}

// entry is what is known of one secret: its value, or that there is none (err is of kind NotFound).
type entry[V any] struct {
	value   V
	err     error
	fetched time.Time // when fetching it was last tried
	doubted time.Time // when a doubt last made us fetch it
	flawed  bool      // a part of it is wrong, and nothing better was ever known
	until   time.Time // when it is to be fetched again
}

// flight is a fetch under way. Its result may be read once done is closed.
type flight[V any] struct {
	done   chan struct{}
	result entry[V]
}

func newCache[V any](fresh time.Duration, now func() time.Time, log *slog.Logger,
	fetch func(context.Context, string) (V, error)) *cache[V] {
	return &cache[V]{fresh: fresh, now: now, log: log, fetch: fetch, pause: pause,
		entries: map[string]entry[V]{}, flights: map[string]*flight[V]{}}
}

// get gives what a secret says, fetching it where the package comment has it so.
func (c *cache[V]) get(ctx context.Context, name string, doubted bool) (none V, err error) {
	f, known := c.join(ctx, name, doubted)
	if f == nil {
		return known.value, known.err
	}
	select {
	case <-f.done:
		return f.result.value, f.result.err
	case <-ctx.Done():
		return none, &payment.Error{Kind: payment.Unavailable, Message: "The shop's settings could not be fetched in time.",
			RetryAfter: retryAfter, Cause: ctx.Err()}
	}
}

// join gives what is known, or else the fetch to wait for. The fetch outlives the caller who began it, since others may
// wait, too.
func (c *cache[V]) join(ctx context.Context, name string, doubted bool) (*flight[V], entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	known, ok := c.entries[name]
	f, flying := c.flights[name]
	wait := !flying && now.Before(known.doubted.Add(doubtAfter)) || now.Before(known.fetched.Add(c.fresh))
	if ok && now.Before(known.until) && (!doubted || wait) {
		return nil, known
	}
	if !flying {
		var turn time.Duration
		if !ok || known.err != nil {
			turn = c.turn(now)
			switch {
			case turn > maxWait && ok && now.Before(known.until):
				return nil, known
			case turn > maxWait:
				return nil, entry[V]{err: &payment.Error{Kind: payment.Unavailable, RetryAfter: retryAfter,
					Message: "Too many shops are looked up just now; try again shortly."}}
			}
			c.full = c.full.Add(perUnknown)
		}
		if ok && doubted {
			known.doubted = now
			c.entries[name] = known
		}
		f = &flight[V]{done: make(chan struct{})}
		c.flights[name] = f
		go c.fly(context.WithoutCancel(ctx), name, f, turn)
	}
	return f, entry[V]{}
}

// turn is how long the next fetch of a name that is not known to have a secret must wait. It is a bucket of tokens,
// kept as the time at which it is full again.
func (c *cache[V]) turn(now time.Time) time.Duration {
	if c.full.Before(now) {
		c.full = now
	}
	return max(0, c.full.Sub(now)-(strangers-1)*perUnknown)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// fly fetches a secret when its turn has come, and tells all who wait.
func (c *cache[V]) fly(ctx context.Context, name string, f *flight[V], turn time.Duration) {
	if turn > 0 {
		c.pause(ctx, turn)
	}
	ctx, cancel := context.WithTimeout(ctx, maxFetch)
	defer cancel()
	value, err := c.fetch(ctx, name)

	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[name]; err == nil && (!known || c.entries[name].err != nil) {
		c.full = c.full.Add(-perUnknown) // it is no stranger's
	}
	f.result = c.learn(name, value, err)
	delete(c.flights, name)
	close(f.done)
}

// learn takes in what a fetch gave, and gives what is known now. A failed fetch leaves what was known in place, for as
// long as a doubt has to wait; where nothing was known, nothing is remembered.
func (c *cache[V]) learn(name string, value V, err error) entry[V] {
	now := c.now()
	known, ok := c.entries[name]
	_, partly := errors.AsType[*flawed](err)
	switch {
	case partly && (!ok || known.err != nil || known.flawed):
		c.log.Error("a secret is wrong in part; the rest of it is in use", "secret", name, "error", err)
		known = entry[V]{value: value, flawed: true, fetched: now, doubted: known.doubted, until: now.Add(doubtAfter)}
	case err == nil || payment.KindOf(err) == payment.NotFound:
		known = entry[V]{value: value, err: err, fetched: now, doubted: known.doubted, until: now.Add(goodFor)}
	case ok && known.err == nil:
		c.log.Error("a secret cannot be fetched or read; its last good version stays in use", "secret", name, "error", err)
		known.fetched, known.until = now, now.Add(doubtAfter)
	default:
		return entry[V]{err: err}
	}
	if c.makeRoom(name, known.err != nil) {
		c.entries[name] = known
	}
	return known
}

// makeRoom forgets an entry when another name comes and the cache is full: one that says "there is none" before any
// other, and among equals the one fetched longest ago. It is false where that would push out a real shop for a
// stranger's guess.
func (c *cache[V]) makeRoom(name string, absent bool) bool {
	if _, known := c.entries[name]; known || len(c.entries) < maxEntries {
		return true
	}
	var victim string
	for candidate, e := range c.entries {
		worst := c.entries[victim]
		absent, worstAbsent := e.err != nil, worst.err != nil
		if victim == "" || absent && !worstAbsent || absent == worstAbsent && e.fetched.Before(worst.fetched) {
			victim = candidate
		}
	}
	if absent && c.entries[victim].err == nil {
		return false
	}
	delete(c.entries, victim)
	return true
}
