package contract

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v4"
)

const id = "pay_p24ihyr4p2vstu7a3qvbfm6n2l-1"

// notFound is an exchange that is as documented.
func notFound() Exchange {
	return Exchange{Method: "GET", Path: "/v1/payments/" + id,
		Header: map[string]string{"authorization": "Bearer sk_demo-az_k1_x"}, Status: 404,
		AnswerHeader: map[string]string{"content-type": problemType, "cache-control": "no-store",
			"x-content-type-options": "nosniff"},
		Answer: `{"type":"about:blank","title":"Not Found","status":404,"detail":"None.","code":"not_found",` +
			`"request_id":"1"}`}
}

func notModified() Exchange {
	e := notFound()
	e.Status, e.Answer = 304, ""
	delete(e.AnswerHeader, "content-type")
	e.AnswerHeader["etag"] = `W/"AAAAAAAAAAAAAAAA"`
	return e
}

func unavailable() Exchange {
	e := notFound()
	e.Status, e.AnswerHeader["retry-after"] = 503, "5"
	e.Answer = `{"type":"about:blank","title":"T","status":503,"detail":"D","code":"unavailable","request_id":"1"}`
	return e
}

// TestBreachesAreFound: the checks that kin-openapi does not make, each once with what it must let pass.
func TestBreachesAreFound(t *testing.T) {
	d := document(t)
	for name, sound := range map[string]Exchange{"404": notFound(), "304": notModified(), "503": unavailable()} {
		if err := d.Check(sound); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, change := range map[string]func() Exchange{
		"is not documented":              func() Exchange { e := notFound(); e.Path += "/x"; return e },
		"this status":                    func() Exchange { e := notFound(); e.Status = 410; return e },
		"the header x-powered-by is not": func() Exchange { e := notFound(); e.AnswerHeader["x-powered-by"] = "x"; return e },
		"the header date is not":         func() Exchange { e := notFound(); e.AnswerHeader["date"] = "x"; return e },
		"Cache-Control is missing": func() Exchange {
			e := notFound()
			delete(e.AnswerHeader, "cache-control")
			return e
		},
		"Cache-Control: ": func() Exchange {
			e := notFound()
			e.AnswerHeader["cache-control"] = "public"
			return e
		},
		"the type text/html": func() Exchange {
			e := notFound()
			e.AnswerHeader["content-type"] = "text/html"
			return e
		},
		"no JSON": func() Exchange { e := notFound(); e.Answer = "Not Found"; return e },
		"code": func() Exchange {
			e := notFound()
			e.Answer = strings.Replace(e.Answer, "not_found", "gone", 1)
			return e
		},
		"more": func() Exchange { e := notFound(); e.Answer = strings.Replace(e.Answer, "{", `{"more":1,`, 1); return e },
		"request_id": func() Exchange {
			e := notFound()
			e.Answer = strings.Replace(e.Answer, `,"request_id":"1"`, "", 1)
			return e
		},
		"a body is not documented":   func() Exchange { e := notModified(); e.Answer = "{}"; return e },
		"ETag is missing":            func() Exchange { e := notModified(); delete(e.AnswerHeader, "etag"); return e },
		"the parameter \"x\"":        func() Exchange { e := notModified(); e.Path += "?x=1"; return e },
		"the header idempotency-key": func() Exchange { e := notModified(); e.Header["idempotency-key"] = "1"; return e },
		"security": func() Exchange {
			e := notModified()
			e.Header["authorization"] = "Bearer x"
			return e
		},
		"Retry-After is missing": func() Exchange { e := unavailable(); delete(e.AnswerHeader, "retry-after"); return e },
		"no whole number": func() Exchange {
			e := unavailable()
			e.AnswerHeader["retry-after"] = "soon"
			return e
		},
	} {
		if err := d.Check(change()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestWebhookBreachesAreFound: headers of the three that are signed, no other of their kind, and a known type.
func TestWebhookBreachesAreFound(t *testing.T) {
	d := document(t)
	for want, m := range map[string]Message{
		"no JSON":                {Body: "x"},
		"\"payment.created\" is": {Body: `{"type":"payment.created"}`},
		"webhook-id is missing":  {Body: `{"type":"payment.paid"}`},
	} {
		if err := d.CheckWebhook(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestNothingIsLoose: every object says what it may hold; every object of an answer always holds all of it; every
// schema says what it is for, and everything that can be shown has an example.
func TestNothingIsLoose(t *testing.T) {
	d := document(t)
	asked := map[string]bool{}
	for name, s := range d.doc.Components.Schemas {
		asked[name] = strings.HasSuffix(name, "Order") || strings.HasPrefix(name, "Loose") || name == "ReturnURLs" ||
			name == "OrderMetadata"
		if s.Value.Description == "" && s.Value.Title == "" {
			t.Errorf("%s has no description", name)
		}
		if !s.Value.Type.Is("object") {
			continue
		}
		closed := s.Value.AdditionalProperties.Has
		if name != "OrderMetadata" && (closed == nil || *closed) {
			t.Errorf("%s takes fields that nobody has written down", name)
		}
		all := slices.Sorted(maps.Keys(s.Value.Properties))
		if required := slices.Sorted(slices.Values(s.Value.Required)); !asked[name] && !slices.Equal(all, required) {
			t.Errorf("%s: an answer always holds %q, and %q are required", name, all, required)
		}
		for property, p := range s.Value.Properties {
			if p.Value.Description == "" && p.Value.Title == "" {
				t.Errorf("%s.%s has no description", name, property)
			}
		}
	}
	for path, item := range d.doc.Paths.Map() {
		for method, o := range item.Operations() {
			exemplified(t, method+" "+path, o)
		}
	}
	for name, hook := range d.doc.Webhooks {
		exemplified(t, "webhook "+name, hook.Post)
	}
}

func exemplified(t *testing.T, where string, o *openapi3.Operation) {
	t.Helper()
	if o.Summary == "" || o.Description == "" || o.OperationID == "" || len(o.Tags) != 1 {
		t.Errorf("%s has no summary, description, id or tag", where)
	}
	if o.RequestBody != nil && len(o.RequestBody.Value.Content["application/json"].Examples) == 0 {
		t.Errorf("%s has no example of its body", where)
	}
	for status, response := range o.Responses.Map() {
		for kind, media := range response.Value.Content {
			gateway := kind == "application/json" && response.Value.Content[problemType] != nil
			if len(media.Examples) == 0 && !gateway {
				t.Errorf("%s %s has no example of %s", where, status, kind)
			}
		}
	}
}

// TestEveryComponentIsUsed: what nothing refers to would be read by people, and held by no test.
func TestEveryComponentIsUsed(t *testing.T) {
	path, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components map[string]map[string]any `yaml:"components"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for kind, all := range document.Components {
		for name := range all {
			if kind != "securitySchemes" && !bytes.Contains(text, []byte(`"#/components/`+kind+`/`+name+`"`)) {
				t.Errorf("components/%s/%s is not referred to", kind, name)
			}
		}
	}
}

// TestInputsAreAllThatCanBeSent, as samples show.
func TestInputsAreAllThatCanBeSent(t *testing.T) {
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	fields, parameters := map[string]bool{}, map[string]bool{}
	for _, one := range d.Inputs() {
		for _, f := range one.Fields {
			fields[one.Method+" "+one.Path+" "+f] = true
		}
		for _, p := range one.Parameters {
			parameters[one.Method+" "+one.Path+" "+p.In+" "+p.Name] = true
		}
		if len(one.Fields) > 0 && len(one.Bodies) == 0 {
			t.Errorf("%s %s has no example of a body", one.Method, one.Path)
		}
	}
	for _, want := range []string{"/amount", "/metadata/*", "/items/0/sku", "/customer/phone", "/return_urls/success"} {
		if !fields["POST /v1/payments "+want] {
			t.Errorf("no %s among %d fields", want, len(fields))
		}
	}
	for _, want := range []string{"POST /v1/payments/{id}/refunds header Idempotency-Key",
		"GET /v1/payments/{id} path id", "GET /v1/instalments query shop"} {
		if !parameters[want] {
			t.Errorf("no %s among %d parameters", want, len(parameters))
		}
	}
}
