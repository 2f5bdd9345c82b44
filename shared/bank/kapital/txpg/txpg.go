// Package txpg takes card payments through Kapital Bank's JSON gateway (TXPG, TranzAxis): the bank's hosted payment
// page and the interface behind it. No card data passes here.
//
// Read open.go, callback.go, status.go and refund.go for what the bank is asked; client.go for how a call can end;
// order.go for what an order says; settings.go for the settings.
//
// An order's password opens its page: like the page's address it is a secret, and stands in the handle and the
// redirect alone.
package txpg

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
)

// Gateway is one shop's terminal at the bank. It holds no payment and may be used by several goroutines at once.
type Gateway struct {
	*exchange.Terminal
	settings settings
	profile  func() bank.Profile // made once: it changes with the secret alone
	refused  *exchange.Lockouts  // logins that are left alone
}

var _ bank.Bank = (*Gateway)(nil)

// Profile is the terminal as its settings have it. The page has three languages; Belarusian readers get Russian.
func (g *Gateway) Profile() bank.Profile { return g.profile() }

func (g *Gateway) settled() bank.Profile {
	return g.Settled(bank.Profile{
		Currencies: g.settings.currencies, Locales: []string{"az", "ru", "en"}, PageLife: g.settings.session,
		Terms: bank.Terms{Months: g.settings.taksit}, Status: true, Refunds: true, Rules: taksit.Rules, Probe: g.probe,
		Zone: g.settings.day.Zone,
	})
}

// Options is what does not stand in the shop's bank secret.
type Options = exchange.Options

// Section is the object of the bank secret in which this gateway's settings stand.
const Section = "txpg"

// New reads the bank secret of a shop, of which it takes environment, insecure_loopback and the object txpg; settings
// lists its fields. All that is wrong is named in one error of kind Misconfigured, never with a value. Beside it the
// gateway is there all the same where anything can work: the profile says what cannot.
func New(secret []byte, o Options) (*Gateway, error) {
	o = o.Filled()
	s, err := readSettings(secret, o)
	if err != nil {
		return nil, err
	}
	g := &Gateway{settings: s, refused: o.Refused}
	g.Terminal, g.profile = exchange.NewTerminal(&g.settings.Setup, o), sync.OnceValue(g.settled)
	if err = g.Wrong(); err != nil && g.Ready(bank.OpStatus) != nil {
		g = nil // its messages prove nothing, so a terminal that cannot ask is good for nothing
	}
	return g, err
}

// unused are the fields that an operation has no part in.
func unused() map[bank.Operation][]string {
	opening := []string{"page_hosts", "page_path", "language", "session", "order_types", "currencies", "taksit_terms",
		"merchant_reference"}
	refunding := []string{"zone", "void_until", "refund_same_day"}
	asking := []string{"status_words", "login", "password", "base_url", "ca", "timeout"}
	fields := map[bank.Operation][]string{
		bank.OpOpen:   slices.Concat(refunding, []string{"status_words"}),
		bank.OpStatus: slices.Concat(opening, refunding),
		bank.OpRefund: opening,
		bank.OpRead:   slices.Concat(opening, refunding, asking),
	}
	for op, names := range fields {
		for i, name := range names {
			names[i] = Section + "/" + name
		}
		if op != bank.OpOpen {
			fields[op] = append(names, "insecure_loopback")
		}
	}
	return fields
}

// known says whether the id of a handle can be this gateway's.
func known(h bank.Handle) bool { return isOrder(h.OrderID) }

// nobody is an order that cannot exist: the largest number that the bank's ids can be.
const nobody = "9223372036854775807"

// probe asks for an order that cannot exist, which shows whether the bank knows the login. Which page and which types
// of order the bank has for this terminal is told by no answer but that to an opening: so it is said what the settings
// make of them.
func (g *Gateway) probe(ctx context.Context) []bank.ProbeResult {
	_, err := g.ask(ctx, nobody)
	asked := bank.ProbeResult{Question: "login and order question", Err: err,
		Said: "it claims to know an order that cannot exist"}
	if code := payment.BankCodeOf(err); payment.KindOf(err) == payment.Unavailable && code != "" {
		asked.Said, asked.Err = "it knows the login, and no order that cannot exist (code "+code+")", nil
	}
	expected := fmt.Sprintf("purchases are opened as %s, the page may be on %s",
		g.settings.purchase, strings.Join(g.settings.Pages.Hosts, " and "))
	return []bank.ProbeResult{asked, {Question: "orders and page", Said: expected}}
}
