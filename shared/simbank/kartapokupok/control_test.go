package kartapokupok

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// control posts to the control API and returns the HTTP status and the body.
func (b *bank) controls(method, path, body string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.pages.URL+path, strings.NewReader(body))
	b.must(err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := b.pages.Client().Do(r)
	b.must(err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	b.must(err)
	if !json.Valid(text) {
		b.t.Errorf("%s %s answers no JSON: %s", method, path, text)
	}
	return answer.StatusCode, string(text)
}

func TestControl(t *testing.T) {
	b := start(t, func(o *Options) { o.PKI = ownKeys(t, "") })
	s := b.create()
	path := "/_sim/orders/" + s.id
	for _, c := range []struct {
		method, path, body string
		code               int
		inside             string
	}{
		{"GET", path, "", 200, `"status":"PENDING"`},
		{"POST", path, `{"action":"replay"}`, 409, `no callback`},
		{"POST", path, `{"action":"later"}`, 200, `"later":true`},
		{"POST", path, `{"action":"reject"}`, 200, `"status":"REJECTED"`},
		{"POST", path, `{"action":"cancel"}`, 409, `REJECTED already`},
		{"POST", path, `{"action":"approve"}`, 200, `"charged":12000`},
		{"POST", path, `{"action":"approve"}`, 409, `approved before`},
		{"POST", path, `{"action":"desk_refund","amount":500}`, 200, `"refunded":500`},
		{"POST", path, `{"action":"desk_refund","amount":50000}`, 409, `exceeds`},
		{"POST", path, `{"action":"status","status":"SLEEPING"}`, 200, `"status":"SLEEPING"`},
		{"POST", path, `{"action":"amount","amount":1}`, 409, `amount must`},
		{"POST", path, `{"action":"currency","currency":"USD"}`, 200, `"currency":"USD"`},
		{"POST", path, `{"action":"order_ref","order_ref":"x"}`, 200, `"order_ref":"x"`},
		{"POST", path, `{"action":"callback","message":{"status":"APPROVED","count":3}}`, 200, `[204,204,204]`},
		{"POST", path, `{"action":"callback","message":{"count":3000}}`, 400, `at most 1000`},
		{"POST", path, `{"action":"replay"}`, 200, `[204]`},
		{"POST", path, `{"action":"explode"}`, 400, `not known`},
		{"POST", path, `{"actoin":"approve"}`, 400, `actoin`},
		{"POST", path, `{`, 400, `bad input`},
		{"POST", path, `{}{}`, 400, `follows`},
		{"POST", "/_sim/orders/1", `{"action":"approve"}`, 404, `no such order`},
		{"GET", "/_sim/orders/x", ``, 404, `no such order`},
		{"GET", "/_sim/nothing", ``, 404, `no such control`},
		{"GET", "/_sim/ledger", "", 200, `"totals":{"orders":1,"charged":12000,"refunded":500}`},
		{"GET", "/_sim/requests", "", 200, `"operation":"create"`},
		{"GET", "/_sim/callbacks", "", 200, `"http":204`},
		{"POST", "/_sim/callbacks", `{"session":"` + s.id + `","newest_first":true}`, 200, `{"answers":[]}`},
		{"POST", "/_sim/callbacks", `{"session":"x"}`, 404, `no such order`},
		{"POST", "/_sim/faults", `{"operation":"refund","nth":2,"fault":"slow"}`, 200, `"nth":2`},
		{"POST", "/_sim/faults", `[{"fault":"bom"},{"fault":"empty"}]`, 200, `"fault":"empty"`},
		{"POST", "/_sim/faults", `{"fault":"nonsense"}`, 400, `nonsense`},
		{"GET", "/_sim/faults", ``, 200, `"nth":2`},
		{"DELETE", "/_sim/faults", ``, 200, `{"faults":[]}`},
		{"POST", "/_sim/settings",
			`{"callback":"hold","refund_days":14,"signature_algorithm":"ed25519","callback_omit":["amount"]}`, 200,
			`"refund_days":14`},
		{"POST", "/_sim/settings", `{"callback":"never"}`, 400, `callback is`},
		{"POST", "/_sim/settings", `{"colour":"red"}`, 400, `colour`},
		{"GET", "/_sim/settings", ``, 200, `"signature_algorithm":"ed25519"`},
		{"GET", "/_sim/keys", ``, 200, `"public_keys":{"ecdsa":["-----BEGIN PUBLIC KEY`},
		{"POST", "/_sim/rotate", `{"client":true,"signing":"rsa","server":"own","keep_old":true}`, 200,
			`-----BEGIN PRIVATE KEY`},
		{"POST", "/_sim/rotate", `{"signing":"dsa"}`, 400, `signing is`},
		{"POST", "/_sim/rotate", `{"server":"nice"}`, 400, `nice`},
		{"POST", "/_sim/reset", ``, 200, `"reset":true`},
		{"GET", "/_sim/settings", ``, 200, `"callback":""`},
		{"GET", "/_sim/requests", "", 200, `{"requests":[]}`},
		{"GET", "/_sim/ledger", "", 200, `"orders":1,`},
		{"POST", "/_sim/reset", `{"orders":true}`, 200, `"reset":true`},
		{"GET", "/_sim/ledger", "", 200, `{"orders":[],"totals":{"orders":0,"charged":0,"refunded":0}}`},
	} {
		code, text := b.controls(c.method, c.path, c.body)
		if code != c.code || !strings.Contains(text, c.inside) {
			t.Errorf("%s %s %s: HTTP %d %s", c.method, c.path, c.body, code, text)
		}
	}
	want(t, "RSA keys after the rotation", len(b.published("rsa")), 2)
	want(t, "told", b.shop.words(t), "PENDING REJECTED APPROVED REFUNDED APPROVED APPROVED APPROVED APPROVED")
}

func TestADeadShopIsSaid(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.shop.Close()
	code, text := b.controls("POST", "/_sim/orders/"+s.id, `{"action":"callback"}`)
	if code != http.StatusBadGateway || strings.Contains(text, "/notify") {
		t.Errorf("HTTP %d %s", code, text)
	}
}
