package kartapokupok

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// noon is a moment in the middle of a day in Minsk.
var noon = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

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

// shop records what comes to its addresses.
type shop struct {
	*httptest.Server
	mu     sync.Mutex
	hits   []hit
	status int
}

type hit struct {
	method, path string
	header       http.Header
	body         []byte
}

func newShop(t *testing.T) *shop {
	s := &shop{status: http.StatusNoContent}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the shop cannot read the callback: %v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hits = append(s.hits, hit{r.Method, r.URL.Path, r.Header, body})
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

// callbacks are what came to the notify address.
func (s *shop) callbacks() (all []hit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hits {
		if h.path == "/notify" {
			all = append(all, h)
		}
	}
	return all
}

func (s *shop) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// words are the statuses that the callbacks told, in their order.
func (s *shop) words(t *testing.T) string {
	t.Helper()
	var words []string
	for _, h := range s.callbacks() {
		words = append(words, h.read(t)["status"].(string))
	}
	return strings.Join(words, " ")
}

func (h hit) read(t *testing.T) map[string]any { t.Helper(); return read(t, h.body) }

func read(t *testing.T, body []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	fields := map[string]any{}
	if err := decoder.Decode(&fields); err != nil {
		t.Fatalf("%s is not a JSON object: %v", body, err)
	}
	return fields
}

// testKeys are made once: an RSA key takes its time.
var testKeys = sync.OnceValues(func() (*PKI, error) { return LoadOrCreatePKI("", "P-100", at(noon)) })

// bank is a simulator with its servers and a clock in the test's hands. The API
// is served without TLS but where a test says so.
type bank struct {
	*Sim
	t          *testing.T
	clock      *clock
	api, pages *httptest.Server
	shop       *shop
}

func start(t *testing.T, edit func(*Options)) *bank {
	t.Helper()
	b := &bank{t: t, clock: &clock{now: noon}, shop: newShop(t)}
	keys, err := testKeys()
	b.must(err)
	o := Options{PageURL: "http://127.0.0.1:1", Partner: "P-100", PartnerName: "Demo shop", Auth: "none", PKI: keys,
		Now: b.clock.Now}
	if edit != nil {
		edit(&o)
	}
	b.Sim, err = New(o)
	b.must(err)
	b.api, b.pages = httptest.NewServer(b.API()), httptest.NewServer(b.Pages())
	t.Cleanup(func() {
		b.Script.Close()
		b.api.Close()
		b.pages.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bank) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bank) set(f func(*Settings)) { b.t.Helper(); b.must(b.Set(f)) }

// document is a request to open a session of 120.00 BYN over 12 months.
func (b *bank) document() map[string]any {
	return map[string]any{
		"partner_id": "P-100", "order_ref": "12345", "amount": json.Number("120.00"), "currency": "BYN", "term": 12,
		"items": []any{
			map[string]any{"name": "Чайник «Мінск»", "quantity": 2, "price": json.Number("50.00"), "sku": "K-1"},
			map[string]any{"name": "Кубак", "quantity": 1, "price": json.Number("20.00"), "sku": "77"},
		},
		"customer": map[string]any{"first_name": "Алеся", "last_name": "Канарэйка", "phone": "+375 29 123-45-67",
			"email": "canary@example.by"},
		"success_url": b.shop.URL + "/success?a=1&b=2", "fail_url": b.shop.URL + "/fail", "callback_url": b.shop.URL +
			"/notify",
	}
}

// call posts to the API as a careful client does.
func (b *bank) call(operation string, document any) (int, []byte) {
	b.t.Helper()
	status, body, err := b.try(operation, document)
	b.must(err)
	return status, body
}

func (b *bank) try(operation string, document any) (int, []byte, error) {
	b.t.Helper()
	text, raw := document.(string)
	if !raw {
		marshalled, err := json.Marshal(document)
		b.must(err)
		text = string(marshalled)
	}
	r, err := b.api.Client().Post(b.api.URL+"/installment/"+operation, "application/json", strings.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	return r.StatusCode, body, err
}

// session is what create handed out.
type session struct{ id, page string }

func (b *bank) create() session {
	b.t.Helper()
	return b.opened(b.document())
}

func (b *bank) opened(document any) session {
	b.t.Helper()
	status, body := b.call("create", document)
	if status != http.StatusOK {
		b.t.Fatalf("create: HTTP %d %s", status, body)
	}
	answer := read(b.t, body)
	u, err := url.Parse(answer["payment_url"].(string))
	b.must(err)
	return session{answer["session_id"].(string), u.RequestURI()}
}

func (b *bank) approved() session {
	b.t.Helper()
	s := b.create()
	b.must(b.Approve(s.id))
	return s
}

func (b *bank) state(s session) map[string]any {
	b.t.Helper()
	status, body := b.call("status", map[string]any{"partner_id": "P-100", "session_id": s.id})
	if status != http.StatusOK {
		b.t.Fatalf("status: HTTP %d %s", status, body)
	}
	return read(b.t, body)
}

func (b *bank) refund(s session, amount string) (int, map[string]any) {
	b.t.Helper()
	status, body := b.call("refund", refundOf(s, amount))
	return status, read(b.t, body)
}

func refundOf(s session, amount string) map[string]any {
	return map[string]any{"session_id": s.id, "amount": json.Number(amount), "reason": "customer_request"}
}

func want(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("%s is %v, want %v", what, got, wanted)
	}
}

func TestLifeOfAnApplication(t *testing.T) {
	for _, c := range []struct {
		name string
		do   []func(*bank, string) error
		word string
		told string
	}{
		{"fresh", nil, "PENDING", ""},
		{"approved", []func(*bank, string) error{approve}, "APPROVED", "APPROVED"},
		{"rejected", []func(*bank, string) error{reject}, "REJECTED", "REJECTED"},
		{"cancelled", []func(*bank, string) error{cancel}, "CANCELLED", "CANCELLED"},
		{"postponed", []func(*bank, string) error{later}, "PENDING", "PENDING"},
		{"postponed, then approved", []func(*bank, string) error{later, approve}, "APPROVED", "PENDING APPROVED"},
		{"expired", []func(*bank, string) error{expire}, "CANCELLED", "CANCELLED"},
		{"late after a rejection", []func(*bank, string) error{reject, approve}, "APPROVED", "REJECTED APPROVED"},
		{"late after a cancellation", []func(*bank, string) error{cancel, approve}, "APPROVED", "CANCELLED APPROVED"},
		{"late after the end", []func(*bank, string) error{expire, approve}, "APPROVED", "CANCELLED APPROVED"},
		{"any word", []func(*bank, string) error{func(b *bank, id string) error { return b.SetStatus(id, "SLEEPING") }},
			"SLEEPING", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := start(t, nil)
			s := b.create()
			for _, step := range c.do {
				b.must(step(b, s.id))
			}
			state := b.state(s)
			want(t, "status", state["status"], c.word)
			want(t, "what the shop was told", b.shop.words(t), c.told)
			want(t, "amount", state["amount"], "120.00")
			want(t, "order_ref", state["order_ref"], "12345")
			want(t, "refunds", state["refunds"], "[]")
			paid := map[bool]int64{true: 12000, false: 0}[c.word == "APPROVED"]
			want(t, "paid to the shop", b.Ledger().Totals.Charged, paid)
		})
	}
}

func approve(b *bank, id string) error { return b.Approve(id) }
func reject(b *bank, id string) error  { return b.Reject(id) }
func cancel(b *bank, id string) error  { return b.Cancel(id) }
func later(b *bank, id string) error   { return b.Later(id) }
func expire(b *bank, id string) error  { return b.Expire(id) }

func TestNothingIsDecidedTwice(t *testing.T) {
	b := start(t, nil)
	s := b.approved()
	for name, step := range map[string]func(*bank, string) error{"approve": approve, "reject": reject, "cancel": cancel,
		"later": later, "expire": expire} {
		if err := step(b, s.id); err == nil {
			t.Errorf("%s after the approval was taken", name)
		}
	}
	want(t, "what the shop was told", b.shop.words(t), "APPROVED")
	want(t, "paid", b.Ledger().Totals.Charged, 12000)
	if err := b.Approve("0123456789abcdef0123456789abcdef"); err == nil {
		t.Error("an unknown session was approved")
	}
}

func TestApplicationRunsOut(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.clock.Add(30*24*time.Hour - time.Second)
	want(t, "a second before", b.state(s)["status"], "PENDING")
	b.clock.Add(time.Second)
	want(t, "after 30 days", b.state(s)["status"], "CANCELLED")
	b.set(func(set *Settings) { set.ExpiredWord = "EXPIRED" })
	want(t, "by another word", b.state(s)["status"], "EXPIRED")
	b.set(func(set *Settings) { set.LifetimeDays, set.NeverExpire = 1, true })
	other := b.create()
	b.clock.Add(100 * 24 * time.Hour)
	want(t, "without an end", b.state(other)["status"], "PENDING")
	b.set(func(set *Settings) { set.NeverExpire = false })
	want(t, "after one day", b.state(other)["status"], "EXPIRED")
}

func TestClaims(t *testing.T) {
	b := start(t, nil)
	s, other := b.approved(), b.create()
	b.must(b.SetAmount(s.id, 11900))
	b.must(b.SetCurrency(s.id, "USD"))
	b.must(b.SetOrderRef(s.id, "777"))
	state := b.state(s)
	want(t, "amount", state["amount"], "119.00")
	want(t, "currency", state["currency"], "USD")
	want(t, "order_ref", state["order_ref"], "777")
	want(t, "paid", b.Ledger().Totals.Charged, 11900)
	b.set(func(set *Settings) { set.SwapSession = other.id })
	want(t, "swapped session", b.state(s)["session_id"], other.id)
	if b.SetAmount(s.id, 0) == nil {
		t.Error("an amount of nothing was taken")
	}
}

func TestBadOptions(t *testing.T) {
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Options){
		"page":          func(o *Options) { o.PageURL = "here" },
		"partner":       func(o *Options) { o.Partner = "" },
		"auth":          func(o *Options) { o.Auth = "magic" },
		"term":          func(o *Options) { o.Terms = []Term{{Months: 0}} },
		"amounts":       func(o *Options) { o.Settings.AmountFormat = "float" },
		"algorithm":     func(o *Options) { o.Settings.Algorithm = "md5" },
		"encoding":      func(o *Options) { o.Settings.Encoding = "base32" },
		"header":        func(o *Options) { o.Settings.Header = "X Y" },
		"signature":     func(o *Options) { o.Settings.Signature = "nice" },
		"timestamp":     func(o *Options) { o.Settings.TimestampForm = "sundial" },
		"callback":      func(o *Options) { o.Settings.Callback = "pigeon" },
		"omit":          func(o *Options) { o.Settings.CallbackOmit = []string{"everything"} },
		"status call":   func(o *Options) { o.Settings.StatusCall = "418" },
		"refund days":   func(o *Options) { o.Settings.RefundDays = -1 },
		"expired word":  func(o *Options) { o.Settings.ExpiredWord = "a b" },
		"books as dir":  func(o *Options) { o.DataFile = t.TempDir() },
		"refund events": func(o *Options) { o.Settings.RefundCallback = "some" },
	} {
		o := Options{PageURL: "http://127.0.0.1:1", Partner: "P-100", PKI: keys}
		edit(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
