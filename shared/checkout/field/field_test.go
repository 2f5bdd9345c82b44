package field_test

import (
	"strings"
	"testing"

	"kassa/shared/address"
	"kassa/shared/checkout/field"
)

// The spellings by which open redirects get past a check of origins.
func TestRefuseReturn(t *testing.T) {
	origins := []string{"https://shop.az", "https://shop.az:8443", "http://127.0.0.1:8080", "https://mağaza.az",
		"https://Big.az:443"}
	for address, allowed := range map[string]bool{
		"https://shop.az":                             true,
		"https://shop.az/thanks?order=1&x=%20":        true,
		"https://SHOP.az/thanks":                      true,
		"https://shop.az:8443/x":                      true,
		"https://shop.az:444/x":                       false,
		"http://shop.az/x":                            false,
		"https://good@evil.example":                   false,
		"https://shop.az@evil.example":                false,
		"https://shop.az.evil.example":                false,
		"https://shop.az./x":                          false,
		"//shop.az/x":                                 false,
		"https:shop.az":                               false,
		"https:///shop.az":                            false,
		`https:\\shop.az`:                             false,
		`/\evil.example`:                              false,
		"javascript:alert(1)":                         false,
		"data:text/html,x":                            false,
		"https://shop.az:443/x":                       true,
		"https://shop.az:/x":                          true,
		"https://ｓｈｏｐ.az/x":                           true,
		"https://xn--maaza-l1a.az/x":                  true,
		"https://MAĞAZA.az/tə?ad=Əli#/sifariş":        true,
		"https://big.az/":                             true,
		"https://shop.az/#x":                          true,
		"https://shop.az/#/thanks":                    true,
		"https://shop.az/#":                           true,
		"https://shop.az/#\u202e":                     false,
		"https://shop.az/\x00":                        false,
		"https://shop.az/thanks?order=№ 45":           true, // sent back as %20
		"https://shop.az/a b":                         true,
		" https://shop.az/":                           false,
		"https://shop.az/ ":                           false,
		"https://shop .az/":                           false,
		"https://shop.аz/x":                           false, // a Cyrillic letter in the name
		"":                                            false,
		"http://127.0.0.1:8080/back":                  false,
		"https://shop.az/" + strings.Repeat("a", 3e3): false,
		"https://shop.az/" + strings.Repeat("ə", 338): true, // 6 characters each once encoded, 2044 in all
		"https://shop.az/" + strings.Repeat("ə", 339): false,
	} {
		if why := field.RefuseReturn(address, origins, false); (why == "") != allowed {
			t.Errorf("%q: %q", address, why)
		}
	}
	if why := field.RefuseReturn("http://127.0.0.1:8080/back", origins, true); why != "" {
		t.Errorf("the local stage may send back to this machine: %s", why)
	}
	if why := field.RefuseReturn("http://shop.az/", append(origins, "http://shop.az"), true); why == "" {
		t.Error("plain http to another machine was allowed")
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]bool{
		"Sifariş №12345, çay":   true,
		"Заказ з Мінска":        true,
		"two\nlines":            false,
		"a\u202eb":              false, // turns the direction of what follows
		"\ufeffbom":             false,
		"\xff\xfe":              false,
		"broken \ufffd":         false,
		strings.Repeat("ə", 9):  true,
		strings.Repeat("ə", 99): false,
	} {
		if got := field.Plain(text, 20); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func FuzzRefuseReturn(f *testing.F) {
	for _, seed := range []string{"https://shop.az/x?y=z", "https://shop.az@evil.example", "https://SHOP.az:443/#/x",
		"https://ｓhop.az/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if field.RefuseReturn(text, []string{"https://shop.az"}, false) != "" {
			return
		}
		if u, err := address.Parse(text); err != nil || u.Scheme != "https" || u.Host != "shop.az" || u.User != nil {
			t.Errorf("%q was allowed, and leads to %v", text, u)
		}
	})
}
