package kapitaltxpg

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestRefusals holds the gateway's errors to their odd HTTP codes.
func TestRefusals(t *testing.T) {
	order := func(fields string) string { return `{"order":{"typeRid":"Order_SMS","currency":"AZN",` + fields + `}}` }
	for _, c := range []struct {
		name, path, body string
		status           int
		code, say        string
	}{
		{"unknown currency", "", `{"order":{"typeRid":"Order_SMS","amount":"1","currency":"XYZ"}}`, 400,
			"ServiceError", "PID = XYZ"},
		{"unknown type", "", `{"order":{"typeRid":"Order_X","amount":"1","currency":"AZN"}}`, 400, "ServiceError", "Order_X"},
		{"no type", "", `{"order":{"amount":"1","currency":"AZN"}}`, 400, "InvalidRequest", "typeRid"},
		{"a number for an amount", "", order(`"amount":1.5`), 400, "InvalidRequest", "amount"},
		{"a comma", "", order(`"amount":"1,5"`), 400, "InvalidRequest", "1,5"},
		{"a third decimal", "", order(`"amount":"1.005"`), 400, "InvalidRequest", "1.005"},
		{"a sign", "", order(`"amount":"-1"`), 400, "InvalidRequest", "-1"},
		{"nothing", "", order(`"amount":"0.00"`), 400, "InvalidAmt", "0.00"},
		{"a language", "", order(`"amount":"1","language":"be"`), 400, "InvalidRequest", "be"},
		{"an unknown field", "", order(`"amount":"1","Amount":"2"`), 400, "InvalidRequest", "Amount"},
		{"a long description", "", order(`"amount":"1","description":"` + strings.Repeat("ж", 1001) + `"`), 400,
			"InvalidRequest", "1000"},
		{"an address", "", order(`"amount":"1","hppRedirectUrl":"back"`), 400, "InvalidRequest", "hppRedirectUrl"},
		{"two objects", "", order(`"amount":"1"`) + `{}`, 400, "InvalidRequest", "follows"},
		{"no object", "", `[]`, 400, "InvalidRequest", "object"},
		{"another object", "", `{"tran":{}}`, 400, "InvalidRequest", "order"},
		{"a foreign order", "/5/exec-tran", refund, 404, "ServiceError", "no order found"},
		{"no number", "/x/exec-tran", refund, 404, "ServiceError", "no order found"},
		{"an unpaid order", "/700001/exec-tran", refund, 400, "InvalidOrderState", "Preparing"},
		{"too much", "/700002/exec-tran", `{"tran":{"phase":"Single","type":"Refund","amount":"12.51"}}`, 400,
			"InvalidAmt", "left"},
		{"another phase", "/700002/exec-tran", `{"tran":{"phase":"Clearing","amount":"1.00"}}`, 400, "InvalidTran", "phase"},
		{"half a void", "/700002/exec-tran", `{"tran":{"phase":"Single","voidKind":"Partial"}}`, 400,
			"InvalidRequest", "voidKind"},
		{"a void with an amount", "/700002/exec-tran", `{"tran":{"phase":"Single","voidKind":"Full","amount":"1"}}`, 400,
			"InvalidRequest", "voidKind"},
		{"a stored card", "/700002/exec-tran", `{"tran":{"phase":"Single"}}`, 400, "TranProhibited", "stored card"},
		{"a token", "/700001/set-src-token?password=x", `{"token":{"storedId":1}}`, 400, "OperationProhibited", "cards"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, nil)
			b.order()
			b.paid()
			before := b.Ledger().Totals
			status, text := b.post("/api/order"+c.path, c.body)
			code, _ := field(t, text, "errorCode").(string)
			say, _ := field(t, text, "errorDescription").(string)
			if status != c.status || code != c.code || !strings.Contains(say, c.say) {
				t.Errorf("HTTP %d %s", status, text)
			}
			if b.Ledger().Totals != before {
				t.Errorf("a refusal changed the ledger: %+v", b.Ledger())
			}
		})
	}
}

func TestTheRouterKnowsNothingOfTheGatewaysErrors(t *testing.T) {
	b := open(t, nil)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404}, {"GET", "/api/orders", 404}, {"POST", "/api/order/1/refund", 404},
		{"POST", "/api/order/1/2/3", 404},
		{"GET", "/api/order", 405}, {"DELETE", "/api/order/1", 405}, {"GET", "/api/order/1/exec-tran", 405},
	} {
		status, text := b.do(b.request(c.method, c.path, ""))
		if status != c.status || field(t, text, "path") != c.path || field(t, text, "errorCode") != nil {
			t.Errorf("%s %s: HTTP %d %s", c.method, c.path, status, text)
		}
	}
	r := b.request("POST", "/api/order", "{}")
	r.Header.Set("Content-Type", "text/plain")
	if status, _ := b.do(r); status != http.StatusUnsupportedMediaType {
		t.Errorf("plain text: HTTP %d", status)
	}
	if status, text := b.post("/api/order/", small); status != http.StatusOK {
		t.Errorf("a slash at the end: HTTP %d %s", status, text)
	}
}

func TestAmountsAsTheGatewayTakesThem(t *testing.T) {
	b := open(t, nil)
	for text, minor := range map[string]int64{"1": 100, "1.0": 100, "12.5000": 1250, "0.05": 5,
		"999999999999.99": 99999999999999} {
		status, answer := b.post("/api/order", strings.ReplaceAll(small, `"1"`, `"`+text+`"`))
		if status != http.StatusOK {
			t.Errorf("%s: HTTP %d %s", text, status, answer)
			continue
		}
		orders := b.Ledger().Orders
		if got := orders[len(orders)-1].Amount; got != minor {
			t.Errorf("%s is %d", text, got)
		}
	}
}

func TestALoginLocks(t *testing.T) {
	b := switched(t, Settings{PasswordTries: 2})
	id, _ := b.order()
	with := func(name, password string) string {
		r := b.request(http.MethodGet, "/api/order/"+id, "")
		r.SetBasicAuth(name, password)
		status, text := b.do(r)
		code, _ := field(t, text, "errorCode").(string)
		if code != "" && status != http.StatusBadRequest {
			t.Errorf("%s comes with HTTP %d", code, status)
		}
		return code
	}
	steps := []struct{ name, password, code string }{
		{testLogin, "wrong", "InvalidLogin"},
		{testLogin, testPassword, ""}, // a right one starts the count again
		{testLogin, "wrong", "InvalidLogin"},
		{"other", testPassword, "InvalidLogin"},
		{testLogin, testPassword, "PwdTryLimitExceeded"},
	}
	for i, step := range steps {
		if code := with(step.name, step.password); code != step.code {
			t.Errorf("step %d: %q", i, code)
		}
	}
	b.Unlock("renewed")
	if code := with(testLogin, "renewed"); code != "" {
		t.Errorf("the renewed password: %s", code)
	}
	if code := with(testLogin, testPassword); code != "InvalidLogin" {
		t.Errorf("the old password: %q", code)
	}
}

// TestFaults plays the base's language on a refund: what is lost before the work
// leaves the money where it is, what is lost after it does not.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind   string
		back   int64
		status int    // 0 = no answer
		holds  string // part of what comes back
	}{
		{"refuse_connection", 0, 0, ""},
		{"cut_after", 200, 0, ""},
		{"http_503", 0, 503, "ServiceError"},
		{"http_500_after", 200, 500, "ServiceError"},
		{"html_502_after", 200, 502, "<html>"},
		{"html_404", 0, 404, "<html>"},
		{"empty_json_after", 200, 200, "{}"},
		{"status_59", 0, 400, `"pmoResultCode":"59"`},
		{"status_72_after", 200, 400, `"pmoResultCode":"72"`},
		{"truncated", 200, 200, `{"tran"`},
	} {
		t.Run(c.kind, func(t *testing.T) {
			b := open(t, nil)
			id := b.paid()
			if err := b.Faults(Fault{Operation: "exec-tran", Kind: c.kind}); err != nil {
				t.Fatal(err)
			}
			status, text := b.post("/api/order/"+id+"/exec-tran", refund)
			if status != c.status || !strings.Contains(text, c.holds) || b.Ledger().Totals.Refunded != c.back {
				t.Errorf("HTTP %d %s, given back %d", status, text, b.Ledger().Totals.Refunded)
			}
			if list := b.Requests(); list[len(list)-1].Fault != c.kind {
				t.Errorf("the history: %+v", list[len(list)-1])
			}
		})
	}
	if err := open(t, nil).Faults(Fault{Operation: "Refund", Kind: "cut_after"}); err == nil {
		t.Error("an operation of the older gateway was taken")
	}
}

func TestSwitchesOfTheAnswers(t *testing.T) {
	word := func(path ...string) func(*testing.T, string) any {
		return func(t *testing.T, text string) any { return field(t, text, append([]string{"order"}, path...)...) }
	}
	last := func(name string) func(*testing.T, string) any {
		return func(t *testing.T, text string) any {
			trans, _ := field(t, text, "order", "trans").([]any)
			entry, _ := trans[len(trans)-1].(map[string]any)
			return entry[name]
		}
	}
	for _, c := range []struct {
		name string
		set  Settings
		read func(*testing.T, string) any
		want any
	}{
		{"the status", Settings{}, word("status"), "Voided"},
		{"another spelling", Settings{StatusWords: map[string]string{"Voided": "Canceled"}}, word("status"), "Canceled"},
		{"the page", Settings{}, word("hppUrl"), "http://127.0.0.1:1/flex"},
		{"a bare page", Settings{PageForm: "bare"}, word("hppUrl"), "http://127.0.0.1:1"},
		{"a page with a slash", Settings{PageForm: "slash"}, word("hppUrl"), "http://127.0.0.1:1/flex/"},
		{"a void lowers", Settings{}, word("clearedChargeAmount"), json.Number("0")},
		{"a void raises", Settings{VoidSum: "refund"}, word("clearedRefundAmount"), json.Number("12.5")},
		{"a void raises, and lowers nothing", Settings{VoidSum: "refund"}, word("clearedChargeAmount"), json.Number("12.5")},
		{"a void changes no sum", Settings{VoidSum: "none"}, word("clearedRefundAmount"), json.Number("0")},
		{"a void's flag", Settings{VoidMark: "flag"}, last("description"), "Purchase"},
		{"a void's description", Settings{VoidMark: "description"}, last("isReversal"), false},
		{"a void's sign", Settings{VoidMark: "sign"}, last("clearAmount"), json.Number("-12.5")},
		{"no result code", Settings{LeaveOut: []string{"pmoResultCode"}}, last("pmoResultCode"), nil},
		{"no sums", Settings{LeaveOut: []string{"clearedChargeAmount"}}, word("clearedChargeAmount"), nil},
		{"no operations", Settings{LeaveOut: []string{"trans"}}, word("trans"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := switched(t, c.set)
			id := b.paidBlind()
			if status, text := b.post("/api/order/"+id+"/exec-tran", void); status != http.StatusOK {
				t.Fatalf("HTTP %d %s", status, text)
			}
			if _, text := b.get("/api/order/" + id + levels); c.read(t, text) != c.want {
				t.Errorf("%s", text)
			}
		})
	}
}

// paidBlind pays the first order without reading the answer that a switch spoils.
func (b *bank) paidBlind() string {
	b.t.Helper()
	b.post("/api/order", `{"order":{"typeRid":"Order_SMS","amount":"12.50","currency":"AZN"}}`)
	id := b.Ledger().Orders[0].OrderID
	if err := b.Approve(id); err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestSwitchesOfTheErrors(t *testing.T) {
	b := switched(t, Settings{Refuse: map[string]string{"exec-tran": "PmoUnreachable"}, ErrorHTTP: 200})
	id := b.paid()
	status, text := b.post("/api/order/"+id+"/exec-tran", void)
	if status != http.StatusOK || field(t, text, "errorCode") != "PmoUnreachable" || b.Ledger().Totals.Refunded != 0 {
		t.Errorf("HTTP %d %s", status, text)
	}
	err := b.Set(func(s *Settings) {
		*s = Settings{TranDecline: true, Currencies: []string{"USD"}, PurchaseType: "Shop_SMS"}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Faults(Fault{Kind: "status_59"}); err != nil {
		t.Fatal(err)
	}
	status, text = b.post("/api/order/"+id+"/exec-tran", void)
	if status != http.StatusOK || field(t, text, "tran", "pmoResultCode") != "59" ||
		field(t, text, "tran", "match", "ridByPmo") != nil {
		t.Errorf("a declined tran: HTTP %d %s", status, text)
	}
	status, text = b.post("/api/order", `{"order":{"typeRid":"Shop_SMS","amount":"1","currency":"USD"}}`)
	if status != http.StatusOK {
		t.Errorf("USD: HTTP %d %s", status, text)
	}
}

func TestWithoutAllLevelsNothingSaysThatAVoidIsPossible(t *testing.T) {
	b := open(t, nil)
	id := b.paid()
	_, partly := b.get("/api/order/" + id + "?orderDetailLevel=2")
	_, whole := b.get("/api/order/" + id + levels)
	if field(t, partly, "order", "type", "allowVoid") != false || field(t, whole, "order", "type", "allowVoid") != true ||
		field(t, partly, "order", "trans") != nil || field(t, whole, "order", "typeRid") != nil {
		t.Errorf("%s\n%s", partly, whole)
	}
}

func TestInstalmentsAreTheWholeDescription(t *testing.T) {
	b := open(t, nil)
	for text, months := range map[string]int{"TAKSIT=6": 6, "TAKSIT=6 Order": 0, "taksit=6": 0} {
		b.post("/api/order", `{"order":{"typeRid":"Order_SMS","amount":"1","currency":"AZN","description":"`+text+`"}}`)
		orders := b.Ledger().Orders
		if got := orders[len(orders)-1].Taksit; got != months {
			t.Errorf("%s means %d", text, got)
		}
	}
}
