package evidence

import (
	_ "embed" // for the page and its texts
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// page is the whole document: its style stands in it, and it says no address, so that it can be kept and printed for
// years and opened where there is no network.
//
//go:embed page.html
var page string

// words are the texts of this page alone; what others say too comes from the one table.
//
//go:embed words.txt
var words string

// HTML writes the document for people, in a language of wording.Languages. It needs nothing from anywhere, runs no
// script, and carries the canonical line at its end.
func (d Document) HTML(w io.Writer, language string) error {
	texts, err := wording.Read(words)
	if err != nil {
		return err
	}
	say := texts.In(language)
	t, err := template.New("page").Funcs(template.FuncMap{
		"say": say.Say, "word": say.Word, "happened": say.Happened, "money": d.money,
		"open": func(reason string) string { return d.open(say, reason) },
		"tone": tone, "local": (*Moment).local, "utc": (*Moment).utc,
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("read the page of evidence: %w", err)
	}
	var out strings.Builder
	err = t.Execute(&out, struct {
		Document
		Language string
	}{d, say.Language})
	if err == nil {
		// The line goes behind the page and not through the template, which would change its bytes. Of the characters
		// that end an element or begin another, JSON as Go writes it has none.
		_, err = fmt.Fprintf(w, "%s<script type=\"application/json\" id=\"evidence\">\n%s\n</script>\n</body>\n</html>\n",
			out.String(), d.Line)
	}
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	return nil
}

func (d Document) money(minor int64) string {
	return payment.Money{Minor: minor, Currency: payment.Currency(d.Record.Currency)}.String()
}

// open is what a review says that nobody has settled yet.
func (d Document) open(say wording.Speech, reason string) string {
	inFlight := slices.ContainsFunc(d.Record.Refunds, func(r Refund) bool {
		return r.Status == string(payment.RefundBegun) || r.Status == string(payment.RefundUnknown)
	})
	return say.Review(payment.Review(reason), payment.Status(d.Record.Status).Money(), inFlight).Happened
}

// tone colours what is good, bad or open.
func tone(state string) string {
	switch state {
	case "paid", "succeeded", "delivered", "money_taken", "refund_succeeded":
		return "good"
	case "declined", "failed", "dead", "refund_failed", "overpaid":
		return "bad"
	case "pending", "created", "requested", "unknown", "retry", "new", "signed_message", "refund_unknown":
		return "open"
	}
	if strings.HasPrefix(state, "review:") {
		return "bad"
	}
	return ""
}

// local is the time by the shop's clock, for people: 2026-11-26 14:03:05 +04:00.
func (m *Moment) local() string { return spaced(m.Shop) }

// utc is the same in UTC: 2026-11-26 10:03:05 UTC.
func (m *Moment) utc() string { return spaced(m.UTC) }

// spaced writes RFC 3339 as people read it in every language: the year first, and the zone always said, since a bank's
// clerk and the shop's may sit in two.
func spaced(stamp string) string {
	const clock = len("2026-11-26T14:03:05")
	zone := strings.Replace(stamp[clock:], "Z", "UTC", 1)
	return strings.Replace(stamp[:clock], "T", " ", 1) + " " + zone
}
