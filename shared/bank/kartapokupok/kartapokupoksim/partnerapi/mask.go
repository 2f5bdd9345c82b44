package partnerapi

import (
	"encoding/json"
	"fmt"
	"net/url"
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

// told names the fields that may be told; every other scalar is hidden, also in a place where
// nobody expects it.
func told(name string) bool {
	switch name {
	case "partner_id", "order_ref", "amount", "currency", "term", "term_code", "session_id", "reason", "quantity", "price", "sku", "name":
		return true
	}
	return false
}

func masked(name string, value any) any {
	switch v := value.(type) {
	case object:
		shown := map[string]any{}
		for field, inner := range v {
			if name == "customer" {
				inner = hidden
			}
			shown[field] = masked(field, inner)
		}
		return shown
	case list:
		shown := make([]any, 0, len(v))
		for _, inner := range v {
			shown = append(shown, masked(name, inner))
		}
		return shown
	case string:
		if name == "success_url" || name == "fail_url" || name == "callback_url" {
			return HostOf(v)
		}
	}
	if told(name) {
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
