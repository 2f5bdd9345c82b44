package public

import (
	"log/slog"
	"reflect"
	"testing"

	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/payment"
)

// TestPublicReadsNoMoreThanTheShop: the table and a bank's secret are never asked, and neither keys nor origins come
// along.
func TestPublicReadsNoMoreThanTheShop(t *testing.T) {
	c := cloudtest.New(t, map[string]string{
		"kassa/local/shop/demo-by": `{"currency":"BYN","origins":["https://shop.example"],"banks":["kartapokupok"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
		"instalments":{"terms":[3,12],"max_amount":500000}}`})
	p := wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1",
		Endpoint: c.URL},
		slog.New(slog.DiscardHandler))
	got, err := p.Shops(t.Context(), "demo-by")
	if err != nil || got.ID != "demo-by" || got.Currency != payment.BYN || got.Origins != nil ||
		!reflect.DeepEqual(got.Banks, []string{"kartapokupok"}) ||
		!reflect.DeepEqual(got.Instalments, payment.InstalmentPolicy{Terms: []int{3, 12}, MaxAmount: 500000}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := p.Shops(t.Context(), "nobody"); payment.KindOf(err) != payment.NotFound || got.Instalments.Sells() {
		t.Errorf("%+v, %v", got, err)
	}
	if n := c.Reads.Load(); n != 0 {
		t.Errorf("the table was read %d times", n)
	}
}

// TestBrokenInstalmentsAreNoneToShow: a page must not be told that the shop sells by none.
func TestBrokenInstalmentsAreNoneToShow(t *testing.T) {
	c := cloudtest.New(t, map[string]string{
		"kassa/local/shop/demo-by": `{"currency":"BYN","origins":["https://shop.example"],"banks":["kartapokupok"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
		"instalments":{"terms":["3"]}}`})
	p := wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1",
		Endpoint: c.URL}, slog.New(slog.DiscardHandler))
	if got, err := p.Shops(t.Context(), "demo-by"); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("%+v, %v", got, err)
	}
}
