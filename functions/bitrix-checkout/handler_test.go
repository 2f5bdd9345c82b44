package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// fields is a form as a portal's server posts it.
type fields map[string]string

// sound is the form of payment 11 of pay system 7, over 150 manat.
func sound() fields {
	return fields{"KASSA_KEY": boottest.KeyFor(api.Create), "KASSA_BANK": "", "KASSA_TERM": "", "KASSA_ORDER": "161/1",
		"BX_SYSTEM_PARAMS[RETURN_URL]":   "https://shop.example/pay/?orderId=7&access=1aca&paymentId=11&user_lang=ru",
		"BX_SYSTEM_PARAMS[PAYSYSTEM_ID]": "7",
		"BX_SYSTEM_PARAMS[PAYMENT_ID]":   "11", "BX_SYSTEM_PARAMS[SUM]": "150", "BX_SYSTEM_PARAMS[CURRENCY]": "AZN"}
}

func (f fields) with(pairs ...string) fields {
	f = maps.Clone(f)
	for i := 0; i+1 < len(pairs); i += 2 {
		f[pairs[i]] = pairs[i+1]
	}
	return f
}

func (f fields) encode() string {
	values := url.Values{}
	for name, value := range f {
		values.Set(name, value)
	}
	return values.Encode()
}

// answer is what the portal reads.
type answer struct {
	URL    string   `json:"PAYMENT_URL"`
	ID     string   `json:"PAYMENT_ID"`
	Errors []string `json:"PAYMENT_ERRORS"`
}

const formType = "application/x-www-form-urlencoded"

// post sends a body; whatever comes back is 200, JSON, and either a page or errors.
func post(t *testing.T, b *boottest.Bench, contentType, body string) answer {
	t.Helper()
	h := handler{checkout: b.Service, keys: b.Keys}
	edge := b.App.Edge(h.routes(), maxBody)
	edge.Show = show
	event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /bitrix/checkout", RawPath: "/bitrix/checkout", Body: body,
		Headers: map[string]string{"content-type": contentType}}
	event.RequestContext.RequestID = "request-1"
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, err := edge.HTTPAPI(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal([]byte(got.Body), &a); err != nil || got.StatusCode != 200 ||
		got.Headers["Content-Type"] != "application/json" {
		t.Fatalf("%d %v %s", got.StatusCode, got.Headers, got.Body)
	}
	if (a.URL == "") != (a.ID == "") || (a.URL == "") == (len(a.Errors) == 0) {
		t.Fatalf("neither a page nor errors alone: %s", got.Body)
	}
	return a
}

// TestAnotherPaySystemIsAnotherPage, though nothing else differs: the portal marks a payment by the pay system alone
// that it has by now. The page before is called off, so that no two are live.
func TestAnotherPaySystemIsAnotherPage(t *testing.T) {
	b := boottest.New(t)
	first := post(t, b, formType, sound().encode())
	b.Advance(time.Minute)
	other := sound().with("BX_SYSTEM_PARAMS[PAYSYSTEM_ID]", "9")
	second := post(t, b, formType, other.encode())
	b.Advance(time.Minute)
	again := post(t, b, formType, other.encode())
	if second.URL == "" || second.ID == first.ID || again.ID != second.ID {
		t.Fatalf("%+v, %+v, %+v", first, second, again)
	}
	for text, want := range map[string]payment.Status{first.ID: payment.Cancelled, second.ID: payment.Pending} {
		id, _ := payment.ParseID(text)
		if p, err := b.Store.Load(t.Context(), id); err != nil || p.Status != want ||
			(p.Metadata["bitrix24_pay_system"] == "9") != (want == payment.Pending) {
			t.Errorf("%+v %v", p, err)
		}
	}
}

// TestAnOpeningThatWasCutOffIsNoOtherPaySystems: what one pay system began is not finished for another, which could not
// complete it.
func TestAnOpeningThatWasCutOffIsNoOtherPaySystems(t *testing.T) {
	b := boottest.New(t)
	b.Bank.OpenErr = &payment.Error{Kind: payment.Unavailable}
	if a := post(t, b, formType, sound().encode()); len(a.Errors) != 1 {
		t.Fatalf("%+v", a)
	}
	b.Bank.OpenErr = nil
	b.Advance(time.Minute)
	id, _ := payment.ParseID(post(t, b, formType, sound().with("BX_SYSTEM_PARAMS[PAYSYSTEM_ID]", "9").encode()).ID)
	if p, err := b.Store.Load(t.Context(), id); err != nil || p.Status != payment.Pending ||
		p.Metadata["bitrix24_pay_system"] != "9" {
		t.Errorf("%+v %v", p, err)
	}
}

// TestTwoPaySystemsAtOnce: whose page the other has called off is told to try again, and gets no page of the other's.
func TestTwoPaySystemsAtOnce(t *testing.T) {
	b := boottest.New(t)
	first := post(t, b, formType, sound().encode())
	b.Advance(time.Minute)
	rounds := 0
	b.Bank.Opening = func(bank.Order) { // each time that the page of 9 is to be opened, 7 has finished it
		if rounds++; rounds > 20 {
			t.Fatal("it goes on for ever")
		}
		id, _ := payment.ParseID(first.ID)
		id.Attempt += rounds
		p, err := b.Store.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p.Metadata = maps.Clone(p.Metadata)
		p.Metadata["bitrix24_pay_system"] = "7"
		if _, err := b.Store.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	a := post(t, b, formType, sound().with("BX_SYSTEM_PARAMS[PAYSYSTEM_ID]", "9").encode())
	if len(a.Errors) != 1 || !strings.Contains(a.Errors[0], "через минуту") {
		t.Errorf("%+v", a)
	}
}

// TestAPageThatEndedWhileItWasOpened: one that the bank declined is not called paid.
func TestAPageThatEndedWhileItWasOpened(t *testing.T) {
	for state, want := range map[payment.State]string{payment.BankApproved: "уже оплачен",
		payment.BankDeclined: "через минуту"} {
		b := boottest.New(t)
		b.Bank.Says(payment.Report{State: state, Word: "WORD"})
		b.Bank.Opening = func(o bank.Order) {
			b.Happens(o.ID, payment.NoticeArrival{Handle: payment.Handle{OrderID: "778"},
				Report: payment.Report{State: state, Word: "WORD"}})
		}
		if a := post(t, b, formType, sound().encode()); len(a.Errors) != 1 || !strings.Contains(a.Errors[0], want) {
			t.Errorf("%s: %+v", state, a)
		}
	}
}

// TestAPaymentOfThePortalIsOneOrder: repeats give its page; a changed sum a new one, the first being called off.
func TestAPaymentOfThePortalIsOneOrder(t *testing.T) {
	b := boottest.New(t)
	first := post(t, b, formType, sound().encode())
	b.Advance(time.Minute)
	again := post(t, b, formType+"; charset=UTF-8", sound().with("BX_SYSTEM_PARAMS[EXTERNAL_PAYMENT_ID]", first.ID,
		"BX_SYSTEM_PARAMS[SUM]", "150.00").encode())
	if first.URL == "" || again.URL != first.URL || again.ID != first.ID {
		t.Fatalf("%+v, then %+v", first, again)
	}
	b.Advance(time.Minute)
	changed := post(t, b, formType, sound().with("BX_SYSTEM_PARAMS[SUM]", "150.5", "BX_SYSTEM_PARAMS[EXTERNAL_PAYMENT_ID]",
		"15").encode())
	if changed.URL == "" || changed.ID == first.ID {
		t.Fatalf("%+v", changed)
	}
	opened := b.Bank.Orders()
	if len(opened) != 2 || opened[0].Amount != (payment.Money{Minor: 15000, Currency: payment.AZN}) ||
		opened[1].Amount.Minor != 15050 || opened[0].Locale != "ru" ||
		opened[0].Description != "№ 161/1" || opened[0].Term != 0 || len(opened[0].Items) != 0 {
		t.Errorf("%+v", opened)
	}
	id, _ := payment.ParseID(first.ID)
	p, err := b.Store.Load(t.Context(), id)
	if err != nil || p.Status != payment.Cancelled || !p.Notify || p.OrderRef != "b24-11" ||
		p.Metadata["bitrix24_payment"] != "11" || p.Metadata["bitrix24_pay_system"] != "7" ||
		p.Return.Success != "https://shop.example/pay/?orderId=7&access=1aca&paymentId=11&user_lang=ru" {
		t.Errorf("%+v %v", p, err)
	}
}

// TestInstalmentsNeedWhatTheBankNeeds, and say it in the buyer's language.
func TestInstalmentsNeedWhatTheBankNeeds(t *testing.T) {
	b := boottest.New(t)
	whole := sound().with("KASSA_BANK", "kartapokupok", "KASSA_TERM", "3", "KASSA_FIRST_NAME", "Anna", "KASSA_LAST_NAME",
		"Kavalenka",
		"KASSA_PHONE", "+375 29 123-45-67", "KASSA_EMAIL", "a@example.by")
	if a := post(t, b, formType, whole.encode()); a.URL == "" {
		t.Fatalf("%+v", a)
	}
	o := b.Bank.Orders()[0]
	if o.Term != 3 || len(o.Items) != 1 || o.Items[0].Quantity*o.Items[0].UnitAmount != o.Amount.Minor ||
		o.Customer.Phone != "+375291234567" || o.Customer.FirstName != "Anna" {
		t.Errorf("%+v", o)
	}
	for name, c := range map[string]struct{ field, value, ru, en string }{
		"a term that is not offered": {"KASSA_TERM", "4", "срок рассрочки", "instalment terms"},
		"a term that is none":        {"KASSA_TERM", "a year", "срок рассрочки", "instalment terms"},
		"a term with a sign":         {"KASSA_TERM", "+3", "срок рассрочки", "instalment terms"},
		"no phone":                   {"KASSA_PHONE", "12", "номер телефона", "phone number"},
		"a card for a name":          {"KASSA_FIRST_NAME", "4169741330151124", "имя и фамилию", "first and last name"},
		"too much":                   {"BX_SYSTEM_PARAMS[SUM]", "151", "условия рассрочки", "terms of instalments"},
		"another bank":               {"KASSA_BANK", "other", "KASSA_BANK", "KASSA_BANK"},
	} {
		f := whole.with("BX_SYSTEM_PARAMS[PAYMENT_ID]", "12", c.field, c.value)
		russian := post(t, b, formType, f.encode())
		english := post(t, b, formType, f.with("BX_SYSTEM_PARAMS[RETURN_URL]", "https://shop.example/?user_lang=en").encode())
		if !strings.Contains(strings.Join(russian.Errors, "\n"), c.ru) ||
			!strings.Contains(strings.Join(english.Errors, "\n"), c.en) {
			t.Errorf("%s: %q, %q", name, russian.Errors, english.Errors)
		}
	}
	if strings.Contains(b.Logged(), "4169741330151124") || strings.Contains(b.Logged(), "Kavalenka") ||
		len(b.Bank.Orders()) != 1 {
		t.Errorf("%s", b.Logged())
	}
}

// TestAFieldThatSaysNothing: a form's way of saying "at once" is no term, and a number with its sign gets no second
// one.
func TestAFieldThatSaysNothing(t *testing.T) {
	b := boottest.New(t)
	for id, c := range map[string]struct{ field, value, title string }{
		"101": {"KASSA_TERM", "0", "№ 161/1"}, "102": {"KASSA_TERM", " ", "№ 161/1"},
		"103": {"KASSA_ORDER", "№ 12", "№ 12"}, "104": {"KASSA_ORDER", "#12", "#12"},
	} {
		f := sound().with("BX_SYSTEM_PARAMS[PAYMENT_ID]", id, c.field, c.value)
		a := post(t, b, formType, f.encode())
		orders := b.Bank.Orders()
		if a.URL == "" || orders[len(orders)-1].Term != 0 || orders[len(orders)-1].Description != c.title {
			t.Errorf("%q: %+v, %+v", c.value, a, orders)
		}
	}
}

// TestNobodyOpensWithoutTheShopsKey: a wrong one, another shop's, and one that may not open payments are told the same,
// in words that help nobody who guesses.
func TestNobodyOpensWithoutTheShopsKey(t *testing.T) {
	b := boottest.New(t)
	for _, key := range []string{"", "sk_demo-az_k1_wrong", "sk_nobody_k1_secret", "secret", boottest.KeyFor(api.Read),
		boottest.KeyFor(api.Refund), "Bearer " + boottest.Key} {
		a := post(t, b, formType, sound().with("KASSA_KEY", key).encode())
		if len(a.Errors) != 1 || a.Errors[0] != "Оплата настроена неверно. Обратитесь в магазин. (request-1)" {
			t.Errorf("%q: %+v", key, a)
		}
	}
	// a shop without a portal
	if a := post(t, b, formType, sound().with("KASSA_KEY", boottest.Foreign).encode()); len(a.Errors) != 1 {
		t.Errorf("%+v", a)
	}
	if len(b.Bank.Orders()) > 0 || strings.Contains(b.Logged(), "_secret_") || strings.Contains(b.Logged(), "k1_wrong") ||
		!strings.Contains(b.Logged(), "no_portal") {
		t.Errorf("%s", b.Logged())
	}
}

// TestWhatIsNoFormOfAPortal opens nothing.
func TestWhatIsNoFormOfAPortal(t *testing.T) {
	b := boottest.New(t)
	for name, body := range map[string]string{
		"nothing":         "",
		"a sum twice":     sound().encode() + "&BX_SYSTEM_PARAMS%5BSUM%5D=1",
		"a key twice":     sound().encode() + "&KASSA_KEY=x",
		"half an escape":  sound().encode() + "&x=%",
		"no text":         sound().with("KASSA_ORDER", "\xff").encode(),
		"too many":        sound().encode() + many(),
		"too large":       sound().encode() + "&x=" + strings.Repeat("x", maxBody),
		"a bare sum":      sound().with("BX_SYSTEM_PARAMS[SUM]", "1 500,00").encode(),
		"an unclear sum":  sound().with("BX_SYSTEM_PARAMS[SUM]", "1,500").encode(),
		"no sum":          sound().with("BX_SYSTEM_PARAMS[SUM]", "").encode(),
		"zero":            sound().with("BX_SYSTEM_PARAMS[SUM]", "0").encode(),
		"another money":   sound().with("BX_SYSTEM_PARAMS[CURRENCY]", "BYN").encode(),
		"no payment":      sound().with("BX_SYSTEM_PARAMS[PAYMENT_ID]", "1/1").encode(),
		"no pay system":   sound().with("BX_SYSTEM_PARAMS[PAYSYSTEM_ID]", "").encode(),
		"a strange page":  sound().with("BX_SYSTEM_PARAMS[RETURN_URL]", "https://evil.example/").encode(),
		"a page in clear": sound().with("BX_SYSTEM_PARAMS[RETURN_URL]", "http://shop.example/").encode(),
		"no page":         sound().with("BX_SYSTEM_PARAMS[RETURN_URL]", "").encode(),
		"other letters":   strings.ReplaceAll(sound().encode(), "BX_SYSTEM_PARAMS", "bx_system_params"),
	} {
		if a := post(t, b, formType, body); len(a.Errors) == 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for _, contentType := range []string{"", "application/json", "multipart/form-data; boundary=x", "text/plain"} {
		if a := post(t, b, contentType, sound().encode()); len(a.Errors) == 0 {
			t.Errorf("%q: %+v", contentType, a)
		}
	}
	if len(b.Bank.Orders()) > 0 {
		t.Errorf("%+v", b.Bank.Orders())
	}
}

func many() string {
	var all strings.Builder
	for n := range maxFields {
		fmt.Fprintf(&all, "&x%d=1", n)
	}
	return all.String()
}

// TestHowTheOrderStands is told in words: paid, given back, in doubt, refused, and what passes by itself.
func TestHowTheOrderStands(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*boottest.Bench, payment.Payment)
		want    string
	}{
		"paid": {func(b *boottest.Bench, p payment.Payment) {
			b.Happens(p.ID, reported(p, payment.Report{}))
		}, "уже оплачен"},
		"given back": {func(b *boottest.Bench, p payment.Payment) {
			b.Happens(p.ID, reported(p, payment.Report{State: payment.BankReturned}))
		}, "возвращены"},
		"in doubt": {func(b *boottest.Bench, p payment.Payment) {
			b.Happens(p.ID, reported(p, payment.Report{Amount: payment.Money{Minor: 15000, Currency: payment.BYN}}))
		}, "проверяется"},
		"refused": {func(b *boottest.Bench, p payment.Payment) {
			b.Happens(p.ID, payment.Cancellation{By: "shop:k1"})
			b.Bank.OpenErr = &payment.Error{Kind: payment.Refused}
		}, "Банк не принимает"},
		"down": {func(b *boottest.Bench, p payment.Payment) {
			b.Happens(p.ID, payment.Cancellation{By: "shop:k1"})
			b.Bank.OpenErr = &payment.Error{Kind: payment.Unavailable}
		}, "через минуту"},
	} {
		b := boottest.New(t)
		id, _ := payment.ParseID(post(t, b, formType, sound().encode()).ID)
		p, err := b.Store.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.prepare(b, p)
		b.Advance(time.Minute)
		if a := post(t, b, formType, sound().encode()); len(a.Errors) != 1 || !strings.Contains(a.Errors[0], c.want) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestTheBuyersLanguage is Russian where a portal speaks it or a neighbour of it, under the names that portals have for
// them.
func TestTheBuyersLanguage(t *testing.T) {
	b := boottest.New(t)
	for lang, russian := range map[string]bool{"": true, "ru": true, "RU-by": true, "by": true, "be": true, "ua": true,
		"kz": true, "en": false, "az": false, "x": false, "яя": false} {
		f := sound().with("KASSA_KEY", "", "BX_SYSTEM_PARAMS[RETURN_URL]", "https://shop.example/?user_lang="+
			url.QueryEscape(lang))
		if a := post(t, b, formType, f.encode()); len(a.Errors) != 1 || strings.HasPrefix(a.Errors[0], "Оплата") != russian {
			t.Errorf("%q: %+v", lang, a)
		}
	}
}

func reported(p payment.Payment, r payment.Report) payment.Event {
	if r.State == "" {
		r.State = payment.BankApproved
	}
	r.Word = "WORD"
	return payment.Statement{Handle: p.Handle, Report: r}
}

// FuzzForm: no form makes us fail, and none that is taken leaves it open what is to be paid.
func FuzzForm(f *testing.F) {
	f.Add(formType, sound().encode())
	f.Add(formType, "BX_SYSTEM_PARAMS%5BSUM%5D=1,500&KASSA_TERM=%2B3")
	shop := api.Shop{ID: "s", Currency: payment.AZN, Banks: []string{"kapital"}}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		read, err := readForm(contentType, []byte(body))
		if err != nil {
			return
		}
		order, err := read.order(shop)
		if err == nil && (!strings.HasPrefix(order.Ref, "b24-") || order.Amount.Minor < 0 ||
			order.Amount.Currency != payment.AZN || len(order.Metadata) != 2) {
			t.Errorf("%+v", order)
		}
		order.Check()
	})
}
