package strict

import (
	"bytes"
	"encoding/json"
)

// Tokens walks through a document that is known to be valid JSON in UTF-8, by the tokens of encoding/json, with numbers
// as they were written. A json.Decoder does the same and makes an error of its own at the end of each text and number,
// only to take it back.
type Tokens struct {
	document []byte
	at       int
}

// NewTokens begins at the beginning of a document.
func NewTokens(document []byte) *Tokens { return &Tokens{document: document} }

// More says whether another member or item comes before the array or object, or the document, ends.
func (t *Tokens) More() bool {
	next := t.peek()
	return next != 0 && next != ']' && next != '}'
}

// Name gives the next token where it is the name of an object's member.
func (t *Tokens) Name() string {
	t.peek()
	return t.text()
}

// Next gives the next token: a json.Delim, string, json.Number, bool, or nil for null and behind the end.
func (t *Tokens) Next() json.Token {
	first, from := t.peek(), t.at
	switch first {
	case 0:
		return nil
	case '[', ']', '{', '}':
		t.at++
		return json.Delim(first)
	case '"':
		return t.text()
	}
	end := bytes.IndexAny(t.document[from:], " \t\r\n,]}")
	if end < 0 {
		end = len(t.document) - from
	}
	t.at += end
	switch first {
	case 't', 'f':
		return first == 't'
	case 'n':
		return nil
	}
	return json.Number(t.document[from:t.at])
}

// peek goes to the next token, and gives its first byte; 0 at the end.
func (t *Tokens) peek() byte {
	for ; t.at < len(t.document); t.at++ {
		if c := t.document[t.at]; c > ' ' && c != ',' && c != ':' {
			return c
		}
	}
	return 0
}

// text reads a string, by encoding/json where there are escapes in it.
func (t *Tokens) text() string {
	from, escaped := t.at, false
	for t.at++; t.document[t.at] != '"'; t.at++ {
		if t.document[t.at] == '\\' {
			escaped = true
			t.at++
		}
	}
	t.at++
	if whole := t.document[from:t.at]; escaped {
		var text string
		_ = json.Unmarshal(whole, &text) // it is a string, for the document is valid
		return text
	}
	return string(t.document[from+1 : t.at-1])
}
