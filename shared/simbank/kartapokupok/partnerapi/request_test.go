package partnerapi

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

const good = `{"partner_id":"P","order_ref":"1","amount":10.00,"currency":"BYN","term":3,"items":[{"name":"a",` +
	`"quantity":2,"price":5.00,"sku":"s"}],` +
	`"customer":{"first_name":"Canary","last_name":"Bird","phone":"+375291234567","email":"canary@bird.by"},` +
	`"success_url":"https://s.by/a","fail_url":"https://s.by/b","callback_url":"https://s.by/token/c"}`

func shape() Shape { return Shape{Terms: []Term{{Months: 3}, {Months: 12, Code: "KP"}}} }

func TestReadCreate(t *testing.T) {
	c, err := ReadCreate([]byte(good), shape())
	if err != nil || c.Amount != 1000 || c.Term != 3 || len(c.Items) != 1 || c.Items[0] != (Item{"a", "s", 2, 500}) ||
		c.FirstName != "Canary" ||
		c.CallbackURL != "https://s.by/token/c" || c.Partner != "P" || c.Reference != "1" || c.Currency != "BYN" {
		t.Errorf("%+v %v", c, err)
	}
	// Bounds that would overflow if they were multiplied carelessly.
	huge := strings.NewReplacer("10.00", "9999999999.99", `"quantity":2,"price":5.00`,
		`"quantity":1000000,"price":9999999999.99`).Replace(good)
	if _, err := ReadCreate([]byte(huge), shape()); err == nil || !strings.Contains(err.Error(), "add up") {
		t.Errorf("a sum far above the amount: %v", err)
	}
}

func TestErrorsTellTheFieldAndNoValue(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`"phone":"+375291234567"`, `"phone":"Canary"`, "customer.phone is not a telephone number"},
		{`"first_name":"Canary"`, `"first_name":7`, "customer.first_name is not a string"},
		{`"last_name":"Bird"`, `"last_name":"Bird","last_name":"Canary"`, `"last_name" stands twice`},
		{`"amount":10.00`, `"amount":10.01`, "items do not add up to the amount"},
		{`"term":3`, `"term":3.0`, "term is not one of the partner's terms"},
		{`"quantity":2`, `"quantity":2e0`, "items[0].quantity is not a whole number from 1 to 1000000"},
		{`"quantity":2`, `"quantity":-2`, "items[0].quantity is not a whole number from 1 to 1000000"},
		{`https://s.by/a`, `https://user:pw@s.by/a`, "success_url is not an absolute address"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		_, err := ReadCreate([]byte(text), shape())
		var format FormatError
		if !errors.As(err, &format) || err.Error() != c.want {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}

func TestMasked(t *testing.T) {
	shown := Masked([]byte(good))
	for _, secret := range []string{"Canary", "Bird", "375291234567", "bird.by", "token"} {
		if strings.Contains(shown, secret) {
			t.Errorf("the history holds %q: %s", secret, shown)
		}
	}
	for _, kept := range []string{`"order_ref":"1"`, `"amount":10.00`, `"sku":"s"`, `https://s.by/…`} {
		if !strings.Contains(shown, kept) {
			t.Errorf("the history lacks %s: %s", kept, shown)
		}
	}
	if got := Masked([]byte(`{"first_name":"Canary"`)); strings.Contains(got, "Canary") {
		t.Errorf("an unreadable body is repeated: %s", got)
	}
}

func TestAnswers(t *testing.T) {
	b := NewBody("string", func(name string) bool {
		return name == "gone"
	}).Text("a", "\"<é\n").Amount("b", 5).Text("gone", "x").
		Refunds("c", []RefundEntry{{"r", 120}})
	var back map[string]any
	if err := json.Unmarshal(b.JSON(), &back); err != nil || back["a"] != "\"<é\n" || back["b"] != "0.05" ||
		len(back) != 3 {
		t.Errorf("%s %v", b.JSON(), err)
	}
	if got := string(NewBody("", nil).Amount("n", 12345).JSON()); got != `{"n":123.45}` {
		t.Error(got)
	}
}

// What a reader takes is whole: amounts positive and added up, the term known. No
// document makes it fall over.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{good, "", "{}", "[",
		`{"session_id":"0123456789abcdef0123456789abcdef","amount":1.00,"reason":"r"}`,
		`{"partner_id":"P","session_id":"0123456789abcdef0123456789abcdef"}`, strings.Replace(good, "3", "12", 1), "\xff",
		`{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}`} {
		for _, form := range []string{"decimal", "string", "minor"} {
			f.Add([]byte(seed), form)
		}
	}
	f.Fuzz(func(t *testing.T, document []byte, form string) {
		s := shape()
		s.Amounts = Form(form)
		c, err := ReadCreate(document, s)
		if err != nil && !errors.As(err, new(FormatError)) {
			t.Errorf("an error of another kind: %v", err)
		}
		if err == nil {
			var sum int64
			for _, item := range c.Items {
				sum += item.Quantity * item.Price
			}
			if sum != c.Amount || c.Amount <= 0 || c.Term != 3 && c.Term != 12 || c.Currency != "BYN" || !utf8.Valid(document) ||
				!json.Valid(document) {
				t.Errorf("%s was taken: %+v", document, c)
			}
		}
		if q, err := ReadRefund(document, s); err == nil && (q.Amount <= 0 || len(q.Session) != 32) {
			t.Errorf("%s was taken: %+v", document, q)
		}
		if q, err := ReadStatus(document); err == nil && len(q.Session) != 32 {
			t.Errorf("%s was taken: %+v", document, q)
		}
		_ = Masked(document)
	})
}
