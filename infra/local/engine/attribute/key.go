package attribute

import "strings"

// The order-preserving encoding of key values: comparing two encodings of one type byte by byte compares the values as
// DynamoDB does (strings by their bytes, numbers as numbers), and no encoding is a prefix of another one, so that
// encodings can be joined.
const (
	escape     = 0xFF // follows a 0x00 that belongs to the text
	terminator = 0x01 // follows the 0x00 that ends a text; sorts before every escape

	negativeNumber = 0x01
	zeroNumber     = 0x02
	positiveNumber = 0x03
)

// AppendKey appends the order-preserving encoding of a string or a number. Other types cannot be keys.
func AppendKey(key []byte, v Value) []byte {
	if v.Kind == Number {
		return appendNumber(key, v.Text)
	}
	for rest := v.Text; ; {
		zero := strings.IndexByte(rest, 0)
		if zero < 0 {
			return append(append(key, rest...), 0, terminator)
		}
		key, rest = append(append(key, rest[:zero]...), 0, escape), rest[zero+1:]
	}
}

// appendNumber encodes sign, exponent, then two digits a byte, closed by a byte that is lower than any pair. All bytes
// of a negative number are inverted, since there the larger magnitude comes first. So no sort key needs to be padded
// with zeros to be in order, as it would be if it were compared as a text.
func appendNumber(key []byte, text string) []byte {
	n, err := parseNumber(text)
	if err != nil || n.digits == "" {
		return append(key, zeroNumber) // A Value holds only checked numbers, so this is the zero.
	}
	digits := n.digits + "0"
	//nolint:gosec // A checked exponent spans exactly the 256 values of a byte.
	body := []byte{byte(n.exponent - minExponent)}
	for i := 0; i+1 < len(digits); i += 2 {
		body = append(body, (digits[i]-'0')*10+digits[i+1]-'0'+1)
	}
	body = append(body, 0)
	if !n.negative {
		return append(append(key, positiveNumber), body...)
	}
	key = append(key, negativeNumber)
	for _, b := range body {
		key = append(key, ^b)
	}
	return key
}

// After is the least byte string that sorts after everything that begins with the prefix; nil when there is none.
func After(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xFF {
			next := append([]byte(nil), prefix[:i+1]...)
			next[i]++
			return next
		}
	}
	return nil
}
