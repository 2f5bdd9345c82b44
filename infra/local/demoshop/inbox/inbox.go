// Package inbox is where a shop hears from Kassa: the address that takes its webhooks. It does what every shop's own
// has to do. It checks the signature over the exact bytes before it reads them, takes a message once however often it
// comes, believes the state in the message and never goes back to an older one, and answers before anybody gets
// impatient.
//
// It also remembers what arrived and how it answered, so that people can watch, and it can be told to fail, so that
// tests can see Kassa try again.
package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.etcd.io/bbolt"

	"kassa/shared/simbank/fault/script"
)

// MaxBody is the largest message that is read, in bytes. Kassa sends no more than 20 KB.
const MaxBody = 64 << 10

// Inbox takes the webhooks of one or more shops. It is safe for concurrent use.
type Inbox struct {
	store store
	now   func() time.Time

	mu      sync.Mutex
	keys    map[string][]*standardwebhooks.Webhook // by shop; two while a secret is rotated
	faults  script.Plan[Fault]
	refused []Refusal
	release chan struct{} // closed when whoever hangs may go
	changes int64
	started int64
}

// Refusal is a request that nobody could prove to be Kassa's. Nothing of it is believed, and it is written down for
// people only.
type Refusal struct {
	At     time.Time `json:"at"`
	Shop   string    `json:"shop"`
	ID     string    `json:"id"`     // what it called itself
	Answer int       `json:"answer"` // HTTP status
	Why    string    `json:"why"`
}

// Open prepares an inbox in a shop's own store. secrets are the shops' webhook secrets, whsec_..., by shop.
func Open(db *bbolt.DB, secrets map[string]string, now func() time.Time) (*Inbox, error) {
	kept, err := openStore(db)
	if err != nil {
		return nil, err
	}
	b := &Inbox{store: kept, now: now, keys: map[string][]*standardwebhooks.Webhook{}, release: make(chan struct{}),
		started: now().UnixNano()}
	for shop, secret := range secrets {
		if err := b.Trust(shop, secret); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Trust replaces the secrets that a shop's messages may be signed with: the new and the old one while it is rotated.
func (b *Inbox) Trust(shop string, secrets ...string) error {
	keys := make([]*standardwebhooks.Webhook, 0, len(secrets))
	for _, secret := range secrets {
		key, err := standardwebhooks.NewWebhook(secret)
		if err != nil || secret == "" {
			return fmt.Errorf("inbox: a webhook secret of %s is not whsec_ and base64", shop)
		}
		keys = append(keys, key)
	}
	if shop == "" || len(keys) == 0 {
		return errors.New("inbox: name the shop and at least one secret")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys[shop] = keys
	return nil
}

// Receive is the address that Kassa posts to; the shop is named in its path.
func (b *Inbox) Receive(w http.ResponseWriter, r *http.Request) {
	shop := r.PathValue("shop")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		b.refuse(w, r, http.StatusRequestEntityTooLarge, "the body cannot be read or is larger than a message")
		return
	}
	if status, err := b.verify(shop, body, r.Header); err != nil {
		b.refuse(w, r, status, err.Error())
		return
	}
	m, err := read(shop, r.Header.Get(standardwebhooks.HeaderWebhookID), body)
	if err != nil {
		b.refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	if f, struck := b.faults.Take(func(f Fault) bool { return f.waitsFor(m) }); struck {
		b.fail(w, r, m, f)
		return
	}
	if err := b.take(m, Attempt{Answer: http.StatusOK}); err != nil {
		slog.ErrorContext(r.Context(), "a message from Kassa cannot be kept", "id", m.ID, "error", err)
		http.Error(w, "not kept; send it again", http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}

// verify says with which HTTP status a message is to be refused, and why.
func (b *Inbox) verify(shop string, body []byte, header http.Header) (int, error) {
	b.mu.Lock()
	keys := b.keys[shop]
	b.mu.Unlock()
	if len(keys) == 0 {
		return http.StatusNotFound, errors.New("no shop of that name hears here")
	}
	var err error
	for _, key := range keys {
		if err = key.Verify(body, header); err == nil {
			return 0, nil
		}
	}
	if errors.Is(err, standardwebhooks.ErrRequiredHeaders) || errors.Is(err, standardwebhooks.ErrInvalidHeaders) {
		return http.StatusBadRequest, err
	}
	return http.StatusUnauthorized, err
}

// read decodes a message that has proven whose it is. Members that it does not know are none of its business.
func read(shop, id string, body []byte) (Message, error) {
	var event struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Sequence  int64     `json:"sequence"`
		Data      *State    `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return Message{}, fmt.Errorf("the message is not the JSON that was agreed on: %w", err)
	}
	if event.Type == "" || event.Sequence < 1 || event.Data == nil || event.Data.PaymentID == "" ||
		event.Data.Sequence < event.Sequence {
		return Message{}, errors.New("the message lacks its type, its sequence, or the payment in data")
	}
	return Message{
		ID: id, Shop: shop, Type: event.Type, Sequence: event.Sequence, At: event.Timestamp, Payment: *event.Data,
		Body: string(body), Verified: true,
	}, nil
}

// take writes down one delivery of a message and, unless the attempt is a failure on purpose, takes the payment's state
// from it.
func (b *Inbox) take(m Message, a Attempt) error {
	a.At, a.Sequence = b.now().UTC(), m.Payment.Sequence
	err := b.store.add(m, a)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes++
	return err
}

const maxRefused = 50

// refuse answers who could not be believed, and remembers it for people.
func (b *Inbox) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	b.mu.Lock()
	b.refused = append(b.refused, Refusal{
		At: b.now().UTC(), Shop: clip(r.PathValue("shop")), ID: clip(r.Header.Get(standardwebhooks.HeaderWebhookID)),
		Answer: status, Why: why,
	})
	b.refused = b.refused[max(0, len(b.refused)-maxRefused):]
	b.changes++
	b.mu.Unlock()
	answer(w, status, map[string]string{"error": why})
}

// clip bounds what a stranger can make us remember.
func clip(text string) string { return text[:min(len(text), 128)] }

// Refused lists the latest requests that were not believed, oldest first.
func (b *Inbox) Refused() []Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Refusal{}, b.refused...)
}

// Version changes with whatever there is to see.
func (b *Inbox) Version() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%x-%x", b.started, b.changes)
}

// Messages lists what arrived, the newest first.
func (b *Inbox) Messages(f Filter) ([]Message, error) { return b.store.list(f) }

// Standing is how a payment stands by what Kassa has told; false where it has told nothing.
func (b *Inbox) Standing(shop, paymentID string) (State, bool, error) {
	return b.store.standing(shop, paymentID)
}

// answer is JSON, since a program reads it.
func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		slog.Debug("the caller left before the answer", "error", err)
	}
}
