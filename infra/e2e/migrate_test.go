package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/simbank/kapitaltxpg"
)

// mover is a shop that comes to Kapital's gateway of today from the older one, and goes back, while customers buy.
type mover struct {
	world
	typist
	dir, data string

	quiet sync.RWMutex // held for writing while nobody may be under way
	done  atomic.Int64
	mu    sync.Mutex
	sold  map[string][]paymentDoc // by gateway
}

// newMover founds the shop as the README does.
func newMover(t *testing.T) *mover {
	t.Helper()
	w, data := ownWorld(t, nil)
	m := &mover{world: w, dir: filepath.Join(t.TempDir(), "my-shop"), data: data,
		sold: map[string][]paymentDoc{}}
	m.typist = m.as(t, "ShopPolicy")
	m.types(t, 0, "shop", "init", m.dir)
	key := regexp.MustCompile(`sk_my-shop_[A-Za-z0-9_-]+`).FindString(m.types(t, 0, "shop", "put", m.dir))
	if key == "" {
		t.Fatal("the shop has no key")
	}
	m.shop.bearer = key
	return m
}

// of gives the world of the gateway whose page a payment has.
func (m *mover) of(p paymentDoc) world {
	page, err := url.Parse(p.RedirectURL)
	g := overXML(m.Stack)
	if err == nil && page.Port() == strconv.Itoa(m.Ports.Simulators["kapital-txpg"].Pages) {
		g = overJSON(m.Stack)
	}
	w := m.world
	w.bank = g
	return w
}

// opened is a new order, and the world of its gateway.
func (m *mover) opened(t *testing.T, n int) (paymentDoc, world) {
	t.Helper()
	p := m.open(t, n, 7000)
	return p, m.of(p)
}

// visit buys and gives a part back. Each answer must come at the first try, whoever of the functions knows what by
// then.
func (m *mover) visit(ctx context.Context, ref string) error {
	m.quiet.RLock()
	defer m.quiet.RUnlock()
	shop := m.shop
	a, err := shop.send(ctx, "POST", "/v1/payments", order(ref, m.Info.ShopURL, 7000))
	var p paymentDoc
	if err = errors.Join(err, decode(a, &p)); err != nil || a.status != 201 {
		return fmt.Errorf("opening %s: %s %w", ref, a, err)
	}
	w := m.of(p)
	at, err := w.browser.atBank(ctx, p.RedirectURL, w.bank.approved)
	if err == nil {
		at, err = w.browser.home(ctx, at)
	}
	if err != nil || !strings.Contains(at.location(), "status=paid") {
		return fmt.Errorf("%s over %s: the customer came back to %s %w", ref, w.bank.name, at, err)
	}
	if a, err = shop.refund(ctx, p.ID, "k", 1000); err != nil || a.status != 201 {
		return fmt.Errorf("%s over %s: the refund: %s %w", ref, w.bank.name, a, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sold[w.bank.name] = append(m.sold[w.bank.name], p)
	return nil
}

// change lets three customers buy three times each, and changes something in the midst of it.
func (m *mover) change(t *testing.T, name string, change func()) {
	t.Helper()
	const each = 2
	m.done.Store(0)
	errs, half, changed := make([]error, 3), make(chan struct{}), make(chan struct{})
	var customers sync.WaitGroup
	for c := range errs {
		customers.Go(func() {
			for n := range each {
				errs[c] = errors.Join(errs[c], m.visit(t.Context(), fmt.Sprintf("%s-%d-%d", name, c, n)))
				if m.done.Add(1) == each {
					close(half)
				}
			}
			<-changed
			errs[c] = errors.Join(errs[c], m.visit(t.Context(), fmt.Sprintf("%s-%d-last", name, c)))
		})
	}
	<-half
	change()
	close(changed)
	customers.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// page is the section of docs/kapital-json.md that says how to move: what to write into shop.yaml, and what to type.
var (
	moving = regexp.MustCompile(`(?s)## Moving from the older gateway\n(.*?)(?:\n## |$)`)
	blocks = regexp.MustCompile("(?s)   ```(yaml|sh)\n(.*?)\n   ```")
)

// steps are those of the page, in their order: each is what to write, and the lines to type.
func steps(t *testing.T) (all [][2]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "kapital-json.md"))
	if err != nil {
		t.Fatal(err)
	}
	section := moving.FindString(string(text))
	for _, block := range blocks.FindAllStringSubmatch(section, -1) {
		lines := strings.ReplaceAll(strings.TrimPrefix(block[2], "   "), "\n   ", "\n")
		if block[1] == "yaml" {
			all = append(all, [2]string{lines})
		} else if len(all) > 0 {
			all[len(all)-1][1] = lines
		}
	}
	if len(all) != 3 {
		t.Fatalf("the page has %d steps", len(all))
	}
	return all
}

// does makes one step of the page. Only the addresses are those of this machine, where the page has the bank's
// defaults.
func (m *mover) does(t *testing.T, step [2]string) (said string) {
	t.Helper()
	file := filepath.Join(m.dir, "shop.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	here := strings.TrimRight(step[0], "\n") + "\n"
	if strings.Contains(here, "txpg:\n") {
		pki, err := kapitaltxpg.LoadOrCreatePKI(filepath.Join(m.data, "kapital-txpg"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		m.write(t, "kapital-txpg-password.txt", "kapital123\n")
		m.write(t, "kapital-txpg-ca.pem", string(pki.CA))
		here += fmt.Sprintf("      base_url: https://127.0.0.1:%d/api\n      page_hosts: [\"127.0.0.1:%d\"]\n      "+
			"ca_file: kapital-txpg-ca.pem\n",
			m.Ports.Simulators["kapital-txpg"].API, m.Ports.Simulators["kapital-txpg"].Pages)
	}
	before := regexp.MustCompile(`(?m)^    gateway: .*\n`).ReplaceAllString(string(text), "")
	after := strings.Replace(before, "\n  kapital:\n", "\n  kapital:\n"+here, 1)
	if after == before {
		t.Fatalf("no place for %q in\n%s", here, before)
	}
	m.write(t, "shop.yaml", after)
	for line := range strings.Lines(step[1]) {
		words := strings.Fields(strings.Replace(line, "--stage prod", "--stage local", 1))
		for i, word := range words {
			if word == "my-shop" && words[1] == "shop" {
				words[i] = m.dir
			}
		}
		said += m.types(t, 0, words[1:]...)
	}
	return said
}

func (m *mover) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// renewed lets Initiate begin anew, and so read the new settings: the five minutes in which a function that runs takes
// them up have passed for it alone. All others learn of the other gateway by payments of it.
func (m *mover) renewed() {
	m.quiet.Lock()
	defer m.quiet.Unlock()
	m.Renew("Initiate")
}

// underway are payments that a change of gateways finds half done.
type underway struct {
	unpaid, refunding, untouched paymentDoc
	world
}

// leave leaves payments of the gateway of now half done: a page that is open, a refund whose answer is lost, money
// taken.
func (m *mover) leave(t *testing.T, n int) (u underway) {
	t.Helper()
	u.unpaid, u.world = m.opened(t, n)
	for i, to := range []*paymentDoc{&u.refunding, &u.untouched} {
		p, w := m.opened(t, n+1+i)
		w.pay(t, p)
		*to = p
	}
	u.processing(t, u.refunding.ID, 3000, "cut_after")
	return u
}

// settle ends what was left where it began, whatever the gateway of new orders is by now.
func (u underway) settle(t *testing.T, m *mover) {
	t.Helper()
	u.pay(t, u.unpaid)
	u.stands(t, u.unpaid.ID, "paid", 7000, 0)
	u.recover(t, u.refunding.ID)
	u.stands(t, u.refunding.ID, "partially_refunded", 7000, 3000)
	a, err := insist(within(t, time.Minute), func() (answer, error) {
		return u.shop.refund(t.Context(), u.untouched.ID, "all", 0)
	})
	if err != nil || a.status != 201 {
		t.Errorf("the whole of a payment of %s: %s %v", u.bank.name, a, err)
	}
	u.stands(t, u.untouched.ID, "refunded", 7000, 7000)
	shown := m.as(t, "ReadPolicy").types(t, 0, "payment", "show", u.untouched.ID)
	if strings.Contains(shown, "  test txpg\n") != (u.bank.name == "json") {
		t.Errorf("the gateway of a payment of %s cannot be told:\n%s", u.bank.name, shown)
	}
}

// TestAShopMovesBetweenTheGateways goes the way of docs/kapital-json.md, to the JSON gateway and back, while customers
// buy. New orders go where the settings say; what was opened before is asked about, paid and given back where it was
// opened, also a refund whose answer was lost; the ledgers of both agree with ours.
func TestAShopMovesBetweenTheGateways(t *testing.T) {
	t.Parallel()
	m := newMover(t)
	page := steps(t)
	old := m.leave(t, 100)
	m.change(t, "both", func() {
		if said := m.does(t, page[0]); !strings.Contains(said, "txpg: ") || !strings.Contains(said, "xml: ") {
			t.Errorf("the ping does not ask both gateways:\n%s", said)
		}
	})
	if len(m.sold["json"]) > 0 {
		t.Error("orders went to the new gateway before the settings said so")
	}
	m.change(t, "to", func() {
		m.does(t, page[1])
		m.renewed()
	})
	if len(m.sold["json"]) < 3 {
		t.Errorf("%d orders went through the JSON gateway", len(m.sold["json"]))
	}
	old.settle(t, m)
	young := m.leave(t, 200)
	if young.bank.name != "json" {
		t.Fatal("new orders still go to the old gateway")
	}
	before := len(m.sold["xml"])
	m.change(t, "back", func() {
		m.does(t, page[2])
		m.renewed()
	})
	if len(m.sold["xml"])-before < 3 {
		t.Errorf("%d orders went back to the older gateway", len(m.sold["xml"])-before)
	}
	young.settle(t, m)
	m.agrees(t)
}

// agrees holds every payment of the shop, and the sums of both gateways, against each other.
func (m *mover) agrees(t *testing.T) {
	t.Helper()
	var captured, refunded int64
	for name, sold := range m.sold {
		for _, p := range sold {
			m.of(p).stands(t, p.ID, "partially_refunded", 7000, 1000)
			captured, refunded = captured+7000, refunded+1000
		}
		t.Logf("%s: %d orders", name, len(sold))
	}
	for range 2 { // what was left half done, at each gateway
		captured, refunded = captured+3*7000, refunded+3000+7000
	}
	xml, json := m.Kapital.Ledger().Totals, m.KapitalTXPG.Ledger().Totals
	if xml.Charged+json.Charged != captured || xml.Refunded+json.Refunded != refunded {
		t.Errorf("the gateways charged %d and %d and gave back %d and %d; we say %d and %d", xml.Charged, json.Charged,
			xml.Refunded, json.Refunded, captured, refunded)
	}
	for _, function := range []string{"Initiate", "Callback", "StatusPoll", "Refund", "ExpirySweep"} {
		if m.wrote(t, function, `"level":"ERROR"`) {
			t.Errorf("%s has called a person for nothing", function)
		}
	}
	m.watch.mu.Lock()
	defer m.watch.mu.Unlock()
	if err := errors.Join(m.watch.broken...); err != nil {
		t.Error(err)
	}
}
