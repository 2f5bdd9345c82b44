// Package kapitaltxpg is the bank's side of Kapital Bank's current gateway (TXPG,
// JSON): the orders' API, the hosted payment page, a desk where the bank acts by
// itself, and its own ledger. It shares nothing with the adapter, so that a
// mistake cannot agree with itself.
//
// Sim.API is the JSON door (/api/order..); serve it over TLS, see [PKI]. Sim.Pages
// is everything for people and scripts, over plain HTTP on a listener of its own,
// by the names of this machine alone. A change through /_sim/ is taken as
// application/json only, and from no page of another site:
//
//	GET  /flex?id=..&password=..   the hosted page; fields pan, expiry, cvv, code, buttons action=pay|confirm|cancel
//	GET  /desk                     the bank's desk for people
//
//	GET  /_sim/ledger            what was charged and given back: {"orders":[{"order_id","amount","currency","charged",
//	                             "refunded","status","operations":[..]}],"totals":{"orders","charged","refunded"}}
//	GET  /_sim/requests          the last 500 requests, masked, each with the reason of a refusal
//	GET  /_sim/orders/{id}       one order of the ledger
//	POST /_sim/orders/{id}       {"action": ..}: approve, decline (ends the order), fail {"code"} (a try that leaves it
//	                             Preparing), hold, cancel, expire, desk_refund {"amount"}, desk_void, status {"status"}
//	                             (says so, moves no money), amount {"amount"} and currency {"currency"} (what the bank
//	                             will claim), pay {"pan","expiry","cvv"}, return {"status","swap","count"} (a browser
//	                             comes back to the shop)
//	POST /_sim/login             unlocks the login; {"password"} gives it another password
//	GET  /_sim/faults            the faults still to come
//	POST /_sim/faults            one {"operation","nth","count","fault","delay_ms"} or a list; kinds: package fault;
//	                             operations: create, order, exec-tran, set-src-token; status_NN is PmoDecline with NN
//	DELETE /_sim/faults          no more faults
//	GET  /_sim/settings          the switches
//	POST /_sim/settings          changes the switches that are named: [Settings]
//	POST /_sim/reset             faults, switches, login and history as at the start; {"orders":true}
//	                             empties the ledger too
//
// Errors of the control API are {"error":".."}; 404 for an unknown order, 409 for
// a step that the order's state forbids. All amounts are minor units (qepik), all
// order ids are strings of digits.
package kapitaltxpg

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"kassa/shared/simbank"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/kapital/page"
	"kassa/shared/simbank/kapitaltxpg/ledger"
	"kassa/shared/simbank/kapitaltxpg/message"
)

// Options of a simulator. PageURL, Login and Password are required.
type Options struct {
	// PageURL is the public base of the hosted page; answers carry PageURL + "/flex".
	PageURL string
	// Login and Password are the terminal's, for HTTP Basic.
	Login, Password string
	// Terminal and Merchant are the ids of the bank's table; E1000010 and testmerch
	// where they are empty.
	Terminal, Merchant string
	// MerchantName is what the customer reads; Merchant where it is empty.
	MerchantName string
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// DataFile is the bbolt file of the books; empty keeps them in memory.
	DataFile string
	// Settings are the switches at the start and after a reset.
	Settings Settings
	// Client brings back browsers that a script sends; one with a ten-second limit
	// where it is nil.
	Client *http.Client
}

// Fault is one line of the fault script; see package fault for the kinds.
type Fault = fault.Fault

// base is what every simulated bank has.
type base = *simbank.Bank[int64, ledger.Order, Settings, Exchange]

// Sim is one simulated bank. It is safe for concurrent use.
type Sim struct {
	base
	opts  Options
	login login
}

// New opens the bank's books and returns the bank. Close it.
func New(o Options) (*Sim, error) {
	if o.Login == "" || o.Password == "" {
		return nil, errors.New("kapitaltxpg: the options Login and Password are needed")
	}
	o.Terminal, o.Merchant = cmp.Or(o.Terminal, "E1000010"), cmp.Or(o.Merchant, "testmerch")
	o.MerchantName = cmp.Or(o.MerchantName, o.Merchant)
	b, err := simbank.Open[int64, ledger.Order, Settings, Exchange](simbank.Plan[int64, ledger.Order, Settings]{
		Name: "kapitaltxpg", PageURL: o.PageURL, Now: o.Now, DataFile: o.DataFile, Client: o.Client,
		Settings: o.Settings, Own: ownSettings, Shape: ledger.Shape(), Speech: speech(), Pages: page.New,
	})
	if err != nil {
		return nil, err
	}
	return &Sim{base: b, opts: o, login: login{password: o.Password}}, nil
}

const contentType = "application/json;charset=UTF-8"

// speech is how the gateway answers, for the fault script.
func speech() fault.Bank {
	return fault.Bank{ContentType: contentType, Operations: operations(), Words: true,
		Failure: func(int) []byte {
			return message.Write("", message.Failure{Code: "ServiceError", Description: "scripted"}, nil)
		}}
}
