package screen

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

func newSeal() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	return key
}

// cursor is where a list goes on, signed together with what was asked for: of another shop, of other filters, of an
// earlier start or altered it is none.
func (s *Site) cursor(q book.Query, find string, at book.Place) string {
	place := at.Day.Format(time.DateOnly)
	if at.Behind.ID != (payment.ID{}) {
		place += " " + at.Behind.ID.String() + " " + at.Behind.CreatedAt.Format(time.RFC3339Nano)
	}
	return base64.RawURLEncoding.EncodeToString(append(s.sign(q, find, place), place...))
}

// readCursor is the place of a visit's cursor; the beginning where it has none.
func (s *Site) readCursor(v *visit, q book.Query) (at book.Place, err error) {
	text := v.r.URL.Query().Get("cursor")
	if text == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) <= sha256.Size {
		return at, errCursor
	}
	place := string(raw[sha256.Size:])
	if !hmac.Equal(raw[:sha256.Size], s.sign(q, strings.TrimSpace(v.r.URL.Query().Get("find")), place)) {
		return at, errCursor
	}
	day, behind, within := strings.Cut(place, " ")
	at.Day, err = time.Parse(time.DateOnly, day)
	if within && err == nil {
		id, created, _ := strings.Cut(behind, " ")
		at.Behind.ID, _ = payment.ParseID(id) // signed by us
		at.Behind.CreatedAt, err = time.Parse(time.RFC3339Nano, created)
	}
	if err != nil {
		return book.Place{}, errCursor
	}
	return at, nil
}

func (s *Site) sign(q book.Query, find, place string) []byte {
	flags := ""
	for _, one := range []*bool{q.Review, q.Late, q.Overpaid} {
		flags += fmt.Sprint(one != nil)
	}
	q.Review, q.Late, q.Overpaid = nil, nil, nil // addresses, which differ each time
	mac := hmac.New(sha256.New, s.seal)
	_, _ = fmt.Fprintf(mac, "%q %q %q %q %d %d %q %v %d %d %v %v", q.Shop, q.Bank, q.RefPrefix, find, q.From.Unix(),
		q.To.Unix(), flags, q.Changed, q.Least, q.Most, q.Statuses, place)
	return mac.Sum(nil)
}
