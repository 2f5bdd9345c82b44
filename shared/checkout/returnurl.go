package checkout

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// refuseReturn says in words why a browser must not be sent to this address, "" when it may be: an open redirect would let
// anybody use the shop's good name (facts/http-and-security.md, threat 9).
func (o Order) refuseReturn(address string) string {
	const longest = 2048
	if len(address) > longest || !plainText(address, longest) || strings.ContainsAny(address, `\ `) {
		return "Must be an address of at most 2048 characters without spaces or backslashes."
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return "Must be an absolute address such as https://shop.example/thanks."
	}
	if u.User != nil || u.Fragment != "" || strings.HasSuffix(address, "#") {
		return "Must have no user name and no fragment."
	}
	if u.Scheme != "https" && !(o.InsecureLoopback && u.Scheme == "http" && loopback(u.Hostname())) {
		return "Must begin with https://."
	}
	origin := strings.ToLower(u.Scheme + "://" + u.Host)
	if !slices.Contains(o.Origins, origin) {
		return "Its origin is not in the shop's settings."
	}
	return ""
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// escapePointer writes a key as one step of a JSON pointer (RFC 6901).
func escapePointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}
