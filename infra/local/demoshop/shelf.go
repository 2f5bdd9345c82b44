// The shelves, products and the cart. Prices are whole minor units and come from the catalogue; of what a browser
// sends only which product and how many is believed.

package demoshop

import (
	"crypto/rand"
	"net/http"
	"strconv"

	"kassa/infra/local/demoshop/goods"
)

// catalogueView is the shelf of one market, with the way to the others.
type catalogueView struct {
	goods.Market
	Products []product
	Markets  []goods.Market
}

// product is a thing on the shelf with its price in the market on show.
type product struct {
	goods.Product
	Price goods.Money
}

// productView is the product page with its forms.
type productView struct {
	goods.Product
	Details    []int  // numbers of the texts about it
	Market     string // currency of the shelf that the product stands on
	Choices    []choice
	Quantities []quantity
	Form       string // names this rendering of the form: a repeat of it is the same order
	Error      string
	Shop       string // the merchant off the shelves that it is bought from, or nothing
	Simulated  bool
	Instalment *offer // how it is sold by instalments; nil where it is not
}

// choice is a currency that the product can be paid in by card.
type choice struct {
	Price    goods.Money
	Merchant string
}

// quantity is a number of pieces and what they cost together.
type quantity struct {
	Count int64
	Total goods.Money
}

// offer is what the instalment widget needs to know.
type offer struct {
	Shop       string // the merchant's id in Kassa
	API        string // base address of Kassa's API
	Price      goods.Money
	Quantities []quantity
}

// quantities are those that one order may hold, as far as their price fits.
func quantities(price goods.Money) (all []quantity) {
	for n := range int64(goods.MaxQuantity) {
		if total, ok := price.Times(n + 1); ok {
			all = append(all, quantity{Count: n + 1, Total: total})
		}
	}
	return all
}

// showCatalogue is the shelf of the first shop's market.
func (s *Site) showCatalogue(w http.ResponseWriter, r *http.Request) {
	s.renderMarket(w, r, s.shops[0].Currency)
}

// showMarket is the shelf of one currency.
func (s *Site) showMarket(w http.ResponseWriter, r *http.Request) {
	for _, shop := range s.shops {
		if shop.Currency == r.PathValue("currency") {
			s.renderMarket(w, r, shop.Currency)
			return
		}
	}
	s.notFound(w, r)
}

// renderMarket shows what is sold in a currency; shops off the shelves have no market of their own.
func (s *Site) renderMarket(w http.ResponseWriter, r *http.Request, currency string) {
	view := catalogueView{Market: goods.MarketOf(currency)}
	for _, p := range s.products.In(currency) {
		price, _ := p.Price(currency)
		view.Products = append(view.Products, product{p, price})
	}
	for _, shop := range s.shops {
		if shop.Aside {
			continue
		}
		view.Markets = append(view.Markets, goods.MarketOf(shop.Currency))
	}
	say := s.speech(r)
	s.render(w, r, http.StatusOK, "catalogue",
		page{Title: say.Say("market.title", say.Word("market", currency+".country")), Body: view})
}

// showProduct is a product with a form of its own: two tabs are two orders, two clicks in one are one.
func (s *Site) showProduct(w http.ResponseWriter, r *http.Request) {
	p, ok := s.products.Find(r.PathValue("sku"))
	if !ok {
		s.notFound(w, r)
		return
	}
	keepForTheWayBack(w)
	s.renderProduct(w, r, http.StatusOK, p, "")
}

// keepForTheWayBack lets the browser show the page that it kept, with the same
// form, on the way back from the bank: a second press is then the same order.
func keepForTheWayBack(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, max-age=0")
}

// renderProduct shows the ways to pay that a product has: by card in each currency, and by instalments where one of its
// shops sells so.
func (s *Site) renderProduct(w http.ResponseWriter, r *http.Request, status int, p goods.Product, mistake string) {
	view := productView{Product: p, Details: []int{1, 2, 3}, Market: s.shops[0].Currency, Form: rand.Text(),
		Error: mistake,
		Shop:  s.asideShop(r)}
	for _, shop := range s.shops {
		price, sold := p.Price(shop.Currency)
		if !sold || (shop.Aside || view.Shop != "") && shop.ID != view.Shop {
			continue
		}
		view.Market = shop.Currency
		if shop.Instalments {
			view.Instalment = &offer{Shop: shop.ID, API: s.kassa.base, Price: price, Quantities: quantities(price)}
			continue
		}
		view.Choices = append(view.Choices, choice{Price: price, Merchant: shop.Name})
		view.Simulated = view.Simulated || shop.SimulatorURL != ""
	}
	if len(view.Choices) > 0 {
		view.Quantities = quantities(view.Choices[0].Price)
	}
	s.render(w, r, status, "product", page{Title: s.speech(r).Goods(p.SKU, p.Name), Back: "/products/" + p.SKU,
		Body: view})
}

// asideShop is the merchant off the shelves that the request asks for, or nothing.
func (s *Site) asideShop(r *http.Request) string {
	for _, shop := range s.shops {
		if shop.Aside && shop.ID == r.FormValue("shop") {
			return shop.ID
		}
	}
	return ""
}

// cartView is the customer's basket, which is paid by instalments.
type cartView struct {
	Lines    goods.Basket
	Total    goods.Money
	Currency string
	offer
	Most []int64 // the quantities that one may choose
}

// cartCookie holds the basket itself, so that it outlives this program and
// nothing is kept of people who only look.
const cartCookie = "demoshop_cart"

// basket is what lies in the cart, without what is not for sale any more.
func (s *Site) basket(r *http.Request, shop Shop) goods.Basket {
	cookie, err := r.Cookie(cartCookie)
	if err != nil {
		return nil
	}
	return goods.ReadBasket(cookie.Value, s.products, shop.Currency)
}

const cartLife = 30 * 24 * 60 * 60 // seconds

// keepBasket keeps it in the browser; an empty one is taken away.
func (s *Site) keepBasket(w http.ResponseWriter, b goods.Basket) {
	life := cartLife
	if len(b) == 0 {
		life = -1
	}
	s.setCookie(w, cartCookie, b.String(), life)
}

// showCart lists what will be bought, with the widget that tells the monthly amount.
func (s *Site) showCart(w http.ResponseWriter, r *http.Request) {
	shop, ok := s.instalmentShop()
	if !ok {
		s.notFound(w, r)
		return
	}
	view := cartView{Lines: s.basket(r, shop), Currency: shop.Currency}
	view.Total, _ = view.Lines.Total()
	view.offer = offer{Shop: shop.ID, API: s.kassa.base, Price: view.Total}
	for n := range int64(goods.MaxQuantity) {
		view.Most = append(view.Most, n+1)
	}
	s.render(w, r, http.StatusOK, "cart", page{Title: s.speech(r).Say("cart.title"), Flash: s.takeFlash(w, r), Body: view})
}

// changeCart puts more of a product into the cart (add=yes) or sets how many
// there are; 0 takes it out.
func (s *Site) changeCart(w http.ResponseWriter, r *http.Request) {
	shop, there := s.instalmentShop()
	if !there {
		s.notFound(w, r)
		return
	}
	if !s.readForm(w, r) {
		return
	}
	p, known := s.products.Find(r.PostForm.Get("sku"))
	_, sold := p.Price(shop.Currency)
	n, err := strconv.ParseInt(r.PostForm.Get("quantity"), 10, 64)
	if !known || !sold || err != nil || n < 0 || n > goods.MaxQuantity {
		s.notFound(w, r)
		return
	}
	b := s.basket(r, shop)
	if r.PostForm.Get("add") == "yes" {
		n += b.Count(p.SKU)
	}
	if n > goods.MaxQuantity {
		s.flash(w, flashMessage{Tone: "info", Text: s.speech(r).Say("cart.most", goods.MaxQuantity)})
	}
	s.keepBasket(w, b.With(p, shop.Currency, n))
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}
