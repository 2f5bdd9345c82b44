package txpg

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/bankday"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// Settings of a terminal. A field's name in the section txpg of the secret stands behind it, with the default where
// there is one. Hosts, login and merchant belong together: test and production differ in all of them.
//
// Of Setup: environment of the secret: test or prod; merchant_id: terminal or merchant as the bank issued it, such as
// E1000010; base_url: https, the environment's; ca: PEM bundle, then the only roots; timeout: of one call, "20s";
// page_hosts: hosts that the payment page may be on, the environment's and that of base_url, and insecure_loopback of
// the secret.
type settings struct {
	exchange.Setup
	login      *url.Userinfo      // login, such as TerminalSys/kapital, and password
	pagePath   string             // page_path: last part of the page's path, "flex"; "" = as the bank gives it
	language   string             // language: az (default), en or ru, for orders without a locale
	session    time.Duration      // session: how long a page counts as open here, "20m"; the bank is not told
	purchase   string             // order_types/purchase: what the terminal calls a purchase, "Order_SMS"
	currencies []payment.Currency // currencies: that the terminal takes, [AZN]
	taksit     []int              // taksit_terms: months of the contract for instalments, []
	reference  string             // merchant_reference: what holds ours: off (default), ridByMerchant or custAttrs:F104

	words map[string]string // status_words: further spellings of the order's statuses, each with the one that it means

	day       bankday.Day // zone: the bank's clock, "+04:00"; void_until: until when the whole is voided, "23:00"
	voidFirst bool        // refund_same_day: void_first (default) or refund_first, for the whole on its bank day
}

const environmentProduction = "prod"

const alphanumeric = ascii.Letters + ascii.Digits

func isMerchant(text string) bool { return ascii.Only(text, alphanumeric+"_.-", 1, 40) }

func isType(text string) bool { return ascii.Word(text, ascii.Letters, alphanumeric+"_", 40) }

func isPath(text string) bool { return ascii.Only(text, alphanumeric+"_-", 0, 40) }

func isReference(text string) bool {
	attribute, named := strings.CutPrefix(text, "custAttrs:")
	return text == "" || text == "off" || text == "ridByMerchant" ||
		named && ascii.Only(attribute, alphanumeric+"_", 1, 20)
}

func readSettings(secret []byte, o Options) (settings, error) {
	read, err := exchange.ReadSecret("kapital", secret)
	if err != nil {
		return settings{}, err
	}
	s := settings{Setup: exchange.Setup{
		Bank: "kapital", Title: "Kapital Bank", Called: "merchant", Longest: maxAnswer, Known: known, Unused: unused(),
		Account: bank.Account{Environment: read.OneOf("environment", "", "test", environmentProduction), Gateway: Section},
		Fields:  exchange.Fields{Address: "base_url of txpg", Trust: "ca of txpg", Pages: "page_hosts of txpg"},
	}}
	host := "txpgtst.kapitalbank.az"
	if s.Account.Environment == environmentProduction {
		host = "e-commerce.kapitalbank.az"
	}
	if !read.Holds(Section) {
		read.Wrong(Section, "is missing; with gateway txpg the settings of the JSON gateway stand there")
	}
	f := read.Inner(Section)
	s.Account.Merchant = f.Matching("merchant_id", isMerchant,
		"the terminal or merchant id that the bank issued, such as E1000010")
	s.Address = f.Address("base_url", "https://"+host+"/api")
	s.login = readLogin(f)
	s.Roots, s.RootsEnd = f.Roots(false)
	s.Timeout = f.Duration("timeout", 20*time.Second, time.Second, time.Minute)
	s.Pages = exchange.Pages{Hosts: f.Hosts("page_hosts", exchange.BesideGateway(s.Address, host)...),
		Loopback: read.Loopback(o.Stage)}
	if s.pagePath = f.TextOr("page_path", "flex"); !isPath(s.pagePath) {
		f.Wrong("page_path", `must be the last part of the page's path, such as "flex"`)
	}
	s.language = f.OneOf("language", "az", "az", "en", "ru")
	s.session = f.Duration("session", 20*time.Minute, time.Minute, 24*time.Hour)
	types := f.Inner("order_types")
	if s.purchase = types.TextOr("purchase", "Order_SMS"); !isType(s.purchase) {
		types.Wrong("purchase", "must be the type of a purchase as the bank calls it, such as Order_SMS")
	}
	types.Rest()
	s.currencies = f.Currencies("currencies", payment.AZN, payment.USD, payment.EUR)
	s.taksit = taksit.Read(f)
	s.reference = f.Text("merchant_reference")
	if !isReference(s.reference) {
		f.Wrong("merchant_reference", "must be one of: off, ridByMerchant, custAttrs:F104")
	}
	s.words = readWords(f)
	s.day = bankday.Read(f, "zone", "void_until")
	s.voidFirst = f.OneOf("refund_same_day", "void_first", "void_first", "refund_first") == "void_first"
	f.Rest()
	read.Skip() // the rest is the other gateway's
	s.Wrong, _ = errors.AsType[exchange.WrongFields](read.Verdict())
	return s, nil
}

// readLogin takes login and password, which stay as they are: the login's slash is part of it. HTTP Basic ends the
// login at a colon.
func readLogin(f *exchange.Secret) *url.Userinfo {
	login, password := f.Text("login"), f.Text("password")
	if !exchange.IsName(login) || strings.Contains(login, ":") {
		f.Wrong("login", "must be the login that the bank issued, such as TerminalSys/kapital")
	}
	if password == "" || !strict.Printable(password) {
		f.Wrong("password", "must be the password that the bank issued with the login")
	}
	return url.UserPassword(login, password)
}

func readWords(f *exchange.Secret) map[string]string {
	words := f.Words("status_words")
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(meanings())), func(word string) bool { return word == "Funded" })
	for word, means := range words {
		if _, is := meanings()[word]; is || !isWord(word) {
			f.Wrong("status_words", "must name words of the bank that Kassa does not know")
		}
		if !slices.Contains(known, means) {
			f.Wrong("status_words", "must give each word one of: "+strings.Join(known, ", "))
		}
	}
	return words
}
