package goods

// Product is one thing on the shelf. Its picture is the block of the same SKU in
// the shop's templates.
type Product struct {
	SKU     string // a-z only: it stands in addresses and in the basket's text
	Name    string
	Tagline string
	Story   string
	Details []string
	Prices  []Money
}

// Price answers the product's price in a currency.
func (p Product) Price(currency string) (Money, bool) {
	for _, m := range p.Prices {
		if m.Currency == currency {
			return m, true
		}
	}
	return Money{}, false
}

// MaxQuantity is how many pieces of a product one order may hold.
const MaxQuantity = 5

// Catalogue is everything that the shop sells, in any market.
type Catalogue []Product

// Find answers the product of a SKU.
func (c Catalogue) Find(sku string) (Product, bool) {
	for _, p := range c {
		if p.SKU == sku {
			return p, true
		}
	}
	return Product{}, false
}

// In answers what is sold in a currency.
func (c Catalogue) In(currency string) Catalogue {
	var sold Catalogue
	for _, p := range c {
		if _, ok := p.Price(currency); ok {
			sold = append(sold, p)
		}
	}
	return sold
}

// Market is a country that the shop sells to, and how it greets there.
type Market struct {
	Currency string
	Country  string
	Places   string
	Title    string
	Lead     string
}

// MarketOf answers the market of a currency; one without a greeting of its own
// is greeted plainly.
func MarketOf(currency string) Market {
	for _, m := range []Market{{
		Currency: "AZN", Country: "Azerbaijan", Places: "Bakı · Göyçay · Şəki", Title: "Small things, made slowly",
		Lead: "A tea glass with a waist, silk that passes through a ring, and the taste of October in a bottle.",
	}, {
		Currency: "BYN", Country: "Belarus", Places: "Мінск · Мотала · Слуцк", Title: "Warm things, paid month by month",
		Lead: "Linen that softens with every wash, a coat for the long winter, and a spider of straw that brings luck.",
	}} {
		if m.Currency == currency {
			return m
		}
	}
	return Market{Currency: currency, Country: currency, Title: "Small things, made slowly"}
}

// All is the shop's catalogue.
func All() Catalogue {
	return Catalogue{{
		SKU:     "armudu",
		Name:    "Armudu tea set",
		Tagline: "Six pear-shaped glasses, six saucers",
		Story: "The waist keeps the tea hot below while the rim stays cool enough to sip. " +
			"Mouth-blown, with a hand-painted gold line, and packed in wood wool.",
		Details: []string{"Glass and porcelain, 100 ml", "Six glasses, six saucers", "Wash by hand"},
		Prices:  []Money{{Minor: 15000, Currency: "AZN"}},
	}, {
		SKU:     "kelagayi",
		Name:    "Kəlağayı silk scarf",
		Tagline: "Raw silk, block-printed with buta",
		Story: "Printed with carved wooden blocks and dyed with walnut, saffron and madder. " +
			"Light enough to pass through a ring, warm enough for a Khazri evening.",
		Details: []string{"Pure mulberry silk", "90 × 90 cm", "No two are quite alike"},
		Prices:  []Money{{Minor: 8990, Currency: "AZN"}},
	}, {
		SKU:     "narsharab",
		Name:    "Narşərab",
		Tagline: "Pomegranate molasses from Göyçay",
		Story: "Pressed from sour autumn fruit and cooked down for a day, with nothing added. " +
			"For fish, for aubergine, for the spoon.",
		Details: []string{"250 ml glass bottle", "Harvest of last October", "Keeps for two years"},
		Prices:  []Money{{Minor: 1250, Currency: "AZN"}},
	}, {
		SKU:     "abrus",
		Name:    "Abrus linen set",
		Tagline: "A tablecloth and six napkins of washed flax",
		Story: "Woven of long flax from around Orsha, with a red border after the towels of Motal. " +
			"Stiff on the first day, soft in the first year, handed on after that.",
		Details: []string{"Pure linen, 240 g/m²", "Tablecloth 150 × 250 cm, six napkins", "Wash at 60 °C"},
		Prices:  []Money{{Minor: 12000, Currency: "BYN"}},
	}, {
		SKU:     "svitka",
		Name:    "Svitka wool coat",
		Tagline: "Fulled wool with a woven sash",
		Story: "Cut from straight panels as coats were cut for three centuries, so that no wool is lost. " +
			"The sash is woven in Slutsk, by hand.",
		Details: []string{"Fulled sheep's wool", "Sizes 42 to 56, tell us by phone", "Brush, do not wash"},
		Prices:  []Money{{Minor: 45000, Currency: "BYN"}},
	}, {
		SKU:     "pavuk",
		Name:    "Pavuk straw spider",
		Tagline: "Forty stalks of rye, one thread",
		Story: "It hangs above the table at Christmas and turns in the warm air of the candles. " +
			"Bad thoughts get caught in it, grandmothers say.",
		Details: []string{"Rye straw and linen thread", "30 × 30 × 45 cm", "Travels folded flat"},
		Prices:  []Money{{Minor: 3600, Currency: "BYN"}},
	}}
}
