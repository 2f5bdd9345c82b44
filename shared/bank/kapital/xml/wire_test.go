package xml

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func scriptOrder() bank.Order {
	return bank.Order{RefForBank: "12345", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Description: `Order №12345 <çay & "şəkər">`,
		Locale:      "ru", ReturnURL: "https://site.az/pay_x-1/token/return?a=1&b=2", Now: bakuNoon()}
}

func scriptRefund(amount int64) bank.Refund {
	return bank.Refund{Handle: ourHandle(), ID: "rf_abc", Amount: payment.Money{Minor: amount, Currency: payment.AZN},
		Captured: 15000,
		PaidAt:   bakuNoon(), Now: bakuNoon().Add(time.Hour)}
}

func TestGoldenRequests(t *testing.T) {
	x := tell(t, map[string][]string{
		createOrder: {golden(t, "answer_create.xml")}, getOrderStatus: {golden(t, "answer_status.xml")},
		getOrderInformation: {golden(t, "answer_information_bare.xml")}, reverse: {golden(t, "answer_reverse.xml")},
		refund: {golden(t, "answer_refund.xml")},
	}, nil)
	_, errOpen := x.Open(t.Context(), scriptOrder())
	_, errStatus := x.Status(t.Context(), ourHandle())
	_, errReverse := x.Refund(t.Context(), scriptRefund(15000))
	_, errRefund := x.Refund(t.Context(), scriptRefund(5000))
	if err := errors.Join(errOpen, errStatus, errReverse, errRefund); err != nil {
		t.Fatal(err)
	}
	names := []string{"create", "status", "information", "reverse", "refund"}
	if len(x.bodies) != len(names) {
		t.Fatalf("the bank was asked %q", x.asked)
	}
	for i, name := range names {
		if want := golden(t, "request_"+name+".xml"); x.bodies[i] != want {
			t.Errorf("request %s is\n%s\nwant\n%s", name, x.bodies[i], want)
		}
		if x.types[i] != "text/xml; charset=utf-8" {
			t.Errorf("request %s is %q", name, x.types[i])
		}
	}
}

func TestGoldenAnswers(t *testing.T) {
	x := tell(t, map[string][]string{createOrder: {golden(t, "answer_create.xml")}}, nil)
	session, err := x.Open(t.Context(), scriptOrder())
	if err != nil {
		t.Fatal(err)
	}
	want := bank.Session{Handle: ourHandle(), ExpiresAt: session.ExpiresAt,
		RedirectURL: "https://pages.bank.test/index.jsp?ORDERID=828&SESSIONID=" + scriptSession}
	if session != want || !session.ExpiresAt.Equal(bakuNoon().Add(20*time.Minute)) {
		t.Errorf("session %+v, want %+v", session, want)
	}
	total := int64(7000)
	paid := bank.Report{State: payment.BankApproved, Word: "APPROVED",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Refunded: payment.Said(total),
		Operations: []payment.Operation{{ID: "2", Amount: 5000}, {ID: "3", Amount: 2000}}}
	for _, name := range []string{"answer_information_bare.xml", "answer_information_classic.xml"} {
		x := tell(t, map[string][]string{getOrderStatus: {golden(t, "answer_status.xml")},
			getOrderInformation: {golden(t, name)}}, nil)
		if report, err := x.Status(t.Context(), ourHandle()); err != nil || !reflect.DeepEqual(report, paid) {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
	x = tell(t, map[string][]string{getOrderStatus: {golden(t, "answer_status_30.xml")},
		createOrder: {golden(t, "answer_create_30.xml")}}, nil)
	if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("status 30: %v", err)
	}
	if _, err := x.Open(t.Context(), scriptOrder()); payment.KindOf(err) != payment.Refused {
		t.Errorf("create 30: %v", err)
	}
}

// The digest was computed with sha256sum from the formula at authData. The vendor's own vector is in none of
// the public sources at hand; what it has, a line break after the prolog and one at the end, every document has.
func TestAuthData(t *testing.T) {
	document := "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TKKPG>\n  <Request></Request>\n</TKKPG>\n"
	if got := authData([]byte(document), "E1000010",
		"pass/word"); got != "2551FA6CB3AD14EDD02FE0031E0E521845B51225E2CEC6B1A7F5331C08483D0E" {
		t.Errorf("authData is %s", got)
	}
}

func TestPasswordForm(t *testing.T) {
	x := tell(t, map[string][]string{getOrderStatus: {saysStatus("CREATED")}},
		map[string]any{"auth": "password", "password": "p&w"})
	if _, err := x.Status(t.Context(), ourHandle()); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(x.bodies[0])
	if err != nil || len(form) != 2 || x.types[0] != "application/x-www-form-urlencoded" ||
		x.settings.Address.Path != "/ExecPasswordAuth" {
		t.Fatalf("%q as %q to %s: %v", x.bodies[0], x.types[0], x.settings.Address, err)
	}
	if document := form.Get("xmlRequest"); document != golden(t, "request_status.xml") ||
		form.Get("authData") != authData([]byte(document), simMerchant, "p&w") {
		t.Errorf("the form is %q", form)
	}
}

func TestPageLanguage(t *testing.T) {
	x := tell(t, nil, map[string]any{"language": "en"})
	for locale, want := range map[string]string{"az": "AZ", "en": "EN", "ru": "RU", "be": "RU", "": "EN", "fr": "EN"} {
		if got := x.pageLanguage(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestPageAddress(t *testing.T) {
	long := strings.Repeat("p", 8<<10-len("https://pages.bank.test/"))
	local := map[string]any{"page_hosts": []string{"pages.bank.test", "Pages.Bank.test:8443", "127.0.0.1:8084"}}
	x := tell(t, nil, local)
	x.settings.Pages.Loopback = true
	for address, want := range map[string]string{
		"https://pages.bank.test/index.jsp":            "https://pages.bank.test/index.jsp?ORDERID=1&SESSIONID=S",
		"https://PAGES.bank.test:443/index.jsp":        "https://pages.bank.test/index.jsp?ORDERID=1&SESSIONID=S",
		"https://pages.bank.test:8443/i?lang=az&x=%26": "https://pages.bank.test:8443/i?lang=az&x=%26&ORDERID=1&SESSIONID=S",
		"https://pages.bank.test/i?orderid=9&a=b":      "https://pages.bank.test/i?a=b&ORDERID=1&SESSIONID=S",
		"https://pages.bank.test/i?b;c=1&a=%zz&mobile": "" +
			"https://pages.bank.test/i?b;c=1&a=%25zz&mobile&ORDERID=1&SESSIONID=S",
		"https://pages.bank.test/i#/pay":  "https://pages.bank.test/i?ORDERID=1&SESSIONID=S#/pay",
		"https://pages.bank.test/" + long: "https://pages.bank.test/" + long + "?ORDERID=1&SESSIONID=S",
		"http://127.0.0.1:8084/index.jsp": "http://127.0.0.1:8084/index.jsp?ORDERID=1&SESSIONID=S",
	} {
		if got, err := x.page(t.Context(), address, "1", "S"); err != nil || got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
	for address, kind := range map[string]payment.Kind{
		"":                                       payment.Uncertain,
		"/index.jsp":                             payment.Refused,
		"https:pages.bank.test/i":                payment.Refused,
		"https://u@pages.bank.test/i":            payment.Refused,
		"https://pages.bank.test/" + long + "p":  payment.Refused,
		"http://pages.bank.test/i":               payment.Refused,
		"https://pages.bank.test.evil.example/i": payment.Refused,
		"https://pages.bank.test:444/i":          payment.Refused,
		"https://pages.bank.test./i":             payment.Refused,
		"https://evil.example/#pages.bank.test":  payment.Refused,
		"javascript://pages.bank.test/%0aalert":  payment.Refused,
		"http://127.0.0.1:8085/index.jsp":        payment.Refused,
	} {
		x.log.Reset()
		if got, err := x.page(t.Context(), address, "1", "S"); payment.KindOf(err) != kind || got != "" {
			t.Errorf("%s: %q, %v, want %s", address, got, err, kind)
		}
		if called := strings.Contains(x.log.String(), "level=ERROR"); called != (kind == payment.Refused) {
			t.Errorf("%s: the log says %q", address, x.log.String())
		}
	}
	x.settings.Pages.Loopback = false
	if _, err := x.page(t.Context(), "http://127.0.0.1:8084/index.jsp", "1", "S"); payment.KindOf(err) != payment.Refused {
		t.Errorf("plain http without insecure_loopback: %v", err)
	}
}

func TestOpenRefusesWhatTheBankCannotTake(t *testing.T) {
	x := tell(t, nil, nil)
	for name, change := range map[string]func(*bank.Order){
		"another currency":    func(o *bank.Order) { o.Amount.Currency = payment.BYN },
		"nothing":             func(o *bank.Order) { o.Amount.Minor = 0 },
		"less than nothing":   func(o *bank.Order) { o.Amount.Minor = -1 },
		"a control character": func(o *bank.Order) { o.Description = "a\x00b" },
		"not UTF-8":           func(o *bank.Order) { o.Description = "a\xffb" },
		"a noncharacter":      func(o *bank.Order) { o.Description = "a\uffffb" },
	} {
		o := scriptOrder()
		change(&o)
		if _, err := x.Open(t.Context(), o); payment.KindOf(err) != payment.Refused || len(x.asked) != 0 {
			t.Errorf("%s: %v after asking %q", name, err, x.asked)
		}
	}
}

func TestOpenAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		kind   payment.Kind
	}{
		"no Order": {says(createOrder, "00", ""), payment.Uncertain},
		"no OrderID": {says(createOrder, "00", "<Order><SessionID>"+scriptSession+
			"</SessionID><URL>https://pages.bank.test/i</URL></Order>"), payment.Uncertain},
		"OrderID null": {says(createOrder, "00", "<Order><OrderID>null</OrderID><SessionID>"+scriptSession+
			"</SessionID><URL>https://pages.bank.test/i</URL></Order>"), payment.Uncertain},
		"no SessionID": {says(createOrder, "00",
			"<Order><OrderID>1</OrderID><URL>https://pages.bank.test/i</URL></Order>"), payment.Uncertain},
		"no URL": {says(createOrder, "00", "<Order><OrderID>1</OrderID><SessionID>"+scriptSession+
			"</SessionID></Order>"), payment.Uncertain},
		"another host": {says(createOrder, "00", "<Order><OrderID>1</OrderID><SessionID>"+scriptSession+
			"</SessionID><URL>https://evil.example/i</URL></Order>"), payment.Refused},
		"another operation": {says(refund, "00", ""), payment.Uncertain},
		"the sample's typo": {strings.ReplaceAll(golden(t, "answer_create.xml"), "Response>", "Request>"),
			payment.Uncertain},
		"a bare Order": {"<Order><OrderID>1</OrderID></Order>", payment.Uncertain},
		"two orders": {says(createOrder, "00",
			"<Order><OrderID>1</OrderID></Order><Order><OrderID>2</OrderID></Order>"), payment.Uncertain},
		"no Status":           {says(createOrder, "", "<Order/>"), payment.Uncertain},
		"three-digit success": {says(createOrder, "000", "<Order/>"), payment.Uncertain},
		"merchant":            {says(createOrder, "10", ""), payment.Misconfigured},
		"format":              {says(createOrder, "30", ""), payment.Refused},
		"operation":           {says(createOrder, "54", ""), payment.Misconfigured},
		"parameters":          {says(createOrder, "55", ""), payment.Refused},
		"system":              {says(createOrder, "96", ""), payment.Uncertain},
		"unknown":             {says(createOrder, "95", ""), payment.Uncertain},
		"host code":           {says(createOrder, "205", ""), payment.Uncertain},
		"empty":               {"", payment.Uncertain},
		"HTML":                {"<!DOCTYPE html><html><body>OK</body></html>", payment.Uncertain},
	} {
		x := tell(t, map[string][]string{createOrder: {c.answer}}, nil)
		if session, err := x.Open(t.Context(), scriptOrder()); payment.KindOf(err) != c.kind || session != (bank.Session{}) {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
}

// The frame of an answer is TKKPG with one Response and nothing beside it, or the bare Order of one operation.
func TestFrames(t *testing.T) {
	const response = "<Response><Operation>GetOrderStatus</Operation><Status>00</Status></Response>"
	for document, reads := range map[string][2]bool{ // as an answer to GetOrderStatus, and to GetOrderInformation
		"<TKKPG>" + response + "</TKKPG>":                          {true, false},
		"<TKKPG><Response><Status>00</Status></Response></TKKPG>":  {true, true},
		"<TKKPG><Response><Status>096</Status></Response></TKKPG>": {true, true},
		"<Order><row></row></Order>":                               {false, true},
		"<Orders><row></row></Orders>":                             {false, false},
		// which has no row, and so tells nothing
		"<Order>" + response + "</Order>": {false, true},
		"<tkkpg>" + response + "</tkkpg>": {false, false},
		"<X>" + response + "</X>":         {false, false},
		response:                          {false, false},
		"<TKKPG></TKKPG>":                 {false, false},
		"<TKKPG>" + response:              {false, false},
		"":                                {false, false},
		"<TKKPG><Request><Status>00</Status></Request></TKKPG>":         {false, false},
		"<TKKPG>" + response + "<Order></Order></TKKPG>":                {false, false},
		"<TKKPG><Order></Order>" + response + "</TKKPG>":                {false, false},
		"<TKKPG><Response><Status></Status></Response></TKKPG>":         {false, false},
		"<TKKPG><Response><Status>0000</Status></Response></TKKPG>":     {false, false},
		"<TKKPG><Response><Status>O0</Status></Response></TKKPG>":       {false, false},
		"<TKKPG><Response><Operation>00</Operation></Response></TKKPG>": {false, false},
	} {
		for i, operation := range []string{getOrderStatus, getOrderInformation} {
			a, err := readAnswer([]byte(document), operation)
			if (err == nil) != reads[i] || err == nil && a.response == nil && a.order == nil {
				t.Errorf("%s to %s: %+v, %v", document, operation, a, err)
			}
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	for status, c := range map[int]struct{ question, open payment.Kind }{
		http.StatusMovedPermanently: {payment.Misconfigured, payment.Misconfigured},
		http.StatusFound:            {payment.Misconfigured, payment.Misconfigured},
		http.StatusUnauthorized:     {payment.Misconfigured, payment.Misconfigured},
		http.StatusForbidden:        {payment.Misconfigured, payment.Misconfigured},
		http.StatusNotFound:         {payment.Misconfigured, payment.Misconfigured},
		http.StatusMethodNotAllowed: {payment.Misconfigured, payment.Misconfigured},
		http.StatusBadRequest:       {payment.Unavailable, payment.Uncertain},
		http.StatusInternalServerError: {payment.Unavailable,
			payment.Uncertain},
		http.StatusBadGateway: {payment.Unavailable, payment.Uncertain}, http.StatusMultipleChoices: {payment.Misconfigured,
			payment.Misconfigured},
	} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")}, refund: {golden(t, "answer_refund.xml")}},
			nil)
		x.status = status
		_, errStatus := x.Status(t.Context(), ourHandle())
		_, errOpen := x.Open(t.Context(), scriptOrder())
		_, errRefund := x.Refund(t.Context(), scriptRefund(100))
		if payment.KindOf(errStatus) != c.question || payment.KindOf(errOpen) != c.open ||
			payment.KindOf(errRefund) != payment.Uncertain {
			t.Errorf("%d: %v, %v and %v", status, errStatus, errOpen, errRefund)
		}
		if !strings.Contains(errRefund.Error(), strconv.Itoa(status)) {
			t.Errorf("%d is not told: %v", status, errRefund)
		}
	}
}

// Whatever the shop writes, the bank reads the same, or the order is not sent.
func FuzzDescription(f *testing.F) {
	for _, seed := range []string{"Order №12345", "<b>&amp;</b>", "]]>", "a\x01b", "\xff", "\ufffd", "a\r\n\tb", "İı ə ў",
		"\u2028\uffff😀"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := request{Operation: createOrder, Order: orderPart{Description: text}}.encode()
		if err != nil {
			if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
				return r < ' ' || r >= 0xfffd && r <= 0xffff
			}) {
				t.Fatalf("%q was refused: %v", text, err)
			}
			return
		}
		var read struct {
			Description string `xml:"Request>Order>Description"`
		}
		if err := xml.Unmarshal(document, &read); err != nil || read.Description != text {
			t.Fatalf("%q became %q: %v", text, read.Description, err)
		}
	})
}
