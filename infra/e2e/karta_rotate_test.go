package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// road lies between the functions and the bank, so that the bank's server can be restarted under open connections.
type road struct {
	listener net.Listener
	bank     atomic.Int64 // the port that it leads to

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newRoad(t *testing.T) *road {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &road{listener: l, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = l.Close()
		r.cut()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.carry(c)
		}
	}()
	return r
}

func (r *road) carry(from net.Conn) {
	to, err := net.Dial("tcp", "127.0.0.1:"+strconv.FormatInt(r.bank.Load(), 10))
	if err != nil {
		_ = from.Close()
		return
	}
	r.mu.Lock()
	r.conns[from], r.conns[to] = true, true
	r.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // ends when either side has enough
			if half, ok := way[0].(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
		})
	}
	both.Wait()
	_, _ = from.Close(), to.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, from)
	delete(r.conns, to)
}

// cut ends all connections: whoever goes on shakes hands anew.
func (r *road) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

// enter writes a new version of the bank secret, as an operator would.
func (b borrower) enter(ctx context.Context, change func(fields map[string]any)) error {
	return b.rewrite(ctx, "kassa/local/bank/demo-by/kartapokupok", change)
}

// rush is customers who apply without a pause while the bank changes something.
type rush struct {
	borrower
	data string
	road *road

	quiet   sync.RWMutex // held for writing while nobody may be under way
	done    atomic.Int64
	repeats atomic.Int64 // 503 that a repeat mended
	mu      sync.Mutex
	paid    []paymentDoc
}

func newRush(t *testing.T) *rush {
	t.Helper()
	r := newRoad(t)
	w, data := ownWorld(t, map[string]map[string]any{
		"kartapokupok": {"base_url": "https://" + r.listener.Addr().String()}})
	r.bank.Store(int64(w.Ports.Simulators["kartapokupok"].API))
	return &rush{borrower: w.borrower(), data: data, road: r}
}

// visit applies, is approved, and looks into the table before anybody asks: the bank's callback alone must have told.
func (v *rush) visit(ctx context.Context, ref string) error {
	v.quiet.RLock()
	defer v.quiet.RUnlock()
	v.note(ref)
	a, err := insist(ctx, func() (answer, error) {
		a, err := v.shop.send(ctx, "POST", "/v1/payments", application(ref, v.Info.ShopURL, 12000))
		if a.status == http.StatusServiceUnavailable {
			v.repeats.Add(1)
		}
		return a, err
	})
	if err != nil {
		return err
	}
	var p paymentDoc
	if err := decode(a, &p); err != nil || a.status != 201 && a.status != 200 {
		return fmt.Errorf("opening %s: %s %w", ref, a, err)
	}
	if _, err := v.choose(ctx, p, "approve"); err != nil {
		return err
	}
	item, err := v.item(ctx, p.ID)
	if err != nil {
		return err
	}
	if status, ok := item["status"].(*types.AttributeValueMemberS); !ok || status.Value != "paid" {
		return fmt.Errorf("%s is stored as %v; its callback was answered with %v", p.ID, item["status"], v.answers(p))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.paid = append(v.paid, p)
	return nil
}

// rotate lets three customers make eight visits each, and calls change in the midst of them.
func (v *rush) rotate(t *testing.T, change func(ctx context.Context) error) {
	t.Helper()
	for n := range 3 { // the functions that run now are among those that must take it up
		v.must(t, v.visit(t.Context(), refOf(t, n)))
	}
	a, err := v.shop.refund(t.Context(), v.paid[0].ID, "before", 1000)
	if err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	running := v.processes(t)
	const each = 8
	errs := make([]error, 3)
	var customers sync.WaitGroup
	for c := range errs {
		customers.Go(func() {
			for n := range each {
				errs[c] = errors.Join(errs[c], v.visit(t.Context(), refOf(t, 100*(c+1)+n)))
				if v.done.Add(1) == each {
					errs[c] = errors.Join(errs[c], change(t.Context()))
				}
			}
		})
	}
	customers.Wait()
	v.must(t, errors.Join(errs...))
	after := v.processes(t)
	for _, id := range running {
		if !slices.Contains(after, id) {
			t.Errorf("process %s was replaced, so it proves nothing about rotation", id)
		}
	}
	v.settled(t)
	t.Logf("%d applications, %d processes before and %d after, %d answers of 503", len(v.paid), len(running), len(after),
		v.repeats.Load())
}

// settled checks that everybody paid, that no callback was refused, and that the ledgers agree.
func (v *rush) settled(t *testing.T) {
	t.Helper()
	for _, p := range v.paid[1:] {
		v.stands(t, p.ID, "paid", 12000, 0)
	}
	if a, err := v.shop.refund(t.Context(), v.paid[0].ID, "after", 2000); err != nil || a.status != 201 {
		t.Errorf("a refund: %s %v", a, err)
	}
	v.stands(t, v.paid[0].ID, "partially_refunded", 12000, 3000)
	for _, sent := range v.KartaPokupok.Callbacks() {
		if sent.HTTP != http.StatusOK {
			t.Errorf("a callback was answered with %d %s", sent.HTTP, sent.Why)
		}
	}
	v.must(t, v.conserved(t.Context()))
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	v.must(t, errors.Join(v.watch.broken...))
}

// processes are the functions that run now, where the system lets us see them.
func (v *rush) processes(t *testing.T) (ids []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	v.must(t, err)
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && filepath.Dir(target) == filepath.Join(v.data, "bin") {
			ids = append(ids, filepath.Base(filepath.Dir(link)))
		}
	}
	return ids
}

// TestClientCertificateIsRotatedUnderTraffic: the bank replaces our certificate, no longer takes the old one and
// restarts its server; the operator enters the new one after that. Between the two nobody is under way, since there is
// no certificate then that both sides accept. The functions that run learn of it by the bank's refusal. Every
// application opens, is approved and told by its callback; of 5xx answers only 503 may come, for a connection that
// died, and the repeat of the request mends it.
func TestClientCertificateIsRotatedUnderTraffic(t *testing.T) {
	t.Parallel()
	v := newRush(t)
	v.rotate(t, func(ctx context.Context) error {
		v.quiet.Lock()
		defer v.quiet.Unlock()
		pki := v.KartaPokupok.PKI()
		if err := pki.RotateClient(false); err != nil {
			return err
		}
		v.road.cut()
		certificate, key := pki.Client()
		return v.enter(ctx, func(fields map[string]any) {
			fields["certificate"], fields["key"] = string(certificate), string(key)
		})
	})
}

// TestSigningKeyOfTheBankIsRotatedUnderTraffic: the bank announces a new key, the operator enters it beside the old
// one, and at some moment in the midst of the traffic the bank signs with it. Not one callback is refused, and nothing
// is repeated.
func TestSigningKeyOfTheBankIsRotatedUnderTraffic(t *testing.T) {
	t.Parallel()
	v := newRush(t)
	v.rotate(t, func(ctx context.Context) error {
		announce := func() error {
			v.quiet.Lock()
			defer v.quiet.Unlock()
			return errors.Join(v.KartaPokupok.PKI().RotateSigning("rsa", true),
				v.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Key = "previous" }))
		}
		published, err := [][]byte(nil), announce()
		if err == nil {
			published, err = v.KartaPokupok.PKI().PublicKeys("rsa")
		}
		if err == nil && len(published) != 2 {
			err = fmt.Errorf("the bank announces %d keys", len(published))
		}
		if err != nil {
			return err
		}
		keys := []string{string(published[0]), string(published[1])}
		if err := v.enter(ctx, func(fields map[string]any) {
			fields["callback"] = map[string]any{"public_keys": keys}
		}); err != nil {
			return err
		}
		pause(ctx, 100*time.Millisecond) // some callbacks still have the old signature
		return v.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Key = "" })
	})
	if v.repeats.Load() != 0 {
		t.Errorf("%d answers of 503", v.repeats.Load())
	}
}

// TestKeyRotatedBeforeTheOperatorKnows: the bank signs with another key from one moment to the next. Once that is
// entered, the functions that run believe its callbacks; until then these are refused, and the payment is learnt of by
// asking.
func TestKeyRotatedBeforeTheOperatorKnows(t *testing.T) {
	t.Parallel()
	b := aloneByInstalments(t, nil)
	b.approved(t, 1)
	b.must(t, b.KartaPokupok.PKI().RotateSigning("rsa", false))
	p := b.apply(t, 2)
	published, err := b.KartaPokupok.PKI().PublicKeys("rsa")
	b.must(t, err)
	if len(published) != 1 {
		t.Fatalf("%d keys", len(published))
	}
	b.must(t, b.enter(t.Context(), func(fields map[string]any) {
		fields["callback"] = map[string]any{"public_keys": []string{string(published[0])}}
	}))
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	if got := b.text(t, p.ID, "status"); got != "paid" {
		t.Errorf("%s; the callback was answered with %v", got, b.answers(p))
	}
	b.stands(t, p.ID, "paid", 12000, 0)

	// Again, and this time a callback comes before the operator does.
	b.must(t, b.KartaPokupok.PKI().RotateSigning("rsa", false))
	p = b.apply(t, 3)
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	if answers := b.answers(p); len(answers) != 1 || answers[0] != http.StatusUnauthorized {
		t.Errorf("signed with a key that nobody has entered: %v", answers)
	}
	if got := b.text(t, p.ID, "status"); got != "pending" {
		t.Errorf("stored as %s", got)
	}
	b.stands(t, p.ID, "paid", 12000, 0)
}
