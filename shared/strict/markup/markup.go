// Package markup reads XML documents that no two readers could understand in two ways.
package markup

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"kassa/shared/strict"
)

// Element is one element of a document that passed every check: it has either text or children, and no two children of
// one name, except those that strict.Form allows to repeat. Two whose names differ in letter case alone say the same.
// All methods work on a nil Element, as on an empty one.
type Element struct {
	Name     string // without a namespace: elements of one are refused or left out
	Text     string // as it stands, white space included
	Children []*Element

	unsaid bool // it is there and says of itself that it is not, by xsi:nil
}

// Parse reads one document and refuses whatever two readers could understand in two ways: a second root, text around
// the root or between elements, a text split by a comment, repeated elements, directives and processing instructions,
// foreign namespaces, an encoding that its declaration cannot mean. What stands around the document is read past, and
// so is a prefix that is declared and that no element has. Errors name elements, never their text.
func Parse(document []byte, form strict.Form) (*Element, error) {
	if len(document) > form.Bytes {
		return nil, fmt.Errorf("the document has more than %d bytes", form.Bytes)
	}
	document, err := inUTF8(document)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(document) {
		return nil, errors.New("the document is not UTF-8")
	}
	p := parser{form: form, tokens: xml.NewDecoder(bytes.NewReader(document))}
	return p.document()
}

type parser struct {
	form   strict.Form
	tokens *xml.Decoder
	count  int
}

func (p *parser) next() (xml.Token, error) {
	if p.count++; p.count > p.form.Tokens {
		return nil, fmt.Errorf("the document has more than %d parts", p.form.Tokens)
	}
	token, err := p.tokens.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not well-formed near byte %d", p.tokens.InputOffset()) // the decoder's own text may quote
	}
	return token, err
}

func (p *parser) document() (*Element, error) {
	var root *Element
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errors.New("there is no element")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.ProcInst: // the declaration, which is none, is gone by now
			return nil, errors.New("a processing instruction is not allowed")
		case xml.Directive:
			return nil, errors.New("a document type is not allowed")
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("there is text outside of the root element")
			}
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("there is a second root element")
			}
			if root, err = p.element(t, 1, false); err != nil {
				return nil, err
			}
		}
	}
}

// element reads up to the end of the element that has just started. skipped says that it is read past: then namespaces
// and repetitions do not matter, all other limits do.
func (p *parser) element(start xml.StartElement, depth int, skipped bool) (*Element, error) {
	e := &Element{Name: start.Name.Local}
	if depth > p.form.Depth {
		return nil, fmt.Errorf("elements are nested deeper than %d", p.form.Depth)
	}
	if !skipped {
		if err := plainNames(start); err != nil {
			return nil, err
		}
		e.unsaid = isNil(start)
	}
	var text content
	for {
		token, err := p.next()
		if err != nil {
			return nil, unfinished(err, e.Name)
		}
		switch t := token.(type) {
		case xml.CharData:
			text.add(t)
		case xml.Comment:
			text.interrupt()
		case xml.StartElement:
			text.interrupt()
			if err := p.child(e, t, depth, skipped); err != nil {
				return nil, err
			}
		case xml.EndElement:
			return e, text.close(e, skipped)
		default:
			return nil, fmt.Errorf("element %.40s holds an instruction", e.Name)
		}
	}
}

func (p *parser) child(parent *Element, start xml.StartElement, depth int, skipped bool) error {
	skipped = skipped || slices.Contains(p.form.Skip, start.Name.Space)
	child, err := p.element(start, depth+1, skipped)
	if err != nil || skipped {
		return err
	}
	twin := func(e *Element) bool { return strings.EqualFold(e.Name, child.Name) && !e.echoes(child) }
	named := func(name string) bool { return strings.EqualFold(name, child.Name) }
	if !slices.ContainsFunc(p.form.Repeat, named) && slices.ContainsFunc(parent.Children, twin) {
		return fmt.Errorf("element %.40s stands twice in %.40s", child.Name, parent.Name)
	}
	parent.Children = append(parent.Children, child)
	return nil
}

// echoes says whether another element says the same under a name in other letter case: gateways write SessionId and
// SessionID into one message.
func (e *Element) echoes(other *Element) bool {
	return e.Name != other.Name && e.unsaid == other.unsaid && len(e.Children)+len(other.Children) == 0 &&
		e.Trimmed() == other.Trimmed()
}

// schemaInstance is the namespace of the attributes by which generated documents name their schema. One of them matters
// here: nil.
const schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

// xmlItself is where xml:lang and its like stand.
const xmlItself = "http://www.w3.org/XML/1998/namespace"

// plainNames refuses an element of a namespace, and attributes that could give it another meaning. Declaring a prefix
// gives it none, and neither does xmlns="", which serializers write to say that there is no namespace.
func plainNames(start xml.StartElement) error {
	foreign := start.Name.Space != ""
	for _, a := range start.Attr {
		schema := a.Name.Space == schemaInstance || a.Name.Space == xmlItself
		if schema && a.Name.Local == "nil" && !slices.Contains(booleans, strings.TrimSpace(a.Value)) {
			return fmt.Errorf("element %.40s is neither nil nor not", start.Name.Local)
		}
		inherited := a.Name.Space == "" && a.Name.Local == "xmlns" && a.Value != ""
		foreign = foreign || inherited || a.Name.Space != "" && a.Name.Space != "xmlns" && !schema
	}
	if foreign {
		return fmt.Errorf("element %.40s has a namespace", start.Name.Local)
	}
	return nil
}

// booleans of XML Schema, the two that say yes first.
var booleans = []string{"true", "1", "false", "0"}

// isNil says whether an element says of itself that it is not there. plainNames has looked at its attributes.
func isNil(start xml.StartElement) bool {
	return slices.ContainsFunc(start.Attr, func(a xml.Attr) bool {
		return a.Name.Space == schemaInstance && a.Name.Local == "nil" &&
			slices.Contains(booleans[:2], strings.TrimSpace(a.Value))
	})
}

func unfinished(err error, name string) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("element %.40s does not end", name)
	}
	return err
}

// content gathers the text of one element and notices when something stands in the middle of it. Adjacent pieces, as
// CDATA sections make them, are one text.
type content struct {
	text        strings.Builder
	filled      bool // there is more than white space
	interrupted bool // a comment or an element came after that
	split       bool // and more text after it
}

func (c *content) add(piece []byte) {
	c.text.Write(piece)
	if len(bytes.TrimSpace(piece)) > 0 {
		c.filled = true
		c.split = c.split || c.interrupted
	}
}

func (c *content) interrupt() { c.interrupted = c.filled }

func (c *content) close(e *Element, skipped bool) error {
	if skipped {
		return nil
	}
	if e.unsaid && (c.filled || len(e.Children) > 0) {
		return fmt.Errorf("element %.40s says that it is nil, and is not empty", e.Name)
	}
	if c.split || len(e.Children) > 0 && c.filled {
		return fmt.Errorf("the text of element %.40s is split", e.Name)
	}
	if len(e.Children) == 0 {
		e.Text = c.text.String()
	}
	return nil
}

// Child finds the child of this exact name, the first one of a name that may repeat; nil when there is none, or one
// that is nil by its own words.
func (e *Element) Child(name string) *Element {
	return e.find(func(child string) bool { return child == name })
}

// Fold finds the child of this name in any letter case; nil when there is none.
func (e *Element) Fold(name string) *Element {
	return e.find(func(child string) bool { return strings.EqualFold(child, name) })
}

func (e *Element) find(fits func(string) bool) *Element {
	if e == nil {
		return nil
	}
	for _, child := range e.Children {
		if fits(child.Name) && !child.unsaid {
			return child
		}
	}
	return nil
}

// Trimmed is the text without white space around it; "" for nil.
func (e *Element) Trimmed() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.Text)
}
