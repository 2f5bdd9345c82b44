package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/strict"
)

// Parameters are what a callback says by names in its query and in its body, whatever its method and content type. The
// names are in lower case.
type Parameters map[string][]string

// ReadParameters takes what can be read of a message whose body, unpacked, has at most bound bytes. A body that is a
// document of its own stands under the name of the parameter that would hold it; "" = no parameter does. Beside an
// error, which quotes nothing of the message, what else could be read is given all the same.
//
// The kind of a body is seen by its look: programs that forward a message often name another one, or none.
func ReadParameters(c bank.Message, bound int, document string) (Parameters, error) {
	all := Parameters{}
	all.add(c.Query)
	body := Unpacked(c.Body, c.Header["content-encoding"], bound)
	kind, named, _ := mime.ParseMediaType(c.Header["content-type"]) // a kind that is malformed is none
	switch {
	case len(body) > bound:
		return all, errors.New("the body is too long")
	case bytes.HasPrefix(strict.Bare(body), []byte("<")):
		all.add(url.Values{document: {string(body)}})
		return all, nil
	case strings.HasPrefix(kind, "multipart/"):
		return all, all.addParts(multipart.NewReader(bytes.NewReader(body), named["boundary"]))
	}
	form, err := url.ParseQuery(string(strict.Bare(body)))
	if all.add(form); err != nil {
		return all, errors.New("the form is malformed")
	}
	return all, nil
}

func (p Parameters) add(values url.Values) {
	for _, as := range slices.Sorted(maps.Keys(values)) { // the first of two spellings is always the same
		if name := strings.ToLower(Bare(as)); name != "" {
			p[name] = append(p[name], values[as]...)
		}
	}
}

func (p Parameters) addParts(form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var value []byte
		if err == nil {
			value, err = io.ReadAll(part)
		}
		if err != nil {
			return errors.New("the form in parts is malformed")
		}
		p.add(url.Values{part.FormName(): {string(value)}})
	}
}

// One is the value under a name, as it came; "" where none is. The same value again, as a query that is repeated in the
// form has it, an empty one, and one that differs in nothing but what stands around it mean one thing. Several values
// are an error: two readers could pick different ones.
func (p Parameters) One(name string) (string, error) {
	return p.one(name, func(a, b string) bool { return a == b })
}

// Word is One for a word that means the same in any letter case: the first spelling of it.
func (p Parameters) Word(name string) (string, error) { return p.one(name, strings.EqualFold) }

func (p Parameters) one(name string, same func(a, b string) bool) (string, error) {
	found := ""
	for _, value := range p[name] {
		switch {
		case Bare(value) == "" || same(Bare(value), Bare(found)):
		case found != "":
			return "", fmt.Errorf("%s comes with several values", name)
		default:
			found = value
		}
	}
	return found, nil
}

// Bare is a value without the blanks and line ends around it.
func Bare(value string) string { return string(strict.Bare([]byte(value))) }
