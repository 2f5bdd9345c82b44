package kapitaltxpg

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// visitPage loads or sends a page as a browser does and follows nothing.
func (b *bank) visitPage(path string, form url.Values) (status int, location, text string) {
	b.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.pages.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := *b.pages.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if answer.Header.Get("Referrer-Policy") != "no-referrer" && strings.HasPrefix(path, "/flex") {
		b.t.Errorf("the page's address may be told to others: %v", answer.Header)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(raw)
}

func cardForm(pan, expiry, cvv string) url.Values {
	return url.Values{"pan": {pan}, "expiry": {expiry}, "cvv": {cvv}, "action": {"pay"}}
}

func TestPageSpeaksThreeLanguages(t *testing.T) {
	b := open(t, nil)
	_, page := b.order()
	for lang, words := range map[string][]string{
		"": {`lang="az"`, "Kartın nömrəsi", "12", ",50", "Order №12345",
			"4169 7413 3015 1778", "06 / 27 · CVV 591", "5239 1517 4718 3468"},
		"ru": {`lang="ru"`, "Номер карты"},
		"en": {`lang="en"`, "Card number", "12.50", "AZN"},
	} {
		address := page
		if lang != "" {
			address += "&lang=" + lang
		}
		status, _, text := b.visitPage(address, nil)
		for _, word := range words {
			if status != http.StatusOK || !strings.Contains(text, word) {
				t.Errorf("%q: HTTP %d without %q", lang, status, word)
			}
		}
	}
}

func TestPageNeedsItsPassword(t *testing.T) {
	b := open(t, nil)
	id, _ := b.order()
	for _, path := range []string{"/flex?id=" + id, "/flex?id=" + id + "&password=x", "/flex?id=5&password=x", "/flex"} {
		if status, _, text := b.visitPage(path, nil); status != http.StatusNotFound || strings.Contains(text, "12345") {
			t.Errorf("%s: HTTP %d", path, status)
		}
	}
}

const backThere = "https://shop.example/back?a=1&ID="

func TestACustomerPays(t *testing.T) {
	secure, funds := cardForm("7777770000000038", "12/30", "119"), cardForm("7777770000000012", "12/30", "119")
	code := func(text string) url.Values { return url.Values{"action": {"confirm"}, "code": {text}} }
	for _, c := range []struct {
		name  string
		forms []url.Values
		state string
		after string // where the last form leads: back to the shop, or to the page again
	}{
		{"with the published card", []url.Values{cardForm("4169 7413 3015 1778", "06/27", "591")}, "FullyPaid", backThere},
		{"by 3-D Secure", []url.Values{secure, code("1234")}, "FullyPaid", backThere},
		{"with a wrong code", []url.Values{secure, code("1")}, "Preparing", "/flex?"},
		{"and cancels", []url.Values{{"action": {"cancel"}}}, "Cancelled", backThere},
		{"and is declined", []url.Values{funds}, "Preparing", "/flex?"},
		{"at the second try", []url.Values{funds, cardForm("5239151747183468", "11/27", "602")}, "FullyPaid", backThere},
		{"and is declined for good", []url.Values{funds, cardForm("7777770000000004", "12/30", "119"),
			cardForm("7777770000000020", "12/30", "119")}, "Declined", backThere},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, nil)
			id, page := b.order()
			var status int
			var location string
			for _, form := range c.forms {
				status, location, _ = b.visitPage(page, form)
			}
			state, err := b.Status(id)
			if err != nil || status != http.StatusSeeOther || state != c.state || !strings.HasPrefix(location, c.after) {
				t.Errorf("HTTP %d to %s, status %s, %v", status, location, state, err)
			}
			if c.after == backThere && !strings.HasSuffix(location, id+"&STATUS="+c.state) {
				t.Errorf("back by %s", location)
			}
		})
	}
}

func TestADeclinedTrySaysSo(t *testing.T) {
	b := open(t, nil)
	_, page := b.order()
	b.visitPage(page, cardForm("7777770000000012", "12/30", "119"))
	_, _, text := b.visitPage(page+"&lang=en", nil)
	if !strings.Contains(text, "try again with another card") || strings.Contains(text, `value="7777`) {
		t.Error("the form does not stand again, empty and with a word")
	}
	status, _, text := b.visitPage(page+"&lang=en", cardForm("123", "13/30", ""))
	for _, word := range []string{"pan-error", "expiry-error", "cvv-error", "marked fields"} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, word) {
			t.Errorf("HTTP %d without %q", status, word)
		}
	}
}

func TestSwitchesOfTheReturn(t *testing.T) {
	for _, c := range []struct {
		set  Settings
		want string // with PASS for the order's password; "" = no redirect to the shop
	}{
		{Settings{}, "https://shop.example/back?a=1&ID=700001&STATUS=Cancelled"},
		{words("Cancelled", "Refused"), "https://shop.example/back?a=1&ID=700001&STATUS=Refused"},
		{Settings{ReturnWithout: "id"}, "https://shop.example/back?a=1&STATUS=Cancelled"},
		{Settings{ReturnWithout: "status"}, "https://shop.example/back?a=1&ID=700001"},
		{Settings{ReturnWithout: "both"}, "https://shop.example/back?a=1"},
		{Settings{ForgeStatus: "FullyPaid", SwapOrder: "7"}, "https://shop.example/back?a=1&ID=7&STATUS=FullyPaid"},
		{Settings{ReturnPassword: true}, "https://shop.example/back?a=1&ID=700001&STATUS=Cancelled&PASSWORD=PASS"},
		{Settings{Return: "drop"}, ""},
	} {
		b := switched(t, c.set)
		_, page := b.order()
		_, password, _ := strings.Cut(page, "password=")
		_, location, _ := b.visitPage(page, url.Values{"action": {"cancel"}})
		want := strings.ReplaceAll(c.want, "=PASS", "="+password)
		if c.want == "" && !strings.HasPrefix(location, "/flex?") || c.want != "" && location != want {
			t.Errorf("%+v: %s", c.set, location)
		}
	}
}

func TestReturnAddressWithoutAQuery(t *testing.T) {
	b := open(t, nil)
	for to, want := range map[string]string{
		"https://shop.example/back":   "https://shop.example/back?ID=",
		"https://shop.example/back#a": "https://shop.example/back?ID=",
	} {
		b.post("/api/order", `{"order":{"typeRid":"Order_SMS","amount":"1","currency":"AZN","hppRedirectUrl":"`+to+`"}}`)
		orders := b.Book.All()
		got := returnAddress(orders[len(orders)-1], Settings{})
		if !strings.HasPrefix(got, want) || strings.HasSuffix(to, "#a") != strings.HasSuffix(got, "#a") {
			t.Errorf("%s leads to %s", to, got)
		}
	}
}

func TestAnUnpaidOrderExpires(t *testing.T) {
	for _, c := range []struct {
		rules func(*Settings)
		state string
	}{
		{func(*Settings) {}, "Expired"},
		{func(s *Settings) { s.AcceptExpired = true }, "FullyPaid"},
		{func(s *Settings) { s.LifetimeMinutes = 48 * 60 }, "FullyPaid"},
	} {
		b := open(t, func(o *Options) { c.rules(&o.Settings) })
		id, page := b.order()
		b.wait(25 * time.Hour)
		b.get("/api/order/" + id)
		b.visitPage(page, cardForm("4169741330151778", "0627", "591"))
		if state, err := b.Status(id); err != nil || state != c.state {
			t.Errorf("%s, want %s (%v)", state, c.state, err)
		}
	}
}

func TestDesk(t *testing.T) {
	b := open(t, nil)
	id := b.paid()
	_, _, text := b.visitPage("/desk", nil)
	for _, word := range []string{id, `value="desk_refund"`, `value="desk_void"`, `value="12.50"`} {
		if !strings.Contains(text, word) {
			t.Errorf("the desk lacks %q", word)
		}
	}
	step := func(action, amount string) int {
		status, _, _ := b.visitPage("/desk", url.Values{"order": {id}, "action": {action}, "amount": {amount}})
		return status
	}
	if got := step("desk_refund", "x"); got != http.StatusUnprocessableEntity {
		t.Errorf("no amount: HTTP %d", got)
	}
	if got := step("desk_refund", "2,50"); got != http.StatusSeeOther || b.Ledger().Totals.Refunded != 250 {
		t.Errorf("a refund: HTTP %d, %+v", got, b.Ledger().Totals)
	}
	if got := step("desk_void", ""); got != http.StatusConflict {
		t.Errorf("a void after it: HTTP %d", got)
	}
}
