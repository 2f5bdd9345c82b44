// Package xml takes card payments through Kapital Bank of Azerbaijan: the bank's hosted payment page and the TKKPG XML
// gateway behind it. No card data passes here.
//
// Read open.go, callback.go, status.go and refund.go for what the bank is asked; client.go for how an exchange can end;
// document.go, message.go and answer.go for the wire; config.go for the settings. Where public sources about the
// gateway differ, what differs is a setting.
package xml

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/bankday"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// Gateway is one shop's terminal at the bank. It holds no payment and may be used by several goroutines at once.
type Gateway struct {
	*exchange.Terminal
	settings settings
	profile  func() bank.Profile // made once: it changes with the secret alone
}

var _ bank.Bank = (*Gateway)(nil)

// Profile is the terminal as its settings have it. The page has three languages; Belarusian readers get Russian.
func (k *Gateway) Profile() bank.Profile { return k.profile() }

func (k *Gateway) settled() bank.Profile {
	return k.Settled(bank.Profile{
		Currencies: k.settings.currencies, Locales: []string{"az", "ru", "en"}, PageLife: k.settings.session,
		Terms: bank.Terms{Months: k.settings.taksit}, Status: true, Refunds: true, Rules: taksit.Rules, Probe: k.probe,
		Zone: k.settings.day.Zone,
	})
}

// Options is what does not stand in the shop's bank secret.
type Options = exchange.Options

// maxAnswer bounds an answer of the bank in bytes. An order with fifty refunds needs about 30 KB.
const maxAnswer = 256 << 10

// New reads the bank secret of a shop, a JSON object; settings lists its fields. All wrong fields are named in one
// error of kind Misconfigured: by name, what is wrong and what would be right, never with the value of a secret. Beside
// it the bank is there all the same where anything can work: the profile says what cannot.
func New(secret []byte, o Options) (*Gateway, error) {
	o = o.Filled()
	s, err := readSettings(secret, o)
	if err != nil {
		return nil, err
	}
	k := &Gateway{settings: s}
	k.Terminal, k.profile = exchange.NewTerminal(&k.settings.Setup, o), sync.OnceValue(k.settled)
	if err = k.Wrong(); err != nil && k.Ready(bank.OpStatus) != nil {
		k = nil // its messages prove nothing, so a terminal that cannot ask is good for nothing
	}
	return k, err
}

// unused are the fields that an operation has no part in.
func unused() map[bank.Operation][]string {
	signing, opening := []string{"callback_signature", "secret_key"},
		[]string{"page_hosts", "insecure_loopback", "language", "session", "order_expiration", "currencies",
			"taksit_terms"}
	refunding := []string{"reverse_cutoff", "zone_offset", "tran_id"}
	return map[bank.Operation][]string{
		bank.OpOpen:   slices.Concat(signing, refunding, []string{"totals"}),
		bank.OpStatus: slices.Concat(signing, opening, refunding),
		bank.OpRefund: slices.Concat(signing, opening),
		bank.OpRead: slices.Concat(opening, refunding, []string{"merchant_id", "environment", "endpoint", "auth",
			"password", "certificate", "key", "ca",
			"totals", "timeout"}),
	}
}

// Settings of a terminal. A field's name in the secret stands behind it, with the default where there is one. Hosts,
// certificate and merchant belong together: test and production differ in all of them.
//
// Of Setup: merchant_id, as the bank issued it, such as E1000010; environment: test or prod; endpoint: https, the
// brief's address of the environment; page_hosts: hosts, with a port where it is not 443, that the payment page may be
// on, those of the brief and that of endpoint, and insecure_loopback; certificate and key: PEM; ca: PEM bundle, then
// the only roots; timeout: of one exchange, "20s".
type settings struct {
	exchange.Setup
	auth      string        // auth: certificate (default), password or none
	password  string        // password: for auth password
	language  string        // language: AZ (default), EN or RU, for orders without a locale
	session   time.Duration // session: life of a payment page, whole minutes, "20m"
	sayExpiry bool          // order_expiration: on (default) or off, for terminals that refuse to be told
	// zone_offset: the bank's clock, "+04:00"; reverse_cutoff: from when on a payment of the day is refunded, not
	// reversed, "23:00"
	day        bankday.Day
	currencies []payment.Currency // currencies: that the terminal takes, [AZN]
	taksit     []int              // taksit_terms: months of the contract for instalments
	totals     bool               // totals: on (default) or off, for terminals that refuse GetOrderInformation
	twoID      bool               // tran_id: empty (default) or two_id, the purchase's twoId in refunds
	signature  *signatureSetting  // callback_signature and secret_key; nil = messages are not signed
}

// The words of settings that are compared in code.
const (
	authCertificate = "certificate"
	authPassword    = "password"
	authNone        = "none"

	environmentTest       = "test"
	environmentProduction = "prod"
)

func isMerchant(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"_.-", 1, 40) }

func readSettings(secret []byte, o Options) (settings, error) {
	read, err := exchange.ReadSecret("kapital", secret)
	if err != nil {
		return settings{}, err
	}
	f := fields{read}
	f.Skip("gateway", "txpg") // the other gateway's
	s := settings{
		Setup: exchange.Setup{
			Bank: "kapital", Title: "Kapital Bank", Called: "merchant", Longest: maxAnswer,
			Known: known, Unused: unused(),
			Account: bank.Account{
				Merchant:    f.Matching("merchant_id", isMerchant, "the merchant id that the bank issued, such as E1000010"),
				Environment: f.OneOf("environment", "", environmentTest, environmentProduction),
			},
			Timeout: f.Duration("timeout", 20*time.Second, time.Second, time.Minute),
			Fields:  exchange.Fields{Address: "endpoint and auth", Trust: "certificate, key and ca", Pages: "page_hosts"},
		},
		auth:       f.OneOf("auth", authCertificate, authCertificate, authPassword, authNone),
		language:   f.OneOf("language", "AZ", "AZ", "EN", "RU"),
		session:    f.Duration("session", 20*time.Minute, time.Minute, 24*time.Hour),
		day:        bankday.Read(read, "zone_offset", "reverse_cutoff"),
		currencies: read.Currencies("currencies", payment.AZN, payment.USD, payment.EUR),
		taksit:     taksit.Read(read),
		sayExpiry:  f.OneOf("order_expiration", "on", "on", "off") == "on",
		totals:     f.OneOf("totals", "on", "on", "off") == "on",
		twoID:      f.OneOf("tran_id", "empty", "empty", "two_id") == "two_id",
	}
	if s.session%time.Minute != 0 {
		f.Wrong("session", "must be whole minutes, because the bank counts in minutes")
	}
	s.Address = f.endpoint("endpoint", defaultEndpoint(s.Account.Environment), s.auth)
	s.Pages = f.Pages("page_hosts", o.Stage, exchange.BesideGateway(s.Address, defaultPages(s.Account.Environment)...)...)
	s.password = f.password(s.auth)
	s.Pair = f.Pair(s.auth == authCertificate, o.Now())
	s.Roots, s.RootsEnd = f.Roots(false)
	s.signature = f.signature()
	s.Wrong, _ = errors.AsType[exchange.WrongFields](f.Verdict())
	return s, nil
}

// defaultEndpoint is the address that the brief names. Terminals of other vintages have others: then the setting
// endpoint says which.
func defaultEndpoint(environment string) string {
	if environment == environmentProduction {
		return "https://pg.kapitalbank.az/api/order/"
	}
	return "https://tstpg.kapitalbank.az/api/order/"
}

// defaultPages are the hosts on which the payment page was seen (brief).
func defaultPages(environment string) []string {
	if environment == environmentProduction {
		return []string{"pg.kapitalbank.az", "3dsrv.kapitalbank.az", "e-commerce.kapitalbank.az"}
	}
	return []string{"tstpg.kapitalbank.az"}
}

// known says whether the ids of a handle can be this gateway's.
func known(h bank.Handle) bool {
	return isOrder(h.OrderID) && exchange.IsName(h.Private)
}

// fields reads the settings that only this bank has.
type fields struct{ *exchange.Secret }

// passwordPath is the gateway's other door.
const passwordPath = "/ExecPasswordAuth"

// endpoint reads the address of the gateway. With auth password a path that is not the password door is replaced by it.
func (f fields) endpoint(name, fallback, auth string) *url.URL {
	u := f.Address(name, fallback)
	if u != nil && auth == authPassword && !strings.HasSuffix(strings.ToLower(u.Path), strings.ToLower(passwordPath)) {
		u.Path = passwordPath
	}
	return u
}

func (f fields) password(auth string) string {
	value := f.Text("password")
	if auth == authPassword && value == "" {
		f.Wrong("password", "is missing; auth password needs it")
	}
	return value
}
