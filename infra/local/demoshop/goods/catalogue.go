package goods

// Product is one thing on the shelf. Its picture is the block of the same SKU in
// the shop's templates.
type Product struct {
	SKU    string // a-z only: it stands in addresses and in the basket's text
	Name   string // in English; the shop's texts have it in every language, with what else is said of it
	Prices []Money
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

// Market is a country that the shop sells to.
type Market struct {
	Currency string
	Places   string // in the country's own language
}

// MarketOf answers the market of a currency.
func MarketOf(currency string) Market {
	return Market{Currency: currency, Places: map[string]string{"AZN": "Bakı · Göyçay · Şəki",
		"BYN": "Мінск · Мотала · Слуцк"}[currency]}
}

// All is the shop's catalogue.
func All() Catalogue {
	return Catalogue{{
		SKU:    "armudu",
		Name:   "Armudu tea set",
		Prices: []Money{{Minor: 15000, Currency: "AZN"}},
	}, {
		SKU:    "kelagayi",
		Name:   "Kəlağayı silk scarf",
		Prices: []Money{{Minor: 8990, Currency: "AZN"}},
	}, {
		SKU:    "narsharab",
		Name:   "Narşərab",
		Prices: []Money{{Minor: 1250, Currency: "AZN"}},
	}, {
		SKU:    "abrus",
		Name:   "Abrus linen set",
		Prices: []Money{{Minor: 12000, Currency: "BYN"}},
	}, {
		SKU:    "svitka",
		Name:   "Svitka wool coat",
		Prices: []Money{{Minor: 45000, Currency: "BYN"}},
	}, {
		SKU:    "pavuk",
		Name:   "Pavuk straw spider",
		Prices: []Money{{Minor: 3600, Currency: "BYN"}},
	}}
}
