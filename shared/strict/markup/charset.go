package markup

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"kassa/shared/strict"
)

var errCharset = errors.New("the document is in an encoding that is not read here")

// inUTF8 gives an XML document in UTF-8, without what stands around it. It is read by its declaration where that can be
// true: UTF-16 by its first bytes, the one-byte encodings that products of the region write by their name. A
// declaration of any encoding that agrees with ASCII changes nothing about a document that is ASCII alone, and one of
// UTF-16 over single bytes, which programs write that made the text in memory, cannot be true.
func inUTF8(document []byte) ([]byte, error) {
	if plain, ok := fromUTF16(document); ok {
		return strict.Bare(plain), nil
	}
	document = strict.Bare(document)
	switch label := declared(document); {
	case label == "", label == "utf8", strings.HasPrefix(label, "utf16"), label == "ucs2":
		return document, nil
	case oneByte(label) != nil:
		plain, err := oneByte(label).NewDecoder().Bytes(document)
		if err != nil || bytes.ContainsRune(plain, utf8.RuneError) {
			return nil, errCharset
		}
		return plain, nil
	case likeASCII(label) && !slices.ContainsFunc(document, func(b byte) bool { return b >= utf8.RuneSelf }):
		return document, nil
	}
	return nil, errCharset
}

// fromUTF16 decodes a document that begins with a byte order mark of UTF-16, or with its first sign in two bytes.
func fromUTF16(document []byte) ([]byte, bool) {
	var order binary.ByteOrder
	switch {
	case len(document) < 2 || len(document)%2 != 0:
		return nil, false
	case bytes.HasPrefix(document, []byte("\xff\xfe")), bytes.HasPrefix(document, []byte("<\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(document, []byte("\xfe\xff")), bytes.HasPrefix(document, []byte("\x00<")):
		order = binary.BigEndian
	default:
		return nil, false
	}
	units := make([]uint16, len(document)/2)
	for i := range units {
		units[i] = order.Uint16(document[2*i:])
	}
	plain := []byte(string(utf16.Decode(units)))
	return plain, !bytes.ContainsRune(plain, utf8.RuneError)
}

// declared is the encoding that a document's declaration names, in lower case and without hyphens; "" when it names
// none.
func declared(document []byte) string {
	label := ""
	d := xml.NewDecoder(bytes.NewReader(document))
	d.CharsetReader = func(name string, rest io.Reader) (io.Reader, error) { label = name; return rest, nil }
	if token, err := d.RawToken(); err != nil {
		return ""
	} else if _, ok := token.(xml.ProcInst); !ok {
		return ""
	}
	return strings.NewReplacer("-", "", "_", "", ":", "").Replace(strings.ToLower(strings.TrimSpace(label)))
}

// oneByte are the encodings of one byte that are told apart here: what banks of the region and their vendors write.
func oneByte(label string) *charmap.Charmap {
	switch strings.TrimPrefix(strings.TrimPrefix(label, "x"), "cs") {
	case "windows1251", "cp1251", "win1251":
		return charmap.Windows1251
	case "windows1252", "cp1252":
		return charmap.Windows1252
	case "windows1254", "cp1254":
		return charmap.Windows1254
	case "iso88591", "latin1", "isolatin1":
		return charmap.ISO8859_1
	case "iso88595", "cyrillic":
		return charmap.ISO8859_5
	case "iso88599", "latin5":
		return charmap.ISO8859_9
	case "koi8r":
		return charmap.KOI8R
	case "ibm866", "cp866":
		return charmap.CodePage866
	}
	return nil
}

// likeASCII knows further encodings in which the bytes of ASCII mean what they mean there; in UTF-7 and others they do
// not.
func likeASCII(label string) bool {
	return slices.ContainsFunc([]string{"ascii", "usascii", "windows125", "cp125", "iso8859", "latin", "koi8", "mac",
		"utf32", "ucs4", "gbk", "gb2312", "gb18030", "big5"},
		func(family string) bool { return strings.HasPrefix(label, family) })
}
