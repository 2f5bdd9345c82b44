package shop

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"kassa/shared/payment"
)

const (
	oneSecret   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// withWebhook are sound settings with this webhook member.
func withWebhook(text string) string {
	return strings.Replace(settingsWith("right"), `{"currency"`, `{"webhook":`+text+`,"currency"`, 1)
}

// TestWebhooksThatAreWrong expects exactly these pointers for each, and nothing of the webhook in any text.
func TestWebhooksThatAreWrong(t *testing.T) {
	many := `"whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ","` + oneSecret + `","` + otherSecret + `"`
	for _, c := range []struct{ name, text, want string }{
		{"sound", `{"url":"https://shop.example","secrets":["` + oneSecret + `"]}`, ""},
		{"three secrets", `{"url":"https://shop.example","secrets":[` + many + `],"acknowledge":false}`, ""},
		{"a fourth", `{"url":"https://shop.example","secrets":[` + many + `,"whsec_CANARYCANARYCANARYCANARYCANARYCANARY"]}`,
			"/webhook/secrets"},
		{"no object", `"https://CANARY.example"`, "/webhook"},
		{"null", `null`, "/webhook"},
		{"nothing in it", `{}`, "/webhook/url /webhook/secrets"},
		{"no secret", `{"url":"https://shop.example","secrets":[]}`, "/webhook/secrets"},
		{"one secret as a text", `{"url":"https://shop.example","secrets":"` + oneSecret + `"}`, "/webhook/secrets"},
		{"a secret twice", `{"url":"https://shop.example","secrets":["` + oneSecret + `","` + oneSecret + `"]}`,
			"/webhook/secrets/1"},
		{"strange secrets", `{"url":"https://shop.example","secrets":[null,"whsec_CANARY","whsec_Q0FOQVJZ"]}`,
			"/webhook/secrets/0 /webhook/secrets/1 /webhook/secrets/2"},
		{"a private key's form", `{"url":"https://shop.example","secrets":["whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}`,
			"/webhook/secrets/0"},
		{"no address", `{"url":"","secrets":["` + oneSecret + `"]}`, "/webhook/url"},
		{"plain http", `{"url":"http://shop.example/CANARY","secrets":["` + oneSecret + `"]}`, "/webhook/url"},
		{"this machine", `{"url":"http://127.0.0.1:8080/CANARY","secrets":["` + oneSecret + `"]}`, "/webhook/url"},
		{"everything", `{"url":"https://CANARY","secrets":[7],"acknowledge":"CANARY","Secrets":[]}`,
			"/webhook/secrets/0 /webhook/acknowledge /webhook/Secrets /webhook/url"},
		{"a repeated address", `{"url":"https://shop.example","url":"https://shop.example","secrets":["` + oneSecret + `"]}`,
			"/webhook/url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeSettings("x", []byte(withWebhook(c.text)), "prod")
			var got []string
			if e, ok := errors.AsType[*payment.Error](err); ok {
				for _, f := range e.Fields {
					got = append(got, cmp.Or(f.Pointer, "."))
				}
			}
			if (err == nil) != (c.want == "") || !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("wrong are %q, want %q (%v)", got, c.want, err)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error repeats the secret: %v", err)
			}
		})
	}
}

func TestLocalWebhook(t *testing.T) {
	text := strings.Replace(withWebhook(`{"url":"http://localhost:8080/hook","secrets":["`+oneSecret+`"]}`), `"currency"`,
		`"insecure_loopback":true,"currency"`, 1)
	if s, err := decodeSettings("x", []byte(text), "local"); err != nil || s.Webhook.URL != "http://localhost:8080/hook" {
		t.Errorf("%v, %v", s.Webhook, err)
	}
	if s, err := decodeSettings("x", []byte(settingsWith("right")), "prod"); err != nil || s.Webhook.URL != "" {
		t.Errorf("a shop without webhook: %v, %v", s.Webhook, err)
	}
}
