package xml

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/bank"
)

// TestCallbackOfEveryShape: the same message in whatever a gateway, a proxy or a framework makes of it.
func TestCallbackOfEveryShape(t *testing.T) {
	x := tell(t, nil, nil)
	message := golden(t, "callback.xml")
	body := func(kind, text string) bank.Message {
		return bank.Message{Method: http.MethodPost, Body: []byte(text),
			Header: map[string]string{"content-type": kind}}
	}
	with := func(c bank.Message, query string) bank.Message { c.Query = got(query).Query; return c }
	beside := posted(url.Values{"xmlmsg": {message}, "ORDERID": {"828 "}, "STATUS": {"APPROVED\n"}})
	both := with(body("text/xml", message), "ORDERID=828&SESSIONID="+scriptSession)
	parts := "--x\r\nContent-Disposition: form-data; name=\"xmlmsg\"\r\n\r\n" + message + "\r\n--x--"
	put := body("text/xml", message)
	put.Method = http.MethodPut
	for name, c := range map[string]struct {
		callback      bank.Message
		order, status string
	}{
		"the order with a blank":      {got("ORDERID=828%20"), "828", ""},
		"the status with a line end":  {got("ORDERID=%0A828&STATUS=APPROVED%0D%0A"), "828", "APPROVED"},
		"a session with a line end":   {got("ORDERID=828&SESSIONID=" + scriptSession + "%0A"), "828", ""},
		"empty parameters":            {got("ORDERID=828&SESSIONID=&STATUS=%20"), "828", ""},
		"an empty message":            {got("ORDERID=828&xmlmsg="), "828", ""},
		"a blank message, posted":     {posted(url.Values{"xmlmsg": {" \r\n"}, "ORDERID": {"828"}}), "828", ""},
		"blanks beside a message":     {beside, "828", "APPROVED"},
		"another parameter in many":   {got("ORDERID=828&lang=az&lang=en"), "828", ""},
		"text/xml":                    {body("text/xml; charset=utf-8", message), "828", "APPROVED"},
		"application/xml":             {body("application/xml", "\ufeff\r\n"+message+"\r\n"), "828", "APPROVED"},
		"a document without a type":   {body("", message), "828", "APPROVED"},
		"a document called a form":    {body("application/x-www-form-urlencoded", message), "828", "APPROVED"},
		"a document and a query":      {both, "828", "APPROVED"},
		"a document by another verb":  {put, "828", "APPROVED"},
		"a form called XML":           {body("text/xml", "xmlmsg="+url.QueryEscape(message)), "828", "APPROVED"},
		"a form in parts":             {body("multipart/form-data; boundary=x", parts), "828", "APPROVED"},
		"a query beside another body": {with(body("application/json", `{"a":1}`), "ORDERID=828"), "828", ""},
	} {
		n, err := x.Read(c.callback)
		if err != nil || n.Proven || n.Handle.OrderID != c.order || n.Report.Word != c.status {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

// TestSignedCallbackInAFrame: what stands around a value belongs to its signature or does not, as the gateway had it.
func TestSignedCallbackInAFrame(t *testing.T) {
	x := tell(t, nil, map[string]any{"secret_key": "key", "callback_signature": map[string]any{
		"fields": []string{"OrderID", "SessionID"}, "parameter": "Sign", "separator": ";"}})
	const right = "1c28da9768276379292d927fa51e71719ae1d033beb8a4441c29f5cfee84d6b4" // see TestCallbackSignature
	// printf '828 ;S1234567' | openssl dgst -sha256 -hmac key
	const blank = "11b41434fcedcf53c4364c8b8c389e0966bdb728745e5ea1f19f79073e946541"
	for _, query := range []string{
		"ORDERID=828%20&SESSIONID=S1234567%0D%0A&sign=" + right + "%0D%0A",
		"ORDERID=828&orderid=828&SESSIONID=S1234567&sign=%20" + strings.ToUpper(right),
		"ORDERID=828%20&SESSIONID=S1234567&sign=" + blank,
	} {
		if n, err := x.Read(got(query)); err != nil || n.Proven || n.Handle.OrderID != "828" {
			t.Errorf("%s: %+v, %v", query, n, err)
		}
	}
}
