package event

import (
	"strconv"
	"unicode/utf8"
)

// Write is the answer to such an event, with a body that is text.
func Write(status int, header map[string]string, body []byte) []byte {
	out := make([]byte, 0, 256+len(body)+len(body)/4)
	out = append(out, `{"statusCode":`...)
	out = strconv.AppendInt(out, int64(status), 10)
	out = append(out, `,"headers":{`...)
	for name, value := range header {
		out = append(quote(append(quote(out, name), ':'), value), ',')
	}
	if len(header) > 0 {
		out = out[:len(out)-1]
	}
	out = quote(append(out, `},"body":`...), body)
	return append(out, '}')
}

// quote writes a text as JSON has it. A byte that is no UTF-8 becomes U+FFFD, as with encoding/json.
func quote[T string | []byte](out []byte, text T) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	done := 0 // up to here it is written
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var sign rune
			if sign, size = utf8.DecodeRuneInString(string(text[i:min(len(text), i+utf8.UTFMax)])); sign != utf8.RuneError ||
				size > 1 {
				i += size
				continue
			}
		}
		out = append(out, text[done:i]...)
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		i += size
		done = i
	}
	return append(append(out, text[done:]...), '"')
}
