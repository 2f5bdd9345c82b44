package frame

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"kassa/infra/console/guard"
	"kassa/infra/console/words"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// Frame is what stands around each page, and what pages say everything with. The struct of a page begins with it.
type Frame struct {
	wording.Speech
	Base    string // what each address begins with
	Screen  string // of the navigation; "" for none
	Shop    string // the one that is looked at; "" where none is known
	Shops   []string
	Unknown bool // there is no such shop among those that could be listed
	Stage   string
	Write   bool
	Screens []string // of the navigation
	By      string   // who is at work
	Form    string   // the token that each form carries
	Zone    *time.Location
	Now     time.Time

	here  *url.URL
	token func(address string) string // of a form that goes there
}

// Visit is one request.
type Visit struct {
	Frame
	W http.ResponseWriter
	R *http.Request
}

// frame is what a page has that knows of no shop.
func (s *Site) frame(w http.ResponseWriter, r *http.Request) Frame {
	f := Frame{Speech: s.texts.In(words.For(r)), Base: s.guard.Base(), Stage: s.Stage, Zone: time.UTC, Now: s.Now(),
		here: s.page(r.URL), token: s.guard.Token}
	if chosen := r.URL.Query().Get(words.Choice); chosen == f.Language {
		//nolint:gosec // without TLS there is no secure cookie, and this one is no secret
		http.SetCookie(w, &http.Cookie{Name: words.Cookie, Value: chosen, Path: f.Base + "/", HttpOnly: true,
			SameSite: http.SameSiteStrictMode})
	}
	return f
}

// page is the address of what is shown at u: where an address takes forms alone, or there is none, it is what stands
// above it.
func (s *Site) page(u *url.URL) *url.URL {
	at := *u
	for at.Path != "/" {
		if _, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &at}); pattern != "/" && pattern != "" {
			break
		}
		at.Path, at.RawPath = path.Dir(at.Path), ""
	}
	return &at
}

// visit reads what all screens are told: language and shop. It is whole enough to show an error even where it fails.
func (s *Site) visit(w http.ResponseWriter, r *http.Request, screen string) (*Visit, error) {
	v := &Visit{s.frame(w, r), w, r}
	v.Screen, v.Screens, v.Write, v.By = screen, s.Screens, s.Write, s.Operator
	v.Shops = s.Shops.All(r.Context())
	shop := r.URL.Query().Get("shop")
	if shop == "" && len(v.Shops) > 0 {
		shop = v.Shops[0]
	}
	if shop != "" && !vault.IsShopID(shop) {
		return v, NoShopForm
	}
	s.At(v, shop)
	return v, nil
}

// At says which shop a visit is about: its days and its times are those of its country.
func (s *Site) At(v *Visit, shop string) {
	if v.Shop = shop; shop != "" {
		v.Zone = s.Shops.Zone(v.R.Context(), shop)
	}
	v.Unknown = shop != "" && len(v.Shops) > 0 && !slices.Contains(v.Shops, shop)
	if shop != "" && !slices.Contains(v.Shops, shop) {
		v.Shops = append(slices.Clone(v.Shops), shop)
	}
}

// Current says how a screen of the navigation is marked: it is this page, or this page belongs to it, or neither.
func (f Frame) Current(screen string) string {
	switch {
	case screen == f.Screen:
		return "page"
	case strings.HasPrefix(f.here.Path, "/"+screen+"/"):
		return "true"
	}
	return ""
}

// Home is where another shop is looked at: the same screen, or the day where this page is of one payment.
func (f Frame) Home() string {
	if f.Screen == "" || f.Current(f.Screen) != "page" || !slices.Contains(f.Screens, f.Screen) {
		return f.Base + "/today"
	}
	return f.Base + "/" + f.Screen
}

// Post is a form that is sent.
type Post struct{ Address, Field, Token string }

// Post is one that goes to an address below the base.
func (f Frame) Post(path string) Post {
	return Post{f.Base + path, guard.FormToken, f.token(f.Base + path)}
}

// With is an address below the base about the shop that is looked at, with further parameters, each a name and a
// value; empty values are left out.
func (f Frame) With(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if f.Shop != "" {
		query.Set("shop", f.Shop)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Link is With for a page, which names the base.
func (f Frame) Link(path string, pairs ...string) string { return f.Base + f.With(path, pairs...) }

// Tongue is one language of the switch.
type Tongue struct {
	Code, Name, Link string
	Chosen           bool
}

// Tongues are the languages of the switch. Each leads to the page that is shown, or to the one whose form it answers.
func (f Frame) Tongues() (all []Tongue) {
	for _, one := range words.Languages() {
		query := f.here.Query()
		query.Set(words.Choice, one[0])
		all = append(all, Tongue{one[0], one[1], f.Base + f.here.Path + "?" + query.Encode(), one[0] == f.Language})
	}
	return all
}

// Money is an amount of minor units.
func (f Frame) Money(minor int64, c payment.Currency) string {
	return words.Money(payment.Money{Minor: minor, Currency: c})
}

// Figure is Money without the currency.
func (f Frame) Figure(minor int64, c payment.Currency) string {
	return words.Figure(payment.Money{Minor: minor, Currency: c})
}

// Apart is a text that somebody else wrote, within a sentence of ours: whatever its direction, the sentence keeps its
// own (Unicode, UAX 9).
func (f Frame) Apart(text string) string { return "\u2068" + text + "\u2069" }

// Count is a number.
func (f Frame) Count(n int) string { return words.Count(n) }

// At is a moment by the shop's clock.
func (f Frame) At(t time.Time) string { return words.Clock(t, f.Zone) }

// UTC is a moment in UTC.
func (f Frame) UTC(t time.Time) string { return words.Clock(t, time.UTC) }

// Moment is a time as pages show it.
type Moment struct{ Local, UTC, ISO string }

// When is a moment by the shop's clock, with UTC beside it.
func (f Frame) When(t time.Time) Moment {
	return Moment{words.Clock(t, f.Zone), words.Clock(t, time.UTC), f.ISO(t)}
}

// ISO is a moment for programs that read the page.
func (f Frame) ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ZoneName is how the shop's zone is called.
func (f Frame) ZoneName() string { return words.ZoneName(f.Zone, f.Now) }

// Who is who did something.
func (f Frame) Who(by string) string { return words.Who(f.Speech, by) }

// Pill is a state in a word, coloured by its tone.
type Pill struct{ Text, Tone string }

// Pills are how a payment stands: its status, and what is unusual about it.
func (f Frame) Pills(p payment.Payment) []Pill {
	all := []Pill{{f.Word("status", string(p.Status)), tone(string(p.Status))}}
	if p.Late {
		all = append(all, Pill{f.Say("payments.late"), "open"})
	}
	if p.Overpaid {
		all = append(all, Pill{f.Say("payments.overpaid"), "bad"})
	}
	for _, reason := range p.Reviews {
		all = append(all, Pill{f.Happened("review:" + string(reason)), "bad"})
	}
	return all
}

// Tone colours a state: good, bad, open or nothing.
func (f Frame) Tone(state string) string { return tone(state) }

func tone(state string) string {
	switch state {
	case "paid", "succeeded", "delivered", "refund_succeeded":
		return "good"
	case "declined", "failed", "dead", "refund_failed", "overpaid", "review":
		return "bad"
	case "pending", "created", "requested", "unknown", "retry", "new", "refund_unknown", "processing":
		return "open"
	}
	return "plain"
}

// Today is the midnight with which the shop's day began.
func (f Frame) Today() time.Time {
	y, m, d := f.Now.In(f.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, f.Zone)
}

// Day reads a day of the shop's calendar; today where none is named.
func (f Frame) Day(text string) (time.Time, error) {
	if text == "" {
		return f.Today(), nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, f.Zone)
	if err != nil || at.Year() < 2000 || at.Year() > 2199 { // each day is read, and 0001 is a slip
		return f.Today(), NoDay
	}
	return at, nil
}
