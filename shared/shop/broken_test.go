package shop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestAWrongPartStopsOnlyWhatNeedsIt, where no older settings are known.
func TestAWrongPartStopsOnlyWhatNeedsIt(t *testing.T) {
	whole := settingsWith("right")
	const refunds = "refund_limit_per_day"
	hook := func(url, secret string) string {
		return `"webhook":{"url":"` + url + `","secrets":["` + secret + `"]}`
	}
	for add, broken := range map[string]string{
		hook("http://shop.example/kassa", oneSecret):                     "webhook",
		hook("https://shop.example/kassa", "whsec_CANARY"):               "webhook",
		hook("https://shop.example/kassa", `whsec_CANARY!","`+oneSecret): "",
		`"webhook":"https://shop.example/kassa"`:                         "webhook",
		`"bitrix24":{"url":"portal"}`:                                    "bitrix24",
		`"instalments":{"terms":[12,6]}`:                                 "instalments",
		`"instalments":{"terms":[3],"banks":{"kartapokupok":[3]}}`:       "instalments",
		`"refund_limit_per_day":"500.00"`:                                refunds,
		`"recheck_paid":"yes"`:                                           "",
	} {
		w := newWorld()
		w.vault.secrets[shopSecret] = whole[:len(whole)-1] + "," + add + "}"
		w.wantKey(t, "right", true)
		w.wantKey(t, "guess", false)
		s, err := w.Settings(t.Context(), "demo-az")
		if got := strings.Join(slices.Sorted(maps.Keys(s.Broken)), " "); err != nil || got != broken {
			t.Errorf("%s: broken are %q, %v; want %q", add, got, err, broken)
		}
		if err := s.Broken[broken]; broken != "" && (payment.KindOf(err) != payment.Misconfigured ||
			!strings.Contains(err.Error(), "/"+broken)) {
			t.Errorf("%s: %v", add, err)
		}
		if log := w.log.String(); !strings.Contains(log, "wrong in part") || strings.Contains(log, "CANARY") {
			t.Errorf("%s: log %q", add, log)
		}
		w.now = w.now.Add(30 * time.Second) // it is looked at again soon, and a mended one is whole
		w.vault.secrets[shopSecret] = whole
		if s, err = w.Settings(t.Context(), "demo-az"); err != nil || len(s.Broken) != 0 {
			t.Errorf("%s, mended: %v %v", add, s.Broken, err)
		}
	}
}

// TestOneWrongAmongSeveral is left out: the sound ones work.
func TestOneWrongAmongSeveral(t *testing.T) {
	w := newWorld()
	w.vault.secrets[shopSecret] = fmt.Sprintf(`{"currency":"AZN","origins":["https://shop.example/",
		"https://shop.example:443","shop.az","https://www.shop.az"],"banks":["kapital"],"keys":[
		{"id":"k0","sha256":"sk_demo-az_k0_x"},{"id":"k1","sha256":%q},{"id":"k1","sha256":%q},
		{"id":"k2","sha256":%q,"scopes":["reads"]}]}`, digestOf("right"), digestOf("twin"), digestOf("two"))
	w.wantKey(t, "right", true)
	w.wantKey(t, "twin", false)
	s, err := w.Authenticate(t.Context(), "demo-az", "k2", "two")
	if payment.KindOf(err) != payment.Forged {
		t.Errorf("a key whose scopes cannot be read may do %v, %v", s.Scopes("k2"), err)
	}
	s, err = w.Settings(t.Context(), "demo-az")
	if want := []string{"https://shop.example", "https://www.shop.az"}; err != nil || !slices.Equal(s.Origins, want) ||
		len(s.Broken) != 0 {
		t.Errorf("%q %v, %v", s.Origins, s.Broken, err)
	}
}

// TestWhatIsGoodStays rather than newer settings of which a part is wrong, and newer such rather than older ones.
func TestWhatIsGoodStays(t *testing.T) {
	whole := settingsWith("right")
	wrong := func(secret, url string) string {
		other := settingsWith(secret)
		return other[:len(other)-1] + `,"webhook":{"url":"` + url + `","secrets":["` + oneSecret + `"]}}`
	}
	w := newWorld()
	for _, step := range []struct{ secret, works string }{{whole, "right"}, {wrong("new", "x"), "right"}} {
		w.vault.secrets[shopSecret] = step.secret
		w.wantKey(t, step.works, true)
		w.now = w.now.Add(5 * time.Minute)
	}
	w = newWorld()
	for _, secret := range []string{"right", "new"} {
		w.vault.secrets[shopSecret] = wrong(secret, "x")
		w.wantKey(t, secret, true)
		w.now = w.now.Add(5 * time.Minute)
	}
}

// TestWhatStopsTheWholeShop: what every call needs, a name that nobody knows, and no sound one of several.
func TestWhatStopsTheWholeShop(t *testing.T) {
	whole := settingsWith("right")
	for _, text := range []string{
		strings.Replace(whole, `"AZN"`, `"BYR"`, 1), strings.Replace(whole, `"currency"`, `"webhok":{},"currency"`, 1),
		strings.Replace(whole, digestOf("right"), "x", 1), strings.Replace(whole, "https://", "http://", 1),
		strings.Replace(whole, `["kapital"]`, `["kapital","Karta"]`, 1),
		strings.Replace(whole, `["kapital"]`, `"kapital"`, 1),
		strings.Replace(whole, `{"currency"`, `{"order_statuses":{"posted":"P"},"currency"`, 1), whole[1:],
	} {
		w := newWorld()
		w.vault.secrets[shopSecret] = text
		if _, err := w.Settings(t.Context(), "demo-az"); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%s: %v", text, err)
		}
	}
}
