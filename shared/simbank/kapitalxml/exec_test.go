package kapitalxml

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/simbank/kapitalxml/tkkpg"
)

func TestCreateAnswer(t *testing.T) {
	b := open(t, nil)
	answer := b.send(b.createDocument(""))
	id, session := tag(answer, "OrderID"), tag(answer, "SessionID")
	want(t, "answer", answer, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
		`<TKKPG><Response><Operation>CreateOrder</Operation><Status>00</Status>`+
		`<Order><OrderID>`+id+`</OrderID><SessionID>`+session+
		`</SessionID><URL>http://127.0.0.1:1/index.jsp</URL></Order></Response></TKKPG>`)
	if len(session) != 32 || strings.ToUpper(session) != session {
		t.Errorf("session id %q", session)
	}
}

func TestTheBriefsOwnExampleIsAccepted(t *testing.T) {
	b := open(t, nil)
	document := `<TKKPG>
  <Request>
    <Operation>CreateOrder</Operation>
    <Language>RU</Language>
    <Order>
      <OrderType>Purchase</OrderType>
      <Merchant>E1000010</Merchant>
      <Amount>15000</Amount>
      <Currency>944</Currency><!-- AZN = 944 per ISO 4217 -->
      <Description>Order №12345</Description>
      <ApproveURL>https://site.az/payment/success/</ApproveURL>
      <CancelURL>https://site.az/payment/cancel/</CancelURL>
      <DeclineURL>https://site.az/payment/fail/</DeclineURL>
    </Order>
  </Request>
</TKKPG>`
	for _, path := range []string{"/Exec", "/exec", "/api/order/", "/api/order"} {
		if _, answer := b.post(path, "text/xml; charset=utf-8", document); tag(answer, "Status") != "00" {
			t.Errorf("%s: %s %v", path, answer, b.Requests())
		}
	}
}

func TestRefusedDocuments(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	good := b.createDocument("")
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for name, c := range map[string]struct{ document, status string }{
		"other merchant":    {swap("E1000010", "E2000020"), "10"},
		"unknown operation": {swap("CreateOrder", "CreateOrders"), "54"},
		"no operation":      {swap("<Operation>CreateOrder</Operation>", ""), "54"},
		"byte order mark":   {"\xef\xbb\xbf" + good, "30"},
		"not UTF-8":         {swap("Order №", "Order \xff"), "30"},
		"other encoding":    {swap("UTF-8", "windows-1251"), "30"},
		"empty language":    {swap("<Language>AZ", "<Language>"), "30"},
		"foreign language":  {swap("<Language>AZ", "<Language>BE"), "30"},
		"decimal amount":    {swap("15000", "150.00"), "30"},
		"zero amount":       {swap("15000", "0"), "30"},
		"leading zero":      {swap("15000", "015000"), "30"},
		"other currency":    {swap("944", "840"), "30"},
		"relative address":  {swap(b.shop.URL+"/cancel", "/cancel"), "30"},
		"other order type":  {swap("Purchase", "Payment"), "30"},
		"unknown element":   {swap("<Language>", "<Shop>1</Shop><Language>"), "30"},
		"element twice":     {swap("<Currency>", "<Currency>944</Currency><Currency>"), "30"},
		"container twice":   {strings.Replace(good, "</Order>", "</Order><Order></Order>", 1), "30"},
		"attribute":         {swap("<Language>", `<Language id="1">`), "30"},
		"document type":     {swap("<TKKPG>", `<!DOCTYPE x [<!ENTITY a "b">]><TKKPG>`), "30"},
		"second root":       {good + "<TKKPG></TKKPG>", "30"},
		"cut off":           {good[:len(good)-9], "30"},
		"empty":             {"", "30"},
		"not XML":           {"{}", "30"},
		"session under order": {
			fmt.Sprintf(`<TKKPG><Request><Operation>GetOrderStatus</Operation><Language>EN</Language><Order><Merchant>`+
				`E1000010</Merchant><OrderID>%s</OrderID><SessionID>%s</SessionID></Order></Request></TKKPG>`, o.id, o.session),
			"30"},
		"space in session":   {follow("GetOrderStatus", order{o.id, " " + o.session}, ""), "30"},
		"session of another": {follow("GetOrderStatus", order{o.id, strings.Repeat("A", 32)}, ""), "30"},
		"unknown order":      {follow("GetOrderStatus", order{"999", o.session}, ""), "30"},
	} {
		answer := b.send(c.document)
		want(t, name, tag(answer, "Status"), c.status)
		if strings.Contains(c.document, "CreateOrder<") && strings.Contains(answer, "<Order>") {
			t.Errorf("%s: a refused CreateOrder has an Order element", name)
		}
	}
	if got := len(b.Ledger().Orders); got != 1 {
		t.Errorf("%d orders were made, want 1", got)
	}
	for _, e := range b.Requests()[1:] {
		if e.Why == "" || strings.Contains(e.Request, o.session) {
			t.Errorf("the history gives no reason, or a session: %+v", e)
		}
	}
}

func TestStatusErrorHasAnEmptyStatus(t *testing.T) {
	b := open(t, nil)
	answer := b.send(follow("GetOrderStatus", order{"77", strings.Repeat("A", 32)}, ""))
	if !strings.Contains(answer, "<Status>30</Status><Order><OrderID>77</OrderID><OrderStatus></OrderStatus></Order>") {
		t.Error(answer)
	}
}

func TestContentTypeIsChecked(t *testing.T) {
	b := open(t, nil)
	for _, kind := range []string{"text/xml", "application/xml; charset=utf-8", "text/xml; charset=windows-1251", "",
		"application/x-www-form-urlencoded"} {
		_, answer := b.post("/Exec", kind, b.createDocument(""))
		want(t, kind, tag(answer, "Status"), "30")
	}
	if _, answer := b.post("/Exec", `text/xml;charset="UTF-8"`, b.createDocument("")); tag(answer, "Status") != "00" {
		t.Error(answer)
	}
	if code, _ := b.post("/Exec", "text/xml; charset=utf-8",
		strings.Repeat("x", maxBody+1)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body gave HTTP %d", code)
	}
	if code, _ := b.post("/elsewhere", "text/xml; charset=utf-8", "x"); code != http.StatusNotFound {
		t.Errorf("another path gave HTTP %d", code)
	}
}

func TestPasswordDoor(t *testing.T) {
	b := open(t, func(o *Options) { o.Auth, o.Password = "password", "secret" })
	document := b.createDocument("")
	knock := func(proof, kind string) string {
		_, answer := b.post("/ExecPasswordAuth", kind, url.Values{"xmlRequest": {document}, "authData": {proof}}.Encode())
		return tag(answer, "Status")
	}
	form := "application/x-www-form-urlencoded"
	proof := tkkpg.AuthData([]byte(document), "E1000010", "secret")
	want(t, "right proof", knock(proof, form), "00")
	want(t, "wrong password", knock(tkkpg.AuthData([]byte(document), "E1000010", "guess"), form), "10")
	want(t, "proof of another document", knock(tkkpg.AuthData([]byte(document+"\n"), "E1000010", "secret"), form), "10")
	want(t, "lower case", knock(strings.ToLower(proof), form), "10")
	want(t, "wrong type", knock(proof, "text/xml; charset=utf-8"), "30")
	want(t, "the plain door", tag(b.send(document), "Status"), "10")
}

func TestInformationForms(t *testing.T) {
	b := open(t, nil)
	o := b.create()
	bare := b.send(follow("GetOrderInformation", o, ""))
	if !strings.HasPrefix(bare, "<Order><row><id>"+o.id+"</id>") {
		t.Errorf("the bare form is %s", bare)
	}
	for name, value := range map[string]string{
		"payDate": "null", "RefundCurrency": "null", "TWODate": "null", "RefundDate": "0000-00-00 00:00:00", "Receipt": "",
		"Orderstatus": "CREATED", "RefundAmount": "0", "createDate": "2026-03-10 12:00:00", "Amount": "15000",
	} {
		want(t, name, tag(bare, name), value)
	}
	classic := b.send(follow("GetOrderInformation", o, "<ClassicView>true</ClassicView>"))
	if !strings.Contains(classic,
		"<TKKPG><Response><Operation>GetOrderInformation</Operation><Status>00</Status><Order><row>") {
		t.Errorf("the classic form is %s", classic)
	}
	wrong := b.send(follow("GetOrderInformation", order{o.id, strings.Repeat("B", 32)}, ""))
	if !strings.Contains(wrong,
		"<TKKPG><Response><Operation>GetOrderInformation</Operation><Status>30</Status></Response></TKKPG>") {
		t.Errorf("an error without classic view is %s", wrong)
	}
	b.must(b.Approve(o.id))
	b.refund(o, 5000)
	full := b.send(follow("GetOrderInformation", o, "<ShowParams>true</ShowParams><ShowOperations>true</ShowOperations>"))
	if strings.Count(full, "<OperName>") != 2 || !strings.Contains(full, "<OperName>Refund</OperName><OrderId>"+o.id+
		"</OrderId><Amount>5000</Amount>") {
		t.Errorf("operations: %s", full)
	}
	for name, value := range map[string]string{"payDate": "2026-03-10 12:00:00", "RefundCurrency": "944",
		"RefundDate": "2026-03-10 12:00:00", "TWODate": "260310", "TWOTime": "120000", "PARAMNAME": "OrderExpirationPeriod",
		"VAL": "30"} {
		want(t, name, tag(full, name), value)
	}
	if strings.Contains(b.send(follow("GetOrderInformation", o, "")), "OrderOperations") {
		t.Error("operations are listed unasked")
	}
}
