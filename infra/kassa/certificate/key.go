// Private keys of shops and public keys of banks. A private key never leaves this package in words: remarks name its
// file and its kind, and nothing of what it holds.

package certificate

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"

	"kassa/shared/strict/asn"
)

// PrivateKey reads a private key and says what is wrong with it.
func PrivateKey(text string) (crypto.Signer, []Remark) {
	blocks, _ := split(text)
	for _, block := range blocks {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		key, err := parseKey(block.Bytes)
		if err != nil {
			return nil, wrong("holds a private key that cannot be read; it must be a PKCS #8, PKCS #1 or SEC 1 key")
		}
		return key, strength("it", key.Public())
	}
	return nil, wrong("holds no private key")
}

// parseKey reads the forms that crypto/tls reads. All three are tried whatever the armour says, since programs write
// one form under another's name.
func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key cannot sign")
	}
	return signer, nil
}

// Match says whether the key is that of the certificate on top of the chain. The remark is about the key's file.
func Match(chain []*x509.Certificate, key crypto.Signer) []Remark {
	if equal(chain[0].PublicKey, key.Public()) {
		return nil
	}
	return wrong("does not belong to the certificate of certificate_file (%s); give the key that it was requested with",
		Name(chain[0]))
}

// equal compares public keys of any kind of crypto; keys of different kinds are not equal.
func equal(a, b any) bool {
	key, ok := a.(interface {
		Equal(other crypto.PublicKey) bool
	})
	return ok && key.Equal(b)
}

// SameBankKey says whether two texts are the same public key of a bank, however each is written.
func SameBankKey(a, b string) bool {
	one, _ := bankKey(a)
	other, _ := bankKey(b)
	return equal(one, other) || a == b
}

// IsOwn says whether a public key of a bank is the shop's, however it is written.
func IsOwn(text string, own crypto.Signer) bool {
	key, _ := bankKey(text)
	return equal(key, own.Public())
}

// BankKey says what is wrong with a public key of a bank. Whether it fits the bank's algorithm is for the bank's folder
// to say.
func BankKey(text string) []Remark {
	if block, _ := pem.Decode([]byte(text)); block == nil {
		return nil
	}
	key, what := bankKey(text)
	if key == nil {
		return wrong("holds a public key that cannot be read; copy it again")
	}
	return strength(what, key)
}

// bankKey reads a public key as PEM or as base64 without armour, and says what to call it; nil when it is neither.
func bankKey(text string) (key crypto.PublicKey, what string) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err != nil {
		return nil, ""
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key, "it"
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, "it"
	}
	if one, err := asn.Certificate(der); err == nil {
		return one.PublicKey, "its key"
	}
	return nil, ""
}
