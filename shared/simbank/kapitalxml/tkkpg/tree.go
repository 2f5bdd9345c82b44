// Package tkkpg is the bank's side of the wire: it reads requests as strictly
// as it can, so that it catches a careless client, and writes the answers and
// the customer's return message in all the shapes that were seen in the wild.
package tkkpg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// element is one XML element: text or children, never both. Requests are read
// into it and answers are built from it.
type element struct {
	name  string
	attrs [][2]string
	text  string
	kids  []element
}

func leaf(name, text string) element              { return element{name: name, text: text} }
func branch(name string, kids ...element) element { return element{name: name, kids: kids} }

const maxDepth = 8

var bom = []byte("\xef\xbb\xbf")

// parse reads exactly one element tree. It refuses what a client of this
// gateway has no business to send: a byte order mark, another encoding, a
// document type, attributes, text beside elements, anything after the root.
func parse(body []byte) (element, error) {
	if bytes.HasPrefix(body, bom) {
		return element{}, errors.New("the body starts with a byte order mark; send UTF-8 without BOM")
	}
	if !utf8.Valid(body) {
		return element{}, errors.New("the body is not valid UTF-8")
	}
	p := reader{xml: xml.NewDecoder(bytes.NewReader(body))}
	root, err := p.root()
	if err != nil {
		return element{}, err
	}
	if _, err := p.next(); !errors.Is(err, io.EOF) {
		return element{}, errors.New("something follows the root element")
	}
	return root, nil
}

type reader struct{ xml *xml.Decoder }

// next returns the next token that carries content; prolog, comments and
// white space outside of the root do not.
func (p reader) next() (xml.Token, error) {
	for {
		token, err := p.xml.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Comment:
		case xml.ProcInst:
			if t.Target != "xml" {
				return nil, fmt.Errorf("processing instruction %q is not allowed", t.Target)
			}
		case xml.Directive:
			return nil, errors.New("a document type or other directive is not allowed")
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("text outside of the root element")
			}
		default:
			return token, nil
		}
	}
}

func (p reader) root() (element, error) {
	token, err := p.next()
	if err != nil {
		return element{}, fmt.Errorf("no XML root element: %w", err)
	}
	start, ok := token.(xml.StartElement)
	if !ok {
		return element{}, errors.New("no XML root element")
	}
	return p.element(start, 1)
}

func (p reader) element(start xml.StartElement, depth int) (element, error) {
	e := element{name: start.Name.Local}
	if depth > maxDepth {
		return e, fmt.Errorf("elements are nested deeper than %d", maxDepth)
	}
	if len(start.Attr) > 0 || start.Name.Space != "" {
		return e, fmt.Errorf("element %s has attributes or a namespace; none are defined", e.name)
	}
	var text strings.Builder
	for {
		token, err := p.xml.Token()
		if err != nil {
			return e, fmt.Errorf("element %s: %w", e.name, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			kid, err := p.element(t, depth+1)
			if err != nil {
				return e, err
			}
			e.kids = append(e.kids, kid)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return e, e.close(text.String())
		case xml.ProcInst, xml.Directive:
			return e, fmt.Errorf("element %s holds an instruction or directive", e.name)
		}
	}
}

// close keeps the text of a leaf as it came: stray spaces are the client's
// mistake and the checks of the fields shall see them.
func (e *element) close(text string) error {
	if len(e.kids) == 0 {
		e.text = text
		return nil
	}
	if strings.TrimSpace(text) != "" {
		return fmt.Errorf("element %s mixes text and elements", e.name)
	}
	return nil
}
