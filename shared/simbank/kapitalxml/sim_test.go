package kapitalxml

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/simbank/kapitalxml/ledger"
)

// noon is a moment in the middle of a bank day in Baku.
var noon = time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bank is a simulator with its two servers and a clock in the test's hands.
type bank struct {
	*Sim
	t     *testing.T
	clock *clock
	api   *httptest.Server
	pages *httptest.Server
	shop  *shop
}

// shop records what comes back to the return addresses.
type shop struct {
	*httptest.Server
	mu   sync.Mutex
	hits []hit
}

type hit struct {
	method, path string
	form         url.Values
}

func newShop(t *testing.T) *shop {
	s := &shop{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("the shop cannot read the callback: %v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hits = append(s.hits, hit{r.Method, r.URL.Path, r.Form})
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) all() []hit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]hit{}, s.hits...)
}

func open(t *testing.T, edit func(*Options)) *bank {
	t.Helper()
	b := &bank{t: t, clock: &clock{now: noon}, shop: newShop(t)}
	o := Options{PageURL: "http://127.0.0.1:1", Merchant: "E1000010", MerchantName: "Demo shop", Now: b.clock.Now}
	if edit != nil {
		edit(&o)
	}
	sim, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Sim = sim
	b.api, b.pages = httptest.NewServer(sim.API()), httptest.NewServer(sim.Pages())
	t.Cleanup(func() {
		sim.Script.Close()
		b.api.Close()
		b.pages.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// send posts a document as a careful client does.
func (b *bank) send(document string) string {
	b.t.Helper()
	status, body := b.post("/Exec", "text/xml; charset=utf-8", document)
	if status != http.StatusOK {
		b.t.Fatalf("HTTP %d: %s", status, body)
	}
	return body
}

func (b *bank) post(path, contentType, body string) (int, string) {
	b.t.Helper()
	r, err := b.api.Client().Post(b.api.URL+path, contentType, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func (b *bank) createDocument(extra string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><TKKPG><Request><Operation>CreateOrder</Operation><Language>AZ</` +
		`Language><Order>` +
		`<OrderType>Purchase</OrderType><Merchant>E1000010</Merchant><Amount>15000</Amount><Currency>944</Currency>` +
		`<Description>Order №12345</Description><ApproveURL>` + b.shop.URL + `/approve?a=1&amp;b=2</ApproveURL>` +
		`<CancelURL>` + b.shop.URL + `/cancel</CancelURL><DeclineURL>` + b.shop.URL + `/decline</DeclineURL>` + extra +
		`</Order></Request></TKKPG>`
}

// order is what CreateOrder handed out.
type order struct{ id, session string }

func (b *bank) create() order {
	b.t.Helper()
	return b.created(b.createDocument(""))
}

func (b *bank) created(document string) order {
	b.t.Helper()
	answer := b.send(document)
	if tag(answer, "Status") != "00" {
		b.t.Fatalf("CreateOrder: %s", answer)
	}
	return order{tag(answer, "OrderID"), tag(answer, "SessionID")}
}

// follow is a request about an order; extra stands after SessionID.
func follow(operation string, o order, extra string) string {
	return fmt.Sprintf(`<TKKPG><Request><Operation>%s</Operation><Language>EN</Language><Order><Merchant>E1000010</`+
		`Merchant>`+
		`<OrderID>%s</OrderID></Order><SessionID>%s</SessionID>%s</Request></TKKPG>`, operation, o.id, o.session, extra)
}

func (b *bank) status(o order) string {
	b.t.Helper()
	return tag(b.send(follow("GetOrderStatus", o, "")), "OrderStatus")
}

func (b *bank) refund(o order, amount int) string {
	b.t.Helper()
	return tag(b.send(follow("Refund", o,
		fmt.Sprintf(`<Refund><Amount>%d</Amount><Currency>944</Currency><WithFee>false</WithFee></Refund><TranId></TranId>`+
			`<Source>1</Source>`, amount))), "Status")
}

func (b *bank) reverse(o order) string {
	b.t.Helper()
	return b.send(follow("Reverse", o, `<Description></Description><TranId></TranId><Source>1</Source>`))
}

func (b *bank) refunded(o order) string {
	b.t.Helper()
	return tag(b.send(follow("GetOrderInformation", o, "")), "RefundAmount")
}

// must fails the test on an error of a step that it relies on.
func (b *bank) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bank) set(f func(*Settings)) {
	b.t.Helper()
	b.must(b.Set(f))
}

// tag returns the text of the first element of that name.
func tag(body, name string) string {
	m := regexp.MustCompile(`<` + name + `>([^<]*)</` + name + `>`).FindStringSubmatch(body)
	if m == nil {
		return "(no " + name + ")"
	}
	return m[1]
}

func want(t *testing.T, what, got, wanted string) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s is %q, want %q", what, got, wanted)
	}
}

func TestOrderLife(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *bank, id string) error
		want string
	}{
		{"fresh", func(*bank, string) error { return nil }, ledger.Created},
		{"approved", func(b *bank, id string) error { return b.Approve(id) }, ledger.Approved},
		{"declined", func(b *bank, id string) error { return b.Decline(id) }, ledger.Declined},
		{"cancelled", func(b *bank, id string) error { return b.Cancel(id) }, ledger.Canceled},
		{"locked", func(b *bank, id string) error { return b.Lock(id) }, ledger.OnLock},
		{"expired", func(b *bank, id string) error { return b.Expire(id) }, ledger.Expired},
		{"unlocked", func(b *bank, id string) error { b.must(b.Lock(id)); return b.Unlock(id) }, ledger.Created},
		{"lock approved", func(b *bank, id string) error { b.must(b.Lock(id)); return b.Approve(id) }, ledger.Approved},
		{"error cleared up", func(b *bank, id string) error {
			if _, err := b.Pay(id, Card{PAN: "7777770000000061", CVV: "119"}); err != nil {
				return err
			}
			return b.Approve(id)
		}, ledger.Approved},
		{"any word", func(b *bank, id string) error { return b.SetStatus(id, "SLEEPING") }, "SLEEPING"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, nil)
			o := b.create()
			b.must(c.do(b, o.id))
			want(t, "status", b.status(o), c.want)
			stands, err := b.Status(o.id)
			b.must(err)
			want(t, "status in the books", stands, c.want)
		})
	}
}

func TestCardsDecideTheOutcome(t *testing.T) {
	for pan, wanted := range map[string]string{
		"4169741330151124": ledger.Approved, "7777770000000004": ledger.Declined, "7777770000000012": ledger.Declined,
		"7777770000000020": ledger.Declined, "7777770000000038": ledger.OnPayment, "7777770000000046": ledger.OnLock,
		"7777770000000053": ledger.Approved, "7777770000000061": ledger.Failed, "4111111111111111": ledger.Declined,
	} {
		b := open(t, nil)
		o := b.create()
		got, err := b.Pay(o.id, Card{PAN: pan, Expiry: "1230", CVV: "119"})
		b.must(err)
		want(t, pan, got, wanted)
		want(t, pan+" asked", b.status(o), wanted)
	}
	b := open(t, nil)
	o := b.create()
	got, err := b.Pay(o.id, Card{PAN: "4169741330151124", Expiry: "1230", CVV: "118"})
	b.must(err)
	want(t, "wrong CVV", got, ledger.Declined)
	want(t, "its code", b.Ledger().Orders[0].Code, "211")
}

func TestExpiry(t *testing.T) {
	b := open(t, nil)
	short := b.created(b.createDocument(`<AddParams><OrderExpirationPeriod>20</OrderExpirationPeriod></AddParams>`))
	usual := b.create()
	forever := b.created(b.createDocument(`<AddParams><OrderExpirationPeriod>0</OrderExpirationPeriod></AddParams>`))
	b.clock.Add(20*time.Minute - time.Second)
	want(t, "a second before", b.status(short), ledger.Created)
	b.clock.Add(time.Second)
	want(t, "after 20 minutes", b.status(short), ledger.Expired)
	want(t, "the default after 20 minutes", b.status(usual), ledger.Created)
	b.clock.Add(10 * time.Minute)
	want(t, "the default after 30 minutes", b.status(usual), ledger.Expired)
	b.clock.Add(1000 * time.Hour)
	want(t, "without expiry", b.status(forever), ledger.Created)
	if err := b.Approve(usual.id); err == nil {
		t.Error("an expired order was approved")
	}
	b.set(func(s *Settings) { s.AcceptExpired = true })
	b.must(b.Approve(usual.id))
	want(t, "a late approval", b.status(usual), ledger.Approved)
}

func TestExpiryReachesALockAndSparesItWhenSwitchedOff(t *testing.T) {
	b := open(t, nil)
	one, two := b.create(), b.create()
	b.must(b.Lock(one.id))
	b.must(b.Lock(two.id))
	b.clock.Add(31 * time.Minute)
	want(t, "a lock", b.status(one), ledger.Expired)
	b.set(func(s *Settings) { s.NeverExpire = true })
	want(t, "a lock that never expires", b.status(two), ledger.OnLock)
	b.must(b.Approve(two.id))
	want(t, "its approval", b.status(two), ledger.Approved)
}

func TestLockSettlesAfterQuestions(t *testing.T) {
	b := open(t, func(o *Options) { o.Settings.LockChecks = 3 })
	o := b.create()
	b.must(b.Lock(o.id))
	want(t, "first", b.status(o), ledger.OnLock)
	want(t, "second", b.status(o), ledger.OnLock)
	want(t, "third", b.status(o), ledger.Approved)
}

func TestRestartKeepsTheLedger(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	clock := &clock{now: noon}
	options := Options{PageURL: "http://127.0.0.1:1", Merchant: "E1000010", Now: clock.Now, DataFile: file}
	first, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	o, err := first.Book.Create(ledger.Order{Type: ledger.Purchase, Amount: 500, Currency: "944", Status: ledger.Created,
		Created: noon}, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := idText(o.ID)
	if err := first.Approve(id); err != nil {
		t.Fatal(err)
	}
	if err := first.DeskRefund(id, 200); err != nil {
		t.Fatal(err)
	}
	before := first.Ledger()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	after := second.Ledger()
	if fmt.Sprint(after) != fmt.Sprint(before) || after.Totals.Refunded != 200 {
		t.Errorf("after the restart: %v\nbefore: %v", after, before)
	}
	if err := second.Reset(true); err != nil {
		t.Fatal(err)
	}
	next, err := second.Book.Create(ledger.Order{Status: ledger.Created}, nil)
	if err != nil || next.ID != o.ID+1 || len(second.Ledger().Orders) != 1 {
		t.Errorf("after a reset the next id is %d (%v), want %d", next.ID, err, o.ID+1)
	}
}
