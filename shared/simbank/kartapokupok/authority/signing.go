package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"kassa/shared/simbank/pki"
)

// Families lists the kinds of keys that sign callbacks: RSA 2048, ECDSA P-256
// and Ed25519.
func Families() []string { return []string{"rsa", "ecdsa", "ed25519"} }

// keys are the bank's keys of one family.
type keys struct {
	current, previous crypto.Signer // previous is nil before the first rotation
	published         bool          // the bank still names previous among its keys
	foreign           crypto.Signer // made when it is first asked for
}

// Signer is a key of the family: "current" (also empty), "previous" or "foreign".
func (p *PKI) Signer(family, which string) (crypto.Signer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.signing[family]
	switch {
	case k == nil:
		return nil, fmt.Errorf("signing key family %.40q is not known; use one of %q", family, Families())
	case which == "" || which == "current":
		return k.current, nil
	case which == "previous" && k.previous != nil:
		return k.previous, nil
	case which == "previous":
		return nil, fmt.Errorf("there is no previous %s key: rotate first", family)
	case which == "foreign":
		return k.stranger(family)
	}
	return nil, fmt.Errorf("signing key %.40q is not known; use current, previous or foreign", which)
}

func (k *keys) stranger(family string) (crypto.Signer, error) {
	if k.foreign != nil {
		return k.foreign, nil
	}
	made, err := newKey(family)
	if err != nil {
		return nil, err
	}
	k.foreign = made
	return made, nil
}

// RotateSigning makes a new signing key, which the bank signs with from now on.
// With keepOld the bank goes on naming the old one among its public keys; the old
// key stays at hand as "previous" in either case.
func (p *PKI) RotateSigning(family string, keepOld bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.signing[family]
	if k == nil {
		return fmt.Errorf("signing key family %.40q is not known; use one of %q", family, Families())
	}
	made, err := newKey(family)
	if err != nil {
		return fmt.Errorf("new %s key: %w", family, err)
	}
	next := &keys{current: made, previous: k.current, published: keepOld, foreign: k.foreign}
	if err := p.keepKeys(family, next); err != nil {
		return fmt.Errorf("new %s key: %w", family, err)
	}
	p.signing[family] = next
	return nil
}

// PublicKeys is what the bank publishes of a family, newest first, each as PEM
// (SubjectPublicKeyInfo); nothing for an unknown family.
func (p *PKI) PublicKeys(family string) ([][]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.signing[family]
	if k == nil {
		return nil, nil
	}
	signers := []crypto.Signer{k.current}
	if k.published {
		signers = append(signers, k.previous)
	}
	var published [][]byte
	for _, s := range signers {
		der, err := x509.MarshalPKIXPublicKey(s.Public())
		if err != nil {
			return nil, fmt.Errorf("publish the %s key: %w", family, err)
		}
		published = append(published, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	return published, nil
}

func newKey(family string) (crypto.Signer, error) {
	switch family {
	case "ecdsa":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

// A family's keys stand in one file, so that a kill cannot part them: current,
// then previous. The type of the second block says whether it is published.
const (
	blockCurrent   = "PRIVATE KEY"
	blockPublished = "PREVIOUS PUBLISHED PRIVATE KEY"
	blockRetired   = "PREVIOUS RETIRED PRIVATE KEY"
)

func (p *PKI) keepKeys(family string, k *keys) error {
	text, err := pki.PrivatePEM(k.current)
	if err != nil {
		return err
	}
	if k.previous != nil {
		der, err := x509.MarshalPKCS8PrivateKey(k.previous)
		if err != nil {
			return err
		}
		kind := blockRetired
		if k.published {
			kind = blockPublished
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	return p.files.Write("sign-"+family+".pem", text)
}

func (p *PKI) loadKeys(family string) (*keys, error) {
	text, err := p.files.Read("sign-" + family + ".pem")
	if errors.Is(err, os.ErrNotExist) {
		made, err := newKey(family)
		if err != nil {
			return nil, fmt.Errorf("new %s key: %w", family, err)
		}
		k := &keys{current: made}
		return k, p.keepKeys(family, k)
	}
	if err != nil {
		return nil, err
	}
	k, err := readKeys(text)
	if err != nil {
		return nil, fmt.Errorf("sign-%s.pem is unreadable; remove it to get new keys: %w", family, err)
	}
	return k, nil
}

func readKeys(text []byte) (*keys, error) {
	k := &keys{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		key, ok := parsed.(crypto.Signer)
		switch {
		case !ok:
			return nil, errors.New("a key cannot sign")
		case block.Type == blockCurrent:
			k.current = key
		default:
			k.previous, k.published = key, block.Type == blockPublished
		}
	}
	if k.current == nil {
		return nil, errors.New("it holds no key")
	}
	return k, nil
}
