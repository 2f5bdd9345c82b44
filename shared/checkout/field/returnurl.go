package field

import (
	"fmt"
	"slices"
	"strings"

	"kassa/shared/address"
)

// longestAddress is how long a return address may be in characters, each byte that must be percent-encoded counted as three.
const longestAddress = 2048

// RefuseReturn says in words why a browser must not be sent to this address, "" when it may be: an open redirect would let
// anybody use the shop's good name (facts/http-and-security.md, threat 9). Origins are compared as addresses, whatever their
// spelling. insecureLoopback allows plain http to this very machine.
func RefuseReturn(text string, origins []string, insecureLoopback bool) string {
	if !Plain(text, longestAddress) || strings.Contains(text, `\`) || strings.TrimSpace(text) != text {
		return fmt.Sprintf("Must be an address of at most %d characters without backslashes, and without spaces around it.", longestAddress)
	}
	u, err := address.Parse(text)
	if err != nil {
		return "Must " + err.Error() + "."
	}
	if len(u.String()) > longestAddress {
		return fmt.Sprintf("Must be an address of at most %d characters, once it is percent-encoded.", longestAddress)
	}
	local := insecureLoopback && u.Scheme == "http" && address.Loopback(u.Hostname())
	if u.Scheme != "https" && !local {
		return "Must begin with https://."
	}
	same := func(origin string) bool {
		allowed, err := address.Parse(origin)
		return err == nil && address.Origin(allowed) == address.Origin(u)
	}
	if !slices.ContainsFunc(origins, same) {
		return "Its origin is not in the shop's settings."
	}
	return ""
}
