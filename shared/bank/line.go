package bank

import (
	"context"
	"crypto/tls"
	"net/url"
	"time"
)

// Examined is a bank whose line can be examined by a person, without touching a payment. It is found by type assertion.
type Examined interface {
	// Line says how the bank is reached.
	Line() Line

	// Probe asks the bank every question that the settings rely on, about an order that cannot exist: harmless, and
	// what a terminal is not let to ask is known before the first customer.
	Probe(ctx context.Context) []Probed
}

// Probed is how the bank answered a question, in words. An error says that it did not answer as a bank does that knows
// this shop; its kinds are those of Status.
type Probed struct {
	Question string // its name, such as "status question"
	Said     string
	Err      error
}

// Line is how a bank is reached and what it signs with.
type Line struct {
	Address *url.URL    // https
	Trust   *tls.Config // with the client certificate, where there is one
	// when the first of the certificates ends without which the bank cannot be asked: the client's, or all of its CA's;
	// zero = none is known
	Ends time.Time
	Keys []string // ids of the public keys that prove the bank's messages; none where it signs none
}
