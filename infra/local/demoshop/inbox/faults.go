package inbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// Fault makes the shop fail for messages that are Kassa's without doubt. Answer is how:
//
//	"400" to "599"  that HTTP status, with Retry-After where RetryAfter says so
//	"redirect"      302 to another address of this shop
//	"hang"          nothing, until the caller gives up or the faults are cleared
//	"silent"        200 without a body, and the message is dropped, as some shop systems do
//	"lost"          the message is taken and the connection cut before the answer
type Fault struct {
	Answer     string `json:"answer"`
	Times      int    `json:"times"`       // how many deliveries it strikes; 0 is all until it is cleared
	RetryAfter string `json:"retry_after"` // seconds or an HTTP date
	Shop       string `json:"shop"`        // this and what follows confine it; empty is any
	OrderRef   string `json:"order_ref"`
	PaymentID  string `json:"payment_id"`
	Type       string `json:"type"`
}

// Fail adds a fault behind those that are there.
func (b *Inbox) Fail(f Fault) error {
	switch status, err := strconv.Atoi(f.Answer); {
	case slices.Contains([]string{"redirect", "hang", "silent", "lost"}, f.Answer):
	case err != nil || status < 400 || status > 599:
		return fmt.Errorf("inbox: the answer %q is none of 400 to 599, redirect, hang, silent, lost", f.Answer)
	}
	if f.Times < 0 {
		return errors.New("inbox: times is the number of deliveries, 0 for all")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, &f)
	b.changes++
	return nil
}

// Recover ends all faults; whoever hangs is let go.
func (b *Inbox) Recover() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = nil
	b.changes++
	close(b.release)
	b.release = make(chan struct{})
}

// Faults lists those still to come.
func (b *Inbox) Faults() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := make([]Fault, len(b.faults))
	for i, f := range b.faults {
		left[i] = *f
	}
	return left
}

// strike finds the first fault that is meant for a message, and counts it.
func (b *Inbox) strike(m Message) (Fault, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, f := range b.faults {
		confined := Filter{Shop: f.Shop, OrderRef: f.OrderRef, PaymentID: f.PaymentID}
		if !confined.fits(m) || f.Type != "" && f.Type != m.Type {
			continue
		}
		struck := *f
		if f.Times == 1 {
			b.faults = slices.Delete(b.faults, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return struck, true
	}
	return Fault{}, false
}

// fail writes the attempt down and answers as the fault says.
func (b *Inbox) fail(w http.ResponseWriter, r *http.Request, m Message, f Fault) {
	status, _ := strconv.Atoi(f.Answer) // 0 for a word
	a := Attempt{Answer: status, Note: madeToFail + f.Answer}
	switch f.Answer {
	case "redirect":
		a.Answer = http.StatusFound
	case "silent":
		a.Answer = http.StatusOK
	case "lost":
		a.Note = "" // it is taken like any other
	}
	b.mu.Lock()
	release := b.release
	b.mu.Unlock()
	if err := b.take(m, a); err != nil {
		http.Error(w, "not kept; send it again", http.StatusInternalServerError)
		return
	}
	switch f.Answer {
	case "redirect":
		http.Redirect(w, r, "/webhooks/kassa/followed-a-redirect", http.StatusFound)
	case "silent":
		w.WriteHeader(http.StatusOK)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-release:
		}
		cut(w)
	case "lost":
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
