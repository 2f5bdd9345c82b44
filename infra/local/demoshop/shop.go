// Package demoshop is a small real shop: a catalogue, a checkout, a page that
// the customer comes back to, and the orders with their refunds. It keeps its
// own orders and knows Kassa only by its HTTP API, so that it shows a foreign
// shop's engineer all that an integration needs.
//
// One order is one order_ref, whatever the customer's browser does: the form
// carries a token, a repeat of it is the same order, and Kassa answers a repeat
// of the order with the same payment. How a payment stands is always asked,
// never read from the address that the customer came back on.
package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/demoshop/words"
)

// Shop is one merchant of Kassa, whose key the shop site uses.
type Shop struct {
	ID       string
	APIKey   string // sk_..., never sent to a browser
	Currency string // what this merchant sells in: "AZN"
	// WebhookSecret proves that a message is Kassa's; whsec_..., empty where Kassa sends none.
	WebhookSecret string
	Name          string // as the customer reads it
	Bank          string // the bank's name in the API
	// Instalments says that this merchant sells by a cart and an application at
	// the bank, in place of a card.
	Instalments bool
	// Aside keeps this merchant off the shelves, which another of its currency has:
	// who wants to buy from it opens a product with ?shop= and its ID.
	Aside bool
	// SimulatorURL is where the pages of a simulated bank are; empty where the
	// bank is real.
	SimulatorURL string
}

// Counter is where a merchant off the shelves sells: the first product of its currency, or nothing.
func (s Shop) Counter() string {
	for _, p := range goods.All().In(s.Currency) {
		return "/products/" + p.SKU + "?" + url.Values{"shop": {s.ID}}.Encode()
	}
	return ""
}

// Options are what the shop is made of.
type Options struct {
	Shops     []Shop
	APIURL    string           // base of Kassa's API, http://127.0.0.1:8081
	PublicURL string           // where browsers find this shop, http://127.0.0.1:8080
	DataFile  string           // the shop's own orders, one bbolt file
	Now       func() time.Time // nil means time.Now
	Client    *http.Client     // calls the API; nil means one with a 30 s limit that follows no redirects
}

// Site is the shop as an http.Handler. It is safe for concurrent use.
type Site struct {
	shops    []Shop
	products goods.Catalogue
	kassa    kassa
	orders   books.Books
	now      func() time.Time
	wait     func(context.Context, time.Duration) error
	inbox    *inbox.Inbox
	texts    words.Table
	pages    map[string]pages // by language
	public   *url.URL
	api      string // origin, for the page that polls
	handler  http.Handler
}

// New opens the shop's orders and reads its pages. Its errors say which option
// to correct. Close it when done.
func New(o Options) (*Site, error) {
	public, err := baseURL("PublicURL", o.PublicURL)
	if err != nil {
		return nil, err
	}
	api, err := baseURL("APIURL", o.APIURL)
	if err != nil {
		return nil, err
	}
	if err := checkShops(o.Shops); err != nil {
		return nil, err
	}
	texts, err := words.Read()
	if err != nil {
		return nil, err
	}
	rendered, err := loadPages(texts)
	if err != nil {
		return nil, err
	}
	store, err := books.Open(o.DataFile)
	if err != nil {
		return nil, err
	}
	s := &Site{
		shops: o.Shops, products: goods.All(), orders: store, texts: texts, pages: rendered, now: o.Now, wait: pause,
		kassa: kassa{base: api.String(), client: o.Client}, public: public, api: origin(api),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.kassa.client == nil {
		s.kassa.client = &http.Client{Timeout: 30 * time.Second, CheckRedirect: followNothing}
	}
	if s.inbox, err = s.openInbox(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.handler = s.guard(s.routes())
	return s, nil
}

// openInbox opens the way by which Kassa tells the shops that have a secret for it.
func (s *Site) openInbox() (*inbox.Inbox, error) {
	secrets := map[string]string{}
	for _, shop := range s.shops {
		if shop.WebhookSecret != "" {
			secrets[shop.ID] = shop.WebhookSecret
		}
	}
	return inbox.Open(s.orders.DB, secrets, s.now)
}

// Inbox is where this shop hears from Kassa.
func (s *Site) Inbox() *inbox.Inbox { return s.inbox }

// WebhookPath is where a shop's messages are to be sent, below the site's address.
func WebhookPath(shop string) string { return "/webhooks/kassa/" + shop }

// Close ends the shop and frees its data file.
func (s *Site) Close() error { return s.orders.DB.Close() }

// ServeHTTP serves the shop's pages.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// routes are all addresses of the shop. What changes anything is a POST.
func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showCatalogue)
	mux.HandleFunc("GET /in/{currency}", s.showMarket)
	mux.HandleFunc("GET /products/{sku}", s.showProduct)
	mux.HandleFunc("GET /cart", s.showCart)
	mux.HandleFunc("POST /cart", s.changeCart)
	mux.HandleFunc("GET /instalments", s.showApplication)
	mux.HandleFunc("POST /instalments", s.apply)
	mux.HandleFunc("GET /instalments/{order}", s.showApplicationAgain)
	mux.HandleFunc("POST /instalments/{order}", s.applyAgain)
	mux.HandleFunc("POST /checkout", s.checkout)
	mux.HandleFunc("POST /pay/{order}", s.payAgain)
	mux.HandleFunc("GET /return/{order}", s.showReturn)
	mux.HandleFunc("GET /orders", s.listOrders)
	mux.HandleFunc("GET /orders/{order}", s.showOrder)
	mux.HandleFunc("POST /orders/{order}/refunds", s.refund)
	mux.HandleFunc("POST /orders/{order}/cancel", s.cancel)
	mux.HandleFunc("POST /language", s.speak)
	mux.HandleFunc("GET /messages", s.showMessages)
	mux.HandleFunc("POST /messages/faults", s.failMessages)
	mux.HandleFunc("POST "+WebhookPath("{shop}"), s.inbox.Receive)
	mux.Handle(inbox.ControlPath, s.inbox.Control())
	mux.Handle(inbox.ControlPath+"/", s.inbox.Control())
	mux.Handle("GET /static/", staticFiles())
	mux.HandleFunc("/", s.notFound)
	return mux
}

// maxForm is far above any form of ours.
const maxForm = 16 << 10

// guard stands before every page: the shop answers under its own name only (so
// no other name can be pointed at it), takes forms only from its own pages, and
// tells the browser to run nothing but its own files.
func (s *Site) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(s.foreignForm))
	inner := sameOrigin.Handler(next)
	policy := s.contentPolicy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case r.Host == s.public.Host:
			if !strings.HasPrefix(r.URL.Path, WebhookPath("")) { // a message is larger, and capped where it is read
				r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			}
			inner.ServeHTTP(w, r)
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			//nolint:gosec // G710: always to our own origin
			http.Redirect(w, r, s.address(r.URL.RequestURI()), http.StatusTemporaryRedirect)
		default:
			http.Error(w, "This shop is at "+s.public.String(), http.StatusMisdirectedRequest)
		}
	})
}

// contentPolicy lets a form's answer lead on to the bank's page: browsers apply
// form-action to the redirects after a form as well. A bank is https; the
// simulator is on this machine, on ports of its own.
func (s *Site) contentPolicy() string {
	formAction := "'self' https:"
	for _, shop := range s.shops {
		simulator, err := baseURL("SimulatorURL", shop.SimulatorURL)
		if err != nil {
			continue
		}
		if source := " " + simulator.Scheme + "://" + simulator.Hostname() + ":*"; !strings.Contains(formAction, source) {
			formAction += source
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors " +
		"'none'; " +
		"connect-src 'self' " + s.api + "; form-action " + formAction
}

// address is a page of this shop as the outside world writes it.
func (s *Site) address(path string) string { return origin(s.public) + path }

// shop is one of the merchants by its id, which stands in an order.
func (s *Site) shop(id string) (Shop, error) {
	for _, shop := range s.shops {
		if shop.ID == id {
			return shop, nil
		}
	}
	return Shop{}, fmt.Errorf("demoshop: no shop %q is configured", id)
}

// checkShops refuses a shop that could not sell.
func checkShops(shops []Shop) error {
	if len(shops) == 0 {
		return errors.New("demoshop: Options.Shops is empty; give at least one shop with its API key")
	}
	for _, shop := range shops {
		if shop.ID == "" || shop.APIKey == "" || shop.Currency == "" || shop.Bank == "" {
			return fmt.Errorf("demoshop: shop %q needs an ID, an APIKey, a Currency and a Bank", shop.ID)
		}
	}
	return nil
}

// baseURL reads an address of the options, which the error names.
func baseURL(option, address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("demoshop: Options.%s must be an http or https address, not %q", option, address)
	}
	return u, nil
}

// origin is an address as a browser names who asks.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// followNothing keeps the shop's key from being sent to wherever an answer points.
func followNothing(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// pause waits for a time that the API asked for.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
