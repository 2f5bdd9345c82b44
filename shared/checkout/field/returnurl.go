package field

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// RefuseReturn says in words why a browser must not be sent to this address, "" when it may be: an open redirect would let
// anybody use the shop's good name (facts/http-and-security.md, threat 9). insecureLoopback allows plain http to this very machine.
func RefuseReturn(address string, origins []string, insecureLoopback bool) string {
	const longest = 2048
	if len(address) > longest || !Plain(address, longest) || strings.ContainsAny(address, `\ `) {
		return "Must be an address of at most 2048 characters without spaces or backslashes."
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return "Must be an absolute address such as https://shop.example/thanks."
	}
	if u.User != nil || u.Fragment != "" || strings.HasSuffix(address, "#") {
		return "Must have no user name and no fragment."
	}
	local := insecureLoopback && u.Scheme == "http" && loopback(u.Hostname())
	if u.Scheme != "https" && !local {
		return "Must begin with https://."
	}
	origin := strings.ToLower(u.Scheme + "://" + u.Host)
	if !slices.Contains(origins, origin) {
		return "Its origin is not in the shop's settings."
	}
	return ""
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
