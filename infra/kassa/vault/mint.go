// New keys and secrets. Their texts leave here once, to be shown, and are then known to the shop alone (API keys) or
// to the shop and the functions (webhook secrets).

package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// AddKey gives the shop a new API key, named by the minute it was made in, and its text, which nobody can tell again.
// It may do what scopes name; all where they name nothing.
func (s *Shop) AddKey(shop string, now time.Time, scopes ...string) (id, text string) {
	first := "k" + now.UTC().Format("20060102-1504")
	id = first
	for n := 2; slices.Contains(s.KeyIDs(), id); n++ {
		id = fmt.Sprintf("%s-%d", first, n)
	}
	random := random32()
	secret := hex.EncodeToString(random[:])
	digest := sha256.Sum256([]byte(secret))
	s.Keys = append(s.Keys, Key{ID: id, SHA256: hex.EncodeToString(digest[:]), Scopes: scopes})
	return id, "sk_" + shop + "_" + id + "_" + secret
}

// AddWebhookSecret gives the webhook, which there is, a new secret, with which is signed first. Source of the form:
// Standard Webhooks 1.0.0, whsec_ and the base64 of 24 to 64 bytes.
func (s *Shop) AddWebhookSecret() (text string) {
	random := random32()
	text = "whsec_" + base64.StdEncoding.EncodeToString(random[:])
	s.Webhook.Secrets = append([]string{text}, s.Webhook.Secrets...)
	return text
}

// random32 is 256 bits from the system.
func random32() (random [32]byte) {
	_, _ = rand.Read(random[:]) // never fails: it ends the program instead
	return random
}
