package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// turned is the mark that turns around what stands behind it.
const turned = "\u202e"

// poison is a text that others wrote: it would be a formula, run a script, turn a line around, and be wide.
func poison(begins string) string {
	return begins + `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}` + turned + "&lt;" +
		strings.Repeat("W", 40)
}

// poisoned is a payment of which every text is hostile that the bank, the shop or the customer has written.
func (w *world) poisoned() payment.Payment {
	w.t.Helper()
	p := w.order("=H-1", 15000, start, taken(14000), dead(3))
	p.OrderRef, p.Description, p.BankStatus, p.BankCode = poison("=1+1"), poison("@"), poison("APPROVED"), poison("-1")
	p.Metadata = map[string]string{poison("+"): poison("=")}
	p.Receipt.RRN, p.Receipt.ApprovalCode, p.Receipt.Brand = poison("="), poison("="), poison("=")
	p.Handle.OrderID, p.Handle.Account.Merchant = poison("="), poison("=")
	p.Decline = payment.Decline{Code: poison("=")}
	p.Refunds = []payment.Refund{{ID: payment.RefundID(p.ID, "k"), Amount: 100, Status: payment.RefundSucceeded,
		Origin: payment.OriginShop, By: "shop:" + poison("="), Reason: poison("="), Reference: poison("="),
		BankRefundID: poison("="), Code: poison("="), RequestedAt: start, SettledAt: start}}
	p.Refunded, p.Status = 100, payment.PartiallyRefunded
	for i := range p.History {
		p.History[i].Code, p.History[i].By = poison("="), "shop:"+poison("=")
	}
	p.Resolutions = []payment.Resolution{{Sequence: 2, At: start, How: payment.ResolveDismiss, Why: poison("="),
		By: "operator:" + poison("=")}}
	for i := range p.Deliveries {
		p.Deliveries[i].Code = poison("=")
	}
	p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: 2, State: delivery.Dead, Tries: 3, Code: poison("=")})
	p, err := w.store.Save(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// TestHostileWords do nothing on any page, and turn nothing around but themselves; no cell of a sheet is a formula.
func TestHostileWords(t *testing.T) {
	w := open(t, true)
	p := w.poisoned()
	w.banks["kapital"] = answers{said: bank.Report{State: payment.BankRefunded, Word: poison("="), Code: poison("="),
		Amount: payment.Money{Minor: 13000, Currency: payment.AZN}, Refunded: payment.Said(2000)}}
	c := w.enter()
	paid := "/payments/" + p.ID.String()
	pages := []page{w.post(c, w.get(c, http.StatusOK, paid), paid+"/ask", url.Values{})}
	order := `"` + strings.ReplaceAll(poison("="), `"`, `""`) + `"`
	w.compare(c, "2026-11-23", columns+order+",,10.00,AZN,Purchase,23.11.2026\n")
	pages = append(pages, w.ended(c))
	w.compare(c, "2026-11-23", "")
	w.ended(c)
	typed := url.QueryEscape(poison(""))
	for _, path := range []string{"/today", "/payments", paid, paid + "/refund", "/reviews", "/deliveries",
		"/reconciliation", paid + "/evidence", "/reconciliation/report.html", paid + "/decide/amount",
		"/payments?find=" + typed, "/payments?status=" + typed} {
		for _, language := range []string{"ru", "en"} {
			with := "?"
			if strings.Contains(path, "?") {
				with = "&"
			}
			pages = append(pages, fetch(t, c, w.request(http.MethodGet, path+with+"language="+language, "")))
		}
	}
	for _, one := range pages {
		harmless(t, one)
	}
	for _, path := range []string{"/payments.csv?from=2026-11-23", "/reconciliation/report.csv"} {
		for line := range strings.SplitSeq(w.get(c, http.StatusOK, path).body, "\r\n") {
			if regexp.MustCompile(`(^|,)"?[=+@]`).MatchString(line) {
				t.Errorf("%s has a formula: %.300s", path, line)
			}
		}
	}
}

// harmless holds that a page has no element, and no change of direction beyond its own element, that others wrote.
func harmless(t *testing.T, p page) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	if p.status >= 500 {
		t.Errorf("%s answers %d", p.url, p.status)
	}
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "img",
			n.Type == html.ElementNode && n.Data == "script" && n.FirstChild != nil && !strings.Contains(p.url, "evidence"):
			t.Errorf("%s has an element that others wrote: %s", p.url, n.Data)
		case n.Type == html.TextNode && strings.Contains(n.Data, turned) && !apart(n):
			t.Errorf("%s is turned around within <%s>: %.90q", p.url, n.Parent.Data, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has %s", p.url, a.Key)
			}
		}
	}
}

// apart says whether a text stands alone in what keeps its direction to itself: an element of its own, or marks around
// it.
func apart(n *html.Node) bool {
	at := strings.Index(n.Data, turned)
	if open := strings.LastIndex(n.Data[:at], "\u2068"); open >= 0 && strings.Contains(n.Data[at:], "\u2069") {
		return true
	}
	own := slices.Contains([]string{"bdi", "code", "title", "option", "script", "input"}, n.Parent.Data)
	return own || slices.Contains(n.Parent.Attr, html.Attribute{Key: "dir", Val: "auto"})
}
