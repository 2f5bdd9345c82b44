package inbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.etcd.io/bbolt"
)

const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	another = "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90"
)

// letterbox is an inbox behind real HTTP, and whoever writes to it.
type letterbox struct {
	*Inbox
	t    *testing.T
	file string
	db   *bbolt.DB
	url  string
}

func newLetterbox(t *testing.T) *letterbox {
	l := &letterbox{t: t, file: filepath.Join(t.TempDir(), "shop.db")}
	l.open()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /webhooks/kassa/{shop}", l.Receive)
		mux.Handle(ControlPath, l.Control())
		mux.Handle(ControlPath+"/", l.Control())
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *letterbox) open() {
	l.t.Helper()
	db, err := bbolt.Open(l.file, 0o600, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	l.db = db
	l.t.Cleanup(func() { _ = db.Close() })
	l.Inbox, err = Open(db, map[string]string{"demo-az": secret, "demo-by": another}, time.Now)
	if err != nil {
		l.t.Fatal(err)
	}
}

// letter is a message as Kassa writes it, by hand: the test shares no struct with the shop.
func letter(payment, kind string, sequence, state int, status string) string {
	return fmt.Sprintf(`{"type":%q,"timestamp":"2026-11-21T20:00:00Z","sequence":%d,"data":{"id":%q,`+
		`"order_ref":"10001","status":%q,`+
		`"amount":15000,"currency":"AZN","captured_amount":15000,"refunded_amount":0,"sequence":%d,"review":null,`+
		`"history":[]}}`,
		kind, sequence, payment, status, state)
}

// sign makes the headers of a delivery now.
func sign(t testing.TB, with, id string, body string) http.Header {
	t.Helper()
	key, err := standardwebhooks.NewWebhook(with)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := key.Sign(id, now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
		"Webhook-Signature": {signature}}
}

// post delivers; status 0 where the connection was cut.
func (l *letterbox) post(shop, body string, header http.Header) (status int, answer string, got http.Header) {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.url+"/webhooks/kassa/"+shop,
		strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header = header
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	text, err := io.ReadAll(response.Body)
	if err := response.Body.Close(); err != nil {
		l.t.Error(err)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header
}

// deliver posts a well-signed message to demo-az and wants this status.
func (l *letterbox) deliver(id, body string, want int) {
	l.t.Helper()
	if status, answer, _ := l.post("demo-az", body, sign(l.t, secret, id, body)); status != want {
		l.t.Errorf("%s was answered with %d %s, want %d", id, status, answer, want)
	}
}

func (l *letterbox) state(payment string) State {
	l.t.Helper()
	s, _, err := l.Standing("demo-az", payment)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func (l *letterbox) one(id string) Message {
	l.t.Helper()
	all, err := l.Messages(Filter{})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, m := range all {
		if m.ID == id {
			return m
		}
	}
	l.t.Fatalf("there is no message %s among %d", id, len(all))
	return Message{}
}

func TestAMessageIsTakenOnceHoweverOftenItComes(t *testing.T) {
	l := newLetterbox(t)
	body := letter("pay_a-1", "payment.paid", 3, 3, "paid")
	for range 3 {
		l.deliver("evt_pay_a-1_3", body, http.StatusOK)
	}
	m := l.one("evt_pay_a-1_3")
	if !m.Taken || !m.Verified || m.Type != "payment.paid" || m.Sequence != 3 || m.Shop != "demo-az" ||
		len(m.Attempts) != 3 {
		t.Errorf("%+v", m)
	}
	for i, want := range []string{"taken", "seen before", "seen before"} {
		if a := m.Attempts[i]; a.Note != want || a.Answer != 200 || a.At.IsZero() {
			t.Errorf("attempt %d: %+v, want %s", i, a, want)
		}
	}
	if s := l.state("pay_a-1"); s.Status != "paid" || s.Captured != 15000 || s.OrderRef != "10001" {
		t.Errorf("%+v", s)
	}
}

func TestTheStateNeverGoesBack(t *testing.T) {
	l := newLetterbox(t)
	l.deliver("evt_pay_a-1_5", letter("pay_a-1", "refund.succeeded", 5, 5, "refunded"), 200)
	l.deliver("evt_pay_a-1_3", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 200)
	if s := l.state("pay_a-1"); s.Status != "refunded" || s.Sequence != 5 {
		t.Errorf("an older message won: %+v", s)
	}
	if note := l.one("evt_pay_a-1_3").Attempts[0].Note; note != "older than what is known" {
		t.Error(note)
	}
	// An old event with the state of now is news all the same: data counts, not the event.
	l.deliver("evt_pay_a-1_4", letter("pay_a-1", "payment.overpaid", 4, 6, "refunded"), 200)
	if s := l.state("pay_a-1"); s.Sequence != 6 {
		t.Errorf("%+v", s)
	}
}

func TestWhatCannotBeVerifiedIsRefused(t *testing.T) {
	l := newLetterbox(t)
	body := letter("pay_a-1", "payment.paid", 3, 3, "paid")
	for name, c := range map[string]struct {
		shop, body string
		spoil      func(http.Header)
		want       int
	}{
		"tampered":           {"demo-az", strings.Replace(body, "15000", "15001", 1), nil, 401},
		"another's secret":   {"demo-by", body, nil, 401},
		"nobody's address":   {"demo-xx", body, nil, 404},
		"no id":              {"demo-az", body, func(h http.Header) { h.Del("webhook-id") }, 400},
		"no timestamp":       {"demo-az", body, func(h http.Header) { h.Del("webhook-timestamp") }, 400},
		"no signature":       {"demo-az", body, func(h http.Header) { h.Del("webhook-signature") }, 400},
		"another id":         {"demo-az", body, func(h http.Header) { h.Set("webhook-id", "evt_pay_b-1_3") }, 401},
		"too old":            {"demo-az", body, func(h http.Header) { h.Set("webhook-timestamp", "1614265330") }, 401},
		"a timestamp of air": {"demo-az", body, func(h http.Header) { h.Set("webhook-timestamp", "yesterday") }, 400},
	} {
		header := sign(t, secret, "evt_pay_a-1_3", body)
		if c.spoil != nil {
			c.spoil(header)
		}
		if status, answer, _ := l.post(c.shop, c.body, header); status != c.want {
			t.Errorf("%s: %d %s, want %d", name, status, answer, c.want)
		}
	}
	for name, body := range map[string]string{"no data": `{"type":"payment.paid","sequence":3}`, "no JSON": `paid`,
		"not our JSON": `{"sequence":"3"}`} {
		if status, _, _ := l.post("demo-az", body, sign(t, secret, "evt_x", body)); status != 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
	large := strings.Repeat("x", MaxBody+1)
	if status, _, _ := l.post("demo-az", large, sign(t, secret, "evt_x", large)); status != 413 {
		t.Errorf("a large body: %d", status)
	}
	if all, err := l.Messages(Filter{}); len(all) != 0 || err != nil {
		t.Errorf("%d messages are kept (%v)", len(all), err)
	}
	if refused := l.Refused(); len(refused) != 13 || refused[0].Why == "" || refused[0].Answer == 0 {
		t.Errorf("%+v", refused)
	}
}

func TestTwoSecretsWhileOneIsRotated(t *testing.T) {
	l := newLetterbox(t)
	body := letter("pay_a-1", "payment.paid", 3, 3, "paid")
	if err := l.Trust("demo-az", another, secret); err != nil {
		t.Fatal(err)
	}
	l.deliver("evt_1", body, 200)
	if status, _, _ := l.post("demo-az", body, sign(t, another, "evt_2", body)); status != 200 {
		t.Errorf("the new secret: %d", status)
	}
	if err := l.Trust("demo-az", another); err != nil {
		t.Fatal(err)
	}
	l.deliver("evt_3", body, 401)
	for _, bad := range [][]string{nil, {""}, {"whsec_?"}} {
		if err := l.Trust("demo-az", bad...); err == nil {
			t.Errorf("%q is no secret", bad)
		}
	}
}

func TestShopsDoNotSeeEachOther(t *testing.T) {
	l := newLetterbox(t)
	theirs := letter("pay_a-1", "payment.paid", 9, 9, "refunded")
	if status, _, _ := l.post("demo-by", theirs, sign(t, another, "evt_pay_a-1_3", theirs)); status != 200 {
		t.Fatal(status)
	}
	l.deliver("evt_pay_a-1_3", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 200)
	if s := l.state("pay_a-1"); s.Status != "paid" {
		t.Errorf("another shop's message spoke for this shop's payment: %+v", s)
	}
	if all, err := l.Messages(Filter{Shop: "demo-az"}); len(all) != 1 || err != nil || !all[0].Taken {
		t.Errorf("%+v %v", all, err)
	}
}

func TestWhatArrivedOutlivesARestartAndIsBounded(t *testing.T) {
	l := newLetterbox(t)
	l.deliver("evt_pay_a-1_3", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 200)
	if err := l.db.Close(); err != nil {
		t.Fatal(err)
	}
	l.open()
	l.deliver("evt_pay_a-1_3", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 200)
	if m := l.one("evt_pay_a-1_3"); len(m.Attempts) != 2 || m.Attempts[1].Note != "seen before" {
		t.Errorf("%+v", m.Attempts)
	}
	l.db.NoSync = true
	for n := range maxMessages {
		m := Message{ID: fmt.Sprint("evt_", n), Shop: "demo-az", Payment: State{PaymentID: fmt.Sprint("pay_", n),
			Sequence: 1}}
		if err := l.take(m, Attempt{}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.Messages(Filter{})
	if err != nil || len(all) != maxMessages || all[0].ID != fmt.Sprint("evt_", maxMessages-1) ||
		all[maxMessages-1].ID != "evt_0" {
		t.Errorf("%d messages (%v)", len(all), err)
	}
	if _, found, err := l.Standing("demo-az", "pay_a-1"); found || err != nil {
		t.Errorf("the state of a payment outlives all of its messages (%v)", err)
	}
	if _, found, err := l.Standing("demo-az", "pay_0"); !found || err != nil {
		t.Errorf("a state is gone before its message (%v)", err)
	}
}

// FuzzRead holds that whatever a signed body says, it is a message about one payment, or refused in words.
func FuzzRead(f *testing.F) {
	f.Add([]byte(letter("pay_a-1", "payment.paid", 3, 3, "paid")))
	f.Add([]byte(`{"type":"x","sequence":1,"data":{"id":"p","sequence":0}}`))
	f.Add([]byte(`{"type":"x","timestamp":"now","sequence":1e3,"data":[]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := read("demo-az", "evt_1", body)
		if err == nil && (m.Type == "" || m.Payment.PaymentID == "" || m.Sequence < 1 || m.Payment.Sequence < m.Sequence ||
			m.Shop != "demo-az") {
			t.Fatalf("%+v", m)
		}
		if err == nil && (m.Tone() == "" || !json.Valid([]byte(m.Pretty()))) {
			t.Fatalf("cannot be shown: %+v", m)
		}
	})
}
