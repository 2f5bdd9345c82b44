package kapitalxml

import (
	"encoding/base64"
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

	"kassa/shared/simbank/kapitalxml/ledger"
)

// form is a form as a browser without scripts sees it.
type form struct {
	action  string
	values  url.Values
	buttons []string
}

// readForms walks the page with the standard library's tolerant decoder.
func readForms(t *testing.T, text string) []form {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var forms []form
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
		switch last := len(forms) - 1; e.Name.Local {
		case "form":
			forms = append(forms, form{action: at["action"], values: url.Values{}})
		case "input":
			if last >= 0 {
				forms[last].values.Set(at["name"], at["value"])
			}
		case "button":
			if last >= 0 && at["name"] != "" {
				forms[last].buttons = append(forms[last].buttons, at["name"]+"="+at["value"])
			}
		}
	}
}

// visitor is a browser: it keeps the address that it is at.
type visitor struct {
	b    *bank
	at   *url.URL
	text string
	code int
}

func (b *bank) visit(address string) *visitor {
	b.t.Helper()
	u, err := url.Parse(b.pages.URL + address)
	b.must(err)
	v := &visitor{b: b}
	r, err := b.pages.Client().Get(u.String())
	b.must(err)
	v.land(r)
	return v
}

func (b *bank) pay(o order) *visitor {
	return b.visit("/index.jsp?ORDERID=" + o.id + "&SESSIONID=" + o.session)
}

func (v *visitor) land(r *http.Response) {
	v.b.t.Helper()
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	v.b.must(err)
	v.at, v.code, v.text = r.Request.URL, r.StatusCode, string(text)
}

// press fills the first form and presses a button.
func (v *visitor) press(fields map[string]string) {
	v.b.t.Helper()
	forms := readForms(v.b.t, v.text)
	if len(forms) == 0 {
		v.b.t.Fatalf("no form on the page: %s", v.text)
	}
	f := forms[0]
	for name, value := range fields {
		f.values.Set(name, value)
	}
	to, err := v.at.Parse(f.action)
	v.b.must(err)
	r, err := v.b.pages.Client().PostForm(to.String(), f.values)
	v.b.must(err)
	v.land(r)
}

func (v *visitor) card(pan string) {
	v.b.t.Helper()
	v.press(map[string]string{"pan": pan, "expiry": "12 / 30", "cvv": "119", "action": "pay"})
}

func TestThePageIsAPlainForm(t *testing.T) {
	b := open(t, nil)
	v := b.pay(b.create())
	f := readForms(t, v.text)[0]
	for _, name := range []string{"pan", "expiry", "cvv"} {
		if _, there := f.values[name]; !there {
			t.Errorf("no field %s", name)
		}
		if !strings.Contains(v.text, `<label for="`+name+`">`) {
			t.Errorf("field %s has no label", name)
		}
	}
	want(t, "buttons", strings.Join(f.buttons, " "), "action=pay action=cancel")
	for _, piece := range []string{"150", ",00", "Demo shop", "Order №12345", `lang="az"`, `autocomplete="cc-number"`,
		`inputmode="numeric"`} {
		if !strings.Contains(v.text, piece) {
			t.Errorf("the page lacks %q", piece)
		}
	}
}

func TestPayOnThePageAndComeBack(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	v := b.pay(o)
	v.card("4169 7413 3015 1124")
	want(t, "status", b.status(o), ledger.Approved)
	back := readForms(t, v.text)[0]
	want(t, "address", back.action, b.shop.URL+"/approve?a=1&b=2")
	v.press(nil)
	hits := b.shop.all()
	if len(hits) != 1 || hits[0].method != "POST" || hits[0].form.Get("b") != "2" {
		t.Fatalf("the shop saw %v", hits)
	}
	message := hits[0].form.Get("xmlmsg")
	for name, value := range map[string]string{
		"OrderID": o.id, "SessionID": o.session, "OrderStatus": "APPROVED", "PurchaseAmount": "15000",
		"PurchaseAmountScr": "150,00",
		"Currency":          "944", "PAN": "416974******1124", "ResponseCode": "001", "OrderStatusScr": "Ödəniş uğurludur",
		"TranDateTime": "10/03/2026 12:00:00",
	} {
		want(t, name, tag(message, name), value)
	}
	if !strings.Contains(message, `<Message date="10/03/2026 12:00:00">`) {
		t.Errorf("no date in Baku time: %s", message)
	}
	again := b.pay(o)
	if strings.Contains(again.text, `name="pan"`) || !strings.Contains(again.text, "Ödəniş uğurludur") {
		t.Error("a paid order's page does not say so")
	}
	if _, err := b.Pay(o.id, Card{PAN: "4169741330151124", CVV: "119"}); err == nil {
		t.Error("a paid order was paid again")
	}
}

func TestReturnAddresses(t *testing.T) {
	for _, c := range []struct{ name, pan, action, path, pan4 string }{
		{"declined", "7777770000000004", "pay", "/decline", "777777******0004"},
		{"no funds", "7777770000000012", "pay", "/decline", "777777******0012"},
		{"cancelled", "", "cancel", "/cancel", "(no PAN)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, nil)
			v := b.pay(b.create())
			v.press(map[string]string{"pan": c.pan, "expiry": "12/30", "cvv": "119", "action": c.action})
			v.press(nil)
			hits := b.shop.all()
			if len(hits) != 1 {
				t.Fatalf("the shop saw %v", hits)
			}
			want(t, "path", hits[0].path, c.path)
			want(t, "PAN", tag(hits[0].form.Get("xmlmsg"), "PAN"), c.pan4)
		})
	}
}

func TestFieldErrorsLeaveTheOrderAlone(t *testing.T) {
	for _, c := range []struct{ name, pan, expiry, cvv, errorID string }{
		{"letters", "hello", "12/30", "119", "pan-error"},
		{"bad check digit", "4111111111111112", "12/30", "119", "pan-error"},
		{"no month 13", "4169741330151124", "13/30", "119", "expiry-error"},
		{"last month", "4169741330151124", "02/26", "119", "expiry-error"},
		{"short code", "4169741330151124", "03/26", "11", "cvv-error"},
		{"empty", "", "", "", "pan-error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, nil)
			o := b.create()
			v := b.pay(o)
			v.press(map[string]string{"pan": c.pan, "expiry": c.expiry, "cvv": c.cvv, "action": "pay"})
			if v.code != http.StatusUnprocessableEntity || !strings.Contains(v.text, `id="`+c.errorID+`"`) ||
				!strings.Contains(v.text, `aria-invalid="true"`) {
				t.Errorf("HTTP %d without %s", v.code, c.errorID)
			}
			if strings.Contains(v.text, `value="119"`) {
				t.Error("the page repeats the CVV")
			}
			want(t, "status", b.status(o), ledger.Created)
		})
	}
	b := open(t, nil)
	v := b.pay(b.create())
	v.press(map[string]string{"pan": "4169741330151124", "expiry": "3/2026", "cvv": "119", "action": "pay"})
	want(t, "a card in its last month", b.Ledger().Orders[0].Status, ledger.Approved)
}

func TestThreeDSecure(t *testing.T) {
	for code, wanted := range map[string]string{"1234": ledger.Approved, "9999": ledger.Declined} {
		b := open(t, nil)
		o := b.create()
		v := b.pay(o)
		v.card("7777770000000038")
		want(t, "status while the code is awaited", b.status(o), ledger.OnPayment)
		v.press(map[string]string{"action": "confirm", "code": " "})
		if v.code != http.StatusUnprocessableEntity {
			t.Errorf("an empty code gave HTTP %d", v.code)
		}
		v.press(map[string]string{"action": "confirm", "code": code})
		want(t, "status after "+code, b.status(o), wanted)
	}
}

func TestCancelAtTheCodeTellsNoCard(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	v := b.pay(o)
	v.card("7777770000000038")
	v.press(map[string]string{"action": "cancel"})
	v.press(nil)
	want(t, "status", b.status(o), ledger.Canceled)
	want(t, "PAN", tag(b.shop.all()[0].form.Get("xmlmsg"), "PAN"), "(no PAN)")
}

func TestLockWaitsOnThePage(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	v := b.pay(o)
	v.card("7777770000000046")
	if !strings.Contains(v.text, "Yenidən yoxla") {
		t.Errorf("no waiting page: %s", v.text)
	}
	b.must(b.Approve(o.id))
	if v = b.pay(o); !strings.Contains(v.text, "Ödəniş uğurludur") {
		t.Error("the page does not show the late approval")
	}
}

func TestLatePayerGoesToDeclineURL(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	v := b.pay(o)
	b.clock.Add(time.Hour)
	v.card("4169741330151124")
	want(t, "address", readForms(t, v.text)[0].action, b.shop.URL+"/decline")
	want(t, "status", b.status(o), ledger.Expired)
}

func TestReturnByGet(t *testing.T) {
	b := open(t, func(o *Options) { o.Return = "get" })
	o := b.create()
	b.pay(o).card("4169741330151124")
	hits := b.shop.all()
	if len(hits) != 1 || hits[0].method != "GET" || hits[0].form.Get("OrderId") != o.id ||
		hits[0].form.Get("SessionId") != o.session || hits[0].form.Get("a") != "1" {
		t.Errorf("the shop saw %v", hits)
	}
}

func TestMessageSwitches(t *testing.T) {
	b := open(t, func(o *Options) {
		o.Settings.Base64, o.Settings.Wrapper, o.Settings.LetterCase, o.Settings.ForgeStatus = true, "Answer", "upper",
			"DECLINED"
	})
	o, other := b.create(), b.create()
	b.set(func(s *Settings) { s.SwapOrder = other.id })
	v := b.pay(o)
	v.card("4169741330151124")
	v.press(nil)
	text, err := base64.StdEncoding.DecodeString(b.shop.all()[0].form.Get("xmlmsg"))
	b.must(err)
	message := string(text)
	want(t, "swapped id", tag(message, "ORDERID"), other.id)
	want(t, "swapped session", tag(message, "SESSIONID"), other.session)
	want(t, "forged status", tag(message, "OrderStatus"), "DECLINED")
	want(t, "real status", b.status(o), ledger.Approved)
	if !strings.Contains(message, "<Answer><Message ") {
		t.Errorf("no wrapper: %s", message)
	}
}

func TestCallbackSwitches(t *testing.T) {
	for callback, wanted := range map[string]int{"": 0, "drop": 0, "double": 1} {
		b := open(t, func(o *Options) { o.Settings.Callback = callback })
		v := b.pay(b.create())
		v.card("4169741330151124")
		if got := len(b.shop.all()); got != wanted {
			t.Errorf("%q: the bank itself called %d times, want %d", callback, got, wanted)
		}
		if got := len(readForms(t, v.text)); (got == 0) != (callback == "drop") {
			t.Errorf("%q: %d ways back on the page", callback, got)
		}
	}
	for callback, status := range map[string]string{"early": ledger.Created, "early_paid": ledger.Approved} {
		b := open(t, func(o *Options) { o.Settings.Callback = callback })
		o := b.create()
		hits := b.shop.all()
		if len(hits) != 1 || tag(hits[0].form.Get("xmlmsg"), "OrderStatus") != "APPROVED" {
			t.Errorf("%s: before the answer the shop saw %v", callback, hits)
		}
		want(t, callback, b.status(o), status)
	}
	b := open(t, func(o *Options) { o.Settings.Callback, o.Settings.CallbackDelaySeconds = "delay", 7 })
	v := b.pay(b.create())
	v.card("4169741330151124")
	if !strings.Contains(v.text, `data-delay="7"`) {
		t.Error("the way back does not wait")
	}
}

func TestDelayedReturnByGet(t *testing.T) {
	b := open(t, func(o *Options) {
		o.Settings.Return, o.Settings.Callback, o.Settings.CallbackDelaySeconds = "get", "delay", 5
	})
	o := b.create()
	r, err := b.pages.Client().PostForm(b.pages.URL+"/index.jsp?ORDERID="+o.id+"&SESSIONID="+o.session,
		url.Values{"action": {"cancel"}})
	b.must(err)
	v := &visitor{b: b}
	v.land(r)
	want(t, "Refresh", r.Header.Get("Refresh"), "5; url="+b.shop.URL+"/cancel?OrderId="+o.id+"&SessionId="+o.session)
	if !strings.Contains(v.text, `id="back" href="`+b.shop.URL+"/cancel?") || len(b.shop.all()) != 0 {
		t.Error("the page has no link, or the shop was called already")
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	for _, address := range []string{"/index.jsp", "/index.jsp?ORDERID=" + o.id, "/index.jsp?ORDERID=" + o.id +
		"&SESSIONID=" + strings.Repeat("A", 32), "/index.jsp?ORDERID=abc&SESSIONID=" + o.session} {
		if v := b.visit(address); v.code != http.StatusNotFound || strings.Contains(v.text, "Order №12345") {
			t.Errorf("%s: HTTP %d", address, v.code)
		}
	}
	for _, names := range [][2]string{{"orderid", "sessionid"}, {"OrderID", "SessionId"}} {
		if v := b.visit("/index.jsp?" + names[0] + "=" + o.id + "&" + names[1] + "=" + o.session +
			"&"); v.code != http.StatusOK {
			t.Errorf("%v: HTTP %d", names, v.code)
		}
	}
}

func TestDesk(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	v := b.visit("/desk")
	v.press(map[string]string{"action": "approve"})
	v.press(map[string]string{"action": "desk_refund", "amount": "50,5"})
	want(t, "RefundAmount", b.refunded(o), "5050")
	v.press(map[string]string{"action": "desk_refund", "amount": "1.234"})
	if v.code != http.StatusUnprocessableEntity {
		t.Errorf("a bad amount gave HTTP %d", v.code)
	}
	want(t, "RefundAmount after nonsense", b.refunded(o), "5050")
}

// TestPageDump writes the pages to KAPITALSIM_PAGES for people and screenshots;
// it always proves that all views render in all languages.
func TestPageDump(t *testing.T) {
	dir := os.Getenv("KAPITALSIM_PAGES")
	if dir == "" {
		dir = t.TempDir()
	}
	b := open(t, nil)
	paid, fresh, coded, locked, late := b.create(), b.create(), b.create(), b.create(), b.create()
	_, err := b.Pay(coded.id, Card{PAN: "7777770000000038", CVV: "119"})
	b.must(err)
	b.must(b.Approve(paid.id))
	b.must(b.Lock(locked.id))
	b.must(b.Expire(late.id))
	for _, lang := range []string{"az", "ru", "en"} {
		pages := map[string]*visitor{"desk": b.visit("/desk")}
		for name, o := range map[string]order{"pay": fresh, "paid": paid, "code": coded, "wait": locked, "late": late} {
			pages[name] = b.visit("/index.jsp?ORDERID=" + o.id + "&SESSIONID=" + o.session + "&lang=" + lang)
			if !strings.Contains(pages[name].text, `<html lang="`+lang+`">`) {
				t.Errorf("%s is not in %s", name, lang)
			}
		}
		bad := b.visit("/index.jsp?ORDERID=" + fresh.id + "&SESSIONID=" + fresh.session + "&lang=" + lang)
		bad.press(map[string]string{"pan": "41697413", "expiry": "01/20", "action": "pay"})
		pages["errors"] = bad
		for name, v := range pages {
			b.must(os.WriteFile(filepath.Join(dir, name+"-"+lang+".html"), []byte(v.text), 0o600))
		}
	}
}
