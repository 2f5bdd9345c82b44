package kapitaltxpg

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/loopback/loopbacktest"
)

const (
	testLogin    = "TerminalSys/kapital"
	testPassword = "kapital123"
)

// bank is a simulator with its two servers and a clock in the test's hands.
type bank struct {
	*Sim
	t     *testing.T
	api   *httptest.Server
	pages *httptest.Server

	mu  sync.Mutex
	now time.Time
}

func (b *bank) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bank) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func open(t *testing.T, edit func(*Options)) *bank {
	t.Helper()
	b := &bank{t: t, now: time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)}
	o := Options{PageURL: "http://127.0.0.1:1/", Login: testLogin, Password: testPassword,
		MerchantName: "Demo shop", Now: b.clock}
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

// switched is a bank with switches that are not as at the start.
func switched(t *testing.T, set Settings) *bank {
	return open(t, func(o *Options) { o.Settings = set })
}

func (b *bank) request(method, path, body string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.api.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.SetBasicAuth(testLogin, testPassword)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// do makes a call; a lost answer is status 0.
func (b *bank) do(r *http.Request) (int, string) {
	b.t.Helper()
	answer, err := b.api.Client().Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

func (b *bank) post(path, body string) (int, string) {
	return b.do(b.request(http.MethodPost, path, body))
}

func (b *bank) get(path string) (int, string) { return b.do(b.request(http.MethodGet, path, "")) }

// The bodies that many tests send.
const (
	small  = `{"order":{"typeRid":"Order_SMS","amount":"1","currency":"AZN"}}`
	refund = `{"tran":{"phase":"Single","type":"Refund","amount":"2.00"}}`
	void   = `{"tran":{"phase":"Single","voidKind":"Full"}}`
)

// words spells one status in another way.
func words(status, word string) Settings {
	return Settings{StatusWords: map[string]string{status: word}}
}

// refusing refuses one operation.
func refusing(operation, code string) Settings {
	return Settings{Refuse: map[string]string{operation: code}}
}

const levels = "?tranDetailLevel=2&tokenDetailLevel=2&orderDetailLevel=2"

// order creates one of 12.50 AZN and returns its id and the address of its page.
func (b *bank) order() (id, page string) {
	b.t.Helper()
	status, text := b.post("/api/order", `{"order":{"typeRid":"Order_SMS","amount":"12.50","currency":"AZN",`+
		`"language":"az","description":"Order №12345","hppRedirectUrl":"https://shop.example/back?a=1"}}`)
	var answer struct {
		Order struct {
			ID               json.Number
			HppURL, Password string
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
		b.t.Fatalf("HTTP %d %s (%v)", status, text, err)
	}
	query := url.Values{"id": {answer.Order.ID.String()}, "password": {answer.Order.Password}}
	return answer.Order.ID.String(), "/flex?" + query.Encode()
}

func (b *bank) paid() string {
	b.t.Helper()
	id, _ := b.order()
	if err := b.Approve(id); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// field digs one value out of an answer; missing ones are nil.
func field(t *testing.T, text string, path ...string) any {
	t.Helper()
	var node any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&node); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, name := range path {
		object, _ := node.(map[string]any)
		node = object[name]
	}
	return node
}

func TestOtherSitesAreKeptOut(t *testing.T) {
	loopbacktest.Guarded(t, open(t, nil).pages.URL, []string{"/desk", "/flex"}, []string{"/_sim/reset", "/_sim/faults"})
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no page":     {Login: "a", Password: "b"},
		"no login":    {PageURL: "http://x", Password: "b"},
		"no password": {PageURL: "http://x", Login: "a"},
		"bad switch":  {PageURL: "http://x", Login: "a", Password: "b", Settings: Settings{PageForm: "round"}},
		"bad status":  {PageURL: "http://x", Login: "a", Password: "b", Settings: words("Paid", "x")},
		"bad refusal": {PageURL: "http://x", Login: "a", Password: "b", Settings: refusing("pay", "x")},
	} {
		if sim, err := New(o); err == nil {
			t.Errorf("%s: was opened", name)
			_ = sim.Close()
		}
	}
}

func TestOrdersOutliveARestart(t *testing.T) {
	file := t.TempDir() + "/bank.db"
	first, err := New(Options{PageURL: "http://x", Login: "a", Password: "b", DataFile: file})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/order", strings.NewReader(small))
	r.SetBasicAuth("a", "b")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	first.API().ServeHTTP(w, r)
	if err := first.Close(); err != nil || w.Code != http.StatusOK {
		t.Fatal(err, w.Code, w.Body)
	}
	second, err := New(Options{PageURL: "http://x", Login: "a", Password: "b", DataFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	if got := second.Ledger(); len(got.Orders) != 1 || got.Orders[0].Amount != 100 || got.Orders[0].Status != "Preparing" {
		t.Errorf("after the restart: %+v", got)
	}
}
