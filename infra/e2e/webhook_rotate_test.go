package e2e

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/demoshop/inbox"
)

// trade is customers who buy without a pause while the shop changes one of its keys. A call that fails, once, fails the
// test.
type trade struct {
	world
	data string

	quiet  sync.RWMutex // held for writing while nobody may be under way
	done   atomic.Int64
	mu     sync.Mutex
	bought []string
}

func newTrade(t *testing.T) *trade {
	t.Helper()
	w, data := ownWorld(t, nil)
	return &trade{world: w, data: data}
}

// visit opens, pays, polls and gives a part back, each at the first try.
func (v *trade) visit(ctx context.Context, shop client, ref string) error {
	v.quiet.RLock()
	defer v.quiet.RUnlock()
	v.note(ref)
	a, err := shop.send(ctx, "POST", "/v1/payments", order(ref, v.Info.ShopURL, 7000))
	var p paymentDoc
	if err = errors.Join(err, decode(a, &p)); err != nil || a.status != 201 {
		return fmt.Errorf("opening %s: %s %w", ref, a, err)
	}
	at, err := v.browser.atBank(ctx, p.RedirectURL, card(cardApproved))
	if err == nil {
		_, err = v.browser.home(ctx, at)
	}
	if err != nil {
		return err
	}
	if a, err = shop.send(ctx, "GET", "/v1/payments/"+p.ID, nil); err != nil || a.status != 200 || decode(a, &p) != nil ||
		p.Status != "paid" {
		return fmt.Errorf("polling %s: %s %w", p.ID, a, err)
	}
	if a, err = shop.refund(ctx, p.ID, "part", 1000); err != nil || a.status != 201 {
		return fmt.Errorf("refunding %s: %s %w", p.ID, a, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.bought = append(v.bought, p.ID)
	return nil
}

// rotate lets three customers make eight visits each; after so many visits in all, whatever stands at that number of
// steps is done in their midst. as gives the client for a customer's nth visit.
func (v *trade) rotate(t *testing.T, steps map[int64]func(context.Context) error, as func(customer, n int) client) {
	t.Helper()
	errs := make([]error, 3)
	var customers sync.WaitGroup
	for c := range errs {
		customers.Go(func() {
			for n := range 8 {
				errs[c] = errors.Join(errs[c], v.visit(t.Context(), as(c, n), refOf(t, 100*(c+1)+n)))
				if step := steps[v.done.Add(1)]; step != nil {
					errs[c] = errors.Join(errs[c], step(t.Context()))
				}
			}
		})
	}
	customers.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if err := v.allTold(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range v.bought {
		v.drain(t, id)
		v.stands(t, id, "partially_refunded", 7000, 1000)
		if got := v.tries(t, id); got != "payment.paid 1 true, refund.succeeded 1 true" {
			t.Errorf("%s: %s", id, got)
		}
	}
	if refused := v.Shop.Inbox().Refused(); len(refused) != 0 || len(v.bought) != 24 {
		t.Errorf("%d bought; refused: %+v", len(v.bought), refused)
	}
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	if err := errors.Join(v.watch.broken...); err != nil {
		t.Error(err)
	}
}

// allTold waits until nothing is on its way to the shop.
func (v *trade) allTold(ctx context.Context) error {
	v.mu.Lock()
	ids := slices.Clone(v.bought)
	v.mu.Unlock()
	for _, id := range ids {
		for waiting := true; waiting; {
			item, err := v.item(ctx, id)
			if err != nil {
				return err
			}
			wake, _ := item["wake"].(*types.AttributeValueMemberBOOL)
			waiting = wake != nil && wake.Value
		}
	}
	return nil
}

// replace ends the processes of Notify while they are idle, as time does; those that follow read the settings anew.
func (v *trade) replace(ctx context.Context) error {
	if err := v.allTold(ctx); err != nil {
		return err
	}
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return err
	}
	ended := 0
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != filepath.Join(v.data, "bin", "notify") {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			return err
		}
		process, err := os.FindProcess(id)
		if err == nil {
			err = process.Kill()
		}
		if err != nil {
			return err
		}
		ended++
	}
	if ended == 0 {
		return errors.New("no process of Notify was found, so nothing was replaced")
	}
	return nil
}

func newSecret() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(random[:])
}

// TestWebhookSecretIsRotatedUnderTraffic goes the way of docs/integrate.md. While there are two secrets each message
// carries both signatures: the shop that knows only the old one believes it, and so does the one that knows only the
// new.
func TestWebhookSecretIsRotatedUnderTraffic(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("a process of a function can be found by /proc alone")
	}
	v := newTrade(t)
	before, after := v.Info.Shops[0].WebhookSecret, newSecret()
	sign := func(secrets ...string) func(map[string]any) {
		return func(settings map[string]any) { settings["webhook"].(map[string]any)["secrets"] = secrets }
	}
	trust := func(secrets ...string) error { return v.Shop.Inbox().Trust("demo-az", secrets...) }
	alone := func(ctx context.Context, secrets ...string) error {
		v.quiet.Lock()
		defer v.quiet.Unlock()
		return errors.Join(v.replace(ctx), trust(secrets...))
	}
	v.rotate(t, map[int64]func(context.Context) error{
		4:  func(ctx context.Context) error { return v.settle(ctx, "demo-az", sign(after, before)) },
		6:  func(context.Context) error { return trust(after, before) },
		8:  func(ctx context.Context) error { return alone(ctx, before) }, // only what is signed with both passes this
		12: func(ctx context.Context) error { return alone(ctx, after) },  // and this
		16: func(ctx context.Context) error { return v.settle(ctx, "demo-az", sign(after)) },
		20: func(ctx context.Context) error { return alone(ctx, after) },
	}, func(int, int) client { return v.shop })
}

// TestAPIKeyIsRotatedUnderTraffic: a second key is entered, the shop's servers change to it one after the other, and
// the first is taken away. The functions that run learn of the second by its first use.
func TestAPIKeyIsRotatedUnderTraffic(t *testing.T) {
	t.Parallel()
	v := newTrade(t)
	const secret = "theSecretOfTheSecondKey5d0c"
	fresh, stale := v.shop, v.shop
	fresh.bearer = "sk_demo-az_k2_" + secret
	second := map[string]string{"id": "k2", "sha256": fmt.Sprintf("%x", digest(secret))}
	entered := make(chan struct{})
	v.rotate(t, map[int64]func(context.Context) error{
		3: func(ctx context.Context) error {
			defer close(entered)
			err := v.settle(ctx, "demo-az", func(s map[string]any) { s["keys"] = append(s["keys"].([]any), second) })
			// nobody carries a key to a server faster; functions do not read settings twice in 2 s
			pause(ctx, 2100*time.Millisecond)
			return err
		},
		24: func(ctx context.Context) error {
			v.shop = fresh // what is looked at from here on may meet a process that never knew the first key
			defer v.Host.KillAll()
			return v.settle(ctx, "demo-az", func(s map[string]any) { s["keys"] = []any{second} })
		},
	}, func(customer, n int) client {
		if n <= 2+customer {
			return stale
		}
		<-entered
		return fresh
	})
	// The process that asks first after a while knows the first key no more.
	v.Host.KillAll()
	fresh.must(t, []int{200}, "GET", "/v1/payments/"+v.bought[0], nil)
	stale.must(t, []int{401}, "GET", "/v1/payments/"+v.bought[0], nil)
	if list, err := v.Shop.Inbox().Messages(inbox.Filter{}); err != nil || len(list) != 48 {
		t.Errorf("%d messages (%v)", len(list), err)
	}
}
