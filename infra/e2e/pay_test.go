package e2e

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"kassa/shared/simbank/kapitalxml"
)

// TestPaidWithTheTestCardAndGivenBack is the main road: 150.00 AZN with the published test card, 50.00 back, then the
// rest.
func TestPaidWithTheTestCardAndGivenBack(t *testing.T) {
	eachGateway(t, paidWithTheTestCardAndGivenBack)
}

func paidWithTheTestCardAndGivenBack(t *testing.T, w world) {
	p := w.paid(t, 1, 15000)
	w.stands(t, p.ID, "paid", 15000, 0)

	a, err := w.shop.refund(t.Context(), p.ID, "first", 5000)
	if err != nil {
		t.Fatal(err)
	}
	if r := read[refundDoc](t, a); a.status != 201 || r.Status != "succeeded" || r.Amount != 5000 || r.PaymentID != p.ID ||
		r.Origin != "shop" {
		t.Errorf("refund: %s", a)
	}
	w.stands(t, p.ID, "partially_refunded", 15000, 5000)

	again, err := w.shop.refund(t.Context(), p.ID, "first", 5000)
	if err != nil || again.status != 201 || again.header.Get("Idempotent-Replayed") != "true" ||
		string(again.body) != string(a.body) {
		t.Errorf("the same key again: %s %v", again, err)
	}
	w.stands(t, p.ID, "partially_refunded", 15000, 5000)

	if a, err = w.shop.refund(t.Context(), p.ID, "rest", 0); err != nil || a.status != 201 {
		t.Errorf("the rest: %s %v", a, err)
	}
	p = w.stands(t, p.ID, "refunded", 15000, 15000)
	if len(p.Refunds) != 2 || p.RedirectURL != "" || p.ClientToken != "" {
		t.Errorf("%+v", p)
	}
	if a, err = w.shop.refund(t.Context(), p.ID, "more", 1); err != nil || a.status != 409 && a.status != 422 {
		t.Errorf("more than there was: %s %v", a, err)
	}
}

// TestOddForms pays and gives back at an installation that writes 201, byte order marks, line ends and 0.00, and base64
// whose plus signs arrive as blanks.
func TestOddForms(t *testing.T) {
	w := shared(t)
	odd := func(on bool) {
		if err := w.Kapital.Set(func(s *kapitalxml.Settings) { s.OddForms, s.SpoilBase64 = on, on }); err != nil {
			t.Fatal(err)
		}
	}
	odd(true)
	t.Cleanup(func() { odd(false) })
	p := w.paid(t, 1, 9100)
	w.stands(t, p.ID, "paid", 9100, 0)
	if a, err := w.shop.refund(t.Context(), p.ID, "part", 100); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	w.stands(t, p.ID, "partially_refunded", 9100, 100)
}

// TestWholeRefundOnItsDayIsAReversal sees at the bank which verb was used.
func TestWholeRefundOnItsDayIsAReversal(t *testing.T) { eachGateway(t, wholeRefundOnItsDayIsAReversal) }

func wholeRefundOnItsDayIsAReversal(t *testing.T, w world) {
	p := w.paid(t, 1, 7000)
	if a, err := w.shop.refund(t.Context(), p.ID, "all", 0); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	p = w.stands(t, p.ID, "refunded", 7000, 7000)
	if account := w.account(t, p); !slices.Contains(w.bank.undone, account.Status) {
		t.Errorf("the bank's order is %s", account.Status)
	}
}

// TestEveryEndBringsTheCustomerToTheRightPage plays the bank's page to each of its ends.
func TestEveryEndBringsTheCustomerToTheRightPage(t *testing.T) {
	eachGateway(t, everyEndBringsTheCustomerToTheRightPage)
}

func everyEndBringsTheCustomerToTheRightPage(t *testing.T, w world) {
	for n, c := range []struct {
		name, status, back string
		typed, then        url.Values
		captured           int64
	}{
		{name: "declined card", typed: card(cardDeclined), status: "declined", back: "decline"},
		{name: "no funds", typed: card("7777770000000012"), status: "declined", back: "decline"},
		{name: "cancel", typed: url.Values{"action": {"cancel"}}, status: "cancelled", back: "cancel"},
		{name: "3-D Secure", typed: card(cardSecure), then: url.Values{"action": {"confirm"}, "code": {"1234"}},
			status: "paid", back: "success", captured: 2500},
		{name: "3-D Secure, wrong code", typed: card(cardSecure), then: url.Values{"action": {"confirm"}, "code": {"9999"}},
			status: "declined", back: "decline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := w.open(t, n, 2500)
			at, err := w.browser.toTheEnd(t.Context(), p.RedirectURL, c.typed, c.then)
			if err == nil {
				at, err = w.browser.home(t.Context(), at)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.browser.landed(t, at, p.ID, c.back, c.status)
			w.stands(t, p.ID, c.status, c.captured, 0)
		})
	}
}

// TestLockedCardIsPendingUntilTheBankDecides: the customer comes home while the authorisation still runs.
func TestLockedCardIsPendingUntilTheBankDecides(t *testing.T) {
	eachGateway(t, lockedCardIsPendingUntilTheBankDecides)
}

func lockedCardIsPendingUntilTheBankDecides(t *testing.T, w world) {
	p := w.open(t, 1, 3300)
	if err := w.bank.SetStatus(p.BankOrderID, w.bank.busy); err != nil {
		t.Fatal(err)
	}
	if came, err := w.bank.comes(t.Context(), p.BankOrderID, comeback{}); err != nil || came[0] != http.StatusSeeOther {
		t.Fatal(came, err)
	}
	if got := w.text(t, p.ID, "status"); got != "pending" {
		t.Errorf("stored as %s", got)
	}
	if a := w.shop.must(t, []int{409}, "POST", "/v1/payments/"+p.ID+"/cancel", nil); read[problemDoc](t,
		a).Code != "payment_in_progress" {
		t.Errorf("cancelling while the customer pays: %s", a)
	}

	// Half an hour later the bank is still at it: expiry waits for it.
	w.age(t, p.ID, 35*time.Minute)
	w.sweep(t)
	if p = w.poll(t, p.ID); p.Status != "pending" || p.BankStatus != w.bank.busy {
		t.Errorf("locked and over time: %s, the bank says %s", p.Status, p.BankStatus)
	}
	if err := errors.Join(w.bank.SetStatus(p.BankOrderID, w.bank.open), w.bank.Approve(p.BankOrderID)); err != nil {
		t.Fatal(err)
	}
	w.age(t, p.ID, time.Minute)
	w.stands(t, p.ID, "paid", 3300, 0)
}

// TestTwoAttemptsBothPaid: the shop calls off the first attempt, but its page stays payable at the bank.
func TestTwoAttemptsBothPaid(t *testing.T) { eachGateway(t, twoAttemptsBothPaid) }

func twoAttemptsBothPaid(t *testing.T, w world) {
	ref := w.ref(t, 1)
	body := order(ref, w.Info.ShopURL, 4400)
	first := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", body))
	w.shop.must(t, []int{200}, "POST", "/v1/payments/"+first.ID+"/cancel", nil)
	second := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", body))
	if second.ID == first.ID || second.BankOrderID == first.BankOrderID {
		t.Fatalf("the second attempt is the first: %s", second.ID)
	}
	w.pay(t, second)
	w.pay(t, first) // an old tab

	if p := w.stands(t, second.ID, "paid", 4400, 0); p.Overpaid || p.Late {
		t.Errorf("the one paid first: overpaid %v, late %v", p.Overpaid, p.Late)
	}
	if p := w.stands(t, first.ID, "paid", 4400, 0); !p.Overpaid || !p.Late {
		t.Errorf("the one paid later: overpaid %v, late %v", p.Overpaid, p.Late)
	}
	refused := func() {
		t.Helper()
		a := w.shop.must(t, []int{409}, "POST", "/v1/payments", body)
		if p := read[problemDoc](t, a); p.Code != "order_already_paid" || p.Amount != 4400 {
			t.Errorf("%s", a)
		}
	}
	refused()
	if a, err := w.shop.refund(t.Context(), first.ID, "overpaid", 0); err != nil || a.status != 201 {
		t.Fatalf("%s %v", a, err)
	}
	refused()
	w.stands(t, first.ID, "refunded", 4400, 4400)
}

// TestClientTokenReadsItsOwnPaymentOnly is the return page's poll.
func TestClientTokenReadsItsOwnPaymentOnly(t *testing.T) {
	w := shared(t)
	mine, another := w.open(t, 1, 1000), w.open(t, 2, 1000)
	customer := w.shop
	customer.bearer = mine.ClientToken
	doc := read[map[string]any](t, customer.must(t, []int{200}, "GET", "/v1/payments/"+mine.ID, nil))
	for _, name := range []string{"order_ref", "history", "refunds", "client_token", "redirect_url", "metadata",
		"bank_order_id"} {
		if _, shown := doc[name]; shown {
			t.Errorf("a browser is shown %s", name)
		}
	}
	if doc["status"] != "pending" {
		t.Errorf("%v", doc)
	}
	customer.must(t, []int{404}, "GET", "/v1/payments/"+another.ID, nil)
	customer.must(t, []int{401}, "POST", "/v1/payments/"+mine.ID+"/cancel", nil)
	customer.must(t, []int{401}, "GET", "/v1/payments?order_ref="+mine.OrderRef, nil)
}
