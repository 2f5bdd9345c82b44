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
	"kassa/shared/strict"
)

const opened = `{"session_id":"S-7f3a","payment_url":"https://pay.bank.test/apply?session=S-7f3a"}`

func TestGoldenRequests(t *testing.T) {
	x := tell(t, map[string][]reply{
		createPath: {{body: golden(t, "answer_create.json")}}, statusPath: {{body: golden(t, "answer_status.json")}},
		refundPath: {{body: golden(t, "answer_refund.json")}},
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
		if h := x.header[i]; h.Get("Content-Type") != "application/json" || h.Get("Accept") != "application/json" ||
			h.Get("Idempotency-Key") != "" {
			t.Errorf("request %s has the header %v", name, h)
		}
	}
}

// The same request in each form of amounts, and with the bank's code for the term.
func TestRequestForms(t *testing.T) {
	for format, want := range map[string][]string{
		"decimal": {`"amount":120.00,`, `"price":49.95,`, `"amount":0.05,`},
		"string":  {`"amount":"120.00",`, `"price":"49.95",`, `"amount":"0.05",`},
		"minor":   {`"amount":12000,`, `"price":4995,`, `"amount":5,`},
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
		if !strings.Contains(x.bodies[0], want[0]) || !strings.Contains(x.bodies[0], want[1]) ||
			!strings.Contains(x.bodies[0], `"term":90000001,`) {
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
	want := bank.Session{Handle: ourHandle(), RedirectURL: "https://pay.bank.test/apply?session=S-7f3a&lang=be",
		ExpiresAt: session.ExpiresAt}
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
		"refused, 400":     {reply{400, limit}, payment.Refused, "LIMIT"},
		"refused, 402":     {reply{402, `{"code":"51"}`}, payment.Refused, "51"},
		"refused, 409":     {reply{409, ""}, payment.Refused, ""},
		"refused, 422":     {reply{422, `{"error_code":"BAD_TERM"}`}, payment.Refused, "BAD_TERM"},
		"no page":          {reply{200, `{"session_id":"S-7f3a"}`}, payment.Refused, ""},
		"refused by a 200": {reply{200, limit}, payment.Refused, "LIMIT"},
		"no session, and why": {reply{200, `{"payment_url":"https://pay.bank.test/","error":"E7"}`}, payment.Uncertain,
			"E7"},
		"empty page": {reply{200, `{"session_id":"S-7f3a","payment_url":""}`}, payment.Refused, ""},
		"false page, and why": {reply{200, `{"session_id":false,"payment_url":false,"error_code":"LIMIT"}`},
			payment.Refused, "LIMIT"},
		"null page, in words, and why": {reply{200, `{"session_id":"-","payment_url":"null","error_code":"LIMIT"}`},
			payment.Refused, "LIMIT"},
		"null page":   {reply{200, `{"session_id":"S-7f3a","payment_url":null}`}, payment.Refused, ""},
		"not known":   {reply{401, limit}, payment.Misconfigured, ""},
		"not allowed": {reply{403, limit}, payment.Misconfigured, ""},
		"not here":    {reply{404, limit}, payment.Misconfigured, ""},
		"not so":      {reply{405, limit}, payment.Misconfigured, ""},
		"moved":       {reply{307, opened}, payment.Misconfigured, ""},
		"nginx, no certificate": {
			reply{400, "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head></html>"},
			payment.Misconfigured, ""},
		"nginx, bad one": {reply{400, "<html>\r\n<head><title>400 The SSL certificate error</title></head></html>"},
			payment.Misconfigured, ""},
		"nginx, own status": {reply{496, ""}, payment.Misconfigured, ""},
		"too slow":          {reply{408, limit}, payment.Uncertain, "LIMIT"},
		"too early":         {reply{425, limit}, payment.Uncertain, "LIMIT"},
		"too often":         {reply{429, limit}, payment.Uncertain, "LIMIT"},
		"broken":            {reply{500, limit}, payment.Uncertain, "LIMIT"},
		"gateway":           {reply{502, "<html>502 Bad Gateway</html>"}, payment.Uncertain, ""},
		"cut":               {reply{-1, ""}, payment.Uncertain, ""},
		"empty":             {reply{200, ""}, payment.Uncertain, ""},
		"junk":              {reply{200, "<html>OK</html>"}, payment.Uncertain, ""},
		"page twice": {
			reply{200, `{"session_id":"S-7f3a","payment_url":"https://pay.bank.test/","payment_url":"https://pay.bank.test/2"}`},
			payment.Uncertain, ""},
		"no session": {reply{200, `{"payment_url":"https://pay.bank.test/"}`}, payment.Uncertain, ""},
		"session is an object": {reply{200, `{"session_id":{},"payment_url":"https://pay.bank.test/"}`}, payment.Uncertain,
			""},
		"page is a number": {reply{200, `{"session_id":"S-7f3a","payment_url":5}`}, payment.Refused, ""},
		"page is relative": {reply{200, `{"session_id":"S-7f3a","payment_url":"/apply"}`}, payment.Refused, ""},
		"answer too long":  {reply{200, opened + strings.Repeat(" ", maxMessage)}, payment.Uncertain, ""},
	} {
		x := tell(t, says(createPath, c.reply), nil)
		session, err := x.Open(t.Context(), someOrder())
		if payment.KindOf(err) != c.kind || err == nil || session != (bank.Session{}) {
			t.Errorf("%s: %+v, %v, want %s", name, session, err, c.kind)
			continue
		}
		if e, ok := errors.AsType[*payment.Error](err); !ok || e.BankCode != c.code && e.Kind != payment.Misconfigured ||
			strings.Contains(e.Message, "limit of") {
			t.Errorf("%s: code %q in %v", name, e.BankCode, err)
		}
		if len(x.asked) != 1 {
			t.Errorf("%s: the bank was asked %q", name, x.asked)
		}
	}
}

func TestPageAddress(t *testing.T) {
	const page, ours = "https://pay.bank.test/", ""
	for address, host := range map[string]string{
		page + "a?b=c": ours, "https://pay.bank.test:8443/": ours,
		"http://127.0.0.1:8085/apply": ours, "http://localhost:8085/": ours,
		page + "#/apply?x=1": ours, page + strings.Repeat("a", 8<<10-len(page)): ours,
		"http://pay.bank.test/": "pay.bank.test", "https://pay.bank.test:444/": "pay.bank.test:444",
		"https://evil.test/": "evil.test", "https://pay.bank.test.evil.test/": "evil.test",
		"https://evil.test/#pay.bank.test": "evil.test", "https://pay.bank.test./": "pay.bank.test.",
		"//pay.bank.test/": "pay.bank.test", "http://127.0.0.1:8086/": "127.0.0.1:8086",
		"javascript:alert(1)": "no address", "https:pay.bank.test": "no address",
		"https://pay.bank.test@evil.test/": "no address", "https://u:p@pay.bank.test/": "no address",
		`https://pay.bank.test\@evil.test/`: "no address", `https://pay.bank.test\.evil.test/`: "no address",
		"data:text/html,x": "no address", page + strings.Repeat("a", 8<<10): "no address",
	} {
		body := fmt.Sprintf(`{"session_id":"S-7f3a","payment_url":%q}`, address)
		x := tell(t, says(createPath, reply{200, body}),
			map[string]any{"payment_hosts": []string{"pay.bank.test", "pay.bank.test:8443", "127.0.0.1:8085", "localhost:8085"}})
		x.settings.Pages.Loopback = true
		session, err := x.Open(t.Context(), someOrder())
		if host == ours {
			if err != nil || session.RedirectURL != address || x.log.Len() > 0 {
				t.Errorf("%.60s: %q, %v, the log says %q", address, session.RedirectURL, err, x.log.String())
			}
			continue
		}
		// It is the end of this opening, and somebody is called: the bank would give the same page again.
		if payment.KindOf(err) != payment.Refused || payment.CodeOf(err) != "page_host_refused" || session.RedirectURL != "" {
			t.Errorf("%.60s: %q, %v, want a refusal", address, session.RedirectURL, err)
		}
		if !strings.Contains(x.log.String(), "level=ERROR") || !strings.Contains(x.log.String(), host) {
			t.Errorf("%.60s: the log says %q, want an error about %s", address, x.log.String(), host)
		}
	}
	x := tell(t, says(createPath, reply{200, `{"session_id":"S-7f3a","payment_url":"http://127.0.0.1:8085/"}`}),
		map[string]any{"payment_hosts": []string{"127.0.0.1:8085"}})
	if _, err := x.Open(t.Context(), someOrder()); payment.KindOf(err) != payment.Refused {
		t.Errorf("plain http without insecure_loopback: %v", err)
	}
}

// What a shop passes on as a Location header is ASCII without blanks, as the pages of other banks are.
func TestPageAddressIsASCII(t *testing.T) {
	for address, want := range map[string]string{
		"apply?ad=Əli Vəli&s=1#/ə": "apply?ad=%C6%8Fli%20V%C9%99li&s=1#/%C9%99",
		"анкета/S 7":               "%D0%B0%D0%BD%D0%BA%D0%B5%D1%82%D0%B0/S%207",
		"a%2Fb?t=x%3D%3D&u=a+b":    "a%2Fb?t=x%3D%3D&u=a+b",
	} {
		body := fmt.Sprintf(`{"session_id":"S-7f3a","payment_url":"https://PAY.bank.test:443/%s"}`, address)
		session, err := tell(t, says(createPath, reply{200, body}), nil).Open(t.Context(), someOrder())
		if err != nil || session.RedirectURL != "https://pay.bank.test/"+want {
			t.Errorf("%s: %q, %v", address, session.RedirectURL, err)
		}
	}
}

// A bank that takes few characters is told each of our references in another word of them.
func TestPlainReferences(t *testing.T) {
	seen := map[string]string{}
	for text, want := range map[string]string{
		"12345": "12345", "12345/2.1": "12345_2F2.1", "A-b.9": "A-b.9", "12345_2F2.1": "12345_5F2F2.1",
		"№ 7": "_E2_84_96_207", "Ə/#": "_C6_8F_2F_23",
		strings.Repeat("a", 64): strings.Repeat("a", 64), strings.Repeat("a", 65): "", strings.Repeat("Ы", 64) + "/2.1": "",
		strings.Repeat("Ы", 64) + "/2.2": "", strings.Repeat("a", 60) + "/2.1": "",
	} {
		x := tell(t, map[string][]reply{createPath: {{200, opened}}, statusPath: {{200, `{"status":"PENDING"}`}}},
			map[string]any{"order_ref": "plain"})
		o := someOrder()
		o.RefForBank = text
		session, err := x.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		got := session.Handle.Private
		if other, twice := seen[got]; twice || want != "" && got != want || len(got) > 64 ||
			strings.Trim(got, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-") != "" {
			t.Errorf("%q is told as %q, and so is %q; want %q", text, got, other, want)
		}
		seen[got] = text
		if !strings.Contains(x.bodies[0], `"order_ref":"`+got+`"`) {
			t.Errorf("the request has another reference than %q: %s", got, x.bodies[0])
		}
	}
	x := tell(t, says(createPath, reply{200, opened}), nil)
	o := someOrder()
	o.RefForBank = "№ 7/2.1"
	if session, err := x.Open(t.Context(), o); err != nil || session.Handle.Private != o.RefForBank {
		t.Errorf("as it is: %+v, %v", session, err)
	}
}

// Sessions of any printable kind are taken, compared and sent back as they are.
func TestLongSessions(t *testing.T) {
	for session, fits := range map[string]bool{strings.Repeat("S", 256): true, "<ö#/ " + strings.Repeat("7", 200) +
		`"}`: true, strings.Repeat("S", 257): false, "a\u202eb": false, "a\u0000b": false} {
		x := tell(t, map[string][]reply{
			createPath: {{200, fmt.Sprintf(`{"session_id":%q,"payment_url":"https://pay.bank.test/"}`, session)}},
			statusPath: {{200, fmt.Sprintf(`{"session_id":%q,"status":"PENDING"}`, session)}}}, nil)
		opened, err := x.Open(t.Context(), someOrder())
		if (err == nil) != fits || opened.Handle.OrderID != "" != fits {
			t.Errorf("%q: %+v, %v", session, opened, err)
		}
		if fits {
			if _, err := x.Status(t.Context(), opened.Handle); opened.Handle.OrderID != session || err != nil {
				t.Errorf("%q: %v", session, err)
			}
		}
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
	echo := fmt.Sprintf(`{"code":"DENIED","error":"%s %s (%s, %s), %s is blocked","message":"%s","detail":"contract `+
		`4169741330151124 of %s","customer":{"first_name":"%s"}}`,
		strings.ToUpper(canaryFirst), canaryLast, canaryPhone, canaryMail, phone, canaryFirst, strings.ToLower(canaryLast),
		canaryFirst)
	for _, status := range []int{200, 302, 400, 401, 404, 422, 429, 500} {
		for _, body := range []string{echo, canaryFirst + canaryMail + canaryPhone, `{"code":"` + canaryLast + `"}`} {
			x := tell(t, says(createPath, reply{status, body}), nil)
			_, err := x.Open(t.Context(), someOrder())
			if err == nil {
				t.Fatalf("%d: no error", status)
			}
			e, _ := errors.AsType[*payment.Error](err)
			all := strings.ToLower(fmt.Sprintf("%v %+v %#v %s", err, err, *e, x.log.String()))
			// where a cause lies in memory may hold any digits
			all = regexp.MustCompile(`\(0x[0-9a-f]+\)`).ReplaceAllString(all, "")
			for _, private := range []string{canaryFirst, canaryLast, canaryPhone, phone, canaryMail, "4169741330151124", "765",
				"kanareyka"} {
				if strings.Contains(all, strings.ToLower(private)) {
					t.Errorf("%d: %q is told: %s", status, private, all)
				}
			}
			if body == echo && status == 422 && (!strings.Contains(all, "is blocked") || e.BankCode != "DENIED") {
				t.Errorf("the bank's words are lost: %s", all)
			}
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", someOrder(), someOrder(), someOrder()); strings.Contains(text, canaryFirst) ||
		strings.Contains(text, canaryMail) {
		t.Errorf("an order prints its customer: %s", text)
	}
}

// TestANameInAnySpelling: banks write a name in capitals, without its marks, apart from its second name, or with a
// letter and its mark as two characters.
func TestANameInAnySpelling(t *testing.T) {
	for spelled, name := range map[string]string{
		"ISMAYILOVA": "İsmayılova", "ismayılova": "İSMAYILOVA", "Ismayilova": "İsmayılova", "ilqar": "İlqar",
		"İlqarın": "Ilqar", "GULSEN": "Gülşən", "Gu\u0308ls\u0327\u0259n": "Gülşən",
		"СЕРГЕИ\u0306": "Сергей", "Сергея": "Сергеи\u0306", "Maria": "Anna Maria", "ANNA": "Anna-Maria", "Brien": "O'Brien",
		"O’Brien": "O'Brien", "OBRIEN": "O'Brien", "Əliyeva": "əliyev",
		"المنصوري": "عبد المنصوري", "Чорны": "Чо\u0301рны", "Łukasz": "ŁUKASZ",
	} {
		said := redacted("the applicant "+spelled+" is blocked", []string{name})
		if said != "the applicant [customer] is blocked" {
			t.Errorf("%q of %q: %q", spelled, name, said)
		}
	}
	if said := redacted("Term of months is over; Müddət bitdi, срок истёк, зайдите",
		[]string{"Ə", "O Ba", "-", ""}); !strings.HasPrefix(said,
		"Term of months is over; Müddət bitdi, срок истёк, зайдите") {
		t.Errorf("too much is cut out: %q", said)
	}
}

func FuzzComplaint(f *testing.F) {
	f.Add([]byte(`{"code":"A","error":"Анна Канарейка 123 a@b.by"}`), "анна")
	f.Add([]byte(`{"error":{"code":"1","message":"x\u202ey"}}`), "1")
	f.Fuzz(func(t *testing.T, body []byte, private string) {
		message, _ := strict.ParseJSON(body, messageForm)
		code, words := complaint(message, []string{private})
		if strings.ContainsAny(words, "0123456789@\n\r\x00") && private != "customer" || len([]rune(words)) > 9*210 ||
			code != "" && !isCode(code) {
			t.Fatalf("%q %q", code, words)
		}
	})
}
