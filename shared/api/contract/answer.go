package contract

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// problemType is the type of Kassa's own refusals.
const problemType = "application/problem+json"

// gatewayID is a header that API Gateway puts on everything that passes it.
const gatewayID = "apigw-requestid"

// answered holds an answer to the document. kin-openapi would let pass a 304 whatever it holds, and headers that nobody
// documents.
func (d *Document) answered(e Exchange, operation *openapi3.Operation) error {
	response := operation.Responses.Status(e.Status)
	if response == nil {
		return errors.New("this status is not documented")
	}
	if err := d.headers(e, response.Value); err != nil {
		return err
	}
	if len(response.Value.Content) == 0 {
		if e.Answer != "" || e.AnswerHeader["content-type"] != "" {
			return errors.New("a body is not documented")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(e.AnswerHeader["content-type"])
	if err != nil {
		return fmt.Errorf("Content-Type %q: %w", e.AnswerHeader["content-type"], err)
	}
	media, known := response.Value.Content[kind]
	if !known {
		return fmt.Errorf("the type %s is not documented", kind)
	}
	return d.conformsText(media.Schema.Value, e.Answer, openapi3.VisitAsResponse())
}

// headers are all there that must be, none that nobody knows, each with a value that its schema takes. Where API
// Gateway may answer in our stead no header is required by the document; our own refusals have them all.
func (d *Document) headers(e Exchange, response *openapi3.Response) error {
	ours := response.Content[problemType] != nil && response.Content["application/json"] != nil &&
		strings.HasPrefix(e.AnswerHeader["content-type"], problemType)
	documented := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
		documented[strings.ToLower(name)] = true
		header := response.Headers[name].Value
		value, there := e.AnswerHeader[strings.ToLower(name)]
		switch {
		case !there && (header.Required || ours):
			return fmt.Errorf("the header %s is missing", name)
		case there:
			if err := d.fits(header.Schema.Value, value); err != nil {
				return fmt.Errorf("the header %s: %w", name, err)
			}
		}
	}
	for name := range e.AnswerHeader {
		if !documented[name] && !e.transports(name) {
			return fmt.Errorf("the header %s is not documented", name)
		}
	}
	return nil
}

// transports says whether a header is the business of HTTP and of the gateway, not of this API.
func (e Exchange) transports(name string) bool {
	_, passed := e.AnswerHeader[gatewayID]
	switch name {
	case "content-type":
		return true
	case gatewayID, "content-length", "date", "connection", "vary", "access-control-allow-origin",
		"access-control-expose-headers":
		return passed
	}
	return false
}
