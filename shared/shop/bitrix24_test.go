package shop

import (
	"strings"
	"testing"
)

func withPortal(text string) string {
	return strings.Replace(settingsWith("right"), `{"currency"`, `{"bitrix24":`+text+`,"currency"`, 1)
}

// TestPortalsThatAreWrong: each says where, and repeats nothing of an address that opens a portal.
func TestPortalsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"url":"https://name.bitrix24.by/rest/1/CANARY/"}`: "",
		`{"url":"https://name.bitrix24.by/rest/1/CANARY"}`:  "",
		`{}`:         "/bitrix24/url",
		`null`:       "/bitrix24",
		`{"url":""}`: "/bitrix24/url",
		`{"url":7}`:  "/bitrix24/url",
		`{"url":"http://name.bitrix24.by/rest/1/CANARY/"}`:              "/bitrix24/url",
		`{"url":"https://name.bitrix24.by/rest/1/CANARY/profile.json"}`: "/bitrix24/url",
		`{"url":"https://10.0.0.1/rest/1/CANARY/"}`:                     "/bitrix24/url",
		`{"url":"http://127.0.0.1:8080/rest/1/CANARY/"}`:                "/bitrix24/url",
		`{"url":"https://name.bitrix24.by/rest/1/CANARY/","key":"x"}`:   "/bitrix24/key",
	} {
		s, err := decodeSettings("x", []byte(withPortal(text)), "prod")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "CANARY")) {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil && s.Bitrix24.URL == "" {
			t.Errorf("%s is lost", text)
		}
	}
	here := strings.Replace(withPortal(`{"url":"http://127.0.0.1:8080/rest/1/c/"}`), `"currency"`,
		`"insecure_loopback":true,"currency"`, 1)
	if s, err := decodeSettings("x", []byte(here), "local"); err != nil || s.Bitrix24.URL == "" {
		t.Error(err)
	}
}
