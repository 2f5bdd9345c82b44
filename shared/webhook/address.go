package webhook

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/shared/address"
	"kassa/shared/strict/ascii"
)

// maxURL is the longest address in characters, once it is percent-encoded.
const maxURL = 2048

// isHost says whether a text is a host name of at least two labels in ASCII, with low lines as DNS and browsers take
// them. Its last label begins with a letter, as every top-level domain does, so that no notation of an IP address
// passes: decimal, octal, hexadecimal or shortened.
func isHost(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' ||
			!ascii.Only(label, ascii.Letters+ascii.Digits+"-_", 1, 63) {
			return false
		}
	}
	last := text[strings.LastIndexByte(text, '.')+1:]
	return len(last) < len(text) && ascii.Only(last[:1], ascii.Letters, 1, 1)
}

// CheckURL says what is wrong with the address of a shop's webhook, in words that follow its name; nil when nothing is.
// It must be https at port 443 of a named host. Where loopback is allowed, on the one machine of a developer, it may
// also be http or https at any port of that machine. The error repeats nothing of the address, which may hold a token.
func CheckURL(text string, loopback bool) error {
	_, err := parseURL(text, loopback)
	return err
}

func parseURL(text string, loopback bool) (*url.URL, error) {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r == '\\' || !unicode.IsGraphic(r)
	}) {
		return nil, errors.New("must be an address without spaces, backslashes and invisible characters")
	}
	u, err := address.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("must %w", err)
	case len(u.String()) > maxURL:
		return nil, fmt.Errorf("must be at most %d characters, once it is percent-encoded", maxURL)
	case strings.Contains(text, "#"):
		return nil, errors.New("must hold no fragment")
	case loopback && address.Loopback(u.Hostname()):
		return u, nil
	case u.Scheme != "https":
		return nil, errors.New("must begin with https://")
	case !isHost(u.Hostname()):
		return nil, errors.New("must name a host such as shop.example: no IP address, no full stop at its end")
	case u.Port() != "":
		return nil, errors.New("must be at port 443")
	}
	return u, nil
}

// special lists what is not an address of somebody's server on the Internet: the special-purpose registries of IANA
// (RFC 6890, as of 2026), those rows included that are reachable but serve the network itself, and multicast. Of IPv6
// it lists what lies within 2000::/3 alone, since everything else is refused anyway: nothing beyond is assigned for
// global unicast (RFC 4291). That refuses IPv4 in disguise (::ffff:0:0/96, 64:ff9b::/96, 64:ff9b:1::/48), loopback,
// 100::/64, 5f00::/16, fc00::/7 with the addresses that AWS gives its own services (fd00:ec2::/32), fe80::/10,
// fec0::/10 and ff00::/8.
func special() (list []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8",       // this network
		"10.0.0.0/8",      // private
		"100.64.0.0/10",   // carrier-grade NAT
		"127.0.0.0/8",     // loopback: the Lambda runtime's API
		"169.254.0.0/16",  // link-local: instance metadata, task credentials
		"172.16.0.0/12",   // private
		"192.0.0.0/24",    // protocol assignments
		"192.0.2.0/24",    // TEST-NET-1
		"192.31.196.0/24", // AS112
		"192.52.193.0/24", // AMT
		"192.88.99.0/24",  // 6to4 relays
		"192.168.0.0/16",  // private
		"192.175.48.0/24", // AS112
		"198.18.0.0/15",   // benchmarking
		"198.51.100.0/24", // TEST-NET-2
		"203.0.113.0/24",  // TEST-NET-3
		"224.0.0.0/4",     // multicast
		"240.0.0.0/4",     // reserved, and broadcast

		"2001::/23",         // protocol assignments: Teredo, which carries IPv4, ORCHID, benchmarking
		"2001:db8::/32",     // documentation
		"2002::/16",         // 6to4, which carries IPv4
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// isPublic says whether an address can be that of a shop's server.
func isPublic(ip netip.Addr) bool {
	global := ip.Is4() || netip.MustParsePrefix("2000::/3").Contains(ip) // which is false for an address with a zone
	for _, block := range special() {
		global = global && !block.Contains(ip)
	}
	return global
}
