package kartapokupok

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

const opened = `{"session_id":"S-7f3a","payment_url":"https://pay.bank.test/apply?session=S-7f3a"}`

func TestGoldenRequests(t *testing.T) {
	x := tell(t, map[string][]reply{
		createPath: {{body: golden(t, "answer_create.json")}}, statusPath: {{body: golden(t, "answer_status.json")}}, refundPath: {{body: golden(t, "answer_refund.json")}},
	}, nil)
	_, errOpen := x.Open(t.Context(), someOrder())
	_, errStatus := x.Status(t.Context(), ourHandle())
	_, errRefund := x.Refund(t.Context(), someRefund(4005))
	if err := errors.Join(errOpen, errStatus, errRefund); err != nil {
		t.Fatal(err)
	}
	if want := []string{"POST " + createPath, "POST " + statusPath, "POST " + refundPath}; !slices.Equal(x.asked, want) {
		t.Fatalf("the bank was asked %q", x.asked)
	}
	for i, name := range []string{"create", "status", "refund"} {
		if want := golden(t, "request_"+name+".json"); x.bodies[i] != want {
			t.Errorf("request %s is\n%s\nwant\n%s", name, x.bodies[i], want)
		}
		if h := x.header[i]; h.Get("Content-Type") != "application/json" || h.Get("Accept") != "application/json" || h.Get("Idempotency-Key") != "" {
			t.Errorf("request %s has the header %v", name, h)
		}
	}
}

// The same request in each form of amounts, and with the bank's code for the term.
func TestRequestForms(t *testing.T) {
	for format, want := range map[string][]string{
		"decimal": {`"amount":120.00,`, `"price":49.95,`, `"amount":0.05,`}, "string": {`"amount":"120.00",`, `"price":"49.95",`, `"amount":"0.05",`},
		"minor": {`"amount":12000,`, `"price":4995,`, `"amount":5,`},
	} {
		x := tell(t, map[string][]reply{createPath: {{body: opened}}, refundPath: {{body: `{"refund_id":"R-1"}`}}},
			map[string]any{"amount_format": format, "terms": map[string]any{"12": "90000001"}})
		if _, err := x.Open(t.Context(), someOrder()); err != nil {
			t.Fatal(err)
		}
		r := someRefund(5)
		r.Reason = `changed "mind"`
		if _, err := x.Refund(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(x.bodies[0], want[0]) || !strings.Contains(x.bodies[0], want[1]) || !strings.Contains(x.bodies[0], `"term":90000001,`) {
			t.Errorf("%s: %s", format, x.bodies[0])
		}
		if !strings.Contains(x.bodies[1], want[2]) || !strings.Contains(x.bodies[1], `"reason":"changed \"mind\""`) {
			t.Errorf("%s: %s", format, x.bodies[1])
		}
	}
}

func TestGoldenAnswers(t *testing.T) {
	x := tell(t, says(createPath, reply{201, golden(t, "answer_create.json")}), nil)
	session, err := x.Open(t.Context(), someOrder())
	want := bank.Session{Handle: ourHandle(), RedirectURL: "https://pay.bank.test/apply?session=S-7f3a&lang=be", ExpiresAt: session.ExpiresAt}
	if err != nil || session != want || !session.ExpiresAt.Equal(minskNoon().Add(720*time.Hour)) {
		t.Errorf("session %+v, %v, want %+v", session, err, want)
	}
}

// What an answer to create means, by status and body.
func TestOpenAnswers(t *testing.T) {
	const limit = `{"error":{"code":"LIMIT","message":"limit of 500 is over"}}`
	for name, c := range map[string]struct {
		reply reply
		kind  payment.Kind
		code  string
	}{
		"refused, 400":          {reply{400, limit}, payment.Refused, "LIMIT"},
		"refused, 402":          {reply{402, `{"code":"51"}`}, payment.Refused, "51"},
		"refused, 409":          {reply{409, ""}, payment.Refused, ""},
		"refused, 422":          {reply{422, `{"error_code":"BAD_TERM"}`}, payment.Refused, "BAD_TERM"},
		"no page":               {reply{200, `{"session_id":"S-7f3a"}`}, payment.Refused, ""},
		"empty page":            {reply{200, `{"session_id":"S-7f3a","payment_url":""}`}, payment.Refused, ""},
		"null page":             {reply{200, `{"session_id":"S-7f3a","payment_url":null}`}, payment.Refused, ""},
		"not known":             {reply{401, limit}, payment.Misconfigured, ""},
		"not allowed":           {reply{403, limit}, payment.Misconfigured, ""},
		"not here":              {reply{404, limit}, payment.Misconfigured, ""},
		"not so":                {reply{405, limit}, payment.Misconfigured, ""},
		"moved":                 {reply{307, opened}, payment.Misconfigured, ""},
		"nginx, no certificate": {reply{400, "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head></html>"}, payment.Misconfigured, ""},
		"nginx, bad one":        {reply{400, "<html>\r\n<head><title>400 The SSL certificate error</title></head></html>"}, payment.Misconfigured, ""},
		"nginx, own status":     {reply{496, ""}, payment.Misconfigured, ""},
		"too slow":              {reply{408, limit}, payment.Uncertain, "LIMIT"},
		"too early":             {reply{425, limit}, payment.Uncertain, "LIMIT"},
		"too often":             {reply{429, limit}, payment.Uncertain, "LIMIT"},
		"broken":                {reply{500, limit}, payment.Uncertain, "LIMIT"},
		"gateway":               {reply{502, "<html>502 Bad Gateway</html>"}, payment.Uncertain, ""},
		"cut":                   {reply{-1, ""}, payment.Uncertain, ""},
		"empty":                 {reply{200, ""}, payment.Uncertain, ""},
		"junk":                  {reply{200, "<html>OK</html>"}, payment.Uncertain, ""},
		"page twice":            {reply{200, `{"session_id":"S-7f3a","payment_url":"https://pay.bank.test/","payment_url":"https://pay.bank.test/2"}`}, payment.Uncertain, ""},
		"no session":            {reply{200, `{"payment_url":"https://pay.bank.test/"}`}, payment.Uncertain, ""},
		"session is an object":  {reply{200, `{"session_id":{},"payment_url":"https://pay.bank.test/"}`}, payment.Uncertain, ""},
		"page is a number":      {reply{200, `{"session_id":"S-7f3a","payment_url":5}`}, payment.Uncertain, ""},
		"page is relative":      {reply{200, `{"session_id":"S-7f3a","payment_url":"/apply"}`}, payment.Uncertain, ""},
		"answer too long":       {reply{200, opened + strings.Repeat(" ", maxAnswer)}, payment.Uncertain, ""},
	} {
		x := tell(t, says(createPath, c.reply), nil)
		session, err := x.Open(t.Context(), someOrder())
		if payment.KindOf(err) != c.kind || err == nil || session != (bank.Session{}) {
			t.Errorf("%s: %+v, %v, want %s", name, session, err, c.kind)
			continue
		}
		if e, ok := errors.AsType[*payment.Error](err); !ok || e.BankCode != c.code && e.Kind != payment.Misconfigured || strings.Contains(e.Message, "limit of") {
			t.Errorf("%s: code %q in %v", name, e.BankCode, err)
		}
		if len(x.asked) != 1 {
			t.Errorf("%s: the bank was asked %q", name, x.asked)
		}
	}
}

func TestPageAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://pay.bank.test/a?b=c": "", "https://PAY.bank.test:443/": "", "https://pay.bank.test:8443/": "", "http://127.0.0.1:8085/apply": "", "http://localhost:8085/": "",
		"http://pay.bank.test/": "misconfigured", "https://pay.bank.test:444/": "misconfigured", "https://evil.test/": "misconfigured", "https://pay.bank.test.evil.test/": "misconfigured",
		"https://pay.bank.test./": "misconfigured", "javascript:alert(1)": "uncertain", "https:pay.bank.test": "uncertain", "//pay.bank.test/": "misconfigured", "http://127.0.0.1:8086/": "misconfigured",
		"https://pay.bank.test@evil.test/": "uncertain", "https://u:p@pay.bank.test/": "uncertain", `https://pay.bank.test\@evil.test/`: "uncertain", `https://pay.bank.test\.evil.test/`: "uncertain",
		"https://pay.bank.test/" + strings.Repeat("a", 2048): "uncertain", "https://pay.bank.test/#x": "uncertain", "data:text/html,x": "uncertain",
	} {
		body := fmt.Sprintf(`{"session_id":"S-7f3a","payment_url":%q}`, address)
		x := tell(t, says(createPath, reply{200, body}), map[string]any{"payment_hosts": []string{"pay.bank.test", "pay.bank.test:8443", "127.0.0.1:8085", "localhost:8085"}})
		x.settings.pages.Loopback = true
		session, err := x.Open(t.Context(), someOrder())
		switch {
		case want == "" && (err != nil || session.RedirectURL != address):
			t.Errorf("%s: %q, %v", address, session.RedirectURL, err)
		case want != "" && (err == nil || session.RedirectURL != "" || payment.KindOf(err).String() != want):
			t.Errorf("%s: %q, %v, want %s", address, session.RedirectURL, err, want)
		}
	}
	x := tell(t, says(createPath, reply{200, `{"session_id":"S-7f3a","payment_url":"http://127.0.0.1:8085/"}`}), map[string]any{"payment_hosts": []string{"127.0.0.1:8085"}})
	if _, err := x.Open(t.Context(), someOrder()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("plain http without insecure_loopback: %v", err)
	}
}

func TestOpenChecksFirst(t *testing.T) {
	x := tell(t, says(createPath, reply{200, opened}), nil)
	o := someOrder()
	o.Customer.Phone, o.Items[0].Quantity = "12", 3
	_, err := x.Open(t.Context(), o)
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != payment.Refused || len(e.Fields) != 2 || len(x.asked) != 0 {
		t.Errorf("%v after asking %q", err, x.asked)
	}
}

// The bank may repeat the customer in whatever it answers: nothing of it may come back in an error, nor reach the log.
func TestTheCustomerIsToldToNobody(t *testing.T) {
	phone := strings.NewReplacer(" ", "", "(", "", ")", "", "-", "").Replace(canaryPhone)
	echo := fmt.Sprintf(`{"code":"DENIED","error":"%s %s (%s, %s), %s is blocked","message":"%s","detail":"contract 4169741330151124 of %s","customer":{"first_name":"%s"}}`,
		strings.ToUpper(canaryFirst), canaryLast, canaryPhone, canaryMail, phone, canaryFirst, strings.ToLower(canaryLast), canaryFirst)
	for _, status := range []int{200, 302, 400, 401, 404, 422, 429, 500} {
		for _, body := range []string{echo, canaryFirst + canaryMail + canaryPhone, `{"code":"` + canaryLast + `"}`} {
			x := tell(t, says(createPath, reply{status, body}), nil)
			_, err := x.Open(t.Context(), someOrder())
			if err == nil {
				t.Fatalf("%d: no error", status)
			}
			e, _ := errors.AsType[*payment.Error](err)
			all := strings.ToLower(fmt.Sprintf("%v %+v %#v %s", err, err, *e, x.log.String()))
			all = regexp.MustCompile(`\(0x[0-9a-f]+\)`).ReplaceAllString(all, "") // where a cause lies in memory may hold any digits
			for _, private := range []string{canaryFirst, canaryLast, canaryPhone, phone, canaryMail, "4169741330151124", "765", "kanareyka"} {
				if strings.Contains(all, strings.ToLower(private)) {
					t.Errorf("%d: %q is told: %s", status, private, all)
				}
			}
			if body == echo && status == 422 && (!strings.Contains(all, "is blocked") || e.BankCode != "DENIED") {
				t.Errorf("the bank's words are lost: %s", all)
			}
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", someOrder(), someOrder(), someOrder()); strings.Contains(text, canaryFirst) || strings.Contains(text, canaryMail) {
		t.Errorf("an order prints its customer: %s", text)
	}
}

func FuzzComplaint(f *testing.F) {
	f.Add([]byte(`{"code":"A","error":"Анна Канарейка 123 a@b.by"}`), "анна")
	f.Add([]byte(`{"error":{"code":"1","message":"x\u202ey"}}`), "1")
	f.Fuzz(func(t *testing.T, body []byte, private string) {
		code, words := complaint(body, []string{private})
		if strings.ContainsAny(words, "0123456789@\n\r\x00") && private != "customer" || len([]rune(words)) > 9*210 || code != "" && !codeForm.MatchString(code) {
			t.Fatalf("%q %q", code, words)
		}
	})
}
