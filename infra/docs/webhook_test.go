package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Secrets of the test. The first is the one of the standard's published example.
const (
	secretA = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secretB = "whsec_nP2vJ+sKSo4xLZ0Gv5jYfTzX3mQ9bR7cW1dE6hU8iAo="
	secretC = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// message is one delivery, as it leaves and as it arrives.
type message struct {
	name   string
	keys   []string      // who signs
	age    time.Duration // how long ago
	change func(header http.Header, body *string)
	// who, having these secrets, must believe it
	one, two bool
}

// messages are what a shop's program has to tell apart. It has secretA alone, or secretB and secretA while it rotates.
func messages() []message {
	set := func(name, value string) func(http.Header, *string) {
		return func(h http.Header, _ *string) {
			if h.Set(name, value); value == "" {
				h.Del(name)
			}
		}
	}
	signature := func(edit func(good string) string) func(http.Header, *string) {
		return func(h http.Header, _ *string) { h.Set("Webhook-Signature", edit(h.Get("Webhook-Signature"))) }
	}
	a := []string{secretA}
	return []message{
		{name: "valid", keys: a, one: true, two: true},
		{name: "valid and almost too old", keys: a, age: 290 * time.Second, one: true, two: true},
		{name: "valid and almost too new", keys: a, age: -290 * time.Second, one: true, two: true},
		{name: "too old", keys: a, age: 310 * time.Second},
		{name: "too new", keys: a, age: -310 * time.Second},
		{name: "years old", keys: a, age: 9000 * time.Hour},
		{name: "tampered body", keys: a, change: func(_ http.Header, body *string) {
			*body = strings.Replace(*body, "15000", "15001", 1)
		}},
		{name: "body written anew", keys: a, change: func(_ http.Header, body *string) {
			*body = strings.ReplaceAll(*body, ": ", ":")
		}},
		{name: "body with a byte more", keys: a, change: func(_ http.Header, body *string) { *body += "\n" }},
		{name: "no body", keys: a, change: func(_ http.Header, body *string) { *body = "" }},
		{name: "another id", keys: a, change: set("Webhook-Id", "evt_pay_x-1_4")},
		{name: "another time", keys: a, change: set("Webhook-Timestamp", strconv.FormatInt(time.Now().Unix()-7, 10))},
		{name: "no id", keys: a, change: set("Webhook-Id", "")},
		{name: "no time", keys: a, change: set("Webhook-Timestamp", "")},
		{name: "no signature", keys: a, change: set("Webhook-Signature", "")},
		{name: "time in words", keys: a, change: set("Webhook-Timestamp", "now")},
		{name: "wrong secret", keys: []string{secretC}},
		{name: "the new secret", keys: []string{secretB}, two: true},
		{name: "both secrets, as Kassa signs while one is rotated", keys: []string{secretB, secretA}, one: true, two: true},
		{name: "one good among bad", keys: a, one: true, two: true, change: signature(func(good string) string {
			return "v1,AAAA v9,x v1, " + good + " v1,bm90IGl0IGVpdGhlcg=="
		})},
		{name: "none good among bad", keys: a, change: signature(func(string) string {
			return "v1,AAAA v9,x v1, v1,bm90IGl0"
		})},
		{name: "unknown version", keys: a, change: signature(func(good string) string {
			return "v2" + strings.TrimPrefix(good, "v1")
		})},
		{name: "asymmetric version", keys: a, change: signature(func(good string) string {
			return "v1a" + strings.TrimPrefix(good, "v1")
		})},
		{name: "unknown version beside the good one", keys: a, one: true, two: true,
			change: signature(func(good string) string { return "v2,AAAA " + good })},
		{name: "empty signature", keys: a, change: signature(func(string) string { return "v1," })},
		{name: "signature without version", keys: a, change: signature(func(good string) string {
			return strings.TrimPrefix(good, "v1,")
		})},
		{name: "half a signature", keys: a, change: signature(func(good string) string { return good[:20] })},
		{name: "a signature that goes on", keys: a, change: signature(func(good string) string { return good + "A" })},
	}
}

// write makes the request's header and body. Each message is about an order of its own, and its text is not only ASCII.
func (m message) write(t *testing.T, order string) (http.Header, string) {
	t.Helper()
	body := `{"type": "payment.paid", "timestamp": "2026-11-21T20:00:00Z", "sequence": 3, "data": {"id": "pay_x-1", ` +
		`"order_ref": "` + order +
		`", "status": "paid", "sequence": 3, "amount": 15000, "description": "Sifariş №1, чай ☕"}}`
	id, at := "evt_pay_x-1_3", time.Now().Add(-m.age)
	var signatures []string
	for _, secret := range m.keys {
		signature, err := library(t, secret).Sign(id, at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		signatures = append(signatures, signature)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	header.Set("Webhook-Signature", strings.Join(signatures, " "))
	if m.change != nil {
		m.change(header, &body)
	}
	return header, body
}

func library(t *testing.T, secret string) *standardwebhooks.Webhook {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWebhookPrograms starts each language's program as its reader would, and posts every message to it. It must
// believe what the public library believes and nothing else.
func TestWebhookPrograms(t *testing.T) {
	for name, l := range languages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{l.file: find(t, l.fence, "webhook")})
			for _, secrets := range [][]string{{secretA}, {secretB, secretA}} {
				s := serve(t, l, dir, secrets)
				for n, m := range messages() {
					s.judge(t, m, fmt.Sprintf("order-%d-%d", len(secrets), n))
				}
				s.junk(t)
				s.stop()
				s.told(t)
			}
		})
	}
}

// server is a running program of the page.
type server struct {
	secrets []string
	url     string
	out     *output
	saved   map[string]bool // orders, and whether the program must have saved them
	stop    func()
}

type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func serve(t *testing.T, l language, dir string, secrets []string) *server {
	t.Helper()
	port := freePort(t)
	var before []string
	if l.fence == "php" {
		before = []string{"-S", "127.0.0.1:" + port}
	}
	cmd := l.command(t, dir, before...)
	s := &server{secrets: secrets, url: "http://127.0.0.1:" + port + "/webhooks/kassa", out: &output{},
		saved: map[string]bool{}}
	cmd.Stdout, cmd.Stderr = s.out, s.out
	cmd.Env = append(os.Environ(), "PORT="+port, "KASSA_WEBHOOK_SECRET="+strings.Join(secrets, " "))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // its output is complete then
	})
	t.Cleanup(s.stop)
	await(t, "127.0.0.1:"+port, s.out, cmd)
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil || l.Close() != nil {
		t.Fatal(err)
	}
	return port
}

// await waits until the program listens.
func await(t *testing.T, address string, out *output, cmd *exec.Cmd) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return
		}
	}
	t.Fatalf("%v does not listen:\n%s", cmd.Args, out)
}

func (s *server) post(t *testing.T, header http.Header, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.out)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || response.Body.Close() != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// judge posts one message and compares the program's judgement with the library's and with the table's.
func (s *server) judge(t *testing.T, m message, order string) {
	t.Helper()
	header, body := m.write(t, order)
	want := m.one
	if len(s.secrets) > 1 {
		want = m.two
	}
	believed := false
	for _, secret := range s.secrets {
		believed = believed || library(t, secret).Verify([]byte(body), header) == nil
	}
	if believed != want {
		t.Errorf("%s: the library says %v, the table %v", m.name, believed, want)
	}
	status, answer := s.post(t, header, body)
	if want && (status != http.StatusOK || strings.TrimSpace(answer) != `{"ok":true}` &&
		strings.TrimSpace(answer) != `{"ok": true}`) {
		t.Errorf("%s: answered %d %s\n%s", m.name, status, answer, s.out)
	}
	if !want && status != http.StatusUnauthorized {
		t.Errorf("%s: answered %d %s, want 401", m.name, status, answer)
	}
	s.saved[order] = want
}

// junk is signed well and makes no sense.
func (s *server) junk(t *testing.T) {
	t.Helper()
	sign := func(body string) http.Header {
		now := time.Now()
		signature, err := library(t, s.secrets[0]).Sign("evt_1", now, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		h.Set("Webhook-Id", "evt_1")
		h.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
		h.Set("Webhook-Signature", signature)
		return h
	}
	if status, _ := s.post(t, sign("{not JSON"), "{not JSON"); status != http.StatusBadRequest {
		t.Errorf("no JSON: %d", status)
	}
}

// told checks that the program has saved what it believed, and only that.
func (s *server) told(t *testing.T) {
	t.Helper()
	text := s.out.String()
	for order, want := range s.saved {
		if got := strings.Contains(text, "order "+order+": pay_x-1 is paid, sequence 3"); got != want {
			t.Errorf("%s is saved: %v, want %v", order, got, want)
		}
	}
}

// TestSaveBySequence runs the statement of the page: newer wins, older and equal change nothing.
func TestSaveBySequence(t *testing.T) {
	python := interpreter(t, "python3")
	program := `
import json, sqlite3, sys
db = sqlite3.connect(":memory:")
table, statement = json.load(sys.stdin)
db.execute(table)
changed = []
for status, sequence in [("pending", 2), ("paid", 4), ("declined", 3), ("paid", 4), ("refunded", 6)]:
    row = dict(id="pay_x-1", order_ref="1", status=status, amount=1, currency="AZN",
        captured_amount=1, refunded_amount=0, review=None, sequence=sequence)
    changed.append(db.execute(statement, row).rowcount)
print(json.dumps([changed, db.execute("SELECT status, sequence FROM kassa_payments").fetchall()]))
`
	cmd := exec.Command(python, "-c", program)
	statements, err := json.Marshal([]string{find(t, "sql", "table"), find(t, "sql", "save")})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = bytes.NewReader(statements)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got any
	if err := json.Unmarshal(out, &got); err != nil || fmt.Sprint(got) != "[[1 1 0 0 1] [[refunded 6]]]" {
		t.Errorf("%s (%v)", out, err)
	}
}
