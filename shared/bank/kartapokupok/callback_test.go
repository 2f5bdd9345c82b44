package kartapokupok

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// bureau signs whatever it is given as the bank would, so that tests can speak about what is under the signature.
type bureau struct {
	*KartaPokupok
	signer signer
}

func newBureau(t testing.TB, change map[string]any) bureau {
	t.Helper()
	s := signersOf(t, ed25519Plain)[0]
	all := callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": ed25519Plain, "public_keys": []string{s.forms["PEM SPKI"]}})
	for name, value := range change {
		if inner, ok := value.(map[string]any); ok && name == "callback" {
			for field, value := range inner {
				all["callback"].(map[string]any)[field] = value
			}
			continue
		}
		all[name] = value
	}
	return bureau{partner(t, all), s}
}

func (b bureau) signed(t testing.TB, body string) bank.Callback {
	return notify(base64.StdEncoding.EncodeToString(b.signer.sign(t, ed25519Plain, []byte(body))), body)
}

func money(minor int64, currency payment.Currency) *payment.Money {
	return &payment.Money{Minor: minor, Currency: currency}
}

func ptr(n int64) *int64 { return &n }

func TestCallbackReads(t *testing.T) {
	whole := map[string]any{"refund": map[string]any{"partial": false}}
	moved := map[string]any{"callback": map[string]any{"fields": map[string]any{"session_id": "/data/0/id", "status": "/data/0/state", "order_ref": "/meta/ref~1no", "amount": "", "refunded": "/data/0/returned"}}}
	for name, c := range map[string]struct {
		settings map[string]any
		body     string
		order    string
		want     bank.Report
	}{
		"approved":           {nil, approved, "12345", bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"bare":               {nil, `{"session_id":"S-7f3a","status":"APPROVED"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"nulls":              {nil, `{"session_id":"S-7f3a","status":"APPROVED","order_ref":null,"amount":null,"currency":null,"refunded_amount":null,"refund_id":null}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"lower case":         {nil, `{"session_id":"S-7f3a","status":"approved"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"pending":            {nil, `{"session_id":"S-7f3a","status":"PENDING"}`, "", bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"rejected":           {nil, `{"session_id":"S-7f3a","status":"REJECTED"}`, "", bank.Report{State: payment.BankDeclined, Word: "REJECTED"}},
		"cancelled":          {nil, `{"session_id":"S-7f3a","status":"CANCELLED"}`, "", bank.Report{State: payment.BankCancelled, Word: "CANCELLED"}},
		"unknown":            {nil, `{"session_id":"S-7f3a","status":"SIGNED"}`, "", bank.Report{State: payment.BankUnknown, Word: "SIGNED"}},
		"unknown, mapped":    {map[string]any{"status_map": map[string]any{"Signed": "Approved", "REJECTED": "unknown"}}, `{"session_id":"S-7f3a","status":"SIGNED"}`, "", bank.Report{State: payment.BankApproved, Word: "SIGNED"}},
		"known, unmapped":    {map[string]any{"status_map": map[string]any{"REJECTED": "unknown"}}, `{"session_id":"S-7f3a","status":"REJECTED"}`, "", bank.Report{State: payment.BankUnknown, Word: "REJECTED"}},
		"number as id":       {nil, `{"session_id":90071992547409931,"status":"PENDING"}`, "", bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"unknown fields":     {nil, `{"session_id":"S-7f3a","status":"PENDING","card":{"mask":"1"},"list":[1,[2]],"n":1e400}`, "", bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"another currency":   {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":120.00,"currency":"RUB"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, "RUB")}},
		"numeric currency":   {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":"120.00","currency":933}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"the old rouble":     {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":120,"currency":"974"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, "974")}},
		"refunded, total":    {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refunded_amount":40.00,"refund_id":"R-1"}`, "", bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: ptr(4000), RefundID: "R-1"}},
		"refunded, whole":    {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refunded_amount":120.00}`, "", bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: ptr(12000)}},
		"refunded, id alone": {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":40.00,"refund_id":"R-1"}`, "", bank.Report{State: payment.BankRefunded, Word: "REFUNDED", RefundID: "R-1"}},
		"refunded, nothing":  {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":40.00}`, "", bank.Report{State: payment.BankRefunded, Word: "REFUNDED"}},
		"refunded, no parts": {whole, `{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refund_id":"R-1"}`, "", bank.Report{State: payment.BankReturned, Word: "REFUNDED", RefundID: "R-1"}},
		"empty refund id":    {nil, `{"session_id":"S-7f3a","status":"REFUNDED","refunded_amount":1.5,"refund_id":""}`, "", bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: ptr(150)}},
		"in kopecks":         {map[string]any{"amount_format": "minor"}, `{"session_id":"S-7f3a","status":"APPROVED","amount":"12000","partner_id":"P-100"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"fields elsewhere":   {moved, `{"data":[{"id":"S-7f3a","state":"APPROVED","returned":1}],"meta":{"ref/no":"12345"},"amount":7}`, "12345", bank.Report{State: payment.BankApproved, Word: "APPROVED", Refunded: ptr(100)}},
		"escaped names":      {nil, `{"session\u005fid":"S-7f3a","st\u0061tus":"PENDING"}`, "", bank.Report{State: payment.BankOpen, Word: "PENDING"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBureau(t, c.settings)
			notice, err := b.Callback(b.signed(t, c.body))
			if err != nil {
				t.Fatal(err)
			}
			session := "S-7f3a"
			if name == "number as id" {
				session = "90071992547409931"
			}
			if !notice.Proven || !notice.Recheck || notice.Handle != (bank.Handle{OrderID: session, Secret: c.order}) {
				t.Errorf("notice %+v", notice)
			}
			if !reflect.DeepEqual(notice.Report, c.want) {
				t.Errorf("report %+v, want %+v", notice.Report, c.want)
			}
		})
	}
}

func TestCallbackRefuses(t *testing.T) {
	b := newBureau(t, nil)
	for name, body := range map[string]string{
		"nothing":              "",
		"no JSON":              "session_id=S-7f3a&status=APPROVED",
		"a list":               `[{"session_id":"S-7f3a","status":"APPROVED"}]`,
		"two objects":          `{"session_id":"S-7f3a","status":"PENDING"}{"session_id":"S-7f3a","status":"APPROVED"}`,
		"status twice":         `{"session_id":"S-7f3a","status":"PENDING","status":"APPROVED"}`,
		"status in two cases":  `{"session_id":"S-7f3a","status":"PENDING","Status":"APPROVED"}`,
		"no session":           `{"status":"APPROVED"}`,
		"null session":         `{"session_id":null,"status":"APPROVED"}`,
		"empty session":        `{"session_id":"","status":"APPROVED"}`,
		"zero session":         `{"session_id":0,"status":"APPROVED"}`,
		"session is a list":    `{"session_id":["S-7f3a"],"status":"APPROVED"}`,
		"session with a quote": `{"session_id":"S'--","status":"APPROVED"}`,
		"session too long":     `{"session_id":"` + strings.Repeat("S", 129) + `","status":"APPROVED"}`,
		"no status":            `{"session_id":"S-7f3a"}`,
		"status is a number":   `{"session_id":"S-7f3a","status":1}`,
		"status of two words":  `{"session_id":"S-7f3a","status":"APPROVED NOW"}`,
		"status is a line":     `{"session_id":"S-7f3a","status":"APPROVED\nlevel=ERROR"}`,
		"another partner":      `{"session_id":"S-7f3a","status":"APPROVED","partner_id":"P-101"}`,
		"order is an object":   `{"session_id":"S-7f3a","status":"APPROVED","order_ref":{}}`,
		"three decimals":       `{"session_id":"S-7f3a","status":"APPROVED","amount":120.000}`,
		"exponent":             `{"session_id":"S-7f3a","status":"APPROVED","amount":1.2e2}`,
		"negative":             `{"session_id":"S-7f3a","status":"APPROVED","amount":-120.00}`,
		"nothing was paid":     `{"session_id":"S-7f3a","status":"APPROVED","amount":0.00}`,
		"amount of commas":     `{"session_id":"S-7f3a","status":"APPROVED","amount":"120,00"}`,
		"amount with spaces":   `{"session_id":"S-7f3a","status":"APPROVED","amount":" 120.00"}`,
		"amount is true":       `{"session_id":"S-7f3a","status":"APPROVED","amount":true}`,
		"amount is an object":  `{"session_id":"S-7f3a","status":"APPROVED","amount":{"value":120}}`,
		"amount is empty":      `{"session_id":"S-7f3a","status":"APPROVED","amount":""}`,
		"amount too large":     `{"session_id":"S-7f3a","status":"APPROVED","amount":99999999999999.00}`,
		"currency in words":    `{"session_id":"S-7f3a","status":"APPROVED","amount":1,"currency":"rubles"}`,
		"currency alone":       `{"session_id":"S-7f3a","status":"APPROVED","currency":"RUB"}`,
		"negative total":       `{"session_id":"S-7f3a","status":"REFUNDED","refunded_amount":"-1"}`,
		"refund id is a line":  `{"session_id":"S-7f3a","status":"REFUNDED","refund_id":"R\n"}`,
		"too deep":             `{"session_id":"S-7f3a","status":"PENDING","x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`,
		"not UTF-8":            "{\"session_id\":\"S-7f3a\",\"status\":\"PENDING\",\"x\":\"\xff\"}",
		"half a character":     `{"session_id":"S-7f3a","status":"PENDING","x":"\ud83d"}`,
		"too many parts":       `{"session_id":"S-7f3a","status":"PENDING","x":[` + strings.Repeat("1,", 2000) + `1]}`,
	} {
		notice, err := b.Callback(b.signed(t, body))
		if payment.KindOf(err) != payment.Malformed || !reflect.DeepEqual(notice, bank.Notice{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
	get := b.signed(t, approved)
	get.Method = http.MethodGet
	if notice, err := b.Callback(get); payment.KindOf(err) != payment.Malformed || notice.Proven {
		t.Errorf("GET: %+v, %v", notice, err)
	}
	long := b.signed(t, approved+strings.Repeat(" ", maxCallback))
	if notice, err := b.Callback(long); payment.KindOf(err) != payment.Malformed || notice.Proven {
		t.Errorf("too long: %+v, %v", notice, err)
	}
}

// What a browser brings back proves nothing and is no forgery either, even where it carries a message that the bank signed.
func TestBrowsersProveNothing(t *testing.T) {
	b := newBureau(t, nil)
	signed := b.signed(t, approved)
	signed.Browser = true
	for name, c := range map[string]bank.Callback{
		"bare":         {Method: http.MethodGet, Browser: true},
		"with a query": {Method: http.MethodGet, Browser: true, Query: url.Values{"session_id": {"S-7f3a"}, "status": {"APPROVED"}}},
		"posting":      {Method: http.MethodPost, Browser: true, Body: []byte(approved)},
		"junk":         {Method: "PURGE", Browser: true, Body: []byte("\xff")},
		"signed":       signed,
	} {
		if notice, err := b.Callback(c); err != nil || !reflect.DeepEqual(notice, bank.Notice{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
	forged(t, b.KartaPokupok, "no signature on notify", bank.Callback{Method: http.MethodGet, Now: minskNoon()})
}

func TestRecheckIsSaid(t *testing.T) {
	for setting, want := range map[string]bool{"auto": true, "always": true, "never": false} {
		b := newBureau(t, map[string]any{"recheck": setting})
		if notice, err := b.Callback(b.signed(t, approved)); err != nil || notice.Recheck != want {
			t.Errorf("%s: %+v, %v", setting, notice, err)
		}
	}
	b := newBureau(t, map[string]any{"status": map[string]any{"mode": "off"}})
	if notice, err := b.Callback(b.signed(t, approved)); err != nil || notice.Recheck {
		t.Errorf("status off: %+v, %v", notice, err)
	}
}

// FuzzSigned looks at what stands under a right signature: the bank itself may send nonsense.
func FuzzSigned(f *testing.F) {
	f.Add([]byte(approved))
	f.Add([]byte(golden(f, "callback.json")))
	f.Add([]byte(`{"session_id":1,"status":"REFUNDED","refunded_amount":"1.5","refund_id":"R","currency":"RUB","amount":0.01}`))
	b := newBureau(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		notice, err := b.Callback(b.signed(t, string(body)))
		if notice.Proven != (err == nil) || err != nil && payment.KindOf(err) != payment.Malformed {
			t.Fatalf("%+v, %v", notice, err)
		}
		if err == nil && (notice.Handle.OrderID == "" || notice.Report.Amount != nil && notice.Report.Amount.Minor <= 0) {
			t.Fatalf("%+v", notice)
		}
		for _, c := range notice.Claims {
			if strings.ContainsFunc(c.Value, func(r rune) bool { return r <= ' ' || r > '~' }) || len(c.Value) > 128 {
				t.Fatalf("claim %q is not safe to log", c)
			}
		}
	})
}

// FuzzUnsigned looks at what anybody can send.
func FuzzUnsigned(f *testing.F) {
	f.Add("POST", golden(f, "callback.rsa-sha256"), []byte(approved), false)
	f.Add("GET", "", []byte(nil), true)
	f.Add("POST", strings.Repeat("A", 344), []byte("{}"), false)
	k := partner(f, nil)
	f.Fuzz(func(t *testing.T, method, signature string, body []byte, browser bool) {
		notice, err := k.Callback(bank.Callback{Method: method, Header: map[string]string{"content-signature": signature}, Body: body, Browser: browser, Now: minskNoon()})
		genuine := signature == golden(t, "callback.rsa-sha256") && string(body) == golden(t, "callback.json")
		if notice.Proven && !genuine || (err == nil) != (browser || notice.Proven) {
			t.Fatalf("%+v, %v", notice, err)
		}
	})
}
