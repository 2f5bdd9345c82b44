//go:build browser

package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"kassa/storefront"
)

// badge is the selector of the element on the page that productPage makes.
const badge = "kassa-instalments"

// productPage is a shop's page that holds a badge, and a policy that allows no more than a badge needs. The script is
// served beside it.
func productPage(element, api string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /instalments.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprint(w, storefront.Instalments())
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:; connect-src 'self' "+
			api)
		_, _ = fmt.Fprint(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Linen</title><link rel="icon" `+
			`href="data:,">`+
			`<script type="module" src="/instalments.js"></script>`+element+`<p id="below">Linen</p></html>`)
	})
	return mux
}

// TestBadge looks at the badge alone, without a stack: its sums, its words and how it behaves before an endpoint with
// whims.
func TestBadge(t *testing.T) {
	if err := os.MkdirAll(screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	w := &world{browser: launch(t, chromium(t)), pictures: screenshots}
	t.Run("sums", w.badgeSums)
	t.Run("words", w.badgeWords)
	t.Run("place", w.badgePlace)
	t.Run("endpoint", w.badgeEndpoint)
}

// product opens a page with a badge.
func (w *world) product(t *testing.T, handler http.Handler) *tab {
	t.Helper()
	shop := httptest.NewServer(handler)
	t.Cleanup(shop.Close)
	b := w.open(w.browser, t, phone())
	b.address(shop.URL)
	b.until(`customElements.get("` + badge + `")`)
	return b
}

// reads waits until the badge reads so, to eyes and to ears; "" is nothing at all.
func (b *tab) reads(seen, said string) {
	b.Helper()
	b.until(fmt.Sprintf(`(() => {
		const spans = [...document.querySelector(%s).shadowRoot.children];
		const plain = (s) => s?.textContent.replaceAll("\u00a0", " ") ?? "";
		const seen = spans.filter((s) => s.ariaHidden === "true" && s.getClientRects()[0]?.width > 40);
		const said = spans.filter((s) => !s.ariaHidden);
		return plain(seen[0]) === %s && plain(said[0]) === %s && spans.length === %d;
	})()`, quote(badge), quote(seen), quote(said), 2*min(1, len(seen))))
}

// set changes attributes of the badge.
func (b *tab) set(attributes ...string) {
	b.Helper()
	for i := 0; i < len(attributes); i += 2 {
		b.until(fmt.Sprintf(`document.querySelector(%s).setAttribute(%s, %s) ?? true`, quote(badge), quote(attributes[i]),
			quote(attributes[i+1])))
	}
}

// The badge plans as payment.Instalments does: in every vector, and for every total up to 1000.00 over 2 to 36 months.
func (w *world) badgeSums(t *testing.T) {
	text, err := os.ReadFile("../../storefront/testdata/instalments.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Checksum uint32
		Cases    []struct{}
	}
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors.Cases) < 50 {
		t.Fatalf("%d vectors, %v", len(vectors.Cases), err)
	}
	b := w.product(t, productPage("<"+badge+"></"+badge+">", ""))
	wrong, err := ask[[]string](b, `((cases) => cases.flatMap(({total, terms, plans}) => {
		const got = JSON.stringify(customElements.get("`+badge+
		`").plans(total, terms).map((p) => [p.term, p.monthly, p.last]));
		return got === JSON.stringify(plans) ? [] : [total + " over " + terms + ": " + got];
	}))(`+string(text)+`.cases)`)
	if err != nil || len(wrong) > 0 {
		t.Errorf("the badge plans otherwise: %v %v", wrong, err)
	}
	sum, err := ask[uint32](b, `(() => {
		const terms = Array.from({length: 35}, (_, i) => i + 2), plans = customElements.get("`+badge+`").plans;
		let sum = 2166136261;
		for (let total = 1; total <= 100000; total++)
			for (const p of plans(total, terms))
				for (const n of [p.term, p.monthly, p.last]) sum = Math.imul(sum ^ n, 16777619) >>> 0;
		return sum;
	})()`)
	if err != nil || sum != vectors.Checksum {
		t.Errorf("over all totals the checksum is %d, want %d (%v)", sum, vectors.Checksum, err)
	}
}

func (w *world) badgeWords(t *testing.T) {
	b := w.product(t, productPage(`<`+badge+` amount="10000" terms="3, 12,6"></`+badge+`>`, ""))
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
	for lang, want := range map[string][2]string{
		"be":    {"ад 8,34 BYN/мес. × 12", "Растэрміноўка: ад 8,34 BYN у месяц, тэрмін у месяцах: 12"},
		"ru-BY": {"от 8,34 BYN/мес. × 12", "Рассрочка: от 8,34 BYN в месяц, срок в месяцах: 12"},
		"az":    {"ayda 8,34 BYN-dən × 12", "Hissə-hissə ödəniş: ayda 8,34 BYN-dən, ayların sayı: 12"},
		"de":    {"from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12"},
	} {
		b.set("lang", lang)
		b.reads(want[0], want[1])
		b.until(fmt.Sprintf(`document.querySelector(%s).shadowRoot.children[1].lang === %s`, quote(badge),
			quote(map[string]string{
				"be": "be", "ru-BY": "ru", "az": "az", "de": "en"}[lang])))
	}
	b.set("lang", "ru", "currency", "AZN", "amount", "1234567890")
	b.reads("от 1 028 806,58 AZN/мес. × 12", "Рассрочка: от 1 028 806,58 AZN в месяц, срок в месяцах: 12")
	b.set("lang", "en", "amount", "100")
	b.reads("from 0.09 AZN/month × 12", "Instalments: from 0.09 AZN per month, number of months: 12")
	b.set("amount", "5") // over 6 and 12 months the last instalment would be nothing
	b.reads("from 0.02 AZN/month × 3", "Instalments: from 0.02 AZN per month, number of months: 3")
	for _, amount := range []string{"", "0", "-5", "1.5", "1e9", "abc", "9999999999999999", "1"} {
		b.set("amount", amount)
		b.reads("", "")
	}
	b.set("amount", "100", "terms", "x,1,61,2.5")
	b.reads("", "")
}

// The badge has its line whether it shows something or not, and looks as the page's variables say.
func (w *world) badgePlace(t *testing.T) {
	b := w.product(t, productPage(`<`+badge+` terms="12"></`+badge+`>`, ""))
	b.reads("", "")
	const below = `document.querySelector("#below").getBoundingClientRect().y`
	empty, err := ask[float64](b, below)
	if err != nil {
		t.Fatal(err)
	}
	b.set("amount", "10000")
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
	b.until(fmt.Sprintf("%s === %v", below, empty))
	b.until(`(() => {
		const e = document.querySelector("` + badge + `"), style = getComputedStyle(e.shadowRoot.children[0]);
		e.style.setProperty("--kassa-color", "rgb(1, 2, 3)");
		e.style.setProperty("--kassa-font", "italic 700 20px serif");
		return style.color === "rgb(1, 2, 3)" && style.fontWeight === "700" && style.fontSize === "20px" &&
			e.offsetHeight === 30;
	})()`)
	b.until(`document.cookie === "" && localStorage.length === 0 && sessionStorage.length === 0`)
}

// What comes late, broken or never leaves no trace, and nothing of the customer goes along.
func (w *world) badgeEndpoint(t *testing.T) {
	const nobody = "http://127.0.0.1:9"
	given := make(chan struct{})
	seen := make(chan string, 20)
	page := productPage(`<`+badge+` shop="demo by&amount=1" api="" amount="10000"></`+badge+`>`, nobody)
	b := w.product(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/instalments" {
			page.ServeHTTP(rw, r)
			return
		}
		amount := r.URL.Query().Get("amount")
		if len(r.Header.Values("Cookie")) > 0 || r.URL.Query().Get("shop") != "demo by&amount=1" || len(r.URL.Query()) != 2 {
			t.Errorf("the badge sent %s %v", r.URL, r.Header)
		}
		switch amount {
		case "500":
			select {
			case <-r.Context().Done():
				seen <- "given up"
			case <-given:
				seen <- "still wanted"
			case <-time.After(patience):
				seen <- "never given up"
			}
			return
		case "404":
			rw.WriteHeader(404)
		}
		_, _ = fmt.Fprint(rw, map[string]string{
			"10000": `{"currency":"BYN","plans":[{"term":3,"monthly_amount":3334},{"term":12,"monthly_amount":834}]}`,
			"20000": `{"currency":"AZN","plans":[{"term":6,"monthly_amount":3334}]}`,
			"30000": `{"currency":"BYN","plans":[]}`, "40000": `<html>`, "50000": `{}`, "60000": `null`,
			"70000": `{"currency":"BYN","plans":[{"term":3,"monthly_amount":"3334"}]}`,
			"80000": `{"currency":"BYN","plans":[{"term":3,"monthly_amount":8.5}]}`,
			"404":   `{"code":"not_found"}`,
		}[amount])
	}))
	b.forgive("404", "net::ERR_")
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
	b.until(`(document.cookie = "who=me") && true`)
	for _, amount := range []string{"30000", "40000", "50000", "60000", "70000", "80000", "404"} {
		b.set("amount", amount)
		b.reads("", "")
		b.set("amount", "20000")
		b.reads("from 33.34 AZN/month × 6", "Instalments: from 33.34 AZN per month, number of months: 6")
	}
	b.set("amount", "500")
	b.reads("", "")
	b.set("amount", "10000")
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
	if what := <-seen; what != "given up" {
		t.Errorf("the request that nobody needs was %s", what)
	}
	close(given)
	b.set("api", nobody)
	b.reads("", "")
	b.set("api", "/") // as people end addresses
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
}

// The badge on a page of another origin, against the running checkout: demo-by sells over 3, 6 and 12 months.
func (w *world) instalmentBadge(t *testing.T) {
	page := productPage(`<`+badge+` shop="demo-by" api="`+w.Info.APIURL+`" amount="12000"></`+badge+`>`, w.Info.APIURL)
	b := w.product(t, page)
	b.reads("from 10.00 BYN/month × 12", "Instalments: from 10.00 BYN per month, number of months: 12")
	b.set("amount", "10000")
	b.reads("from 8.34 BYN/month × 12", "Instalments: from 8.34 BYN per month, number of months: 12")
	b.forgive("status 404", "404 (Not Found)")
	b.set("shop", "demo-az") // sells for cash alone
	b.reads("", "")
	b.set("shop", "demo-az-json") // over 2, 3 and 6, which its contract with the bank allows
	b.set("bank", "kapital")
	b.reads("from 16.67 AZN/month × 6", "Instalments: from 16.67 AZN per month, number of months: 6")
	b.set("bank", "kartapokupok")
	b.reads("", "")
}
