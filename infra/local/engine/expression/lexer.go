package expression

import (
	"strings"
	"unicode/utf8"
)

// tokenKind says what a token can stand for.
type tokenKind int

const (
	end    tokenKind = iota
	word             // an attribute name, a keyword or a function
	name             // #n
	value            // :v
	symbol           // an operator, a parenthesis or a comma
	broken           // a character that no expression contains
)

type token struct {
	kind tokenKind
	text string
}

// is tells whether the token is the given keyword, which DynamoDB reads in any letter case, or symbol.
func (t token) is(text string) bool {
	return (t.kind == symbol && t.text == text) || (t.kind == word && strings.EqualFold(t.text, text))
}

// next cuts the first token off the text.
func next(text string) (token, string) {
	text = strings.TrimLeft(text, " \t\r\n")
	if text == "" {
		return token{}, ""
	}
	for _, s := range [...]string{"<>", "<=", ">=", "<", ">", "=", "(", ")", ","} { // The longer ones first.
		if strings.HasPrefix(text, s) {
			return token{symbol, s}, text[len(s):]
		}
	}
	switch first := text[0]; {
	case first == '#' || first == ':':
		return placeholder(text)
	case isLetter(first):
		length := wordLength(text)
		return token{word, text[:length]}, text[length:]
	}
	_, length := utf8.DecodeRuneInString(text)
	return token{broken, text[:length]}, text[length:]
}

func placeholder(text string) (token, string) {
	kind := name
	if text[0] == ':' {
		kind = value
	}
	length := 1 + wordLength(text[1:])
	if length == 1 {
		kind = broken
	}
	return token{kind, text[:length]}, text[length:]
}

func wordLength(text string) int {
	length := 0
	for length < len(text) && (isLetter(text[length]) || text[length] == '_' || text[length] >= '0' &&
		text[length] <= '9') {
		length++
	}
	return length
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
