package environment

import (
	"slices"
	"strings"
	"testing"
)

func environment(changes ...string) func(string) string {
	values := map[string]string{"TABLE": "payments", "STAGE": "prod", "AWS_REGION": "eu-central-1",
		"CALLBACK_URL": "https://u1.lambda-url.eu-central-1.on.aws/"}
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func TestSettings(t *testing.T) {
	s, err := read(environment(), CallbackURL)
	want := Settings{Table: "payments", Stage: "prod", Region: "eu-central-1",
		Callback: "https://u1.lambda-url.eu-central-1.on.aws", DueShards: 16}
	if err != nil || s != want {
		t.Errorf("%+v, %v", s, err)
	}
	for short, want := range map[string]bool{"on": true, "off": false, "": false} {
		if s, err := read(environment("SHORT_ITEMS=" + short)); err != nil || s.Short != want {
			t.Errorf("%q: %+v, %v", short, s, err)
		}
	}
	if s, err := read(environment("STAGE=local", "CALLBACK_URL=http://127.0.0.1:8082",
		"AWS_ENDPOINT_URL=http://127.0.0.1:8090"), CallbackURL); err != nil ||
		s.Callback != "http://127.0.0.1:8082" || s.Endpoint != "http://127.0.0.1:8090" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := read(environment("DUE_SHARDS=512", "LAMBDA_URL=https://lambda.example")); err != nil ||
		s.DueShards != 512 || s.Lambda != "https://lambda.example" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := read(environment("STAGE=local", "LAMBDA_URL=https://lambda.example",
		"AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:1")); err != nil || s.Lambda != "http://127.0.0.1:1" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := read(environment("CALLBACK_URL=")); err != nil {
		t.Errorf("a function that tells nobody the address does not need it: %v", err)
	}
}

// TestCallbackAddressInItsOneForm: banks and browsers are given the form that all of them read.
func TestCallbackAddressInItsOneForm(t *testing.T) {
	for given, want := range map[string]string{
		"https://плата.бел/":                  "https://xn--80aa5apr.xn--90ais",
		"https://Pay.Shop.example:443/kassa/": "https://pay.shop.example/kassa",
		"https://pay.shop.example:8443//":     "https://pay.shop.example:8443",
		"https://pay.shop.example/ödəniş":     "https://pay.shop.example/%C3%B6d%C9%99ni%C5%9F",
	} {
		if s, err := read(environment("CALLBACK_URL="+given), CallbackURL); err != nil || s.Callback != want {
			t.Errorf("%s: %q, %v", given, s.Callback, err)
		}
	}
}

// TestShopsAtStart: up to four, and what cannot be read stops nobody.
func TestShopsAtStart(t *testing.T) {
	for text, want := range map[string][]AtStart{
		"": nil, "a": nil, ",": nil, "a/x": {{"a", "x"}}, "\ta/x, b/y\t,c": {{"a", "x"}, {"b", "y"}},
		"a/1,b/2,c/3,d/4,e/5": {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}},
	} {
		s, err := read(environment("SHOPS_AT_START="+text), CallbackURL)
		if got := s.AtStart(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestSettingsThatAreWrong(t *testing.T) {
	for change, name := range map[string]string{
		"TABLE=": "TABLE", "TABLE=a b c": "TABLE", "STAGE=": "STAGE", "STAGE=Prod": "STAGE", "STAGE=a/b": "STAGE",
		"DUE_SHARDS=8": "DUE_SHARDS", "DUE_SHARDS=x": "DUE_SHARDS", "DUE_SHARDS=40": "DUE_SHARDS",
		"DUE_SHARDS=4096": "DUE_SHARDS", "LAMBDA_URL=http://lambda.example": "LAMBDA_URL",
		"AWS_REGION=": "AWS_REGION", "SHORT_ITEMS=yes": "SHORT_ITEMS",
		"CALLBACK_URL=": "CALLBACK_URL", "CALLBACK_URL=/": "CALLBACK_URL", "CALLBACK_URL=http://shop.example": "CALLBACK_URL",
		"CALLBACK_URL=https://u:p@shop.example": "CALLBACK_URL", "CALLBACK_URL=https://shop.example/?x=1": "CALLBACK_URL",
		"CALLBACK_URL=shop.example":             "CALLBACK_URL",
		"CALLBACK_URL=https://shop.example/%zz": "CALLBACK_URL", "CALLBACK_URL=https://": "CALLBACK_URL",
		"AWS_ENDPOINT_URL=http://127.0.0.1:8090": "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL=::": "AWS_ENDPOINT_URL",
	} {
		if _, err := read(environment(change), CallbackURL); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// TestAllSettingsAtOnce: one failed start tells everything, on one line.
func TestAllSettingsAtOnce(t *testing.T) {
	_, err := read(func(string) string { return "" }, CallbackURL)
	for _, name := range []string{"TABLE", "STAGE", "AWS_REGION", "CALLBACK_URL"} {
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
