package markup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"mime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"kassa/shared/strict"
)

var errCharset = errors.New("the document is in an encoding that is not read here")

// inUTF8 gives an XML document in UTF-8, without its declaration and what stands around it. It is read by its
// declaration where that can be true: UTF-16 by its first bytes, the one-byte encodings that products of the region
// write by their name. A declaration of any encoding that agrees with ASCII changes nothing about a document that is
// ASCII alone. One of UTF-16 over single bytes, which programs write that made the text in memory, cannot be true, nor
// one of an encoding that has no such bytes, which stays behind when a gateway makes UTF-8 of a document.
func inUTF8(document []byte) ([]byte, error) {
	plain, wide := fromUTF16(document)
	label, document := undeclared(strict.Bare(plain))
	table := oneByte(label)
	if wide || label == "" || label == "utf8" || isWide(label) {
		return document, nil
	}
	if table != "" {
		if plain := fromOneByte(document, table); !bytes.ContainsRune(plain, utf8.RuneError) {
			return plain, nil
		}
	}
	if (table != "" || likeASCII(label)) && utf8.Valid(document) {
		return document, nil
	}
	return nil, errCharset
}

// undeclared takes the declaration from a document, whichever version of XML it names, and gives the encoding that it
// names, in lower case and without hyphens; "" when it names none. What is no declaration stays where it stands.
func undeclared(document []byte) (label string, rest []byte) {
	inside, rest, closed := bytes.Cut(document, []byte("?>"))
	inside, opened := bytes.CutPrefix(inside, []byte("<?xml"))
	if !opened || !closed || len(bytes.TrimLeft(inside, " \t\r\n")) == len(inside) {
		return "", document
	}
	_, value, _ := strings.Cut(string(inside), "encoding")
	value = strings.TrimLeft(value, " \t\r\n=")
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		label, _, _ = strings.Cut(value[1:], value[:1])
	}
	return labelOf(label), rest
}

// labelOf is the name of an encoding in lower case and without hyphens.
func labelOf(name string) string {
	plain := func(r rune) rune {
		if strings.ContainsRune("-_:", r) {
			return -1
		}
		return unicode.ToLower(r)
	}
	return strings.Map(plain, strings.TrimSpace(name))
}

// InCharset is a document as whoever brought it says that it is written: a Content-Type names the encoding of one that
// names none itself (RFC 7303, section 3). Servers also name what they did not write, so what is UTF-8 stays, and so
// does what names another encoding or is of one that is not read here.
func InCharset(document []byte, contentType string) []byte {
	if utf8.Valid(document) {
		return document
	}
	label, bare := undeclared(strict.Bare(document))
	_, wide := fromUTF16(document)
	_, parameters, _ := mime.ParseMediaType(contentType)
	table := oneByte(labelOf(parameters["charset"]))
	if wide || table == "" || label != "" && label != "utf8" {
		return document
	}
	return fromOneByte(bare, table)
}

// fromUTF16 decodes a document that begins with a byte order mark of UTF-16, or with its first sign in two bytes. Any
// other stays as it is, and so does one that is broken.
func fromUTF16(document []byte) (plain []byte, wide bool) {
	var order binary.ByteOrder
	switch {
	case len(document) < 2 || len(document)%2 != 0:
		return document, false
	case bytes.HasPrefix(document, []byte("\xff\xfe")), bytes.HasPrefix(document, []byte("<\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(document, []byte("\xfe\xff")), bytes.HasPrefix(document, []byte("\x00<")):
		order = binary.BigEndian
	default:
		return document, false
	}
	units := make([]uint16, len(document)/2)
	for i := range units {
		units[i] = order.Uint16(document[2*i:])
	}
	if plain = []byte(string(utf16.Decode(units))); bytes.ContainsRune(plain, utf8.RuneError) {
		return document, false
	}
	return plain, true
}

// oneByte are the encodings of one byte that are told apart here: what banks of the region and their vendors write.
func oneByte(label string) (table string) {
	switch strings.TrimPrefix(strings.TrimPrefix(label, "x"), "cs") {
	case "windows1251", "cp1251", "win1251":
		return windows1251
	case "windows1252", "cp1252":
		return windows1252
	case "windows1254", "cp1254":
		return windows1254
	case "iso88591", "latin1", "isolatin1":
		return iso88591
	case "iso88595", "cyrillic":
		return iso88595
	case "iso88599", "latin5":
		return iso88599
	case "koi8r":
		return koi8r
	case "ibm866", "cp866":
		return ibm866
	}
	return ""
}

// isWide knows the names of UTF-16.
func isWide(label string) bool {
	return strings.HasPrefix(label, "utf16") || slices.Contains([]string{"ucs2", "iso10646ucs2", "unicode"}, label)
}

// likeASCII knows further encodings in which the bytes of ASCII mean what they mean there; in UTF-7, EBCDIC and others
// they do not. ANSI_X3.4-1968 is the name of ASCII itself that C programs write.
func likeASCII(label string) bool {
	return slices.ContainsFunc([]string{"ascii", "usascii", "ansi", "iso646us", "windows125", "cp125", "iso8859", "latin",
		"koi8", "mac", "utf32", "ucs4", "gbk", "gb2312", "gb18030", "big5", "cp437", "ibm437", "cp85", "ibm85", "cp86",
		"ibm86"}, func(family string) bool { return strings.HasPrefix(label, family) })
}
