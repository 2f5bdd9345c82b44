package tkkpg

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const created = `<?xml version="1.0" encoding="UTF-8"?><TKKPG><Request><Operation>CreateOrder</Operation><Language>` +
	`az</Language><Order>` +
	`<OrderType>PreAuth</OrderType><Merchant>E1000010</Merchant><Amount>15000</Amount><Currency>944</Currency>` +
	`<Description><![CDATA[a & b]]></Description><ApproveURL>https://a.az/?x=1&amp;y=2</ApproveURL><CancelURL>https://` +
	`c.az</CancelURL>` +
	`<DeclineURL>https://d.az</DeclineURL><AddParams><OrderExpirationPeriod>20</OrderExpirationPeriod><FA-DATA>k=v</` +
	`FA-DATA></AddParams>` +
	`<Positions><Position><Quantity>1</Quantity></Position><Position></Position></Positions></Order></Request></TKKPG>`

const refund = `<TKKPG><Request><Operation>Refund</Operation><Language>EN</Language><Order><Merchant>E1000010</` +
	`Merchant><OrderID>828</OrderID></Order>` +
	`<Description></Description><SessionID>02447E3150B781C426638A03706030A5</SessionID><Refund><Amount>500</Amount>` +
	`<Currency>944</Currency>` +
	`<WithFee>false</WithFee></Refund><TranId></TranId><Source>1</Source></Request></TKKPG>`

func TestDecode(t *testing.T) {
	q, err := Decode([]byte(created))
	if err != nil {
		t.Fatal(err)
	}
	wanted := Request{
		Operation: CreateOrder, Language: "AZ", Merchant: "E1000010", OrderType: "PreAuth", Amount: 15000, Currency: "944",
		Description: "a & b", ApproveURL: "https://a.az/?x=1&y=2", CancelURL: "https://c.az", DeclineURL: "https://d.az",
		Lifetime: 20 * time.Minute, SaysLifetime: true,
	}
	if q != wanted {
		t.Errorf("got  %+v\nwant %+v", q, wanted)
	}
	q, err = Decode([]byte(refund))
	if err != nil || q.OrderID != 828 || q.Amount != 500 || q.Currency != "944" ||
		q.Session != "02447E3150B781C426638A03706030A5" {
		t.Errorf("%+v %v", q, err)
	}
}

func TestDepthIsBounded(t *testing.T) {
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	if _, err := Decode([]byte(deep)); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("a deep document: %v", err)
	}
}

// The expected value was made with sha256sum, not with this code.
func TestAuthData(t *testing.T) {
	got := AuthData([]byte("<TKKPG></TKKPG>"), "E1000010", "secret")
	if want := "AC5DF974506610D8F5B28CCC9742B0F1AB20D06527533ECC422222076DDB7677"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnswersEscape(t *testing.T) {
	text := string(InformationAnswer(Row{Description: `<a> & "b"`, ApproveURL: "https://a.az/?x=1&y=2"}, true))
	for _, piece := range []string{"<Description>&lt;a&gt; &amp; &#34;b&#34;</Description>", "?x=1&amp;y=2"} {
		if !strings.Contains(text, piece) {
			t.Errorf("no %s in %s", piece, text)
		}
	}
	if _, err := parse([]byte(text)); err != nil {
		t.Errorf("the answer cannot be read: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{created, refund, "", "<", "\xef\xbb\xbf<TKKPG/>",
		"<TKKPG><Request><Operation>Reverse</Operation></Request></TKKPG>",
		strings.Replace(created, "15000", "-1", 1), strings.Replace(created, "<TKKPG>", "<!DOCTYPE a><TKKPG>", 1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := Decode(body)
		if err == nil {
			if q.Merchant == "" || (q.Operation == CreateOrder) == (q.OrderID > 0) || q.Amount < 0 {
				t.Errorf("accepted %q as %+v", body, q)
			}
			return
		}
		var bad FormatError
		if !errors.As(err, &bad) || len(bad.Status) != 2 || bad.Why == "" {
			t.Errorf("the error of %q is %#v", body, err)
		}
	})
}
