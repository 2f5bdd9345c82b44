// Package words holds what the console says beside the one table of texts about payments, in the same four languages: a
// file for each screen, and one for what stands around them.
package words

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/infra/kassa/reconcile"
	"kassa/infra/kassa/statement"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

//go:embed *.txt
var sources embed.FS

// Cookie keeps the language that was chosen; Choice is the parameter of an address that chooses one.
const (
	Cookie = "kassa_console_language"
	Choice = "language"
)

// Read reads all texts. An error names the line and what to mend.
func Read() (wording.Table, error) {
	files, err := sources.ReadDir(".")
	if err != nil {
		return wording.Table{}, fmt.Errorf("read the console's texts: %w", err)
	}
	texts := make([]string, len(files))
	for i, f := range files {
		text, err := sources.ReadFile(f.Name())
		if err != nil {
			return wording.Table{}, fmt.Errorf("read the console's texts: %w", err)
		}
		texts[i] = string(text)
	}
	return wording.Read(append(texts, reconcile.Words, statement.Words)...)
}

// For is the language of whoever asks: of the address, of an earlier choice, or of the browser.
func For(r *http.Request) string {
	chosen := r.URL.Query().Get(Choice)
	if cookie, err := r.Cookie(Cookie); err == nil && chosen == "" {
		chosen = cookie.Value
	}
	return wording.Choose(chosen, r.Header.Get("Accept-Language"))
}

// Languages are those of the switch, each by its own name.
func Languages() [][2]string {
	return [][2]string{{"en", "English"}, {"az", "Azərbaycanca"}, {"be", "Беларуская"}, {"ru", "Русский"}}
}

// Who is who did something, in words: "operator:aysel" as "operator (aysel)".
func Who(s wording.Speech, by string) string {
	kind, name, _ := strings.Cut(by, ":")
	if !s.Has("who." + kind) {
		return by
	}
	return s.Say("who."+kind, name)
}

// Money is an amount for people, in groups of three digits with a narrow space between (ISO 80000-1), a point before
// the decimals, and the currency: 12 345.00 AZN. It is the same in every language, as in the sheets.
func Money(m payment.Money) string {
	return Figure(m) + "\u00a0" + string(m.Currency)
}

// Figure is Money without the currency, for columns that name it at their head.
func Figure(m payment.Money) string {
	whole, decimals, _ := strings.Cut(m.Decimal(), ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "\u2212", rest
	}
	if decimals != "" {
		decimals = "." + decimals
	}
	return sign + grouped(whole) + decimals
}

// Count is a number for people.
func Count(n int) string { return grouped(strconv.Itoa(n)) }

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// Clock is a moment in a zone to the second, the year first as in the sheets; "" for none.
func Clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// ZoneName is how a zone is called where there is no name that all know: UTC+4.
func ZoneName(zone *time.Location, at time.Time) string {
	_, offset := at.In(zone).Zone()
	if offset == 0 {
		return "UTC"
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "\u2212", -offset
	}
	name := "UTC" + sign + strconv.Itoa(offset/3600)
	if minutes := offset / 60 % 60; minutes != 0 {
		name += fmt.Sprintf(":%02d", minutes)
	}
	return name
}
