// A shop's secret as the command writes it. shop.Settings in the functions is the reader; the two are kept apart so
// that the command refuses to write what it does not know instead of dropping it.

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"kassa/shared/payment"
	"kassa/shared/shop"
)

// Shop is a shop's secret, member by member as shop.Settings documents it.
type Shop struct {
	Currency         string            `json:"currency"`
	Origins          []string          `json:"origins"`
	Banks            []string          `json:"banks"`
	Keys             []Key             `json:"keys"`
	OrderStatuses    map[string]string `json:"order_statuses,omitempty"`
	Instalments      *Instalments      `json:"instalments,omitempty"`
	RefundLimit      int64             `json:"refund_limit_per_day,omitempty"`
	RecheckPaid      bool              `json:"recheck_paid,omitempty"`
	Webhook          *Webhook          `json:"webhook,omitempty"`
	Bitrix24         *Bitrix24         `json:"bitrix24,omitempty"`
	InsecureLoopback bool              `json:"insecure_loopback,omitempty"`

	content []byte // what was read, and what that version is called; nothing of a shop that is new
	version string
}

// Key is an API key, of which only the digest is kept.
type Key struct {
	ID     string   `json:"id"`
	SHA256 string   `json:"sha256"`
	Scopes []string `json:"scopes,omitempty"` // none = all
}

// Instalments is how a shop sells by instalments; amounts are minor units.
type Instalments struct {
	Terms     []int `json:"terms"`
	MinAmount int64 `json:"min_amount,omitempty"`
	MaxAmount int64 `json:"max_amount,omitempty"`

	Banks map[string][]int `json:"banks,omitempty"` // the terms at a bank where they are others
}

// Webhook is where a shop is told; its secrets sign, the newest first.
type Webhook struct {
	URL         string   `json:"url"`
	Secrets     []string `json:"secrets"`
	Acknowledge bool     `json:"acknowledge,omitempty"`
}

// Bitrix24 is the shop's portal: the address of an incoming webhook of it, which is a secret.
type Bitrix24 struct {
	URL string `json:"url"`
}

var idForm = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// IsShopID says whether a text can be a shop's id.
func IsShopID(text string) bool { return idForm.MatchString(text) }

// Shop reads a shop's secret; false when there is no such shop. Misconfigured when it cannot be read, by the functions
// either.
func (v *Vault) Shop(ctx context.Context, id string) (s Shop, found bool, err error) {
	if !IsShopID(id) {
		return s, false, &payment.Error{Kind: payment.Invalid,
			Message: fmt.Sprintf("%q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", id)}
	}
	content, version, err := v.read(ctx, v.ShopName(id))
	if err != nil || version == "" {
		return s, false, err
	}
	if _, err := shop.Read(content, v.stage); err != nil {
		return s, true, err
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields() // what this version does not know it would drop when it writes
	if err := errors.Join(d.Decode(&s), atEnd(d)); err != nil {
		return s, true, &payment.Error{Kind: payment.Misconfigured, Cause: err,
			Message: "the secret " + v.ShopName(id) +
				" holds settings that this version of the command does not know; use a newer one"}
	}
	s.content, s.version = content, version
	return s, true, nil
}

// atEnd refuses a second value behind the object, which the next write would drop.
func atEnd(d *json.Decoder) error {
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// Known is Shop, NotFound when there is none.
func (v *Vault) Known(ctx context.Context, id string) (Shop, error) {
	s, found, err := v.Shop(ctx, id)
	if err == nil && !found {
		return s, &payment.Error{Kind: payment.NotFound, Message: fmt.Sprintf("there is no shop %q in stage %s", id, v.stage)}
	}
	return s, err
}

// KeyIDs are the ids of the API keys, in their order.
func (s Shop) KeyIDs() []string {
	ids := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		ids[i] = k.ID
	}
	return ids
}

// May is what a key may do: all where it names nothing.
func (k Key) May() []string {
	if len(k.Scopes) == 0 {
		return shop.Scopes()
	}
	return k.Scopes
}

// WebhookIDs name the webhook's secrets, the newest first, without telling them.
func (s Shop) WebhookIDs() []string {
	ids := []string{}
	if s.Webhook != nil {
		for _, secret := range s.Webhook.Secrets {
			ids = append(ids, SecretID(secret))
		}
	}
	return ids
}

// SecretID names a secret of a webhook: the first eight hex digits of its SHA-256.
func SecretID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:4])
}

// DropKey takes a key away; false when there is none of this id.
func (s *Shop) DropKey(id string) bool {
	before := len(s.Keys)
	s.Keys = slices.DeleteFunc(s.Keys, func(k Key) bool { return k.ID == id })
	return len(s.Keys) < before
}

// DropWebhookSecret takes a secret of the webhook away, by its SecretID; false when there is none.
func (s *Shop) DropWebhookSecret(id string) bool {
	before := len(s.Webhook.Secrets)
	s.Webhook.Secrets = slices.DeleteFunc(s.Webhook.Secrets, func(secret string) bool { return SecretID(secret) == id })
	return len(s.Webhook.Secrets) < before
}
