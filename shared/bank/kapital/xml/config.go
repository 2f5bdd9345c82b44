// Package xml takes card payments through Kapital Bank of Azerbaijan: the bank's hosted payment page and the TKKPG XML
// gateway behind it. No card data passes here.
//
// Read open.go, callback.go, status.go and refund.go for what the bank is asked; client.go for how an exchange can end;
// message.go and answer.go for the wire; config.go for the settings. "Facts" in comments are the collected wire facts about the
// gateway; where public sources differ, what differs is a setting.
package xml

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/bankday"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
)

// Gateway is one shop's terminal at the bank. It holds no payment and may be used by several goroutines at once.
type Gateway struct {
	settings settings
	client   *exchange.Client
	now      func() time.Time
	log      *slog.Logger
}

var (
	_ bank.Bank     = (*Gateway)(nil)
	_ bank.Refunder = (*Gateway)(nil)
	_ bank.Checker  = (*Gateway)(nil)
	_ bank.Examined = (*Gateway)(nil)
)

// Options is what does not stand in the shop's bank secret.
type Options struct {
	Stage string           // insecure_loopback is refused unless this is "local"
	Now   func() time.Time // certificates must be valid by it, the client's and the server's; nil = time.Now
	Log   *slog.Logger     // nil = silence
}

// maxAnswer bounds an answer of the bank in bytes. An order with fifty refunds needs about 30 KB.
const maxAnswer = 256 << 10

// New reads the bank secret of a shop, a JSON object; settings lists its fields. All wrong fields are named in one error of kind
// Misconfigured: by name, what is wrong and what would be right, never with the value of a secret. Beside it the bank is there all the
// same where anything can work. See Ready.
func New(secret []byte, o Options) (*Gateway, error) {
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
	k := &Gateway{settings: s, now: o.Now, log: o.Log, client: exchange.NewClient(exchange.Config(s.pair, s.roots, o.Now), s.timeout, maxAnswer)}
	if len(s.wrong) > 0 {
		if k.Ready(bank.OpStatus) != nil {
			k = nil // its messages prove nothing, so a terminal that cannot ask is good for nothing
		}
		return k, misplaced(s.wrong)
	}
	if v, ok := k.Certificate(o.Now()); ok && v.Ending() {
		k.log.Warn("kapital: the client certificate ends soon; ask the bank for a new one", "merchant", s.merchant, "days_left", v.DaysLeft)
	}
	return k, nil
}

// Ready says whether the fields that an operation needs are right. One that nobody knows may be a misspelt one, and stops everything.
func (k *Gateway) Ready(op bank.Operation) error {
	if k.settings.wrong == nil {
		return nil
	}
	signing, opening := []string{"callback_signature", "secret_key"}, []string{"page_hosts", "insecure_loopback", "language", "session", "order_expiration", "taksit_terms"}
	refunding := []string{"reverse_cutoff", "zone_offset", "tran_id"}
	unused := map[bank.Operation][]string{
		bank.OpOpen:   slices.Concat(signing, refunding, []string{"totals"}),
		bank.OpStatus: slices.Concat(signing, opening, refunding),
		bank.OpRefund: slices.Concat(signing, opening),
		bank.OpCallback: slices.Concat(opening, refunding, []string{"merchant_id", "environment", "endpoint", "auth", "password", "certificate", "key", "ca",
			"totals", "timeout"}),
	}[op]
	if wrong := k.settings.wrong.Besides(unused...); len(wrong) > 0 {
		return misplaced(wrong)
	}
	return nil
}

func misplaced(wrong exchange.WrongFields) error {
	return &payment.Error{Kind: payment.Misconfigured, Message: "the bank secret of kapital is wrong", Cause: wrong}
}

// Certificate says how the client certificate stands at now; false when this terminal has none.
func (k *Gateway) Certificate(now time.Time) (exchange.Validity, bool) {
	if k.settings.pair == nil {
		return exchange.Validity{}, false
	}
	return exchange.ValidityOf(*k.settings.pair, now), true
}

// Settings of a terminal. A field's name in the secret stands behind it, with the default where there is one. Hosts, certificate
// and merchant belong together: test and production differ in all of them (facts A1).
type settings struct {
	merchant    string            // merchant_id, as the bank issued it, such as E1000010
	environment string            // environment: test or prod
	endpoint    *url.URL          // endpoint: https; the brief's address of the environment
	pages       exchange.Pages    // page_hosts: hosts, with a port where it is not 443, that the payment page may be on; insecure_loopback
	auth        string            // auth: certificate (default), password or none
	password    string            // password: for auth password
	pair        *tls.Certificate  // certificate and key: PEM; nil without
	roots       *x509.CertPool    // ca: PEM bundle, then the only roots; nil = the system's
	rootsEnd    time.Time         // until when any of the roots is valid; zero without
	language    string            // language: AZ (default), EN or RU, for orders without a locale
	session     time.Duration     // session: life of a payment page, whole minutes, "20m"
	sayExpiry   bool              // order_expiration: on (default) or off, for terminals that refuse to be told
	day         bankday.Day       // zone_offset: the bank's clock, "+04:00"; reverse_cutoff: from when on a payment of the day is refunded, not reversed, "23:00"
	taksit      taksit.Terms      // taksit_terms: months of the contract for instalments
	totals      bool              // totals: on (default) or off, for terminals that refuse GetOrderInformation
	twoID       bool              // tran_id: empty (default) or two_id, the purchase's twoId in refunds
	timeout     time.Duration     // timeout: of one exchange with the bank, "20s"
	signature   *signatureSetting // callback_signature and secret_key; nil = messages are not signed

	wrong exchange.WrongFields // all that is wrong with them
}

// The words of settings that are compared in code.
const (
	authCertificate = "certificate"
	authPassword    = "password"
	authNone        = "none"

	environmentTest       = "test"
	environmentProduction = "prod"
)

var merchantForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

func readSettings(secret []byte, o Options) (settings, error) {
	read, err := exchange.ReadSecret(secret)
	if err != nil {
		return settings{}, &payment.Error{Kind: payment.Misconfigured, Message: "the bank secret of kapital cannot be read", Cause: err}
	}
	f := fields{read}
	f.Skip("gateway", "txpg") // the other gateway's
	s := settings{
		merchant:    f.Matching("merchant_id", merchantForm, "the merchant id that the bank issued, such as E1000010"),
		environment: f.OneOf("environment", "", environmentTest, environmentProduction),
		auth:        f.OneOf("auth", authCertificate, authCertificate, authPassword, authNone),
		language:    f.OneOf("language", "AZ", "AZ", "EN", "RU"),
		session:     f.Duration("session", 20*time.Minute, time.Minute, 24*time.Hour),
		day:         bankday.Read(read, "zone_offset", "reverse_cutoff"),
		taksit:      taksit.Read(read),
		sayExpiry:   f.OneOf("order_expiration", "on", "on", "off") == "on",
		totals:      f.OneOf("totals", "on", "on", "off") == "on",
		twoID:       f.OneOf("tran_id", "empty", "empty", "two_id") == "two_id",
		timeout:     f.Duration("timeout", 20*time.Second, time.Second, time.Minute),
	}
	if s.session%time.Minute != 0 {
		f.Wrong("session", "must be whole minutes, because the bank counts in minutes")
	}
	s.endpoint = f.endpoint("endpoint", defaultEndpoint(s.environment), s.auth)
	s.pages = f.Pages("page_hosts", o.Stage, defaultPages(s.environment)...)
	s.password = f.password(s.auth)
	s.pair = f.Pair(s.auth == authCertificate, o.Now())
	s.roots, s.rootsEnd = f.Roots(false)
	s.signature = f.signature()
	s.wrong, _ = errors.AsType[exchange.WrongFields](f.Verdict())
	return s, nil
}

// defaultEndpoint is the address that the brief names. Terminals of other vintages have others (facts A1): then the setting
// endpoint says which.
func defaultEndpoint(environment string) string {
	if environment == environmentProduction {
		return "https://pg.kapitalbank.az/api/order/"
	}
	return "https://tstpg.kapitalbank.az/api/order/"
}

// defaultPages are the hosts on which the payment page was seen (brief; facts A1).
func defaultPages(environment string) []string {
	if environment == environmentProduction {
		return []string{"pg.kapitalbank.az", "3dsrv.kapitalbank.az", "e-commerce.kapitalbank.az"}
	}
	return []string{"tstpg.kapitalbank.az"}
}

// owns refuses a handle that was opened under other settings: the question would go to another merchant, or to the other bank.
func (k *Gateway) owns(h bank.Handle) error {
	if h.Merchant != k.settings.merchant || h.Environment != k.settings.environment {
		return &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed",
			Message: fmt.Sprintf("the payment was opened for merchant %.40q in %.10q, and the settings are for %q in %q",
				h.Merchant, h.Environment, k.settings.merchant, k.settings.environment)}
	}
	if !orderNumber.MatchString(h.OrderID) || !exchange.IsName(h.Secret) {
		return &payment.Error{Kind: payment.Misconfigured, Message: "the payment has no order number of this bank"}
	}
	return nil
}
