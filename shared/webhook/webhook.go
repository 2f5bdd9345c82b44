// Package webhook tells a shop's server something that it can verify, and cannot be turned against us by what stands at
// the shop's address. It signs as Standard Webhooks 1.0.0 wants it and nothing else:
//
//	webhook-id         the same for every try of one message: the receiver's idempotency key
//	webhook-timestamp  Unix seconds of this try
//	webhook-signature  v1,<base64 of HMAC-SHA256 over id.timestamp.body>, one for each of the shop's secrets, separated
//	                   by spaces
//
// What Client.Send guards against is told there.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kassa/shared/strict/ascii"
)

// MaxSecrets is how many secrets one address may have: the one in use, the one before it, and one to come.
const MaxSecrets = 3

// The bounds of a secret's key in bytes. Source: Standard Webhooks 1.0.0, "Signature scheme".
const (
	minKey = 24
	maxKey = 64
)

const prefix = "whsec_"

// Secret is a key that we share with one shop. It prints as its prefix alone.
type Secret struct {
	key func() []byte // a function, into which no way of printing looks even where it cannot call our methods
}

// ParseSecret reads a secret as it is written: whsec_ and 24 to 64 bytes in padded base64, in its one canonical form.
// The error says what is wrong and repeats nothing of the text.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, prefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	// the decoder alone overlooks line ends and stray bits
	if !ok || err != nil || base64.StdEncoding.EncodeToString(key) != encoded {
		return Secret{}, errors.New("must be whsec_ and padded base64")
	}
	if len(key) < minKey || len(key) > maxKey {
		return Secret{}, fmt.Errorf("must hold %d to %d bytes, and holds %d", minKey, maxKey, len(key))
	}
	return Secret{func() []byte { return key }}, nil
}

// Format keeps the key out of everything that fmt prints, whatever the verb.
func (s Secret) Format(to fmt.State, _ rune) {
	_, _ = io.WriteString(to, prefix+"...") // a printer that fails tells its own caller
}

// Sign is the webhook-signature header for a body sent at a time: one signature for each secret, so that a receiver who
// knows any of them is content while they are being changed. It is empty when there is no secret.
func Sign(secrets []Secret, id string, at time.Time, body []byte) string {
	var signatures []string
	for _, s := range secrets {
		if s.key == nil { // anybody could sign with the zero Secret
			continue
		}
		mac := hmac.New(sha256.New, s.key())
		_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, timestamp(at), body) // a hash takes everything
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}

func timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// isID leaves out the full stop above all: it separates the parts of what is signed.
func isID(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"_-", 1, 128) }
