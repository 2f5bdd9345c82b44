package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"kassa/infra/local/stack"
)

// overInstalments is the bank that sells by instalments, as far as a customer in a burning town can tell it from the
// others.
func overInstalments(s *stack.Stack) gateway {
	return gateway{name: "instalments", shop: 1,
		ledger: func() (all []account) {
			for _, o := range s.KartaPokupok.Ledger().Orders {
				all = append(all, account{o.SessionID, o.OrderRef, o.Status, o.Charged, o.Refunded, len(o.Refunds)})
			}
			return all
		},
		words: words{approved: url.Values{"consent": {"yes"}, "action": {"approve"}}},
	}
}

// allGateways are all that a shop can sell through.
func allGateways(s *stack.Stack) []gateway { return append(gatewaysOf(s), overInstalments(s)) }

// of finds the gateway that an order goes through, by the beginning of its number.
func of(all []gateway, ref string) gateway {
	return all[slices.IndexFunc(all, func(g gateway) bool { return strings.HasPrefix(ref, g.name) })]
}

// visit is what a customer and a shop remember of one order.
type visit struct {
	id        string           // of the payment that was accepted; "" for none
	paid      bool             // the shop has read that it is paid
	cancelled bool             // the shop has read that its cancelling was accepted
	refunds   map[string]int64 // by key, accepted; 0 is all
	asked     int              // refunds that were asked for
}

// town is what shops and customers remember of a stack whose parts die under their hands. It is the shops' address for
// webhooks, too.
type town struct {
	info     stack.Info
	plain    client // without a key
	browser  browser
	gateways []gateway
	seed     uint64
	closing  chan struct{}

	mu       sync.Mutex
	visits   map[string]*visit // by order_ref
	heard    map[string]string // type by id of every message
	repeated int               // requests that were sent again
	messages int               // deliveries
	wrong    []error
	hooks    map[string]*standardwebhooks.Webhook // by shop
	moods    *rand.Rand
}

func newTown(i stack.Info, seed uint64) (*town, error) {
	plain := newHTTP()
	plain.Timeout = 40 * time.Second
	v := &town{info: i, seed: seed, closing: make(chan struct{}), browser: browser{http: plain},
		plain: client{http: plain, api: i.APIURL}, gateways: allGateways(&stack.Stack{}), visits: map[string]*visit{},
		heard: map[string]string{}, hooks: map[string]*standardwebhooks.Webhook{},
		moods: rand.New(rand.NewPCG(seed, 1<<32))}
	for _, shop := range i.Shops {
		hook, err := standardwebhooks.NewWebhook(shop.WebhookSecret)
		if err != nil {
			return nil, err
		}
		v.hooks[shop.ID] = hook
	}
	return v, nil
}

// note changes what the town remembers.
func (v *town) note(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

func (v *town) fail(format string, args ...any) {
	v.note(func() { v.wrong = append(v.wrong, fmt.Errorf(format, args...)) })
}

// ServeHTTP is the shops' site: a page for whoever comes home, and the address of the webhooks, which is in a bad mood
// now and then.
func (v *town) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook := v.hooks[strings.TrimPrefix(r.URL.Path, "/webhooks/kassa/")]
	if hook == nil {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // it broke off: to return would answer 200 to what was not heard
	}
	mood := 0
	v.note(func() { mood = v.moods.IntN(20) })
	if mood < 2 {
		w.WriteHeader(http.StatusInternalServerError)
	}
	if mood == 1 { // it has not heard; in the other mood it has, and says otherwise
		return
	}
	id := r.Header.Get(standardwebhooks.HeaderWebhookID)
	var event struct {
		Type     string
		Sequence int64
		Data     struct{ ID string }
	}
	if err := hook.Verify(body, r.Header); err != nil {
		v.fail("the message %s is not signed as it must be: %w", id, err)
	}
	if err := json.Unmarshal(body, &event); err != nil || id != fmt.Sprintf("evt_%s_%d", event.Data.ID, event.Sequence) {
		v.fail("the message %s: %s (%v)", id, body, err)
	}
	v.note(func() {
		if before, known := v.heard[id]; known && before != event.Type {
			v.wrong = append(v.wrong, fmt.Errorf("the message %s was %s and is %s", id, before, event.Type))
		}
		v.heard[id], v.messages = event.Type, v.messages+1
	})
}

// live makes one order after the other until the town closes.
func (v *town) live(ctx context.Context, customer int) {
	draws := rand.New(rand.NewPCG(v.seed, uint64(customer)))
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-v.closing:
			return
		default:
			v.visit(ctx, fmt.Sprintf("%s-fire-%d-%d", v.gateways[customer%len(v.gateways)].name, customer, n), draws)
		}
	}
}

// visit opens one order, pays or leaves it, and gives back. What gets no answer is repeated; what is answered with
// "somebody is at work on it", which after a kill is true for half a minute, is left for later.
func (v *town) visit(ctx context.Context, ref string, draws *rand.Rand) {
	mine := &visit{refunds: map[string]int64{}}
	v.note(func() { v.visits[ref] = mine })
	bank, shop := of(v.gateways, ref), v.shop(ref)
	var p paymentDoc
	for range 1 + draws.IntN(2) { // the second is a double click
		a := v.repeat(ctx, func() (answer, error) { return shop.send(ctx, "POST", "/v1/payments", v.body(ref)) })
		if a.status == 409 {
			continue
		}
		before := p.ID
		if err := v.read(a, &p, 200, 201); err != nil || before != "" && p.ID != before {
			v.fail("opening %s, first %q: %s %v", ref, before, a, err)
			return
		}
		v.note(func() { mine.id = p.ID })
	}
	if p.ID == "" || p.RedirectURL == "" {
		return
	}
	switch n := draws.IntN(100); {
	case n < 60:
		v.checkout(ctx, p.RedirectURL, bank.approved, true)
	case n < 72: // and closes the browser
		v.checkout(ctx, p.RedirectURL, bank.approved, false)
	case n < 80:
		v.checkout(ctx, p.RedirectURL, url.Values{"action": {"cancel"}}, true)
	case n < 92: // while the shop takes it back
		var both sync.WaitGroup
		if n < 86 {
			both.Go(func() { v.checkout(ctx, p.RedirectURL, bank.approved, true) })
		}
		v.cancel(ctx, shop, mine)
		both.Wait()
	}
	if v.poll(ctx, shop, mine) {
		v.giveBack(ctx, shop, mine, draws.IntN(100))
	}
}

// shop is the server of the shop that an order belongs to.
func (v *town) shop(ref string) client {
	shop := v.plain
	shop.bearer = v.info.Shops[of(v.gateways, ref).shop].APIKey
	return shop
}

// price is what everything costs.
const price = 9000

func (v *town) body(ref string) map[string]any {
	if of(v.gateways, ref).name == "instalments" {
		return application(ref, v.info.ShopURL, price)
	}
	return order(ref, v.info.ShopURL, price)
}

// poll reads the payment, and says whether it is paid.
func (v *town) poll(ctx context.Context, shop client, mine *visit) bool {
	var p paymentDoc
	a := v.repeat(ctx, func() (answer, error) { return shop.send(ctx, "GET", "/v1/payments/"+mine.id, nil) })
	if err := v.read(a, &p, 200); err != nil {
		if ctx.Err() == nil {
			v.fail("reading %s: %s", mine.id, a)
		}
		return false
	}
	v.note(func() { mine.paid = mine.paid || p.Captured > 0 })
	return p.Status == "paid"
}

// cancel takes the payment back, unless it is paid or somebody is at work on it.
func (v *town) cancel(ctx context.Context, shop client, mine *visit) {
	a := v.repeat(ctx, func() (answer, error) {
		return shop.send(ctx, "POST", "/v1/payments/"+mine.id+"/cancel", nil)
	})
	switch {
	case a.status == 200:
		v.note(func() { mine.cancelled = true })
	case a.status != 409 && ctx.Err() == nil:
		v.fail("cancelling %s: %s", mine.id, a)
	}
}

// giveBack gives a part back, or two, or all.
func (v *town) giveBack(ctx context.Context, shop client, mine *visit, n int) {
	parts := map[string]int64{"first": 3000}
	switch {
	case n < 25:
		parts["second"] = 2000
	case n < 40:
		parts = map[string]int64{"all": 0}
	case n < 60:
		return
	}
	for key, amount := range parts {
		v.note(func() { mine.asked++ })
		a := v.repeat(ctx, func() (answer, error) { return shop.refund(ctx, mine.id, key, amount) })
		switch {
		case a.status == 201 || a.status == 202:
			v.note(func() { mine.refunds[key] = amount })
		case a.status != 409 && ctx.Err() == nil:
			v.fail("giving back %d of %s: %s", amount, mine.id, a)
		}
	}
}

// read takes an answer that must have one of these statuses.
func (v *town) read(a answer, doc any, want ...int) error {
	if !slices.Contains(want, a.status) {
		return fmt.Errorf("answered %d", a.status)
	}
	return decode(a, doc)
}

// repeat is a client that never gives up on silence, on "later", and on what the gateways say by themselves of a
// function that died.
func (v *town) repeat(ctx context.Context, send func() (answer, error)) answer {
	for {
		a, err := send()
		died := a.status == http.StatusInternalServerError && !strings.Contains(string(a.body), `"request_id"`)
		if err == nil && !died && a.status != http.StatusServiceUnavailable && a.status != http.StatusBadGateway ||
			ctx.Err() != nil {
			return a
		}
		v.note(func() { v.repeated++ })
		pause(ctx, 50*time.Millisecond)
	}
}

// checkout is a customer who reloads the bank's page until it has taken what they typed and, unless they close the
// browser, has brought them home.
func (v *town) checkout(ctx context.Context, redirectURL string, typed url.Values, home bool) {
	for ctx.Err() == nil {
		at, err := v.browser.get(ctx, redirectURL)
		if err == nil && (strings.Contains(at.html, `name="pan"`) || strings.Contains(at.html, `name="consent"`)) {
			at, err = v.browser.press(ctx, at, typed)
		}
		if err == nil && !home {
			return
		}
		if err == nil {
			at, err = v.browser.home(ctx, at)
		}
		// The page of one moment: the return that was killed had promised a question, and its customer waits for that.
		if err == nil && (at.status == http.StatusSeeOther || at.status == http.StatusOK) {
			return
		}
		if err == nil && at.status != http.StatusServiceUnavailable && at.status != http.StatusBadGateway {
			v.fail("the callback answered %s", at)
			return
		}
		v.note(func() { v.repeated++ })
		pause(ctx, 50*time.Millisecond)
	}
}

// lost says whether something has gone wrong already: then the rest would tell nothing more.
func (v *town) lost() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.wrong) > 0
}

func (v *town) orders() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.visits)
}

// openSite serves the shops' site.
func openSite(port int, v *town) (*http.Server, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	site := &http.Server{Handler: v, ReadHeaderTimeout: time.Minute}
	go func() { _ = site.Serve(l) }() // until it is closed
	return site, nil
}
