package stack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"kassa/shared/bank/kapital/kapitalsim"
)

// TestPaymentOnTheRealStack takes one payment through the deployment's own template and binaries: opened, paid at the bank,
// learnt by the callback, kept over a power cut, given back in part.
func TestPaymentOnTheRealStack(t *testing.T) {
	c := Config{Root: "../../..", Data: t.TempDir(), Binaries: t.TempDir(), Errors: t.Output()}
	functions := []string{"Initiate", "StatusPoll", "Refund", "Callback", "ExpirySweep"}
	if err := Build(t.Context(), c.Root, c.Binaries, functions, io.Discard); err != nil {
		t.Fatal(err)
	}
	s := start(t, c)
	opened := ask(t, s, "POST", "/v1/payments", 201, `{"order_ref":"1","bank":"kapital","amount":15000,"currency":"AZN",
		"description":"One","return_urls":{"success":"`+s.Info.ShopURL+`/"}}`)
	order, path := opened["bank_order_id"].(string), "/v1/payments/"+opened["id"].(string)
	if _, err := s.Kapital.Pay(order, kapitalsim.Card{PAN: "4169741330151124", Expiry: "1240", CVV: "119"}); err != nil {
		t.Fatal(err)
	}
	want(t, "POST", s.Info.Simulators["kapital"].PageURL+"/_sim/orders/"+order, `{"action":"callback"}`, 200, `{"answers":[303]}`)
	if got := ask(t, s, "GET", path, 200, ""); got["status"] != "paid" {
		t.Errorf("after the callback: %v", got)
	}

	c.Port = s.Ports.Shop
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	again := start(t, c)
	if got := ask(t, again, "GET", path, 200, ""); got["status"] != "paid" || got["captured_amount"] != 15000.0 {
		t.Errorf("after the power cut: %v", got)
	}
	if got := ask(t, again, "POST", path+"/refunds", 201, `{"amount":5000}`); got["status"] != "succeeded" {
		t.Errorf("refund: %v", got)
	}
	if totals := again.Kapital.Ledger().Totals; totals.Charged != 15000 || totals.Refunded != 5000 {
		t.Errorf("the bank's ledger: %+v", totals)
	}
	if _, err := again.Invoke(t.Context(), "ExpirySweep", []byte(`{}`)); err != nil {
		t.Error(err)
	}
}

// ask calls the API with the demo shop's key and reads the answer.
func ask(t *testing.T, s *Stack, method, path string, status int, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.Info.APIURL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Info.Shops[0].APIKey)
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
