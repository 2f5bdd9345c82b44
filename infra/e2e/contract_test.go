package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"kassa/infra/local/demoshop/inbox"
	"kassa/shared/api/contract"
)

// spoken is everything that was said to the API and by it, in all stacks of the run, and is not what openapi.yaml says.
// Many exchanges have no test at hand that could fail, so the run as a whole does.
var spoken breaches

type breaches struct {
	mu    sync.Mutex
	known map[string]bool // each is told once
	all   []error
	held  int
}

// hear holds one exchange to the document.
func (b *breaches) hear(r *http.Request, body []byte, a answer) {
	d, err := contract.Load()
	if err == nil {
		err = d.Check(contract.Exchange{Method: r.Method, Path: r.URL.RequestURI(), Header: contract.Headers(r.Header),
			Body:   string(body),
			Status: a.status, AnswerHeader: contract.Headers(a.header), Answer: string(a.body)})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held++
	if err != nil && !b.known[err.Error()] {
		if b.known == nil {
			b.known = map[string]bool{}
		}
		b.known[err.Error()] = true
		b.all = append(b.all, err)
	}
}

// verdict is what was not documented.
func (b *breaches) verdict() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	fmt.Printf("contract: %d exchanges were held to openapi.yaml\n", b.held)
	return errors.Join(b.all...)
}

// documented holds every message that the demo shop has heard to openapi.yaml.
func (w world) documented() error {
	d, err := contract.Load()
	if err != nil {
		return err
	}
	heard, err := w.Shop.Inbox().Messages(inbox.Filter{})
	all := []error{err}
	for _, m := range heard {
		if err := d.CheckEvent(m.Body); err != nil {
			all = append(all, fmt.Errorf("the message %s is not what openapi.yaml says: %w", m.ID, err))
		}
	}
	fmt.Printf("contract: %d messages were held to openapi.yaml\n", len(heard))
	return errors.Join(all...)
}

// TestTheDocumentIsServed beside the demo shop, readable.
func TestTheDocumentIsServed(t *testing.T) {
	w := shared(t)
	for path, want := range map[string]string{"/docs/api": "Open a payment", "/docs/openapi.yaml": "openapi: 3.1"} {
		at, err := w.browser.get(t.Context(), w.Info.ShopURL+path)
		if err != nil || at.status != http.StatusOK || !strings.Contains(at.html, want) {
			t.Errorf("%s: %d %v", path, at.status, err)
		}
	}
}
