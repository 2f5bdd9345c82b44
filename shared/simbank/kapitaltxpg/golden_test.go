package kapitaltxpg

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"testing"
	"time"
)

// unsteady is what differs from run to run: the drawn passwords.
var unsteady = regexp.MustCompile(`("password":")[a-z0-9]{12}(")|("secret":")[0-9]{6}(")`)

// TestAnswers holds what the gateway says to files that were written by hand from the
// published shapes.
func TestAnswers(t *testing.T) {
	b := open(t, func(o *Options) { o.PageURL = "https://txpgtst.kapitalbank.az" })
	create := `{"order":{"typeRid":"Order_SMS","amount":"12.50","currency":"AZN","language":"az",` +
		`"description":"Order 12345","hppRedirectUrl":"https://shop.example/back?a=1"}}`
	golden(t, b, "create", http.MethodPost, "/api/order", create)
	golden(t, b, "fresh", http.MethodGet, "/api/order/700001", "")
	golden(t, b, "fresh_full", http.MethodGet, "/api/order/700001"+levels, "")
	b.wait(57*time.Second + 860*time.Millisecond)
	if err := b.Fail("700001", "59"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pay("700001", Card{PAN: "4169741330151778", Expiry: "0627", CVV: "591"}); err != nil {
		t.Fatal(err)
	}
	golden(t, b, "paid", http.MethodGet, "/api/order/700001", "")
	b.wait(time.Minute)
	golden(t, b, "refund", http.MethodPost, "/api/order/700001/exec-tran", refund)
	golden(t, b, "part_void", http.MethodPost, "/api/order/700001/exec-tran",
		`{"tran":{"phase":"Single","voidKind":"Partial","amount":"1.00"}}`)
	golden(t, b, "full", http.MethodGet, "/api/order/700001"+levels, "")
	golden(t, b, "unknown", http.MethodGet, "/api/order/5", "")
	golden(t, b, "router", http.MethodGet, "/api/orders", "")
	if err := b.Faults(Fault{Kind: "status_59"}); err != nil {
		t.Fatal(err)
	}
	golden(t, b, "decline", http.MethodPost, "/api/order/700001/exec-tran", refund)
}

func golden(t *testing.T, b *bank, name, method, path, body string) {
	t.Helper()
	_, text := b.do(b.request(method, path, body))
	got := []byte(unsteady.ReplaceAllString(text, "${1}${3}drawn${2}${4}"))
	want, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatalf("%v; the bank says %s", err, got)
	}
	var flat bytes.Buffer
	if err := json.Compact(&flat, want); err != nil || flat.String() != string(got) {
		t.Errorf("%s (%v)\n got %s\nwant %s", name, err, got, flat.String())
	}
}
