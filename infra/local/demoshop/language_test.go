package demoshop

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

func english(t testing.TB) words.Speech {
	t.Helper()
	texts, err := words.Read()
	if err != nil {
		t.Fatal(err)
	}
	return texts.In("en")
}

// in opens a page as a browser that likes a language.
func (s *stand) in(language, path string) answer {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	return s.do(req)
}

func TestTheBrowsersLanguageIsSpoken(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct{ accepted, language, hello string }{
		{"az-AZ,az;q=0.9,en;q=0.5", "az", "Tələsmədən"}, {"be", "be", "зробленыя"}, {"de,ru;q=0.3", "ru", "сделанные"},
		{"de", "en", "Small things"}, {"", "en", "Small things"},
	} {
		a := s.in(c.accepted, "/")
		a.has(t, `<html lang="`+c.language+`">`, c.hello)
		if a.header.Get("Content-Language") != c.language || a.header.Get("Vary") != "Cookie, Accept-Language" {
			t.Errorf("%s: %v", c.accepted, a.header)
		}
	}
}

// TestAChosenLanguageIsRemembered, goes before the browser's, and leads back to the same page of ours and to no other.
func TestAChosenLanguageIsRemembered(t *testing.T) {
	s := newStand(t)
	a := s.get("/orders?status=paid")
	a.has(t, `name="back" value="/orders?status=paid"`,
		`value="en" lang="en" data-testid="language-en" aria-current="true"`,
		`lang="be" data-testid="language-be">Беларуская`)
	if a := s.post("/language",
		url.Values{"language": {"be"}, "back": {"/orders?status=paid"}}); a.status != http.StatusSeeOther ||
		a.location != "/orders?status=paid" {
		t.Errorf("%d %q", a.status, a.location)
	}
	s.in("ru", "/orders").has(t, `<html lang="be">`, "Службовая старонка")
	for back, want := range map[string]string{"//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"": "/", "javascript:x": "/", "/\t/evil.example": "/"} {
		if a := s.post("/language", url.Values{"language": {"ru"}, "back": {back}}); a.location != want {
			t.Errorf("%q leads to %q", back, a.location)
		}
	}
	if a := s.post("/language", url.Values{"language": {"fr"}, "back": {"/"}}); a.status != http.StatusNotFound {
		t.Errorf("a language that there is not: %d", a.status)
	}
	a = s.post("/orders/10001/refunds", nil)
	a.has(t, `name="back" value=""`) // a page that a form's answer is cannot be opened again; the switch leads to the shop
}

// TestTheBankIsToldTheLanguage: its page and the order's description are in the customer's.
func TestTheBankIsToldTheLanguage(t *testing.T) {
	s := newStand(t)
	s.post("/language", url.Values{"language": {"az"}, "back": {"/"}})
	s.post("/checkout", s.checkoutForm("2"))
	body := s.kassa.calls("POST pay")[0].body
	if body["locale"] != "az" || body["description"] != "Sifariş 10001: 2 x Armudu çay dəsti" {
		t.Errorf("%v", body)
	}
}

// foreign are words that stand in Latin letters on a Russian or Belarusian page for a reason.
var foreign = regexp.MustCompile(
	`^(Nar|Co|Kassa|AZN|BYN|UTC|CVV|APPROVED|CREATED|pay|rf|evt|demo|az|by|id|ID|kapital|` +
		`Karta|Pokupok|By|instalments|with|shop|k|Ölkə|OK|Az|name|example|one|cup|broke|rbaycanca|English|aysel)$`)

var (
	ownLanguage = regexp.MustCompile(`(?s)<(\w+)[^>]* lang="(?:en|az|be|ru)"[^>]*>.*?</(?:span|p|button)>`)
	invisible   = regexp.MustCompile(`(?s)<(script|style|svg|pre|code)[^>]*>.*?</(script|style|svg|pre|code)>`)
	spokenAttr  = regexp.MustCompile(`(?:aria-label|placeholder|alt|title)="([^"]*)"`)
	tag         = regexp.MustCompile(`(?s)<[^>]*>`)
	latin       = regexp.MustCompile(`\p{Latin}{2,}`)
)

// pagesOf is every kind of page, in many states.
func pagesOf(s *stand) map[string]string {
	ref := s.order(object{"status": "partially_refunded", "bank_status": "APPROVED", "captured_amount": 15000,
		"refunded_amount": 5050, "late": true, "overpaid": true,
		"review": []string{"amount", "currency", "session", "status", "regress", "refund"},
		"refunds": []object{{"amount": 5050, "status": "succeeded", "origin": "bank"},
			{"amount": 50, "status": "processing", "origin": "shop"}, {"amount": 50, "status": "failed", "origin": "shop"}},
		"history": []object{{"sequence": 1, "at": "2026-03-01T20:30:05Z", "what": "refund_succeeded", "by": "bank",
			"code": "51"}, {"sequence": 2, "at": "2026-03-01T20:30:05Z", "what": "review:amount", "by": "operator:aysel"}}})
	pages := map[string]string{}
	for _, path := range []string{"/", "/in/BYN", "/products/armudu", "/products/abrus", "/cart", "/orders",
		"/orders/" + ref, "/orders?find=x", "/orders?find=10009&status=paid", "/return/" + ref, "/messages", "/nowhere"} {
		pages[path] = s.get(path).html
	}
	for _, state := range []string{"created", "pending", "paid", "refunded", "declined", "cancelled", "expired",
		"a_new_status"} {
		s.kassa.set(ref, object{"status": state, "late": false, "overpaid": false, "review": nil, "captured_amount": 15000,
			"refunded_amount": 0})
		if state != "a_new_status" {
			pages["orders "+state] = s.get("/orders/" + ref).html
		}
		pages["return "+state] = s.get("/return/" + ref).html
	}
	s.kassa.set(ref, paid())
	form := s.refundForm("part", "10")
	form.Del("sure")
	pages["confirm"] = s.post("/orders/"+ref+"/refunds", form).html
	pages["wrong"] = s.post("/orders/"+ref+"/refunds", s.refundForm("part", "1,2,3")).html
	pages["refunded"] = s.follow(s.post("/orders/"+ref+"/refunds", s.refundForm("part", "10"))).html
	s.put("abrus", "1")
	pages["full cart"] = s.get("/cart").html
	pages["apply"] = s.get("/instalments").html
	empty := s.applicationForm("12")
	empty.Set("first_name", "")
	empty.Set("last_name", "")
	empty.Set("phone", "")
	empty.Set("email", "")
	pages["apply wrongly"] = s.post("/instalments", empty).html
	s.kassa.script("POST pay", refusal(503, "bank_unavailable", "4"))
	pages["problem"] = s.post("/checkout", s.checkoutForm("1")).html
	s.tell("evt_pay_10001-1_3", "payment.paid", "x")
	s.tell("evt_pay_10001-1_3", "payment.paid", "x")
	pages["told"] = s.get("/messages").html
	return pages
}

// TestNoTextIsLeftInEnglish: of all that a page says in Russian or Belarusian, tooltips and labels too, nothing stands
// in Latin letters but names; and no page in any language asks for a text that there is not.
func TestNoTextIsLeftInEnglish(t *testing.T) {
	for _, language := range words.Languages() {
		s := newStand(t)
		s.post("/language", url.Values{"language": {language}, "back": {"/"}})
		for name, html := range pagesOf(s) {
			if m := regexp.MustCompile(`\[[a-z]+\.[\w.]+\]`).FindString(html); m != "" {
				t.Errorf("%s in %s lacks the text %s", name, language, m)
			}
			if !strings.Contains(html, `<html lang="`+language+`">`) {
				t.Errorf("%s is not in %s", name, language)
			}
			if language == "en" || language == "az" {
				continue
			}
			visible := ownLanguage.ReplaceAllString(invisible.ReplaceAllString(html, ""), "")
			text := tag.ReplaceAllString(visible, " ")
			for _, m := range spokenAttr.FindAllStringSubmatch(visible, -1) {
				text += " " + m[1]
			}
			for _, word := range latin.FindAllString(strings.NewReplacer("&lt;b&gt;&amp;", "", "&nbsp;", "").Replace(text), -1) {
				if !foreign.MatchString(word) {
					t.Errorf("%s in %s says %q", name, language, word)
				}
			}
		}
	}
}

// TestTheTableIsUsed: a key that a page names is in the table, and one of the table is named by some page.
func TestTheTableIsUsed(t *testing.T) {
	var all strings.Builder
	files, err := filepath.Glob("*.go")
	templates, other := filepath.Glob("templates/*.html")
	more, third := filepath.Glob("*/*.go")
	if err != nil || other != nil || third != nil {
		t.Fatal(err, other, third)
	}
	for _, name := range slices.Concat(files, templates, more) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	source, say := all.String(), english(t)
	for _, m := range regexp.MustCompile(
		`(?:say|Say) "([a-zA-Z._]+)"|Say\("([a-zA-Z._]+[a-z])"|Key: `+
			`"([a-z.A-Z]+)"|"((?:stage|again|board|amount)\.[a-zA-Z]+)"`).FindAllStringSubmatch(source, -1) {
		if key := m[1] + m[2] + m[3] + m[4]; !say.Has(key) {
			t.Errorf("a page says %s, which is not in the table", key)
		}
	}
	// their keys are put together
	lists := regexp.MustCompile(
		`^(goods|market|card|instalments|decline|status|reason|review|cause|advice|fact|step|event|who|told|problem|apply)\.`)
	for _, key := range say.Keys() {
		if !lists.MatchString(key) && !strings.Contains(source, `"`+key+`"`) {
			t.Errorf("no page says %s", key)
		}
	}
}

// TestTheTableNamesWhatIsSold: in English a thing is called what its order calls it, and everything sold has its texts.
func TestTheTableNamesWhatIsSold(t *testing.T) {
	say := english(t)
	for _, p := range goods.All() {
		if say.Goods(p.SKU, "") != p.Name {
			t.Errorf("%s is called %s and %s", p.SKU, say.Goods(p.SKU, ""), p.Name)
		}
		for _, key := range []string{"tagline", "story", "detail1", "detail2", "detail3"} {
			if !say.Has("goods." + p.SKU + "." + key) {
				t.Errorf("%s has no %s", p.SKU, key)
			}
		}
	}
	for _, e := range []error{goods.AmountEmpty, goods.AmountSpace, goods.AmountNegative, goods.AmountShape,
		goods.AmountDecimals, goods.AmountTooLarge, goods.AmountZero} {
		if say.Say(amountKey(e)) != e.Error() {
			t.Errorf("%v is told as %s", e, say.Say(amountKey(e)))
		}
	}
}

// TestDeclineInWordsThatFit: what the customer can do follows from why the bank refused; a hint that is new is not
// guessed at.
func TestDeclineInWordsThatFit(t *testing.T) {
	for hint, want := range map[string]string{"expired_card": "This card has expired",
		"insufficient_funds": "not enough money", "limit": "above the card", "not_permitted": "cannot be used",
		"try_again": "try the same card again", "call_bank": "Call it", "other": "gave no clear reason",
		"a_new_hint": "gave no clear reason"} {
		s := newStand(t)
		ref := s.order(object{"status": "declined", "decline": object{"code": "054", "hint": hint}})
		s.get("/return/"+ref).has(t, want, "Nothing was charged")
		a := s.get("/orders/" + ref)
		a.has(t, want, "code 054", `data-hint="`+hint+`"`)
		if hint == "expired_card" {
			s.get("/return/"+ref).lacks(t, "same card")
			s.post("/language", url.Values{"language": {"az"}, "back": {"/"}})
			s.get("/return/"+ref).has(t, "Bu kartın müddəti bitib")
		}
	}
	s := newStand(t)
	s.get("/return/"+s.order(object{"status": "declined", "decline": nil})).has(t,
		"Try again with the same card or another one")
}
