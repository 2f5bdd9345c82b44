package demoshop

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const testKey = "sk_demo-az_k1_secret"

// object is JSON written by hand: the fake shares no struct with the shop, so a
// wrong field name cannot agree with itself.
type object = map[string]any

// fakeKassa is as much of the API as the shop uses, with answers that a test can
// script in advance.
type fakeKassa struct {
	*httptest.Server
	t        *testing.T
	mu       sync.Mutex
	payments map[string][]object // by order_ref, newest first
	scripted map[string][]reply  // by "POST pay", "POST refunds", "POST cancel", "GET list", "GET one"
	seen     []sighting
}

type reply struct {
	status int
	after  string // Retry-After
	body   any
}

type sighting struct {
	kind, key string
	body      object
}

func newFakeKassa(t *testing.T) *fakeKassa {
	f := &fakeKassa{t: t, payments: map[string][]object{}, scripted: map[string][]reply{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payments", f.handle("POST pay", f.pay))
	mux.HandleFunc("GET /v1/payments", f.handle("GET list", func(r *http.Request, _ object) reply {
		return reply{status: 200, body: object{"payments": f.payments[r.URL.Query().Get("order_ref")]}}
	}))
	mux.HandleFunc("GET /v1/payments/{id}", f.handle("GET one", func(r *http.Request, _ object) reply {
		return reply{status: 200, body: f.find(r.PathValue("id"))}
	}))
	mux.HandleFunc("POST /v1/payments/{id}/refunds", f.handle("POST refunds", f.giveBack))
	mux.HandleFunc("POST /v1/payments/{id}/cancel", f.handle("POST cancel", func(r *http.Request, _ object) reply {
		p := f.find(r.PathValue("id"))
		p["status"] = "cancelled"
		return reply{status: 200, body: p}
	}))
	mux.HandleFunc("GET /v1/instalments", f.handle("GET plans", func(r *http.Request, _ object) reply {
		return reply{status: 200, body: plansOf(r.URL.Query().Get("shop"), r.URL.Query().Get("amount"))}
	}))
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeKassa) handle(kind string, work func(*http.Request, object) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		answer := reply{status: 401, body: object{"code": "unauthorized", "request_id": "req-401"}}
		public := kind == "GET plans" && r.Header.Get("Authorization") == ""
		if public || r.Header.Get("Authorization") == "Bearer "+testKey {
			body := f.decode(r)
			f.seen = append(f.seen, sighting{kind: kind, key: r.Header.Get("Idempotency-Key"), body: body})
			if queue := f.scripted[kind]; len(queue) > 0 {
				answer, f.scripted[kind] = queue[0], queue[1:]
			} else {
				answer = work(r, body)
			}
		}
		if answer.after != "" {
			w.Header().Set("Retry-After", answer.after)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.status)
		if text, ok := answer.body.(string); ok {
			if _, err := io.WriteString(w, text); err != nil {
				f.t.Error(err)
			}
			return
		}
		if err := json.NewEncoder(w).Encode(answer.body); err != nil {
			f.t.Error(err)
		}
	}
}

// decode refuses what Kassa would refuse: a body that is no JSON, or an amount
// that is no integer.
func (f *fakeKassa) decode(r *http.Request) object {
	body := object{}
	if r.Method != http.MethodPost || r.ContentLength == 0 {
		return body
	}
	if r.Header.Get("Content-Type") != "application/json" {
		f.t.Errorf("%s %s sent as %q", r.Method, r.URL, r.Header.Get("Content-Type"))
	}
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		f.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	if amount, ok := body["amount"]; ok {
		if _, err := strconv.ParseInt(fmt.Sprint(amount), 10, 64); err != nil {
			f.t.Errorf("%s %s: amount %v is no integer of minor units", r.Method, r.URL, amount)
		}
	}
	return body
}

func (f *fakeKassa) pay(_ *http.Request, body object) reply {
	ref := fmt.Sprint(body["order_ref"])
	if list := f.payments[ref]; len(list) > 0 && (list[0]["status"] == "pending" || list[0]["status"] == "created") {
		return reply{status: 200, body: list[0]}
	}
	p := f.add(ref, object{"amount": body["amount"], "currency": body["currency"]})
	return reply{status: 201, body: p}
}

// add puts an attempt on record; fields overwrite the ones of a fresh one.
func (f *fakeKassa) add(ref string, fields object) object {
	n := len(f.payments[ref]) + 1
	p := object{
		"id": fmt.Sprintf("pay_%s-%d", ref, n), "order_ref": ref, "bank": "kapital", "status": "pending",
		"bank_status":   "CREATED",
		"bank_order_id": "778", "amount": 15000, "currency": "AZN", "captured_amount": 0, "refunded_amount": 0,
		"redirect_url": "http://127.0.0.1:8083/pay?ORDERID=778", "client_token": "ct_token" + ref,
		"created_at": "2026-03-01T09:00:00Z",
		"sequence":   2, "poll_after_seconds": 3, "late": false, "overpaid": false, "review": nil, "refunds": []object{},
		"history": []object{{"sequence": 1, "at": "2026-03-01T09:00:00Z", "what": "created", "by": "shop:k1"}},
	}
	for name, value := range fields {
		p[name] = value
	}
	f.payments[ref] = slices.Insert(f.payments[ref], 0, p)
	return p
}

func (f *fakeKassa) find(id string) object {
	for _, list := range f.payments {
		for _, p := range list {
			if p["id"] == id {
				return p
			}
		}
	}
	f.t.Errorf("asked about %q, which was never opened", id)
	return object{}
}

func (f *fakeKassa) giveBack(r *http.Request, body object) reply {
	p := f.find(r.PathValue("id"))
	amount := p["captured_amount"].(int) - p["refunded_amount"].(int)
	if typed, ok := body["amount"]; ok {
		amount, _ = strconv.Atoi(fmt.Sprint(typed))
	}
	p["refunded_amount"] = p["refunded_amount"].(int) + amount
	done := object{"id": "rf_1", "payment_id": p["id"], "amount": amount, "status": "succeeded", "origin": "shop",
		"reason": body["reason"], "reference": body["reference"]}
	p["refunds"] = append(p["refunds"].([]object), done)
	return reply{status: 201, body: done}
}

// plansOf are plans over 3, 6 and 12 months, as the contract has them: equal payments, rounded up, and a smaller last
// one.
func plansOf(shop, amount string) object {
	total, _ := strconv.Atoi(amount)
	plans := []object{}
	for _, n := range []int{3, 6, 12} {
		if each := (total + n - 1) / n; shop == "demo-by" && total-each*(n-1) > 0 {
			plans = append(plans, object{"term": n, "monthly_amount": each, "last_amount": total - each*(n-1),
				"total_amount": total})
		}
	}
	return object{"currency": "BYN", "plans": plans}
}

// script makes the next calls of a kind get these answers.
func (f *fakeKassa) script(kind string, replies ...reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scripted[kind] = append(f.scripted[kind], replies...)
}

// set changes the newest attempt of an order.
func (f *fakeKassa) set(ref string, fields object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, value := range fields {
		f.payments[ref][0][name] = value
	}
}

// calls are those of one kind so far.
func (f *fakeKassa) calls(kind string) []sighting {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(s sighting) bool { return s.kind != kind })
}

// refusal is a problem as Kassa writes it.
func refusal(status int, code, after string) reply {
	return reply{status: status, after: after, body: object{"code": code, "status": status, "title": code,
		"request_id": "req-77", "payment_id": "pay_x-1"}}
}

// field reads the value of a hidden input from a page.
func field(t *testing.T, html, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(html, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok || value == "" {
		t.Fatalf("the page has no field %q:\n%s", name, html)
	}
	return value
}
