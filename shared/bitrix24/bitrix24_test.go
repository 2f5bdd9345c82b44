package bitrix24

import (
	"strings"
	"testing"

	"kassa/shared/payment"
)

// TestSumsMeanOneThing: what two countries read differently is none, and neither is what a float's printer makes of
// large numbers.
func TestSumsMeanOneThing(t *testing.T) {
	for text, want := range map[string]int64{"150": 15000, "150.00": 15000, "150.5": 15050, "150.05": 15005,
		"150,5": 15050, "150,05": 15005, "150.0000": 15000,
		"150.5000": 15050, "0.01": 1, "0": 0, "9999999999999.99": 999999999999999} {
		if got, ok := ParseSum(text); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " 150", "150 ", "1 500,00", "1,500", "1.500", "1.500,00", "1,500.00", "150.", ".5",
		"-1", "+1", "0150", "00", "1e3", "1.5E+3", "150.001", "150.0001",
		"150,0000", "150.00000", "0x10", "١٥٠", "150.00\n", "99999999999999", "NaN", "INF"} {
		if got, ok := ParseSum(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func FuzzParseSum(f *testing.F) {
	f.Add("150.5")
	f.Add("1,500")
	f.Fuzz(func(t *testing.T, text string) {
		minor, ok := ParseSum(text)
		if !ok {
			return
		}
		exact := payment.Money{Minor: minor}.Decimal()
		spelled := strings.Replace(text, ",", ".", 1)
		if !strings.Contains(spelled, ".") {
			spelled += "."
		}
		if strings.TrimRight(exact, "0") != strings.TrimRight(spelled, "0") {
			t.Errorf("%q is read as %s", text, exact)
		}
	})
}

// TestOneOrderForEachPaymentOfThePortal, whatever ids there are.
func TestOneOrderForEachPaymentOfThePortal(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "1e1", "9223372036854775808", "1/1"} {
		if id, ok := ParseID(text); ok {
			t.Errorf("%q is the id %d", text, id)
		}
	}
	o := Origin{Payment: 11, PaySystem: 7}
	p := payment.Payment{OrderRef: o.Ref(), Metadata: o.Metadata()}
	if got, ok := OriginOf(p); !ok || got != o || o.Ref() != "b24-11" ||
		(Origin{Payment: 11, PaySystem: 8}).Ref() != o.Ref() {
		t.Errorf("%v %v", got, ok)
	}
	for name, spoil := range map[string]func(*payment.Payment){
		"another order":   func(p *payment.Payment) { p.OrderRef = "11" },
		"another payment": func(p *payment.Payment) { p.OrderRef = "b24-12" },
		"no metadata":     func(p *payment.Payment) { p.Metadata = nil },
		"no pay system":   func(p *payment.Payment) { p.Metadata = map[string]string{paymentName: "11"} },
		"a spelt-out zero": func(p *payment.Payment) {
			p.Metadata = map[string]string{paymentName: "011", paySystemName: "7"}
		},
	} {
		p := p
		spoil(&p)
		if _, ok := OriginOf(p); ok {
			t.Errorf("%s: it is the portal's", name)
		}
	}
}

func TestAddressesOfPortals(t *testing.T) {
	for _, text := range []string{"https://name.bitrix24.by/rest/1/abc123/", "https://shop.example/rest/15/AbC"} {
		if err := CheckURL(text, false); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"", "http://name.bitrix24.by/rest/1/abc/", "https://name.bitrix24.by/",
		"https://name.bitrix24.by/rest/1/abc/profile.json",
		"https://name.bitrix24.by/rest/1/abc/?auth=x", "https://name.bitrix24.by/rest/x/abc/",
		"https://169.254.169.254/rest/1/abc/", "https://localhost/rest/1/abc/",
		"https://name.bitrix24.by:8443/rest/1/abc/", "https://u:p@name.bitrix24.by/rest/1/abc/",
		"https://name.bitrix24.by/rest/1/abc/#x", "http://127.0.0.1:1/rest/1/abc/"} {
		if err := CheckURL(text, false); err == nil || text != "" && strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := CheckURL("http://127.0.0.1:8080/rest/1/abc/", true); err != nil {
		t.Error(err)
	}
}
