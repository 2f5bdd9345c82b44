// Package kartapokupok is the bank's side of Karta Pokupok: the partner API,
// the application page for the customer, signed callbacks, a desk where the bank
// acts by itself, and its own ledger. It shares nothing with the adapter, so that
// a mistake cannot agree with itself.
//
// No public specification of the API exists. What the brief names is fixed; what
// it leaves open (form of amounts, status call, signature scheme, words, refund
// rules) is a switch, and its default is what comparable
// banks do.
//
// Sim.API is the partner API, JSON over mutual TLS; serve it with
// [PKI.ServerTLS]. Errors are HTTP 400 and above with {"error","message"}:
//
//	POST /installment/create   partner_id, order_ref, amount, currency, term [, term_code], items [name, quantity, price,
//	                           sku],
//	                           customer {first_name, last_name, phone, email}, success_url, fail_url, callback_url
//	                           -> {"payment_url","session_id"}
//	POST /installment/status   partner_id, session_id
//	                           -> {"session_id","order_ref","status","amount","currency","refunded_amount",
//	                           "refunds":[{"refund_id","amount"}]}
//	POST /installment/refund   session_id, amount, reason -> {"refund_id"}
//
// Sim.Pages is everything for people and scripts, over plain HTTP on a listener
// of its own, by the names of this machine alone. A change through /_sim/ is taken
// as application/json only, and from no page of another site:
//
//	GET  /apply?session=..&key=..   the application; POST with consent=yes and action=approve|reject|cancel|later
//	                                leads to success_url (approve, later) or fail_url (reject, cancel)
//	GET  /desk                      the bank's desk for people
//
//	GET  /_sim/ledger            {"orders":[{"session_id","order_ref","amount","currency","term","status","charged",
//	                             "refunded",
//	                             "refunds":[..],"notices":[..]}],"totals":{"orders","charged","refunded"}}
//	GET  /_sim/requests          the last 500 requests, the customer masked, each with the reason of a refusal
//	GET  /_sim/callbacks         the last 500 callbacks sent, without the address's path
//	POST /_sim/callbacks         {"session","newest_first"}: sends what waits (all sessions where none is named), once
//	                             each
//	GET  /_sim/orders/{session}  one application
//	POST /_sim/orders/{session}  {"action": ..}: approve (also late), reject, cancel, later, expire, desk_refund
//	                             {"amount"},
//	                             status {"status"} (says so, moves no money), amount {"amount"}, currency {"currency"},
//	                             order_ref {"order_ref"} (what the bank will claim), replay (the last callback, byte for
//	                             byte), callback {"message":{"status","session_id","order_ref","amount","currency",
//	                             "refund_id","refunded_amount","count"}} (one out of turn; what it leaves out is as it
//	                             stands)
//	GET  /_sim/faults            the faults still to come
//	POST /_sim/faults            one {"operation","nth","count","fault","delay_ms"} or a list; kinds: package fault
//	DELETE /_sim/faults          no more faults
//	GET  /_sim/settings          the switches
//	POST /_sim/settings          changes the switches that are named: [Settings]
//	GET  /_sim/keys              what the bank gives a partner: {"ca","certificate","key","public_keys":{family:[..]}},
//	                             all PEM
//	POST /_sim/rotate            {"client":true,"signing":"rsa|ecdsa|ed25519","server":"own|foreign|expired|wrong_name",
//	                             "keep_old":true}: what is named is made anew; answers as /_sim/keys
//	POST /_sim/reset             faults, switches and history as at the start; {"orders":true} empties the ledger too
//
// Errors of the control API are {"error":".."}; 404 for an unknown session, 409
// for a step that the application's state forbids, 502 when the shop could not be
// reached. All amounts of the control API are minor units (kopecks).
//
// A callback goes out at once, before the customer is sent back and after the
// shop's own refund was answered. While the shop answers 5xx or is not there the
// notice waits, and goes again when POST /_sim/callbacks or the desk says so, five
// times at most; nothing here sleeps. Of the customer only the first name is kept,
// in memory, until the application is decided.
package kartapokupok

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/journal"
	"kassa/shared/simbank/kartapokupok/authority"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/page"
	"kassa/shared/simbank/kartapokupok/partnerapi"
)

// PKI is the bank's certificates and keys; see package authority.
type PKI = authority.PKI

// LoadOrCreatePKI reads the bank's certificates and keys from the directory, or
// makes what is missing. An empty directory name keeps them in memory.
func LoadOrCreatePKI(dir, partner string, now func() time.Time) (*PKI, error) {
	return authority.Load(dir, partner, now)
}

// Term is one length of an instalment plan, with the bank's code where it has one.
type Term = partnerapi.Term

// Fault is one line of the fault script; see package fault for the kinds.
type Fault = fault.Fault

// Options of a simulator. Only PageURL and Partner are required.
type Options struct {
	// PageURL is the public base of the application page; payment_url is
	// PageURL + "/apply?..".
	PageURL string
	// Partner is the only partner_id the bank knows.
	Partner string
	// PartnerName is what the customer reads; Partner where it is empty.
	PartnerName string
	// Terms are the plans that the partner may offer; 3, 6, 12 and 24 months
	// where it is empty.
	Terms []Term
	// Auth is "certificate" (also empty: the CN of the client certificate must
	// be the partner's id) or "none" (for a test without TLS).
	Auth string
	// PKI holds the certificates and keys; made in memory where it is nil.
	PKI *PKI
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// DataFile is the bbolt file of the books; empty keeps them in memory.
	DataFile string
	// Settings are the switches at the start and after a reset.
	Settings Settings
	// Client sends the callbacks; a client with a ten-second limit where it is
	// nil. It should follow no redirects.
	Client *http.Client
}

// base is what every simulated bank has.
type base = *simbank.Bank[string, ledger.Application, Settings, Exchange]

// Sim is one simulated bank. It is safe for concurrent use.
type Sim struct {
	base
	opts Options
	sent journal.Log[SentCallback]

	mu    sync.Mutex
	names map[string]string // first names of the applicants, until the decision
	last  []letter          // the newest callbacks, oldest first, for a replay
}

// What a bank remembers in memory at most, however many applications it gets and nobody decides.
const (
	maxNames   = 10000
	maxLetters = 500
)

// New opens the bank's books and returns the bank. Close it.
func New(o Options) (*Sim, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("kartapokupok: %w", err)
	}
	type plan = simbank.Plan[string, ledger.Application, Settings]
	b, err := simbank.Open[string, ledger.Application, Settings, Exchange](plan{
		Name: "kartapokupok", PageURL: o.PageURL, Now: o.Now, DataFile: o.DataFile, Client: o.Client,
		Settings: o.Settings, Own: own, Shape: ledger.Shape(), Speech: speech(), Pages: page.New,
	})
	if err != nil {
		return nil, err
	}
	return &Sim{base: b, opts: o, names: map[string]string{}}, nil
}

// speech is how the partner API answers, for the fault script.
func speech() fault.Bank {
	return fault.Bank{ContentType: "application/json", Operations: []string{"create", "status", "refund"},
		Failure: func(status int) []byte {
			return fmt.Appendf(nil, `{"error":"scripted","message":"The script says HTTP %d."}`, status)
		}}
}

func (o Options) complete() (Options, error) {
	if o.Partner == "" {
		return o, errors.New("the option Partner is missing")
	}
	if err := control.OneOf("Auth", o.Auth, "", "certificate", "none"); err != nil {
		return o, err
	}
	if o.PartnerName == "" {
		o.PartnerName = o.Partner
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Terms) == 0 {
		o.Terms = []Term{{Months: 3}, {Months: 6}, {Months: 12}, {Months: 24}}
	}
	for _, t := range o.Terms {
		if t.Months < 1 || t.Months > 120 {
			return o, fmt.Errorf("a term has 1 to 120 months, not %d", t.Months)
		}
	}
	var err error
	if o.PKI == nil {
		o.PKI, err = authority.Load("", o.Partner, o.Now)
	}
	return o, err
}

// PKI is the bank's certificates and keys, for serving and for rotation.
func (s *Sim) PKI() *PKI { return s.opts.PKI }
