package signer

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Letter is a signed message, ready to be sent as often as one likes.
type Letter struct {
	Header http.Header
	Body   []byte
}

// Sign puts the signature of the body into a letter.
func Sign(key crypto.Signer, s Scheme, body []byte, now time.Time) (Letter, error) {
	l := Letter{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	input := body
	if s.TimestampHeader != "" {
		stamp := s.stamp(now)
		l.Header.Set(s.TimestampHeader, stamp)
		input = append([]byte(stamp+"."), body...)
	}
	raw, err := signature(key, s.Algorithm, input)
	if err != nil {
		return Letter{}, fmt.Errorf("sign the callback: %w", err)
	}
	for _, text := range s.headers(raw) {
		l.Header.Add(cmp.Or(s.Header, "Content-Signature"), text)
	}
	l.Body = s.spoil(body)
	return l, nil
}

func (s Scheme) stamp(now time.Time) string {
	now = now.Add(time.Duration(s.TimestampShift) * time.Second)
	switch s.TimestampForm {
	case "unix-ms":
		return strconv.FormatInt(now.UnixMilli(), 10)
	case "rfc3339":
		return now.UTC().Format(time.RFC3339)
	}
	return strconv.FormatInt(now.Unix(), 10)
}

func signature(key crypto.Signer, algorithm string, input []byte) ([]byte, error) {
	switch algorithm {
	case RSA512:
		sum := sha512.Sum512(input)
		return key.Sign(rand.Reader, sum[:], crypto.SHA512)
	case Ed25519:
		return key.Sign(rand.Reader, input, crypto.Hash(0))
	}
	sum := sha256.Sum256(input)
	if algorithm == RSAPSS256 {
		return key.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	}
	return key.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// headers is what stands in the header, once for each time it stands there.
func (s Scheme) headers(raw []byte) []string {
	switch s.Signature {
	case "none":
		return nil
	case "empty":
		return []string{""}
	case "tampered":
		return []string{s.encode(tampered(raw))}
	case "cut":
		return []string{s.encode(raw[:len(raw)/2])}
	case "labelled":
		return []string{"alg=" + cmp.Or(s.Algorithm, RSA256) + "; digest=" + s.encode(raw)}
	case "two":
		return []string{s.encode(raw), s.encode(raw)}
	case "two-mixed":
		return []string{s.encode(tampered(raw)), s.encode(raw)}
	}
	return []string{s.encode(raw)}
}

func tampered(raw []byte) []byte {
	other := append([]byte{}, raw...)
	other[len(other)/2] ^= 1
	return other
}

func (s Scheme) encode(raw []byte) string {
	switch s.Encoding {
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(raw)
	case "base64url-padded":
		return base64.URLEncoding.EncodeToString(raw)
	case "hex":
		return hex.EncodeToString(raw)
	case "hex-upper":
		return strings.ToUpper(hex.EncodeToString(raw))
	case "base64-lines":
		// A header cannot carry a bare line break; a folded one arrives as a space.
		text := base64.StdEncoding.EncodeToString(raw)
		return text[:64] + " " + text[64:]
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// spoil changes the body after it was signed.
func (s Scheme) spoil(body []byte) []byte {
	switch s.Body {
	case "tampered":
		other := append([]byte{}, body...)
		for i := len(other) - 1; i >= 0; i-- {
			// The last digit or letter changes, so that the JSON stays JSON.
			if c := other[i]; c >= '0' && c <= '8' || c >= 'A' && c < 'Z' || c >= 'a' && c < 'z' {
				other[i]++
				break
			}
		}
		return other
	case "spaced":
		return append(append([]byte{}, body...), ' ')
	}
	return body
}
