package tkkpg

import (
	"bytes"
	"encoding/xml"
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

// escape cannot fail: a bytes.Buffer takes everything.
func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text))
}
