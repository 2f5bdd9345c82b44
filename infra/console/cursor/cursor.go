// Package cursor writes where a list goes on into an address, so that nobody can make one up: of another shop, of other
// filters, of an earlier start or altered it is none.
package cursor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// Seal signs cursors. It lives as long as the console does.
type Seal struct{ key [32]byte }

// NewSeal draws one.
func NewSeal() *Seal {
	s := &Seal{}
	_, _ = rand.Read(s.key[:]) // never fails: it ends the program instead
	return s
}

// ErrNone says that a text is no cursor of this list.
var ErrNone = errors.New("no cursor of this list")

// Write is a place of the list of what was asked for.
func (s *Seal) Write(place, asked string) string {
	return base64.RawURLEncoding.EncodeToString(append(s.sign(place, asked), place...))
}

// Read is the place that Write was given.
func (s *Seal) Read(text, asked string) (place string, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) <= sha256.Size {
		return "", ErrNone
	}
	place = string(raw[sha256.Size:])
	if !hmac.Equal(raw[:sha256.Size], s.sign(place, asked)) {
		return "", ErrNone
	}
	return place, nil
}

func (s *Seal) sign(place, asked string) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(place))))
	mac.Write([]byte(place + asked))
	return mac.Sum(nil)
}

// Place writes a place of the book as a text.
func Place(at book.Place) string {
	text := at.Day.Format(time.DateOnly)
	if at.Behind.ID != (payment.ID{}) {
		text += " " + at.Behind.ID.String() + " " + at.Behind.CreatedAt.Format(time.RFC3339Nano)
	}
	return text
}

// ReadPlace reads what Place wrote.
func ReadPlace(text string) (at book.Place, err error) {
	day, behind, within := strings.Cut(text, " ")
	if at.Day, err = time.Parse(time.DateOnly, day); err != nil || !within {
		return at, err
	}
	id, created, _ := strings.Cut(behind, " ")
	entry, known := payment.ParseID(id)
	if at.Behind.ID = entry; !known {
		return at, ErrNone
	}
	at.Behind.CreatedAt, err = time.Parse(time.RFC3339Nano, created)
	return at, err
}
