package e2e

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/infra/local/stack/past"
)

// world is a running stack and everybody who uses it.
type world struct {
	*stack.Stack
	shop    client
	browser browser
	bank    gateway // through which the shop sells
	watch   *watch
}

// watches belong to stacks: all tests of one stack fill the same.
var watches sync.Map

func newWorld(s *stack.Stack) world {
	keys := []string{}
	for _, shop := range s.Info.Shops {
		keys = append(keys, shop.APIKey[strings.LastIndex(shop.APIKey, "_")+1:])
	}
	seen, _ := watches.LoadOrStore(s, &watch{keys: keys, past: past.Of(s.Info), refs: map[string][]string{},
		pages: map[string]bool{}})
	w := world{Stack: s, watch: seen.(*watch)}
	plain := newHTTP()
	w.browser = browser{http: plain}
	w.shop = client{http: plain, api: s.Info.APIURL, watch: w.watch}
	return w.over(overXML(s))
}

// watch remembers what the whole run must answer for.
type watch struct {
	keys     []string   // the secret parts of the shops' API keys
	past     past.Table // with one client: each leaves its connections behind
	sweeping sync.Mutex
	mu       sync.Mutex
	refs     map[string][]string // orders of the shops that sell by card, by the name of the gateway
	applied  []string            // orders of the shop that sells by instalments
	bought   []string            // what the demo shop has on record
	tokens   []string
	pages    map[string]bool // what opens the page of an order at the bank
	broken   []error
}

func (o *watch) token(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tokens = append(o.tokens, token)
}

// A payment's page at the bank has an address that is a secret, and stands in one place of an answer alone.
var (
	redirectField = regexp.MustCompile(`"redirect_url":"(?:[^"\\]|\\.)*"`)
	pageSecret    = regexp.MustCompile(`(?:password|SESSIONID)=([0-9A-Za-z]+)`)
)

// opensPage says whether a text holds what opens a page at the bank. The watch must be locked.
func (o *watch) opensPage(text string) bool {
	apart := func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	for word := range strings.FieldsFuncSeq(text, apart) {
		if o.pages[word] {
			return true
		}
	}
	return false
}

func (o *watch) see(request string, a answer) {
	problems := []error{}
	if a.status == 500 || a.status == 502 {
		problems = append(problems, fmt.Errorf("%s was answered with %s", request, a))
	}
	never := append([]string{cardApproved, cardApprovedJSON, canaryPAN, canaryPAN[:6] + "******", canaryKey, secondSecret},
		customerTexts()...)
	if strings.Contains(receiptField.ReplaceAllString(string(a.body), ""), cardApproved[:6]+"******") {
		problems = append(problems, fmt.Errorf("the answer to %s holds a masked card outside of a receipt", request))
	}
	for _, secret := range append(never, o.keys...) {
		if strings.Contains(string(a.body), secret) {
			problems = append(problems, fmt.Errorf("the answer to %s holds %s", request, secret))
		}
	}
	if loneCVV.Match(a.body) { // within a session's random digits it may stand
		problems = append(problems, fmt.Errorf("the answer to %s holds the CVV", request))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, field := range redirectField.FindAllString(string(a.body), -1) {
		if secret := pageSecret.FindStringSubmatch(field); secret != nil {
			o.pages[secret[1]] = true
		}
	}
	if o.opensPage(redirectField.ReplaceAllString(string(a.body), "")) {
		problems = append(problems, fmt.Errorf("the answer to %s holds what opens a page at the bank", request))
	}
	o.broken = append(o.broken, problems...)
}

// receiptField is where a shop is told of a card, masked.
var receiptField = regexp.MustCompile(`"receipt":\{[^{}]*\}`)

var notInRefs = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// refOf makes an order number of the test's own.
func refOf(t testing.TB, n int) string {
	name := notInRefs.ReplaceAllString(t.Name(), "-")
	return fmt.Sprintf("%s-%d", name[:min(len(name), 59)], n)
}

func (w world) ref(t testing.TB, n int) string {
	ref := refOf(t, n)
	w.note(ref)
	return ref
}

// note remembers an order of the shop for the audit.
func (w world) note(ref string) {
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	w.watch.refs[w.bank.name] = append(w.watch.refs[w.bank.name], ref)
}

// open makes a payment of an order that nobody has seen before.
func (w world) open(t testing.TB, n int, amount int64) paymentDoc {
	t.Helper()
	a := w.shop.must(t, []int{201}, "POST", "/v1/payments", order(w.ref(t, n), w.Info.ShopURL, amount))
	p := read[paymentDoc](t, a)
	if p.Status != "pending" || p.RedirectURL == "" || p.BankOrderID == "" || p.ID == "" || p.Amount != amount {
		t.Fatalf("opened as %s", a)
	}
	return p
}

// pay lets the customer pay at the bank's page and come home.
func (w world) pay(t testing.TB, p paymentDoc) {
	t.Helper()
	at, err := w.browser.atBank(t.Context(), p.RedirectURL, w.bank.approved)
	if err == nil {
		at, err = w.browser.home(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.browser.landed(t, at, p.ID, "success", "paid")
}

// paid is a payment that was opened and paid.
func (w world) paid(t testing.TB, n int, amount int64) paymentDoc {
	t.Helper()
	p := w.open(t, n, amount)
	w.pay(t, p)
	return w.poll(t, p.ID)
}

func (w world) poll(t testing.TB, id string) paymentDoc {
	t.Helper()
	return read[paymentDoc](t, w.shop.must(t, []int{200}, "GET", "/v1/payments/"+id, nil))
}

// refund asks for a refund with a key; amount 0 is all that remains.
func (c client) refund(ctx context.Context, id, key string, amount int64) (answer, error) {
	body := map[string]any{"reason": "the pomegranate was sour"}
	if amount > 0 {
		body["amount"] = amount
	}
	return c.send(ctx, "POST", "/v1/payments/"+id+"/refunds", body, "Idempotency-Key", key)
}

// account is what the bank's own ledger says about a payment.
func (w world) account(t testing.TB, p paymentDoc) account {
	t.Helper()
	for _, a := range w.bank.ledger() {
		if a.OrderID == p.BankOrderID {
			return a
		}
	}
	t.Fatalf("the bank knows no order %q of %s", p.BankOrderID, p.ID)
	return account{}
}

// stands checks how a payment stands with us and that the bank's ledger says the same.
func (w world) stands(t testing.TB, id, status string, captured, refunded int64) paymentDoc {
	t.Helper()
	p := w.poll(t, id)
	if p.Status != status || p.Captured != captured || p.Refunded != refunded || p.Review != "" {
		t.Errorf("%s is %s captured %d refunded %d review %q, want %s %d %d", id, p.Status, p.Captured, p.Refunded, p.Review,
			status, captured, refunded)
	}
	if a := w.account(t, p); a.Charged != captured || a.Refunded != refunded {
		t.Errorf("the bank charged %d and gave back %d for %s, we say %d and %d", a.Charged, a.Refunded, id, p.Captured,
			p.Refunded)
	}
	return p
}

// sweep runs the expiry sweep once, as its schedule does: one run at a time, so that none is half done when another
// ends.
func (w world) sweep(t testing.TB) {
	t.Helper()
	w.watch.sweeping.Lock()
	defer w.watch.sweeping.Unlock()
	if _, err := w.Invoke(t.Context(), "ExpirySweep", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
}

// asked lists the operations that the bank was asked about an order; all of them for "".
func (w world) asked(orderID string) (operations []string) {
	for _, e := range w.bank.history() {
		if orderID == "" || e.OrderID == orderID {
			operations = append(operations, e.Operation)
		}
	}
	return operations
}

// conserved compares the money of the whole run: what each bank took and gave back, and what we say about it.
func (w world) conserved(ctx context.Context) error {
	w.watch.mu.Lock()
	refs, applied := w.watch.refs, w.watch.applied
	w.watch.mu.Unlock()
	instalments := w.KartaPokupok.Ledger().Totals
	xml, json := w.Kapital.Ledger().Totals, w.KapitalTXPG.Ledger().Totals
	return errors.Join(
		reconcile(ctx, w.over(overXML(w.Stack)).shop, "AZN and USD", refs["xml"], xml.Charged, xml.Refunded),
		reconcile(ctx, w.over(overJSON(w.Stack)).shop, "AZN and USD", refs["json"], json.Charged, json.Refunded),
		reconcile(ctx, w.borrower().shop, "BYN", applied, instalments.Charged, instalments.Refunded))
}

// reconcile holds a shop's payments against what its bank charged and gave back.
func reconcile(ctx context.Context, shop client, currency string, refs []string, charged, returned int64) error {
	var captured, refunded int64
	var all []error
	for _, ref := range refs {
		a, err := shop.send(ctx, "GET", "/v1/payments?order_ref="+ref, nil)
		if err != nil {
			return err
		}
		c, r, err := sum(a)
		captured, refunded = captured+c, refunded+r
		all = append(all, err)
	}
	if charged != captured || returned != refunded {
		all = append(all, fmt.Errorf("the bank charged %d and gave back %d %s, we say %d and %d", charged, returned, currency,
			captured, refunded))
	}
	fmt.Printf("audit: %d orders, charged %d.%02d %s, given back %d.%02d %s, differences 0 unless said\n", len(refs),
		charged/100, charged%100, currency, returned/100, returned%100, currency)
	return errors.Join(all...)
}

// within bounds a wait.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
