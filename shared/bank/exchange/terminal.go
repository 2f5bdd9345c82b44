package exchange

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Options is what does not stand in the shop's bank secret.
type Options struct {
	Stage string           // insecure_loopback is refused unless this is "local"
	Now   func() time.Time // certificates must be valid by it, the client's and the server's; nil = time.Now
	Log   *slog.Logger     // nil = silence

	// Refused are the logins that banks have refused in this environment; nil = a list that nobody shares.
	Refused *Lockouts

	// Wire carries the requests in place of our own TLS; nil = TLS. It is for a bank that is simulated in this process.
	Wire http.RoundTripper
}

// Filled puts the clock, the silence and the list in where there is none.
func (o Options) Filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Refused == nil {
		o.Refused = &Lockouts{}
	}
	return o
}

// Setup is what every bank's settings say of a terminal.
type Setup struct {
	Bank    string       // whose secret it is, by its name; begins every line of the log
	Title   string       // the bank's name for people
	Called  string       // what the bank calls a shop: merchant or partner
	Account bank.Account // the shop as the bank knows it; every payment keeps it

	Address  *url.URL         // https
	Pair     *tls.Certificate // that the bank knows the shop by; nil without
	Roots    *x509.CertPool   // the only ones; nil = the system's
	RootsEnd time.Time        // until when any of the roots is valid; zero without
	Timeout  time.Duration    // of one exchange
	Longest  int              // bytes of an answer
	Pages    Pages            // where the page for the customer may be

	Known  func(bank.Handle) bool      // whether the ids of a handle can be the bank's
	Fields Fields                      // what a person is told to look at
	Wrong  WrongFields                 // all that is wrong with the secret
	Unused map[bank.Operation][]string // fields that an operation has no part in
}

// Fields are names that stand in the secret, as a person is told them.
type Fields struct{ Address, Trust, Pages string }

// Terminal is a shop at a bank: what is the same for all of them, whatever the bank is asked. Its methods are
// promoted to the adapters. It may be used by several goroutines at once.
type Terminal struct {
	Now func() time.Time
	Log *slog.Logger

	setup  *Setup
	trust  *tls.Config
	client *Client
}

// NewTerminal makes a terminal of settings, which stay the caller's, and of options that are filled. It says in the
// log that the client certificate ends soon.
func NewTerminal(s *Setup, o Options) *Terminal {
	t := &Terminal{Now: o.Now, Log: o.Log, setup: s, trust: Config(s.Pair, s.Roots, o.Now)}
	t.client = NewClient(t.trust, s.Timeout, s.Longest)
	if o.Wire != nil {
		t.client.kept, t.client.fresh = o.Wire, o.Wire
	}
	if v, ok := t.Certificate(o.Now()); ok && len(s.Wrong) == 0 && v.Ending() {
		t.Log.Warn(s.Bank+": the client certificate ends soon; ask the bank for a new one",
			s.Called, s.Account.Merchant, "days_left", v.DaysLeft)
	}
	return t
}

// Misplaced says that the secret of a bank is wrong: Misconfigured, with the fields as its cause.
func Misplaced(name string, wrong error) error {
	return &payment.Error{Kind: payment.Misconfigured, Cause: wrong, Message: "the bank secret of " + name + " is wrong"}
}

// Wrong names all that is wrong with the secret; nil when nothing is.
func (t *Terminal) Wrong() error { return t.wrong(t.setup.Wrong) }

// Ready says whether the fields that an operation needs are right. One that nobody knows may be a misspelt one, and
// stops everything.
func (t *Terminal) Ready(op bank.Operation) error {
	return t.wrong(t.setup.Wrong.Besides(t.setup.Unused[op]...))
}

func (t *Terminal) wrong(fields WrongFields) error {
	if len(fields) == 0 {
		return nil
	}
	return Misplaced(t.setup.Bank, fields)
}

// Serves says whether an operation can work on a payment. A handle that was opened under other settings is refused:
// the question would go to another merchant, or to the other bank.
func (t *Terminal) Serves(op bank.Operation, h bank.Handle) error {
	if err := t.Ready(op); err != nil {
		return err
	}
	s := t.setup
	if h.Account != s.Account {
		return &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed",
			Message: fmt.Sprintf("the payment was opened for %s %.46q in %.10q, and the settings are for %q in %q",
				s.Called, h.Account.Merchant, h.Account.Environment, s.Account.Merchant, s.Account.Environment)}
	}
	if !s.Known(h) {
		return &payment.Error{Kind: payment.Misconfigured, Message: "the payment has no order number of this bank"}
	}
	return nil
}

// Handle is how this terminal knows a payment; private is what else the bank wants to be told about it.
func (t *Terminal) Handle(order, private string) bank.Handle {
	return bank.Handle{OrderID: order, Private: private, Account: t.setup.Account}
}

// Certificate says how the client certificate stands at now; false when this terminal has none.
func (t *Terminal) Certificate(now time.Time) (Validity, bool) {
	if t.setup.Pair == nil {
		return Validity{}, false
	}
	return ValidityOf(*t.setup.Pair, now), true
}

// Settled completes the profile that an adapter gives of its bank: by its name, by how it is reached, and by what the
// settings stand in the way of. Which keys prove its messages is the adapter's to add.
func (t *Terminal) Settled(p bank.Profile) bank.Profile {
	p.Name, p.Title = t.setup.Bank, t.setup.Title
	p.Line = bank.Line{Address: t.setup.Address, Trust: t.trust, Ends: FirstEnd(t.setup.Pair, t.setup.RootsEnd),
		Ahead: func(ctx context.Context) error { return t.client.Ahead(ctx, t.setup.Address) }}
	p.Broken = map[bank.Operation]error{}
	for _, op := range []bank.Operation{bank.OpOpen, bank.OpStatus, bank.OpRefund, bank.OpRead} {
		if err := t.Ready(op); err != nil {
			p.Broken[op] = err
		}
	}
	return p
}

// Lockouts are logins that a bank has refused of late. Banks lock a login that is tried too often, so whoever has a
// refused one leaves it alone for a while. One list serves all banks that an environment makes: two shops may share a
// login, and a secret that changes elsewhere still has the same. It may be used by several goroutines at once.
type Lockouts struct {
	mu    sync.Mutex
	until map[loginKey]time.Time
}

// loginKey is a login at an address, in a form from which nobody reads the password.
type loginKey [sha256.Size]byte

func keyOf(address *url.URL, login *url.Userinfo) loginKey {
	return sha256.Sum256([]byte(address.Host + "\x00" + login.String())) // a login is escaped in it, and has no zero
}

// Add notes that a bank has refused a login, which is then left alone until that time.
func (l *Lockouts) Add(address *url.URL, login *url.Userinfo, now, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.until, func(_ loginKey, until time.Time) bool { return !now.Before(until) })
	if l.until == nil {
		l.until = map[loginKey]time.Time{}
	}
	l.until[keyOf(address, login)] = until
}

// Until says until when a login is to be left alone; a time that is over, or zero, leaves it free.
func (l *Lockouts) Until(address *url.URL, login *url.Userinfo) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until[keyOf(address, login)]
}
