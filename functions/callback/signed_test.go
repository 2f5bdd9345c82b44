package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// only is a shop whose one bank is the real folder, with no way out: what comes is settled by its signature.
type only struct{ folder bank.Bank }

func (o only) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(o.folder)
}

// signing is a bank that signs whatever it is given.
type signing struct {
	key   ed25519.PrivateKey
	banks only
}

func newSigning(t *testing.T) signing {
	t.Helper()
	pki, err := kartapokupoksim.LoadOrCreatePKI("", "P-100", boottest.Start)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	certificate, private := pki.Client()
	secret, err := json.Marshal(map[string]any{"partner_id": "P-100", "environment": "test",
		"base_url": "https://bank.invalid", "certificate": string(certificate),
		"key": string(private), "ca": string(pki.CA()), "payment_hosts": []string{"pay.bank.test"},
		"status": map[string]any{"mode": "off"},
		"callback": map[string]any{"algorithm": "ed25519",
			"public_keys": []string{string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))}}})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kartapokupok.New(secret, kartapokupok.Options{Stage: "test", Now: boottest.Start})
	if err != nil {
		t.Fatal(err)
	}
	return signing{key, only{k}}
}

// send delivers a body under a right signature.
func (s signing) send(t *testing.T, b *boottest.Bench, p payment.Payment, body string,
	headers map[string]string) events.LambdaFunctionURLResponse {
	t.Helper()
	b.Service.Banks = s.banks
	return come(t, b, "notify.json", p, p.CallbackToken, func(e *events.LambdaFunctionURLRequest) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
		e.Headers["content-signature"] = base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, []byte(body)))
		for name, value := range headers {
			e.Headers[name] = value
		}
	})
}

// TestWhatIsSignedIsNeverLost: under a right signature anything is answered 200, and what nobody understands is kept
// for a person and told as an ERROR; it pays nothing.
func TestWhatIsSignedIsNeverLost(t *testing.T) {
	s := newSigning(t)
	const approved = `"session_id":"SESSION","status":"APPROVED"`
	for name, body := range map[string]string{
		"nothing":               "",
		"a blank":               " ",
		"no JSON":               "session_id=SESSION&status=APPROVED",
		"XML":                   "<Message><OrderStatus>APPROVED</OrderStatus></Message>",
		"null":                  "null",
		"a list":                "[{" + approved + "}]",
		"a text of JSON":        `"{\"status\":\"APPROVED\"}"`,
		"a name twice":          "{" + approved + `,"status":"PENDING"}`,
		"in two letter cases":   "{" + approved + `,"STATUS":"PENDING"}`,
		"nested deep":           "{" + approved + `,"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}",
		"inside an object":      `{"data":{` + approved + "}}",
		"NUL":                   "{" + approved + ",\"x\":\"\x00\"}",
		"NUL escaped":           `{"session_id":"SESSION\u0000","status":"APPROVED"}`,
		"NUL behind":            "{" + approved + "}\x00",
		"half a status":         `{"session_id":"SESSION","status":"APPROVED\ud800"}`,
		"one byte a letter":     "{" + approved + ",\"x\":\"\xd2\xe5\xea\xf1\xf2\"}",
		"UTF-16":                "\xff\xfe{\x00}\x00",
		"two documents":         "{" + approved + "}{" + approved + "}",
		"junk behind":           "{" + approved + "};",
		"a huge amount":         "{" + approved + `,"amount":1e999999999}`,
		"a long amount":         "{" + approved + `,"amount":` + strings.Repeat("9", 5000) + "}",
		"a list of amounts":     "{" + approved + `,"amount":[150.00]}`,
		"an amount of words":    "{" + approved + `,"amount":"one hundred"}`,
		"a total of true":       "{" + approved + `,"refunded_amount":true}`,
		"a currency of objects": "{" + approved + `,"currency":{"code":"BYN"}}`,
		"a status of lists":     `{"session_id":"SESSION","status":["APPROVED"]}`,
		"a status of true":      `{"session_id":"SESSION","status":true}`,
		"no status":             `{"session_id":"SESSION"}`,
		"no session":            `{"status":"APPROVED"}`,
		"an empty object":       "{}",
		"many parts":            "{" + approved + `,"x":[` + strings.Repeat("1,", 30000) + "1]}",
		"as long as it may be":  "{" + approved + `,"x":"` + strings.Repeat("x", api.MaxBody-100) + `"`,
		"a refund id of a line": `{"session_id":"SESSION","status":"REFUNDED","refund_id":"a\nb"}`,
	} {
		b := boottest.New(t)
		p := b.Open("12345")
		a := s.send(t, b, p, strings.ReplaceAll(body, "SESSION", p.Handle.OrderID),
			map[string]string{"content-type": "text/plain"})
		now, err := b.Store.Load(t.Context(), p.ID)
		if err != nil || a.StatusCode != 200 {
			t.Errorf("%s: %d %s, %v", name, a.StatusCode, a.Body, err)
		}
		if now.Status != payment.Pending || len(now.Reviews) == 0 || !strings.Contains(b.Logged(), `"level":"ERROR"`) {
			t.Errorf("%s: %s, reviews %v, notices %v, %s", name, now.Status, now.Reviews, now.Notices, b.Logged())
		}
	}
}

// TestWhatIsSignedIsReadInEveryFrame: the content's type, marks around it and words of nothing in it change no meaning.
func TestWhatIsSignedIsReadInEveryFrame(t *testing.T) {
	s := newSigning(t)
	for name, c := range map[string]struct{ body, kind string }{
		"JSON":           {`{"session_id":"SESSION","status":"APPROVED"}`, "application/json"},
		"a form's type":  {`{"session_id":"SESSION","status":"APPROVED"}`, "application/x-www-form-urlencoded"},
		"no type":        {`{"session_id":"SESSION","status":"APPROVED"}`, ""},
		"a type of none": {`{"session_id":"SESSION","status":"APPROVED"}`, "application/octet-stream; charset=windows-1251"},
		"a cut text":     {"{\"session_id\":\"SESSION\",\"status\":\"APPROVED\",\"x\":\"caf\xe9\"}", "text/json"},
		"a mark":         {"\ufeff{\"session_id\":\"SESSION\",\"status\":\"APPROVED\"}\r\n\r\n", "text/json"},
		"empty texts": {`{"session_id":"SESSION","status":"APPROVED","amount":"","currency":"","refunded_amount":"",` +
			`"refund_id":"","order_ref":""}`, "application/json"},
		"nulls and lists": {`{"session_id":"SESSION","status":"APPROVED","amount":null,"currency":[],"customer":[],` +
			`"refunded_amount":null,"ok":"1","test":0}`, "application/json"},
	} {
		b := boottest.New(t)
		p := b.Open("12345")
		a := s.send(t, b, p, strings.ReplaceAll(c.body, "SESSION", p.Handle.OrderID),
			map[string]string{"content-type": c.kind})
		if now, err := b.Store.Load(t.Context(), p.ID); err != nil || a.StatusCode != 200 || now.Status != payment.Paid ||
			len(now.Reviews) != 0 {
			t.Errorf("%s: %d, %s, reviews %v, %v: %s", name, a.StatusCode, now.Status, now.Reviews, err, b.Logged())
		}
	}
}

// TestWhatIsSignedAfterTheEnd of a payment, or beside its money, is kept like any other; it moves no money.
func TestWhatIsSignedAfterTheEnd(t *testing.T) {
	s := newSigning(t)
	for status, state := range map[payment.Status]payment.State{payment.Declined: payment.BankDeclined,
		payment.Cancelled: payment.BankCancelled, payment.Paid: payment.BankApproved} {
		for name, body := range map[string]string{
			"an approval": `{"session_id":"SESSION","status":"APPROVED","amount":"12O.00"}`,
			"a refund":    `{"session_id":"SESSION","status":"REFUNDED","refunded_amount":"all"}`,
			"a word":      `{"session_id":"SESSION","status":["x"]}`, "nothing": ``,
		} {
			b := boottest.New(t)
			p := b.Open("12345")
			b.Bank.Says(payment.Report{State: state, Word: "WORD", Refunded: payment.Said(0)})
			come(t, b, "notify.json", p, p.CallbackToken, nil)
			a := s.send(t, b, p, strings.ReplaceAll(body, "SESSION", p.Handle.OrderID), nil)
			now, err := b.Store.Load(t.Context(), p.ID)
			if err != nil || a.StatusCode != 200 || now.Status != status || now.Refunded != 0 || len(now.Reviews) == 0 ||
				!strings.Contains(b.Logged(), `"level":"ERROR"`) {
				t.Errorf("%s, %s: %d, %s, reviews %v, notices %v, %v", status, name, a.StatusCode, now.Status, now.Reviews,
					now.Notices, err)
			}
			for range 30 { // a bank that repeats it, and others, is answered the same
				if a := s.send(t, b, p, strings.ReplaceAll(body, "SESSION", p.Handle.OrderID)+" ", nil); a.StatusCode != 200 {
					t.Errorf("%s, %s, again: %d %s", status, name, a.StatusCode, a.Body)
				}
			}
		}
	}
}
