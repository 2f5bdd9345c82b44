// Package address reads web addresses in whatever spelling people and programs write them, and gives each in one form,
// so that two of them are the same address where their texts are equal: return addresses, origins, webhooks and banks'
// pages are all compared so.
package address

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"kassa/shared/strict/ascii"
)

// Parse reads an absolute http or https address (RFC 3986, RFC 3987) and gives it in its one form: scheme and host in
// lower case, a host name in Punycode (IDNA 2008 as browsers map it, UTS 46), no port that is the scheme's own,
// everything else in ASCII with the rest percent-encoded. What is percent-encoded already stays as it is. The error
// says what the text must be, in words that follow "must"; it repeats nothing of the text, which may hold a token.
func Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, unread(text)
	case u.Host == "" || u.Opaque != "":
		return nil, errRelative
	case u.Scheme != "https" && u.Scheme != "http": // url.Parse has it in lower case
		return nil, errors.New("begin with https://")
	case u.User != nil:
		return nil, errUser
	}
	host, err := Host(u.Scheme, u.Host)
	if err != nil {
		return nil, err
	}
	whole := u.Scheme + "://" + host + encode(cmp.Or(u.RawPath, u.EscapedPath()))
	if u.RawQuery != "" {
		whole += "?" + encode(u.RawQuery)
	}
	if fragment := cmp.Or(u.RawFragment, u.EscapedFragment()); fragment != "" {
		whole += "#" + encode(fragment)
	}
	return url.Parse(whole)
}

var errUser = errors.New("hold no user name and no password")

var errRelative = errors.New("be an absolute address such as https://shop.example/thanks")

// unread is what is wrong with a text that url.Parse does not read: the first part that is wrong, from the left.
func unread(text string) error {
	scheme, rest, absolute := strings.Cut(text, "://")
	if scheme = strings.ToLower(scheme); !absolute || scheme != "https" && scheme != "http" {
		return errRelative
	}
	path := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		path = i
	}
	if strings.Contains(rest[:path], "@") {
		return errUser
	}
	if _, err := Host(scheme, rest[:path]); err != nil {
		return err
	}
	query := false
	for i := len(text) - len(rest) + path; i < len(text); i++ {
		switch c := text[i]; {
		case c == '#':
			query = false
		case c == '?' && !strings.Contains(text[:i], "#"):
			query = true
		case c < ' ' || c == 0x7F:
			return fmt.Errorf("hold no control character, such as the one at character %d", position(text, i))
		case c == '%' && !query && !escapes(text[i:]): // a query may hold one: shops read it as they like
			return fmt.Errorf("have two hexadecimal digits behind the %% at character %d, or %%25 in its place where the "+
				"sign itself is meant", position(text, i))
		}
	}
	return errRelative
}

// position is the number of the character that begins at a byte, from 1.
func position(text string, at int) int { return utf8.RuneCountInString(text[:at]) + 1 }

// Origin is scheme, host and port of an address that Parse gave, as a browser's Origin header has them.
func Origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Host gives a host, with or without a port, in its one form. The port that is the scheme's own is left out, and so is
// an empty one.
func Host(scheme, text string) (string, error) {
	u, err := url.Parse("//" + text)
	if i := strings.LastIndexByte(text, ':'); err != nil && i > 0 && !strings.Contains(text[i:], "]") {
		if _, err := Host(scheme, text[:i]); err == nil { // so that it is the port
			return "", errPort
		}
	}
	if err != nil || u.Host != text && !strings.Contains(text, "%") || u.User != nil {
		return "", errHost
	}
	name, err := hostName(u.Hostname())
	if err != nil {
		return "", err
	}
	if u.Port() == "" {
		return name, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case err != nil || port == 0:
		return "", errPort
	case scheme == "https" && port == 443, scheme == "http" && port == 80:
		return name, nil
	}
	return name + ":" + strconv.FormatUint(port, 10), nil
}

var errPort = errors.New("have a port from 1 to 65535, or none")

var errHost = errors.New("name a host such as shop.example, without a full stop at its end")

// profile is how browsers read a name. Labels such as r3---sn and my_shop are names that DNS knows; browsers take them
// too, and so do certificates for all names below one.
var profile = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.CheckHyphens(false),
		idna.StrictDomainName(false))
})

// longestName is how many characters a name has at most in DNS.
const longestName = 253

func hostName(text string) (string, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		if ip.Is6() {
			return "[" + ip.String() + "]", nil
		}
		return ip.String(), nil
	}
	name, err := profile().ToASCII(text)
	if err != nil || !ascii.Only(name, ascii.Letters+ascii.Digits+"-_.", 1, longestName) ||
		strings.HasSuffix(name, ".") || !utf8.ValidString(text) {
		return "", errHost
	}
	return name, nil
}

// Loopback says whether a host name of an address that Parse gave is this very machine.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Zone() == "" && ip.IsLoopback()
}

// encode writes what may not stand in an address as it is, and a percent sign that begins no escape, as UTF-8 bytes in
// hexadecimal.
func encode(text string) string {
	const hexadecimal = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c > ' ' && c <= '~' && !strings.ContainsRune("\"%<>\\^`{|}", rune(c)) || c == '%' && escapes(text[i:]) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexadecimal[c>>4])
		b.WriteByte(hexadecimal[c&15])
	}
	return b.String()
}

// escapes says whether a percent sign begins an escape.
func escapes(text string) bool { return len(text) > 2 && isHex(text[1]) && isHex(text[2]) }

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }
