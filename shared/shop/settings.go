package shop

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"slices"

	"kassa/shared/payment"
)

// Settings is what a shop has settled with Kassa. It is shared by all who read it: do not change its lists. In its
// secret it is
//
//	{
//	  "currency": "AZN",                                          what it sells in
//	  "origins": ["https://shop.example"],                        where its customers may be sent back to, in any
//	                                                              spelling
//	  "banks": ["<bank>"],                                        by their names; each has a secret of its own
//	  "keys": [{"id": "k1", "sha256": "<64 hex digits>",          digest of the <secret> in sk_<shop>_<id>_<secret>
//	            "scopes": ["create", "read"]}],                   optional: what the key may do, of Scopes; left out =
//	                                                              all
//	  "order_statuses": {"paid": "P"},                            optional: what it calls our statuses
//	  "instalments": {"terms": [3, 6, 12],                        optional: the months it sells over, each 2 to 60,
//	                                                              ascending
//	                  "min_amount": 2000, "max_amount": 500000},  optional limits of an order, in minor units
//	  "refund_limit_per_day": 50000,                              optional: what its API keys may ask to be given back
//	                                                              on one day of its currency's country, in minor units;
//	                                                              each currency has as much
//	  "recheck_paid": true,                                       optional: each paid payment is asked about once more on
//	                                                              the bank's next morning, for what its desk gave back
//	  "webhook": {"url": "https://shop.example/kassa",            optional: where it is told what becomes of its payments
//	              "secrets": ["whsec_..."],                       1 to 3, newest first: a message is signed with each
//	              "acknowledge": false},                          optional: true = taken only when answered {"ok":true}
//	  "bitrix24": {"url": "https://..."},                         optional: the incoming webhook of its Bitrix24 portal,
//	                                                              which completes the portal's own payments; kassa shop
//	                                                              bitrix writes it
//	  "insecure_loopback": true                                   optional, stage "local" alone: origins may be
//	                                                              http://127.0.0.1:8080, and so may the webhook and the
//	                                                              portal
//	}
//
// Any other name in it is refused: a misspelt one would be a setting that silently does nothing.
type Settings struct {
	Currency         payment.Currency
	Origins          []string          // as browsers write them: address.Origin
	Banks            []string          // in the shop's order, its own choice first
	OrderStatuses    map[string]string // by our status; a status that is not there keeps our name
	Instalments      payment.InstalmentPolicy
	RefundLimit      int64 // a day, in minor units; 0 = no limit
	RecheckPaid      bool
	Webhook          Webhook
	Bitrix24         Bitrix24
	InsecureLoopback bool
	// Broken are the settings that cannot be read, by their names, where the others can: whoever needs one gives its
	// error.
	Broken map[string]error

	keys []key
}

// key is an API key, of which only the digest of its secret is known.
type key struct {
	id     string
	digest [sha256.Size]byte
	scopes []string
}

// Scopes are all that an API key can be allowed.
func Scopes() []string { return []string{"create", "read", "refund"} }

// HasKey says whether this is one of the shop's keys. A secret is compared even where the id is unknown, so the time it
// takes tells neither whether the id is known nor how much of the secret is right.
func (s Settings) HasKey(id, secret string) bool {
	given := sha256.Sum256([]byte(secret))
	var want [sha256.Size]byte // stands in for an unknown id; no secret is known that has this digest
	known := false
	for _, k := range s.keys {
		if k.id == id {
			want, known = k.digest, true
		}
	}
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1 && known
}

// Scopes are those of a key: all where it names none, none where there is no such key.
func (s Settings) Scopes(keyID string) []string {
	for _, k := range s.keys {
		if k.id == keyID && k.scopes == nil {
			return Scopes()
		} else if k.id == keyID {
			return k.scopes
		}
	}
	return nil
}

// HasBank says whether the shop takes payments through a bank.
func (s Settings) HasBank(name string) bool { return slices.Contains(s.Banks, name) }

// String keeps the keys out of %v and %s.
func (s Settings) String() string { return "settings of a shop, " + string(s.Currency) }

// GoString keeps the keys out of %#v.
func (s Settings) GoString() string { return s.String() }

// LogValue keeps the keys out of logs.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Read reads the content of a shop's secret in a stage: what it takes, the functions take whole. Misconfigured when
// anything is wrong; Fields then tells everything that is, by JSON pointers, and repeats nothing of the secret.
func Read(content []byte, stage string) (Settings, error) {
	s, err := decodeSettings("of a shop", content, stage)
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}
