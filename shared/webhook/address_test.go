package webhook

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	label := strings.Repeat("a", 63)
	for text, want := range map[string]struct{ ever, local bool }{
		"https://shop.example":                              {true, true},
		"https://shop.example/kassa?shop=1&x=%20":           {true, true},
		"https://shop.example:443/kassa":                    {true, true},
		"https://Shop.Example/Kassa":                        {true, true},
		"https://xn--op-iia.az/":                            {true, true},
		"https://1.shop.example":                            {true, true},
		"https://" + label + ".az":                          {true, true},
		"https://" + label + "a.az":                         {},
		"https://" + strings.Repeat("a.", 126) + "az":       {},
		"https://shop.example/" + strings.Repeat("a", 2027): {true, true},
		"https://shop.example/" + strings.Repeat("a", 2028): {},

		"http://127.0.0.1:8080/hook": {false, true},
		"http://localhost:8080/hook": {false, true},
		"http://localhost":           {false, true},
		"https://localhost:8443":     {false, true},
		"http://[::1]:8080":          {false, true},
		"http://127.8.9.10:1":        {false, true},
		"http://localhost:":          {false, true}, // an empty port is the scheme's own (RFC 3986, 6.2.3)
		"http://localhost:0":         {},
		"http://localhost:65536":     {},
		"http://[::1%25lo]:8080":     {},
		"ftp://localhost":            {},
		"http://u@localhost:8080":    {},
		"http://localhost:8080#":     {},
		"http://localhost.evil.com":  {},
		"http://localhost.":          {},
		"http://0:8080":              {},

		"http://shop.example":             {},
		"https://shop.example:8443":       {},
		"https://shop.example:":           {true, true}, // other spellings of port 443
		"https://shop.example:0443":       {true, true},
		"https://shop.example:80":         {},
		"https://shop.example.":           {},
		"https://shop.example.:443":       {},
		"https://shop.example/\\evil.com": {},
		"https://shop..example":           {},
		"https://.shop.example":           {},
		"https://-shop.example":           {},
		"https://shop-.example":           {},
		"https://my_shop.example":         {true, true},
		"https://shop":                    {},
		"https://shop.example#":           {},
		"https://shop.example/#top":       {},
		"https://u@shop.example":          {},
		"https://u:p@shop.example":        {},
		"https://@shop.example":           {},
		"https://good.example@evil.com":   {},
		"https://good.example\\@evil.com": {},
		"https://şop.az":                  {true, true},
		"https://shop%2eexample":          {},
		"https://%73hop.example":          {},
		"https://%E5%95%86.example":       {true, true},
		"https://shop.example/ç":          {true, true},
		"https://şop.az./":                {},
		"https://shop.example/\u202ex":    {},
		"https://shop.example/\xff":       {},
		"https://shop.example/a b":        {},
		"https://shop.example/\n":         {},
		" https://shop.example":           {},
		"https://shop.example/%zz":        {},
		"https:shop.example":              {},
		"https:///shop.example":           {},
		"//shop.example":                  {},
		"shop.example":                    {},
		"https://":                        {},
		"":                                {},

		"https://93.184.216.34":             {}, // even a public one
		"https://169.254.169.254/latest":    {},
		"https://2130706433":                {},
		"https://0x7f000001":                {},
		"https://017700000001":              {},
		"https://127.1":                     {},
		"https://0177.0.0.1":                {},
		"https://0x7f.0.0.0x1":              {},
		"https://a9.fe.a9.fe.1":             {},
		"https://[2606:2800:220:1::1]":      {},
		"https://[::ffff:127.0.0.1]":        {false, true},
		"https://[::ffff:169.254.169.254]":  {},
		"https://[64:ff9b::a9fe:a9fe]":      {},
		"https://[fe80::1%25eth0]":          {},
		"https://１２７.０.０.１":                 {false, true},
		"https://１６９.２５４.１６９.２５４/":          {},
		"https://①②⑦.①":                     {},
		"https://127.0.0.1.":                {},
		"https://shop.example:443:443":      {},
		"https://shop.example:443@evil.com": {},
	} {
		ever, local := CheckURL(text, false), CheckURL(text, true)
		if (ever == nil) != want.ever || (local == nil) != want.local {
			t.Errorf("%q: %v, with loopback %v; want %+v", text, ever, local, want)
		}
	}
}

func TestWhatIsWrongWithAnAddressIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"http://shop.example/CANARY":       "https://",
		"https://shop.example:8443/CANARY": "port 443",
		"https://u:CANARY@shop.example":    "password",
		"https://shop.example/#CANARY":     "fragment",
		"https://CANARY":                   "IP address",
		"https://10.0.0.1/CANARY":          "IP address",
		"https://şop..az/CANARY":           "full stop",
		"CANARY":                           "such as https://shop.example/",
		"https://shop.example/CANARY%zz":   "behind the % at character 28",
		"https://[CANARY]":                 "such as shop.example",
	} {
		if err := CheckURL(text, false); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestPublicAddresses holds the first and the last address of each block that is not called, and its neighbours that
// are.
func TestPublicAddresses(t *testing.T) {
	for _, row := range []struct {
		public bool
		list   string
	}{
		{false, "0.0.0.0 0.1.2.3 0.255.255.255"},
		{true, "1.0.0.0 9.255.255.255 11.0.0.0 8.8.8.8 93.184.216.34"},
		{false, "10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255"},
		{true, "100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0"},
		{false, "127.0.0.0 127.0.0.1 127.255.255.255 169.254.0.0 169.254.169.254 169.254.170.2 169.254.255.255"},
		{true, "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0"},
		{false, "172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.9 192.0.0.170 192.0.0.255 192.0.2.0 192.0.2.255"},
		{true, "192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0"},
		{false, "192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.0 192.168.255.255 192.175.48.1"},
		{false, "198.18.0.0 198.19.255.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255"},
		{true, "198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255"},
		{false, "224.0.0.0 239.255.255.255 240.0.0.0 255.255.255.254 255.255.255.255"},

		{false, ":: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8"},
		{false, "64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b:1::a9fe:a9fe 100:: 100:0:0:1::1 1fff::1"},
		{false, "2001:: 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1 2001:db8::1 2002::1 " +
			"2002:7f00:1::1 2002:a9fe:a9fe::1"},
		{true, "2001:200::1 2001:4860:4860::8888 2003::1 2600:1f18::1 2a02:6b8::1 3ffe::1"},
		{false, "2620:4f:8000::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 " +
			"fec0::1 ff02::1 ff0e::1"},
		{false, "2a02:6b8::1%eth0"},
		{true, "2620:4f:7fff::1 3fff:1000::1"},
	} {
		for text := range strings.FieldsSeq(row.list) {
			if got := isPublic(netip.MustParseAddr(text)); got != row.public {
				t.Errorf("%s: %t", text, got)
			}
		}
	}
	if isPublic(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, text := range []string{"https://shop.example/kassa", "http://127.0.0.1:8080", "https://a.b:443",
		"https://[::1]", "https://u@a.b", "https://a.b#", "https://0x7f.1", "https:a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ever, local := CheckURL(text, false), CheckURL(text, true)
		if ever == nil && local != nil {
			t.Fatalf("%q is allowed, but not with loopback: %v", text, local)
		}
		if local != nil {
			return
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			t.Fatalf("%q was taken (%v)", text, err)
		}
		_, notIP := netip.ParseAddr(u.Hostname())
		if ever == nil && (u.Scheme != "https" || u.Port() != "" && u.Port() != "443" || notIP == nil ||
			!strings.Contains(u.Host, ".") || strings.HasSuffix(u.Hostname(), ".")) {
			t.Errorf("%q was taken", text)
		}
		if ever != nil && u.Hostname() != "localhost" && (notIP != nil || !netip.MustParseAddr(u.Hostname()).IsLoopback()) {
			t.Errorf("%q was taken for this machine", text)
		}
	})
}
