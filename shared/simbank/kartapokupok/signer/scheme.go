// Package signer signs the bank's callbacks: over the exact body bytes, in every
// scheme that was seen at a bank or thought of, and wrongly where a switch says
// so. It verifies nothing; that is the shop's part.
package signer

import (
	"fmt"
	"regexp"
)

// Scheme says how the bank signs. The zero value is the region's practice:
// RSA with SHA-256 and PKCS #1 v1.5, base64, one header, the raw body.
type Scheme struct {
	// Header carries the signature; empty means Content-Signature.
	Header string `json:"signature_header"`
	// Algorithm is "rsa-sha256" (also empty), "rsa-sha512", "rsa-pss-sha256"
	// (salt as long as the hash), "ecdsa-sha256" (ASN.1, P-256) or "ed25519".
	Algorithm string `json:"signature_algorithm"`
	// Encoding is "base64" (also empty), "base64url" (without padding),
	// "base64url-padded", "hex", "hex-upper", and one that a careful reader
	// refuses: "base64-lines" (folded after 64 characters).
	Encoding string `json:"signature_encoding"`
	// TimestampHeader carries the time of signing, and the signed input is then
	// time + "." + body; empty signs the body alone.
	TimestampHeader string `json:"timestamp_header"`
	// TimestampForm is "unix" (seconds, also empty), "unix-ms" or "rfc3339".
	TimestampForm string `json:"timestamp_form"`
	// TimestampShift moves the time of signing, in seconds; negative is past.
	TimestampShift int `json:"timestamp_shift_seconds"`
	// Key is the bank's key to sign with: "current" (also empty), "previous"
	// (the one before the last rotation) or "foreign" (no key of this bank).
	Key string `json:"signing_key"`
	// Signature is "right" (also empty), "labelled" (right, behind the name of
	// its algorithm), "none" (no header), "empty",
	// "tampered" (one bit is wrong), "cut" (half of it), "two" (the header
	// stands twice, both right) or "two-mixed" (a wrong one first).
	Signature string `json:"signature"`
	// Body is "right" (also empty), "tampered" (changed after signing) or
	// "spaced" (the same JSON with other bytes than were signed).
	Body string `json:"signed_body"`
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{0,60}$`)

// Validate names the first switch that has no meaning.
func (s Scheme) Validate() error {
	if !headerName.MatchString(s.Header) || !headerName.MatchString(s.TimestampHeader) {
		return fmt.Errorf("signature_header and timestamp_header are header names of letters, digits and -")
	}
	if s.TimestampShift < -1<<30 || s.TimestampShift > 1<<30 {
		return fmt.Errorf("timestamp_shift_seconds is %d; use less than 34 years", s.TimestampShift)
	}
	for _, c := range []struct {
		name, value string
		allowed     []string
	}{
		{"signature_algorithm", s.Algorithm, []string{"", RSA256, RSA512, RSAPSS256, ECDSA256, Ed25519}},
		{"signature_encoding", s.Encoding, []string{"", "base64", "base64url", "base64url-padded", "hex", "hex-upper",
			"base64-lines"}},
		{"timestamp_form", s.TimestampForm, []string{"", "unix", "unix-ms", "rfc3339"}},
		{"signing_key", s.Key, []string{"", "current", "previous", "foreign"}},
		{"signature", s.Signature, []string{"", "right", "labelled", "none", "empty", "tampered", "cut", "two", "two-mixed"}},
		{"signed_body", s.Body, []string{"", "right", "tampered", "spaced"}},
	} {
		if err := oneOf(c.name, c.value, c.allowed); err != nil {
			return err
		}
	}
	return nil
}

func oneOf(name, value string, allowed []string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%s is %.40q; use one of %q", name, value, allowed)
}

// The algorithms.
const (
	RSA256    = "rsa-sha256"
	RSA512    = "rsa-sha512"
	RSAPSS256 = "rsa-pss-sha256"
	ECDSA256  = "ecdsa-sha256"
	Ed25519   = "ed25519"
)

// Family is the kind of key that an algorithm needs: "rsa", "ecdsa" or "ed25519".
func (s Scheme) Family() string {
	switch s.Algorithm {
	case ECDSA256:
		return "ecdsa"
	case Ed25519:
		return "ed25519"
	}
	return "rsa"
}
