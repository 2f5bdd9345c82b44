package tkkpg

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
)

const prolog = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// write renders the tree without any white space between the elements.
func (e element) write(b *bytes.Buffer) {
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		b.WriteString(" " + a[0] + `="`)
		escape(b, a[1])
		b.WriteString(`"`)
	}
	b.WriteString(">")
	escape(b, e.text)
	for _, kid := range e.kids {
		kid.write(b)
	}
	b.WriteString("</" + e.name + ">")
}

func (e element) bytes() []byte {
	var b bytes.Buffer
	e.write(&b)
	return b.Bytes()
}

var firstTag = regexp.MustCompile(`<[A-Za-z]+>`)

// Odd spells a document as some installations do: with what editors leave
// around a document, a prefix that is declared for a schema, and other words for nothing.
func Odd(document []byte) []byte {
	root := firstTag.FindIndex(document)
	if root == nil {
		return document
	}
	text := string(document[:root[1]-1]) + ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
		string(document[root[1]-1:])
	text = strings.Replace(text, "<RefundAmount>0</RefundAmount><RefundCurrency>null<",
		"<RefundAmount>0.00</RefundAmount><RefundCurrency>0<", 1)
	return []byte("\ufeff\r\n" + text + "\r\n\ufeff")
}

// escape cannot fail: a bytes.Buffer takes everything.
func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text))
}
