package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

func get(t *testing.T, b *boottest.Bench, name string, words ...string) (events.APIGatewayV2HTTPResponse,
	map[string]any) {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	b.Event(&event, name, words...)
	h := handler{checkout: b.Service, keys: b.Keys}
	a, err := b.Edge(h.routes(), api.MaxBody).HTTPAPI(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if a.Body != "" {
		if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
			t.Fatalf("%v: %s", err, a.Body)
		}
	}
	return a, body
}

// TestPollMendsALostCallback: the bank is asked while the customer waits.
func TestPollMendsALostCallback(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	a, body := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key)
	if a.StatusCode != 200 || body["status"] != "pending" || a.Headers["Retry-After"] != "5" ||
		body["poll_after_seconds"] != 5.0 {
		t.Errorf("%d %v %v", a.StatusCode, a.Headers, body)
	}
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
	b.Advance(5 * time.Second)
	a, body = get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key)
	if body["status"] != "paid" || body["order_status"] != "PAID!" || body["captured_amount"] != 15000.0 ||
		body["redirect_url"] != nil || body["client_token"] != nil {
		t.Errorf("%v", body)
	}
	if a.Headers["Retry-After"] != "" || body["poll_after_seconds"] != 0.0 {
		t.Errorf("there is nothing to wait for: %v %v", a.Headers, body)
	}
}

// TestReadingNeedsItsScope on both ways to read; the client token of a customer is no key and needs none.
func TestReadingNeedsItsScope(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	for scope, want := range map[api.Scope]int{api.Create: 403, api.Refund: 403, api.Read: 200} {
		for _, file := range []string{"get.json", "list.json"} {
			a, body := get(t, b, file, "«id»", p.ID.String(), "{key}", boottest.KeyFor(scope))
			if a.StatusCode != want || want == 403 && body["code"] != "scope_missing" {
				t.Errorf("%s with a key for %s: %d %v", file, scope, a.StatusCode, body)
			}
		}
	}
}

func TestPollWithTheClientToken(t *testing.T) {
	b := boottest.New(t)
	p, other := b.Open("12345"), b.Open("777")
	a, body := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", "ct_"+p.ClientToken)
	if a.StatusCode != 200 || body["status"] != "pending" || len(body) != 10 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	for _, key := range []string{"ct_" + other.ClientToken, "ct_" + p.CallbackToken, "ct_x"} {
		if a, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", key); a.StatusCode != 404 {
			t.Errorf("%s: %d", key, a.StatusCode)
		}
	}
	if a, _ := get(t, b, "list.json", "{key}", "ct_"+p.ClientToken); a.StatusCode != 401 {
		t.Errorf("a client token lists payments: %d", a.StatusCode)
	}
	if strings.Contains(b.Logged(), p.ClientToken) {
		t.Error("the client token was logged")
	}
}

// TestUnknownAndForeignLookTheSame, byte for byte.
func TestUnknownAndForeignLookTheSame(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	unknown := payment.ID{Order: payment.OrderKey("demo-az", "nothing"), Attempt: 1}.String()
	bodies := map[string]bool{}
	for _, words := range [][2]string{{p.ID.String(), boottest.Foreign}, {unknown, boottest.Key}, {"pay_x", boottest.Key},
		{unknown, "ct_x"}, {p.ID.String(), "ct_x"}} {
		a, _ := get(t, b, "get.json", "«id»", words[0], "{key}", words[1])
		if a.StatusCode != 404 {
			t.Errorf("%v: %d", words, a.StatusCode)
		}
		bodies[a.Body] = true
	}
	if len(bodies) != 1 {
		t.Errorf("answers differ: %v", bodies)
	}
}

func TestNotModified(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	first, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key)
	held := strings.ReplaceAll(first.Headers["ETag"], `"`, `\"`)
	same, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key, "{etag}", held)
	if same.StatusCode != 304 || same.Body != "" || same.Headers["ETag"] != first.Headers["ETag"] ||
		same.Headers["Retry-After"] != "5" || same.Headers["Cache-Control"] != "no-store" {
		t.Errorf("%+v", same)
	}
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
	b.Advance(5 * time.Second)
	news, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key, "{etag}", held)
	if news.StatusCode != 200 || news.Headers["ETag"] == first.Headers["ETag"] {
		t.Errorf("%+v", news)
	}
	if customer, _ := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", "ct_"+p.ClientToken, "{etag}",
		held); customer.StatusCode != 200 {
		t.Errorf("the customer's view has the shop's tag: %+v", customer)
	}
}

func TestBankThatIsDownHidesNothing(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable, Cause: errors.New("CANARY")}
	if a, body := get(t, b, "get.json", "«id»", p.ID.String(), "{key}", boottest.Key); a.StatusCode != 200 ||
		body["status"] != "pending" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

func TestStoreThatIsDown(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	b.Store.Before = func(memory.Op, payment.ID) error {
		return &payment.Error{Kind: payment.Unavailable, RetryAfter: 2 * time.Second, Cause: errors.New("CANARY")}
	}
	for _, name := range []string{"get.json", "list.json"} {
		a, body := get(t, b, name, "«id»", p.ID.String(), "{key}", boottest.Key)
		if a.StatusCode != 503 || a.Headers["Retry-After"] != "2" || body["code"] != "unavailable" ||
			strings.Contains(a.Body, "CANARY") {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if !strings.Contains(b.Logged(), "CANARY") {
		t.Error("the cause is not in the log")
	}
}

func TestListOfAnOrder(t *testing.T) {
	b := boottest.New(t)
	if a, body := get(t, b, "list.json", "{key}", boottest.Key); a.StatusCode != 200 ||
		a.Body != "{\"payments\":[],\"next\":null}\n" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	first := b.Open("12345")
	if _, err := b.Service.Cancel(t.Context(), first.ID, "demo-az", "shop:k1"); err != nil {
		t.Fatal(err)
	}
	second := b.Open("12345")
	_, body := get(t, b, "list.json", "{key}", boottest.Key)
	list := body["payments"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["id"] != second.ID.String() ||
		list[1].(map[string]any)["status"] != "cancelled" {
		t.Errorf("%v", list)
	}
	if _, body := get(t, b, "list.json", "{key}", boottest.Foreign); len(body["payments"].([]any)) != 0 {
		t.Errorf("another shop sees %v", body)
	}
	// An order is found in whatever spelling looks like its own.
	b.Open("Sifariş №7")
	for _, spelled := range []string{"Sifari%C5%9F+%E2%84%967", "Sifaris%CC%A7%C2%A0%E2%84%967"} {
		if _, body := get(t, b, "list.json", "{key}", boottest.Key, "order_ref=12345",
			"order_ref="+spelled); len(body["payments"].([]any)) != 1 {
			t.Errorf("%s: %v", spelled, body)
		}
	}
	if a, body := get(t, b, "list.json", "{key}", boottest.Key, "order_ref=12345",
		"order_ref=1&order_ref=2"); a.StatusCode != 400 || body["code"] != "malformed_query" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	if a, _ := get(t, b, "list.json", "{key}", "sk_demo-az_k1_wrong"); a.StatusCode != 401 {
		t.Errorf("%d", a.StatusCode)
	}
}
