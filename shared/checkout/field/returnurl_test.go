package field_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/checkout/field"
)

// token is what gclid, fbclid and their like hold: bytes in base64url.
func (d draw) token(bytes int) string {
	raw := make([]byte, bytes)
	for i := range raw {
		raw[i] = byte(d.IntN(256))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// advertised is a return address behind an advertisement: what the click added stands in it, and an order number.
func (d draw) advertised() string {
	query := []string{"order=" + d.digits(4+d.IntN(6))}
	for _, add := range []func() string{
		func() string { return fmt.Sprintf("yclid=%d", d.Uint64()) },
		func() string {
			return fmt.Sprintf("utm_source=yandex&utm_medium=cpc&utm_campaign=%d&utm_content=%d&utm_term=%s", d.Uint64N(1e9),
				d.Uint64N(1e11), url.QueryEscape("шторы 4 м"))
		},
		func() string {
			return fmt.Sprintf("utm_content=gid|%d|aid|%d|%d", d.Uint64N(1e10), d.Uint64N(1e11), d.Uint64())
		},
		func() string {
			return "gclid=" + d.pick("EAIaIQobChMI", "CjwKCA", "Cj0KCQ") + d.token(60) + "&gad_source=1&gbraid=" + d.token(30)
		},
		func() string { return "fbclid=IwAR" + d.token(42) },
		func() string {
			return fmt.Sprintf("utm_id=1202%013d&utm_campaign=1202%013d&campaign_id=2384%013d", d.Uint64N(1e13), d.Uint64N(1e13),
				d.Uint64N(1e13))
		},
		func() string {
			return fmt.Sprintf("_ga=2.%d.%d.%d-%d.%d", d.Uint32(), d.Uint32(), d.day().Unix(), d.Uint32(), d.day().Unix())
		},
		func() string {
			return fmt.Sprintf("ttclid=E.C.P.%s&msclkid=%016x%016x", d.token(60), d.Uint64(), d.Uint64())
		},
		func() string {
			return fmt.Sprintf("vk_click_id=%d&rb_clickid=%d-%d", d.Uint64(), d.day().Unix(), d.Uint32())
		},
		func() string { return "ysclid=" + strings.ToLower(d.token(9)) + fmt.Sprint(d.Uint32()) },
		func() string { return fmt.Sprintf("_ym_uid=%d%d", d.day().Unix(), d.Uint64N(1e9)) },
		func() string {
			return fmt.Sprintf("mindbox-message-key=%d&mindbox-click-id=%s", d.Int64(), d.token(16))
		},
	} {
		if d.IntN(2) == 0 {
			query = append(query, add())
		}
	}
	text := d.pick("https://shop.az/thanks?", "https://shop.by/checkout/done/?", "https://shop.az/#/thanks?") +
		strings.Join(query, "&")
	return d.pick(text, text, "https://shop.az/login?next="+url.QueryEscape(text))
}

// TestAdvertisedAddressesAreNoCards: under one in 10,000.
func TestAdvertisedAddressesAreNoCards(t *testing.T) {
	computes(t)
	const all = 12_000
	d := newDraw()
	refused := 0
	for i := range 2 * all {
		text := d.advertised()
		if i%2 == 0 {
			text = d.miniApp()
		}
		if field.HoldsCardInAddress(text) {
			if refused++; refused > all/10_000 { // a click of 16 digits is one in thousands
				t.Errorf("refused: %s", text)
			}
		}
	}
	t.Logf("%d of %d return addresses are refused", refused, 2*all)
}

// miniApp is the address that Telegram opens for a shop within it, with the chat that it was opened from.
func (d draw) miniApp() string {
	data := url.Values{"user": {fmt.Sprintf(`{"id":%d,"first_name":"Əli","language_code":"az"}`, d.Uint64N(9e9))},
		"chat_instance": {fmt.Sprint(d.Int64() * int64(1-2*d.IntN(2)))}, "chat_type": {"private"},
		"auth_date": {fmt.Sprint(d.day().Unix())}, "signature": {d.token(64)}}
	return "https://shop.az/#tgWebAppData=" + url.QueryEscape(data.Encode()) + "&tgWebAppVersion=8.0" +
		"&tgWebAppPlatform=ios&tgWebAppThemeParams=" +
		url.QueryEscape(fmt.Sprintf(`{"bg_color":"#%06x","text_color":"#%06x"}`, d.IntN(1<<24), d.IntN(1<<24)))
}

// browserID is what Facebook's script keeps in the cookie _fbp.
func (d draw) browserID() string {
	return fmt.Sprintf("fb.%d.%d.%s", d.IntN(3), d.day().UnixMilli(), d.digits(17+d.IntN(2)))
}

// kladr is the code of a street in Russia, or of a house in it: region, district, town, village and street.
func (d draw) kladr() string {
	return fmt.Sprintf("%02d%03d%03d%03d%04d00%s", 1+d.IntN(79), d.IntN(50), d.IntN(30), d.IntN(100), d.IntN(2000),
		d.pick("", "01", "86"))
}

// TestMetadataOfStatisticsIsNoCard: what shops keep of where a customer came from, under one in 10,000.
func TestMetadataOfStatisticsIsNoCard(t *testing.T) {
	computes(t)
	const all = 12_000
	d := newDraw()
	click := func() string { return fmt.Sprint(d.Uint64()) }
	pairs := []func() (name, value string){
		func() (string, string) {
			return d.pick("yclid", "YCLID", "ya_clid", "rb_clickid", "utm_content"), click()
		},
		func() (string, string) { return d.pick("fbp", "_fbp", "pixel"), d.browserID() },
		func() (string, string) { return d.pick("landing", "referrer"), d.pick(d.advertised(), d.miniApp()) },
		func() (string, string) {
			return d.pick("tg_chat_instance", "tgWebAppChatInstance"), fmt.Sprint(-d.Int64())
		},
		func() (string, string) { return "utm", "utm_source=ya; yclid=" + click() + "; fbp=" + d.browserID() },
		func() (string, string) { return "cookies", "_ga=GA1.1.1463472639.1705486062; _fbp=" + d.browserID() },
		func() (string, string) { // of Calltouch and of Retail Rocket, as Tilda hands them on
			return "COOKIES", fmt.Sprintf("_ym_visorc=w; _ct=%d%017d; rrpvid=%d; tildauid=%d.%s", 1+d.IntN(40), d.Uint64N(5e9),
				d.Uint64N(1e15), d.day().UnixMilli(), d.digits(6))
		},
		func() (string, string) { return "rrpvid", fmt.Sprint(d.Uint64N(1e15)) },
		func() (string, string) { return d.pick("kladr_id", "street_kladr_id", "KLADR"), d.kladr() },
		func() (string, string) {
			return "address", fmt.Sprintf(`{"postal_code":"%s","kladr_id":"%s"}`, d.digits(6), d.kladr())
		},
		func() (string, string) {
			return "source", fmt.Sprintf(`{"utm_source":"ya","yclid":"%s", "vk_click_id": %s,"fbp":"%s"}`, click(), click(),
				d.browserID())
		},
	}
	refused := 0
	for range all {
		if name, value := pairs[d.IntN(len(pairs))](); field.HoldsCardInPair(name, value) {
			if refused++; refused > all/10_000 {
				t.Errorf("refused: %s %s", name, value)
			}
		}
	}
	t.Logf("%d of %d pairs are refused", refused, all)
}

// TestBasketsInMetadataAreNoCards: what shops list of a basket of four, by its name alone. Under any other name such a
// list may be a card.
func TestBasketsInMetadataAreNoCards(t *testing.T) {
	d := newDraw()
	for range 2000 {
		list := strings.Join(cut(d.everyday(), 4, 4, 4, 4), d.pick(",", ", ", ";", "|"))
		for _, name := range []string{"product_ids", "productIds", "order_ids", "cart_items", "PRICES", "quantities"} {
			if value := d.pick("", "[") + list; field.HoldsCardInPair(name, value) {
				t.Fatalf("%s %s is refused", name, value)
			}
		}
		for _, name := range []string{"card", "note", "cards", "numbers"} {
			if !field.HoldsCardInPair(name, list) {
				t.Fatalf("%s %s passes", name, list)
			}
		}
	}
	for name, value := range map[string]string{"product_ids": "4111111111111111,5", "items": "4111 1111 1111 1111",
		"orders": "4111 1111,1111 1111", "prices": "5.00, 4111-1111-1111-1111", "skus": "a,4111111111111111",
		"ids": "4111111111111111"} {
		if !field.HoldsCardInPair(name, value) {
			t.Errorf("%s %s passes", name, value)
		}
	}
}

// TestCardsInMetadata are found under any name, in any of its forms.
func TestCardsInMetadata(t *testing.T) {
	d := newDraw()
	for range 300 {
		number := grouped(d.card(), d.pick("", " ", "-"))
		if digits := len(strings.Trim(number, " -")); digits == 14 || number[0] == '2' { // may be a date
			continue
		}
		for name, value := range map[string]string{"card": number, "note": "card " + number, number: "x",
			"landing": "https://shop.az/?card=" + number, "json": `{"yclid":"1","card":"` + number + `"}`,
			"fbp": "fb." + number, "stamp": "1757430108545." + number} {
			if !field.HoldsCardInPair(name, value) {
				t.Errorf("%s %s passes", name, value)
			}
		}
		if len(number) == 16 && !field.HoldsCardInPair("yclid", number) {
			t.Errorf("%s passes for a click", number)
		}
	}
}

// TestCardsInReturnAddresses are refused, wherever they stand, also where an advertisement's number could.
func TestCardsInReturnAddresses(t *testing.T) {
	d := newDraw()
	for range 300 {
		number := d.card()
		if number[0] == '2' && number[2:4] >= "01" && number[2:4] <= "12" || strings.HasPrefix(number, "30") {
			continue
		}
		forms := []string{"https://shop.az/thanks?card=%s&yclid=1234567890123456789",
			"https://shop.az/%s/thanks?utm_source=x", "https://shop.az/?a=1#/%s",
			"https://shop.az/?%s", "https://shop.az/?myclid_=%s", "https://shop.az/?x=yclid=%s"}
		if len(number) <= 16 {
			forms = append(forms, "https://shop.az/?yclid=%s", "https://shop.az/?utm_content=%s#x")
		}
		for _, form := range forms {
			for _, separator := range []string{"", "-", "+", "%%20"} {
				if text := fmt.Sprintf(form, grouped(number, strings.ReplaceAll(separator, "%%", "%"))); !field.HoldsCardInAddress(
					text) {
					t.Errorf("%s passes", text)
				}
			}
		}
		if text := "https://shop.az/?yclid=" + grouped(number, "-"); !field.HoldsCardInAddress(text) {
			t.Errorf("%s passes", text)
		}
	}
}
