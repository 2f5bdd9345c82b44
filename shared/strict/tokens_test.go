package strict

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"kassa/shared/strict/ascii/asciitest"
)

// jsonTexts are documents with every sort of token.
func jsonTexts() []string {
	return []string{`{"order_ref":"A-1","amount":15000,"items":[{"name":"nar","n":-1.5e+3},[]],"a":{},"z":null}`,
		`[true,false]`,
		"[ 1 ,\t\"\\u00e9\\n\\\\\" , {\r\n\"\\\"k\" : \"\\\\\" } ]", `"\ud800x"`, `0`,
		` true `, `null`, `"нар ﷽"`, `[[[]]]`, `{}`}
}

// sameTokens holds a walk through a document to that of a json.Decoder; false where it is not for either.
func sameTokens(t *testing.T, document []byte) bool {
	t.Helper()
	if !json.Valid(document) || !utf8.Valid(document) {
		return false
	}
	want := json.NewDecoder(strings.NewReader(string(document)))
	want.UseNumber()
	got := NewTokens(document)
	for {
		if got.More() != want.More() {
			t.Fatalf("%q: more is %t", document, got.More())
		}
		token, err := want.Token()
		if mine := got.Next(); mine != token {
			t.Fatalf("%q: %#v, want %#v", document, mine, token)
		}
		if err != nil {
			return true
		}
	}
}

func TestTokensAreThoseOfADecoder(t *testing.T) {
	walked := 0
	for text := range asciitest.Texts(jsonTexts()...) {
		if sameTokens(t, []byte(text)) {
			walked++
		}
	}
	if walked < 4000 {
		t.Errorf("%d documents were valid: they prove little", walked)
	}
}

func FuzzTokens(f *testing.F) {
	for _, text := range jsonTexts() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, document []byte) { sameTokens(t, document) })
}
