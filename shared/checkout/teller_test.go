package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// counter is Kassa over a store and a bank in memory, inside a bubble: the clock on record and the deadlines of
// invocations are one, and waiting costs no time.
type counter struct {
	t     *testing.T
	store *memory.Store
	bank  *teller
	svc   *checkout.Service
	logs  *strings.Builder
}

// inBubble runs a test with a counter of its own.
func inBubble(t *testing.T, test func(t *testing.T, c *counter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newCounter(t)) })
}

func newCounter(t *testing.T) *counter {
	c := &counter{t: t, store: &memory.Store{}, bank: &teller{accounts: map[string]*account{}}, logs: &strings.Builder{}}
	c.svc = &checkout.Service{Store: c.store, Allowances: c.store, Banks: banks{c.bank}, Now: time.Now,
		CallbackURL: "https://callback.example",
		Log:         slog.New(slog.NewTextHandler(&lockedWriter{b: c.logs}, nil))}
	return c
}

func (c *counter) advance(d time.Duration) { time.Sleep(d) }

// within is the context of an invocation that may run for d.
func (c *counter) within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(c.t.Context(), d)
	c.t.Cleanup(cancel)
	return ctx
}

func (c *counter) open(ref string) payment.Payment {
	c.t.Helper()
	opened, err := c.svc.Initiate(c.t.Context(), order(ref, 15000))
	if err != nil {
		c.t.Fatal(err)
	}
	return opened.Payment
}

// stored is the payment as it stands in the table.
func (c *counter) stored(ref string, attempt int) payment.Payment {
	c.t.Helper()
	p, err := c.reload(payment.ID{Order: payment.OrderKey("demo", ref), Attempt: attempt})
	if err != nil {
		c.t.Fatalf("%s/%d: %v", ref, attempt, err)
	}
	return p
}

// reload reads past the hooks of the store.
func (c *counter) reload(id payment.ID) (payment.Payment, error) {
	before, after := c.store.Before, c.store.After
	c.store.Before, c.store.After = nil, nil
	defer func() { c.store.Before, c.store.After = before, after }()
	return c.store.Load(context.Background(), id)
}

func (c *counter) callback(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return c.svc.Read(ctx, p.ID, p.CallbackToken, callbackFromBrowser)
}

func (c *counter) poll(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return c.svc.Poll(ctx, p.ID, checkout.Reader{Shop: p.Shop})
}

func (c *counter) refund(ctx context.Context, p payment.Payment, key string) error {
	_, err := c.svc.Refund(ctx, checkout.RefundOrder{ID: p.ID, Shop: p.Shop, By: "shop:k1", Key: key, Amount: 5000})
	return err
}

// sweep runs one sweep with a minute to go.
func (c *counter) sweep() checkout.SweepCounts {
	c.t.Helper()
	swept, err := c.svc.Sweep(c.within(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	return swept
}

// wants checks an error: its kind and code, and that it names the payment it means.
func (c *counter) wants(err error, kind payment.Kind, code string, about payment.ID) *payment.Error {
	c.t.Helper()
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != kind || e.Code != code || e.Payment == nil || e.Payment.ID != about {
		c.t.Fatalf("error %v, want %s %s about %s", err, kind, code, about)
	}
	return e
}

// is checks a stored payment's status.
func (c *counter) is(ref string, attempt int, want payment.Status) payment.Payment {
	c.t.Helper()
	p := c.stored(ref, attempt)
	if p.Status != want {
		c.t.Errorf("%s/%d is %s, want %s", ref, attempt, p.Status, want)
	}
	return p
}

// count is how many history entries say this.
func count(p payment.Payment, what string) (n int) {
	for _, e := range p.History {
		if e.What == what {
			n++
		}
	}
	return n
}

func unavailable() error {
	return &payment.Error{Kind: payment.Unavailable, Code: "down", Message: "Nobody answers."}
}

// teller is a bank in memory that keeps a ledger. Its hooks see every call with the reference of its order: before it
// is carried out, and after.
type teller struct {
	before, after func(ctx context.Context, call, ref string) error

	mu       sync.Mutex
	accounts map[string]*account
	opened   []bank.Order
}

// account is one order at the bank.
type account struct {
	ref      string
	says     payment.Report
	returned int64
	done     map[string]int // refunds carried out, by our id
}

// says sets what the bank reports about the order of this reference.
func (b *teller) says(ref string, r payment.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.accounts {
		if a.ref == ref {
			a.says = r
		}
	}
}

func (b *teller) approve(ref string) {
	b.says(ref, payment.Report{State: payment.BankApproved, Word: "APPROVED"})
}

func (b *teller) account(ref string) account {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.accounts {
		if a.ref == ref {
			return *a
		}
	}
	return account{}
}

func (b *teller) references() (refs []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.opened {
		refs = append(refs, o.RefForBank)
	}
	return refs
}

// serve carries out one call between its hooks.
func (b *teller) serve(ctx context.Context, call, ref string, work func()) error {
	if err := ctx.Err(); err != nil {
		return &payment.Error{Kind: payment.Unavailable, Message: "There is no time left to ask the bank.", Cause: err}
	}
	if b.before != nil {
		if err := b.before(ctx, call, ref); err != nil {
			return err
		}
	}
	b.mu.Lock()
	work()
	b.mu.Unlock()
	if b.after != nil {
		return b.after(ctx, call, ref)
	}
	return nil
}

func (b *teller) find(h bank.Handle) *account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts[h.OrderID]
}

func (b *teller) Open(ctx context.Context, o bank.Order) (session bank.Session, err error) {
	err = b.serve(ctx, "open", o.RefForBank, func() {
		b.opened = append(b.opened, o)
		id := strconv.Itoa(len(b.opened))
		b.accounts[id] = &account{ref: o.RefForBank, done: map[string]int{}, says: payment.Report{State: payment.BankOpen,
			Word: "CREATED"}}
		session = bank.Session{Handle: bank.Handle{OrderID: id, Private: "S" + id,
			Account: bank.Account{Merchant: "M", Environment: "test"}},
			RedirectURL: "https://bank.example/" + id, ExpiresAt: o.Now.Add(20 * time.Minute)}
	})
	return session, err
}

func (b *teller) Status(ctx context.Context, h bank.Handle) (report bank.Report, err error) {
	a := b.find(h)
	err = b.serve(ctx, "status", a.ref, func() {
		report = a.says
		if report.State == payment.BankApproved {
			total := a.returned
			report.Refunded = payment.Said(total)
		}
	})
	return report, err
}

func (b *teller) Profile() bank.Profile {
	return bank.Profile{Currencies: []payment.Currency{payment.AZN}, Refunds: true}
}

func (b *teller) Read(bank.Message) (bank.Reading, error) { return bank.Reading{}, nil }

func (b *teller) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	a := b.find(r.Handle)
	err = b.serve(ctx, "refund", a.ref, func() {
		a.returned += r.Amount.Minor
		a.done[r.ID]++
	})
	return "", err
}

// inShard gives n order numbers of a shop, all of whose payments stand in shard 0 of the to-do list.
func inShard(shop string, n int) (refs []string) {
	for i := 0; len(refs) < n; i++ {
		ref := fmt.Sprintf("%s-%d", shop, i)
		if (payment.ID{Order: payment.OrderKey(shop, ref)}).Shard() == 0 {
			refs = append(refs, ref)
		}
	}
	return refs
}
