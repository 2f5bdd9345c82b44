// The pages of our own, for customers whose shop cannot be known or whose answer is not there yet. A function URL has
// nothing in front of it, so the page brings its own policy and refers to nothing that could be missing.

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/shared/api"
	"kassa/shared/payment"
)

// show answers a browser with a page of ours where the payment cannot be read, and so its shop is not known; a bank's
// server gets the problem itself. A browser is whoever comes to the return address, or to no address of ours and wants
// HTML.
func show(r *api.Request, p api.Problem) api.Response {
	to, err := readTarget(r.Path)
	if err == nil {
		r.Names(to.payment)
	}
	a := p.Response()
	if !to.browser() && (to.action == toNotify || !strings.Contains(r.Header["accept"], "text/html")) {
		return a
	}
	w, soon := speak(r.Header["accept-language"]), p.Status >= http.StatusInternalServerError
	return w.show(a, w.page(soon, p.Code+" "+p.RequestID))
}

// show makes a page of an answer.
func (w words) show(a api.Response, page string) api.Response {
	a.Body = []byte(page)
	sum := sha256.Sum256([]byte(style))
	return a.With("Content-Type", "text/html; charset=utf-8").With("Content-Language", w.lang).With("Vary",
		"Accept-Language").
		With("Referrer-Policy", "no-referrer").With("X-Robots-Tag", "noindex").
		With("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

// page is the whole page: nothing in it comes from elsewhere, and no script. What passes by itself is tried again after
// ten seconds, and by the button, which leads to this same address; then the customer is sent on to the shop.
func (w words) page(soon bool, reference string) string {
	id := `<p class="id">` + w.reference + ` <span>` + html.EscapeString(reference) + `</span></p>`
	if soon {
		return w.frame(clock, w.later, w.laterMore, 10, `<p><a class="again" href="">`+w.again+`</a></p>`+id)
	}
	return w.frame(lost, w.gone, w.goneMore, 0, id)
}

// moment is the page of a customer who comes back while another request, mostly the same customer's, waits for its turn
// to ask the bank. It comes again when the answer should be there, so that no customer is told "pending" for our own
// pause, and of a crowd nobody else keeps a function waiting.
func moment(r *api.Request, p payment.Payment, cause error) (api.Response, error) {
	back, err := redirect(p)
	if err != nil {
		return api.Response{}, err
	}
	again := 5 * time.Second
	if e, ok := errors.AsType[*payment.Error](cause); ok && e.RetryAfter > 0 {
		again = e.RetryAfter
	}
	w := speak(r.Header["accept-language"])
	link := `<p><a class="again" href="` + html.EscapeString(back.Header["Location"]) + `">` + w.back + `</a></p>`
	seconds := int((again + time.Second - 1) / time.Second)
	return w.show(api.Response{Status: http.StatusOK}, w.frame(clock, w.later, w.asking, seconds, link)), nil
}

// frame is a page with a picture, a title and a text, that comes again after so many seconds, or stays with 0.
func (w words) frame(look, title, text string, seconds int, below string) string {
	refresh := ""
	if seconds > 0 {
		refresh = `<meta http-equiv="refresh" content="` + strconv.Itoa(seconds) + `">`
	}
	return `<!doctype html>
<html lang="` + w.lang +
		`"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` + refresh +
		`<title>` + title + `</title><style>` + style + `</style></head>
<body><main>` + look + `<h1>` + title + `</h1><p>` + text + `</p>` + below + `</main></body></html>
`
}

// The pictures of the two pages: a letter that came back, and a clock.
const (
	lost = `<svg aria-hidden="true" viewBox="0 0 24 24"><path d="M4 6h16v12H4zM4 7l8 6 8-6"/></svg>`

	clock = `<svg aria-hidden="true" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/></svg>`
)

// style is written for a phone held in one hand, in light and in dark; the policy of the page names it by its digest.
const style = `:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1c2230;--soft:#5b6475;--mark:#1f5fbf;
--mark-ink:#fff}
@media (prefers-color-scheme:dark){:root{--page:#12151c;--card:#1c212b;--ink:#eef1f6;--soft:#a5aebf;--mark:#8ab4f8;
--mark-ink:#10131a}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1rem;background:var(--page);
color:var(--ink);
font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:26rem;padding:2rem 1.5rem;border-radius:1rem;background:var(--card);text-align:center;
box-shadow:0 1px 3px #0002,0 8px 24px #0001}
svg{width:3.5rem;height:3.5rem;fill:none;stroke:var(--mark);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
h1{margin:.75rem 0 .5rem;font-size:1.5rem;line-height:1.25;text-wrap:balance}
p{margin:0;text-wrap:pretty;overflow-wrap:anywhere}
.again{display:block;margin-top:1.5rem;padding:.8rem 1rem;border-radius:.75rem;background:var(--mark);
color:var(--mark-ink);font-weight:600;text-decoration:none}
.again:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.id{margin-top:1.5rem;font-size:.8125rem;color:var(--soft)}
.id span{font-family:ui-monospace,monospace}`
