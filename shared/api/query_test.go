package api

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// FuzzCursor: a cursor gives the place that it was made for, to the same reader with the same question within a day,
// and nothing else gives any; whatever a query holds is a value or named as wrong.
func FuzzCursor(f *testing.F) {
	made := time.Unix(1795291200, 0)
	reader := Request{Header: map[string]string{"authorization": "Bearer sk_demo-az_k1_secret"}}
	f.Add("from=2026-11-21", "2026-11-21 x", "limit=7&cursor=abc", int64(0))
	f.Add("", "\x00", "limit=07&limit=1&x", int64(86400))
	f.Add("a", "b", "cursor="+base64.RawURLEncoding.EncodeToString(make([]byte, 48)), int64(-1))
	f.Fuzz(func(t *testing.T, asked, place, query string, age int64) {
		if place == "" {
			return
		}
		good := reader.Cursor(place, asked, made)
		values, err := url.ParseQuery(query)
		read := func(r Request, text, asked string, now time.Time) (string, error) {
			q := &Query{values: map[string][]string{}}
			got := r.ReadCursor(q, text, asked, now)
			return got, q.Err()
		}
		if got, err := read(reader, good, asked, made); got != place || err != nil {
			t.Fatalf("its own reader: %q, %v", got, err)
		}
		now := made.Add(time.Duration(age%(1<<31)) * time.Second)
		if got, err := read(reader, good, asked, now); (got == place) != (now.Sub(made) < cursorLife) || (got == "") !=
			(err != nil) {
			t.Fatalf("%d seconds old: %q, %v", age, got, err)
		}
		other := Request{Header: map[string]string{"authorization": "Bearer sk_demo-by_k1_secret"}}
		for name, got := range map[string]string{
			"another reader":   first(read(other, good, asked, made)),
			"another question": first(read(reader, good, asked+"x", made)),
			"a longer one":     first(read(reader, good+"AAAA", asked, made)),
			"anything":         first(read(reader, place, asked, made)),
			"another of these": first(read(reader, values.Get("cursor"), asked, made)),
		} {
			if got != "" {
				t.Fatalf("%s reads %q", name, got)
			}
		}
		r := Request{Query: values, queryErr: err}
		q, err := r.ReadQuery()
		if err != nil {
			return
		}
		limit, cursor := q.Page(20, 100)
		err = q.Err()
		if err == nil && (limit < 1 || limit > 100 || strings.Join(values["cursor"], "") != cursor) ||
			err != nil && payment.KindOf(err) != payment.Invalid {
			t.Fatalf("%q gives %d, %q, %v", query, limit, cursor, err)
		}
	})
}

func first(text string, _ error) string { return text }
