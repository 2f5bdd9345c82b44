package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Message is one webhook as it was sent. Names of headers are in lower case.
type Message struct {
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// Webhook holds one message to a shop to the document, and fails the test where it is not what is written there.
func Webhook(t testing.TB, header http.Header, body []byte) {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Headers(header), string(body)}
	if err := d.CheckWebhook(m); err != nil {
		t.Errorf("a webhook is not what openapi.yaml says: %v", err)
	}
	record(t, recording{Message: &m})
}

// CheckWebhook holds one message to a shop to the document: its type must be one of the webhooks there, its headers and
// its body what is written about that one.
func (d *Document) CheckWebhook(m Message) error {
	post, err := d.event(m.Body)
	if err == nil {
		err = d.signed(m, post)
	}
	if err == nil && post.RequestBody.Value.Content[m.Header["content-type"]] == nil {
		err = fmt.Errorf("the type %q is not documented", m.Header["content-type"])
	}
	if err == nil {
		err = d.CheckEvent(m.Body)
	}
	return err
}

// CheckEvent holds the body of a message to the document, where its headers are not known any more.
func (d *Document) CheckEvent(body string) error {
	post, err := d.event(body)
	if err != nil {
		return err
	}
	media := post.RequestBody.Value.Content["application/json"]
	if media == nil {
		return errors.New("no webhook of JSON is documented")
	}
	return d.conformsText(media.Schema.Value, body)
}

// event finds the webhook that a body is of.
func (d *Document) event(body string) (*openapi3.Operation, error) {
	var event struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		return nil, fmt.Errorf("the webhook's body is no JSON: %w", err)
	}
	item := d.doc.Webhooks[event.Type]
	if item == nil || item.Post == nil {
		return nil, fmt.Errorf("a webhook of the type %q is not documented", event.Type)
	}
	return item.Post, nil
}

// signed says whether all headers are there that are documented, and no other that speaks of webhooks.
func (d *Document) signed(m Message, operation *openapi3.Operation) error {
	documented := map[string]bool{}
	for _, p := range operation.Parameters {
		name := strings.ToLower(p.Value.Name)
		documented[name] = true
		value, there := m.Header[name]
		if !there && p.Value.Required {
			return fmt.Errorf("the header %s is missing", name)
		}
		if there {
			if err := d.fits(p.Value.Schema.Value, value); err != nil {
				return fmt.Errorf("the header %s: %w", name, err)
			}
		}
	}
	for name := range m.Header {
		if strings.HasPrefix(name, "webhook-") && !documented[name] {
			return fmt.Errorf("the header %s is not documented", name)
		}
	}
	return nil
}
