package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/api/contract"
	"kassa/shared/boot/boottest"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// unheard is a paid payment whose shop gave this answer to the message about it.
func unheard(b *boottest.Bench, ref string, a delivery.Answer) payment.Payment {
	p := b.Paid(ref)
	b.Bank.Says(payment.Report{})
	sequence := int64(len(p.History))
	return b.Happens(p.ID, payment.Redelivery{Sequences: []int64{sequence}},
		payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{sequence: a}})
}

func listed(t *testing.T, b *boottest.Bench, key, query string) (ids []string, body map[string]any) {
	t.Helper()
	a, body := get(t, b, "undelivered.json", "{key}", key, "{query}", query)
	if a.StatusCode != 200 {
		t.Fatalf("%d %v", a.StatusCode, body)
	}
	for _, p := range body["payments"].([]any) {
		ids = append(ids, p.(map[string]any)["id"].(string))
	}
	return ids, body
}

// only is the one message of the one payment that an answer shows.
func only(t *testing.T, shown any) map[string]any {
	t.Helper()
	messages, _ := shown.(map[string]any)["undelivered"].([]any)
	if len(messages) != 1 {
		t.Fatalf("shown is %v", shown)
	}
	return messages[0].(map[string]any)
}

// TestAShopFindsWhatItHasNotAcknowledged, and has it sent again: what is dead and what waits for long is due at once,
// what is due within a minute is left as it is, and a repeat changes nothing. Another shop sees and moves nothing of
// it.
func TestAShopFindsWhatItHasNotAcknowledged(t *testing.T) {
	b := boottest.New(t)
	b.Paid("told to nobody")
	unheard(b, "taken", delivery.Answer{Accepted: true, Code: "200"})
	dead := unheard(b, "dead", delivery.Answer{Gone: true, Code: "410"})
	waiting := unheard(b, "waiting", delivery.Answer{Code: "503", RetryAfter: time.Hour})
	ids, body := listed(t, b, boottest.Key, "")
	if fmt.Sprint(ids) != fmt.Sprint([]string{dead.ID.String(), waiting.ID.String()}) || body["next"] != nil {
		t.Fatalf("%v", body)
	}
	event := "evt_" + dead.ID.String() + "_3"
	if m := only(t, body["payments"].([]any)[0]); m["event_id"] != event || m["type"] != "payment.paid" ||
		m["state"] != "dead" || m["tries"] != 1.0 ||
		m["next_try_at"] != nil || m["last_answer"] != "410" {
		t.Errorf("dead: %v", m)
	}
	if m := only(t, body["payments"].([]any)[1]); m["state"] != "waiting" || m["next_try_at"] != "2026-11-21T10:00:00Z" ||
		m["last_answer"] != "503" {
		t.Errorf("waiting: %v", m)
	}
	if ids, _ := listed(t, b, boottest.Foreign, ""); len(ids) != 0 {
		t.Errorf("another shop sees %v", ids)
	}
	for _, p := range []payment.Payment{dead, waiting} {
		if a, _ := get(t, b, "redeliver.json", "«id»", p.ID.String(), "{key}", boottest.Foreign); a.StatusCode != 404 {
			t.Errorf("another shop: %d", a.StatusCode)
		}
		rev := ""
		for range 2 {
			a, body := get(t, b, "redeliver.json", "«id»", p.ID.String(), "{key}", boottest.KeyFor(api.Read))
			if m := only(t, body); a.StatusCode != 202 || m["state"] != "waiting" || m["tries"] != 0.0 ||
				m["next_try_at"] != "2026-11-21T09:00:00Z" {
				t.Errorf("%d %v", a.StatusCode, body)
			}
			now, err := b.Store.Load(t.Context(), p.ID)
			if err != nil || rev != "" && now.Rev != rev {
				t.Errorf("a repeat has saved: %v", err)
			}
			rev = now.Rev
		}
	}
	soon := unheard(b, "soon", delivery.Answer{Code: "503"})
	if a, body := get(t, b, "redeliver.json", "«id»", soon.ID.String(), "{key}", boottest.Key); a.StatusCode != 202 ||
		only(t, body)["tries"] != 1.0 {
		t.Errorf("due within a minute: %d %v", a.StatusCode, body)
	}
	quiet := b.Paid("quiet")
	if a, body := get(t, b, "redeliver.json", "«id»", quiet.ID.String(), "{key}", boottest.Key); a.StatusCode != 202 ||
		len(body["undelivered"].([]any)) != 0 {
		t.Errorf("nothing to send: %d %v", a.StatusCode, body)
	}
}

// TestUndeliveredInPages: every payment once, whatever the size of a page.
func TestUndeliveredInPages(t *testing.T) {
	b := boottest.New(t)
	for i := range 5 {
		unheard(b, fmt.Sprint("order ", i), delivery.Answer{Gone: true, Code: "410"})
	}
	for limit := 1; limit <= 6; limit++ {
		seen, next := map[string]bool{}, ""
		for page := 0; page == 0 || next != ""; page++ {
			query := fmt.Sprint("limit=", limit)
			if next != "" {
				query += "&cursor=" + url.QueryEscape(next)
			}
			ids, body := listed(t, b, boottest.Key, query)
			for _, id := range ids {
				seen[id] = true
			}
			if next, _ = body["next"].(string); len(ids) > limit || page > 5 {
				t.Fatalf("page %d of %d holds %d", page, limit, len(ids))
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d at a time: %d payments", limit, len(seen))
		}
	}
}

func TestRefusalsOfUndelivered(t *testing.T) {
	b := boottest.New(t)
	p := unheard(b, "dead", delivery.Answer{Gone: true, Code: "410"})
	for query, pointer := range map[string]string{"limit=0": "/limit", "limit=101": "/limit", "limit=x": "/limit",
		"limit=1&limit=2": "/limit",
		"cursor=":         "/cursor", "cursor=x": "/cursor", "colour=red": "/colour"} {
		a, body := get(t, b, "undelivered.json", "{key}", boottest.Key, "{query}", query)
		if a.StatusCode != 422 || body["code"] != "invalid_parameters" || !strings.Contains(a.Body, `"`+pointer+`"`) {
			t.Errorf("%s: %d %v", query, a.StatusCode, body)
		}
	}
	if a, body := get(t, b, "undelivered.json", "{key}", boottest.Key, "{query}", "limit=%zz"); a.StatusCode != 400 ||
		body["code"] != "malformed_query" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	both := map[string][]string{"undelivered.json": {"{query}", ""}, "redeliver.json": {"«id»", p.ID.String()}}
	for name, words := range both {
		ask := func(key string) (events.APIGatewayV2HTTPResponse, map[string]any) {
			return get(t, b, name, append([]string{"{key}", key}, words...)...)
		}
		for key, want := range map[string]int{"nobody": 401, boottest.KeyFor(api.Create): 403,
			boottest.KeyFor(api.Refund): 403} {
			if a, body := ask(key); a.StatusCode != want {
				t.Errorf("%s: %d %v", name, a.StatusCode, body)
			}
		}
		var event events.APIGatewayV2HTTPRequest
		b.Event(&event, name, append([]string{"{key}", boottest.Key}, words...)...)
		edge := b.Edge(handler{checkout: b.Service, keys: b.Keys}.routes(), api.MaxBody)
		event.Body = string(make([]byte, api.MaxBody+1))
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 413 {
			t.Errorf("%s: %d %v", name, a.StatusCode, err)
		}
		event.Body, event.IsBase64Encoded = "{", true
		if a, err := edge.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 400 {
			t.Errorf("%s: %d %v", name, a.StatusCode, err)
		}
		for _, op := range []memory.Op{memory.Untold, memory.Load} {
			b.Store.Before = func(at memory.Op, _ payment.ID) error {
				if at == op || name == "redeliver.json" {
					return &payment.Error{Kind: payment.Unavailable, RetryAfter: 2 * time.Second}
				}
				return nil
			}
			if a, body := ask(boottest.Key); a.StatusCode != 503 || a.Headers["Retry-After"] != "2" {
				t.Errorf("%s: %d %v", name, a.StatusCode, body)
			}
		}
		b.Store.Before = nil
	}
	b.Contend()
	if a, body := get(t, b, "redeliver.json", "«id»", p.ID.String(), "{key}", boottest.Key); a.StatusCode != 409 ||
		body["code"] != "conflict" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	for code, kind := range map[string]payment.Kind{"internal": payment.Internal, "misconfigured": payment.Misconfigured} {
		b.Broken(&payment.Error{Kind: kind})
		for name, words := range both {
			if a, body := get(t, b, name, append([]string{"{key}", boottest.Key}, words...)...); a.StatusCode != 500 ||
				body["code"] != code {
				t.Errorf("%s: %d %v", name, a.StatusCode, body)
			}
		}
	}
}

// TestOnePoisonedPaymentHidesNoOther in the list of what was not acknowledged.
func TestOnePoisonedPaymentHidesNoOther(t *testing.T) {
	b := boottest.New(t)
	bad := unheard(b, "bad", delivery.Answer{Gone: true, Code: "410"})
	good := unheard(b, "good", delivery.Answer{Gone: true, Code: "410"})
	b.Store.Before = func(op memory.Op, id payment.ID) error {
		if op == memory.Load && id == bad.ID {
			return &payment.Error{Kind: payment.Internal, Message: "cannot be read"}
		}
		return nil
	}
	if ids, _ := listed(t, b, boottest.Key, ""); fmt.Sprint(ids) != fmt.Sprint([]string{good.ID.String()}) {
		t.Errorf("listed %v", ids)
	}
	if !strings.Contains(b.Logged(), bad.ID.String()) || !strings.Contains(b.Logged(), "ERROR") {
		t.Errorf("nobody is told: %s", b.Logged())
	}
}

func TestNamesOfUndeliveredAreDocumented(t *testing.T) {
	contract.SameNames(t, "GET", "/v1/undelivered", "undelivered.go")
}
