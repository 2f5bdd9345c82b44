package exchange

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/shared/address"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Pages says where a bank's pages may be: no other is ever shown to a customer.
type Pages struct {
	Hosts    []string // as address.Host gives them for https: a port only where it is not 443
	Loopback bool     // also plain http on this very machine; for the local stage alone
}

// longestPage bounds an address in bytes: servers take 8 KB, and some banks' pages carry a token of half that.
const longestPage = 8 << 10

// ParsePage reads the address of a page as a bank gave it; false when it is none that a browser could be sent to.
func ParsePage(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	whole := len(text) <= longestPage && !strings.ContainsRune(text, utf8.RuneError)
	return u, err == nil && whole && u.Host != "" && u.User == nil && u.Opaque == ""
}

// Allow says whether a customer may be sent to this page. Hosts are compared as addresses.
func (p Pages) Allow(u *url.URL) bool {
	secure := u.Scheme == "https" || u.Scheme == "http" && p.Loopback && address.Loopback(strings.ToLower(u.Hostname()))
	host, err := address.Host("https", u.Host)
	return secure && err == nil && slices.Contains(p.Hosts, host)
}

// Page reads the address of the page that the customer is to be sent to. One that no browser can be sent to, above
// all one on a host that the settings do not name, is never shown. See noPage.
func (t *Terminal) Page(ctx context.Context, text string) (*url.URL, error) {
	u, ok := ParsePage(text)
	if !ok {
		return nil, t.noPage(ctx, noAddress)
	}
	if !t.setup.Pages.Allow(u) {
		return nil, t.noPage(ctx, fmt.Sprintf("the bank's payment page is at %.10s://%.80s, "+
			"which %s in the bank secret does not allow", u.Scheme, u.Host, t.setup.Fields.Pages))
	}
	return u, nil
}

const noAddress = "the bank's payment page has no address that a browser could be sent to"

// PageOf gives a page's address in ASCII, fit for a Location header, with what names the order there added.
func (t *Terminal) PageOf(ctx context.Context, u *url.URL, order ...address.Parameter) (string, error) {
	page, err := address.Extend(u.String(), order...)
	if err != nil {
		return "", t.noPage(ctx, noAddress)
	}
	return page, nil
}

// noPage calls somebody, and ends the opening. The bank would give the same page again, and nobody has seen it:
// nobody can pay it, and the bank's order expires by itself.
func (t *Terminal) noPage(ctx context.Context, why string) error {
	t.Log.ErrorContext(ctx, t.setup.Bank+": "+why, t.setup.Called, t.setup.Account.Merchant)
	return &payment.Error{Kind: payment.Refused, Code: "page_host_refused", Message: why}
}

// longestName bounds an id of a bank, in characters.
const longestName = 256

// The bounds of a bank's word, in characters. That of its digits keeps what may be a card or an account from being told
// as a status.
const (
	longestWord       = 40
	mostDigitsOfAWord = 10
)

// IsWord says whether a text can be a bank's word for how something stands: one word of any script, which may hold
// digits, underscores and hyphens, or a short number. Whether anybody knows the word is another question.
func IsWord(text string) bool {
	length, digits := 0, 0
	for _, r := range text {
		length++
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r), r == '_', length > 1 && strings.ContainsRune("-.:/", r):
		default:
			return false
		}
	}
	return length > 0 && length <= longestWord && digits <= mostDigitsOfAWord
}

// IsName says whether a text can be a bank's name of something, such as a session: printable, and without blanks around
// it.
func IsName(text string) bool {
	return text != "" && strict.Printable(text) && utf8.RuneCountInString(text) <= longestName &&
		strings.TrimSpace(text) == text
}

// IsNothing knows what programs write where there is no id: nothing, noughts, as in an empty GUID, minus one, and
// words.
func IsNothing(text string) bool {
	return strings.Trim(text, "0-{}") == "" || text == "-1" || strings.EqualFold(text, "NaN") ||
		strict.Nothing(text)
}

// fewestDigitsOfACard is how long the shortest number is that a card of these years has (ISO/IEC 7812-1).
const fewestDigitsOfACard = 13

// MayHoldCard says whether a text has so many digits in a row, together or in a card's own groups, that a card's number
// may be among them. Such a text is no id of a bank's that numbers its orders and operations: it is not kept, told or
// logged. A day and a time with hyphens between them are no such row.
func MayHoldCard(text string) bool {
	digits, group := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			group++
			if digits++; digits == fewestDigitsOfACard {
				return true
			}
			continue
		case unicode.IsSpace(r), r == '-' && (group == 4 || group == 6 && digits == 10):
		default:
			digits = 0
		}
		group = 0
	}
	return false
}

// BesideGateway are the hosts of pages that a bank is known for, and that of its gateway, where the settings name
// another than the bank's usual one; nil is none.
func BesideGateway(gateway *url.URL, usual ...string) []string {
	if gateway == nil || slices.Contains(usual, gateway.Host) {
		return usual
	}
	return append(usual, gateway.Host)
}

// Hosts takes a list of hosts, each with a port where it is not 443. An empty fallback makes the field required.
func (s *Secret) Hosts(name string, fallback ...string) []string {
	list := s.List(name)
	if len(list) == 0 && len(fallback) == 0 {
		s.Wrong(name, `must name at least one host, such as "pay.bank.example"`)
	}
	if len(list) == 0 {
		return fallback
	}
	for i, host := range list {
		var err error
		if list[i], err = address.Host("https", host); err != nil {
			s.Wrong(name, fmt.Sprintf(`entry %d must be a host such as "pay.bank.example" or "pay.bank.example:8443"`, i+1))
		}
	}
	return list
}

// Loopback takes insecure_loopback, which is for the stage local alone.
func (s *Secret) Loopback(stage string) bool {
	on := s.Flag("insecure_loopback", false)
	if on && stage != "local" {
		s.Wrong("insecure_loopback", "is for the stage local alone; leave it out")
	}
	return on
}

// Pages takes a list of hosts that pages may be on, and insecure_loopback. Without a fallback the list is required.
func (s *Secret) Pages(name, stage string, fallback ...string) Pages {
	return Pages{Hosts: s.Hosts(name, fallback...), Loopback: s.Loopback(stage)}
}
