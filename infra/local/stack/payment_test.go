package stack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
)

// TestRealStack takes payments through the deployment's own template and binaries.
func TestRealStack(t *testing.T) {
	for name, take := range map[string]func(*testing.T, Config){"card": payByCard, "json": payByJSON,
		"instalments": payByInstalments} {
		t.Run(name, func(t *testing.T) {
			take(t, Config{Root: "../../..", Data: t.TempDir(), Built: "../../../.build/stack", Errors: t.Output()})
		})
	}
}

// payByCard takes one payment: opened, paid at the bank, learnt by the callback, kept over a power cut, given back in
// part.
func payByCard(t *testing.T, c Config) {
	s := start(t, c)
	opened := askAs(t, s, 0, "POST", "/v1/payments", 201,
		`{"order_ref":"1","bank":"kapital","amount":15000,"currency":"AZN",
		"description":"One","return_urls":{"success":"`+s.Info.ShopURL+`/"}}`)
	order, path := opened["bank_order_id"].(string), "/v1/payments/"+opened["id"].(string)
	if _, err := s.Kapital.Pay(order, kapitalxml.Card{PAN: "4169741330151124", Expiry: "1240", CVV: "119"}); err != nil {
		t.Fatal(err)
	}
	want(t, "POST", s.Info.Simulators["kapital"].PageURL+"/_sim/orders/"+order, `{"action":"callback"}`, 200,
		`{"answers":[303]}`)
	if got := askAs(t, s, 0, "GET", path, 200, ""); got["status"] != "paid" {
		t.Errorf("after the callback: %v", got)
	}

	c.Port = s.Ports.Shop
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	again := start(t, c)
	if got := askAs(t, again, 0, "GET", path, 200, ""); got["status"] != "paid" || got["captured_amount"] != 15000.0 {
		t.Errorf("after the power cut: %v", got)
	}
	if got := askAs(t, again, 0, "POST", path+"/refunds", 201, `{"amount":5000}`); got["status"] != "succeeded" {
		t.Errorf("refund: %v", got)
	}
	if totals := again.Kapital.Ledger().Totals; totals.Charged != 15000 || totals.Refunded != 5000 {
		t.Errorf("the bank's ledger: %+v", totals)
	}
	if _, err := again.Invoke(t.Context(), "ExpirySweep", []byte(`{}`)); err != nil {
		t.Error(err)
	}
}

// payByJSON takes one payment through the JSON gateway: opened, paid at the bank, learnt by the customer's return,
// given back in part by a refund.
func payByJSON(t *testing.T, c Config) {
	s := start(t, c)
	opened := askAs(t, s, 2, "POST", "/v1/payments", 201, `{"order_ref":"1","bank":"kapital","amount":15000,
		"currency":"AZN","description":"One","return_urls":{"success":"`+s.Info.ShopURL+`/"}}`)
	order, path := opened["bank_order_id"].(string), "/v1/payments/"+opened["id"].(string)
	card := kapitaltxpg.Card{PAN: "4169741330151778", Expiry: "0627", CVV: "591"}
	if _, err := s.KapitalTXPG.Pay(order, card); err != nil {
		t.Fatal(err)
	}
	control := s.Info.Simulators["kapital-txpg"].PageURL + "/_sim/orders/" + order
	want(t, "POST", control, `{"action":"return"}`, 200, `{"answers":[303]}`)
	if got := askAs(t, s, 2, "GET", path, 200, ""); got["status"] != "paid" || got["captured_amount"] != 15000.0 {
		t.Errorf("after the return: %v", got)
	}
	if got := askAs(t, s, 2, "POST", path+"/refunds", 201, `{"amount":5000}`); got["status"] != "succeeded" {
		t.Errorf("refund: %v", got)
	}
	if totals := s.KapitalTXPG.Ledger().Totals; totals.Charged != 15000 || totals.Refunded != 5000 {
		t.Errorf("the bank's ledger: %+v", totals)
	}
}

// payByInstalments takes one application: plans, opened at the bank over mutual TLS, approved at the bank's desk,
// learnt by the signed callback, given back in part.
func payByInstalments(t *testing.T, c Config) {
	s := start(t, c)
	want(t, "GET", s.Info.APIURL+"/v1/instalments?shop=demo-by&amount=12000", "", 200, `"term":12,"monthly_amount":1000`)
	opened := askAs(t, s, 1, "POST", "/v1/payments", 201,
		`{"order_ref":"1","bank":"kartapokupok","amount":12000,"currency":"BYN",
		"description":"One","return_urls":{"success":"`+s.Info.ShopURL+`/"},"term":12,
		"items":[{"sku":"abrus","name":"Abrus linen set","quantity":1,"unit_amount":12000}],
		"customer":{"first_name":"Ганна","last_name":"Лён","phone":"+375291234567","email":"hanna@mail.example"}}`)
	session, path := opened["bank_order_id"].(string), "/v1/payments/"+opened["id"].(string)
	if err := s.KartaPokupok.Approve(session); err != nil {
		t.Fatal(err)
	}
	if sent := s.KartaPokupok.Callbacks(); len(sent) != 1 || sent[0].HTTP != 200 {
		t.Errorf("callbacks: %+v", sent)
	}
	if got := askAs(t, s, 1, "GET", path, 200, ""); got["status"] != "paid" || got["term"] != 12.0 {
		t.Errorf("after the callback: %v", got)
	}
	if got := askAs(t, s, 1, "POST", path+"/refunds", 201, `{"amount":5000}`); got["status"] != "succeeded" {
		t.Errorf("refund: %v", got)
	}
	if totals := s.KartaPokupok.Ledger().Totals; totals.Charged != 12000 || totals.Refunded != 5000 {
		t.Errorf("the bank's ledger: %+v", totals)
	}
}

// askAs calls the API with the key of a demo shop and reads the answer.
func askAs(t *testing.T, s *Stack, shop int, method, path string, status int, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.Info.APIURL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Info.Shops[shop].APIKey)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "test-1")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: %d %s %v, want %d", method, path, response.StatusCode, text, err, status)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return answer
}
