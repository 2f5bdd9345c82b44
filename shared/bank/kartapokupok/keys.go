package kartapokupok

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"kassa/shared/strict/asn"
)

// The signature algorithms. The first is the region's overwhelming practice. ECDSA signatures are in ASN.1 DER,
// or two numbers side by side, as JWS (RFC 7518, section 3.4), .NET and Web Crypto write them; a PSS salt may have any
// length.
const (
	rsaSHA256    = "rsa-sha256" // PKCS #1 v1.5
	rsaSHA512    = "rsa-sha512" // PKCS #1 v1.5
	rsaPSSSHA256 = "rsa-pss-sha256"
	ecdsaSHA256  = "ecdsa-sha256"
	ed25519Plain = "ed25519"
)

// The lengths of an RSA key in bits: shorter ones are too weak, longer ones make every forgery expensive for us.
const (
	shortestRSA = 2048
	longestRSA  = 8192
)

// publicKey is one key that the bank may sign with.
type publicKey struct {
	id  string // the first 8 bytes of SHA-256 of its SPKI, in hex: names the key in logs
	key crypto.PublicKey
}

// readKey reads a public key as banks hand them out: PEM (SPKI, PKCS #1 or a certificate), or the base64 of the DER
// without armour. Of a certificate only the key counts: it is pinned, so neither its names nor its dates say anything.
func readKey(text, algorithm string) (publicKey, error) {
	der, kind, err := unwrap(strings.TrimSpace(text))
	if err != nil {
		return publicKey{}, err
	}
	key, err := parseKey(der, kind)
	if err != nil {
		return publicKey{}, err
	}
	if err := fits(key, algorithm); err != nil {
		return publicKey{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return publicKey{}, errors.New("cannot be read")
	}
	sum := sha256.Sum256(spki)
	return publicKey{id: fmt.Sprintf("%x", sum[:8]), key: key}, nil
}

// unwrap gives the DER, and the kind of PEM block that it stood in; "" for none.
func unwrap(text string) (der []byte, kind string, err error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		switch {
		case strings.Contains(block.Type, "PRIVATE"):
			return nil, "", errors.New("is a private key; give the bank's public key")
		case strings.Count(text, "-----BEGIN ") > 1:
			return nil, "", errors.New("holds more than one PEM block; give each key its own entry")
		}
		return block.Bytes, block.Type, nil
	}
	der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(der) == 0 {
		return nil, "", errors.New("is neither PEM nor the base64 of a DER key")
	}
	return der, "", nil
}

func parseKey(der []byte, kind string) (crypto.PublicKey, error) {
	if kind == "PUBLIC KEY" || kind == "" {
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			return key, nil
		}
	}
	if kind == "RSA PUBLIC KEY" || kind == "" {
		if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return key, nil
		}
	}
	if kind == "CERTIFICATE" || kind == "" {
		if certificate, err := asn.Certificate(der); err == nil && certificate.PublicKey != nil {
			return certificate.PublicKey, nil
		}
	}
	return nil, errors.New("cannot be read; it must be a PUBLIC KEY, an RSA PUBLIC KEY or a CERTIFICATE, of a curve " +
		"that NIST names or Ed25519 if it is none of RSA")
}

// fits refuses a key that is not one of the algorithm's: the algorithm is never guessed from the key.
func fits(key crypto.PublicKey, algorithm string) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if algorithm != rsaSHA256 && algorithm != rsaSHA512 && algorithm != rsaPSSSHA256 {
			return errors.New("is an RSA key, which does not fit the algorithm")
		}
		if bits := key.N.BitLen(); bits < shortestRSA || bits > longestRSA {
			return fmt.Errorf("is an RSA key of %d bits; it must have %d to %d", bits, shortestRSA, longestRSA)
		}
		return nil
	case *ecdsa.PublicKey:
		if algorithm != ecdsaSHA256 {
			return errors.New("is an ECDSA key, which does not fit the algorithm")
		}
		if key.Curve == elliptic.P224() {
			return errors.New("is an ECDSA key of the curve P-224; it must be P-256, P-384 or P-521")
		}
		return nil
	case ed25519.PublicKey:
		if algorithm != ed25519Plain {
			return errors.New("is an Ed25519 key, which does not fit the algorithm")
		}
		return nil
	}
	return errors.New("is a key of a kind that signs nothing here")
}

// verifies says whether the key's owner signed these bytes by this algorithm, which the key fits.
func (k publicKey) verifies(algorithm string, signed, signature []byte) bool {
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return verifiesRSA(key, algorithm, signed, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(signed)
		return ecdsa.VerifyASN1(key, sum[:], signature) || ecdsa.VerifyASN1(key, sum[:], asPair(key, signature))
	case ed25519.PublicKey:
		return ed25519.Verify(key, signed, signature)
	}
	return false
}

// asPair is a signature in ASN.1 whose two numbers came side by side; nil when they did not.
func asPair(key *ecdsa.PublicKey, signature []byte) []byte {
	size := (key.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		return nil
	}
	pair, _ := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(signature[:size]),
		new(big.Int).SetBytes(signature[size:])}) // it takes numbers of any size
	return pair
}

func verifiesRSA(key *rsa.PublicKey, algorithm string, signed, signature []byte) bool {
	switch algorithm {
	case rsaSHA256:
		sum := sha256.Sum256(signed)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	case rsaSHA512:
		sum := sha512.Sum512(signed)
		return rsa.VerifyPKCS1v15(key, crypto.SHA512, sum[:], signature) == nil
	case rsaPSSSHA256:
		sum := sha256.Sum256(signed)
		return rsa.VerifyPSS(key, crypto.SHA256, sum[:], signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
	}
	return false
}
