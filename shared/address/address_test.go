package address_test

import (
	"net/url"
	"strings"
	"testing"

	"kassa/shared/address"
)

// TestOneAddressHasOneForm: what browsers take for the same address is the same text.
func TestOneAddressHasOneForm(t *testing.T) {
	for want, spellings := range map[string][]string{
		"https://shop.az/x": {"https://shop.az:443/x", "HTTPS://Shop.AZ/x", "https://shop.az:0443/x", "https://shop.az:/x",
			"https://ｓｈｏｐ.az/x", "https://shop。az/x", "https://sh%EF%BD%8Fp.az/x"},
		"https://shop.az": {"https://shop.az:443", "https://SHOP.az", "https://shop.az?",
			"https://shop.az#"},
		"https://shop.az:8443/": {"https://shop.az:08443/"},
		"https://xn--maaza-l1a.az/": {"https://mağaza.az/", "https://MAĞAZA.az:443/",
			"https://XN--MAAZA-L1A.az/", "https://mag\u0306aza.az/", "https://ma%C4%9Faza.az/"},
		"https://xn--80aaxfpnbz.xn--p1ai":                  {"https://папитайм.рф", "https://ПАПИТАЙМ.РФ:443"},
		"https://xn--strae-oqa.de/":                        {"https://straße.de/"},
		"http://127.0.0.1:8080/":                           {"HTTP://127.0.0.1:8080/"},
		"http://localhost/":                                {"http://LocalHost:80/"},
		"http://[::1]/":                                    {"http://[0:0:0:0:0:0:0:1]:80/", "http://[::0001]/"},
		"https://shop.az/?ad=%C6%8Fli":                     {"https://shop.az/?ad=Əli"},
		"https://shop.az/t%C9%99/%2f?a=%C9%99&b#/%C9%99?c": {"https://shop.az/tə/%2f?a=ə&b#/ə?c"},
		"https://shop.az/x?100%25":                         {"https://shop.az/x?100%"},
		"https://shop.az/a%20b?c%20d":                      {"https://shop.az/a b?c d"},
		"https://r3---sn.example/":                         nil,
		"https://my_shop.example.az/": {"https://My_Shop.Example.az:443/",
			"https://my＿shop.example.az/"},
	} {
		for _, text := range append(spellings, want) {
			if u, err := address.Parse(text); err != nil || u.String() != want {
				t.Errorf("%s is %v, %v; want %s", text, u, err, want)
			}
		}
	}
}

// TestWhatIsNoAddress, or one that no shop and no bank has.
func TestWhatIsNoAddress(t *testing.T) {
	for _, text := range []string{"", "shop.az", "//shop.az/", "/x", "https:shop.az", "https:///shop.az", "ftp://shop.az/",
		"javascript:alert(1)",
		"https://good@shop.az/", "https://a:b@shop.az/", "https://shop.az./", "https://shop.az:0/", "https://shop.az:65536/",
		"https://shop.az:x/",
		"https://sho p.az/", "https://shop..az/", "https://xn--a.az/", "https://shop!1.az/", "https://shop$.az/",
		"https://shop.az／x", "https://℀.az/", "https://_.", "https://a*.az/", "https://[fe80::1%25eth0]/",
		`https:\\shop.az`, `https://shop.az\@evil.example/`, "https://" + strings.Repeat("a", 64) + ".az/",
		"https://shop.az/\x00"} {
		if u, err := address.Parse(text); err == nil {
			t.Errorf("%q is %v", text, u)
		}
	}
}

// TestWhatIsSaidAboutABadAddress names the part that is wrong, and what to write instead.
func TestWhatIsSaidAboutABadAddress(t *testing.T) {
	percent := func(at string) string {
		return "have two hexadecimal digits behind the % at character " + at + ", or %25 in its place where the sign " +
			"itself is meant"
	}
	const absolute, host = "be an absolute address such as https://shop.example/thanks",
		"name a host such as shop.example, without a full stop at its end"
	for text, want := range map[string]string{
		"https://shop.az/100%": percent("20"), "https://shop.az/100%/a?b=%": percent("20"),
		"https://shop.az/%20/%zz": percent("21"), "https://shop.az/a#50%": percent("21"),
		"HTTPS://shop.az/ə%?q#x": percent("18"), "https://shop.az/?a=%&b#%4": percent("24"),
		"https://shop.az/a#?b%": percent("21"),
		"https://shop.az/\x07": "hold no control character, such as the one at " +
			"character 17",
		"https://shop%.az/": host, "https://sho p.az/%": host, "https://shop.az:x/": "have a port from 1 to 65535, or none",
		"https://shop.az:/%": percent("18"), "https://a%@shop.az/": "hold no user name and no password",
		"%": absolute, "shop.az/%": absolute, "ftp://shop.az/%": absolute, "": absolute,
	} {
		if u, err := address.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q is %v: must %v\nwant %s", text, u, err, want)
		}
	}
}

// TestTwinsAreStrangers: a name that looks like another one is another one.
func TestTwinsAreStrangers(t *testing.T) {
	for _, twin := range []string{"https://shop.аz/", "https://sh\u00f8p.az/", "https://shop.az.evil.example/",
		"http://shop.az/", "https://shop.az:8443/"} {
		u, err := address.Parse(twin)
		if err != nil || address.Origin(u) == "https://shop.az" {
			t.Errorf("%s has the origin %v, %v", twin, u, err)
		}
	}
}

func TestHosts(t *testing.T) {
	for text, want := range map[string]string{"Pay.Bank.example:443": "pay.bank.example",
		"pay.bank.example:8443": "pay.bank.example:8443",
		"BANK.рф":               "bank.xn--p1ai", "[::1]:8443": "[::1]:8443", "": "", "https://x": "", "x/y": "", "a@b": "",
		"a b": "",
		"x?y": "", "x#y": "", "x:y": ""} {
		if got, err := address.Host("https", text); got != want || (err != nil) != (want == "") {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

// TestTheWayBackIsBuilt from whatever address is on record: ASCII alone, our words once and last, a route still behind
// them.
func TestTheWayBackIsBuilt(t *testing.T) {
	const ours = "payment_id=pay_x-1&status=paid"
	for text, want := range map[string]string{
		"https://shop.az":                                 "https://shop.az?" + ours,
		"https://shop.az/?":                               "https://shop.az/?" + ours,
		"https://shop.az:443/t?a=b":                       "https://shop.az/t?a=b&" + ours,
		"https://shop.az/?ad=Əli":                         "https://shop.az/?ad=%C6%8Fli&" + ours,
		"https://mağaza.az/tə/?q=%C6%8F+li&&x":            "https://xn--maaza-l1a.az/t%C9%99/?q=%C6%8F+li&x&" + ours,
		"https://shop.az/?status=ok&payment_id=mine":      "https://shop.az/?" + ours,
		"https://shop.az/?status=ok&a=1&STATUS=x&status":  "https://shop.az/?a=1&" + ours,
		"https://shop.az/?%73tatus=ok&payment%5Fid=mine":  "https://shop.az/?" + ours,
		"https://shop.az/?status[]=1&payment_id%5Bx%5D=2": "https://shop.az/?" + ours,
		"https://shop.az/?order_status=new&statusx=1":     "https://shop.az/?order_status=new&statusx=1&" + ours,
		"https://shop.az/#/thanks":                        "https://shop.az/?" + ours + "#/thanks",
		"https://shop.az/app?a=1#!/sifariş?x=y":           "https://shop.az/app?a=1&" + ours + "#!/sifari%C5%9F?x=y",
		"https://shop.az/?a=%zz;b=%":                      "https://shop.az/?a=%25zz;b=%25&" + ours,
	} {
		got, err := address.Extend(text, address.Parameter{Name: "payment_id", Value: "pay_x-1"},
			address.Parameter{Name: "status", Value: "paid"})
		if err != nil || got != want {
			t.Errorf("%s becomes\n%s, %v; want\n%s", text, got, err, want)
		}
	}
	if got, err := address.Extend("javascript:x"); err == nil {
		t.Error(got)
	}
}

// FuzzExtend: the way back is ASCII, leads to the same origin, and holds our word exactly once, at the end of its
// query.
func FuzzExtend(f *testing.F) {
	for _, seed := range []string{"https://shop.az/?status=1#/x", "https://mağaza.az/Ə?Ə=Ə", "https://[::1]:443/%zz",
		"https://a/?%", "HTTP://A:80/#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := address.Extend(text, address.Parameter{Name: "status", Value: "paid"})
		if err != nil {
			return
		}
		from, fromErr := address.Parse(text)
		to, toErr := url.Parse(got)
		if fromErr != nil || toErr != nil || address.Origin(from) != address.Origin(to) {
			t.Fatalf("%q leads to %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool {
			return r <= ' ' || r > '~'
		}) || !strings.HasSuffix(to.RawQuery, "status=paid") {
			t.Errorf("%q leads to %q", text, got)
		}
		if values := to.Query()["status"]; len(values) > 1 {
			t.Errorf("%q says it %d times: %q", text, len(values), got)
		}
		if again, err := address.Extend(got); err != nil || again != got {
			t.Errorf("%q is another address once read again: %v %v", got, again, err)
		}
	})
}
