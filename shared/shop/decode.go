package shop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/address"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// The bounds of a shop's settings. Secrets Manager's own for a secret is 64 KB.
const (
	maxList   = 20 // origins, banks, keys
	maxStatus = 64 // bytes of a shop's own name of a status
)

// local is the stage of one machine, where pages may be plain http.
const local = "local"

// decodeSettings reads a shop's secret. Its error is Misconfigured, tells everything that is wrong at once, by JSON
// pointers, and repeats nothing of the secret. It is flawed where the settings beside it can be used, see sort.
func decodeSettings(name string, content []byte, stage string) (Settings, error) {
	var s Settings
	d := &decoder{}
	d.object("", strict.Bare(content), map[string]func(string, []byte){
		"currency":             func(at string, raw []byte) { d.currency(at, raw, &s.Currency) },
		"origins":              func(at string, raw []byte) { d.texts(at, raw, &s.Origins) },
		"banks":                func(at string, raw []byte) { d.texts(at, raw, &s.Banks) },
		"keys":                 func(at string, raw []byte) { d.keys(at, raw, &s.keys) },
		"order_statuses":       func(at string, raw []byte) { d.statuses(at, raw, &s.OrderStatuses) },
		"instalments":          func(at string, raw []byte) { d.instalments(at, raw, &s.Instalments) },
		"refund_limit_per_day": func(at string, raw []byte) { d.limit(at, raw, &s.RefundLimit) },
		"recheck_paid":         func(at string, raw []byte) { d.value(at, raw, &s.RecheckPaid, "must be true or false") },
		"webhook":              func(at string, raw []byte) { d.webhook(at, raw, &s.Webhook) },
		"bitrix24":             func(at string, raw []byte) { d.bitrix24(at, raw, &s.Bitrix24) },
		"insecure_loopback": func(at string, raw []byte) {
			d.value(at, raw, &s.InsecureLoopback, "must be true or false")
		},
	}, "currency", "origins", "banks", "keys")
	if s.InsecureLoopback && stage != local {
		d.fail("/insecure_loopback", `is for the stage "local" alone`)
	}
	var origins []string
	for i, text := range s.Origins {
		switch origin, right := readOrigin(text, s.InsecureLoopback); {
		case !right:
			d.fail(item("/origins", i), "must be an origin such as https://shop.example, without user name, path and query")
		case slices.Contains(origins, origin):
			d.fail(item("/origins", i), "is repeated in another spelling")
		default:
			origins = append(origins, origin)
		}
	}
	s.Origins = origins
	for _, bank := range slices.Sorted(maps.Keys(s.Instalments.Banks)) {
		if !slices.Contains(s.Banks, bank) {
			d.fail("/instalments/banks/"+bank, "is no bank of the shop")
		}
	}
	d.checkWebhook(s.Webhook, s.InsecureLoopback)
	d.checkBitrix24(s.Bitrix24, s.InsecureLoopback)
	for i, bank := range s.Banks {
		if !isName(bank) {
			d.fail(item("/banks", i), "must be the name of a bank: a-z, 0-9, -")
		}
	}
	if len(d.wrong) == 0 {
		return s, nil
	}
	err := error(&payment.Error{Kind: payment.Misconfigured, Message: "The shop's settings cannot be read.",
		Fields: d.wrong,
		Cause:  fmt.Errorf("secret %s: %w", name, d.joined())})
	if !s.sort(d.wrong) {
		return Settings{}, err
	}
	return s, &flawed{err}
}

// decoder collects what is wrong.
type decoder struct{ wrong []payment.FieldError }

func (d *decoder) fail(at, detail string) {
	d.wrong = append(d.wrong, payment.FieldError{Pointer: at, Code: "invalid", Detail: detail})
}

func (d *decoder) joined() error {
	texts := make([]string, len(d.wrong))
	for i, f := range d.wrong {
		texts[i] = strings.TrimSpace(f.Pointer + " " + f.Detail)
	}
	return errors.New(strings.Join(texts, "; "))
}

// value reads one JSON value into to. null is refused: encoding/json would take it for anything.
func (d *decoder) value(at string, raw []byte, to any, detail string) bool {
	if string(bytes.TrimSpace(raw)) == "null" || json.Unmarshal(raw, to) != nil {
		d.fail(at, detail)
		return false
	}
	return true
}

// object reads an object's members, each by the function of its name. A name that is unknown, repeated, or required and
// missing is an error.
func (d *decoder) object(at string, raw []byte, members map[string]func(at string, raw []byte), required ...string) {
	seen := d.members(at, raw, func(name, at string, raw []byte) {
		if read, known := members[name]; known {
			read(at, raw)
		} else {
			d.fail(at, "is not a setting")
		}
	})
	for _, name := range required {
		if seen != nil && !seen[name] {
			d.fail(at+"/"+name, "is required")
		}
	}
}

// members walks through an object. The names seen are nil when it is no object at all.
func (d *decoder) members(at string, raw []byte, each func(name, at string, raw []byte)) (seen map[string]bool) {
	if json.Valid(raw) { // of a broken one nothing is told but that
		seen = map[string]bool{}
	}
	err := strict.Members(raw, func(name string, value json.RawMessage) {
		if seen == nil {
			return
		}
		here := at + "/" + strict.Step(name)
		if seen[name] {
			d.fail(here, "is repeated")
		}
		seen[name] = true
		each(name, here, value)
	})
	if err != nil {
		d.fail(at, "must be a JSON object")
		return nil
	}
	return seen
}

// list reads an array of 1 to maxList elements.
func (d *decoder) list(at string, raw []byte, each func(at string, raw []byte)) {
	var elements []json.RawMessage
	if !d.value(at, raw, &elements, "must be a list") {
		return
	}
	if len(elements) == 0 || len(elements) > maxList {
		d.fail(at, "must have 1 to "+strconv.Itoa(maxList)+" elements")
		return
	}
	for i, element := range elements {
		each(item(at, i), element)
	}
}

func item(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// texts reads an array of different strings.
func (d *decoder) texts(at string, raw []byte, to *[]string) {
	d.list(at, raw, func(at string, raw []byte) {
		var text string
		if d.value(at, raw, &text, "must be a string") && slices.Contains(*to, text) {
			d.fail(at, "is repeated")
		}
		*to = append(*to, text)
	})
}

func (d *decoder) currency(at string, raw []byte, to *payment.Currency) {
	detail := "must be " + payment.Listed(payment.Currencies())
	if d.value(at, raw, to, detail) && !to.Known() {
		d.fail(at, detail)
	}
}

func (d *decoder) keys(at string, raw []byte, to *[]key) {
	d.list(at, raw, func(at string, raw []byte) {
		var k key
		before := len(d.wrong)
		d.object(at, raw, map[string]func(string, []byte){
			"id": func(at string, raw []byte) {
				if d.value(at, raw, &k.id, "must be a string") && !isKey(k.id) {
					d.fail(at, "must be 1 to 32 of A-Z, a-z, 0-9, -")
				}
			},
			"sha256": func(at string, raw []byte) { d.digest(at, raw, &k.digest) },
			"scopes": func(at string, raw []byte) { d.scopes(at, raw, &k.scopes) },
		}, "id", "sha256")
		if slices.ContainsFunc(*to, func(other key) bool { return other.id == k.id }) {
			d.fail(at+"/id", "is repeated")
		}
		if len(d.wrong) == before {
			*to = append(*to, k)
		}
	})
}

// scopes reads what a key may do. A word that is not known is an error: were it dropped, the key would do less than its
// people think, and were it taken for all, more.
func (d *decoder) scopes(at string, raw []byte, to *[]string) {
	d.texts(at, raw, to)
	for i, scope := range *to {
		if !slices.Contains(Scopes(), scope) {
			d.fail(item(at, i), "must be one of "+strings.Join(Scopes(), ", "))
		}
	}
}

func (d *decoder) digest(at string, raw []byte, to *[sha256.Size]byte) {
	var text string
	if !d.value(at, raw, &text, "must be a string") {
		return
	}
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != len(to) {
		d.fail(at, "must be a SHA-256 digest, 64 hexadecimal digits")
	}
	copy(to[:], sum)
}

func (d *decoder) statuses(at string, raw []byte, to *map[string]string) {
	ours := []payment.Status{payment.Created, payment.Pending, payment.Paid, payment.PartiallyRefunded, payment.Refunded,
		payment.Declined, payment.Cancelled, payment.Expired}
	*to = map[string]string{}
	d.members(at, raw, func(name, at string, raw []byte) {
		var text string
		if !slices.Contains(ours, payment.Status(name)) {
			d.fail(at, "is not a status of a payment")
		} else if d.value(at, raw, &text, "must be a string") && (text == "" || len(text) > maxStatus ||
			!strict.Printable(text)) {
			d.fail(at, "must be 1 to "+strconv.Itoa(maxStatus)+" bytes of printable text")
		}
		(*to)[name] = text
	})
}

// readOrigin gives an origin as browsers write it, in whatever spelling it stands in the settings; false when it is
// none. Plain http is for this very machine alone, where that is allowed.
func readOrigin(text string, insecureLoopback bool) (string, bool) {
	u, err := address.Parse(text)
	if err != nil || u.Path != "" && u.Path != "/" || strings.ContainsAny(text, "?#") {
		return text, false
	}
	return address.Origin(u), u.Scheme == "https" || insecureLoopback && address.Loopback(u.Hostname())
}
