package demoshop

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// A customer of the tests, who must be found nowhere but in what goes to Kassa.
const (
	canaryFirst = "Ганна-Канарэйка"
	canaryLast  = "Kanarejka"
	canaryPhone = "+375 29 765-43-21"
	canaryMail  = "kanarejka@mail.example"
)

// put lays something into the cart from the product's page.
func (s *stand) put(sku, quantity string) answer {
	s.t.Helper()
	s.get("/products/"+sku).has(s.t, `data-testid="cart-form"`, `<kassa-instalments`)
	return s.follow(s.post("/cart", url.Values{"sku": {sku}, "quantity": {quantity}, "add": {"yes"}}))
}

// applicationForm fills the form of the cart as it stands on the page.
func (s *stand) applicationForm(term string) url.Values {
	s.t.Helper()
	html := s.get("/instalments").html
	return url.Values{
		"form": {field(s.t, html, "form")}, "cart": {field(s.t, html, "cart")}, "term": {term},
		"first_name": {canaryFirst}, "last_name": {canaryLast}, "phone": {canaryPhone}, "email": {" " + canaryMail + " "},
	}
}

// applied places order 10001, one linen set over 12 months, with an attempt of these fields.
func (s *stand) applied(fields object) string {
	s.t.Helper()
	s.put("abrus", "1")
	if a := s.post("/instalments", s.applicationForm("12")); a.status != http.StatusSeeOther ||
		!strings.HasPrefix(a.location, "http") {
		s.t.Fatalf("%d %q\n%s", a.status, a.location, a.html)
	}
	s.kassa.set("10001", object{"bank": "kartapokupok", "term": 12})
	s.kassa.set("10001", fields)
	return "10001"
}

func TestTwoMarketsOnOneShelf(t *testing.T) {
	s := newStand(t)
	az, by := s.get("/"), s.get("/in/BYN")
	az.has(t, `data-testid="product-armudu"`, `data-testid="market-BYN"`, "150.00 AZN")
	az.lacks(t, "abrus", "BYN</span></span>")
	by.has(t, `data-testid="product-abrus"`, "120.00 BYN", "36.00 BYN", "450.00 BYN",
		`data-testid="market-BYN" aria-current="page"`)
	by.lacks(t, "armudu")
	s.get("/products/armudu").lacks(t, "<kassa-instalments", `data-testid="cart-form"`)
	a := s.get("/products/abrus")
	a.has(t, `amount="12000"`, `shop="demo-by"`, `api="`+s.kassa.URL+`"`, "5 for 600.00 BYN", `href="/in/BYN"`)
	a.lacks(t, `action="/checkout"`)
	if a := s.post("/checkout", url.Values{"sku": {"abrus"}, "currency": {"BYN"}, "quantity": {"1"},
		"form": {strings.Repeat("A", 26)}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("instalments without an application: %d", a.status)
	}
}

func TestTheCart(t *testing.T) {
	s := newStand(t)
	s.get("/cart").has(t, `data-testid="cart-empty"`)
	if a := s.get("/instalments"); a.location != "/cart" {
		t.Errorf("an application for nothing: %d %q", a.status, a.location)
	}
	s.put("abrus", "1")
	s.put("pavuk", "2").has(t, `data-testid="cart-total">192.00 BYN`, `amount="19200"`)
	s.put("pavuk", "1").has(t, `data-testid="cart-total">228.00 BYN`)
	s.put("pavuk", "5").has(t, `data-testid="cart-total">300.00 BYN`, "at most 5 of each thing")
	s.follow(s.post("/cart", url.Values{"sku": {"pavuk"}, "quantity": {"2"}})).has(t,
		`data-testid="cart-total">192.00 BYN`)
	a := s.follow(s.post("/cart", url.Values{"sku": {"abrus"}, "quantity": {"0"}}))
	a.has(t, `data-testid="cart-total">72.00 BYN`, `amount="7200"`)
	a.lacks(t, `data-sku="abrus"`)
	for name, form := range map[string]url.Values{
		"unknown": {"sku": {"none"}, "quantity": {"1"}}, "not for BYN": {"sku": {"armudu"}, "quantity": {"1"}},
		"negative": {"sku": {"abrus"}, "quantity": {"-1"}}, "too many": {"sku": {"abrus"}, "quantity": {"6"}}, "empty": {},
	} {
		if a := s.post("/cart", form); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	s.get("/cart").has(t, `data-testid="cart-total">72.00 BYN`)
}

func TestApplicationGoesToKassa(t *testing.T) {
	s := newStand(t)
	s.put("abrus", "1")
	s.put("pavuk", "2")
	s.get("/instalments").has(t, "16.00 BYN", "64.00 BYN", `value="12" data-testid="term-12" checked`,
		`autocomplete="given-name"`,
		`autocomplete="family-name"`, `autocomplete="tel"`, `autocomplete="email"`, "192.00 BYN")
	form := s.applicationForm("6")
	a := s.post("/instalments", form)
	if a.status != http.StatusSeeOther || a.location != "http://127.0.0.1:8083/pay?ORDERID=778" {
		t.Fatalf("%d %q\n%s", a.status, a.location, a.html)
	}
	calls := s.kassa.calls("POST pay")
	back := s.server.URL + "/return/10001"
	want := object{
		"order_ref": "10001", "bank": "kartapokupok", "amount": "19200", "currency": "BYN", "locale": "en", "term": "6",
		"description": "Order 10001: 1 x Abrus linen set, 2 x Pavuk straw spider",
		"return_urls": object{"success": back, "cancel": back, "decline": back},
		"items": []any{object{"sku": "abrus", "name": "Abrus linen set", "quantity": "1", "unit_amount": "12000"},
			object{"sku": "pavuk", "name": "Pavuk straw spider", "quantity": "2", "unit_amount": "3600"}},
		"customer": object{"first_name": canaryFirst, "last_name": canaryLast, "phone": canaryPhone, "email": canaryMail},
	}
	if len(calls) != 1 || fmt.Sprint(calls[0].body) != fmt.Sprint(want) {
		t.Errorf("sent %v\nwant %v", calls, want)
	}
	s.get("/cart").has(t, `data-testid="cart-empty"`)
	if again := s.post("/instalments", form); again.location != a.location {
		t.Errorf("the same form again: %d %q", again.status, again.location)
	}
	if calls := s.kassa.calls("POST pay"); len(calls) != 2 || calls[1].body["order_ref"] != "10001" {
		t.Errorf("a repeat of the form became another order: %v", calls)
	}
}

// What a customer types is neither in the shop's file, nor on a page of the order.
func TestTheShopKeepsNothingOfTheCustomer(t *testing.T) {
	s := newStand(t)
	ref := s.applied(nil)
	for _, path := range []string{"/return/" + ref, "/orders", "/orders/" + ref, "/instalments/" + ref, "/cart"} {
		s.get(path).lacks(t, canaryFirst, canaryLast, canaryPhone, canaryMail)
	}
	file, err := os.ReadFile(s.options.DataFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{canaryFirst, canaryLast, canaryPhone, canaryMail} {
		if strings.Contains(string(file), canary) {
			t.Errorf("%q stands in the shop's file", canary)
		}
	}
}

func TestMistakesStandBesideTheirFields(t *testing.T) {
	s := newStand(t)
	s.put("abrus", "1")
	for name, gone := range map[string]string{"first_name": "first_name-error", "last_name": "last_name-error",
		"phone": "phone-error", "email": "email-error", "term": "term-error"} {
		form := s.applicationForm("12")
		form.Del(name)
		a := s.post("/instalments", form)
		if a.status != http.StatusUnprocessableEntity || strings.Count(a.html, `-error"`) != 1 {
			t.Errorf("without %s: %d\n%s", name, a.status, a.html)
		}
		a.has(t, `data-testid="`+gone+`"`)
	}
	form := s.applicationForm("12")
	form.Set("form", "old")
	s.post("/instalments", form).has(t, "This page was too old", canaryFirst)
	if len(s.kassa.calls("POST pay")) != 0 {
		t.Error("an application was sent")
	}
	s.get("/orders").has(t, "No order yet")

	form = s.applicationForm("12")
	form.Set("first_name", `"><script>alert(1)</script>`)
	english := object{"code": "invalid_fields", "errors": []object{
		{"pointer": "/customer/phone", "detail": "Must be a phone number."},
		{"pointer": "/customer/email", "detail": "Must be an e-mail address."},
		{"pointer": "/customer/last_name", "detail": "Is too long."}, {"pointer": "/term", "detail": "Not offered."}}}
	tries := 0
	for language, texts := range map[string][]string{
		"az": {"Telefon nömrəsini bütöv yazın", "Ünvanı yoxlayın", "Bunu yoxlayın", "ödəyəcəyinizi seçin"},
		"be": {"Напішыце нумар тэлефона цалкам", "Праверце адрас", "Праверце гэта", "хочаце заплаціць"},
		"en": {"Write the whole phone number", "Look at the address", "look at this again", "you want to pay"},
		"ru": {"Напишите номер телефона целиком", "Проверьте адрес", "Проверьте это", "хотите заплатить"},
	} {
		s.post("/language", url.Values{"language": {language}, "back": {"/"}})
		s.kassa.script("POST pay", reply{status: 422, body: english})
		a := s.post("/instalments", form)
		if a.status != http.StatusUnprocessableEntity || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", a.status, a.header)
		}
		a.has(t, append(texts, `aria-describedby="phone-news"`, canaryMail, form.Get("form"))...)
		a.lacks(t, "<script>alert", "Must be", "Is too long", "Not offered")
		tries++
	}
	a := s.post("/instalments", form)
	if calls := s.kassa.calls("POST pay"); a.status != http.StatusSeeOther || len(calls) != tries+1 ||
		calls[tries].body["order_ref"] != "10001" {
		t.Errorf("mended, it must be the same order: %d %v", a.status, calls)
	}

	s.put("abrus", "1")
	s.kassa.script("POST pay",
		reply{status: 422, body: object{"code": "invalid",
			"errors": []object{{"pointer": "/amount", "detail": "Above the limit."}}}})
	s.post("/instalments", s.applicationForm("12")).has(t, "/amount", "Above the limit.", `data-testid="problem"`)
}

func TestPlansThatCannotBeShown(t *testing.T) {
	for name, c := range map[string]struct {
		reply  reply
		status int
		part   string
	}{
		"down":           {refusal(503, "store_unavailable", "2"), 503, "busy"},
		"of other money": {reply{status: 200, body: object{"currency": "AZN", "plans": []object{}}}, 503, "cannot read"},
		"of other total": {reply{status: 200,
			body: object{"currency": "BYN",
				"plans": []object{{"term": 3, "monthly_amount": 1, "last_amount": 1, "total_amount": 3}}}}, 503, "cannot read"},
		"none": {reply{status: 200, body: object{"currency": "BYN", "plans": []object{}}}, 200,
			"no instalments for 120.00 BYN"},
	} {
		s := newStand(t)
		s.put("abrus", "1")
		s.kassa.script("GET plans", c.reply)
		a := s.get("/instalments")
		if a.status != c.status {
			t.Errorf("%s: %d", name, a.status)
		}
		a.has(t, `data-testid="no-plans"`, c.part)
		a.lacks(t, `data-testid="apply-button"`)
	}
}

func TestTheReturnPageShowsTheApplicationsProgress(t *testing.T) {
	paid := object{"status": "paid", "captured_amount": 12000, "amount": 12000}
	part := maps.Clone(paid)
	maps.Copy(part, object{"status": "partially_refunded", "refunded_amount": 2000})
	for _, c := range []struct {
		state  string
		fields object
		text   string
		now    string // the step where it stands
		again  bool
	}{
		{"pending", object{"status": "pending"}, "You may close this page", "The bank decides", true},
		{"created", object{"status": "created"}, "Preparing your application", "You apply", true},
		{"paid", paid, "you pay the bank month by month", "We pack and send", false},
		{"partially_refunded", part, "20.00 BYN", "We pack and send", false},
		{"declined", object{"status": "declined"}, "The bank said no", "", true},
		{"cancelled", object{"status": "cancelled"}, "Application cancelled", "", true},
		{"expired", object{"status": "expired"}, "ran out", "", true},
		{"unknown", object{"status": "a_new_status"}, "cannot see", "", false},
	} {
		t.Run(c.state, func(t *testing.T) {
			s := newStand(t)
			a := s.get("/return/" + s.applied(c.fields))
			a.has(t, `data-state="`+c.state+`"`, c.text, `data-testid="term">12 months`)
			a.lacks(t, "your card", "Pay by card")
			if got := strings.Contains(a.html, `aria-current="step">`+c.now); got != (c.now != "") {
				t.Errorf("stands at %q: %v\n%s", c.now, got, a.html)
			}
			if got := strings.Contains(a.html, `action="/pay/10001"`); got != c.again {
				t.Errorf("offers the way on: %v, want %v", got, c.again)
			}
		})
	}
}

// The way back to a bank's page that is still open asks nothing of the customer; a new application asks everything
// again.
func TestTheWayOnFromAnOrder(t *testing.T) {
	s := newStand(t)
	ref := s.applied(nil)
	if a := s.post("/pay/"+ref, nil); a.location != "http://127.0.0.1:8083/pay?ORDERID=778" {
		t.Errorf("an open page: %d %q", a.status, a.location)
	}
	s.kassa.set(ref, object{"status": "declined", "redirect_url": nil})
	form := s.follow(s.post("/pay/"+ref, nil))
	form.has(t, "Order 10001", `action="/instalments/10001"`, `data-testid="term-12"`)
	again := url.Values{"term": {"3"}, "first_name": {"A"}, "last_name": {"B"}, "phone": {canaryPhone}}
	if a := s.post("/instalments/"+ref, again); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without e-mail: %d", a.status)
	}
	again.Set("email", canaryMail)
	s.post("/instalments/"+ref, again)
	calls := s.kassa.calls("POST pay")
	if last := calls[len(calls)-1].body; len(calls) != 2 || last["order_ref"] != ref || fmt.Sprint(last["term"]) != "3" {
		t.Errorf("a new application of the same order: %v", calls)
	}
	s.kassa.set(ref, object{"status": "paid", "captured_amount": 12000, "redirect_url": nil})
	if a := s.post("/pay/"+ref, nil); a.location != "/return/10001" {
		t.Errorf("paid by now: %d %q", a.status, a.location)
	}
	s.kassa.script("GET list", refusal(503, "store_unavailable", "2"))
	s.post("/pay/"+ref, nil).has(t, `data-testid="problem"`, "busy")
}

func TestAnApplicationInProgressIsWaitedForOnItsPage(t *testing.T) {
	s := newStand(t)
	s.put("abrus", "1")
	s.kassa.script("POST pay", refusal(409, "payment_in_progress", "25"))
	if a := s.post("/instalments", s.applicationForm("12")); a.location != "/return/10001" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

func TestRefundOfAnInstalmentOrder(t *testing.T) {
	s := newStand(t)
	ref := s.applied(object{"status": "paid", "captured_amount": 12000, "amount": 12000, "currency": "BYN"})
	s.get("/orders/"+ref).has(t, "120.00 BYN", "1 × Abrus linen set", `data-testid="term">12 months`, "up to 120.00 BYN")
	s.follow(s.post("/orders/"+ref+"/refunds", s.refundForm("part", "20"))).has(t, "Refunded 20.00 BYN.",
		"up to 100.00 BYN")
	s.follow(s.post("/orders/"+ref+"/refunds", s.refundForm("all", ""))).has(t, "Refunded 100.00 BYN.")
}
