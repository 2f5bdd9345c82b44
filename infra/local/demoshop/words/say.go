package words

import (
	"net/http"
	"strings"
	"time"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// Cookie keeps the language that a visitor has chosen.
const Cookie = "demoshop_language"

// For gives the texts in the language of whoever asks.
func (t Table) For(r *http.Request) Speech {
	chosen := ""
	if cookie, err := r.Cookie(Cookie); err == nil {
		chosen = cookie.Value
	}
	return t.In(wording.Choose(chosen, r.Header.Get("Accept-Language")))
}

// baku is written out as a fixed offset, so no time zone database is needed.
func baku() *time.Location { return time.FixedZone("Baku", 4*60*60) }

// Clock says a time with its zone: two people who talk about it may sit in Baku and in Minsk. The zero time is "".
func (s Speech) Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	form := "02.01.2006, 15:04:05"
	if s.Language == "en" {
		form = "2 Jan 2006, 15:04:05" // who writes dates the other way round reads no number for a month
	}
	return t.In(baku()).Format(form) + " UTC+4"
}

// Who is who did it, in words: "operator:aysel" as "operator (aysel)".
func (s Speech) Who(by string) string {
	kind, name, _ := strings.Cut(by, ":")
	if !s.Has("who." + kind) {
		return by
	}
	return s.Say("who."+kind, name)
}

// Goods is what a thing is called; one that is not sold any more keeps the name under which it was bought.
func (s Speech) Goods(sku, bought string) string {
	if key := "goods." + sku + ".name"; s.Has(key) {
		return s.Say(key)
	}
	return bought
}

// Explain is what a review means and what to do about it, for the shop's staff.
func (s Speech) Explain(reason string, money, inFlight bool) wording.Advice {
	return s.Review(payment.Review(reason), money, inFlight)
}

// Declined is what a customer can do about a refusal; a hint that is newer than this shop is told as any other.
func (s Speech) Declined(hint string) string {
	key := "decline." + hint
	if !s.Has(key) {
		key = "decline.other"
	}
	return s.Say("decline.unpaid") + " " + s.Say(key)
}
