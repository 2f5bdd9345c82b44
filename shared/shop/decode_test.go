package shop

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kassa/shared/payment"
	"kassa/shared/webhook"
)

func TestDecodeSettings(t *testing.T) {
	text := `{"currency":"BYN","origins":["https://shop.example","https://www.shop.example:8443"],"banks":["kartapokupok",
		"kapital"],
		"keys":[{"id":"k1","sha256":"` + digestOf("one") + `"},{"sha256":"` + strings.ToUpper(digestOf("two")) +
		`","id":"K-2"}],
		"order_statuses":{"paid":"P","partially_refunded":"Qaytarılıb"},
		"instalments":{"terms":[3,6,12],"min_amount":2000,"max_amount":500000},
		"webhook":{"url":"https://shop.example/kassa?shop=1","secrets":["` + oneSecret + `","` + otherSecret +
		`"],"acknowledge":true}}`
	s, err := decodeSettings("x", []byte("\ufeff\r\n"+text+"\n\u00a0"), "prod")
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[[2]string]bool{
		{"k1", "one"}: true, {"K-2", "two"}: true, {"k1", "two"}: false, {"K-2", "one"}: false, {"k3", "one"}: false,
		{"k1", ""}: false, {"", ""}: false, {"K1", "one"}: false, {"k1", digestOf("one")}: false,
	} {
		if got := s.HasKey(k[0], k[1]); got != want {
			t.Errorf("key %q: %t, want %t", k, got, want)
		}
	}
	s.keys = nil
	want := Settings{
		Currency: payment.BYN, Origins: []string{"https://shop.example", "https://www.shop.example:8443"},
		Banks: []string{"kartapokupok", "kapital"}, OrderStatuses: map[string]string{"paid": "P",
			"partially_refunded": "Qaytarılıb"},
		Instalments: payment.InstalmentPolicy{Terms: []int{3, 6, 12}, MinAmount: 2000, MaxAmount: 500000},
		Webhook: Webhook{URL: "https://shop.example/kassa?shop=1", Secrets: []string{oneSecret, otherSecret},
			Acknowledge: true},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v %q, want %+v", s, s.Webhook.Secrets, want)
	}
}

// TestSettingsThatAreWrong expects exactly these pointers for each, all at once, and nothing of the secret in any text.
func TestSettingsThatAreWrong(t *testing.T) {
	sound := settingsWith("right")
	with := func(old, replacement string) string {
		if !strings.Contains(sound, old) {
			t.Fatalf("%q is not in the sound settings", old)
		}
		return strings.Replace(sound, old, replacement, 1)
	}
	cases := []struct{ name, text, want string }{
		{"sound", sound, ""},
		{"nothing", ``, "."},
		{"no object", `["CANARY"]`, "."},
		{"null", `null`, "."},
		{"broken", `{"currency":"CANARY`, "."},
		{"two of them", sound + sound, "."},
		{"empty", `{}`, "/currency /origins /banks /keys"},
		{"all wrong", `{"CANARY":1,"currency":"CANARY","origins":"CANARY","banks":[],"keys":[{"id":"CANARY!"}],` +
			`"order_statuses":{"posted":"CANARY"},"webhook":{"url":"CANARY","secrets":["CANARY"]},"insecure_loopback":"CANARY"}`,
			"/CANARY /currency /origins /banks /keys/0/id /keys/0/sha256 /order_statuses/posted /webhook/secrets/0 /" +
				"insecure_loopback /webhook/url"},
		{"another case", with(`"currency"`, `"Currency"`), "/Currency /currency"},
		{"repeated", with(`"currency":"AZN"`, `"currency":"AZN","currency":"AZN"`), "/currency"},
		{"repeated below", with(`"id":"k1"`, `"id":"k1","id":"k2"`), "/keys/0/id"},
		{"null below", with(`"AZN"`, `null`), "/currency"},
		{"unknown below", with(`"id":"k1"`, `"id":"k1","a/b~":0`), "/keys/0/a~1b~0"},
		{"another currency", with(`"AZN"`, `"BYR"`), "/currency"},
		{"a number", with(`"AZN"`, `944`), "/currency"},
		{"scopes", with(`"keys":[`, `"keys":[{"id":"k0","sha256":"`+digestOf("x")+`","scopes":["refund","read"]},`), ""},
		{"no scope", with(`"keys":[`, `"keys":[{"id":"k0","sha256":"`+digestOf("x")+`","scopes":[]},`), "/keys/0/scopes"},
		{"strange scopes", with(`"keys":[`, `"keys":[{"id":"k0","sha256":"`+digestOf("x")+
			`","scopes":["read","CANARY","read","Refund",null,"create"]},`),
			"/keys/0/scopes/2 /keys/0/scopes/4 /keys/0/scopes/1 /keys/0/scopes/3 /keys/0/scopes/4"},
		{"scopes as a text", with(`"keys":[`, `"keys":[{"id":"k0","sha256":"`+digestOf("x")+`","scopes":"CANARY"},`),
			"/keys/0/scopes"},
		{"scopes null", with(`"keys":[`, `"keys":[{"id":"k0","sha256":"`+digestOf("x")+`","scopes":null},`),
			"/keys/0/scopes"},
		{"two keys of one id", with(`"keys":[`, `"keys":[{"id":"k1","sha256":"`+digestOf("CANARY")+`"},`), "/keys/1/id"},
		{"no id", with(`"k1"`, `""`), "/keys/0/id"},
		{"a key's secret itself", with(digestOf("right"), "CANARY"), "/keys/0/sha256"},
		{"no digest", with(digestOf("right"), ""), "/keys/0/sha256"},
		{"another digest", with(digestOf("right"), digestOf("right")[2:]), "/keys/0/sha256"},
		{"too many", with(`"banks":[`, `"banks":[`+strings.Repeat(`"b",`, 20)), "/banks"},
		{"a bank twice", with(`"banks":[`, `"banks":["kapital",`), "/banks/1"},
		{"a strange bank", with(`"kapital"`, `"../shop/x"`), "/banks/0"},
		{"no word for a status",
			with(`{"currency"`, `{"order_statuses":{"paid":"","expired":"a\u0007","declined":1},"currency"`),
			"/order_statuses/paid /order_statuses/expired /order_statuses/declined"},
		{"statuses as a list", with(`{"currency"`, `{"order_statuses":["paid"],"currency"`), "/order_statuses"},
		{"instalments as a list", with(`{"currency"`, `{"instalments":[3,6,12],"currency"`), "/instalments"},
		{"instalments without terms", with(`{"currency"`, `{"instalments":{},"currency"`), "/instalments/terms"},
		{"no terms", with(`{"currency"`, `{"instalments":{"terms":[]},"currency"`), "/instalments/terms"},
		{"instalments without limits", with(`{"currency"`, `{"instalments":{"terms":[2,60]},"currency"`), ""},
		{"one amount alone", with(`{"currency"`, `{"instalments":{"terms":[2],"min_amount":100,"max_amount":100},"currency"`),
			""},
		{"strange terms", with(`{"currency"`,
			`{"instalments":{"terms":[1,61,"3",null,3.5,1e1,-3,6,6,3],"rate":0},"currency"`),
			"/instalments/terms/0 /instalments/terms/1 /instalments/terms/2 /instalments/terms/3 /instalments/terms/4 /" +
				"instalments/terms/5 " +
				"/instalments/terms/6 /instalments/terms/8 /instalments/terms/9 /instalments/rate"},
		{"limits crossed", with(`{"currency"`, `{"instalments":{"terms":[1],"min_amount":200,"max_amount":100},"currency"`),
			"/instalments/terms/0 /instalments/max_amount"},
		{"strange limits", with(`{"currency"`, `{"instalments":{"terms":[3],"min_amount":0,"max_amount":20.5},"currency"`),
			"/instalments/min_amount /instalments/max_amount"},
		{"limits too high", with(`{"currency"`,
			`{"instalments":{"terms":[3],"min_amount":-1,"max_amount":100000000001},"currency"`),
			"/instalments/min_amount /instalments/max_amount"},
		{"a limit of refunds", with(`{"currency"`, `{"refund_limit_per_day":1,"currency"`), ""},
		{"asked once more", with(`{"currency"`, `{"recheck_paid":true,"currency"`), ""},
		{"asked as a text", with(`{"currency"`, `{"recheck_paid":"CANARY","currency"`), "/recheck_paid"},
		{"no limit of refunds", with(`{"currency"`, `{"refund_limit_per_day":0,"currency"`), "/refund_limit_per_day"},
		{"a limit in decimals", with(`{"currency"`, `{"refund_limit_per_day":500.5,"currency"`), "/refund_limit_per_day"},
		{"a limit as a text", with(`{"currency"`, `{"refund_limit_per_day":"CANARY","currency"`), "/refund_limit_per_day"},
		{"loopback in production", with(`{"currency"`, `{"insecure_loopback":true,"currency"`), "/insecure_loopback"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeSettings("kassa/prod/shop/x", []byte(c.text), "prod")
			var got []string
			if e, ok := errors.AsType[*payment.Error](err); ok {
				for _, f := range e.Fields {
					got = append(got, cmp.Or(f.Pointer, "."))
					if !strings.Contains(err.Error(), f.Pointer+" "+f.Detail) && f.Pointer != "" {
						t.Errorf("the log does not tell %+v: %v", f, err)
					}
				}
				if e.Kind != payment.Misconfigured || !strings.Contains(err.Error(), "kassa/prod/shop/x") {
					t.Errorf("error %v", err)
				}
			}
			if (err == nil) != (c.want == "") || !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("wrong are %q, want %q", got, c.want)
			}
			if text := strings.ReplaceAll(fmt.Sprint(err), "/CANARY ", ""); strings.Contains(text, "CANARY") {
				t.Errorf("the error repeats the secret: %s", text)
			}
		})
	}
}

// TestOrigins: whatever spelling an origin has, it is kept as browsers write it.
func TestOrigins(t *testing.T) {
	for origin, want := range map[string]struct {
		form        string
		ever, local bool
	}{
		"https://shop.example":       {"https://shop.example", true, true},
		"https://shop.example:8443":  {"https://shop.example:8443", true, true},
		"https://shop.example:443":   {"https://shop.example", true, true},
		"https://shop.example:":      {"https://shop.example", true, true},
		"https://shop.example/":      {"https://shop.example", true, true},
		"HTTPS://Shop.Example":       {"https://shop.example", true, true},
		"https://xn--op-eta.az":      {"https://xn--op-eta.az", true, true},
		"https://şop.az":             {"https://xn--op-eta.az", true, true},
		"https://ŞOP.az:0443/":       {"https://xn--op-eta.az", true, true},
		"https://127.0.0.1":          {"https://127.0.0.1", true, true},
		"http://127.0.0.1:8080":      {"http://127.0.0.1:8080", false, true},
		"http://127.0.0.1:80":        {"http://127.0.0.1", false, true},
		"http://localhost:8080":      {"http://localhost:8080", false, true},
		"http://[0:0::1]:8080":       {"http://[::1]:8080", false, true},
		"http://shop.example":        {},
		"http://localhost.evil.com":  {},
		"https://shop.example/a":     {},
		"https://shop.example?":      {},
		"https://shop.example#":      {},
		"https://*.shop.example":     {},
		"https://u@shop.example":     {},
		"https://shop.example.":      {},
		"https://shop.example:99999": {},
		"https://":                   {},
		"https://shop.example\\":     {},
		"shop.example":               {},
		"ftp://shop.example":         {},
		"*":                          {},
		"null":                       {},
		"":                           {},
	} {
		form, ever := readOrigin(origin, false)
		_, local := readOrigin(origin, true)
		if ever != want.ever || local != want.local || local && form != want.form {
			t.Errorf("%q is %q: %t, with insecure_loopback %t; want %+v", origin, form, ever, local, want)
		}
	}
	text := strings.Replace(settingsWith("right"), `"https://shop.example"]`, `"https://Şop.az:443/","https://shop.az"]`,
		1)
	s, err := decodeSettings("x", []byte(text), "prod")
	if err != nil || !slices.Equal(s.Origins, []string{"https://xn--op-eta.az", "https://shop.az"}) {
		t.Errorf("%v %v", s.Origins, err)
	}
	text = strings.Replace(text, `"https://shop.az"`, `"https://xn--op-eta.az"`, 1)
	if _, err := decodeSettings("x", []byte(text), "prod"); err == nil ||
		!strings.Contains(err.Error(), "/origins/1 is repeated in another spelling") {
		t.Errorf("one origin twice: %v", err)
	}
}

func TestLocalStage(t *testing.T) {
	text := strings.Replace(settingsWith("right"), `"https://shop.example"]`,
		`"http://127.0.0.1:8080"],"insecure_loopback":true`, 1)
	if s, err := decodeSettings("x", []byte(text), "local"); err != nil || !s.InsecureLoopback {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := decodeSettings("x", []byte(text), "prod"); err == nil {
		t.Error("insecure_loopback was accepted outside the stage local")
	}
}

// TestNothingSecretIsPrinted prints what holds secrets in the ways that slip into logs.
func TestNothingSecretIsPrinted(t *testing.T) {
	s, err := decodeSettings("x",
		[]byte(withWebhook(`{"url":"https://shop.example/?CANARY","secrets":["`+oneSecret+`"]}`)), "prod")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	text, json := slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))
	for _, value := range []any{s, &s, BankSecret{"CANARY", "v1"}, &BankSecret{"CANARY", "v1"},
		[]any{s, BankSecret{"CANARY", "v1"}},
		s.Webhook, &s.Webhook, []any{s.Webhook}, Bitrix24{"https://x.example/rest/1/CANARY/"}, &Bitrix24{"CANARY"},
		[]any{Bitrix24{"CANARY"}}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&log, verb, value)
		}
		text.Info("text", "value", value)
		json.Info("json", "value", value)
	}
	digest := s.keys[0].digest
	for _, secret := range []string{"CANARY", oneSecret[6:], "67 65 78 65 82 89", "0x43, 0x41", digestOf("right"),
		fmt.Sprintf("%d %d %d", digest[0], digest[1], digest[2]), fmt.Sprintf("%#x, %#x", digest[0], digest[1])} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("printed: %q in %s", secret, log.String())
		}
	}
}

func FuzzDecodeSettings(f *testing.F) {
	f.Add(settingsWith("right"), "prod")
	f.Add(strings.Replace(settingsWith("right"), `"https://shop.example"]`,
		`"http://[::1]:8080"],"insecure_loopback":true`, 1), "local")
	f.Add(`{"order_statuses":{"paid":"P","paid":"P"},"keys":[{}],"origins":["//x"],"banks":[null],"currency":1e400}`,
		"prod")
	f.Add(`{"a":{"a":[[[[]]]]}`, "local")
	f.Add(withWebhook(`{"url":"https://shop.example/kassa","secrets":["`+oneSecret+`"],"acknowledge":true}`), "prod")
	f.Fuzz(func(t *testing.T, text, stage string) {
		s, err := decodeSettings("x", []byte(text), stage)
		if err != nil {
			if e, ok := errors.AsType[*payment.Error](err); !ok || e.Kind != payment.Misconfigured || len(e.Fields) == 0 {
				t.Fatalf("error %v", err)
			}
			return
		}
		if !s.Currency.Known() || len(s.keys) == 0 || len(s.Origins) == 0 || len(s.Banks) == 0 || s.InsecureLoopback &&
			stage != "local" {
			t.Errorf("unsound settings were accepted: %q", text)
		}
		if w := s.Webhook; w.URL != "" && (webhook.CheckURL(w.URL, s.InsecureLoopback) != nil || len(w.Secrets) == 0 ||
			len(w.Secrets) > 3) || w.URL == "" && len(w.Secrets) > 0 {
			t.Errorf("an unsound webhook was accepted: %q", text)
		}
		for _, k := range s.keys {
			if s.HasKey(k.id, "") && digestOf("") != fmt.Sprintf("%x", k.digest) {
				t.Errorf("key %q needs no secret", k.id)
			}
		}
	})
}
