package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/simbank/kapitalxml"
)

// knock sends a message to a callback address and gives the status.
func (w world) knock(t testing.TB, method, address string, values url.Values) int {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.browser.fetch(t.Context(), method, at, values)
	if err != nil {
		t.Fatal(err)
	}
	return p.status
}

// TestStrangersAtTheCallbackReachNoBank: 300 guesses at addresses, and not one question to the bank.
func TestStrangersAtTheCallbackReachNoBank(t *testing.T) {
	w := shared(t)
	p := w.open(t, 1, 2100)
	right := w.callbackURL(t, p.ID, "return")
	token := w.text(t, p.ID, "callback_token")
	w.Engine.ResetCalls()
	if err := w.Kapital.Reset(false); err != nil { // the history of requests begins anew
		t.Fatal(err)
	}
	message := url.Values{"xmlmsg": {"<Message><OrderID>" + p.BankOrderID +
		"</OrderID><OrderStatus>APPROVED</OrderStatus></Message>"}}
	for n := range 300 {
		guess := []string{
			strings.Replace(right, token, fmt.Sprintf("%026d", n), 1),
			strings.Replace(right, token, token[:len(token)-1], 1),
			strings.Replace(right, token, strings.ToLower(token), 1),
			strings.Replace(right, p.ID, fmt.Sprintf("pay_%026d-1", n), 1),
			strings.Replace(right, p.ID, p.ID[:len(p.ID)-1]+"2", 1),
			w.Info.CallbackURL + "/" + strings.Repeat("x", n),
			strings.TrimSuffix(right, "return") + "%2e%2e/return",
			strings.TrimSuffix(right, "return") + "notifyx",
		}[n%8]
		if status := w.knock(t, []string{http.MethodPost, http.MethodGet}[rand.IntN(2)], guess,
			message); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", guess, status)
		}
	}
	if asked := w.asked(""); len(asked) != 0 {
		t.Errorf("strangers made us ask the bank: %v", asked)
	}
	order := p.ID[:strings.LastIndex(p.ID, "-")]
	for _, c := range w.Engine.Calls().Recent { // of other tests' payments Notify may still save what it told
		if c.Operation == "PutItem" && (strings.HasPrefix(c.Key, order) || strings.HasPrefix(c.Key, "pay_00000")) {
			t.Errorf("strangers made us write %s", c.Key)
		}
	}
}

// TestRepeatedCallbackAsksOnceInFiveSeconds: whoever knows one address cannot use us to flood the bank.
func TestRepeatedCallbackAsksOnceInFiveSeconds(t *testing.T) {
	eachGateway(t, repeatedCallbackAsksOnceInFiveSeconds)
}

func repeatedCallbackAsksOnceInFiveSeconds(t *testing.T, w world) {
	p := w.open(t, 1, 2200)
	address := w.callbackURL(t, p.ID, "return")
	began := time.Now()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var flood sync.WaitGroup // all at once: whoever comes back alone may wait for the end of the five seconds
	for n := range 100 {
		flood.Go(func() {
			p, err := w.browser.fetch(t.Context(), http.MethodPost, at, url.Values{"xmlmsg": {fmt.Sprintf("junk %d", n)}})
			// the shop's page, or that of one moment
			if err != nil || p.status != http.StatusSeeOther && p.status != http.StatusOK {
				t.Errorf("%d %v", p.status, err)
			}
		})
	}
	flood.Wait()
	allowed := 1 + int(time.Since(began)/(5*time.Second))
	if questions := len(w.asked(p.BankOrderID)); questions < 1 || questions > allowed {
		t.Errorf("%d questions to the bank, want at least one and at most %d", questions, allowed)
	}
	w.stands(t, p.ID, "pending", 0, 0)

	w.age(t, p.ID, 10*time.Second)
	w.pay(t, p)
	asked := len(w.asked(p.BankOrderID))
	statuses, err := w.bank.comes(t.Context(), p.BankOrderID, comeback{count: 100})
	if err != nil || len(statuses) != 100 {
		t.Fatal(len(statuses), err)
	}
	if more := len(w.asked(p.BankOrderID)) - asked; more != 0 {
		t.Errorf("money on record, and yet %d questions more", more)
	}
}

// TestForgedAndSwappedCallbacksDecideNothing: what a message claims is never believed; the bank is asked about our own
// order.
func TestForgedAndSwappedCallbacksDecideNothing(t *testing.T) {
	eachGateway(t, forgedAndSwappedCallbacksDecideNothing)
}

func forgedAndSwappedCallbacksDecideNothing(t *testing.T, w world) {
	send := func(p paymentDoc, as comeback) {
		t.Helper()
		if statuses, err := w.bank.comes(t.Context(), p.BankOrderID, as); err != nil ||
			statuses[0] != http.StatusSeeOther {
			t.Fatal(statuses, err)
		}
	}
	unpaid := w.open(t, 1, 2300)
	send(unpaid, comeback{claims: w.bank.paid})
	w.stands(t, unpaid.ID, "pending", 0, 0)

	paid := w.open(t, 2, 2400)
	if err := w.bank.Approve(paid.BankOrderID); err != nil {
		t.Fatal(err)
	}
	send(paid, comeback{claims: w.bank.dead})
	w.stands(t, paid.ID, "paid", 2400, 0)

	// Two open orders swapped: each address carries the other's ids.
	left, right := w.open(t, 3, 2500), w.open(t, 4, 2600)
	if err := w.bank.Approve(right.BankOrderID); err != nil {
		t.Fatal(err)
	}
	send(left, comeback{order: right.BankOrderID, claims: w.bank.paid})
	w.stands(t, left.ID, "pending", 0, 0)
	send(right, comeback{order: left.BankOrderID, claims: w.bank.open})
	w.stands(t, right.ID, "paid", 2600, 0)

	// Unknown words change nothing.
	odd := w.open(t, 5, 2700)
	if err := w.bank.SetStatus(odd.BankOrderID, "HAPPY"); err != nil {
		t.Fatal(err)
	}
	send(odd, comeback{claims: w.bank.paid})
	w.stands(t, odd.ID, "pending", 0, 0)
}

// TestAmountOneQepikOff: what the bank took is what counts, and a human looks at it.
func TestAmountOneQepikOff(t *testing.T) { eachGateway(t, amountOneQepikOff) }

func amountOneQepikOff(t *testing.T, w world) {
	p := w.open(t, 1, 2800)
	if err := w.bank.SetAmount(p.BankOrderID, 2799); err != nil {
		t.Fatal(err)
	}
	w.pay(t, p)
	if p = w.poll(t, p.ID); p.Status != "paid" || p.Captured != 2799 || p.Review != "amount" {
		t.Errorf("%s captured %d review %q", p.Status, p.Captured, p.Review)
	}
	if a, err := w.shop.refund(t.Context(), p.ID, "k", 2800); err != nil || a.status != 422 {
		t.Errorf("more than was taken: %s %v", a, err)
	}
}

// TestCallbackBeforeTheOpenIsSaved: the bank calls, and even takes the money, before it has answered CreateOrder.
func TestCallbackBeforeTheOpenIsSaved(t *testing.T) {
	w := shared(t)
	for n, mode := range []string{"early", "early_paid"} {
		if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.Callback = mode }); err != nil {
			t.Fatal(err)
		}
		a := w.shop.must(t, []int{201}, "POST", "/v1/payments", order(w.ref(t, n), w.Info.ShopURL, 2900))
		if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.Callback = "" }); err != nil {
			t.Fatal(err)
		}
		id := read[paymentDoc](t, a).ID
		if mode == "early" {
			w.stands(t, id, "pending", 0, 0)
		} else {
			w.stands(t, id, "paid", 2900, 0)
		}
	}
}

// TestEveryWayTheBankBringsCustomersBack: by form or by address, raw or in base64, wrapped, in any letter case, once or
// twice.
func TestEveryWayTheBankBringsCustomersBack(t *testing.T) {
	w := shared(t)
	defer func() {
		if err := w.Kapital.Reset(false); err != nil {
			t.Error(err)
		}
	}()
	for n, c := range []struct {
		name string
		set  func(*kapitalxml.Settings)
	}{
		{"by address", func(s *kapitalxml.Settings) { s.Return = "get" }},
		{"by address, lower case", func(s *kapitalxml.Settings) { s.Return, s.LetterCase = "get", "lower" }},
		{"base64", func(s *kapitalxml.Settings) { s.Base64 = true }},
		{"wrapped, upper case", func(s *kapitalxml.Settings) { s.Wrapper, s.LetterCase = "TKKPG", "upper" }},
		{"twice", func(s *kapitalxml.Settings) { s.Callback = "double" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := w.Kapital.Reset(false); err != nil {
				t.Fatal(err)
			}
			if err := w.Kapital.Set(c.set); err != nil {
				t.Fatal(err)
			}
			p := w.open(t, n, 3100)
			at, err := w.browser.atBank(t.Context(), p.RedirectURL, card(cardApproved))
			if err == nil {
				at, err = w.browser.home(t.Context(), at)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.browser.landed(t, at, p.ID, "success", "paid")
			w.stands(t, p.ID, "paid", 3100, 0)
		})
	}
}
