package demoshop

// product is one thing on the shelf. Its picture is the block of the same sku
// in templates/art.html.
type product struct {
	SKU     string
	Name    string
	Tagline string
	Story   string
	Details []string
	Prices  []money
}

// price answers the product's price in a currency.
func (p product) price(currency string) (money, bool) {
	for _, m := range p.Prices {
		if m.Currency == currency {
			return m, true
		}
	}
	return money{}, false
}

// maxQuantity is how many pieces one order may hold.
const maxQuantity = 5

func catalogue() []product {
	return []product{{
		SKU:     "armudu",
		Name:    "Armudu tea set",
		Tagline: "Six pear-shaped glasses, six saucers",
		Story: "The waist keeps the tea hot below while the rim stays cool enough to sip. " +
			"Mouth-blown, with a hand-painted gold line, and packed in wood wool.",
		Details: []string{"Glass and porcelain, 100 ml", "Six glasses, six saucers", "Wash by hand"},
		Prices:  []money{{Minor: 15000, Currency: "AZN"}},
	}, {
		SKU:     "kelagayi",
		Name:    "Kəlağayı silk scarf",
		Tagline: "Raw silk, block-printed with buta",
		Story: "Printed with carved wooden blocks and dyed with walnut, saffron and madder. " +
			"Light enough to pass through a ring, warm enough for a Khazri evening.",
		Details: []string{"Pure mulberry silk", "90 × 90 cm", "No two are quite alike"},
		Prices:  []money{{Minor: 8990, Currency: "AZN"}},
	}, {
		SKU:     "narsharab",
		Name:    "Narşərab",
		Tagline: "Pomegranate molasses from Göyçay",
		Story: "Pressed from sour autumn fruit and cooked down for a day, with nothing added. " +
			"For fish, for aubergine, for the spoon.",
		Details: []string{"250 ml glass bottle", "Harvest of last October", "Keeps for two years"},
		Prices:  []money{{Minor: 1250, Currency: "AZN"}},
	}}
}
