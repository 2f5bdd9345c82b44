package demoshop

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stand is a shop over real HTTP with a fake Kassa behind it and a browser, with
// its cookies, in front.
type stand struct {
	t       *testing.T
	kassa   *fakeKassa
	site    *Site
	server  *httptest.Server
	browser *http.Client
	options Options
	waits   []time.Duration // what Retry-After made the shop wait for
}

func newStand(t *testing.T) *stand {
	s := &stand{t: t, kassa: newFakeKassa(t)}
	s.options = Options{
		Shops: []Shop{
			{ID: "demo-az", APIKey: testKey, Currency: "AZN", Name: "Nar <b>& Co", Bank: "kapital",
				SimulatorURL: "http://127.0.0.1:8083", WebhookSecret: hookSecret},
			{ID: "demo-by", APIKey: testKey, Currency: "BYN", Name: "Nar", Bank: "kartapokupok", Instalments: true,
				SimulatorURL: "http://127.0.0.1:8086"},
		},
		APIURL: s.kassa.URL, DataFile: filepath.Join(t.TempDir(), "shop.db"),
		Now: func() time.Time { return time.Date(2026, 3, 1, 9, 0, 30, 0, time.UTC) },
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar, CheckRedirect: followNothing}
	s.open()
	return s
}

// open starts the shop on its data file.
func (s *stand) open() {
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.site.ServeHTTP(w, r)
	}))
	s.server.Start()
	s.options.PublicURL = s.server.URL
	site, err := New(s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	site.wait = func(_ context.Context, d time.Duration) error {
		s.waits = append(s.waits, d)
		return nil
	}
	s.site = site
	server := s.server
	s.t.Cleanup(func() {
		server.Close()
		if err := site.Close(); err != nil {
			s.t.Error(err)
		}
	})
}

// answer is what the browser got.
type answer struct {
	status   int
	location string
	header   http.Header
	html     string
}

func (s *stand) do(req *http.Request) answer {
	s.t.Helper()
	resp, err := s.browser.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		s.t.Fatal(err)
	}
	return answer{status: resp.StatusCode, location: resp.Header.Get("Location"), header: resp.Header, html: string(body)}
}

func (s *stand) get(path string) answer {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(req)
}

func (s *stand) post(path string, form url.Values) answer {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

// checkoutForm opens the product's page as a customer would.
func (s *stand) checkoutForm(quantity string) url.Values {
	s.t.Helper()
	html := s.get("/products/armudu").html
	return url.Values{"form": {field(s.t, html, "form")}, "sku": {"armudu"}, "currency": {"AZN"}, "quantity": {quantity}}
}

// order places order 10001 with an attempt of these fields.
func (s *stand) order(fields object) string {
	s.t.Helper()
	if got := s.post("/checkout", s.checkoutForm("1")); got.status != http.StatusSeeOther {
		s.t.Fatalf("checkout: %d\n%s", got.status, got.html)
	}
	s.kassa.set("10001", fields)
	return "10001"
}

// follow makes a form's answer a page, as the browser does.
func (s *stand) follow(a answer) answer {
	s.t.Helper()
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/") {
		s.t.Fatalf("want a redirect into the shop, got %d %q\n%s", a.status, a.location, a.html)
	}
	return s.get(a.location)
}

func (a answer) has(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(a.html, part) {
			t.Errorf("the page lacks %q:\n%s", part, a.html)
		}
	}
}

func (a answer) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(a.html, part) {
			t.Errorf("the page has %q:\n%s", part, a.html)
		}
	}
}

func TestPagesTellBrowsersToRunNothingForeign(t *testing.T) {
	s := newStand(t)
	s.order(nil)
	for _, path := range []string{"/", "/in/BYN", "/products/armudu", "/products/abrus", "/cart", "/return/10001",
		"/orders", "/orders/10001", "/messages", "/nowhere"} {
		a := s.get(path)
		policy := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self' " +
			s.kassa.URL + ";", "form-action 'self' https: http://127.0.0.1:*"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %q", path, policy, part)
			}
		}
		a.lacks(t, "<style", "style=", "onclick", "<script>", "src=\"http", testKey, "<b>& Co")
		a.has(t, "Nar &lt;b&gt;&amp; Co", `<html lang="en">`, "<main", "viewport")
	}
	if a := s.get("/products/armudu"); a.header.Get("Cache-Control") == "no-store" {
		t.Error("the product page must survive the way back from the bank, with its form")
	}
	if a := s.get("/return/10001"); a.header.Get("Cache-Control") != "no-store" {
		t.Error("a page with a client token must not be stored")
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := newStand(t)
	form := s.checkoutForm("1")
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"http://127.0.0.1:1"}}} {
		req, err := http.NewRequest(http.MethodPost, s.server.URL+"/checkout", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if a := s.do(req); a.status != http.StatusForbidden {
			t.Errorf("%v: %d, want 403", header, a.status)
		}
	}
	if n := len(s.kassa.calls("POST pay")); n != 0 {
		t.Errorf("%d payments were opened", n)
	}
}

func TestTheShopAnswersUnderItsOwnNameOnly(t *testing.T) {
	s := newStand(t)
	for method, want := range map[string]int{http.MethodGet: http.StatusTemporaryRedirect,
		http.MethodPost: http.StatusMisdirectedRequest} {
		req, err := http.NewRequest(method, s.server.URL+"/orders?before=3", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "rebound.example"
		a := s.do(req)
		if a.status != want || method == http.MethodGet && a.location != s.server.URL+"/orders?before=3" {
			t.Errorf("%s: %d %q, want %d", method, a.status, a.location, want)
		}
	}
}

func TestStaticFilesAndUnknownPages(t *testing.T) {
	s := newStand(t)
	for path, want := range map[string]string{"/static/shop.css": "text/css", "/static/shop.js": "text/javascript",
		"/static/nar.svg": "image/svg+xml", "/static/instalments.js": "text/javascript"} {
		if a := s.get(path); a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), want) {
			t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"/products/none", "/return/9", "/return/x", "/orders/99999999999999999999",
		"/static/none.css", "/x", "/in/EUR", "/instalments/1"} {
		if a := s.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, a.status)
		}
	}
}

func TestNewSaysWhichOptionIsWrong(t *testing.T) {
	good := newStand(t).options
	good.DataFile = filepath.Join(t.TempDir(), "other.db")
	for want, spoil := range map[string]func(*Options){
		"PublicURL": func(o *Options) { o.PublicURL = "127.0.0.1:8080" },
		"APIURL":    func(o *Options) { o.APIURL = "" },
		"Shops":     func(o *Options) { o.Shops = nil },
		"APIKey":    func(o *Options) { o.Shops = []Shop{{ID: "demo-az", Currency: "AZN"}} },
		"a Bank":    func(o *Options) { o.Shops = []Shop{{ID: "demo-az", APIKey: "k", Currency: "AZN"}} },
		"secret of": func(o *Options) {
			o.Shops = []Shop{{ID: "a", APIKey: "k", Currency: "AZN", Bank: "b", WebhookSecret: "whsec_?"}}
		},
		"orders in": func(o *Options) { o.DataFile = filepath.Join(t.TempDir(), "no", "such", "folder") },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

// TestAMerchantOffTheShelvesIsAskedForByName: two merchants of one currency are one shelf, and a form sells for the one
// that it names.
func TestAMerchantOffTheShelvesIsAskedForByName(t *testing.T) {
	s := newStand(t)
	s.site.shops = append(s.site.shops, Shop{ID: "aside", APIKey: testKey, Currency: "AZN", Name: "Aside", Aside: true,
		Bank: "kapital", SimulatorURL: "http://127.0.0.1:8088"})
	if n := strings.Count(s.get("/").html, `href="/in/AZN"`); n != strings.Count(s.get("/in/BYN").html, `href="/in/BYN"`) {
		t.Errorf("%d shelves in AZN", n)
	}
	if html := s.get("/").html; !strings.Contains(html, `<a href="/products/`) || !strings.Contains(html, `?shop=aside"`) {
		t.Error("the foot of the page does not lead to the merchant off the shelves")
	}
	if html := s.get("/products/armudu?shop=aside").html; field(t, html, "shop") != "aside" {
		t.Error("the form does not name its merchant")
	}
	for i, c := range []struct{ asked, sold string }{{"", "demo-az"}, {"aside", "aside"}, {"nobody", "demo-az"}} {
		form := s.checkoutForm("1")
		form.Set("shop", c.asked)
		s.post("/checkout", form)
		o, err := s.site.orders.Get(uint64(10001 + i))
		if err != nil || o.ShopID != c.sold {
			t.Errorf("asked for %q, sold by %q (%v)", c.asked, o.ShopID, err)
		}
	}
}
