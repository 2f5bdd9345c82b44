package xml

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func posted(form url.Values) bank.Message {
	return bank.Message{Method: http.MethodPost,
		Header: map[string]string{"content-type": "application/x-www-form-urlencoded; charset=UTF-8"},
		Body:   []byte(form.Encode()), Browser: true, Handle: ourHandle(), Now: bakuNoon()}
}

func got(query string) bank.Message {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	return bank.Message{Method: http.MethodGet, Query: values, Browser: true, Handle: ourHandle(), Now: bakuNoon()}
}

// endsInPlus is a message of such a length that its base64 ends with the plus sign which > becomes.
func endsInPlus(message string) (bare, coded string) {
	bare = strings.TrimSpace(message)
	for len(bare)%3 != 0 {
		bare = strings.Replace(bare, "<Version>", " <Version>", 1)
	}
	coded = base64.StdEncoding.EncodeToString([]byte(bare))
	if !strings.HasSuffix(coded, "+") {
		panic("the sample does not end with a plus")
	}
	return bare, coded
}

func TestCallbackReads(t *testing.T) {
	x := tell(t, nil, nil)
	message := golden(t, "callback.xml")
	coded := base64.StdEncoding.EncodeToString([]byte(message + strings.Repeat("<!-- ????>>>> -->", 3)))
	if !strings.ContainsRune(coded, '+') {
		t.Fatal("the sample has no plus to be spoilt")
	}
	bare, whole := endsInPlus(message)
	spoilt := strings.ReplaceAll(whole, "+", " ")
	framed := posted(url.Values{"xmlmsg": {message}})
	framed.Body = []byte("\ufeff\r\n" + string(framed.Body) + "\r\n")
	both := posted(nil)
	both.Query = url.Values{"OrderId": {"828"}}
	both.Body = []byte("xmlmsg=" + url.QueryEscape(message))
	twice := posted(url.Values{"ORDERID": {"828"}})
	twice.Query = url.Values{"OrderID": {"828"}}
	again := posted(url.Values{"xmlmsg": {message}})
	again.Query = url.Values{"XMLMSG": {message}}
	for name, c := range map[string]struct {
		callback               bank.Message
		order, session, status string
	}{
		"raw":    {posted(url.Values{"xmlmsg": {message}}), "828", scriptSession, "APPROVED"},
		"base64": {posted(url.Values{"xmlmsg": {coded}}), "828", scriptSession, "APPROVED"},
		"base64 with spaces": {posted(url.Values{"xmlmsg": {strings.ReplaceAll(coded, "+", " ")}}), "828", scriptSession,
			"APPROVED"},
		"base64 without padding": {posted(url.Values{"xmlmsg": {strings.TrimRight(coded, "=")}}), "828", scriptSession,
			"APPROVED"},
		"base64 to its end": {posted(url.Values{"xmlmsg": {spoilt}}), "828", scriptSession, "APPROVED"},
		"and blanks behind": {posted(url.Values{"xmlmsg": {" \r\n" + spoilt + " \r\n  "}}), "828", scriptSession,
			"APPROVED"},
		"and four of them, which would be base64 as plus signs": {posted(url.Values{"xmlmsg": {spoilt + "    "}}), "828",
			scriptSession, "APPROVED"},
		"and one that would be a sign more": {posted(url.Values{"xmlmsg": {
			strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(bare+"  ")), "=") + " "}}), "828", scriptSession,
			"APPROVED"},
		"blanks behind padding": {
			posted(url.Values{"xmlmsg": {base64.StdEncoding.EncodeToString([]byte(message)) + "  \r\n "}}), "828", scriptSession,
			"APPROVED"},
		"a mark in base64": {
			posted(url.Values{"xmlmsg": {base64.StdEncoding.EncodeToString([]byte("\ufeff\r\n" + message + "\r\n\r\n"))}}),
			"828", scriptSession, "APPROVED"},
		"a form in a frame": {framed, "828", scriptSession, "APPROVED"},
		"line ends around": {posted(url.Values{"xmlmsg": {"\r\n\ufeff " + message + "\u00a0\n"}}), "828", scriptSession,
			"APPROVED"},
		"a declared prefix": {
			posted(url.Values{"xmlmsg": {strings.Replace(message, "<Message ",
				`<Message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `, 1)}}), "828", scriptSession, "APPROVED"},
		"a session of any kind": {got("ORDERID=828&SESSIONID=" + url.QueryEscape("<ö#/ "+strings.Repeat("S", 250)+"}")),
			"828", "<ö#/ " + strings.Repeat("S", 250) + "}", ""},
		"base64 of addresses": {posted(url.Values{"xmlmsg": {strings.NewReplacer("+", "-", "/", "_").Replace(coded)}}),
			"828", scriptSession, "APPROVED"},
		"the same, unpadded": {
			posted(url.Values{"xmlmsg": {strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(coded), "=")}}),
			"828", scriptSession, "APPROVED"},
		"twice the same":        {twice, "828", "", ""},
		"twice in the query":    {got("ORDERID=828&orderId=828&ORDERID=828"), "828", "", ""},
		"xmlmsg twice the same": {again, "828", scriptSession, "APPROVED"},
		"a word with a digit":   {got("ORDERID=828&STATUS=3DS2_FAILED-1"), "828", "", "3DS2_FAILED-1"},
		"a word of one letter":  {got("ORDERID=828&STATUS=P"), "828", "", "P"},
		"a number":              {got("ORDERID=828&STATUS=17"), "828", "", "17"},
		"a word of ours":        {got("ORDERID=828&STATUS=Təsdiqləndi"), "828", "", "Təsdiqləndi"},
		"windows-1251, ASCII": {posted(url.Values{"xmlmsg": {strings.Replace(message, "UTF-8", "windows-1251", 1)}}),
			"828", scriptSession, "APPROVED"},
		"utf-16, ASCII": {
			posted(url.Values{"xmlmsg": {
				base64.StdEncoding.EncodeToString([]byte(strings.Replace(message, "UTF-8", "utf-16", 1)))}}), "828", scriptSession,
			"APPROVED"},
		"windows-1251, a name": {
			posted(url.Values{"xmlmsg": {strings.NewReplacer("UTF-8", "windows-1251", "</Message>",
				"<Holder>\xcf\xf0\xe8</Holder></Message>").Replace(message)}}), "828", scriptSession, "APPROVED"},
		"nil": {
			posted(url.Values{"xmlmsg": {
				`<Message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><OrderID>828</OrderID><SessionID xsi:nil="true"/` +
					`></Message>`}}), "828", "", ""},
		"base64 in lines": {posted(url.Values{"xmlmsg": {coded[:76] + "\r\n" + coded[76:]}}), "828", scriptSession,
			"APPROVED"},
		"byte order mark": {posted(url.Values{"xmlmsg": {"\ufeff" + message}}), "828", scriptSession, "APPROVED"},
		"wrapped": {
			posted(url.Values{"XMLMSG": {"<response><Message><OrderId>828</OrderId><SessionId>" + scriptSession +
				"</SessionId></Message></response>"}}), "828", scriptSession, ""},
		"signed inside": {
			posted(url.Values{"xmlmsg": {strings.Replace(message, "</Message>",
				`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><OrderID>9</OrderID></Signature></Message>`, 1)}}), "828",
			scriptSession, "APPROVED"},
		"query": {got("OrderId=828&SessionId=" + scriptSession), "828", scriptSession, ""},
		"query, upper, pushed": {got("ORDERID=828&SESSIONID=" + scriptSession + "&STATUS=ON-PAYMENT"), "828", scriptSession,
			"ON-PAYMENT"},
		"query, lower": {got("orderid=828&utm_source=x"), "828", "", ""},
		"form": {posted(url.Values{"orderId": {"828"}, "sessionID": {scriptSession}}), "828", scriptSession,
			""},
		"query and message": {both, "828", scriptSession, "APPROVED"},
		"encrypted":         {got("OrderID=" + url.QueryEscape("@encrypted@1@AB12")), "", "", ""},
		"nothing":           {got(""), "", "", ""},
		"another order":     {got("ORDERID=829"), "829", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			notice, err := x.Read(c.callback)
			if err != nil {
				t.Fatal(err)
			}
			if notice.Proven || notice.Recheck ||
				!reflect.DeepEqual(notice.Report, bank.Report{State: notice.Report.State, Word: c.status}) {
				t.Errorf("an unsigned message proves something: %+v", notice)
			}
			if notice.Handle != (bank.Handle{OrderID: c.order, Private: c.session}) {
				t.Errorf("handle %+v", notice.Handle)
			}
			claims := fmt.Sprint(notice.Claims)
			if c.status != "" && !strings.Contains(claims, c.status) || c.order != "" && !strings.Contains(claims, c.order) {
				t.Errorf("claims %s", claims)
			}
			for _, secret := range []string{scriptSession, "4169", "IVAN"} {
				if strings.Contains(claims, secret) {
					t.Errorf("claims tell %q: %s", secret, claims)
				}
			}
		})
	}
}

// A session is a secret. In the log eight letters stand for it, by which two lines are seen to be of one, and which
// whoever holds it gets from sha256sum.
func TestASessionIsToldByItsFingerprint(t *testing.T) {
	x := tell(t, nil, nil)
	for session, want := range map[string]string{scriptSession: "cd6c1f7d", "": ""} {
		notice, err := x.Read(got("ORDERID=828&SESSIONID=" + session))
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, c := range notice.Claims {
			if c.Name == "session" {
				told = c.Value
			}
		}
		if told != want {
			t.Errorf("%q is told as %q, want %q", session, told, want)
		}
	}
}

// What a message says about a refusal is told as its claim, and no more of it than that.
func TestCallbackClaimsACode(t *testing.T) {
	x := tell(t, nil, nil)
	message := func(status, codes string) bank.Message {
		return posted(url.Values{"xmlmsg": {"<Message><OrderID>828</OrderID><OrderStatus>" + status + "</OrderStatus>" +
			codes + "</Message>"}})
	}
	for name, c := range map[string]struct {
		callback bank.Message
		want     bank.Report
	}{
		"declined": {message("DECLINED", "<ResponseCode>051</ResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "051", Hint: payment.HintExpired}},
		"the host's code": {message("DECLINED", "<AuthorizationResponseCode>076</AuthorizationResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "076", Hint: payment.HintFunds}},
		"by 3-D Secure": {message("DECLINED", "<ResponseCode> 18 </ResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "18", Hint: payment.HintTryAgain}},
		"without one": {message("DECLINED", ""), bank.Report{State: payment.BankDeclined, Word: "DECLINED"}},
		"no code": {message("DECLINED", "<ResponseCode>Expired card</ResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED"}},
		"no refusal's code": {message("CANCELED", "<ResponseCode>001</ResponseCode>"),
			bank.Report{State: payment.BankCancelled, Word: "CANCELED"}},
		"approved": {message("APPROVED", "<ResponseCode>051</ResponseCode>"),
			bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"the code of an approval beside one": {message("DECLINED", "<ResponseCode>000</ResponseCode>"+
			"<AuthorizationResponseCode>076</AuthorizationResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "076"}},
		"no code beside one": {message("DECLINED", "<ResponseCode>null</ResponseCode>"+
			"<AuthorizationResponseCode>076</AuthorizationResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "076"}},
		"in mixed case": {message("Declined", "<ResponseCode>051</ResponseCode>"),
			bank.Report{State: payment.BankDeclined, Word: "Declined", Code: "051"}},
		"without a status": {message("", "<ResponseCode>051</ResponseCode>"), bank.Report{}},
	} {
		notice, err := x.Read(c.callback)
		if c.want.Code != "" {
			c.want.Hint = CauseOf(c.want.Code).Hint()
		}
		if err != nil || notice.Proven || !reflect.DeepEqual(notice.Report, c.want) {
			t.Errorf("%s: %+v, %v, want the claim %+v", name, notice, err, c.want)
		}
		told := bank.Claim{Name: "code", Value: c.want.Code}
		if slices.Contains(notice.Claims, told) != (c.want.Code != "") {
			t.Errorf("%s: the log is told %+v", name, notice.Claims)
		}
	}
}

// TestTheCodesOfTheProcessing stand among the card host's, each with 500 added, and mean what they mean at the JSON
// gateway.
func TestTheCodesOfTheProcessing(t *testing.T) {
	for code, want := range map[string]payment.Hint{"500": payment.HintOther, "505": payment.HintOther,
		"540": payment.HintCallBank, "551": payment.HintExpired, "552": payment.HintTryAgain, "558": payment.HintForbidden,
		"559": payment.HintFunds, "561": payment.HintLimit, "562": payment.HintCallBank, "568": payment.HintOther,
		"571": payment.HintCallBank, "572": payment.HintTryAgain, "581": payment.HintTryAgain, "598": payment.HintOther} {
		if got := CauseOf(code).Hint(); got != want || refusalCode(code) != code {
			t.Errorf("%s: the hint is %q, want %q; told as %q", code, got, want, refusalCode(code))
		}
	}
	if got := refusalCode("501", "596", "076"); got != "076" {
		t.Errorf("an approval is told as the refusal %q", got)
	}
}

// TestOneThingSaidTwice: what stands beside xmlmsg may spell it in another way. Only what means another thing is a
// contradiction.
func TestOneThingSaidTwice(t *testing.T) {
	x := tell(t, nil, nil)
	for _, c := range []struct {
		beside, inside string
		known          bool
	}{
		{"DECLINED", "DECLINED", true}, {"Declined", "DECLINED", true}, {"declined", "Declined", true},
		{"CANCELLED", "CANCELED", true}, {"Canceled", "CANCELLED", true}, {"Expired", "EXPIRED", true},
		{"", "DECLINED", true}, {"CANCELED", "DECLINED", false}, {"ON-PAYMENT", "DECLINED", false},
		{"Odd", "DECLINED", false},
	} {
		text := "<Message><OrderID>828</OrderID><SessionID>0a</SessionID><OrderStatus>" + c.inside +
			"</OrderStatus><ResponseCode>051</ResponseCode></Message>"
		form := url.Values{"xmlmsg": {text}, "STATUS": {c.beside}, "ORDERID": {" 828"}, "SESSIONID": {"0A"}}
		message := posted(form)
		message.Query = url.Values{"status": {strings.ToUpper(c.beside)}}
		notice, err := x.Read(message)
		if (err == nil) != c.known {
			t.Errorf("%q beside %q: %v", c.beside, c.inside, err)
		}
		if c.known && (notice.Report.Code != "051" || notice.Report.Word != c.inside || notice.Handle.Private != "0a") {
			t.Errorf("%q beside %q: %+v", c.beside, c.inside, notice)
		}
	}
}

func TestCallbackRefuses(t *testing.T) {
	x := tell(t, nil, nil)
	message := golden(t, "callback.xml")
	bare, coded := endsInPlus(message)
	multipart := posted(nil)
	multipart.Header["content-type"] = "multipart/form-data; boundary=x"
	multipart.Body = []byte("--x\r\nORDERID")
	long := posted(url.Values{"xmlmsg": {strings.Repeat("a", maxCallback)}})
	twice := posted(url.Values{"ORDERID": {"828"}})
	twice.Query = url.Values{"OrderID": {"829"}}
	for name, c := range map[string]bank.Message{
		"multipart":          multipart,
		"too long":           long,
		"broken escape":      {Method: http.MethodPost, Body: []byte("xmlmsg=%z")},
		"twice in the query": got("ORDERID=828&ORDERID=829"),
		"twice in two cases": got("ORDERID=828&orderid=829"),
		"in query and form":  twice,
		"xmlmsg twice": {Method: http.MethodPost,
			Body: []byte("xmlmsg=%3CMessage%2F%3E&XMLMSG=%3CMessage+%2F%3E")},
		"session twice":           got("SESSIONID=A&SESSIONID=B&STATUS=APPROVED"),
		"status twice":            got("STATUS=APPROVED&STATUS=DECLINED"),
		"order is no number":      got("ORDERID=828%27--"),
		"order is a card":         got("ORDERID=4169741330151778"),
		"order is negative":       got("ORDERID=-828"),
		"session of no text":      got("SESSIONID=%00%01"),
		"session too long":        got("SESSIONID=" + strings.Repeat("S", 257)),
		"status of two words":     got("STATUS=PAID+NOW"),
		"status is a card":        got("STATUS=4169741330151124"),
		"status is a line":        got("STATUS=PAID%0Alevel%3DERROR"),
		"contradiction":           posted(url.Values{"xmlmsg": {message}, "ORDERID": {"829"}}),
		"session contradicts":     posted(url.Values{"xmlmsg": {message}, "SESSIONID": {strings.Repeat("F", 32)}}),
		"neither XML nor 64":      posted(url.Values{"xmlmsg": {"hello, world"}}),
		"base64 of nothing":       posted(url.Values{"xmlmsg": {"AAAA"}}),
		"a plus that was cut off": posted(url.Values{"xmlmsg": {strings.TrimSuffix(coded, "+")}}),
		"cut, and padded": posted(
			url.Values{"xmlmsg": {base64.StdEncoding.EncodeToString([]byte(strings.TrimSuffix(bare, ">")))}}),
		"more behind base64": posted(url.Values{"xmlmsg": {coded + "!"}}),
		"no Message":         posted(url.Values{"xmlmsg": {"<TKKPG><OrderID>828</OrderID></TKKPG>"}}),
		"Message too deep":   posted(url.Values{"xmlmsg": {"<a><b><Message><OrderID>828</OrderID></Message></b></a>"}}),
		"order twice": posted(
			url.Values{"xmlmsg": {"<Message><OrderID>828</OrderID><ORDERID>829</ORDERID></Message>"}}),
		"two roots": posted(url.Values{"xmlmsg": {message + "<Message/>"}}),
		"entity": posted(
			url.Values{"xmlmsg": {`<!DOCTYPE a [<!ENTITY e "828">]><Message><OrderID>&e;</OrderID></Message>`}}),
		"backslashes":           posted(url.Values{"xmlmsg": {strings.ReplaceAll(message, `"`, `\"`)}}),
		"a million levels deep": posted(url.Values{"xmlmsg": {strings.Repeat("<a>", 9000)}}),
		"UTF-7":                 posted(url.Values{"xmlmsg": {strings.Replace(message, "UTF-8", "UTF-7", 1)}}),
	} {
		notice, err := x.Read(c)
		if payment.KindOf(err) != payment.Malformed || !reflect.DeepEqual(notice, bank.Reading{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
}

func TestCallbackSignature(t *testing.T) {
	signed := map[string]any{"secret_key": "key",
		"callback_signature": map[string]any{"fields": []string{"OrderID", "SessionID"}, "parameter": "Sign",
			"separator": ";"}}
	x := tell(t, nil, signed)
	// printf '828;S1234567' | openssl dgst -sha256 -hmac key
	const right = "1c28da9768276379292d927fa51e71719ae1d033beb8a4441c29f5cfee84d6b4"
	if notice, err := x.Read(got("ORDERID=828&SESSIONID=S1234567&sign=" + strings.ToUpper(right))); err != nil ||
		notice.Proven {
		t.Errorf("a right signature: %+v, %v", notice, err)
	}
	for name, query := range map[string]string{
		"missing":                  "ORDERID=828&SESSIONID=S1234567",
		"empty":                    "ORDERID=828&SESSIONID=S1234567&sign=",
		"wrong":                    "ORDERID=828&SESSIONID=S1234567&sign=" + right[32:] + right[:32],
		"shorter":                  "ORDERID=828&SESSIONID=S1234567&sign=" + right[:62],
		"of another order":         "ORDERID=829&SESSIONID=S1234567&sign=" + right,
		"without a signed value":   "ORDERID=828&sign=" + right,
		"nothing at all":           "",
		"right, but not decodable": "ORDERID=828&SESSIONID=S1234567&sign=zz" + right[2:],
	} {
		if notice, err := x.Read(got(query)); payment.KindOf(err) != payment.Forged ||
			!reflect.DeepEqual(notice, bank.Reading{}) {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
	// What is signed and cannot be read provokes a question, as what can be read does.
	odd := got("ORDERID=828&SESSIONID=S1234567&STATUS=PAID+NOW&sign=" + right)
	if notice, err := x.Read(odd); err != nil || notice.Proven || notice.Handle != (bank.Handle{}) ||
		!strings.Contains(fmt.Sprint(notice.Claims), "malformed") {
		t.Errorf("signed and unreadable: %+v, %v", notice, err)
	}
	setting, ok := signed["callback_signature"].(map[string]any)
	if !ok {
		t.Fatal("the settings changed their form")
	}
	setting["encoding"] = "base64"
	x = tell(t, nil, signed)
	for _, text := range []string{"HCjal2gnY3kpLZJ/pR5xcZrh0DO+uKREHCn1z+6E1rQ=",
		"HCjal2gnY3kpLZJ/pR5xcZrh0DO+uKREHCn1z+6E1rQ", "HCjal2gnY3kpLZJ_pR5xcZrh0DO-uKREHCn1z-6E1rQ"} {
		if _, err := x.Read(got("ORDERID=828&SESSIONID=S1234567&sign=" + url.QueryEscape(text))); err != nil {
			t.Errorf("in base64, %s: %v", text, err)
		}
	}
	for _, text := range []string{"HCjal2gnY3kpLZJ/pR5xcZrh0DO+uKREHCn1z+6E1rR=",
		"HCjal2gnY3kpLZJ/pR5xcZrh0DO+uKREHCn1z+6E1rR"} {
		if _, err := x.Read(got("ORDERID=828&SESSIONID=S1234567&sign=" + url.QueryEscape(text))); payment.KindOf(
			err) != payment.Forged {
			t.Errorf("spare bits, %s: %v", text, err)
		}
	}
}

// TestSignatureOverLineEnds: a browser sends each line end of a form as CR and LF, whichever the bank has signed.
func TestSignatureOverLineEnds(t *testing.T) {
	x := tell(t, nil, map[string]any{"secret_key": "key",
		"callback_signature": map[string]any{"fields": []string{"xmlmsg", "SessionID"}, "parameter": "Sign"}})
	message := strings.ReplaceAll(strings.TrimSpace(golden(t, "callback.xml")), "><", ">\n<")
	coded := base64.StdEncoding.EncodeToString([]byte(message))
	broken := ""
	for ; len(coded) > 76; coded = coded[76:] {
		broken += coded[:76] + "\n"
	}
	for name, signed := range map[string]string{"raw": message, "with one at the end": message + "\n",
		"base64 in lines": broken + coded} {
		mac := hmac.New(sha256.New, []byte("key"))
		mac.Write([]byte(signed + scriptSession))
		form := url.Values{"xmlmsg": {strings.ReplaceAll(signed, "\n", "\r\n")}, "SessionID": {scriptSession},
			"Sign": {fmt.Sprintf("%x", mac.Sum(nil))}}
		if notice, err := x.Read(posted(form)); err != nil || notice.Handle.OrderID != "828" || notice.Proven {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
}

// TestSignatureOfSpoiltBase64: the sum is over the value as the bank wrote it, whose plus signs the form has lost.
func TestSignatureOfSpoiltBase64(t *testing.T) {
	x := tell(t, nil, map[string]any{"secret_key": "key",
		"callback_signature": map[string]any{"fields": []string{"xmlmsg", "SessionID"}, "parameter": "Sign"}})
	message := strings.TrimSpace(golden(t, "callback.xml"))
	for len(message)%3 != 0 {
		message = strings.Replace(message, "<Version>", " <Version>", 1)
	}
	coded := base64.StdEncoding.EncodeToString([]byte(message))
	if !strings.HasSuffix(coded, "+") {
		t.Fatal("the sample does not end with a plus")
	}
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(coded + scriptSession))
	sign := fmt.Sprintf("&SessionID=%s&Sign=%x", scriptSession, mac.Sum(nil))
	for name, c := range map[string]bank.Message{
		"in the query": got("xmlmsg=" + coded + sign), "escaped": got("xmlmsg=" + url.QueryEscape(coded) + sign),
		"a line end behind": got("xmlmsg=" + coded + "%0D%0A" + sign),
	} {
		if notice, err := x.Read(c); err != nil || notice.Handle.OrderID != "828" || notice.Proven {
			t.Errorf("%s: %+v, %v", name, notice, err)
		}
	}
	altered := strings.Replace(coded, "+", "%2F", 1)
	if _, err := x.Read(got("xmlmsg=" + altered + sign)); payment.KindOf(err) != payment.Forged {
		t.Errorf("another value: %v", err)
	}
}

// FuzzSpoilt sends any message in base64 whose plus signs became blanks: it says the same as in clear.
func FuzzSpoilt(f *testing.F) {
	f.Add("<Message><OrderID>828</OrderID></Message>", "", "")
	f.Add("<a><Message><OrderID>828</OrderID><OrderStatus>???>>></OrderStatus></Message></a>", "\r\n ", "  \n")
	f.Fuzz(func(t *testing.T, text, before, behind string) {
		if strings.Trim(before, " \r\n\t") != "" || strings.Trim(behind, " \r\n\t") != "" || len(behind) > mostSpoilt/2 ||
			!strings.HasPrefix(text, "<") {
			return
		}
		want, wrong := readMessage(text)
		spoilt := strings.ReplaceAll(base64.RawStdEncoding.EncodeToString([]byte(text)), "+", " ")
		got, err := readMessage(before + spoilt + behind)
		if wrong == nil && (err != nil || got != want) {
			t.Fatalf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	})
}

func FuzzCallback(f *testing.F) {
	message := golden(&testing.T{}, "callback.xml")
	f.Add("POST", "a=b", "application/x-www-form-urlencoded", []byte("xmlmsg="+url.QueryEscape(message)))
	f.Add("POST", "", "", []byte("xmlmsg="+url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(message)))))
	f.Add("GET", "ORDERID=828&SESSIONID="+scriptSession+"&STATUS=APPROVED", "", []byte(nil))
	f.Add("POST", "orderid=@encrypted@1@AB", "text/plain", []byte("%"))
	k, err := New([]byte(`{"merchant_id":"E1","environment":"test","auth":"none"}`), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, query, kind string, body []byte) {
		values, _ := url.ParseQuery(query)
		notice, err := k.Read(bank.Message{Method: method, Query: values,
			Header: map[string]string{"content-type": kind}, Body: body})
		if notice.Proven || err != nil && payment.KindOf(err) != payment.Malformed {
			t.Fatalf("%+v, %v", notice, err)
		}
		for _, c := range notice.Claims {
			if strings.ContainsFunc(c.Value, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }) ||
				utf8.RuneCountInString(c.Value) > 40 {
				t.Fatalf("claim %q is not safe to log", c)
			}
		}
	})
}
