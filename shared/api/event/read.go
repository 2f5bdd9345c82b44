// Package event reads the events in which Lambda hands over HTTP requests, payload format 2.0, and writes their
// answers. They are what encoding/json would make of them by reflection into types of forty fields, and a fuzz test
// holds both to that.
package event

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Read reads an event as far as anybody here looks at it: route, path, query, headers, path parameters, body, and of
// the context the request's id and method. All else is only looked at for its form. What is not written as AWS writes
// it, encoding/json reads, and its error is the error.
func Read(payload []byte) (e events.APIGatewayV2HTTPRequest, err error) {
	r := reader{text: payload}
	r.object(fields{"routeKey", "rawPath", "rawQueryString", "headers", "pathParameters", "body", "isBase64Encoded",
		"requestContext"}, func(name string) {
		switch name {
		case "routeKey":
			e.RouteKey = r.string()
		case "rawPath":
			e.RawPath = r.string()
		case "rawQueryString":
			e.RawQueryString = r.string()
		case "headers":
			e.Headers = r.strings(e.Headers)
		case "pathParameters":
			e.PathParameters = r.strings(e.PathParameters)
		case "body":
			e.Body = r.string()
		case "isBase64Encoded":
			e.IsBase64Encoded = r.flag()
		case "requestContext":
			r.context(&e.RequestContext)
		}
	})
	if r.blanks(); !r.failed && r.at == len(payload) {
		return e, nil
	}
	e = events.APIGatewayV2HTTPRequest{}
	return e, json.Unmarshal(payload, &e)
}

func (r *reader) context(c *events.APIGatewayV2HTTPRequestContext) {
	r.object(fields{"requestId", "http"}, func(name string) {
		if name == "requestId" {
			c.RequestID = r.string()
			return
		}
		r.object(fields{"method"}, func(string) { c.HTTP.Method = r.string() })
	})
}

// reader goes through a text of JSON. It fails where the text is none, and where it is not written in the ordinary way:
// then all that it has read is worth nothing.
type reader struct {
	text   []byte
	at     int
	depth  int
	failed bool
}

// mostDepth is how deep the events of AWS could ever be nested.
const mostDepth = 32

// fields are those of an object that somebody looks at.
type fields []string

// object lets read read the value of each field that is one of wanted, and skips those of the others. A name that
// encoding/json would take for one of them is none that AWS writes.
func (r *reader) object(wanted fields, read func(name string)) {
	r.members(func(name []byte) {
		for _, field := range wanted {
			if string(name) == field {
				read(field)
				return
			}
		}
		if slices.ContainsFunc(wanted, func(field string) bool { return strings.EqualFold(field, string(name)) }) {
			r.failed = true
		}
		r.skip()
	})
}

// members goes through an object; value must read what stands behind the name.
func (r *reader) members(value func(name []byte)) {
	if !r.take('{') {
		r.failed = true
	}
	if r.take('}') {
		return
	}
	for !r.failed {
		name := r.quoted()
		if r.failed = r.failed || !r.take(':'); r.failed {
			return
		}
		value(name)
		if r.take('}') {
			return
		}
		r.failed = r.failed || !r.take(',')
	}
}

// skip reads past any value.
func (r *reader) skip() {
	if r.depth++; r.depth > mostDepth {
		r.failed = true
	}
	defer func() { r.depth-- }()
	switch r.next() {
	case '"':
		r.quoted()
	case '{':
		r.members(func([]byte) { r.skip() })
	case '[':
		r.take('[')
		for more := !r.take(']'); more && !r.failed; {
			r.skip()
			if more = !r.take(']'); more {
				r.failed = r.failed || !r.take(',')
			}
		}
	default:
		r.failed = r.failed || !json.Valid(r.word())
	}
}

// string reads a text.
func (r *reader) string() string { return string(r.quoted()) }

// strings reads texts by their names, and adds them to those that there are.
func (r *reader) strings(all map[string]string) map[string]string {
	if all == nil {
		all = map[string]string{}
	}
	r.members(func(name []byte) { all[string(name)] = r.string() })
	return all
}

// flag reads true or false.
func (r *reader) flag() bool {
	word := r.word()
	yes := string(word) == "true"
	r.failed = r.failed || !yes && string(word) != "false"
	return yes
}

// word is what stands up to the next sign of JSON's.
func (r *reader) word() []byte {
	r.blanks()
	rest := r.text[r.at:]
	if end := bytes.IndexAny(rest, ",]} \t\r\n"); end >= 0 {
		rest = rest[:end]
	}
	r.at += len(rest)
	return rest
}

// quoted reads a text. One of printable ASCII, in which nothing is escaped, is what it is; any other is left to
// encoding/json.
func (r *reader) quoted() []byte {
	if r.next() != '"' {
		r.failed = true
		return nil
	}
	begin, plain := r.at, true
	for r.at++; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			whole := r.text[begin:r.at]
			if plain {
				return whole[1 : len(whole)-1]
			}
			var text string
			r.failed = r.failed || json.Unmarshal(whole, &text) != nil
			return []byte(text)
		case c == '\\':
			plain = false
			r.at++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.failed = true
	return nil
}

// take goes past a sign of JSON's if it is the next.
func (r *reader) take(sign byte) bool {
	if r.next() != sign {
		return false
	}
	r.at++
	return true
}

// next is the next sign that is no blank, and 0 at the end and once the reader has failed.
func (r *reader) next() byte {
	if r.blanks(); r.at >= len(r.text) || r.failed {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) blanks() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}
