package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"kassa/shared/payment"
)

// Query is the query of a request, read as strictly as an Object: every parameter at most once, none that nobody asks
// for. What is wrong is collected for Err, its pointers naming parameters.
type Query struct {
	form   form
	values map[string][]string
}

// ReadQuery reads the query of r; malformed_query (400) when it cannot be decoded.
func (r *Request) ReadQuery() (*Query, error) {
	if r.queryErr != nil {
		return nil, &payment.Error{Kind: payment.Malformed, Code: "malformed_query",
			Message: "The query must be well-formed.", Cause: r.queryErr}
	}
	return &Query{values: maps.Clone(r.Query)}, nil
}

// Has says whether a parameter is there at all, for those that need not be.
func (q *Query) Has(name string) bool {
	_, there := q.values[name]
	return there
}

// Wrong notes that what a parameter says is wrong: a code, and in words what it must be.
func (q *Query) Wrong(name, code, detail string) { q.form.wrong(pointer("", name), code, detail) }

// Text reads a parameter that must be there.
func (q *Query) Text(name string) string {
	values := q.values[name]
	delete(q.values, name)
	switch {
	case len(values) > 1:
		q.form.wrong(pointer("", name), "repeated", "Must stand in the query exactly once.")
	case len(values) == 0 || values[0] == "":
		q.form.wrong(pointer("", name), "required", "Must stand in the query.")
	default:
		return values[0]
	}
	return ""
}

// Integer reads a whole number that must be there, from 1 to most, written in digits alone and without leading zeros:
// one number has one address, which is what caches go by.
func (q *Query) Integer(name string, most int64) int64 {
	text := q.Text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text || n < 1 || n > most {
		q.form.wrong(pointer("", name), "not_an_integer", "Must be a whole number from 1 to "+strconv.FormatInt(most, 10)+
			", in digits alone.")
		return 0
	}
	return n
}

// Page reads which page of a list is wanted: how many items, from 1 to most and usual unless it is said, and the cursor
// behind which to go on, "" at the list's beginning.
func (q *Query) Page(usual, most int64) (limit int, cursor string) {
	if q.Has("limit") {
		usual = q.Integer("limit", most)
	}
	if q.Has("cursor") {
		cursor = q.Text("cursor")
	}
	return int(usual), cursor
}

// Err is everything that is wrong with the query as one Invalid error, parameters that nobody asked for among it; nil
// when nothing is. Call it once, after all readers.
func (q *Query) Err() error {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		q.form.wrong(pointer("", name), "unknown_parameter", "Is not a parameter of this address.")
	}
	if len(q.form.errs) == 0 {
		return nil
	}
	return &payment.Error{Kind: payment.Invalid, Code: "invalid_parameters", Fields: q.form.errs,
		Message: "Some parameters of the query are wrong; errors tells which."}
}

// cursorLife is how long a reader may take from one page to the next.
const cursorLife = 24 * time.Hour

// Cursor is where a list goes on, as a text that means nothing to its reader: the place, when it was given, and a
// signature over both and over what was asked for. Its key is the API key of the request, so a cursor of another shop,
// of another list or with other parameters is none. The reader learns the place from it, which holds what the reader
// has seen anyway.
func (r *Request) Cursor(place, asked string, now time.Time) string {
	given := binary.BigEndian.AppendUint64(nil, uint64(now.Unix())) //nolint:gosec // after 1970
	return base64.RawURLEncoding.EncodeToString(append(append(r.cursorSign(place, asked, given), given...), place...))
}

// ReadCursor reads what the parameter cursor holds; what is wrong with it is noted in q. An empty one is noted already.
func (r *Request) ReadCursor(q *Query, text, asked string, now time.Time) (place string) {
	if text == "" {
		return ""
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(raw) > sha256.Size+8 {
		sign, given, place := raw[:sha256.Size], raw[sha256.Size:sha256.Size+8], string(raw[sha256.Size+8:])
		age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(given)), 0)) //nolint:gosec // signed by us
		if hmac.Equal(sign, r.cursorSign(place, asked, given)) && age < cursorLife {
			return place
		}
	}
	q.Wrong("cursor", "bad_format", "Must be the next of an answer to this very request, by the same API key and not a "+
		"day old; without it the list begins anew.")
	return ""
}

func (r *Request) cursorSign(place, asked string, given []byte) []byte {
	key := sha256.Sum256([]byte("cursor\x00" + bearer(r.Header["authorization"])))
	mac := hmac.New(sha256.New, key[:])
	for _, part := range []string{asked, place, string(given)} {
		size := binary.BigEndian.AppendUint64(nil, uint64(len(part)))
		mac.Write(append(size, part...))
	}
	return mac.Sum(nil)
}
