// Package address reads web addresses in whatever spelling people and programs write them, and gives each in one form,
// so that two of them are the same address where their texts are equal: return addresses, origins, webhooks and banks'
// pages are all compared so.
package address

import (
	"cmp"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Parse reads an absolute http or https address (RFC 3986, RFC 3987) and gives it in its one form: scheme and host in
// lower case, a host name in Punycode (IDNA 2008 as browsers map it, UTS 46), no port that is the scheme's own,
// everything else in ASCII with the rest percent-encoded. What is percent-encoded already stays as it is. The error
// says what the text must be, in words that follow "must"; it repeats nothing of the text, which may hold a token.
func Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New("be an absolute address such as https://shop.example/thanks")
	case u.Scheme != "https" && u.Scheme != "http": // url.Parse has it in lower case
		return nil, errors.New("begin with https://")
	case u.User != nil:
		return nil, errors.New("hold no user name and no password")
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

// Origin is scheme, host and port of an address that Parse gave, as a browser's Origin header has them.
func Origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Host gives a host, with or without a port, in its one form. The port that is the scheme's own is left out, and so is
// an empty one.
func Host(scheme, text string) (string, error) {
	u, err := url.Parse("//" + text)
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
		return "", errors.New("have a port from 1 to 65535, or none")
	case scheme == "https" && port == 443, scheme == "http" && port == 80:
		return name, nil
	}
	return name + ":" + strconv.FormatUint(port, 10), nil
}

var errHost = errors.New("name a host such as shop.example, without a full stop at its end")

func hostName(text string) (string, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		if ip.Is6() {
			return "[" + ip.String() + "]", nil
		}
		return ip.String(), nil
	}
	// Labels such as r3---sn are names that DNS knows; browsers take them too.
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.CheckHyphens(false))
	name, err := profile.ToASCII(text)
	if err != nil || strings.HasSuffix(name, ".") || !utf8.ValidString(text) {
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
		escape := c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2])
		if c > ' ' && c <= '~' && !strings.ContainsRune("\"%<>\\^`{|}", rune(c)) || escape {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexadecimal[c>>4])
		b.WriteByte(hexadecimal[c&15])
	}
	return b.String()
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }
