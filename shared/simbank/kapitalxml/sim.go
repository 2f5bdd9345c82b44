// Package kapitalxml is the bank's side of Kapital Bank's TKKPG gateway: the
// XML door, the hosted payment page, a desk where the bank acts by itself, and
// its own ledger. It shares nothing with the adapter, so that a mistake cannot
// agree with itself.
//
// Sim.API is the XML door (POST /Exec, /api/order/, /ExecPasswordAuth); serve it
// over TLS, see [PKI]. Sim.Pages is everything for people and scripts, over
// plain HTTP on a listener of its own, by the names of this machine alone. A
// change through /_sim/ is taken as application/json only, and from no page of
// another site:
//
//	GET  /index.jsp?ORDERID=..&SESSIONID=..   the hosted page; fields pan, expiry, cvv, buttons action=pay|cancel
//	GET  /desk                                the bank's desk for people
//
//	GET  /_sim/ledger            what was charged and given back: {"orders":[{"order_id","amount","currency","charged",
//	                             "refunded","status","operations":[..]}],"totals":{"orders","charged","refunded"}}
//	GET  /_sim/requests          the last 500 requests, masked, each with the reason of a refusal
//	GET  /_sim/orders/{id}       one order of the ledger
//	POST /_sim/orders/{id}       {"action": ..}: approve, decline, cancel, lock, unlock, expire, settle (ends ON-REFUND),
//	                             desk_refund {"amount"}, desk_reverse, status {"status"} (says so, moves no money),
//	                             amount {"amount"} and currency {"currency"} (what the bank will claim),
//	                             pay {"pan","expiry","cvv"}, callback
//	                             {"status","swap","to":"approve|cancel|decline","count"}
//	GET  /_sim/faults            the faults still to come
//	POST /_sim/faults            one {"operation","nth","count","fault","delay_ms"} or a list; kinds: package fault
//	DELETE /_sim/faults          no more faults
//	GET  /_sim/settings          the switches
//	POST /_sim/settings          changes the switches that are named: [Settings]
//	POST /_sim/reset             faults, switches and history as at the start; {"orders":true} empties the ledger too
//
// Errors of the control API are {"error":".."}; 404 for an unknown order, 409 for
// a step that the order's state forbids. All amounts are minor units (qepik), all
// order ids are strings of digits.
//
// The strict reader refuses what the real gateway may tolerate; each refusal
// stands with its reason in /_sim/requests. AddParams/ChangeStatusURL is accepted
// and never called.
package kapitalxml

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/kapital/page"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// Options of a simulator. Only PageURL and Merchant are required.
type Options struct {
	// PageURL is the public base of the hosted page; answers carry
	// PageURL + "/index.jsp".
	PageURL string
	// Auth is "certificate" (the CN of the client certificate must be the
	// request's Merchant), "password" or "none" (also when empty).
	Auth string
	// Password for /ExecPasswordAuth.
	Password string
	// Merchant is the only merchant the bank knows, e.g. "E1000010".
	Merchant string
	// MerchantName is what the customer reads; Merchant where it is empty.
	MerchantName string
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// DataFile is the bbolt file of the books; empty keeps them in memory.
	DataFile string
	// Return overrides Settings.Return.
	Return string
	// Settings are the switches at the start and after a reset.
	Settings Settings
	// Paths are further paths of the XML door.
	Paths []string
	// Client sends callbacks that the bank makes by itself; a client with a
	// ten-second limit where it is nil.
	Client *http.Client
}

// Fault is one line of the fault script; see package fault for the kinds.
type Fault = fault.Fault

// base is what every simulated bank has.
type base = *simbank.Bank[int64, ledger.Order, Settings, Exchange]

// Sim is one simulated bank. It is safe for concurrent use.
type Sim struct {
	base
	opts Options
}

// New opens the bank's books and returns the bank. Close it.
func New(o Options) (*Sim, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("kapitalxml: %w", err)
	}
	b, err := simbank.Open[int64, ledger.Order, Settings, Exchange](simbank.Plan[int64, ledger.Order, Settings]{
		Name: "kapitalxml", PageURL: o.PageURL, Now: o.Now, DataFile: o.DataFile, Client: o.Client, Settings: o.Settings,
		Own: ownSettings, Shape: ledger.Shape(), Speech: speech(), Pages: page.New,
	})
	if err != nil {
		return nil, err
	}
	return &Sim{base: b, opts: o}, nil
}

// speech is how the gateway answers, for the fault script.
func speech() fault.Bank {
	return fault.Bank{ContentType: "text/xml; charset=utf-8", Words: true,
		Failure: func(status int) []byte { return []byte(http.StatusText(status) + "\n") }}
}

func (o Options) complete() (Options, error) {
	if o.Merchant == "" {
		return o, errors.New("the option Merchant is missing")
	}
	if err := control.OneOf("Auth", o.Auth, "", "none", "certificate", "password"); err != nil {
		return o, err
	}
	if o.Auth == "password" && o.Password == "" {
		return o, errors.New("the option Password is missing, and Auth is password")
	}
	if o.Return != "" {
		o.Settings.Return = o.Return
	}
	if o.MerchantName == "" {
		o.MerchantName = o.Merchant
	}
	return o, nil
}
