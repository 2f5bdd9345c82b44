package demoshop

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"kassa/infra/local/demoshop/inbox"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// tell delivers an event of order 10001 as Kassa would.
func (s *stand) tell(id, kind, note string) answer {
	s.t.Helper()
	body := `{"type":"` + kind +
		`","timestamp":"2026-03-01T09:00:20Z","sequence":3,"data":{"id":"pay_10001-1","order_ref":"10001","status":"paid",` +
		`"amount":15000,"currency":"AZN","captured_amount":15000,"sequence":3,"review":null,"metadata":{"note":"` + note +
		`"}}}`
	key, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		s.t.Fatal(err)
	}
	now := time.Now()
	signature, err := key.Sign(id, now, []byte(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, s.server.URL+WebhookPath("demo-az"), strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header = http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
		"Webhook-Signature": {signature}}
	return s.do(req)
}

func TestMessagesAreShownAsTheyArrive(t *testing.T) {
	s := newStand(t)
	s.order(object{"status": "paid", "captured_amount": 15000})
	s.get("/orders").has(t, `data-testid="messages-link"`)
	s.get("/messages").has(t, "Nothing yet")
	if a := s.tell("evt_pay_10001-1_3", "payment.paid", "<script>x()</script>"); a.status != http.StatusOK ||
		a.html != `{"ok":true}` {
		t.Errorf("%d %s", a.status, a.html)
	}
	for _, path := range []string{"/messages", "/orders/10001", "/messages?order=10001"} {
		a := s.get(path)
		a.has(t, `data-id="evt_pay_10001-1_3"`, `data-type="payment.paid"`, "signature verified", "200 OK", "taken",
			"order 10001", "&lt;script&gt;")
		a.lacks(t, "<script>", hookSecret)
	}
	s.get("/messages?order=10002").lacks(t, "evt_pay_10001-1_3")
	s.get("/orders").lacks(t, "evt_pay_10001-1_3")
}

func TestMessagesAreSentToTheBrowserOnlyWhenThereIsNews(t *testing.T) {
	s := newStand(t)
	ask := func(tag string) answer {
		req, err := http.NewRequest(http.MethodGet, s.server.URL+"/messages", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		return s.do(req)
	}
	tag := ask("").header.Get("ETag")
	if a := ask(tag); a.status != http.StatusNotModified || a.html != "" {
		t.Errorf("nothing new: %d", a.status)
	}
	s.tell("evt_pay_10001-1_3", "payment.paid", "")
	if a := ask(tag); a.status != http.StatusOK || !strings.Contains(a.html, "evt_pay_10001-1_3") {
		t.Errorf("news: %d", a.status)
	}
}

func TestTheShopMayBeMadeToFailFromItsPage(t *testing.T) {
	s := newStand(t)
	s.follow(s.post("/messages/faults", url.Values{"answer": {"http_500"}})).has(t, "the next message: http_500",
		"Let it work again")
	if a := s.tell("evt_1", "payment.paid", ""); a.status != http.StatusInternalServerError {
		t.Errorf("%d", a.status)
	}
	s.get("/messages").has(t, "500 Internal Server Error", "made to fail", "not taken yet", "Fail once")
	s.post("/messages/faults", url.Values{"answer": {"http_500"}})
	s.follow(s.post("/messages/faults", url.Values{"answer": {""}})).lacks(t, "the next message")
	if a := s.tell("evt_1", "payment.paid", ""); a.status != http.StatusOK {
		t.Errorf("%d", a.status)
	}
	s.follow(s.post("/messages/faults", url.Values{"answer": {"dance"}})).has(t, "cannot fail like that")
}

// A shop without a secret has no address for messages, and says nothing of them.
func TestAShopThatHearsNothing(t *testing.T) {
	s := newStand(t)
	s.order(nil)
	s.site.shops = []Shop{{ID: "demo-az", APIKey: testKey, Currency: "AZN"}}
	s.get("/orders/10001").lacks(t, "Messages")
	s.get("/orders").lacks(t, "Messages")
	req, err := http.NewRequest(http.MethodPost, s.server.URL+WebhookPath("demo-by"), strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if a := s.do(req); a.status != http.StatusNotFound {
		t.Errorf("%d", a.status)
	}
}

// Messages are larger than forms, and the forms' cap is not theirs.
func TestALargeMessageIsTaken(t *testing.T) {
	s := newStand(t)
	if a := s.tell("evt_1", "payment.paid", strings.Repeat("n", 20<<10)); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.html)
	}
	if all, err := s.site.Inbox().Messages(inbox.Filter{}); err != nil || len(all) != 1 {
		t.Errorf("%d messages (%v)", len(all), err)
	}
}
