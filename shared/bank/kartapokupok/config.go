// Package kartapokupok sells by instalments through Karta Pokupok of Belarus: the customer applies on the bank's page, the bank
// pays the shop the whole amount and tells so by a signed callback. It speaks JSON over mutual TLS.
//
// The brief gives three messages, five status words and the fact that callbacks are signed; no public specification exists. What
// is concluded from comparable banks (the collected facts, sections 1.2 to 1.6) is a setting with a default, and `settings` says
// for each whether it was inferred.
//
// Read open.go, callback.go, status.go and refund.go for what the bank is asked and believed; client.go for how an exchange can
// end; message.go for the wire; keys.go and signature.go for what proves a callback.
package kartapokupok

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"sync/atomic"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// KartaPokupok is one shop as a partner of the bank. It holds no payment and may be used by several goroutines at once.
type KartaPokupok struct {
	settings   settings
	client     *exchange.Client
	now        func() time.Time
	log        *slog.Logger
	statusless atomic.Bool // the bank was found to have no status call, and that was logged
}

var (
	_ bank.Bank     = (*KartaPokupok)(nil)
	_ bank.Refunder = (*KartaPokupok)(nil)
	_ bank.Checker  = (*KartaPokupok)(nil)
	_ bank.Examined = (*KartaPokupok)(nil)
)

// Options is what does not stand in the shop's bank secret.
type Options struct {
	Stage string           // insecure_loopback is refused unless this is "local"
	Now   func() time.Time // certificates must be valid by it, the client's and the server's; nil = time.Now
	Log   *slog.Logger     // nil = silence
}

// maxAnswer and maxCallback bound what the bank says, in bytes.
const (
	maxAnswer   = 64 << 10
	maxCallback = 256 << 10
)

// New reads the bank secret of a shop, a JSON object; settings lists its fields. All wrong fields are named in one error of kind
// Misconfigured: by name, what is wrong and what would be right, never with the value of a secret. Beside it the bank is there all the
// same where anything can work: an expired certificate keeps nobody from verifying what the bank has signed. See Ready.
func New(secret []byte, o Options) (*KartaPokupok, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s, err := readSettings(secret, o)
	if err != nil {
		return nil, err
	}
	k := &KartaPokupok{settings: s, now: o.Now, log: o.Log, client: exchange.NewClient(exchange.Config(s.pair, s.roots, o.Now), s.timeout, maxAnswer)}
	if len(s.wrong) > 0 {
		if k.Ready(bank.OpCallback) != nil && k.Ready(bank.OpStatus) != nil {
			k = nil
		}
		return k, misplaced(s.wrong, "the bank secret of kartapokupok is wrong")
	}
	if v := k.Certificate(o.Now()); v.Ending() {
		k.log.Warn("kartapokupok: the client certificate ends soon; ask the bank for a new one", "partner", s.partner, "days_left", v.DaysLeft)
	}
	return k, nil
}

// Ready says whether the fields that an operation needs are right. One that nobody knows may be a misspelt one, and stops everything.
func (k *KartaPokupok) Ready(op bank.Operation) error {
	if k.settings.wrong == nil {
		return nil
	}
	opening := []string{"payment_hosts", "insecure_loopback", "session", "terms"}
	unused := map[bank.Operation][]string{
		bank.OpOpen:     {"callback", "status", "refund", "status_map", "recheck"},
		bank.OpStatus:   append(opening, "callback"),
		bank.OpRefund:   append(opening, "callback", "status", "status_map", "recheck"),
		bank.OpCallback: append(opening, "base_url", "certificate", "key", "ca", "environment", "timeout", "status"),
	}[op]
	if op == bank.OpCallback && len(k.settings.callback.keys) > 0 {
		unused = append(unused, "callback/public_keys") // one of several that is no key keeps nobody from trying the others
	}
	if wrong := k.settings.wrong.Besides(unused...); len(wrong) > 0 {
		return misplaced(wrong, "the bank secret of kartapokupok is wrong")
	}
	return nil
}

// Certificate says how the client certificate stands at now.
func (k *KartaPokupok) Certificate(now time.Time) exchange.Validity {
	return exchange.ValidityOf(*k.settings.pair, now)
}

// Settings of a partner. A field's name in the secret stands behind it, with the default where there is one; [inferred] marks what
// neither the brief nor a document of the bank says. No bank host is built in: public sources name two banks for a card of this name.
type settings struct {
	partner     string           // partner_id, as the bank issued it
	environment string           // environment: test or prod
	base        *url.URL         // base_url: https; the paths of the brief are added to it
	pair        *tls.Certificate // certificate and key: PEM, required
	roots       *x509.CertPool   // ca: PEM bundle, required, the only roots
	rootsEnd    time.Time        // until when any of the roots is valid
	pages       exchange.Pages   // payment_hosts: hosts that the application page may be on, required; insecure_loopback
	plainRef    bool             // order_ref: as_is (default) or plain; see reference [inferred]
	session     time.Duration    // session: life of an application, "720h" [inferred]
	timeout     time.Duration    // timeout: of one exchange with the bank, "20s"
	amounts     amountFormat     // amount_format: decimal (default), string or minor [inferred]
	terms       terms            // terms: months to the bank's code, "" = the number is sent; without it any term [inferred]
	words       words            // status_map: the bank's words to ours; the brief's five are known
	callback    scheme           // callback: see scheme [inferred, but for being a signature by the bank's private key]
	told        pointers         // callback/fields: where a callback says what [inferred]
	status      statusCall       // status [inferred]
	recheck     bool             // recheck: auto (default) or always; a proven notice counts only when Status agrees
	mustRecheck bool             // recheck: always; a bank without status call then leaves notices uncounted
	refund      refundRules      // refund [inferred]

	wrong exchange.WrongFields // all that is wrong with them
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

var (
	partnerForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	pathForm    = regexp.MustCompile(`^(?:/[A-Za-z0-9_.~-]+)+$`)
)

func readSettings(secret []byte, o Options) (settings, error) {
	f, err := exchange.ReadSecret(secret)
	if err != nil {
		return settings{}, &payment.Error{Kind: payment.Misconfigured, Message: "the bank secret of kartapokupok cannot be read", Cause: err}
	}
	recheck := f.OneOf("recheck", "auto", "auto", "always", "never")
	s := settings{
		partner:     f.Matching("partner_id", partnerForm, "the partner id that the bank issued"),
		environment: f.OneOf("environment", "", "test", "prod"),
		base:        f.Address("base_url", ""),
		pair:        f.Pair(true, o.Now()),
		pages:       f.Pages("payment_hosts", o.Stage),
		plainRef:    f.OneOf("order_ref", "as_is", "as_is", "plain") == "plain",
		session:     f.Duration("session", 720*time.Hour, time.Minute, 365*24*time.Hour),
		timeout:     f.Duration("timeout", 20*time.Second, time.Second, time.Minute),
		amounts:     amountFormat(f.OneOf("amount_format", string(asDecimal), string(asDecimal), string(asString), string(asMinor))),
		terms:       readTerms(f),
		words:       readWords(f),
		status:      readStatusCall(f.Inner("status")),
		mustRecheck: recheck == "always",
		refund:      readRefundRules(f.Inner("refund")),
	}
	s.roots, s.rootsEnd = f.Roots(true)
	s.callback, s.told = readCallback(f.Inner("callback"))
	s.recheck = s.status.on && recheck != "never"
	if s.mustRecheck && !s.status.on {
		f.Wrong("recheck", "cannot be always while status/mode is off")
	}
	s.wrong, _ = errors.AsType[exchange.WrongFields](f.Verdict())
	return s, nil
}

func readStatusCall(f *exchange.Secret) statusCall {
	c := statusCall{on: f.OneOf("mode", "on", "on", "off") == "on", path: f.Text("path")}
	if c.path == "" {
		c.path = "/installment/status"
	}
	if !pathForm.MatchString(c.path) {
		f.Wrong("path", `must be a path such as "/installment/status"`)
	}
	c.fields = readPointers(f.Inner("fields"), pointers{
		session: "/session_id", order: "/order_ref", partner: "/partner_id", status: "/status", code: "/code", reason: "/reason",
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

// owns refuses a handle that was opened under other settings: the question would go to another partner, or to the other bank.
func (k *KartaPokupok) owns(h bank.Handle) error {
	if h.Merchant != k.settings.partner || h.Environment != k.settings.environment {
		return &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed",
			Message: fmt.Sprintf("the payment was opened for partner %.40q in %.10q, and the settings are for %q in %q",
				h.Merchant, h.Environment, k.settings.partner, k.settings.environment)}
	}
	if !exchange.IsName(h.OrderID) {
		return &payment.Error{Kind: payment.Misconfigured, Message: "the payment has no session of this bank"}
	}
	return nil
}
