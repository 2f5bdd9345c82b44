// Package kartapokupok sells by instalments through Karta Pokupok of Belarus: the customer applies on the bank's page,
// the bank pays the shop the whole amount and tells so by a signed callback. It speaks JSON over mutual TLS.
//
// The brief gives three messages, five status words and the fact that callbacks are signed; no public specification
// exists. What is concluded from comparable banks is a setting with a default (the README lists them),
// and `settings` says for each whether it was inferred.
//
// Read open.go, callback.go, status.go and refund.go for what the bank is asked and believed; client.go for how an
// exchange can end; message.go for the wire; keys.go and signature.go for what proves a callback.
package kartapokupok

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// KartaPokupok is one shop as a partner of the bank. It holds no payment and may be used by several goroutines at once.
type KartaPokupok struct {
	*exchange.Terminal
	settings   settings
	profile    func() bank.Profile // made once: it changes with the secret alone
	statusless atomic.Bool         // the bank was found to have no status call, and that was logged
}

var _ bank.Bank = (*KartaPokupok)(nil)

// Options is what does not stand in the shop's bank secret.
type Options = exchange.Options

// maxMessage bounds what the bank says, in bytes. An answer and a callback may repeat all lines of an order, escaped.
const maxMessage = 3 << 20

// New reads the bank secret of a shop, a JSON object; settings lists its fields. All wrong fields are named in one
// error of kind Misconfigured: by name, what is wrong and what would be right, never with the value of a secret. Beside
// it the bank is there all the same where anything can work: an expired certificate keeps nobody from verifying what
// the bank has signed; the profile says what cannot.
func New(secret []byte, o Options) (*KartaPokupok, error) {
	o = o.Filled()
	s, err := readSettings(secret, o)
	if err != nil {
		return nil, err
	}
	k := &KartaPokupok{settings: s}
	k.Terminal, k.profile = exchange.NewTerminal(&k.settings.Setup, o), sync.OnceValue(k.settled)
	if err = k.Wrong(); err != nil && k.Ready(bank.OpRead) != nil && k.Ready(bank.OpStatus) != nil {
		k = nil
	}
	return k, err
}

// unused are the fields that an operation has no part in.
func (s settings) unused() map[bank.Operation][]string {
	opening := []string{"payment_hosts", "insecure_loopback", "session", "terms", "order_ref", "order_ref_prefix"}
	settling := slices.Concat(opening, []string{"refund/max_days"}) // what went back is a matter of refund/partial
	hearing := slices.Concat(settling,
		[]string{"base_url", "certificate", "key", "ca", "environment", "timeout", "status"})
	if len(s.callback.keys) > 0 {
		hearing = append(hearing, "callback/public_keys") // one of several that is no key keeps nobody from trying the others
	}
	return map[bank.Operation][]string{
		bank.OpOpen:   {"callback", "status", "refund", "status_map", "recheck"},
		bank.OpStatus: slices.Concat(settling, []string{"callback"}),
		bank.OpRefund: slices.Concat(opening, []string{"callback", "status", "status_map", "recheck"}),
		bank.OpRead:   hearing,
	}
}

// Profile is the bank as such. Which terms it offers is a matter of the shop's contract.
func Profile() bank.Profile {
	return bank.Profile{
		Name: "kartapokupok", Title: "Karta Pokupok", Currencies: []payment.Currency{payment.BYN},
		PageLife: 30 * 24 * time.Hour, Terms: bank.Terms{Needed: true, Any: true}, Status: true, Refunds: true,
		Zone: time.FixedZone("bank", 3*60*60), // Minsk has one offset all year
		Secret: []bank.Field{
			{Name: "partner_id", Role: bank.RoleAccount},
			{Name: "base_url", Role: bank.RoleAddress},
			{Name: "payment_hosts", Role: bank.RoleHosts},
			{Name: "certificate", Role: bank.RoleCertificate},
			{Name: "key", Role: bank.RoleKey},
			{Name: "ca", Role: bank.RoleCA},
			{Name: "callback/public_keys", Role: bank.RolePublicKeys},
		},
	}
}

// Profile is the partner as the settings have it.
func (k *KartaPokupok) Profile() bank.Profile { return k.profile() }

func (k *KartaPokupok) settled() bank.Profile {
	p := k.Settled(Profile())
	p.PageLife, p.Status, p.Rules, p.Probe = k.settings.session, k.settings.status.on, k.check, k.probe
	for _, key := range k.settings.callback.keys {
		p.Line.Keys = append(p.Line.Keys, key.id)
	}
	if len(k.settings.terms) > 0 {
		p.Terms = bank.Terms{Needed: true, Months: slices.Sorted(maps.Keys(k.settings.terms))}
	}
	return p
}

// Settings of a partner. A field's name in the secret stands behind it, with the default where there is one; [inferred]
// marks what neither the brief nor a document of the bank says. No bank host is built in: public sources name two banks
// for a card of this name.
//
// Of Setup: partner_id, as the bank issued it; environment: test or prod; base_url: https, the paths of the brief are
// added to it; certificate and key: PEM, required; ca: PEM bundle, required, the only roots; payment_hosts: hosts that
// the application page may be on, required, and insecure_loopback; timeout: of one exchange with the bank, "20s".
type settings struct {
	exchange.Setup
	plainRef    bool          // order_ref: as_is (default) or plain; see reference [inferred]
	refPrefix   string        // order_ref_prefix: before each, where shops share a partner_id and have the same numbers
	session     time.Duration // session: life of an application, "720h" [inferred]
	amounts     amountFormat  // amount_format: decimal (default), string or minor [inferred]
	terms       terms         // terms: months to the bank's code, "" = the number is sent; without it any term [inferred]
	words       words         // status_map: the bank's words to ours; the brief's five are known
	callback    scheme        // callback: see scheme [inferred, but for being a signature by the bank's private key]
	told        pointers      // callback/fields: where a callback says what [inferred]
	status      statusCall    // status [inferred]
	recheck     bool          // recheck: auto (default) or always; a proven notice counts only when Status agrees
	mustRecheck bool          // recheck: always; a bank without status call then leaves notices uncounted
	refund      refundRules   // refund [inferred]
}

// statusCall is the object status: how the bank is asked. The brief has no such question.
type statusCall struct {
	on     bool     // mode: on (default) or off
	path   string   // path: "/installment/status"
	fields pointers // fields: where the answer says what
}

// refundRules is the object refund: what the bank would refuse anyway, said before it is asked.
type refundRules struct {
	partial bool          // partial: true (default)
	within  time.Duration // max_days: after the payment; 0 (default) = no limit
}

// The paths of the calls that the brief has, which are added to base_url.
const (
	callCreate = "/installment/create"
	callRefund = "/installment/refund"
)

func isPartner(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"_.-", 1, 64) }

func isPrefix(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+".-", 0, 16) }

// isPath says whether a text is an absolute path of parts that are not empty.
func isPath(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasSuffix(text, "/") && !strings.Contains(text, "//") &&
		ascii.Only(text, ascii.Letters+ascii.Digits+"_.~-/", 2, len(text))
}

func readSettings(secret []byte, o Options) (settings, error) {
	f, err := exchange.ReadSecret("kartapokupok", secret)
	if err != nil {
		return settings{}, err
	}
	recheck := f.OneOf("recheck", "auto", "auto", "always", "never")
	s := settings{
		Setup: exchange.Setup{
			Bank: "kartapokupok", Title: Profile().Title, Called: "partner", Longest: maxMessage,
			Known: func(h bank.Handle) bool { return exchange.IsName(h.OrderID) },
			Account: bank.Account{
				Merchant:    f.Matching("partner_id", isPartner, "the partner id that the bank issued"),
				Environment: f.OneOf("environment", "", "test", "prod"),
			},
			Address: f.Address("base_url", ""),
			Pair:    f.Pair(true, o.Now()),
			Pages:   f.Pages("payment_hosts", o.Stage),
			Timeout: f.Duration("timeout", 20*time.Second, time.Second, time.Minute),
			Fields:  exchange.Fields{Address: "base_url", Trust: "certificate, key and ca", Pages: "payment_hosts"},
		},
		plainRef: f.OneOf("order_ref", "as_is", "as_is", "plain") == "plain",
		session:  f.Duration("session", 720*time.Hour, time.Minute, 365*24*time.Hour),
		amounts: amountFormat(f.OneOf("amount_format", string(asDecimal), string(asDecimal), string(asString),
			string(asMinor))),
		terms:       readTerms(f),
		words:       readWords(f),
		status:      readStatusCall(f.Inner("status")),
		mustRecheck: recheck == "always",
		refund:      readRefundRules(f.Inner("refund")),
	}
	if s.refPrefix = f.Text("order_ref_prefix"); !isPrefix(s.refPrefix) {
		f.Wrong("order_ref_prefix", `must be up to 16 of A-Z a-z 0-9 . - such as "site2-"`)
	}
	for _, call := range []string{callCreate, callRefund, s.status.path} { // as a bank's letter names them, each in whole
		if s.Address != nil && strings.HasSuffix(strings.TrimRight(s.Address.Path, "/"), call) {
			f.Wrong("base_url", "must end before "+call+", which Kassa adds to it")
		}
	}
	s.Roots, s.RootsEnd = f.Roots(true)
	s.callback, s.told = readCallback(f.Inner("callback"))
	s.recheck = s.status.on && recheck != "never"
	if s.mustRecheck && !s.status.on {
		f.Wrong("recheck", "cannot be always while status/mode is off")
	}
	s.Unused = s.unused()
	s.Wrong, _ = errors.AsType[exchange.WrongFields](f.Verdict())
	return s, nil
}

func readStatusCall(f *exchange.Secret) statusCall {
	c := statusCall{on: f.OneOf("mode", "on", "on", "off") == "on", path: f.Text("path")}
	if c.path == "" {
		c.path = "/installment/status"
	}
	if !isPath(c.path) {
		f.Wrong("path", `must be a path such as "/installment/status"`)
	}
	c.fields = readPointers(f.Inner("fields"), pointers{
		session: "/session_id", order: "/order_ref", partner: "/partner_id", status: "/status", code: "/code",
		reason: "/reason",
		amount: "/amount", currency: "/currency", refunded: "/refunded_amount", refunds: "/refunds",
	})
	f.Rest()
	return c
}

func readRefundRules(f *exchange.Secret) refundRules {
	r := refundRules{partial: f.Flag("partial", true)}
	r.within = time.Duration(f.Number("max_days", 0, 3650)) * 24 * time.Hour
	f.Rest()
	return r
}
