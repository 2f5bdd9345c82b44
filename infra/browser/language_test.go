//go:build browser

package browser

import "testing"

// shopLanguages walks the shop in each of its languages: the switch leads to the same page, long words break no layout,
// and a return page says in which language it is.
func (w *world) shopLanguages(t *testing.T) {
	b := w.order(t, phone())
	number := b.number()
	b.pay(goodCard)
	b.stands("paid")
	for _, language := range []string{"az", "be", "ru", "en"} {
		b.address(w.Info.ShopURL + "/return/" + number)
		b.press(hook("language-" + language))
		b.until(`document.documentElement.lang === ` + quote(language))
		b.stands("paid")
		b.inspect("language " + language + " paid")
		for name, path := range map[string]string{"catalogue": "/", "catalogue by": "/in/BYN",
			"product": "/products/kelagayi", "product by": "/products/abrus", "cart": "/cart", "orders": "/orders",
			"order": "/orders/" + number, "search": "/orders?find=nothing", "messages": "/messages"} {
			b.address(w.Info.ShopURL + path)
			b.until(`document.documentElement.lang === ` + quote(language))
			b.inspect("language " + language + " " + name)
		}
	}
}
