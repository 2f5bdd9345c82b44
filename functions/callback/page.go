package main

import (
	"net/http"
	"strings"

	"kassa/shared/api"
)

// words are what a page of ours says in one language.
type words struct{ lang, gone, goneMore, later, laterMore string }

// languages are the page's, the fallback first.
func languages() []words {
	return []words{
		{"en", "Nothing here", "This address leads to no payment. Please go back to the shop: your order is there.",
			"One moment", "The payment cannot be read just now. Nothing is lost. This page tries again by itself; you may also go back to the shop."},
		{"az", "Burada heç nə yoxdur", "Bu ünvan heç bir ödənişə aparmır. Zəhmət olmasa mağazaya qayıdın: sifarişiniz oradadır.",
			"Bir az gözləyin", "Ödəniş hazırda oxunmur. Heç nə itməyib. Bu səhifə özü yenidən yoxlayır; mağazaya da qayıda bilərsiniz."},
		{"ru", "Здесь ничего нет", "По этому адресу нет платежа. Вернитесь, пожалуйста, в магазин: ваш заказ там.",
			"Одну минуту", "Сейчас платёж не удаётся прочитать. Ничего не потеряно. Страница попробует ещё раз сама; можно и вернуться в магазин."},
	}
}

// show answers a browser with a small page where the payment cannot be read, and so its shop is not known; a bank's server gets
// the problem itself.
func show(r *api.Request, p api.Problem) api.Response {
	to, _ := readAddress(r.Path) // the action is all that matters here
	a := p.Response()
	if !to.browser() {
		return a
	}
	w := speak(r.Header["accept-language"])
	title, text, again := w.gone, w.goneMore, ""
	if p.Status >= http.StatusInternalServerError {
		title, text, again = w.later, w.laterMore, `<meta http-equiv="refresh" content="10">`
	}
	a.Body = []byte(`<!doctype html><html lang="` + w.lang + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">` + again +
		`<title>` + title + `</title><style>` + style + `</style></head><body><main><h1>` + title + `</h1><p>` + text +
		`</p><p class="id">` + p.Code + `</p></main></body></html>`)
	return a.With("Content-Type", "text/html; charset=utf-8").With("Content-Language", w.lang).With("Referrer-Policy", "no-referrer").
		With("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

const style = `html{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}body{margin:0;min-height:100vh;display:grid;place-items:center}` +
	`main{max-width:28rem;padding:1.5rem}h1{font-size:1.5rem;line-height:1.25}.id{font-size:.875rem;opacity:.7}`

// speak picks a language by Accept-Language, which browsers send in the order of preference; Belarusian readers get Russian.
func speak(accept string) words {
	all := languages()
	for tag := range strings.SplitSeq(accept, ",") {
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), ";")
		primary, _, _ = strings.Cut(primary, "-")
		if primary == "be" {
			primary = "ru"
		}
		for _, w := range all {
			if w.lang == primary {
				return w
			}
		}
	}
	return all[0]
}
