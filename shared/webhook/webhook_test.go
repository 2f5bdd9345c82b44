package webhook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	oneSecret   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

func secrets(t testing.TB, texts ...string) (list []Secret) {
	t.Helper()
	for _, text := range texts {
		s, err := ParseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// TestPublishedVector is the example that Standard Webhooks publishes.
func TestPublishedVector(t *testing.T) {
	got := Sign(secrets(t, oneSecret), "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0),
		[]byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSeveralSecretsSignInTheirOrder(t *testing.T) {
	at, body := time.Unix(1614265330, 0), []byte("x")
	sign := func(texts ...string) string { return Sign(secrets(t, texts...), "evt_1", at, body) }
	if got, want := sign(oneSecret, otherSecret), sign(oneSecret)+" "+sign(otherSecret); got != want ||
		sign(oneSecret) == sign(otherSecret) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Sign([]Secret{{}}, "evt_1", at, body); got != "" {
		t.Errorf("no secret signed %q", got)
	}
}

func TestParseSecret(t *testing.T) {
	of := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for text, valid := range map[string]bool{
		oneSecret: true, otherSecret: true, of(24): true, of(64): true,
		of(23):                                 false,
		of(65):                                 false,
		"":                                     false,
		"whsec_":                               false,
		oneSecret[6:]:                          false, // without the prefix
		"whsk_" + oneSecret[6:]:                false,
		"WHSEC_" + oneSecret[6:]:               false,
		" " + oneSecret:                        false,
		oneSecret + "\n":                       false, // which the decoder overlooks
		oneSecret[:20] + "\r" + oneSecret[20:]: false,
		strings.TrimRight(of(25), "="):         false, // padding is part of it
		of(25)[:len(of(25))-3] + "B==":         false, // stray bits, which the decoder overlooks, too
		strings.ReplaceAll(of(24), "A", "-"):   false, // the alphabet of addresses
		of(25) + "AAAA":                        false,
	} {
		if _, err := ParseSecret(text); (err == nil) != valid {
			t.Errorf("%q: %v, want valid %t", text, err, valid)
		}
	}
}

// TestSecretsDoNotPrint prints a secret in every way that slips into logs, in a private field of somebody's as well.
func TestSecretsDoNotPrint(t *testing.T) {
	s := secrets(t, "whsec_"+base64.StdEncoding.EncodeToString([]byte("CANARYCANARYCANARYCANARY")))[0]
	hidden := struct{ target Target }{Target{Secrets: []Secret{s}}}
	var out strings.Builder
	for _, value := range []any{s, &s, []Secret{s}, hidden.target, hidden, &hidden} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%c"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		body, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(body)
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", value)
	}
	for _, leak := range []string{"CANARY", "67 65 78", "0x43, 0x41", "43414E", "43414e", "Q0FOQVJZ"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("printed %s: %s", leak, out.String())
		}
	}
}

func verifier(t testing.TB, secret string) *oracle.Webhook {
	t.Helper()
	v, err := oracle.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPublicLibraryVerifies takes what a server received from us, and changes it in every way that a receiver must
// notice.
func TestPublicLibraryVerifies(t *testing.T) {
	sent := func(skew time.Duration, texts ...string) message {
		shop := newShop(t, answering(200, ""))
		c := New(Options{Now: func() time.Time { return time.Now().Add(skew) }})
		if a := c.Send(t.Context(), shop.target(texts...), "evt_pay_a-1_3", []byte(`{"type":"payment.paid"}`)); !a.Accepted {
			t.Fatalf("%+v", a)
		}
		return shop.messages()[0]
	}
	now := sent(0, oneSecret, otherSecret)
	with := func(name, value string) message {
		m := message{header: now.header.Clone(), body: now.body}
		m.header.Set(name, value)
		return m
	}
	signature := now.header.Get("webhook-signature")
	first, second, _ := strings.Cut(signature, " ")
	bad := "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, c := range []struct {
		name   string
		m      message
		secret string
		valid  bool
	}{
		{"with the new secret", now, oneSecret, true},
		{"with the old secret", now, otherSecret, true},
		{"with the prefix left out", now, oneSecret[6:], true},
		{"after the rotation, with the new one", sent(0, oneSecret), oneSecret, true},
		{"after the rotation, with the old one", sent(0, oneSecret), otherSecret, false},
		{"with a third secret", now, "whsec_" + strings.Repeat("A", 32), false},
		{"with an empty secret", now, "whsec_", false},
		{"without id", with("webhook-id", ""), oneSecret, false},
		{"without timestamp", with("webhook-timestamp", ""), oneSecret, false},
		{"without signature", with("webhook-signature", ""), oneSecret, false},
		{"with an empty v1", with("webhook-signature", "v1,"), oneSecret, false},
		{"without the version", with("webhook-signature", strings.TrimPrefix(first, "v1,")), oneSecret, false},
		{"of another version", with("webhook-signature", "v1a"+strings.TrimPrefix(first, "v1")), oneSecret, false},
		{"separated by a comma", with("webhook-signature", bad+","+first), oneSecret, false},
		{"with a bad one alone", with("webhook-signature", bad), oneSecret, false},
		{"with one good among bad", with("webhook-signature", bad+" v1a,x "+second+" v1, "+bad), otherSecret, true},
		{"of another id", with("webhook-id", "evt_pay_a-1_4"), oneSecret, false},
		{"of another second", with("webhook-timestamp", fmt.Sprint(time.Now().Add(time.Minute).Unix())), oneSecret, false},
		{"of no time", with("webhook-timestamp", "now"), oneSecret, false},
		{"too old", sent(-6*time.Minute, oneSecret), oneSecret, false},
		{"too new", sent(6*time.Minute, oneSecret), oneSecret, false},
		{"a little old", sent(-4*time.Minute, oneSecret), oneSecret, true},
		{"of another body", message{now.header, []byte(`{"type":"payment.paid"} `)}, oneSecret, false},
	} {
		if err := verifier(t, c.secret).Verify(c.m.body, c.m.header); (err == nil) != c.valid {
			t.Errorf("%s: %v, want valid %t", c.name, err, c.valid)
		}
	}
}

func FuzzParseSecret(f *testing.F) {
	for _, text := range []string{oneSecret, otherSecret, "whsec_", "whsec_====", oneSecret + "\n",
		"whsec_" + strings.Repeat("A", 30)} {
		f.Add(text, "evt_1", []byte(`{"a":1}`))
	}
	f.Fuzz(func(t *testing.T, text, id string, body []byte) {
		s, err := ParseSecret(text)
		if err != nil {
			if len(text) > 12 && strings.Contains(err.Error(), text[6:]) {
				t.Errorf("%q: the error repeats it: %v", text, err)
			}
			return
		}
		at := time.Unix(1614265330, 0)
		header := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {timestamp(at)},
			"Webhook-Signature": {Sign([]Secret{s}, id, at, body)}}
		if err := verifier(t, text).VerifyIgnoringTimestamp(body, header); err != nil && id != "" {
			t.Errorf("%q: what we sign is not verified: %v", text, err)
		}
		if n := len(s.key()); n < minKey || n > maxKey || "whsec_"+base64.StdEncoding.EncodeToString(s.key()) != text {
			t.Errorf("%q was taken for %d bytes", text, n)
		}
	})
}
