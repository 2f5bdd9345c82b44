package goods

import (
	"math"
	"regexp"
	"testing"
)

func product(t *testing.T, sku string) Product {
	t.Helper()
	p, ok := All().Find(sku)
	if !ok {
		t.Fatalf("no product %s", sku)
	}
	return p
}

func TestBasketHoldsEachProductOnce(t *testing.T) {
	var b Basket
	b = b.With(product(t, "abrus"), "BYN", 1).With(product(t, "pavuk"), "BYN", 2).With(product(t, "abrus"), "BYN", 3)
	if total, ok := b.Total(); !ok || total.String() != "432.00 BYN" || b.String() != "abrus.3-pavuk.2" ||
		b.Title() != "3 x Abrus linen set, 2 x Pavuk straw spider" {
		t.Errorf("%s, %s, %v %v", b, b.Title(), total, ok)
	}
	if got := ReadBasket(b.String(), All(), "BYN"); got.String() != b.String() || got[1] != b[1] {
		t.Errorf("read back as %v, was %v", got, b)
	}
	b = b.With(product(t, "abrus"), "BYN", 0).With(product(t, "pavuk"), "BYN", 99)
	if b.String() != "pavuk.5" || b.Count("pavuk") != MaxQuantity || b.Count("abrus") != 0 {
		t.Errorf("%s", b)
	}
	if got := b.With(product(t, "armudu"), "BYN", 1); got.String() != "pavuk.5" {
		t.Errorf("what is not sold in the currency was taken: %s", got)
	}
}

func TestReadBasketLeavesOutWhatCannotBeMeant(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "abrus": "", "abrus.": "", "abrus.x": "", "abrus.-1": "", "abrus.0": "", "none.1": "", "armudu.1": "",
		"abrus.9223372036854775808": "", "abrus.2-none.1-pavuk.1": "abrus.2-pavuk.1", "abrus.1-abrus.2": "abrus.2",
		"abrus.77": "abrus.5",
	} {
		if got := ReadBasket(text, All(), "BYN").String(); got != want {
			t.Errorf("%q read as %q, want %q", text, got, want)
		}
	}
}

func TestTotalNeverWraps(t *testing.T) {
	half := Line{Quantity: 1, Price: Money{Minor: math.MaxInt64/2 + 1, Currency: "BYN"}}
	for name, b := range map[string]Basket{
		"empty": nil, "too much": {half, half}, "one line too much": {{Quantity: 2, Price: half.Price}},
		"two currencies": {half, {Quantity: 1, Price: Money{Minor: 1, Currency: "AZN"}}},
	} {
		if total, ok := b.Total(); ok {
			t.Errorf("%s: %s", name, total)
		}
	}
}

// Products stand in addresses and baskets by their SKU, each in one market or more, and each market greets.
func TestCatalogue(t *testing.T) {
	form, seen := regexp.MustCompile(`^[a-z]+$`), map[string]bool{}
	for _, p := range All() {
		if !form.MatchString(p.SKU) || seen[p.SKU] || len(p.Prices) == 0 {
			t.Errorf("%+v", p)
		}
		seen[p.SKU] = true
		for _, price := range p.Prices {
			if price.Minor <= 0 || MarketOf(price.Currency).Places == "" {
				t.Errorf("%s costs %s", p.SKU, price)
			}
		}
	}
	if az, by := All().In("AZN"), All().In("BYN"); len(az) != 3 || len(by) != 3 || len(All().In("EUR")) != 0 {
		t.Errorf("%d in AZN, %d in BYN", len(az), len(by))
	}
}

// FuzzReadBasket holds that whatever a browser sends back is a basket that can be paid, and reads back as itself.
func FuzzReadBasket(f *testing.F) {
	for _, seed := range []string{"abrus.2-pavuk.1", "abrus.-1", "..", "-", "svitka.5-svitka.4", "pavuk.99999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := ReadBasket(text, All(), "BYN")
		if _, ok := b.Total(); ok != (len(b) > 0) {
			t.Fatalf("%q is %v, which cannot be paid", text, b)
		}
		for _, l := range b {
			if l.Quantity < 1 || l.Quantity > MaxQuantity {
				t.Fatalf("%q holds %d of %s", text, l.Quantity, l.SKU)
			}
		}
		if again := ReadBasket(b.String(), All(), "BYN"); again.String() != b.String() {
			t.Fatalf("%q became %q, and then %q", text, b, again)
		}
	})
}
