package field

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"kassa/shared/address"
)

// longestAddress is how long a return address may be in characters, each byte that must be percent-encoded counted as
// three.
const longestAddress = 2048

// HoldsCardInAddress is HoldsCardNumber for a return address, which may carry what advertisements add to every address
// that they lead to: one click's number of 64 bits in sixty looks like a card of 19 digits. In a parameter that is
// known to hold such numbers those are passed over that have more digits than the cards that people pay with. An
// address may hold another one, encoded.
func HoldsCardInAddress(text string) bool { return holds(text, withoutClicks) }

// HoldsCardInPair is HoldsCardNumber for a pair of metadata, in which shops keep where a customer came from: the number
// of a click under its own name, or the address, the cookies or the JSON object that it stands in, and what is in the
// basket. See HoldsCardInAddress.
func HoldsCardInPair(name, value string) bool {
	if listsNumbers(name, value) {
		return HoldsCardNumber(name)
	}
	return HoldsCardNumber(name) || HoldsCardInAddress(withoutOwnNumbers(name, value))
}

// listsNumbers says whether a pair is a list of numbers that its name calls one, such as product_ids: four numbers of
// four digits have as many as a card, and one basket of such goods in 25 its check digit.
func listsNumbers(name, value string) bool {
	name = strings.ToLower(name)
	called := func(end string) bool { return strings.HasSuffix(name, end) }
	if !slices.ContainsFunc(strings.Fields("ids products items orders prices amounts quantities skus"), called) {
		return false
	}
	members := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(",;|", r) })
	return len(members) > 1 && !slices.ContainsFunc(members, func(member string) bool {
		member = strings.Trim(member, ` "'[]`)
		return member == "" || len(member) >= fewestOfCard || strings.Trim(member, "0123456789.") != ""
	})
}

// inAddress undoes what an address within an address is parted by, and parts the members of a JSON object as if they
// were parameters.
var inAddress = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("%3D", "=", "%3d", "=", "%26", "&", "%3F", "?", "%3f", "?", "%253D", "=", "%2526", "&",
		"%253F", "?", `{"`, `?"`, `,"`, `&"`, `, "`, `&"`)
})

// withoutClicks puts letters in the place of such numbers.
func withoutClicks(text string) string {
	var b strings.Builder
	text = inAddress().Replace(text)
	for text != "" {
		end := len(text)
		if at := strings.IndexAny(text, "?&#;"); at >= 0 {
			end = at + 1
		}
		pair := text[:end]
		at := strings.IndexAny(pair, "=:")
		if at >= 0 {
			pair = pair[:at] + withoutOwnNumbers(pair[:at], pair[at:])
		}
		if isReckoned(strings.Trim(pair[at+1:], `?&#;"' {}[]`)) {
			pair = pair[:at+1] + pair[end-1:]
		}
		b.WriteString(pair)
		text = text[end:]
	}
	return b.String()
}

// withoutOwnNumbers puts letters in the place of every number that has more digits than a common card, or just as many
// as a variant of a good or a checkout of Shopify's, or fewer, as the visitors of Retail Rocket have, under a name that
// is known to hold such.
func withoutOwnNumbers(name, value string) string {
	lower := strings.ToLower(name)
	long, visitor := hasLongNumbers(name), strings.Contains(lower, "rrpvid")
	ofShopify := strings.Contains(lower, "variant") || strings.Contains(lower, "checkout")
	if !long && !ofShopify && !visitor {
		return value
	}
	plain := []byte(value)
	for from := 0; from < len(plain); from++ {
		to := from
		for to < len(plain) && isDigit(rune(plain[to])) {
			to++
		}
		if n := to - from; long && n > longestCommonCard || ofShopify && n == lengthOfVariant ||
			visitor && n < longestCommonCard {
			copy(plain[from:to], strings.Repeat("x", to-from))
		}
		from = to
	}
	return string(plain)
}

// lengthOfVariant is how many digits the number of a variant has at Shopify. Since 2019 they have begun with 30, 36 and
// 38, too.
const lengthOfVariant = 14

// longestCommonCard is how many digits the cards have that people pay with.
const longestCommonCard = 16

// hasLongNumbers says whether a parameter, in whatever case and quotes, is one that advertising systems and statistics
// add, yclid, gclid, fbclid and their like, and the names of campaigns and of Mindbox's mails, or is the chat that
// Telegram has opened a shop from, or a place in Russia's register of addresses, KLADR, whose streets in every fifth
// region begin as Maestro's cards do, or a person or a server of Discord's: so does an id of 2018 to 2020.
func hasLongNumbers(name string) bool {
	name = strings.Trim(strings.ToLower(name), `"' `)
	for _, end := range []string{"clid", "clkid", "click_id", "clickid", "braid", "campaign_id", "adset_id", "ad_id",
		"banner_id", "message-key", "message_key", "chat_instance", "chatinstance"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "guild") || strings.Contains(name, "discord") ||
		strings.Contains(name, "kladr") || strings.Contains(name, "fias_code") ||
		slices.Contains([]string{"_openstat", "_ga", "_gl", "_ym_uid", "_ct", "roistat", "from_ad"}, name)
}

// RefuseReturn says in words why a browser must not be sent to this address, "" when it may be: an open redirect would
// let anybody use the shop's good name. Origins are compared as addresses,
// whatever their spelling. insecureLoopback allows plain http to this very machine.
func RefuseReturn(text string, origins []string, insecureLoopback bool) string {
	if !Plain(text, longestAddress) || strings.Contains(text, `\`) || strings.TrimSpace(text) != text {
		return fmt.Sprintf("Must be an address of at most %d characters without backslashes, and without spaces around it.",
			longestAddress)
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
		if origin == address.Origin(u) {
			return true // in its one form already, as settings have it
		}
		allowed, err := address.Parse(origin)
		return err == nil && address.Origin(allowed) == address.Origin(u)
	}
	if !slices.ContainsFunc(origins, same) {
		return "Its origin is not in the shop's settings."
	}
	return ""
}
