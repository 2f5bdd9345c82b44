package xml

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// An installation with odd forms, from the opening to the refund: 201, marks and line ends around its documents, a
// declared prefix, 0.00.
func TestOddForms(t *testing.T) {
	s := simulate(t, "certificate", nil)
	if err := s.sim.Set(func(set *kapitalxml.Settings) { set.OddForms = true }); err != nil {
		t.Fatal(err)
	}
	h := s.paid(t)
	report, err := s.Status(t.Context(), h)
	if err != nil || report.State != payment.BankApproved || !report.Refunded.Said || report.Refunded.Minor != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	if _, err := s.Refund(t.Context(), partOf(s, h, 5000)); err != nil {
		t.Fatal(err)
	}
	if report, err = s.Status(t.Context(), h); err != nil || report.Refunded.Minor != 5000 {
		t.Errorf("%+v, %v", report, err)
	}
}

func partOf(s *simulated, h bank.Handle, amount int64) bank.Refund {
	return bank.Refund{Handle: h, ID: "rf_abc", Amount: payment.Money{Minor: amount, Currency: payment.AZN},
		Captured: 15000, PaidAt: s.now, Now: s.now}
}

// A terminal that refuses OrderExpirationPeriod opens once the setting leaves it out; our own page life stays.
func TestExpirationIsLeftOut(t *testing.T) {
	for setting, want := range map[string]payment.Kind{"on": payment.Refused, "off": payment.Internal} {
		s := simulate(t, "certificate", map[string]any{"order_expiration": setting})
		if err := s.sim.Set(func(set *kapitalxml.Settings) { set.NoAddParams = true }); err != nil {
			t.Fatal(err)
		}
		session, err := s.Open(t.Context(), s.order())
		if payment.KindOf(err) != want || (err == nil) != (setting == "off") {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
		if err == nil && (!session.ExpiresAt.Equal(s.now.Add(s.settings.session)) ||
			strings.Contains(s.sim.Requests()[0].Request, "AddParams")) {
			t.Errorf("expires %s after the request %s", session.ExpiresAt, s.sim.Requests()[0].Request)
		}
	}
}

// A terminal that wants a refund to name the purchase gets its twoId where the setting says so, and nothing is sent
// without one.
func TestRefundNamesThePurchase(t *testing.T) {
	for setting, want := range map[string]payment.Kind{"empty": payment.Refused, "two_id": payment.Internal} {
		s := simulate(t, "certificate", map[string]any{"tran_id": setting})
		if err := s.sim.Set(func(set *kapitalxml.Settings) { set.WantTwoID = true }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Refund(t.Context(), partOf(s, s.paid(t), 5000)); payment.KindOf(err) != want ||
			(err == nil) != (setting == "two_id") {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
	row := func(rest string) string { return saysRow("APPROVED", "0", rest) }
	for name, c := range map[string]struct {
		answer string
		kind   payment.Kind
	}{
		"not said": {row(""), payment.Misconfigured}, "null": {row("<twoId>null</twoId>"), payment.Misconfigured},
		"not one":   {row("<twoId>" + strings.Repeat("2", 300) + "</twoId>"), payment.Unavailable},
		"no answer": {"", payment.Unavailable},
	} {
		x := tell(t, map[string][]string{getOrderInformation: {c.answer}}, map[string]any{"tran_id": "two_id"})
		if _, err := x.Refund(t.Context(), scriptRefund(5000)); payment.KindOf(err) != c.kind || err == nil ||
			len(x.asked) != 1 {
			t.Errorf("%s: %v after asking %q", name, err, x.asked)
		}
	}
}

// A gateway that writes base64 into its form as it is: each plus sign arrives as a blank.
func TestSpoiltMessages(t *testing.T) {
	s := simulate(t, "certificate", nil)
	if err := s.sim.Set(func(set *kapitalxml.Settings) { set.SpoilBase64 = true }); err != nil {
		t.Fatal(err)
	}
	came := ""
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		came = r.PostFormValue("xmlmsg")
	}))
	defer shop.Close()
	for n := range 3 { // whatever padding the length asks for
		o := s.order()
		o.ReturnURL, o.Description = shop.URL, strings.Repeat("x", n+1)
		session, err := s.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.sim.Callback(t.Context(), session.Handle.OrderID, kapitalxml.Return{}); err != nil {
			t.Fatal(err)
		}
		text := came
		if !strings.Contains(text, " ") {
			t.Fatal("nothing is spoilt")
		}
		notice, err := s.Read(posted(url.Values{"xmlmsg": {text}}))
		if err != nil || notice.Handle.OrderID != session.Handle.OrderID {
			t.Errorf("%q: %+v, %v", text, notice, err)
		}
	}
}

// TestElementsInOtherLetterCase: the brief calls the ids OrderId and SessionId, the vendor's guide OrderID and
// SessionID, and the gateway itself spells the status of an order in two ways.
func TestElementsInOtherLetterCase(t *testing.T) {
	spelt := strings.NewReplacer("OrderID>", "OrderId>", "SessionID>", "SessionId>", "URL>", "Url>", "<id>", "<ID>",
		"</id>", "</ID>", "MerchantID>", "MerchantId>", "RespCode>", "respCode>", "OrderStatus>", "Orderstatus>").Replace
	x := tell(t, map[string][]string{createOrder: {spelt(golden(t, "answer_create.xml"))},
		getOrderStatus: {spelt(saysStatus("APPROVED"))}, getOrderInformation: {spelt(saysRow("APPROVED", "0", ""))},
		reverse: {spelt(golden(t, "answer_reverse.xml"))}, refund: {spelt(golden(t, "answer_refund.xml"))}}, nil)
	session, err := x.Open(t.Context(), scriptOrder())
	if err != nil || session.Handle.OrderID == "" || session.Handle.Private == "" || session.RedirectURL == "" {
		t.Errorf("opened: %+v, %v", session, err)
	}
	report, err := x.Status(t.Context(), ourHandle())
	if err != nil || report.State != payment.BankApproved || report.Amount.Minor != 15000 {
		t.Errorf("asked: %+v, %v", report, err)
	}
	whole := bank.Refund{Handle: ourHandle(), ID: "rf_abc", Amount: report.Amount, Captured: 15000, PaidAt: bakuNoon(),
		Now: bakuNoon()}
	if _, err = x.Refund(t.Context(), whole); err != nil || x.asked[len(x.asked)-1] != reverse {
		t.Errorf("reversed: %v, asked %v", err, x.asked)
	}
	foreign := strings.Replace(spelt(saysRow("APPROVED", "0", "")), scriptSession, "OTHER", 1)
	x.script[getOrderInformation] = []string{foreign}
	if report, err = x.Status(t.Context(), ourHandle()); err == nil {
		t.Errorf("another session's row: %+v", report)
	}
}

// TestCharsetBesideTheDocument: without a declaration the header says what the bytes are. One that lies spoils nothing.
func TestCharsetBesideTheDocument(t *testing.T) {
	for kind, c := range map[string]struct {
		prolog, description string
		reads               bool
	}{
		"text/xml; charset=windows-1251":           {"", "\xcf\xee\xea\xf3\xef\xea\xe0", true},
		"application/xml;charset=\"Windows-1254\"": {"\r\n", "\xdei\xfe", true},
		"text/xml; charset=Cp1251":                 {`<?xml version="1.0"?>`, "\xcf", true},
		"text/xml; charset=WINDOWS-1251":           {`<?xml version="1.0" encoding="UTF-8"?>`, "\xcf", true},
		"text/xml;charset=ISO-8859-1":              {"", "Ələ", true}, // as servlets say that name none
		"text/xml; charset=utf-8":                  {"", "\xcf", false},
		"text/xml":                                 {"", "\xcf", false},
	} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")}, getOrderInformation: {c.prolog +
			saysRow("APPROVED", "0", "<Description>"+c.description+"</Description>")}}, nil)
		x.header = http.Header{"Content-Type": {kind}}
		report, err := x.Status(t.Context(), ourHandle())
		if read := err == nil && report.Amount.Minor == 15000; read != c.reads {
			t.Errorf("%s: %+v, %v", kind, report, err)
		}
	}
}

// twoSpellings is a message as banks of this gateway were seen to send it (of Kazakhstan and of Russia): some names
// stand in it twice, in two spellings.
const twoSpellings = `<Message date="16/03/2026 11:36:33"><SessionId>` + scriptSession + `</SessionId>` +
	`<OrderStatus>DECLINED</OrderStatus><ThreeDSVars><PrefixParam><TypeCard>MC</TypeCard></PrefixParam><AnswerVars>` +
	`<Enrolled>Y</Enrolled><enrolled>Y</enrolled><eci>01</eci></AnswerVars></ThreeDSVars><ResponseCode>051` +
	`</ResponseCode><OrderID>828</OrderID><SessionID>` + scriptSession + `</SessionID></Message>`

// A browser's message in two spellings tells why the card was refused, which stands nowhere else.
func TestMessageInTwoSpellings(t *testing.T) {
	x := tell(t, nil, nil)
	n, err := x.Read(posted(url.Values{"xmlmsg": {twoSpellings}}))
	if err != nil || n.Handle.OrderID != "828" || n.Handle.Private != scriptSession || n.Report.Code != "051" {
		t.Errorf("%+v, %v", n, err)
	}
	torn := strings.Replace(twoSpellings, "<SessionID>"+scriptSession, "<SessionID>"+strings.Repeat("F", 32), 1)
	if n, err := x.Read(posted(url.Values{"xmlmsg": {torn}})); payment.KindOf(err) != payment.Malformed {
		t.Errorf("%+v, %v", n, err)
	}
}

// The parameters of an order hold that message as a whole.
func TestParametersInTwoSpellings(t *testing.T) {
	row := saysRow("APPROVED", "0", "<OrderParams><row><PARAMNAME>RRN</PARAMNAME><VAL>614012345678</VAL></row><row>"+
		"<PARAMNAME>XMLOUT</PARAMNAME><VAL><XMLOut>"+twoSpellings+"</XMLOut></VAL></row></OrderParams>")
	x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")}, getOrderInformation: {row}}, nil)
	report, err := x.Status(t.Context(), ourHandle())
	if err != nil || report.Amount.Minor != 15000 || report.Receipt.RRN != "614012345678" {
		t.Errorf("%+v, %v", report, err)
	}
}
