package inbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/simbank/fault/script"
)

// Fault makes the shop fail for messages that are Kassa's without doubt. It is a line of the fault script, whose
// language package script describes; the operation is the type of message that it waits for, or nothing for any. Kind
// is how:
//
//	"http_400" to "http_599"  that HTTP status, with Retry-After where RetryAfter says so
//	"http_302"                a redirect to another address of this shop
//	"timeout_before"          nothing, until the caller gives up or the faults are cleared
//	"silent"                  200 without a body, and the message is dropped, as some shop systems do
//	"cut_after"               the message is taken and the connection cut before the answer
type Fault struct {
	Operation  string `json:"operation"`
	Nth        int    `json:"nth"`
	Count      int    `json:"count"`
	Kind       string `json:"fault"`
	RetryAfter string `json:"retry_after"` // seconds or an HTTP date
	Shop       string `json:"shop"`        // this and what follows confine it; empty is any
	OrderRef   string `json:"order_ref"`
	PaymentID  string `json:"payment_id"`
}

// When says which messages the fault hits.
func (f Fault) When() script.When { return script.When{Nth: f.Nth, Count: f.Count} }

// status is NNN of an http_NNN that the shop can answer; zero for other kinds.
func (f Fault) status() int {
	text, _ := strings.CutPrefix(f.Kind, "http_")
	status, err := strconv.Atoi(text)
	if err != nil || text == f.Kind || status != http.StatusFound && (status < 400 || status > 599) {
		return 0
	}
	return status
}

// waitsFor says that a message is meant.
func (f Fault) waitsFor(m Message) bool {
	confined := Filter{Shop: f.Shop, OrderRef: f.OrderRef, PaymentID: f.PaymentID}
	return confined.fits(m) && (f.Operation == "" || f.Operation == "*" || f.Operation == m.Type)
}

// Fail adds a fault behind those that are there.
func (b *Inbox) Fail(f Fault) error {
	if f.status() == 0 && !slices.Contains([]string{"timeout_before", "silent", "cut_after"}, f.Kind) {
		return fmt.Errorf("inbox: the fault %q is none of http_400 to http_599, http_302, timeout_before, silent, cut_after",
			f.Kind)
	}
	if err := f.When().Validate(); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	b.faults.Add(f)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes++
	return nil
}

// Recover ends all faults; whoever hangs is let go.
func (b *Inbox) Recover() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults.Clear()
	b.changes++
	close(b.release)
	b.release = make(chan struct{})
}

// Faults lists those still to come.
func (b *Inbox) Faults() []Fault { return b.faults.Left() }

// fail writes the attempt down and answers as the fault says.
func (b *Inbox) fail(w http.ResponseWriter, r *http.Request, m Message, f Fault) {
	status := f.status()
	a := Attempt{Answer: status, Note: madeToFail + f.Kind}
	switch f.Kind {
	case "silent":
		a.Answer = http.StatusOK
	case "cut_after":
		a.Note = "" // it is taken like any other
	}
	b.mu.Lock()
	release := b.release
	b.mu.Unlock()
	if err := b.take(m, a); err != nil {
		http.Error(w, "not kept; send it again", http.StatusInternalServerError)
		return
	}
	switch f.Kind {
	case "http_302":
		http.Redirect(w, r, "/webhooks/kassa/followed-a-redirect", http.StatusFound)
	case "silent":
		w.WriteHeader(http.StatusOK)
	case "timeout_before":
		select {
		case <-r.Context().Done():
		case <-release:
		}
		cut(w)
	case "cut_after":
		cut(w)
	default:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		answer(w, status, map[string]string{"error": "the shop was told to fail"})
	}
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = conn.Close()
	}
	if err != nil { // not a connection of its own, as under HTTP/2: net/http then aborts the stream
		w.WriteHeader(http.StatusInternalServerError)
	}
}
