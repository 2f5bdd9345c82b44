package kartapokupok

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// form is a form as a browser without scripts sees it.
type form struct {
	action  string
	values  url.Values
	boxes   []string
	buttons []string
}

// readForms walks the page with the standard library's tolerant decoder.
func readForms(t *testing.T, text string) (forms []form) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return forms
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v\n%s", err, text)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		at := map[string]string{}
		for _, a := range e.Attr {
			at[a.Name.Local] = a.Value
		}
		last := len(forms) - 1
		switch {
		case e.Name.Local == "form":
			forms = append(forms, form{action: at["action"], values: url.Values{}})
		case last < 0:
		case at["type"] == "checkbox":
			forms[last].boxes = append(forms[last].boxes, at["name"]+"="+at["value"])
		case e.Name.Local == "input":
			forms[last].values.Set(at["name"], at["value"])
		case e.Name.Local == "button":
			forms[last].buttons = append(forms[last].buttons, at["name"]+"="+at["value"])
		}
	}
}

// visitor is a browser: it keeps the address that it is at.
type visitor struct {
	b      *bank
	at     *url.URL
	text   string
	code   int
	header http.Header
}

func (b *bank) get(address string) *visitor {
	b.t.Helper()
	r, err := b.pages.Client().Get(b.pages.URL + address)
	b.must(err)
	v := &visitor{b: b}
	v.land(r)
	return v
}

func (v *visitor) land(r *http.Response) {
	v.b.t.Helper()
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	v.b.must(err)
	v.at, v.code, v.text, v.header = r.Request.URL, r.StatusCode, string(text), r.Header
}

// press sends the first form with what its hidden fields say and the fields given.
func (v *visitor) press(fields ...string) {
	v.b.t.Helper()
	forms := readForms(v.b.t, v.text)
	if len(forms) == 0 {
		v.b.t.Fatalf("no form on the page: %s", v.text)
	}
	for i := 0; i < len(fields); i += 2 {
		forms[0].values.Set(fields[i], fields[i+1])
	}
	to, err := v.at.Parse(forms[0].action)
	v.b.must(err)
	r, err := v.b.pages.Client().PostForm(to.String(), forms[0].values)
	v.b.must(err)
	v.land(r)
}

func TestThePageIsAPlainForm(t *testing.T) {
	b := start(t, nil)
	v := b.get(b.create().page)
	f := readForms(t, v.text)[0]
	want(t, "buttons", strings.Join(f.buttons, " "), "action=approve action=later action=cancel action=reject")
	want(t, "boxes", strings.Join(f.boxes, " "), "consent=yes")
	for _, piece := range []string{
		`lang="ru"`, "Demo shop", "Здравствуйте, Алеся!", "Чайник «Мінск»", "2&nbsp;×&nbsp;50,00\u00a0BYN", "120,00\u00a0BYN",
		"12\u00a0месяцев", "12\u00a0×\u00a010,00\u00a0BYN", `<label for="consent">`, "12345",
	} {
		if !strings.Contains(v.text, piece) {
			t.Errorf("the page lacks %q", piece)
		}
	}
	for name, value := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff"} {
		want(t, name, v.header.Get(name), value)
	}
	if policy := v.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") ||
		strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	for _, asset := range []string{"/assets/frame.css", "/assets/page.css", "/assets/page.js"} {
		if a := b.get(asset); a.code != 200 || !strings.Contains(v.text, strings.TrimPrefix(asset, "/")) {
			t.Errorf("%s: HTTP %d", asset, a.code)
		}
	}
}

func TestDecideOnThePage(t *testing.T) {
	for action, c := range map[string]struct{ status, path, told string }{
		"approve": {"APPROVED", "/success", "APPROVED"},
		"reject":  {"REJECTED", "/fail", "REJECTED"},
		"cancel":  {"CANCELLED", "/fail", "CANCELLED"},
		"later":   {"PENDING", "/success", "PENDING"},
	} {
		b := start(t, nil)
		s := b.create()
		v := b.get(s.page)
		v.press("consent", "yes", "action", action)
		want(t, action+": status", b.state(s)["status"], c.status)
		want(t, action+": told", b.shop.words(t), c.told)
		want(t, action+": the customer is at", v.at.Path, c.path)
		if hits := b.shop.hits; hits[0].path != "/notify" || hits[1].method != http.MethodGet {
			t.Errorf("%s: the shop saw %s and then %s %s", action, hits[0].path, hits[1].method, hits[1].path)
		}
		if c.path == "/success" {
			want(t, action+": query", v.at.RawQuery, "a=1&b=2")
		}
		again := b.get(s.page)
		want(t, action+": a form again", len(readForms(t, again.text)) > 0, action == "later")
		if action != "later" && !strings.Contains(again.text, `href="`+b.shop.URL+c.path) {
			t.Errorf("%s: no way back to the shop", action)
		}
	}
}

func TestDecideLaterThenApprove(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.get(s.page).press("action", "later")
	v := b.get(s.page)
	if !strings.Contains(v.text, "Заявка сохранена") {
		t.Error("the page does not say that the application waits")
	}
	v.press("consent", "yes", "action", "approve")
	want(t, "told", b.shop.words(t), "PENDING APPROVED")
	want(t, "the customer is at", v.at.Path, "/success")
}

func TestConsentIsNeeded(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	v := b.get(s.page)
	v.press("action", "approve")
	want(t, "HTTP", v.code, http.StatusUnprocessableEntity)
	if !strings.Contains(v.text, "примите условия") || !strings.Contains(v.text, `aria-invalid="true"`) {
		t.Error("the page does not say what is missing")
	}
	want(t, "status", b.state(s)["status"], "PENDING")
	v.press("action", "explode")
	want(t, "an unknown action", v.code, http.StatusBadRequest)
	v = b.get(s.page)
	v.press("consent", "yes", "action", "approve")
	want(t, "in the end", b.state(s)["status"], "APPROVED")
}

// The address of the page opens the application; the shop must not learn it.
func TestTheWayBackTellsNothing(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.pages.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v := b.get(s.page)
	v.press("action", "cancel")
	want(t, "HTTP", v.code, http.StatusSeeOther)
	want(t, "Location", v.header.Get("Location"), b.shop.URL+"/fail")
	want(t, "Referrer-Policy", v.header.Get("Referrer-Policy"), "no-referrer")
	want(t, "Cache-Control", v.header.Get("Cache-Control"), "no-store")
}

// Two tabs: the second one changes nothing and is sent where the first one led.
func TestSecondTab(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	first, second := b.get(s.page), b.get(s.page)
	first.press("action", "cancel")
	second.press("consent", "yes", "action", "approve")
	want(t, "status", b.state(s)["status"], "CANCELLED")
	want(t, "the second tab is at", second.at.Path, "/fail")
	want(t, "told", b.shop.words(t), "CANCELLED")
}

func TestPageAfterItsTime(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	v := b.get(s.page)
	b.clock.Add(31 * 24 * time.Hour)
	v.press("consent", "yes", "action", "approve")
	want(t, "status", b.state(s)["status"], "CANCELLED")
	want(t, "the customer is at", v.at.Path, "/fail")
	if text := b.get(s.page + "&lang=en").text; !strings.Contains(text, "The application has expired") {
		t.Error("the page does not say that it is over")
	}
}

func TestStayOnTheBanksPage(t *testing.T) {
	b := start(t, func(o *Options) { o.Settings.Return = "stay" })
	v := b.get(b.create().page)
	v.press("consent", "yes", "action", "approve")
	want(t, "the customer is at", v.at.Path, "/apply")
	if !strings.Contains(v.text, "Рассрочка оформлена") || strings.Contains(v.text, `id="back"`) {
		t.Error("the page does not say where the application stands, or leads to the shop")
	}
}

func TestLanguages(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	for _, c := range []struct{ query, accept, lang, word string }{
		{"", "", "ru", "Оформить рассрочку"},
		{"", "de, be-BY;q=0.8, en", "be", "Аформіць растэрміноўку"},
		{"&lang=en", "be", "en", "Take the instalment plan"},
		{"&lang=az", "en-GB", "en", "10<"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.pages.URL+s.page+c.query, http.NoBody)
		b.must(err)
		r.Header.Set("Accept-Language", c.accept)
		answer, err := b.pages.Client().Do(r)
		b.must(err)
		v := &visitor{b: b}
		v.land(answer)
		if !strings.Contains(v.text, `<html lang="`+c.lang+`">`) || !strings.Contains(v.text, c.word) {
			t.Errorf("%+v: %.300s", c, v.text)
		}
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	other := b.create()
	for _, address := range []string{"/apply", "/apply?session=" + s.id, "/apply?session=" + s.id + "&key=" +
		strings.Repeat("0", 32), "/apply?session=" + s.id + "&" + strings.Split(other.page, "&")[1]} {
		if v := b.get(address); v.code != http.StatusNotFound || strings.Contains(v.text, "12345") {
			t.Errorf("%s: HTTP %d", address, v.code)
		}
		r, err := b.pages.Client().PostForm(b.pages.URL+address, url.Values{"action": {"cancel"}})
		b.must(err)
		_ = r.Body.Close()
		want(t, "a strange form", r.StatusCode, http.StatusNotFound)
	}
	want(t, "status", b.state(s)["status"], "PENDING")
}

func TestHostileTextIsText(t *testing.T) {
	b := start(t, nil)
	d := b.document()
	d["items"].([]any)[0].(map[string]any)["name"] = `<script>alert(1)</script>"'>`
	d["customer"].(map[string]any)["first_name"] = `<img src=x onerror=alert(1)>`
	if text := b.get(b.opened(d).page).text; strings.Contains(text, "<script>alert") ||
		strings.Contains(text, "<img src=x") {
		t.Error("the page runs what the shop sent")
	}
}

func TestDesk(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.shop.answer(500)
	v := b.get("/desk")
	v.press("action", "reject")
	v.press("action", "approve")
	v.press("action", "desk_refund", "amount", "50,5")
	want(t, "given back", b.Ledger().Totals.Refunded, 5050)
	v.press("action", "desk_refund", "amount", "1.234")
	want(t, "a bad amount", v.code, http.StatusUnprocessableEntity)
	v.press("action", "desk_refund", "amount", "100")
	want(t, "too much", v.code, http.StatusConflict)
	b.shop.answer(200)
	if !strings.Contains(v.text, "Send 3 callbacks") {
		t.Errorf("nothing waits: %s", v.text)
	}
	v.press("action", "deliver")
	want(t, "told", b.shop.words(t), "REJECTED APPROVED REFUNDED REJECTED APPROVED REFUNDED")
	want(t, "status", b.state(s)["refunded_amount"], "50.50")
}

// TestPageDump writes the pages to KARTAPOKUPOKSIM_PAGES for people and
// screenshots; it always proves that all views render in all languages.
func TestPageDump(t *testing.T) {
	dir := os.Getenv("KARTAPOKUPOKSIM_PAGES")
	if dir == "" {
		dir = t.TempDir()
	}
	b := start(t, nil)
	paid, fresh, rejected, late, postponed := b.approved(), b.create(), b.create(), b.create(), b.create()
	b.must(b.DeskRefund(paid.id, 2000))
	b.must(b.Reject(rejected.id))
	b.must(b.Expire(late.id))
	b.must(b.Later(postponed.id))
	for _, lang := range []string{"be", "ru", "en"} {
		pages := map[string]*visitor{"desk": b.get("/desk"), "missing": b.get("/apply?lang=" + lang)}
		for name, s := range map[string]session{"apply": fresh, "paid": paid, "rejected": rejected, "late": late,
			"postponed": postponed} {
			pages[name] = b.get(s.page + "&lang=" + lang)
			if !strings.Contains(pages[name].text, `<html lang="`+lang+`">`) {
				t.Errorf("%s is not in %s", name, lang)
			}
		}
		bad := b.get(fresh.page + "&lang=" + lang)
		bad.press("action", "approve")
		pages["errors"] = bad
		for name, v := range pages {
			b.must(os.WriteFile(filepath.Join(dir, name+"-"+lang+".html"), []byte(v.text), 0o600))
		}
	}
}
