package field_test

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"kassa/shared/checkout/field"
)

// price is one with two decimals, as programs have it in floating point.
func (d draw) price(most int) float64 { return float64(1+d.IntN(most)) / 100 }

// shown is a number as JavaScript, Python and others print it: as few digits as tell it from all others.
func shown(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// clocked is an id of Snowflake's form: milliseconds since an epoch, a machine and a count.
func (d draw) clocked(since time.Time, at time.Time, count int) string {
	return fmt.Sprint(at.Sub(since).Milliseconds()<<22 | d.Int64N(1024)<<12 | int64(count))
}

// reckoned are texts that programs make by reckoning and by chance, and that look like cards to nobody who sees them.
func (d draw) reckoned() map[string]func() string {
	later := func() time.Time { return time.Unix(1_775_000_000+d.Int64N(280_000_000), d.Int64N(1e9)) } // 2026 to 2035
	return map[string]func() string{
		"sum": func() string {
			sum := 0.0
			for range 1 + d.IntN(9) {
				sum += d.price(200_000)
			}
			return d.pick("", "total: ") + shown(sum)
		},
		"tax":      func() string { return shown(d.price(1_000_000)*0.18) + d.pick("", " AZN", ",") },
		"rate":     func() string { return shown(float64(31_000+d.IntN(3000)) / 10_000 * d.near()) },
		"discount": func() string { return d.pick("-", "") + shown(d.price(1_000_000)*(1-float64(d.IntN(50))/100)) },
		"share": func() string { // of a price in parts, as PostgreSQL has it
			return big.NewRat(int64(1+d.IntN(200_000)), 100*int64(3<<d.IntN(4))).FloatString(16)
		},
		"hexadecimal": func() string { // a wallet's address, and a token of 24 bytes
			text := fmt.Sprintf("%016x%016x%016x", d.Uint64(), d.Uint64(), d.Uint64())
			return d.pick("0x"+text[:40], text)
		},
		"Snowflake": func() string {
			since := time.UnixMilli(1_288_834_974_657) // Twitter's epoch, which most programs keep
			for {
				// two weeks of June 2027 begin as cards of Mir do
				if id := d.clocked(since, later(), d.IntN(3)); id[:3] != "220" {
					return id
				}
			}
		},
		"Snowflake since a shop began": func() string {
			since := time.Date(2020+d.IntN(5), time.Month(1+d.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
			return d.clocked(since, since.AddDate(1, 0, d.IntN(2000)), d.IntN(3))
		},
		"Sonyflake": func() string {
			since := time.Date(2014, 9, 1, 0, 0, 0, 0, time.UTC)
			return fmt.Sprint(later().Sub(since).Milliseconds()/10<<24 | d.Int64N(1<<16))
		},
	}
}

// near is a margin on a rate of exchange.
func (d draw) near() float64 { return float64(95+d.IntN(11)) / 100 }

// TestReckonedNumbersAreNoCards: under one in 10,000, of every sort.
func TestReckonedNumbersAreNoCards(t *testing.T) {
	computes(t)
	const each = 10_000
	d := newDraw()
	for name, draw := range inOrder(d.reckoned()) {
		found := []string{}
		for range each {
			if text := draw(); field.HoldsCardNumber(text) {
				found = append(found, text)
			}
		}
		if len(found) > each/10_000 {
			t.Errorf("%s: %d of %d are refused, such as %q", name, len(found), each, found[:min(3, len(found))])
		}
	}
}

// TestReckonedPairsAreNoCards: what shops keep in metadata of a rate of exchange, and of who plays on which server.
func TestReckonedPairsAreNoCards(t *testing.T) {
	computes(t)
	const each = 10_000
	d := newDraw()
	member := func() string { // of Discord: since 2015, the count of a busy machine
		return d.clocked(time.UnixMilli(1_420_070_400_000), d.day().AddDate(-d.IntN(9), 0, 0), d.IntN(4096))
	}
	refused := 0
	for range each {
		rate := shown(1 / (0.1 + d.Float64()*0.8))
		for _, pair := range [][2]string{{"exchange_rate", rate}, {"fx", `{"from":"USD","rate":` + rate + `}`},
			{"landing", "https://shop.by/?rate=" + rate + "&x=1"}, {"discord_id", member()}, {"discordUserId", member()},
			{"guild_id", member()}, {"who", `{"discord_id":"` + member() + `"}`}} {
			if field.HoldsCardInPair(pair[0], pair[1]) {
				if refused++; refused > each*7/10_000 {
					t.Errorf("refused: %s %s", pair[0], pair[1])
				}
			}
		}
	}
}

// TestCardsBesideReckonedNumbers are found: a figure and a point before a card's number make no number that programs
// print, and few cards of 17 and 18 digits look like an id made of the time.
func TestCardsBesideReckonedNumbers(t *testing.T) {
	d := newDraw()
	missed := 0
	for range 2000 {
		for _, text := range []string{"5." + d.everyday(), "Card 2." + d.everyday(), "1.5 " + d.everyday(),
			d.everyday() + " 3.3696450000000003", "0x" + d.everyday(), d.of(19, "4", "62"),
			"https://shop.az/?rate=1.5&c=" + d.everyday()} {
			if !field.HoldsCardNumber(text) {
				t.Errorf("%s passes", text)
			}
		}
		for _, long := range []string{d.of(18, "58"), d.of(17, "67")} {
			if !field.HoldsCardNumber(long) {
				missed++
			}
		}
	}
	if missed > 8 {
		t.Errorf("%d of 4000 cards of 17 and 18 digits pass", missed)
	}
	for name, value := range map[string]string{"note": "5.4111111111111111", "rate": "5.4111111111111111",
		"discord": "4111111111111111", "card": "3.2679738562091503 4111111111111111"} {
		if !field.HoldsCardInPair(name, value) {
			t.Errorf("%s %s passes", name, value)
		}
	}
}

// TestVariantsOfGoodsAreNoCards: Shopify numbered those of 2021 with 14 digits from 392 to 399, which Diners
// Club's cards might be, and stood at 30, 36 and 38 before. A shop has such a number as that of its good, and addresses
// of its pages name it. The checkouts of 2023 to 2025 have numbers from 36 to 38.
func TestVariantsOfGoodsAreNoCards(t *testing.T) {
	computes(t)
	d := newDraw()
	for range 5000 {
		variant := d.pick("392", "393", "395", "399") + d.digits(11)
		old := d.pick("302", "305", "367", "380") + d.digits(11)
		if field.HoldsCardNumber(variant) || field.HoldsCardNumber("Tea, "+variant+" x 2") ||
			field.HoldsCardInAddress("https://shop.az/products/tea?variant="+old+"&x=1") {
			t.Fatalf("%s or %s is refused", variant, old)
		}
		for name, value := range map[string]string{"variant_id": old, "shopifyVariant": old, "sku": variant,
			"line": `{"id":1,"variant_id":` + old + `}`, "gid": "gid://shopify/ProductVariant/" + variant,
			"landing": "https://shop.az/products/tea?variant=" + old, "variant_ids": old + "," + variant,
			"checkout_id": d.pick("36", "38") + d.digits(12)} {
			if field.HoldsCardInPair(name, value) {
				t.Fatalf("%s %s is refused", name, value)
			}
		}
		card := d.everyday()
		for name, value := range map[string]string{"variant": card, "variant_id": "Card " + card, "sku": d.of(14, "36"),
			"checkout_id": card} {
			if !field.HoldsCardInPair(name, value) {
				t.Fatalf("%s %s passes", name, value)
			}
		}
	}
}
