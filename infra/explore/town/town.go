// Package town is several shops with Kassa and their banks in one process, without sockets and without real time: the
// use cases, the bank folders and the simulated banks are the real ones, the table is a map. Many customers pay many
// orders there, whole months go by, calls fail, and several workers are at it at once; who goes on is for the dice to
// say, and everything that the dice have said stands in a script that can be replayed.
//
// The package world looks at one order in every way; here orders, shops and banks get into each other's way. A town
// lives inside a bubble of testing/synctest: what waits there costs no time.
package town

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/infra/explore/banks"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// Town is the shops, Kassa and the banks.
type Town struct {
	crowd

	store  *memory.Store
	kassa  *checkout.Service
	outbox *outbox.Outbox
	shift  time.Duration // from the bubble's clock to the town's

	places   []*place
	all      []*order // by number, from 1
	known    map[string]*order
	shards   [payment.Shards][]*order // those that are on record
	stream   []payment.ID             // records of the table's stream that nobody has taken yet
	inbox    map[string]told          // what the shops have taken, by the message's id
	overdue  []func()                 // what banks carry out after they were given up
	beside   []*order                 // to which a desk gave back in this step, while somebody might still ask
	dates    map[payment.ID]dates
	moved    map[*order]bool // since it was last looked at
	problems []string        // what must not be, as soon as it was seen
}

// place is a shop at one of its banks.
type place struct {
	t       *Town
	shop    string
	side    *banks.Side
	orders  map[string]*order // by what the bank calls them
	rotated bool              // the bank has other keys or another password than at the start
	renewed bool              // and Kassa works with them
}

// order is an order of a shop, and what happened to it besides what table and bank have on record.
type order struct {
	place   *place
	ref     string
	price   int64
	pages   []string         // that customers were sent to, by what the bank calls them
	asked   map[string]int64 // refunds that the shop has asked for: what the bank gave back for each
	failed  map[string]bool  // refunds whose shop was told last that nothing was given back
	done    map[string]bool  // refunds whose shop was told that they are done
	desk    int64            // given back by the bank's desk
	unseen  int64            // of that, what nobody need ask about
	lag     lag
	lagging time.Time    // until when the bank tells what was true before money last moved
	seen    map[int]seen // what was on record of each attempt
}

// lag is how an order stood at the bank before money last moved, which the bank may still tell for a while.
type lag struct {
	back   func() // nil when there is nothing that it could lag behind
	bankID string
	taken  bool // it was a payment that moved
	at     time.Time
}

// told is what a message said.
type told struct{ what, body string }

// shops are who sells here, and through which banks: their orders come by turns. The last takes cards and sells by
// instalments.
func shops() [][2]string {
	all := [][2]string{}
	for _, bank := range banks.Names() {
		all = append(all, [2]string{"shop-" + bank, bank})
	}
	for _, bank := range []string{all[0][1], all[len(all)-1][1]} {
		all = append(all, [2]string{"shop-of-two", bank})
	}
	return all
}

// New makes a town without orders.
func New() (*Town, error) {
	t := &Town{store: &memory.Store{}, shift: time.Until(banks.Start()), known: map[string]*order{},
		inbox: map[string]told{}, moved: map[*order]bool{},
		dates: map[payment.ID]dates{}}
	t.tally = newTally()
	for _, s := range shops() {
		p := &place{t: t, shop: s[0], orders: map[string]*order{}}
		var err error
		if p.side, err = banks.Open(s[1], banks.Host{Now: t.Now, Wire: wire{p}, Door: door{t}}); err != nil {
			return nil, err
		}
		t.places = append(t.places, p)
	}
	quiet := slog.New(slog.DiscardHandler)
	table := &table{t.store, t}
	t.kassa = &checkout.Service{Store: table, Allowances: t.store, Banks: t, Now: t.Now, Log: quiet,
		CallbackURL: callbacks}
	t.outbox = &outbox.Outbox{Store: table, Courier: t, Now: t.Now, Log: quiet}
	return t, nil
}

// Now is the town's clock.
func (t *Town) Now() time.Time { return time.Now().Add(t.shift).UTC().Truncate(time.Millisecond) }

// advance lets time pass without waiting for it: what sleeps in the bubble sleeps on.
func (t *Town) advance(d time.Duration) { t.shift += max(0, d) }

// order is the nth order, whose shop and price its number says.
func (t *Town) order(n int) *order {
	for i := len(t.all); i < n; i++ {
		p := t.places[i%len(t.places)]
		o := &order{place: p, ref: strconv.Itoa(i + 1), price: 3000 + int64(i)*7919%100_000, asked: map[string]int64{},
			failed: map[string]bool{}, done: map[string]bool{}, seen: map[int]seen{}}
		t.all = append(t.all, o)
		t.known[o.key()] = o
	}
	return t.all[n-1]
}

// key is what all attempts of the order have in common in the table.
func (o *order) key() string { return payment.OrderKey(o.place.shop, o.ref) }

// wrong notes what must not be.
func (t *Town) wrong(format string, values ...any) {
	if text := fmt.Sprintf(format, values...); !slices.Contains(t.problems, text) {
		t.problems = append(t.problems, text)
	}
}

// attempts are the payments of an order as they stand in the table, whatever fails.
func (t *Town) attempts(o *order) []payment.Payment {
	all, err := t.store.Attempts(context.Background(), o.key())
	if err != nil {
		t.wrong("the table cannot be read: %v", err)
	}
	return all
}

// last is an order's latest attempt; false when there is none.
func (t *Town) last(o *order) (payment.Payment, bool) {
	all := t.attempts(o)
	if len(all) == 0 {
		return payment.Payment{}, false
	}
	return all[len(all)-1], true
}

// held is the attempt whose money is to be given back: the first that was paid, else the last.
func (t *Town) held(o *order) (payment.Payment, bool) {
	for _, p := range t.attempts(o) {
		if p.Status.Money() {
			return p, true
		}
	}
	return t.last(o)
}

// With lets call a shop's bank. As the functions do, it takes the bank's newest settings once those that it has turn
// out to be wrong.
func (t *Town) With(_ context.Context, shop, name string, call func(bank.Bank) error) error {
	i := slices.IndexFunc(t.places, func(p *place) bool { return p.shop == shop && p.side.Name == name })
	if i < 0 {
		return &payment.Error{Kind: payment.NotFound, Message: "There is no such bank."}
	}
	p := t.places[i]
	err := call(watched{p.side.Kassas[p.renewed], p})
	kind := payment.KindOf(err)
	if err == nil || kind != payment.Misconfigured && kind != payment.Forged || p.renewed == p.rotated {
		return err
	}
	p.renewed = p.rotated
	return call(watched{p.side.Kassas[p.renewed], p})
}

// String tells how those payments stand that are wrong or still move, for people.
func (t *Town) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "at", t.Now().Format(time.DateTime))
	for _, o := range t.all {
		for _, p := range t.attempts(o) {
			fmt.Fprintf(&b, "order %s of %s, attempt %d: %s, captured %d, refunded %d, reviews %v, due %s, at the bank %+v\n",
				o.ref, o.place.shop, p.ID.Attempt, p.Status, p.Captured, p.Refunded, p.Reviews, p.DueAt.Format(time.DateTime),
				o.place.side.Account(p.Handle.OrderID))
			for _, r := range p.Refunds {
				fmt.Fprintf(&b, "  refund %s of %d: %s, by %s, answer %q\n", r.ID, r.Amount, r.Status, r.Origin, r.Answer)
			}
			for _, e := range p.History {
				fmt.Fprintf(&b, "  %d %s %s by %s %s\n", e.Sequence, e.At.Format(time.DateTime), e.What, e.By, e.Code)
			}
		}
	}
	return b.String()
}
