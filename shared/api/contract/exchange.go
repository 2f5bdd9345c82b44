package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Exchange is one request and its answer. Names of headers are in lower case, repeats joined by commas.
type Exchange struct {
	Method       string            `json:"method"`
	Path         string            `json:"path"` // with the query, as it was sent
	Header       map[string]string `json:"header"`
	Body         string            `json:"body,omitempty"`
	Status       int               `json:"status"`
	AnswerHeader map[string]string `json:"answer_header"`
	Answer       string            `json:"answer,omitempty"`
}

// Headers is a header as an Exchange has it.
func Headers(h http.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name, values := range h {
		flat[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return flat
}

// Check holds an exchange to the document. The answer must be documented, down to its headers and the last field. The
// request must be documented when it was accepted; what was refused may have been anything.
func (d *Document) Check(e Exchange) error {
	target, err := url.ParseRequestURI(e.Path)
	if err != nil {
		return fmt.Errorf("%s %s: %w", e.Method, e.Path, err)
	}
	route, values := d.route(e.Method, target.Path)
	if route == nil {
		return fmt.Errorf("%s %s is not documented", e.Method, target.Path)
	}
	err = d.answered(e, route.Operation)
	if err == nil && e.Status < http.StatusBadRequest {
		err = d.accepted(e, route, values, target)
	}
	if err != nil {
		return fmt.Errorf("%s %s, answered with %d, is not what openapi.yaml says: %w", e.Method, route.Path, e.Status, err)
	}
	return nil
}

// route finds the operation for a path, and the values of the path's parameters.
func (d *Document) route(method, path string) (*routers.Route, map[string]string) {
	steps := strings.Split(path, "/")
	for template, item := range d.doc.Paths.Map() {
		operation := item.GetOperation(method)
		values, fits := match(strings.Split(template, "/"), steps)
		if fits && operation != nil {
			return &routers.Route{Spec: d.doc, Path: template, PathItem: item, Method: method, Operation: operation}, values
		}
	}
	return nil, nil
}

func match(template, steps []string) (map[string]string, bool) {
	if len(template) != len(steps) {
		return nil, false
	}
	values := map[string]string{}
	for i, want := range template {
		if name, ok := strings.CutPrefix(want, "{"); ok {
			values[strings.TrimSuffix(name, "}")] = steps[i]
		} else if want != steps[i] {
			return nil, false
		}
	}
	return values, true
}

// accepted holds a request that was not refused to the document. Its body is JSON, whatever type it came as: the API
// does not look.
func (d *Document) accepted(e Exchange, route *routers.Route, values map[string]string, target *url.URL) error {
	r, err := http.NewRequest(e.Method, "http://kassa.example"+e.Path, http.NoBody)
	if err != nil {
		return err
	}
	for name, value := range e.Header {
		r.Header.Set(name, value)
	}
	err = e.meant(route, values, target)
	if err == nil {
		err = openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: values, QueryParams: target.Query(), Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: credential, ExcludeRequestBody: true},
		})
	}
	body := route.Operation.RequestBody
	switch {
	case err != nil || body == nil:
	case e.Body != "":
		err = d.conformsText(body.Value.Content["application/json"].Schema.Value, e.Body, openapi3.VisitAsRequest())
	case body.Value.Required:
		err = errors.New("the body is missing")
	}
	if err != nil {
		return fmt.Errorf("the request was accepted: %w", err)
	}
	return nil
}

// meant finds what the caller must have meant something by, and the document does not know: values in the path,
// parameters of the query, the headers that the API reads, a body of the one type that it reads, a credential for what
// needs none.
func (e Exchange) meant(route *routers.Route, values map[string]string, target *url.URL) error {
	known := func(in, name string) bool {
		parameters := append(append(openapi3.Parameters{}, route.PathItem.Parameters...), route.Operation.Parameters...)
		for _, p := range parameters {
			if p.Value.In == in && strings.EqualFold(p.Value.Name, name) {
				return true
			}
		}
		return false
	}
	for name := range values {
		if !known(openapi3.ParameterInPath, name) {
			return fmt.Errorf("it has a value for {%s}", name)
		}
	}
	for name := range target.Query() {
		if !known(openapi3.ParameterInQuery, name) {
			return fmt.Errorf("it has the parameter %q", name)
		}
	}
	for _, name := range []string{"if-none-match", "idempotency-key"} {
		if e.Header[name] != "" && !known(openapi3.ParameterInHeader, name) {
			return fmt.Errorf("it has the header %s", name)
		}
	}
	if body := route.Operation.RequestBody; body != nil && e.Body != "" && body.Value.Content["application/json"] == nil {
		return errors.New("it has a body of JSON")
	}
	security := route.Operation.Security
	if security == nil {
		security = &route.Spec.Security
	}
	if e.Header["authorization"] != "" && len(*security) == 0 {
		return errors.New("it has a credential")
	}
	return nil
}

var (
	shopKey     = regexp.MustCompile(`^(?i:bearer) sk_[a-z0-9-]{1,32}_[A-Za-z0-9-]{1,32}_[A-Za-z0-9_-]{1,128}$`)
	clientToken = regexp.MustCompile(`^(?i:bearer) ct_[A-Za-z0-9_-]{1,128}$`)
)

// credential says whether a request carries what a security scheme asks for. Whether it is a right one, the code has
// decided.
func credential(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	form := map[string]*regexp.Regexp{"shopKey": shopKey, "clientToken": clientToken}[in.SecuritySchemeName]
	if form == nil || !form.MatchString(in.RequestValidationInput.Request.Header.Get("Authorization")) {
		return fmt.Errorf("no credential of the scheme %s", in.SecuritySchemeName)
	}
	return nil
}
