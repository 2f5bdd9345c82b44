package e2e

import (
	"context"
	"net/url"
	"testing"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/kapitaltxpg"
	"kassa/shared/simbank/kapitalxml"
)

// gateway is one of Kapital Bank's two, as its own staff and its customers see it: the simulator, and what its side
// calls things. A test that runs over both knows no more of the bank than this.
type gateway struct {
	name string
	shop int // of the stack's shops: the one that sells through it
	host
	script
	ledger  func() []account
	history func() []request
	// comes brings a browser back without a page, and gives the answers of our address.
	comes func(ctx context.Context, orderID string, as comeback) ([]int, error)
	words
}

// host is what the bank does by itself, or is made to claim.
type host interface {
	Approve(orderID string) error
	Expire(orderID string) error
	DeskRefund(orderID string, amount int64) error
	SetStatus(orderID, status string) error
	SetAmount(orderID string, amount int64) error
}

// script is how the bank misbehaves.
type script interface {
	Faults(all ...fault.Fault) error
	ClearFaults()
	Reset(orders bool) error
	SetCurrency(orderID, currency string) error
}

// words are what a gateway calls things.
type words struct {
	approved, secure       url.Values // what customers type who may pay, the second with a code after it
	create, ask, move      []string   // operations of the fault script: opening, asking, giving back
	readings               int        // questions before a refund is sent
	open, busy, paid, dead string     // statuses: waits for a card, undecided, paid, declined
	undone                 []string   // of a payment that was given back whole
	azn, usd               string
	faults                 []string // that each call meets in turn
}

// account is an order in the bank's books; amounts are minor units.
type account struct {
	OrderID, Description, Status string
	Charged, Refunded            int64
	Operations                   int
}

// request is a call that the bank got. Code is that of its refusal, where the gateway has some.
type request struct{ Operation, OrderID, Fault, Code string }

// comeback says how a browser comes back.
type comeback struct {
	claims string // the status in place of the real one
	order  string // another order's id in place of the own
	count  int    // how often; 0 is once
}

// The cards of the JSON gateway; the security code is the printed one.
const (
	cardApprovedJSON = "4169741330151778"
	cvvJSON          = "591"
)

// lost are the ways in which any bank's answer is lost, before or after it has done its work.
func lost(more ...string) []string {
	return append([]string{"refuse_connection", "cut_after", "http_500", "http_500_after", "html_200", "html_200_after",
		"empty", "empty_after", "truncated", "bom"}, more...)
}

// overXML is the older gateway, through which the first demo shop sells.
func overXML(s *stack.Stack) gateway {
	return gateway{
		name: "xml", shop: 0, host: s.Kapital, script: s.Kapital,
		ledger: func() (all []account) {
			for _, o := range s.Kapital.Ledger().Orders {
				all = append(all, account{o.OrderID, o.Description, o.Status, o.Charged, o.Refunded, len(o.Operations)})
			}
			return all
		},
		history: func() (all []request) {
			for _, e := range s.Kapital.Requests() {
				all = append(all, request{e.Operation, e.OrderID, e.Fault, ""})
			}
			return all
		},
		comes: func(ctx context.Context, orderID string, as comeback) ([]int, error) {
			return s.Kapital.Callback(ctx, orderID,
				kapitalxml.Return{ForgeStatus: as.claims, SwapOrder: as.order, Count: as.count})
		},
		words: words{
			approved: card(cardApproved), secure: card(cardSecure),
			create: []string{"CreateOrder"}, ask: []string{"GetOrderStatus", "GetOrderInformation"},
			move: []string{"Refund", "Reverse"}, readings: 1,
			open: "CREATED", busy: "ON-LOCK", paid: "APPROVED", dead: "DECLINED", undone: []string{"REVERSED", "REFUNDED"},
			azn: "944", usd: "840", faults: lost("status_96", "status_96_after", "status_977"),
		},
	}
}

// overJSON is the gateway of today, through which the third demo shop sells.
func overJSON(s *stack.Stack) gateway {
	paying := card(cardApprovedJSON)
	paying.Set("cvv", cvvJSON)
	return gateway{
		name: "json", shop: 2, host: s.KapitalTXPG, script: s.KapitalTXPG,
		ledger: func() (all []account) {
			for _, o := range s.KapitalTXPG.Ledger().Orders {
				all = append(all, account{o.OrderID, o.Description, o.Status, o.Charged, o.Refunded, len(o.Operations)})
			}
			return all
		},
		history: func() (all []request) {
			for _, e := range s.KapitalTXPG.Requests() {
				all = append(all, request{e.Operation, e.OrderID, e.Fault, e.Code})
			}
			return all
		},
		comes: func(ctx context.Context, orderID string, as comeback) ([]int, error) {
			return s.KapitalTXPG.Return(ctx, orderID,
				kapitaltxpg.Return{ForgeStatus: as.claims, SwapOrder: as.order, Count: as.count})
		},
		words: words{
			approved: paying, secure: card(cardSecure),
			create: []string{"create"}, ask: []string{"order"}, move: []string{"exec-tran"}, readings: 2,
			open: "Preparing", busy: "Authorized", paid: "FullyPaid", dead: "Declined", undone: []string{"Voided", "Refunded"},
			azn: "AZN", usd: "USD", faults: lost("reset_after", "empty_json_after", "twice", "status_54", "status_54_after",
				"status_72_after"),
		},
	}
}

// gatewaysOf are both.
func gatewaysOf(s *stack.Stack) []gateway { return []gateway{overXML(s), overJSON(s)} }

// breaks lets each of these operations meet a fault.
func (g gateway) breaks(t testing.TB, operations []string, f fault.Fault) {
	t.Helper()
	for _, f.Operation = range operations {
		if err := g.Faults(f); err != nil {
			t.Fatal(err)
		}
	}
}

// over gives the world of the shop that sells through a gateway.
func (w world) over(g gateway) world {
	w.bank, w.shop.bearer = g, w.Info.Shops[g.shop].APIKey
	return w
}

// eachGateway runs a test of the common stack over both gateways of Kapital Bank, side by side: they share nothing but
// the functions and the table.
func eachGateway(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	shared(t).eachGateway(t, test)
}

func (w world) eachGateway(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	for _, g := range gatewaysOf(w.Stack) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			test(t, w.over(g))
		})
	}
}
