package kartapokupok

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/shared/bank/exchange"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// scheme is the object callback: how the bank signs. The brief says that it signs the request's body with its private
// key; the rest is inferred. One scheme is pinned, and nothing in a message can choose another.
type scheme struct {
	header    string // header, in lower case: "Content-Signature"
	algorithm string // algorithm: rsa-sha256 (default), rsa-sha512, rsa-pss-sha256, ecdsa-sha256 or ed25519
	// encoding: base64 (default), base64url (one is read as the other, with or without padding) or hex (of one letter
	// case)
	encoding encoding
	// timestamp_header, in lower case; unix seconds, signed before the body with a dot between; "" = none
	timestamp string
	keys      []publicKey // public_keys: one, or several while the bank changes its key
}

// tolerance is how far a timestamp may lie from our clock.
const tolerance = 5 * time.Minute

// mostKeys bounds the work that a forged message makes.
const mostKeys = 8

type encoding string

const (
	asBase64    encoding = "base64"
	asBase64URL encoding = "base64url"
	asHex       encoding = "hex"
)

// decode reads a signature in the canonical form of its encoding: no line breaks, no spare bits, no second value behind
// a comma. Upper-case hex, and either alphabet of base64 with or without padding, are such forms.
func (e encoding) decode(text string) ([]byte, bool) {
	if e != asHex {
		return strict.Base64(text)
	}
	raw, err := hex.DecodeString(text)
	return raw, err == nil && (text == strings.ToLower(text) || text == strings.ToUpper(text))
}

// digest takes the signature out of a header such as `alg=RS256; digest=...`: in any order, parted by semicolons or
// else by commas, with blanks and either quote where people write them. The algorithm is pinned: one that the header
// names must be it, and chooses nothing, as the name of a key beside it does not: every key is tried. A header without
// names is the signature itself.
func (s scheme) digest(header string) (string, bool) {
	separator := ";"
	if !strings.Contains(header, separator) {
		separator = ","
	}
	if !strings.Contains(header, separator) {
		return unquoted(header), true
	}
	named := map[string]string{}
	for part := range strings.SplitSeq(header, separator) {
		if part = strings.TrimSpace(part); part == "" {
			continue // behind the last separator
		}
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToLower(unquoted(name))
		if _, twice := named[name]; twice || !ok {
			return "", false
		}
		named[name] = unquoted(value)
	}
	return named["digest"], named["digest"] != "" && s.pinned(named["alg"])
}

// unquoted is a value without the blanks and the pair of quotes around it.
func unquoted(text string) string {
	text = strings.TrimSpace(text)
	if n := len(text); n > 1 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		return strings.TrimSpace(text[1 : n-1])
	}
	return text
}

// pinned says whether a name, ours or that of RFC 7518 and 8037 or of Java, is the algorithm of the scheme.
func (s scheme) pinned(name string) bool {
	others := map[string][]string{
		rsaSHA256: {"RS256", "SHA256withRSA"}, rsaSHA512: {"RS512", "SHA512withRSA"}, rsaPSSSHA256: {"PS256"},
		ecdsaSHA256: {"ES256", "SHA256withECDSA"}, ed25519Plain: {"EdDSA"},
	}
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return same(s.algorithm) || slices.ContainsFunc(others[s.algorithm], same)
}

func isHeader(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"-", 1, 64) }

// isTimestamp says whether a text is a second of the years 2001 to 2286.
func isTimestamp(text string) bool { return len(text) == 10 && ascii.Natural(text, len(text)) }

// readCallback takes the object callback.
func readCallback(f *exchange.Secret) (scheme, pointers) {
	s := scheme{
		header:    strings.ToLower(f.TextOr("header", "Content-Signature")),
		algorithm: f.OneOf("algorithm", rsaSHA256, rsaSHA256, rsaSHA512, rsaPSSSHA256, ecdsaSHA256, ed25519Plain),
		encoding:  encoding(f.OneOf("encoding", string(asBase64), string(asBase64), string(asBase64URL), string(asHex))),
		timestamp: strings.ToLower(f.Text("timestamp_header")),
	}
	if !isHeader(s.header) {
		f.Wrong("header", "must be the name of a header")
	}
	if s.timestamp != "" && (!isHeader(s.timestamp) || s.timestamp == s.header) {
		f.Wrong("timestamp_header", "must be the name of another header")
	}
	list := f.List("public_keys")
	if len(list) == 0 || len(list) > mostKeys {
		f.Wrong("public_keys", fmt.Sprintf("must hold 1 to %d public keys of the bank", mostKeys))
		list = nil
	}
	for i, text := range list {
		key, err := readKey(text, s.algorithm)
		if err != nil {
			f.Wrong("public_keys", fmt.Sprintf("entry %d %v", i+1, err))
			continue
		}
		s.keys = append(s.keys, key)
	}
	told := readPointers(f.Inner("fields"), pointers{
		session: "/session_id", order: "/order_ref", partner: "/partner_id", status: "/status", code: "/code",
		reason: "/reason",
		amount: "/amount", currency: "/currency", refunded: "/refunded_amount", refund: "/refund_id",
	})
	f.Rest()
	return s, told
}

// verify says which key signed the body, by the pinned scheme alone. Headers have lower-case names; AWS joins repeated
// ones by commas, which no encoding and no timestamp has.
func (s scheme) verify(header map[string]string, body []byte, now time.Time) (keyID string, err error) {
	text := header[s.header]
	if text == "" {
		return "", errors.New("there is no signature")
	}
	text, right := s.digest(text)
	if !right {
		return "", errors.New("the header names no digest, or another algorithm than the bank's settings")
	}
	signed := body
	if s.timestamp != "" {
		at := header[s.timestamp]
		if err := fresh(at, now); err != nil {
			return "", err
		}
		signed = append([]byte(at+"."), body...)
	}
	signature, ok := s.encoding.decode(text)
	if keyID := s.signer(signed, signature); ok && keyID != "" {
		return keyID, nil
	}
	other := asHex
	if s.encoding == asHex {
		other = asBase64
	}
	switch signature, known := other.decode(text); {
	case known && s.signer(signed, signature) != "":
		return "", fmt.Errorf("it is the bank's, and in %s: callback.encoding in the bank secret says %s", other, s.encoding)
	case !ok:
		return "", errors.New("the signature is not in the canonical form of its encoding")
	}
	return "", errors.New("no key of the bank made the signature")
}

// signer is the id of the key that made a signature, "" when none of the bank's did.
func (s scheme) signer(signed, signature []byte) string {
	for _, key := range s.keys {
		if key.verifies(s.algorithm, signed, signature) {
			return key.id
		}
	}
	return ""
}

// fresh refuses a timestamp that is too far from now.
func fresh(text string, now time.Time) error {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !isTimestamp(text) {
		return errors.New("there is no timestamp in unix seconds")
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > tolerance {
		return fmt.Errorf("the timestamp is %s off our clock", off.Round(time.Second))
	}
	return nil
}
