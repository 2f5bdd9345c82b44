package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

// TestKilledAtAnyMoment runs the program as `make run` does, lets customers pay and shops refund through both gateways
// of Kapital, and kills it with SIGKILL in the middle of it, several times. Everybody repeats what got no answer. Then
// nothing that was ever accepted is missing, and the bank's ledger is ours.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	binaries := builtBinaries(t)
	data, port := dataFolder(t, binaries), freePorts(t)
	c := launch(t, root, data, port)
	if err := c.ready(within(t, time.Minute)); err != nil {
		t.Fatal(err, c.errs)
	}
	first := info(t, data)
	town := newTown(first)
	ctx := within(t, 3*time.Minute)
	var customers sync.WaitGroup
	for n := range 4 {
		customers.Go(func() { town.live(ctx, n) })
	}
	for range 4 {
		town.wait(ctx, 4+rand.IntN(8))
		pause(ctx, rand.N(30*time.Millisecond))
		if err := c.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.command.Wait() // reports the kill
		noFunctionLeft(t, data)
		c = launch(t, root, data, port)
		if err := c.ready(ctx); err != nil {
			t.Fatal(err, c.errs)
		}
	}
	town.wait(ctx, 4)
	close(town.closing)
	customers.Wait()
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := c.code(); err != nil || code != 0 || c.errs.Len() > 0 {
		t.Errorf("SIGTERM ended it with %d %v: %s", code, err, c.errs)
	}
	noFunctionLeft(t, data)
	for _, err := range town.wrong {
		t.Error(err)
	}

	s, err := start(data, stack.Config{Port: port, Binaries: binaries})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Kill() }()
	if after := info(t, data); !reflect.DeepEqual(first, after) {
		t.Errorf("keys or addresses changed\nbefore %+v\nafter  %+v", first, after)
	}
	newWorld(s).reckon(t, town)
}

// town is what shops and customers remember of a stack that dies under their hands.
type town struct {
	info    stack.Info
	plain   client // without a key
	browser browser
	closing chan struct{}

	mu       sync.Mutex
	changed  *sync.Cond
	accepted map[string]string // id by order_ref, of every 200 and 201
	refunds  map[string]bool   // by order_ref: accepted with 201 or 202
	tried    []string          // every order_ref
	done     int               // answers that accepted something
	wrong    []error
}

func newTown(i stack.Info) *town {
	plain := newHTTP()
	plain.Timeout = 40 * time.Second
	v := &town{info: i, closing: make(chan struct{}), accepted: map[string]string{}, refunds: map[string]bool{},
		browser: browser{http: plain}, plain: client{http: plain, api: i.APIURL}}
	v.changed = sync.NewCond(&v.mu)
	return v
}

func (v *town) note(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
	v.changed.Broadcast()
}

func (v *town) fail(format string, args ...any) {
	v.note(func() { v.wrong = append(v.wrong, fmt.Errorf(format, args...)) })
}

// wait waits until n more requests were accepted.
func (v *town) wait(ctx context.Context, n int) {
	stop := context.AfterFunc(ctx, v.changed.Broadcast)
	defer stop()
	v.mu.Lock()
	defer v.mu.Unlock()
	for goal := v.done + n; v.done < goal && ctx.Err() == nil && len(v.wrong) == 0; {
		v.changed.Wait()
	}
}

// of finds the gateway that an order goes through, by the beginning of its number.
func of(s *stack.Stack, ref string) gateway {
	all := gatewaysOf(s)
	return all[slices.IndexFunc(all, func(g gateway) bool { return strings.HasPrefix(ref, g.name) })]
}

// live makes one order after the other until the town closes.
func (v *town) live(ctx context.Context, customer int) {
	for n := 0; ; n++ {
		select {
		case <-v.closing:
			return
		case <-ctx.Done():
			return
		default:
			v.visit(ctx, fmt.Sprintf("%s-kill-%d-%d", gatewaysOf(&stack.Stack{})[customer%2].name, customer, n))
		}
	}
}

// visit opens, pays and refunds one order. What gets no answer is repeated; what is answered with "somebody is at work
// on it", which after a kill is true for half a minute, is left for later.
func (v *town) visit(ctx context.Context, ref string) {
	v.note(func() { v.tried = append(v.tried, ref) })
	bank, shop := of(&stack.Stack{}, ref), v.plain
	shop.bearer = v.info.Shops[bank.shop].APIKey
	a := v.repeat(ctx, func() (answer, error) {
		return shop.send(ctx, "POST", "/v1/payments", order(ref, v.info.ShopURL, 9000))
	})
	if a.status != 200 && a.status != 201 {
		if a.status != 409 && ctx.Err() == nil {
			v.fail("opening %s: %s", ref, a)
		}
		return
	}
	var p paymentDoc
	if err := decode(a, &p); err != nil {
		v.fail("%s: %w", a, err)
		return
	}
	v.note(func() { v.accepted[ref], v.done = p.ID, v.done+1 })
	if !v.checkout(ctx, p.RedirectURL, bank.approved) {
		return
	}
	a = v.repeat(ctx, func() (answer, error) { return shop.refund(ctx, p.ID, "k", 3000) })
	switch a.status {
	case 201, 202:
		v.note(func() { v.refunds[ref], v.done = true, v.done+1 })
	case 409: // the callback was lost and nobody has asked the bank yet
	default:
		if ctx.Err() == nil {
			v.fail("refunding %s: %s", ref, a)
		}
	}
}

// repeat is a client that never gives up on silence and on 503.
func (v *town) repeat(ctx context.Context, send func() (answer, error)) answer {
	for {
		a, err := send()
		if err == nil && a.status != http.StatusServiceUnavailable || ctx.Err() != nil {
			return a
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// checkout is a customer who reloads the bank's page until it has brought them home.
func (v *town) checkout(ctx context.Context, redirectURL string, typed url.Values) bool {
	for ctx.Err() == nil {
		at, err := v.browser.get(ctx, redirectURL)
		if err == nil && strings.Contains(at.html, `name="pan"`) {
			at, err = v.browser.press(ctx, at, typed)
		}
		if err == nil {
			at, err = v.browser.home(ctx, at)
		}
		// The page of one moment: the return that was killed had promised a question, and its customer waits for that.
		if err == nil && (at.status == http.StatusSeeOther || at.status == http.StatusOK) {
			return true
		}
		if err == nil && at.status != http.StatusServiceUnavailable {
			v.fail("the callback answered %s", at)
			return false
		}
		pause(ctx, 50*time.Millisecond)
	}
	return false
}

// reckon settles what the kills left behind, as time and the sweep do, and compares.
func (w world) reckon(t *testing.T, v *town) {
	t.Helper()
	var captured, refunded int64
	for _, ref := range v.tried {
		id, w := v.accepted[ref], w.over(of(w.Stack, ref))
		list := func() []paymentDoc {
			return read[struct {
				Payments []paymentDoc `json:"payments"`
			}](t, w.shop.must(t, []int{200}, "GET", "/v1/payments?order_ref="+ref, nil)).Payments
		}
		stored := list()
		if id != "" && (len(stored) != 1 || stored[0].ID != id) {
			t.Errorf("%s was accepted as %s, the table has %+v", ref, id, stored)
			continue
		}
		for _, p := range stored { // whoever was at work on it is gone by then
			w.age(t, p.ID, time.Minute)
		}
		again := w.shop.must(t, []int{200, 201, 409}, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 9000))
		doc := read[struct {
			ID, Code  string
			PaymentID string `json:"payment_id"`
		}](t, again)
		if got := doc.ID + doc.PaymentID; id != "" && got != id || again.status == 409 && doc.Code != "order_already_paid" {
			t.Errorf("%s again: %s, want %s", ref, again, id)
		}
		for _, p := range list() {
			// a refund that was never sent takes two readings
			for _, pause := range []time.Duration{20 * time.Minute, 25 * time.Hour} {
				w.age(t, p.ID, pause)
				w.sweep(t)
			}
			if v.refunds[ref] {
				w.refundStubbornly(t, p.ID, 3000, 6)
			}
			p = w.poll(t, p.ID)
			account := w.account(t, p)
			if p.Review != "" || p.Captured != account.Charged || p.Refunded != account.Refunded || v.refunds[ref] &&
				p.Refunded != 3000 {
				t.Errorf("%s is %s, captured %d refunded %d review %q; the bank charged %d and gave back %d; refund accepted: %v",
					ref, p.Status, p.Captured,
					p.Refunded, p.Review, account.Charged, account.Refunded, v.refunds[ref])
			}
			captured, refunded = captured+p.Captured, refunded+p.Refunded
		}
	}
	xml, json := w.Kapital.Ledger().Totals, w.KapitalTXPG.Ledger().Totals
	if xml.Charged+json.Charged != captured || xml.Refunded+json.Refunded != refunded || xml.Charged*json.Charged == 0 {
		t.Errorf("the bank charged %d and %d and gave back %d and %d, we say %d and %d", xml.Charged, json.Charged,
			xml.Refunded, json.Refunded, captured, refunded)
	}
	t.Logf("4 kills, %d orders, %d accepted, %d refunds; charged %d, given back %d", len(v.tried), len(v.accepted),
		len(v.refunds), captured, refunded)
}

// TestProgramRefusesToStartInOneLine holds what a script sees: the exit code, and one line on stderr.
func TestProgramRefusesToStartInOneLine(t *testing.T) {
	t.Parallel()
	w := shared(t)
	data := filepath.Dir(w.InfoFile())
	nowhere := t.TempDir()
	for name, c := range map[string]struct {
		dir, data string
		port      int
		want      string
	}{
		"a second one on the data": {root, data, freePorts(t), "is kassa running already?"},
		"a port in use":            {root, t.TempDir(), w.Ports.Shop, "cannot listen on 127.0.0.1:"},
		"no template":              {nowhere, filepath.Join(nowhere, "data"), freePorts(t), "template.yaml: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, c.dir, c.data, c.port)
			out := make(chan error, 1)
			go func() { out <- p.ready(t.Context()) }()
			if err := <-out; err == nil {
				t.Error("it says that it is ready")
			}
			code, err := p.code()
			said := p.errs.String()
			if err != nil || code != 1 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "kassa: ") ||
				!strings.Contains(said, c.want) {
				t.Errorf("exit code %d (%v), %q; want 1 and a line with %q", code, err, said, c.want)
			}
		})
	}
	if _, err := os.Stat(w.InfoFile()); err != nil {
		t.Errorf("the running one lost its addresses: %v", err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
