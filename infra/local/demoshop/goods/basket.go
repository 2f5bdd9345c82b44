package goods

import (
	"math"
	"strconv"
	"strings"
)

// Line is one product in a basket or an order. Its name and price are those of
// the day it was bought.
type Line struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Price    Money  `json:"price"` // of one piece
}

// Total is the line's price; the zero Money where it does not fit.
func (l Line) Total() Money {
	total, _ := l.Price.Times(l.Quantity)
	return total
}

// Basket is what a customer is about to buy, in one currency, each product once.
type Basket []Line

// ReadBasket reads what String wrote. It comes back from a browser, so whatever
// is not for sale in the currency, or not a quantity, is left out.
func ReadBasket(text string, sold Catalogue, currency string) Basket {
	var b Basket
	for entry := range strings.SplitSeq(text, "-") {
		sku, count, _ := strings.Cut(entry, ".")
		n, err := strconv.ParseInt(count, 10, 64)
		p, known := sold.Find(sku)
		if _, ok := p.Price(currency); err == nil && known && ok {
			b = b.With(p, currency, n)
		}
	}
	return b
}

// String writes the basket in letters, digits and "." and "-" alone:
// "abrus.2-pavuk.1".
func (b Basket) String() string {
	entries := make([]string, len(b))
	for i, l := range b {
		entries[i] = l.SKU + "." + strconv.FormatInt(l.Quantity, 10)
	}
	return strings.Join(entries, "-")
}

// With answers the basket with n pieces of a product, and without the product
// when n is 0 or less. There is never more than MaxQuantity of one.
func (b Basket) With(p Product, currency string, n int64) Basket {
	price, sold := p.Price(currency)
	next, seen := Basket{}, false
	line := Line{SKU: p.SKU, Name: p.Name, Quantity: min(n, MaxQuantity), Price: price}
	for _, l := range b {
		if l.SKU != p.SKU {
			next = append(next, l)
			continue
		}
		if seen = true; n > 0 && sold {
			next = append(next, line)
		}
	}
	if !seen && n > 0 && sold {
		next = append(next, line)
	}
	return next
}

// Count is how many pieces of a product lie in the basket.
func (b Basket) Count(sku string) int64 {
	for _, l := range b {
		if l.SKU == sku {
			return l.Quantity
		}
	}
	return 0
}

// Total is what the basket costs; ok is false when it is empty or the sum does
// not fit.
func (b Basket) Total() (sum Money, ok bool) {
	for i, l := range b {
		line, fits := l.Price.Times(l.Quantity)
		if !fits || i > 0 && (line.Currency != sum.Currency || sum.Minor > math.MaxInt64-line.Minor) {
			return Money{}, false
		}
		sum = Money{Minor: sum.Minor + line.Minor, Currency: line.Currency}
	}
	return sum, len(b) > 0
}

// Title names what is in the basket in one line: "2 x Abrus linen set, 1 x Pavuk
// straw spider".
func (b Basket) Title() string {
	names := make([]string, len(b))
	for i, l := range b {
		names[i] = strconv.FormatInt(l.Quantity, 10) + " x " + l.Name
	}
	return strings.Join(names, ", ")
}
