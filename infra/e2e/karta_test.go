package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/stack"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// The customer of every application. These texts go to the bank and nowhere else, which the audit of the run holds
// true.
const (
	customerFirst = "Зязюлька"
	customerLast  = "Kanarejkavich"
	customerPhone = "+375447319265"
	customerEmail = "zjazjulka@pastushok.example"
)

// customerTexts are what nothing may hold: the phone number in any form that ends in its digits.
func customerTexts() []string {
	return []string{customerFirst, customerLast, strings.TrimPrefix(customerPhone, "+"), customerEmail}
}

// noStatusCall is a bank that cannot be asked: the signature alone counts.
var noStatusCall = map[string]any{"mode": "off"}

// borrower is the world as the shop that sells by instalments and its customers see it.
type borrower struct{ world }

func (w world) borrower() borrower {
	b := borrower{w}
	b.shop.bearer = w.Info.Shops[1].APIKey
	return b
}

// switched gives the common stack to a test that turns the bank's switches, and turns them back.
func switched(t *testing.T) borrower {
	t.Helper()
	b := shared(t).borrower()
	t.Cleanup(func() {
		if err := b.KartaPokupok.Reset(false); err != nil {
			t.Error(err)
		}
	})
	return b
}

// aloneByInstalments starts a stack whose bank secret has these settings laid over it.
func aloneByInstalments(t *testing.T, settings map[string]any) borrower {
	t.Helper()
	return alone(t, stack.Config{BankSettings: map[string]map[string]any{"kartapokupok": settings}}).borrower()
}

func (b borrower) ref(t testing.TB, n int) string {
	ref := refOf(t, n)
	b.note(ref)
	return ref
}

func (b borrower) note(ref string) {
	b.watch.mu.Lock()
	defer b.watch.mu.Unlock()
	b.watch.applied = append(b.watch.applied, ref)
}

// application is the body of POST /v1/payments for twelve months.
func application(ref, shopURL string, amount int64) map[string]any {
	body := order(ref, shopURL, amount)
	maps.Copy(body, map[string]any{
		"bank": "kartapokupok", "currency": "BYN", "term": 12,
		"items": []map[string]any{{"sku": "abrus", "name": "Abrus linen set", "quantity": 2, "unit_amount": amount / 2}},
		"customer": map[string]string{"first_name": customerFirst, "last_name": customerLast, "phone": customerPhone,
			"email": customerEmail},
	})
	return body
}

// apply opens an application for 120.00 BYN in twelve months.
func (b borrower) apply(t testing.TB, n int) paymentDoc {
	t.Helper()
	a := b.shop.must(t, []int{201}, "POST", "/v1/payments", application(b.ref(t, n), b.Info.ShopURL, 12000))
	p := read[paymentDoc](t, a)
	if p.Status != "pending" || p.RedirectURL == "" || p.BankOrderID == "" || p.Amount != 12000 {
		t.Fatalf("opened as %s", a)
	}
	return p
}

// choose lets the customer consent and press a button of the bank's page; it gives the answer that would bring the
// customer home.
func (b borrower) choose(ctx context.Context, p paymentDoc, action string) (page, error) {
	at, err := b.browser.get(ctx, p.RedirectURL)
	if err == nil && at.status != http.StatusOK {
		err = fmt.Errorf("the bank's page: %s", at)
	}
	if err != nil {
		return at, err
	}
	at, err = b.browser.press(ctx, at, url.Values{"consent": {"yes"}, "action": {action}})
	if err == nil && at.status != http.StatusSeeOther {
		err = fmt.Errorf("the bank does not send the customer back: %s", at)
	}
	return at, err
}

// decides lets the customer choose, and gives the answer of our callback address, where the browser then comes.
func (b borrower) decides(t testing.TB, p paymentDoc, action string) page {
	t.Helper()
	at, err := b.choose(t.Context(), p, action)
	if err == nil {
		at, err = b.browser.get(t.Context(), at.location())
	}
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// approved is an application that the bank has approved, and whose callback alone has told so.
func (b borrower) approved(t testing.TB, n int) paymentDoc {
	t.Helper()
	p := b.apply(t, n)
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	if got := b.text(t, p.ID, "status"); got != "paid" {
		t.Fatalf("stored as %s once the callback had come; the bank was answered %v", got, b.answers(p))
	}
	return p
}

func (b borrower) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b borrower) account(t testing.TB, p paymentDoc) kartapokupoksim.Account {
	t.Helper()
	a, err := b.KartaPokupok.Order(p.BankOrderID)
	b.must(t, err)
	return a
}

// stands checks how a payment stands with us and that the bank's ledger says the same.
func (b borrower) stands(t testing.TB, id, status string, captured, refunded int64) paymentDoc {
	t.Helper()
	p := b.poll(t, id)
	if p.Status != status || p.Captured != captured || p.Refunded != refunded || p.Review != "" {
		t.Errorf("%s is %s captured %d refunded %d review %q, want %s %d %d", id, p.Status, p.Captured, p.Refunded, p.Review,
			status, captured, refunded)
	}
	if a := b.account(t, p); a.Charged != captured || a.Refunded != refunded {
		t.Errorf("the bank charged %d and gave back %d for %s, we say %d and %d", a.Charged, a.Refunded, id, p.Captured,
			p.Refunded)
	}
	return p
}

// answers are the HTTP statuses that the bank's callbacks of a payment were answered with.
func (b borrower) answers(p paymentDoc) (statuses []int) {
	for _, sent := range b.KartaPokupok.Callbacks() {
		if sent.SessionID == p.BankOrderID {
			statuses = append(statuses, sent.HTTP)
		}
	}
	return statuses
}

// count counts the requests of one operation that came to the bank for a payment.
func (b borrower) count(p paymentDoc, operation string) (n int) {
	for _, e := range b.KartaPokupok.Requests() {
		if e.SessionID == p.BankOrderID && e.Operation == operation {
			n++
		}
	}
	return n
}

// notices counts the messages that wait in a payment's item for the bank to confirm them.
func (b borrower) notices(t testing.TB, id string) int {
	t.Helper()
	item, err := b.item(t.Context(), id)
	b.must(t, err)
	list, ok := item["notices"].(*types.AttributeValueMemberL)
	if !ok {
		return 0
	}
	return len(list.Value)
}

// TestAppliedForAndGivenBack is the main road: 120.00 BYN in twelve months, approved, 50.00 back, then the rest.
func TestAppliedForAndGivenBack(t *testing.T) {
	b := shared(t).borrower()
	p := b.apply(t, 1)
	at := b.decides(t, p, "approve")
	b.browser.landed(t, at, p.ID, "success", "paid")
	if a := b.account(t, p); a.Term != 12 || a.Amount != 12000 || a.Currency != "BYN" || a.OrderRef != p.OrderRef {
		t.Errorf("the bank's books: %+v", a)
	}
	if answers := b.answers(p); len(answers) != 1 || answers[0] != http.StatusOK {
		t.Errorf("callbacks answered with %v", answers)
	}
	b.stands(t, p.ID, "paid", 12000, 0)
	for key, amount := range map[string]int64{"part": 5000, "again": 1} {
		if a, err := b.shop.refund(t.Context(), p.ID, key, amount); err != nil || a.status != 201 {
			t.Fatalf("%s: %s %v", key, a, err)
		}
	}
	b.stands(t, p.ID, "partially_refunded", 12000, 5001)
	if a, err := b.shop.refund(t.Context(), p.ID, "too-much", 7000); err != nil || a.status != 422 {
		t.Errorf("more than there is: %s %v", a, err)
	}
	if a, err := b.shop.refund(t.Context(), p.ID, "rest", 0); err != nil || a.status != 201 {
		t.Fatalf("the rest: %s %v", a, err)
	}
	if p = b.stands(t, p.ID, "refunded", 12000, 12000); len(p.Refunds) != 3 {
		t.Errorf("%+v", p.Refunds)
	}
}

// TestEveryEndOfAnApplication plays the bank's page to each of its other ends, and comes back to one that was left
// open.
func TestEveryEndOfAnApplication(t *testing.T) {
	b := shared(t).borrower()
	for n, c := range []struct{ action, back, status string }{{"reject", "decline", "declined"},
		{"cancel", "cancel", "cancelled"}} {
		p := b.apply(t, n)
		b.browser.landed(t, b.decides(t, p, c.action), p.ID, c.back, c.status)
		b.stands(t, p.ID, c.status, 0, 0)
	}
	p := b.apply(t, 2)
	b.browser.landed(t, b.decides(t, p, "later"), p.ID, "success", "pending")
	if p = b.stands(t, p.ID, "pending", 0, 0); p.RedirectURL == "" {
		t.Error("no way back to the bank's page")
	}
	b.age(t, p.ID, 10*time.Second) // the bank was asked a moment ago
	b.browser.landed(t, b.decides(t, p, "approve"), p.ID, "success", "paid")
	b.stands(t, p.ID, "paid", 12000, 0)
}

// TestCustomerIsToldToTheBankAlone plants the customer wherever a shop or a stranger could put them, and in the demo
// shop. The audit at the end of the run looks for them: in logs, answers, tables and histories.
func TestCustomerIsToldToTheBankAlone(t *testing.T) {
	b := shared(t).borrower()
	wrong := application("never-stored", b.Info.ShopURL, 12000)
	wrong["customer"] = map[string]string{"first_name": customerPhone, "last_name": customerLast + "\x00",
		"phone": customerEmail, "email": customerFirst}
	wrong["term"], wrong["currency"] = customerPhone, customerLast
	if p := read[problemDoc](t, b.shop.must(t, []int{422}, "POST", "/v1/payments", wrong)); len(p.Errors) < 3 {
		t.Errorf("%+v", p)
	}
	b.shop.must(t, []int{400}, "POST", "/v1/payments", []byte(`{"customer":{"first_name":"`+customerFirst+`","phone":"`+
		customerPhone+`"`))

	refused := application(b.ref(t, 2), b.Info.ShopURL, 12000)
	for _, kind := range []string{"http_400", "html_500", "cut_after"} {
		b.must(t, b.KartaPokupok.Faults(kartapokupoksim.Fault{Operation: "create", Kind: kind}))
		b.shop.must(t, []int{422, 502, 503, 409}, "POST", "/v1/payments", refused)
		b.KartaPokupok.ClearFaults()
	}

	p := b.apply(t, 3)
	at, err := url.Parse(b.callbackURL(t, p.ID, "notify") + "?phone=" + url.QueryEscape(customerPhone))
	b.must(t, err)
	if got, err := b.browser.fetch(t.Context(), http.MethodPost, at,
		url.Values{"email": {customerEmail}, customerFirst: {customerLast}}); err != nil || got.status != 401 {
		t.Errorf("an unsigned message: %s %v", got, err)
	}
	b.browser.landed(t, b.decides(t, p, "cancel"), p.ID, "cancel", "cancelled")
	b.buyInTheDemoShop(t)
}

// buyInTheDemoShop sends the form of the application, as the shop's page does, and lets the bank approve.
func (b borrower) buyInTheDemoShop(t *testing.T) {
	t.Helper()
	at, err := url.Parse(b.Info.ShopURL + "/instalments")
	b.must(t, err)
	known := len(b.KartaPokupok.Ledger().Orders)
	typed := url.Values{"cart": {"abrus.1"}, "form": {strings.Repeat("A", 26)}, "term": {"12"},
		"first_name": {customerFirst}, "last_name": {customerLast}, "phone": {customerPhone}, "email": {customerEmail}}
	sent, err := b.browser.fetch(t.Context(), http.MethodPost, at, typed)
	if err != nil || sent.status != http.StatusSeeOther ||
		!strings.HasPrefix(sent.location(), b.Info.Simulators["kartapokupok"].PageURL) {
		t.Fatalf("the form leads to %q: %s %v", sent.location(), sent, err)
	}
	opened := b.KartaPokupok.Ledger().Orders[known:]
	if len(opened) != 1 {
		t.Fatalf("%d applications for one form", len(opened))
	}
	b.note(opened[0].OrderRef)
	b.watch.mu.Lock()
	b.watch.bought = append(b.watch.bought, `"sku":"abrus"`)
	b.watch.mu.Unlock()
	home := b.decides(t, paymentDoc{RedirectURL: sent.location()}, "approve")
	back, err := b.browser.get(t.Context(), home.location())
	if err != nil || back.status != http.StatusOK || !strings.Contains(back.html, "abrus") &&
		!strings.Contains(back.html, "Abrus") {
		t.Errorf("the shop's page: %s %v", back, err)
	}
	for _, text := range customerTexts() {
		if strings.Contains(back.html, text) {
			t.Errorf("the order's page shows %s", text)
		}
	}
}
