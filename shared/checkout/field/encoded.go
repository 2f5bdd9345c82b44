package field

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// decoded undoes percent-encoding where there is any, and the escapes of programs: %u2009, \u2009, \u{2009}, \x20,
// \040, and \n and its like as a blank.
func decoded(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := escape(text[i:])
		switch {
		case size == 0:
			b.WriteByte(text[i])
			size = 1
		case text[i] == '%' && size == 3:
			b.WriteByte(byte(r)) //nolint:gosec // G115: two hexadecimal digits are one byte, of UTF-8
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// escape reads the escape that a text begins with, and gives how many bytes of the text it is, 0 when there is none.
func escape(text string) (r rune, size int) {
	if len(text) < 2 || text[0] != '%' && text[0] != '\\' {
		return 0, 0
	}
	coded := func(from, to, base int) (rune, int) {
		if to < from || to > len(text) {
			return 0, 0
		}
		n, err := strconv.ParseUint(text[from:to], base, 21)
		if err != nil {
			return 0, 0
		}
		return rune(n), to
	}
	backslash, mark := text[0] == '\\', text[1]
	switch {
	case backslash && (mark == 'u' || mark == 'x') && strings.HasPrefix(text[2:], "{"):
		r, size = coded(3, strings.IndexByte(text, '}'), 16)
		return r, min(size, 1) * (size + 1)
	case mark|0x20 == 'u':
		if r, size = coded(2, 10, 16); backslash && mark == 'U' && size > 0 {
			return r, size
		}
		return coded(2, 6, 16)
	case !backslash:
		return coded(1, 3, 16)
	case mark == 'x':
		return coded(2, 4, 16)
	case strings.IndexByte("nrt", mark) >= 0:
		return ' ', 2
	}
	return coded(1, 4, 8)
}

// withoutTags puts something in the place of every tag and comment of a page, and of the tags in brackets that forums
// have. A cell, an item of a list, a line and their like are always parted.
func withoutTags(text, between string) string {
	if !strings.ContainsAny(text, "<[") {
		return text
	}
	parts := strings.Fields("td th tr li p div br hr dt dd option")
	return withoutPairs(withoutPairs(text, "<", ">", func(tag string) string {
		name := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return !unicode.IsLetter(r) })
		if len(name) > 0 && slices.Contains(parts, name[0]) {
			return " "
		}
		return between
	}), "[", "]", func(string) string { return between })
}

// withoutNames leaves of the parameters of an address their values alone, as a list.
func withoutNames(text string) string {
	if !strings.Contains(text, "=") {
		return text
	}
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("?&#;", r) }) {
		if _, value, named := strings.Cut(part, "="); named {
			b.WriteString(", " + value)
			continue
		}
		b.WriteByte('x')
	}
	return b.String()
}

// withoutPairs puts something in the place of what stands between two signs, unless it begins with a digit.
func withoutPairs(text, opening, closing string, between func(inside string) string) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, opening)
		inside, behind, closed := strings.Cut(rest, closing)
		b.WriteString(before)
		switch {
		case !open:
			return b.String()
		case !closed:
			return b.String() + opening + rest
		case inside != "" && isDigit(rune(inside[0])):
			b.WriteString(opening)
			text = rest
		default:
			b.WriteString(between(inside))
			text = behind
		}
	}
}
