package page

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kassa/shared/simbank/frame/frametest"
)

func TestEveryTextInEveryLanguage(t *testing.T) {
	if len(texts()) < 50 {
		t.Fatalf("only %d texts could be read", len(texts()))
	}
	for key, words := range texts() {
		for _, lang := range []string{"az", "ru", "en"} {
			if strings.TrimSpace(words[lang]) == "" {
				t.Errorf("%s has no wording in %s", key, lang)
			}
		}
	}
	for _, status := range []string{"CREATED", "ON-PAYMENT", "ON-LOCK", "APPROVED", "PREAUTH-APPROVED", "CANCELED",
		"DECLINED", "EXPIRED", "ERROR", "ON-REFUND", "REFUNDED", "REVERSED"} {
		if texts()["status_"+status] == nil || texts()["detail_"+status] == nil {
			t.Errorf("status %s is not worded", status)
		}
	}
}

func TestTemplatesSayOnlyKnownTexts(t *testing.T) { frametest.Said(t, files, texts()) }

func TestForm(t *testing.T) {
	now := time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)
	known := func(pan string) (string, bool) {
		return map[string]string{"4169741330151124": "0625"}[pan], pan == "4169741330151124"
	}
	for _, c := range []struct{ pan, expiry, cvv, bad string }{
		{"4169 7413 3015 1124", "12/30", "119", ""},
		{"4169741330151124", "06/25", "119", ""},
		{"4111111111111111", "06/25", "119", "expiry"},
		{"4111-1111-1111-1111", "0330", "1190", ""},
		{"4111111111111111", "03 / 26", "119", ""},
		{"4111111111111111", "3.2026", "119", ""},
		{"7777770000000004", "12/30", "119", ""},
		{"4111111111111112", "12/30", "119", "pan"},
		{"411111111111", "12/30", "119", "pan"},
		{"4111111111111111", "02/26", "119", "expiry"},
		{"4111111111111111", "00/30", "119", "expiry"},
		{"4111111111111111", "12/1930", "119", "expiry"},
		{"4111111111111111", "12/30/1", "119", "expiry"},
		{"4111111111111111", "12/30", "1x9", "cvv"},
		{"4111111111111111", "12/30", "", "cvv"},
	} {
		bad := ReadForm(url.Values{"pan": {c.pan}, "expiry": {c.expiry}, "cvv": {c.cvv}}).Check(now, known)
		if (c.bad == "" && len(bad) > 0) || (c.bad != "" && (len(bad) != 1 || bad[c.bad] == "")) {
			t.Errorf("%+v: %v", c, bad)
		}
	}
}

func TestAmounts(t *testing.T) {
	for minor, wanted := range map[int64]string{1: "0.01", 15000: "150.00", 123456789: "1\u202f234\u202f567.89"} {
		if got := (View{Lang: "en", Amount: minor}).Sum(); got != wanted+"\u00a0AZN" {
			t.Errorf("%d is %q", minor, got)
		}
	}
	if got := (View{Lang: "az", Amount: 15005}).Minor(); got != ",05" {
		t.Errorf("the fraction is %q", got)
	}
}

func FuzzForm(f *testing.F) {
	f.Add("4169741330151124", "12/30", "119")
	f.Add("", "1/", "\x00")
	f.Fuzz(func(t *testing.T, pan, expiry, cvv string) {
		form := ReadForm(url.Values{"pan": {pan}, "expiry": {expiry}, "cvv": {cvv}})
		bad := form.Check(time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC), func(string) (string, bool) { return "", false })
		_, _ = form.Grouped(), form.Slashed()
		if bad["pan"] == "" && !number(form.PAN, 13, 19) {
			t.Errorf("card number %q was accepted", form.PAN)
		}
	})
}

func TestContrast(t *testing.T) {
	frametest.Contrast(t, files, map[string]string{"white": "#ffffff", "border": "#868d99"},
		"ink sheet 4.5", "ink ground 4.5", "soft sheet 4.5", "soft ground 4.5", "ink field 4.5", "soft field 4.5",
		"white brand 4.5",
		"white brand-deep 4.5", "alarm alarm-wash 4.5", "alarm sheet 4.5", "ink alarm-wash 4.5", "side-ink side 4.5",
		"side-soft side 4.5",
		"good good-wash 4.5", "quiet quiet-wash 4.5", "soft quiet-wash 4.5", "border sheet 3", "border field 3",
		"focus sheet 3", "focus ground 3",
	)
}
