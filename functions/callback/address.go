// The way in and the way out of a callback: which payment an address means, and where its customer goes then. Banks,
// gateways and browsers change an address on its way, and a customer who has paid must come home all the same.

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"kassa/shared/address"
	"kassa/shared/api"
	"kassa/shared/payment"
)

// The two ways a message comes.
const (
	toReturn = "return" // by the customer's browser
	toNotify = "notify" // from the bank's server
)

// target is what a callback's address names: /{payment}/{token}/return or /notify, below any path that CALLBACK_URL, a
// stage or a proxy puts before it.
type target struct {
	payment payment.ID
	token   string
	action  string
}

// browser says that a person waits for the answer: it is a page or a way on, never bare words.
func (t target) browser() bool { return t.action == toReturn }

// readTarget reads a path in any spelling of the same address: unreserved characters percent-encoded, dot segments (RFC
// 3986, section 6.2.2), and what gateways, frameworks and people add, doubled slashes, one at the end, blanks,
// ;jsessionid=... or &... behind the last word, also percent-encoded. Payment and token themselves are taken to the
// letter. NotFound when it is none of ours; with an error the action is still given where it can be seen.
func readTarget(path string) (target, error) {
	parts := segments(path)
	if len(parts) < 3 {
		return target{}, &payment.Error{Kind: payment.NotFound}
	}
	parts = parts[len(parts)-3:]
	id, ok := payment.ParseID(parts[0])
	to := target{payment: id, token: parts[1], action: strings.TrimRight(word(parts[2]), unreserved)}
	if to.action != toReturn && to.action != toNotify {
		return target{}, &payment.Error{Kind: payment.NotFound}
	}
	if !ok {
		return to, &payment.Error{Kind: payment.NotFound}
	}
	return to, nil
}

// unreserved are the signs among the unreserved characters (RFC 3986, section 2.3). Behind our last word they are the
// sentence's or the chat's in which the address stood.
const unreserved = "-._~"

// word is the unreserved characters and letters that a segment begins with. Whatever stands
// behind them was added: a parameter of the path, a query or a fragment that was encoded with it, a slash, a blank,
// what cannot be seen.
func word(segment string) string {
	end := strings.IndexFunc(segment, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(unreserved, r)
	})
	if end < 0 {
		return segment
	}
	return segment[:end]
}

// segments takes a path apart, decoded once. A slash that is percent-encoded stands inside a segment: it is another
// address. What is nothing but an addition, such as /;jsessionid=... or a blank, is no segment.
func segments(path string) (parts []string) {
	for part := range strings.SplitSeq(path, "/") {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		switch part {
		case ".":
		case "..":
			parts = parts[:max(0, len(parts)-1)]
		default:
			parts = append(parts, part)
		}
	}
	return slices.DeleteFunc(parts, func(part string) bool { return word(part) == "" })
}

// redirect sends the customer back to the shop, which learns payment_id and status from the address. Neither proves
// anything: the shop asks. 303 makes a browser that posted come back with GET.
func redirect(p payment.Payment) (api.Response, error) {
	back, err := address.Extend(p.Home(), address.Parameter{Name: "payment_id", Value: p.ID.String()},
		address.Parameter{Name: "status", Value: string(p.Status)})
	if err != nil {
		return api.Response{}, &payment.Error{Kind: payment.Internal, Message: "the stored return address is not one",
			Cause: err}
	}
	return api.Response{Status: http.StatusSeeOther}.With("Location", back).With("Referrer-Policy", "no-referrer"), nil
}
