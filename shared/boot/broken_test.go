package boot

import (
	"log/slog"
	"testing"

	"kassa/shared/api"
	"kassa/shared/boot/cloudtest"
	"kassa/shared/payment"
)

// TestAShopWithBrokenPartsIsServed: its payments are still born to be told, and what needs a broken part gives its
// error.
func TestAShopWithBrokenPartsIsServed(t *testing.T) {
	c := cloudtest.New(t, map[string]string{
		"kassa/local/shop/demo-az": `{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"},{"id":"k2"}],
		"webhook":{},"bitrix24":{},"instalments":{},"refund_limit_per_day":0}`})
	found, err := appOf(c, slog.New(slog.DiscardHandler)).Keys.Shop(t.Context(),
		api.Key{Shop: "demo-az", ID: "k1", Secret: "secret"})
	if err != nil || !found.Webhook || !found.Bitrix24 {
		t.Errorf("%+v, %v", found, err)
	}
	for _, name := range []string{"webhook", "bitrix24", "instalments", "refund_limit_per_day"} {
		if payment.KindOf(found.Broken[name]) != payment.Misconfigured {
			t.Errorf("%s: %v", name, found.Broken[name])
		}
	}
}
