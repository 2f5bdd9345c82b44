package contract

import (
	"encoding/json"
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
		t.Error(err)
	}
	record(t, recording{Message: &m})
}

// CheckWebhook holds one message to a shop to the document: its type must be one of the webhooks there, its headers and its body what
// is written about that one.
func (d *Document) CheckWebhook(m Message) error {
	var event struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal([]byte(m.Body), &event); err != nil {
		return fmt.Errorf("the webhook's body is no JSON: %w", err)
	}
	item := d.doc.Webhooks[event.Type]
	if item == nil || item.Post == nil {
		return fmt.Errorf("a webhook of the type %q is not documented", event.Type)
	}
	err := d.signed(m, item.Post)
	if err == nil {
		media := item.Post.RequestBody.Value.Content[m.Header["content-type"]]
		if media == nil {
			return fmt.Errorf("%s: the type %q is not documented", event.Type, m.Header["content-type"])
		}
		err = d.conformsText(media.Schema.Value, m.Body)
	}
	if err != nil {
		return fmt.Errorf("the webhook %s is not what openapi.yaml says: %w", event.Type, err)
	}
	return nil
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
