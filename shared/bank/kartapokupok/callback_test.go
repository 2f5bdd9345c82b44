package kartapokupok

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

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
	all := callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": ed25519Plain,
		"public_keys": []string{s.forms["PEM SPKI"]}})
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

func (b bureau) signed(t testing.TB, body string) bank.Message {
	return notify(base64.StdEncoding.EncodeToString(b.signer.sign(t, ed25519Plain, []byte(body))), body)
}

func money(minor int64, currency payment.Currency) payment.Money {
	return payment.Money{Minor: minor, Currency: currency}
}

func TestCallbackReads(t *testing.T) {
	whole := map[string]any{"refund": map[string]any{"partial": false}}
	moved := map[string]any{"callback": map[string]any{"fields": map[string]any{"session_id": "/data/0/id",
		"status": "/data/0/state", "order_ref": "/meta/ref~1no", "amount": "", "refunded": "/data/0/returned"}}}
	for name, c := range map[string]struct {
		settings map[string]any
		body     string
		order    string
		want     bank.Report
	}{
		"approved": {nil, approved, "12345", bank.Report{State: payment.BankApproved, Word: "APPROVED",
			Amount: money(12000, payment.BYN)}},
		"bare": {nil, `{"session_id":"S-7f3a","status":"APPROVED"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"a name that was cut": {nil, `{"session_id":"S-7f3a","status":"APPROVED","items":[{"name":"Tea \ud83d"}]}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"a name that was cut by bytes": {nil, "{\"session_id\":\"S-7f3a\",\"status\":\"APPROVED\"," +
			"\"items\":[{\"name\":\"\xd0\xa7\xd0\"}]}", "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"nulls": {nil,
			`{"session_id":"S-7f3a","status":"APPROVED","order_ref":null,"amount":null,"currency":null,` +
				`"refunded_amount":null,"refund_id":null}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"lower case": {nil, `{"session_id":"S-7f3a","status":"approved"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"pending": {nil, `{"session_id":"S-7f3a","status":"PENDING"}`, "",
			bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"rejected": {nil, `{"session_id":"S-7f3a","status":"REJECTED"}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED"}},
		"cancelled": {nil, `{"session_id":"S-7f3a","status":"CANCELLED"}`, "",
			bank.Report{State: payment.BankCancelled, Word: "CANCELLED"}},
		"unknown": {nil, `{"session_id":"S-7f3a","status":"SIGNED"}`, "",
			bank.Report{State: payment.BankUnknown, Word: "SIGNED"}},
		"unknown, a number": {nil, `{"session_id":"S-7f3a","status":17}`, "",
			bank.Report{State: payment.BankUnknown, Word: "17"}},
		"unknown, signs": {nil, `{"session_id":"S-7f3a","status":"_3DS2-failed_1"}`, "",
			bank.Report{State: payment.BankUnknown, Word: "_3DS2-FAILED_1"}},
		"a number, mapped": {map[string]any{"status_map": map[string]any{"2": "approved"}},
			`{"session_id":"S-7f3a","status":2}`, "", bank.Report{State: payment.BankApproved, Word: "2"}},
		"empty texts": {nil,
			`{"session_id":"S-7f3a","status":"APPROVED","order_ref":"","partner_id":"","amount":"","currency":" ",` +
				`"refunded_amount":"","refund_id":""}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"empty lists": {nil,
			`{"session_id":"S-7f3a","status":"APPROVED","order_ref":[],"amount":[],"currency":[],"refunded_amount":{},` +
				`"refund_id":[]}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"falsehoods": {nil,
			`{"session_id":"S-7f3a","status":"APPROVED","order_ref":false,"partner_id":false,"amount":false,` +
				`"currency":false,"refunded_amount":false,"refund_id":false}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"words for nothing": {nil,
			`{"session_id":"S-7f3a","status":"APPROVED","order_ref":"null","amount":"null","currency":"-",` +
				`"refunded_amount":"N/A","refund_id":"None"}`, "", bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"no total, in words": {nil,
			`{"session_id":"S-7f3a","status":"REFUNDED","amount":"120.00","currency":"","refunded_amount":""}`, "",
			bank.Report{State: payment.BankRefunded, Word: "REFUNDED"}},
		"unknown, mapped": {map[string]any{"status_map": map[string]any{"Signed": "Approved", "REJECTED": "unknown"}},
			`{"session_id":"S-7f3a","status":"SIGNED"}`, "", bank.Report{State: payment.BankApproved, Word: "SIGNED"}},
		"Cyrillic": {map[string]any{"status_map": map[string]any{"Одобрено": "approved"}},
			`{"session_id":"S-7f3a","status":"одобрено"}`, "", bank.Report{State: payment.BankApproved, Word: "ОДОБРЕНО"}},
		"Cyrillic, unknown": {nil, `{"session_id":"S-7f3a","status":"Подписано"}`, "",
			bank.Report{State: payment.BankUnknown, Word: "ПОДПИСАНО"}},
		"known, unmapped": {map[string]any{"status_map": map[string]any{"REJECTED": "unknown"}},
			`{"session_id":"S-7f3a","status":"REJECTED"}`, "", bank.Report{State: payment.BankUnknown, Word: "REJECTED"}},
		"number as id": {nil, `{"session_id":90071992547409931,"status":"PENDING"}`, "",
			bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"unknown fields": {nil, `{"session_id":"S-7f3a","status":"PENDING","card":{"mask":"1"},"list":[1,[2]],"n":1e400}`,
			"", bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"another currency": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":120.00,"currency":"RUB"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, "RUB")}},
		"numeric currency": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":"120.00","currency":933}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"the old rouble": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":120,"currency":"974"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, "974")}},
		"refunded, total": {nil,
			`{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refunded_amount":40.00,"refund_id":"R-1"}`, "",
			bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: payment.Said(4000), RefundID: "R-1"}},
		"refunded, whole": {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refunded_amount":120.00}`,
			"", bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: payment.Said(12000)}},
		"refunded, id alone": {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":40.00,"refund_id":"R-1"}`, "",
			bank.Report{State: payment.BankRefunded, Word: "REFUNDED", RefundID: "R-1"}},
		"refunded, nothing": {nil, `{"session_id":"S-7f3a","status":"REFUNDED","amount":40.00}`, "",
			bank.Report{State: payment.BankRefunded, Word: "REFUNDED"}},
		"refunded, no parts": {whole, `{"session_id":"S-7f3a","status":"REFUNDED","amount":120.00,"refund_id":"R-1"}`, "",
			bank.Report{State: payment.BankReturned, Word: "REFUNDED", RefundID: "R-1"}},
		"empty refund id": {nil, `{"session_id":"S-7f3a","status":"REFUNDED","refunded_amount":1.5,"refund_id":""}`, "",
			bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: payment.Said(150)}},
		"refund id of nothing": {nil,
			`{"session_id":"S-7f3a","status":"REFUNDED","refunded_amount":1.5,"refund_id":"None"}`, "",
			bank.Report{State: payment.BankReturned, Word: "REFUNDED", Refunded: payment.Said(150)}},
		"in kopecks": {map[string]any{"amount_format": "minor"},
			`{"session_id":"S-7f3a","status":"APPROVED","amount":"12000","partner_id":"P-100"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"our partner": {nil, `{"session_id":"S-7f3a","status":"APPROVED","partner_id":"P-100"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"three decimals": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":120.000}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"exponent": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":1.2E+2}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"a string of digits": {nil, `{"session_id":"S-7f3a","status":"APPROVED","amount":" 120 ","currency":"byn"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"blanks": {nil, `{"session_id":" S-7f3a\n","status":" Approved ","amount":120.00,"currency":" BYN "}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Amount: money(12000, payment.BYN)}},
		"byte order mark": {nil, "\ufeff\r\n{\"session_id\":\"S-7f3a\",\"status\":\"PENDING\"}\u00a0\n", "",
			bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"why rejected": {nil, `{"session_id":"S-7f3a","status":"REJECTED","code":"LIMIT","reason":"no_limit"}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED", Code: "LIMIT"}},
		"why, in a number": {nil, `{"session_id":"S-7f3a","status":"REJECTED","code":51}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED", Code: "51"}},
		"why, a number first": {nil, `{"session_id":"S-7f3a","status":"REJECTED","code":"3DS_FAILED"}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED", Code: "3DS_FAILED"}},
		"why, as a reason": {nil, `{"session_id":"S-7f3a","status":"CANCELLED","code":{},"reason":"by_customer"}`, "",
			bank.Report{State: payment.BankCancelled, Word: "CANCELLED", Code: "by_customer"}},
		"why, in a sentence": {nil, `{"session_id":"S-7f3a","status":"REJECTED","reason":"Иванову отказано"}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED"}},
		"why, elsewhere": {map[string]any{"callback": map[string]any{"fields": map[string]any{"code": "/error/no"}}},
			`{"session_id":"S-7f3a","status":"REJECTED","error":{"no":"E7"}}`, "",
			bank.Report{State: payment.BankDeclined, Word: "REJECTED", Code: "E7"}},
		"approved, a code": {nil, `{"session_id":"S-7f3a","status":"APPROVED","code":"00"}`, "",
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"fields elsewhere": {moved,
			`{"data":[{"id":"S-7f3a","state":"APPROVED","returned":1}],"meta":{"ref/no":"12345"},"amount":7}`, "12345",
			bank.Report{State: payment.BankApproved, Word: "APPROVED", Refunded: payment.Said(100)}},
		"escaped names": {nil, `{"session\u005fid":"S-7f3a","st\u0061tus":"PENDING"}`, "",
			bank.Report{State: payment.BankOpen, Word: "PENDING"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBureau(t, c.settings)
			notice, err := b.Read(b.signed(t, c.body))
			if err != nil {
				t.Fatal(err)
			}
			session := "S-7f3a"
			if name == "number as id" {
				session = "90071992547409931"
			}
			if !notice.Proven || !notice.Recheck || notice.Handle != (bank.Handle{OrderID: session, Private: c.order}) {
				t.Errorf("notice %+v", notice)
			}
			if !reflect.DeepEqual(notice.Report, c.want) {
				t.Errorf("report %+v, want %+v", notice.Report, c.want)
			}
		})
	}
}

// What the bank signed is never refused, however odd it is: the session is read where it can be, and nothing more is
// made of it.
func TestSignedButUnclear(t *testing.T) {
	b := newBureau(t, nil)
	const session = `{"session_id":"S-7f3a",`
	const ours = session + `"status":"APPROVED",`
	for name, c := range map[string]struct{ body, session, word string }{
		"nothing":                 {"", "", ""},
		"no JSON":                 {"session_id=S-7f3a&status=APPROVED", "", ""},
		"a list":                  {`[{"session_id":"S-7f3a","status":"APPROVED"}]`, "", ""},
		"two objects":             {session + `"status":"PENDING"}` + ours + `"x":1}`, "", ""},
		"status twice":            {session + `"status":"PENDING","status":"APPROVED"}`, "", ""},
		"status in two cases":     {session + `"status":"PENDING","Status":"APPROVED"}`, "", ""},
		"no session":              {`{"status":"APPROVED"}`, "", "APPROVED"},
		"null session":            {`{"session_id":null,"status":"APPROVED"}`, "", "APPROVED"},
		"empty session":           {`{"session_id":"","status":"APPROVED"}`, "", "APPROVED"},
		"zero session":            {`{"session_id":0,"status":"APPROVED"}`, "", "APPROVED"},
		"session is a list":       {`{"session_id":["S-7f3a"],"status":"APPROVED"}`, "", "APPROVED"},
		"no status":               {`{"session_id":"S-7f3a"}`, "S-7f3a", ""},
		"status is a card":        {session + `"status":4169741330151124}`, "S-7f3a", ""},
		"status is a fraction":    {session + `"status":1.5e+400}`, "S-7f3a", ""},
		"status is null":          {session + `"status":null}`, "S-7f3a", ""},
		"status of two words":     {session + `"status":"APPROVED NOW"}`, "S-7f3a", ""},
		"status is a line":        {session + `"status":"APPROVED\nlevel=ERROR"}`, "S-7f3a", ""},
		"another partner":         {ours + `"partner_id":"P-101"}`, "S-7f3a", "APPROVED"},
		"order is an object":      {ours + `"order_ref":{"id":1}}`, "S-7f3a", "APPROVED"},
		"a binary fraction":       {ours + `"amount":119.90000000000001}`, "S-7f3a", "APPROVED"},
		"a letter":                {ours + `"amount":"12O.00"}`, "S-7f3a", "APPROVED"},
		"negative":                {ours + `"amount":-120.00}`, "S-7f3a", "APPROVED"},
		"nothing was paid":        {ours + `"amount":0.00}`, "S-7f3a", "APPROVED"},
		"amount of commas":        {ours + `"amount":"120,000"}`, "S-7f3a", "APPROVED"},
		"amount of thousands":     {ours + `"amount":"1,120.00"}`, "S-7f3a", "APPROVED"},
		"amount is true":          {ours + `"amount":true}`, "S-7f3a", "APPROVED"},
		"amount is an object":     {ours + `"amount":{"value":120}}`, "S-7f3a", "APPROVED"},
		"amount too large":        {ours + `"amount":99999999999999.00}`, "S-7f3a", "APPROVED"},
		"amount beyond all":       {ours + `"amount":1e400}`, "S-7f3a", "APPROVED"},
		"amount of many":          {ours + `"amount":` + strings.Repeat("9", 5000) + `}`, "S-7f3a", "APPROVED"},
		"currency in words":       {ours + `"amount":1,"currency":"rubles"}`, "S-7f3a", "APPROVED"},
		"currency alone":          {ours + `"currency":"RUB"}`, "S-7f3a", "APPROVED"},
		"currency is a list":      {ours + `"amount":1,"currency":["BYN"]}`, "S-7f3a", "APPROVED"},
		"negative total":          {session + `"status":"REFUNDED","refunded_amount":"-1"}`, "S-7f3a", "REFUNDED"},
		"refund id of words":      {session + `"status":"REFUNDED","refund_id":"not possible"}`, "S-7f3a", "REFUNDED"},
		"refund id is a list":     {session + `"status":"REFUNDED","refund_id":[1]}`, "S-7f3a", "REFUNDED"},
		"too deep":                {ours + `"x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`, "", ""},
		"not UTF-8":               {ours + "\"x\":\"\xff\"}", "", ""},
		"half a session":          {`{"session_id":"S-7f3a\ud83d","status":"APPROVED"}`, "", "APPROVED"},
		"half a session in bytes": {"{\"session_id\":\"S-7f3a\xd0\",\"status\":\"APPROVED\"}", "", "APPROVED"},
		"too many parts":          {ours + `"x":[` + strings.Repeat("1,", 20000) + `1]}`, "", ""},
	} {
		notice, err := b.Read(b.signed(t, c.body))
		if err != nil || !notice.Proven || !notice.Recheck || notice.Unclear == "" {
			t.Errorf("%s: %+v, %v, want a proven notice that says why it is unclear", name, notice, err)
		}
		if want := (bank.Report{State: payment.BankUnknown, Word: c.word}); notice.Handle.OrderID != c.session ||
			!reflect.DeepEqual(notice.Report, want) {
			t.Errorf("%s: %+v of session %q, want %+v of %q", name, notice.Report, notice.Handle.OrderID, want, c.session)
		}
		if strings.Contains(notice.Unclear, "\n") || strings.Contains(notice.Unclear, "S-7f3a") {
			t.Errorf("%s: %q is not safe to log", name, notice.Unclear)
		}
	}
}

// A shop may have become another partner since: the bank goes on calling an old payment's partner as it was, or as it
// is by now.
func TestTheOldPartnersPaymentIsUnderstood(t *testing.T) {
	b := newBureau(t, nil)
	for partner, clear := range map[string]bool{"P-99": true, "P-100": true, "P-101": false} {
		c := b.signed(t, `{"session_id":"S-7f3a","status":"APPROVED","partner_id":"`+partner+`"}`)
		c.Handle.Account.Merchant = "P-99"
		if n, err := b.Read(c); err != nil || !n.Proven || (n.Unclear == "") != clear {
			t.Errorf("%s: %+v, %v", partner, n, err)
		}
	}
}

// Why a message is unclear is told in words about what is wrong with it, and once: what is no JSON lacks no status.
func TestWhyAMessageIsUnclear(t *testing.T) {
	b := newBureau(t, nil)
	for body, want := range map[string]string{
		"status=APPROVED":                                 "JSON",
		`{"status":"APPROVED"}`:                           "it names no session",
		`{"session_id":"S-7f3a"}`:                         "its status is not a word",
		`{"session_id":"S-7f3a","status":"A","amount":0}`: "its amount cannot be one",
	} {
		notice, err := b.Read(b.signed(t, body))
		if err != nil || !strings.Contains(notice.Unclear, want) || strings.Contains(notice.Unclear, ";") {
			t.Errorf("%s: %q, %v, want %q", body, notice.Unclear, err, want)
		}
	}
}

// All that is wrong is told at once.
func TestAllThatIsUnclearIsTold(t *testing.T) {
	b := newBureau(t, nil)
	notice, err := b.Read(b.signed(t,
		`{"session_id":[1],"order_ref":[1],"partner_id":[1],"status":[1],"refund_id":[1],"amount":[1]}`))
	if n := len(strings.Split(notice.Unclear, "; ")); err != nil || n != 7 { // an amount's is two
		t.Errorf("%d reasons: %q, %v", n, notice.Unclear, err)
	}
}

// The log names the session, the bank's word and the key of each message.
func TestWhatAMessageClaims(t *testing.T) {
	b := newBureau(t, nil)
	notice, err := b.Read(b.signed(t, approved))
	if err != nil || len(notice.Claims) != 3 || notice.Claims[0] != (bank.Claim{Name: "order_id", Value: "S-7f3a"}) ||
		notice.Claims[1] != (bank.Claim{Name: "status", Value: "APPROVED"}) || notice.Claims[2].Name != "key" {
		t.Errorf("%+v, %v", notice.Claims, err)
	}
}

// A message may be as long as an answer, and no longer.
func TestTheLongestMessage(t *testing.T) {
	b := newBureau(t, nil)
	longest := approved + strings.Repeat(" ", maxMessage-len(approved))
	if notice, err := b.Read(b.signed(t, longest)); err != nil || notice.Report.State != payment.BankApproved {
		t.Errorf("%+v, %v", notice, err)
	}
	if notice, err := b.Read(b.signed(t, longest+" ")); payment.KindOf(err) != payment.Malformed {
		t.Errorf("%+v, %v", notice, err)
	}
}

// What is not understood of a message takes nothing from what it says of money that went back.
func TestUnclearButForTheRefund(t *testing.T) {
	b := newBureau(t, nil)
	for name, more := range map[string]string{"a currency in words": `"amount":1,"currency":"rubles"`,
		"a foreign one alone":  `"currency":"RUB"`,
		"an amount of letters": `"amount":"12O.00"`, "another partner": `"partner_id":"P-101"`} {
		body := `{"session_id":"S-7f3a","status":"REFUNDED","refunded_amount":50.00,"refund_id":"R-1",` + more + `}`
		notice, err := b.Read(b.signed(t, body))
		r := notice.Report
		if err != nil || notice.Unclear == "" || !r.Refunded.Said || r.Refunded.Minor != 5000 || r.RefundID != "R-1" ||
			r.Amount != (payment.Money{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
}

// A word that is not known is said in the log, as it is when the bank was asked.
func TestUnknownWordIsToldInTheLog(t *testing.T) {
	for body, want := range map[string]bool{`{"session_id":"S-7f3a","status":"SIGNED"}`: true,
		`{"session_id":"S-7f3a","status":"PENDING"}`: false} {
		b, log := newBureau(t, nil), new(strings.Builder)
		b.Log = slog.New(slog.NewTextHandler(log, nil))
		if _, err := b.Read(b.signed(t, body)); err != nil || strings.Contains(log.String(), "word=SIGNED") != want {
			t.Errorf("%s: %v, the log says %q", body, err, log)
		}
	}
}

// The signature proves who speaks, whatever method a gateway makes of the call; a body that is too long is not even
// verified.
func TestSignedInOddWays(t *testing.T) {
	b := newBureau(t, nil)
	put := b.signed(t, approved)
	put.Method = http.MethodPut
	if notice, err := b.Read(put); err != nil || !notice.Proven || notice.Report.State != payment.BankApproved {
		t.Errorf("PUT: %+v, %v", notice, err)
	}
	long := b.signed(t, approved+strings.Repeat(" ", maxMessage))
	if notice, err := b.Read(long); payment.KindOf(err) != payment.Malformed || notice.Proven {
		t.Errorf("too long: %+v, %v", notice, err)
	}
}

// What a browser brings back proves nothing and is no forgery either, even where it carries a message that the bank
// signed.
func TestBrowsersProveNothing(t *testing.T) {
	b := newBureau(t, nil)
	signed := b.signed(t, approved)
	signed.Browser = true
	for name, c := range map[string]bank.Message{
		"bare": {Method: http.MethodGet, Browser: true},
		"with a query": {Method: http.MethodGet, Browser: true,
			Query: url.Values{"session_id": {"S-7f3a"}, "status": {"APPROVED"}}},
		"posting": {Method: http.MethodPost, Browser: true, Body: []byte(approved)},
		"junk":    {Method: "PURGE", Browser: true, Body: []byte("\xff")},
		"signed":  signed,
	} {
		if notice, err := b.Read(c); err != nil || !reflect.DeepEqual(notice, bank.Reading{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
	forged(t, b.KartaPokupok, "no signature on notify", bank.Message{Method: http.MethodGet, Now: minskNoon()})
}

func TestRecheckIsSaid(t *testing.T) {
	for setting, want := range map[string]bool{"auto": true, "always": true, "never": false} {
		b := newBureau(t, map[string]any{"recheck": setting})
		if notice, err := b.Read(b.signed(t, approved)); err != nil || notice.Recheck != want {
			t.Errorf("%s: %+v, %v", setting, notice, err)
		}
	}
	b := newBureau(t, map[string]any{"status": map[string]any{"mode": "off"}})
	if notice, err := b.Read(b.signed(t, approved)); err != nil || notice.Recheck {
		t.Errorf("status off: %+v, %v", notice, err)
	}
}

// FuzzSigned looks at what stands under a right signature: the bank itself may send nonsense.
func FuzzSigned(f *testing.F) {
	f.Add([]byte(approved))
	f.Add([]byte(golden(f, "callback.json")))
	f.Add([]byte(`{"session_id":1,"status":"REFUNDED","refunded_amount":"1.5","refund_id":"R","currency":"RUB",` +
		`"amount":0.01}`))
	b := newBureau(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		notice, err := b.Read(b.signed(t, string(body)))
		if len(body) > maxMessage {
			return
		}
		if err != nil || !notice.Proven {
			t.Fatalf("%+v, %v", notice, err)
		}
		r := notice.Report
		if r.Amount != (payment.Money{}) && r.Amount.Minor <= 0 || (notice.Handle.OrderID == "" || r.Word == "") &&
			notice.Unclear == "" {
			t.Fatalf("%+v", notice)
		}
		bare := bank.Report{State: payment.BankUnknown, Word: r.Word, Refunded: r.Refunded, RefundID: r.RefundID}
		if notice.Unclear != "" && !reflect.DeepEqual(r, bare) {
			t.Fatalf("%+v", notice)
		}
		for _, c := range notice.Claims {
			if strings.ContainsFunc(c.Value, func(r rune) bool {
				return !unicode.IsPrint(r)
			}) || utf8.RuneCountInString(c.Value) > 256 {
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
		notice, err := k.Read(bank.Message{Method: method, Header: map[string]string{"content-signature": signature},
			Body: body, Browser: browser, Now: minskNoon()})
		genuine := signature == golden(t, "callback.rsa-sha256") && string(body) == golden(t, "callback.json")
		if notice.Proven && !genuine || (err == nil) != (browser || notice.Proven) {
			t.Fatalf("%+v, %v", notice, err)
		}
	})
}
