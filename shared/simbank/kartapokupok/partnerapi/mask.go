package partnerapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// hidden stands for a value that the bank keeps to itself.
const hidden = "***"

// Masked is the request for the bank's history: the customer's data is hidden,
// and of an address only the host is told, because its path may hold a token. A
// body that cannot be read is not repeated at all.
func Masked(document []byte) string {
	tree, err := parse(document)
	if err != nil {
		return fmt.Sprintf("(%d bytes that cannot be read)", len(document))
	}
	text, err := json.Marshal(masked("", tree))
	if err != nil {
		return fmt.Sprintf("(%d bytes that cannot be shown)", len(document))
	}
	return string(text)
}

// visible names the places whose numbers and words may be told. Every other value is
// hidden, also one in a place where nobody expects it.
func visible(place string) bool {
	switch place {
	case "partner_id", "order_ref", "amount", "currency", "term", "term_code", "session_id", "reason",
		"items.name", "items.sku", "items.quantity", "items.price":
		return true
	}
	return false
}

// masked keeps the form of the request. A list tells where it stands to what it
// holds.
func masked(place string, value any) any {
	switch v := value.(type) {
	case object:
		shown := map[string]any{}
		for name, inner := range v {
			shown[name] = masked(strings.TrimPrefix(place+"."+name, "."), inner)
		}
		return shown
	case list:
		shown := make([]any, 0, len(v))
		for _, inner := range v {
			shown = append(shown, masked(place, inner))
		}
		return shown
	case string:
		if place == "success_url" || place == "fail_url" || place == "callback_url" {
			return HostOf(v)
		}
	}
	if visible(place) {
		return value
	}
	return hidden
}

// HostOf cuts an address after its host.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return hidden
	}
	return u.Scheme + "://" + u.Host + "/…"
}
