package main

import (
	"errors"
	"html"
	"net/http"
	"strconv"
	"time"

	"kassa/shared/api"
	"kassa/shared/payment"
)

// moments are what the page of moment says, by language.
func moments() map[string][3]string {
	return map[string][3]string{
		"en": {"One moment", "We are asking the bank about your payment. This page goes on by itself.", "Back to the shop"},
		"az": {"Bir az gözləyin", "Ödənişiniz haqqında bankdan soruşuruq. Bu səhifə özü davam edəcək.", "Mağazaya qayıt"},
		"ru": {"Одну минуту", "Мы спрашиваем банк о вашем платеже. Страница продолжит сама.", "Вернуться в магазин"},
	}
}

// moment is the page of a customer who comes back while another request, mostly the same customer's, waits for its turn to ask the
// bank. It comes again when the answer should be there, so that no customer is told "pending" for our own pause, and nobody else of
// a crowd keeps a function waiting.
func moment(r *api.Request, p payment.Payment, cause error) (api.Response, error) {
	back, err := redirect(p)
	if err != nil {
		return api.Response{}, err
	}
	again := 5 * time.Second
	if e, ok := errors.AsType[*payment.Error](cause); ok && e.RetryAfter > 0 {
		again = e.RetryAfter
	}
	lang := speak(r.Header["accept-language"]).lang
	w := moments()[lang]
	seconds := strconv.Itoa(int((again + time.Second - 1) / time.Second))
	body := `<!doctype html><html lang="` + lang + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">` +
		`<meta http-equiv="refresh" content="` + seconds + `"><title>` + w[0] + `</title><style>` + style + `</style></head><body><main><h1>` +
		w[0] + `</h1><p>` + w[1] + `</p><p><a href="` + html.EscapeString(back.Header["Location"]) + `">` + w[2] + `</a></p></main></body></html>`
	a := api.Response{Status: http.StatusOK, Body: []byte(body)}
	return a.With("Content-Type", "text/html; charset=utf-8").With("Content-Language", lang).With("Referrer-Policy", "no-referrer").
		With("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"), nil
}
