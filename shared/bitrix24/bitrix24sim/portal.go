// Package bitrix24sim is a Bitrix24 portal as far as Kassa meets one: the REST methods that it calls through an
// incoming webhook, and the server that posts a checkout's form. It behaves as the public documentation of the REST
// API says, and as the sale module of the boxed product does where that says nothing: keys in any letter case, a
// payment marked as paid for whoever asks, marked again after it was given back, errors with a status of 200 and of
// 400. It shares no structs with the code that it tests.
package bitrix24sim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// Payment is a payment as the portal keeps it.
type Payment struct {
	ID, PaySystem int
	Sum           string // a number in JSON
	Currency      string
	Paid, Return  string // Y or N
	InvoiceID     string // PS_INVOICE_ID
	Marked        int    // how often it was marked as paid
}

// Handler is a registered REST handler.
type Handler struct {
	ID       int
	Code     string
	Name     string
	Settings map[string]any
}

// Fault answers a call in the place of the portal, or says after the portal has done its work what becomes of its
// answer. False lets the portal answer.
type Fault func(w http.ResponseWriter, work func()) bool

// Portal is one portal, which listens on this machine. Fields are for before its first call.
type Portal struct {
	server *httptest.Server
	code   string

	mu       sync.Mutex
	payments map[int]Payment
	handlers []Handler
	calls    []string
	faults   []Fault
}

// New starts a portal; Close ends it.
func New() *Portal {
	p := &Portal{code: "s3cr3tc0de", payments: map[int]Payment{}}
	p.server = httptest.NewServer(http.HandlerFunc(p.rest))
	return p
}

// Close ends the portal.
func (p *Portal) Close() { p.server.Close() }

// Code is the secret part of Address.
func (p *Portal) Code() string { return p.code }

// Address is that of its incoming webhook.
func (p *Portal) Address() string { return fmt.Sprintf("%s/rest/1/%s/", p.server.URL, p.code) }

// Owes puts a payment on record.
func (p *Portal) Owes(one Payment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.Paid, one.Return = "N", "N"
	p.payments[one.ID] = one
}

// Change lets staff change a payment.
func (p *Portal) Change(id int, how func(*Payment)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.payments[id]
	how(&one)
	p.payments[id] = one
}

// Payment is how a payment stands.
func (p *Portal) Payment(id int) Payment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.payments[id]
}

// Handlers are those that are registered.
func (p *Portal) Handlers() []Handler {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.handlers)
}

// Calls are the methods that were called, those with faults among them.
func (p *Portal) Calls() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Fail makes the next calls fail, one fault each.
func (p *Portal) Fail(all ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, all...)
}

// Says is a portal that answers with this in place of its work.
func Says(status int, body string) Fault {
	return func(w http.ResponseWriter, _ func()) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
		return true
	}
}

// Well is a portal that answers as it should.
func Well(http.ResponseWriter, func()) bool { return false }

// Lost is a portal that does its work, and whose answer is lost.
func Lost(_ http.ResponseWriter, work func()) bool {
	work()
	panic(http.ErrAbortHandler) //nolint:forbidigo // net/http recovers it and closes the connection
}
