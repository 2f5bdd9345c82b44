package kapitaltxpg

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// script sends a command to the control API.
func (b *bank) script(method, path, body string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.pages.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := b.pages.Client().Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestControlOfAnOrder(t *testing.T) {
	for _, c := range []struct {
		acts   string // one command a line; the last one's answer is looked at
		status int
		state  string // of the order
		back   int64
	}{
		{`{"action":"approve"}`, 200, "FullyPaid", 0},
		{`{"action":"decline"}`, 200, "Declined", 0},
		{`{"action":"fail","code":"51"}`, 200, "Preparing", 0},
		{`{"action":"hold"}`, 200, "Authorized", 0},
		{`{"action":"cancel"}`, 200, "Cancelled", 0},
		{`{"action":"expire"}`, 200, "Expired", 0},
		{`{"action":"status","status":"Funded"}`, 200, "Funded", 0},
		{`{"action":"pay","pan":"5239151747183468","expiry":"1127","cvv":"602"}`, 200, "FullyPaid", 0},
		{`{"action":"approve"}` + "\n" + `{"action":"desk_refund","amount":300}`, 200, "FullyPaid", 300},
		{`{"action":"approve"}` + "\n" + `{"action":"desk_refund"}`, 409, "FullyPaid", 0},
		{`{"action":"approve"}` + "\n" + `{"action":"desk_void"}`, 200, "Voided", 1250},
		{`{"action":"approve"}` + "\n" + `{"action":"amount","amount":1000}`, 200, "FullyPaid", 0},
		{`{"action":"desk_void"}`, 409, "Preparing", 0},
		{`{"action":"fly"}`, 400, "Preparing", 0},
		{`{"act":"approve"}`, 400, "Preparing", 0},
	} {
		t.Run(c.acts, func(t *testing.T) {
			b := open(t, nil)
			id, _ := b.order()
			var status int
			var text string
			for act := range strings.Lines(c.acts) {
				status, text = b.script(http.MethodPost, "/_sim/orders/"+id, act)
			}
			_, raw := b.script(http.MethodGet, "/_sim/ledger", "")
			var ledger Statement
			if err := json.Unmarshal([]byte(raw), &ledger); err != nil {
				t.Fatal(err)
			}
			if status != c.status || ledger.Orders[0].Status != c.state || ledger.Totals.Refunded != c.back {
				t.Errorf("HTTP %d %s; %+v", status, text, ledger)
			}
		})
	}
}

func TestControlOfTheBank(t *testing.T) {
	b := open(t, nil)
	id, _ := b.order()
	for _, c := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"GET", "/_sim/orders/5", "", 404, "no such order"},
		{"GET", "/_sim/orders/" + id, "", 200, `"amount":1250`},
		{"POST", "/_sim/settings", `{"status_words":{"Cancelled":"Refused"},"tries":1}`, 200, `"Refused"`},
		{"POST", "/_sim/settings", `{"status_words":{"Paid":"x"}}`, 400, "status_words"},
		{"POST", "/_sim/settings", `{"void_sum":"half"}`, 400, "void_sum"},
		{"GET", "/_sim/settings", "", 200, `"Cancelled":"Refused"`},
		{"POST", "/_sim/faults", `{"operation":"create","fault":"cut_after"}`, 200, "cut_after"},
		{"POST", "/_sim/faults", `{"operation":"Refund","fault":"cut_after"}`, 400, "exec-tran"},
		{"POST", "/_sim/login", `{"password":"renewed"}`, 200, "unlocked"},
		{"POST", "/_sim/reset", `{}`, 200, "reset"},
		{"GET", "/_sim/settings", "", 200, `"status_words":null`},
		{"GET", "/_sim/faults", "", 200, `"faults":[]`},
		{"GET", "/_sim/ledger", "", 200, `"order_id":"` + id + `"`},
		{"POST", "/_sim/reset", `{"orders":true}`, 200, "reset"},
		{"GET", "/_sim/ledger", "", 200, `"orders":[]`},
		{"GET", "/_sim/nothing", "", 404, "package comment of kapitaltxpg"},
	} {
		if status, text := b.script(c.method, c.path, c.body); status != c.status || !strings.Contains(text, c.holds) {
			t.Errorf("%s %s %s: HTTP %d %s", c.method, c.path, c.body, status, text)
		}
	}
	if next, _ := b.order(); next == id {
		t.Error("an order's number was given twice, or the reset kept another password")
	}
}

func TestTheHistoryKeepsNoSecret(t *testing.T) {
	b := open(t, nil)
	id, page := b.order()
	_, password, _ := strings.Cut(page, "password=")
	b.get("/api/order/" + id + "?password=" + password + "&orderDetailLevel=2")
	_, text := b.script(http.MethodGet, "/_sim/requests", "")
	if strings.Contains(text, password) || strings.Contains(text, testPassword) ||
		!strings.Contains(text, `"operation":"order"`) {
		t.Errorf("the history: %s", text)
	}
}

func TestABrowserComesBackByScript(t *testing.T) {
	var seen []string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.RawQuery)
		w.WriteHeader(http.StatusSeeOther)
	}))
	defer shop.Close()
	b := open(t, nil)
	b.post("/api/order", strings.ReplaceAll(small, `"1"`, `"1","hppRedirectUrl":"`+shop.URL+`/back?a=1"`))
	status, text := b.script(http.MethodPost, "/_sim/orders/700001",
		`{"action":"return","status":"FullyPaid","swap":"9","count":2}`)
	want := "a=1&ID=9&STATUS=FullyPaid"
	if status != http.StatusOK || !strings.Contains(text, "[303,303]") || len(seen) != 2 || seen[0] != want {
		t.Errorf("HTTP %d %s; the shop saw %q", status, text, seen)
	}
}
