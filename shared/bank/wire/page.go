package wire

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Pages says where a bank's pages may be: no other is ever shown to a customer.
type Pages struct {
	Hosts    []string // in lower case, with a port where it is not 443
	Loopback bool     // also plain http on this very machine; for the local stage alone
}

// ParsePage reads the address of a page as a bank gave it; false when it is none that a browser could be sent to.
func ParsePage(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	return u, err == nil && len(address) <= 2048 && u.Host != "" && u.User == nil && u.Fragment == "" && u.Opaque == ""
}

// Allow says whether a customer may be sent to this page.
func (p Pages) Allow(u *url.URL) bool {
	secure := u.Scheme == "https" || u.Scheme == "http" && p.Loopback && isLoopback(u.Hostname())
	return secure && slices.Contains(p.Hosts, strings.TrimSuffix(strings.ToLower(u.Host), ":443"))
}

// isLoopback says whether a host name can only be this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
