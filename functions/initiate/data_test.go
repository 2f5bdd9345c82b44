package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kassa/shared/boot/boottest"
)

const backToShop = `"return_urls":{"success":"https://shop.example/a"}`

// TestOneOrderInEverySpelling: what looks the same is one payment, told to the bank in characters that it takes, and
// answered in one form.
func TestOneOrderInEverySpelling(t *testing.T) {
	for want, spellings := range map[string][]string{
		"12345":       {"12345", "12345"},
		"Заказ №5/26": {"Заказ №5/26", "Заказ\u00a0№5/26"},
		"Sifariş №7":  {"Sifari\u015f №7", "Sifaris\u0327 №7"},
		"#7 & co":     {"#7 & co", "#7\u2009&\u00a0co"},
	} {
		b := boottest.New(t)
		var first string
		for n, ref := range spellings {
			a, got := post(t, b, "post.json", boottest.Key,
				body(fmt.Sprintf(`{"order_ref":%q,"bank":"kapital","amount":15000,%s}`, ref, backToShop)))
			if a.StatusCode != 201-min(n, 1) || got["order_ref"] != want || n > 0 && got["id"] != first {
				t.Errorf("%q: %d %v", ref, a.StatusCode, got)
			}
			first, _ = got["id"].(string)
		}
		opened := b.Bank.Orders()
		if len(opened) != 1 || strings.Trim(opened[0].RefForBank,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
			t.Errorf("%s: the bank was told %+v", want, opened)
		}
	}
}

// TestTextsReachTheBankInOneForm, as people and programs write them.
func TestTextsReachTheBankInOneForm(t *testing.T) {
	b := boottest.New(t)
	a, got := post(t, b, "post.json", boottest.Key,
		body(`{"order_ref":"1","bank":"kartapokupok","amount":"1200","term":3.0,"locale":"BE_by",
		"description":"Two\r\nlines\tand a tab\n",`+backToShop+`,
		"items":[{"sku":" S\n1","name":"Tea\nset","quantity":1,"unit_amount":1200},{"sku":"G","name":"Gift","quantity":1,
		"unit_amount":0}],
		"customer":{"first_name":"\u202aAnna\u202c\n","last_name":" O'Kavalenka-Aĭ\u200b","phone":"8 (029) 123-45-67",
		"email":" \u200ba+b@example.by "}}`))
	opened := b.Bank.Orders()
	if a.StatusCode != 201 || len(opened) != 1 || got["description"] != "Two lines and a tab" {
		t.Fatalf("%d %v", a.StatusCode, got)
	}
	o := opened[0]
	told := []string{o.Description, o.Locale, o.Items[0].SKU, o.Items[0].Name, o.Customer.FirstName, o.Customer.LastName,
		o.Customer.Phone, o.Customer.Email}
	if want := []string{"Two lines and a tab", "be", "S 1", "Tea set", "Anna", "O'Kavalenka-Aĭ", "+375291234567",
		"a+b@example.by"}; !slices.Equal(told, want) {
		t.Errorf("%q, want %q", told, want)
	}
}

// TestTheLongestOrderIsTaken: as many lines as there may be, each as long as it may be, escaped as PHP does.
func TestTheLongestOrderIsTaken(t *testing.T) {
	b := boottest.New(t)
	line := `{"sku":"` + strings.Repeat(`\ud83c\udf75`, 100) + `","name":"` + strings.Repeat(`\ud83c\udf75`, 250) +
		`","quantity":1,"unit_amount":2}`
	a, got := post(t, b, "post.json", boottest.Key, body(`{"order_ref":"1","bank":"kartapokupok","amount":1000,"term":3,
		`+backToShop+`,"items":[`+strings.Repeat(line+",", 499)+line+`],"customer":{"first_name":"Anna","last_name":"K",
		"phone":"+375291234567","email":"a@example.by"}}`))
	if opened := b.Bank.Orders(); a.StatusCode != 201 || len(opened) != 1 || len(opened[0].Items) != 500 {
		t.Errorf("%d %v", a.StatusCode, got)
	}
}

// TestCardsAreRefusedEverywhere: in whatever field a card number stands, it is refused, and neither told back nor
// logged nor sent on.
func TestCardsAreRefusedEverywhere(t *testing.T) {
	const whole = `{"order_ref":"REF","bank":"kartapokupok","amount":1200,"term":3,"description":"DESC",
		"metadata":{"KEY":"VALUE"},
		"return_urls":{"success":"https://shop.example/PATH?x=QUERY#FRAGMENT","cancel":"https://shop.example/?x=CANCEL",
		"decline":"https://shop.example/?x=DECLINE"},
		"items":[{"sku":"SKU","name":"NAME","quantity":1,"unit_amount":1200}],
		"customer":{"first_name":"FIRST","last_name":"LAST","phone":"+375291234567","email":"a.MAIL@example.by"}}`
	at := map[string]string{"REF": "/order_ref", "DESC": "/description", "KEY": "/metadata", "VALUE": "/metadata/KEY",
		"PATH":  "/return_urls/success",
		"QUERY": "/return_urls/success", "FRAGMENT": "/return_urls/success", "CANCEL": "/return_urls/cancel",
		"DECLINE": "/return_urls/decline", "SKU": "/items/0/sku",
		"NAME": "/items/0/name", "FIRST": "/customer/first_name", "LAST": "/customer/last_name",
		"+375291234567": "/customer/phone", "MAIL": "/customer/email"}
	for place, pointer := range at {
		for _, card := range []string{"4169741330151124", "4169-7413-3015-1124", "4169/7413/3015/1124",
			"4169%207413%203015%201124", "٤١٦٩٧٤١٣٣٠١٥١١٢٤", "4169\u200b741330151124"} {
			b := boottest.New(t)
			a, got := post(t, b, "post.json", boottest.Key, body(strings.Replace(whole, place, card, 1)))
			errs, _ := got["errors"].([]any)
			found := slices.ContainsFunc(errs, func(e any) bool {
				e1, _ := e.(map[string]any)
				return e1["pointer"] == pointer && (e1["code"] == "card_number" || e1["code"] == "bad_format" ||
					e1["code"] == "bad_url")
			})
			if a.StatusCode != 422 || !found || len(b.Bank.Orders()) > 0 || strings.Contains(a.Body+b.Logged(), card) {
				t.Errorf("%s in %s: %d %s", card, place, a.StatusCode, a.Body)
			}
		}
	}
}

// TestWhatIsMissingIsRequired, each field that an order cannot do without.
func TestWhatIsMissingIsRequired(t *testing.T) {
	for order, want := range map[string]string{
		`{}`: "/amount required, /bank required, /order_ref required, /return_urls/success required",
		`{"order_ref":"1","bank":"kapital","return_urls":[]}`: "/amount required, /return_urls/success required",
		`{"order_ref":"","bank":"","amount":0,` + backToShop +
			`}`: "/amount out_of_range, /bank required, /order_ref required",
		`{"order_ref":"1","bank":"kapital","amount":"","term":"",` + backToShop + `}`: "/amount required",
	} {
		_, got := post(t, boottest.New(t), "post.json", boottest.Key, body(order))
		var told []string
		for _, e := range got["errors"].([]any) {
			told = append(told, fmt.Sprint(e.(map[string]any)["pointer"], " ", e.(map[string]any)["code"]))
		}
		if strings.Join(told, ", ") != want {
			t.Errorf("%s: %q, want %s", order, told, want)
		}
	}
}

// TestMetadataCountsWhatItSays: characters for a key and a value, bytes of UTF-8 for all.
func TestMetadataCountsWhatItSays(t *testing.T) {
	for metadata, want := range map[string]int{
		`{"yclid":"5944862768586951232","fbp":"fb.1.1766990777246.623082341629384262"}`: 201,
		`{"visitor":"5944862768586951232"}`:                                             422,
		`{"` + strings.Repeat("ə", 40) + `":"` + strings.Repeat("ə", 500) +
			`"}`: 201,
		`{"` + strings.Repeat("ə", 41) +
			`":"x"}`: 422,
		`{"k":"` + strings.Repeat("ə", 501) +
			`"}`: 422,
		// 2048 bytes
		`{"a":"` + strings.Repeat("ə", 500) + `","b":"` + strings.Repeat("ə", 500) + `","c":"` + strings.Repeat("x", 45) +
			`"}`: 201,
		`{"a":"` + strings.Repeat("ə", 500) + `","b":"` + strings.Repeat("ə", 500) + `","c":"` + strings.Repeat("x", 46) +
			`"}`: 422,
		// an escape is one character
		`{"a":"` + strings.Repeat(`\u0259`, 500) + `"}`: 201,
	} {
		b := boottest.New(t)
		if a, got := post(t, b, "post.json", boottest.Key, body(`{"order_ref":"1","bank":"kapital","amount":1,`+backToShop+
			`,"metadata":`+metadata+`}`)); a.StatusCode != want {
			t.Errorf("%.60s: %d %v", metadata, a.StatusCode, got["errors"])
		}
	}
}

// TestLimitsCountTheComposedForm: letters that come apart from their marks, as macOS writes them, count as people see
// them, in every text that is brought into one form. The bench holds what is accepted to openapi.yaml.
func TestLimitsCountTheComposedForm(t *testing.T) {
	long := func(most int) string { return strings.Repeat("s\u0327", most) }
	for ref, want := range map[string]int{long(64): 201, long(65): 422} {
		order := fmt.Sprintf(`{"order_ref":%q,"bank":"kartapokupok","amount":1200,"term":3,"description":%q,%s,
			"items":[{"sku":%q,"name":%q,"quantity":1,"unit_amount":1200}],
			"customer":{"first_name":%q,"last_name":%q,"phone":"+375291234567","email":"%s@example.by"}}`, ref,
			long(250)+" \n", backToShop, long(100), long(250), long(100), long(100), long(242))
		if a, got := post(t, boottest.New(t), "post.json", boottest.Key, body(order)); a.StatusCode != want {
			t.Errorf("%d %v, want %d", a.StatusCode, got, want)
		}
	}
}

// TestOrdersAsPHPWritesThem: what an empty field of a form, a list without entries and a flag become in PHP means one
// thing.
func TestOrdersAsPHPWritesThem(t *testing.T) {
	for fields, want := range map[string]int{
		`"currency":"","description":"","locale":"","term":"","metadata":[],"customer":[],` +
			`"items":[{"sku":"","quantity":"","unit_amount":""}],"supersede":"",` +
			`"reopen":"0"`: 201,
		`"metadata":{},"customer":{"first_name":"","last_name":"","phone":"","email":""},"items":{},"supersede":1,` +
			`"reopen":"1"`: 201,
		`"supersede":"true","reopen":0`: 201, `"supersede":"false","reopen":true`: 201,
		`"term":"0.0000","items":[{"quantity":"2.0000","unit_amount":"7500"},{"quantity":1.00}]`: 201,
		`"items":[{"quantity":"2.5000"}]`: 422, `"items":[{"unit_amount":"75.0000"}]`: 422,
		`"items":[{"unit_amount":75.0000}]`: 422,
		`"supersede":"yes"`:                 422, `"supersede":2`: 422, `"supersede":1.0`: 422, `"supersede":[]`: 422,
		`"reopen":null`:                       422,
		`"items":{"0":{},"2":{"quantity":1}}`: 201, `"items":{"a":{}}`: 422, `"items":{"0":{},"01":{}}`: 422,
		`"items":{"0":1}`: 422, `"items":{"sku":"S","quantity":1}`: 422, `"currency":"azn"`: 422, `"currency":0`: 422,
	} {
		b := boottest.New(t)
		a, got := post(t, b, "post.json", boottest.Key, body(`{"order_ref":"1","bank":"kapital","amount":15000,`+fields+`,
			"return_urls":{"success":"https://shop.example/a","cancel":"","decline":""}}`))
		if a.StatusCode != want || want == 201 && got["currency"] != "AZN" {
			t.Errorf("%s: %d %v", fields, a.StatusCode, got)
		}
	}
}

// TestLinesThatPHPNumbers: a list that array_filter left a gap in, or that JSON_FORCE_OBJECT was for, is written as an
// object. Its lines are those of the list, in their order.
func TestLinesThatPHPNumbers(t *testing.T) {
	const customer = `"customer":{"first_name":"Anna","last_name":"K","phone":"+375291234567","email":"a@example.by"}`
	line := func(sku string) string { return `{"sku":"` + sku + `","name":"N","quantity":1,"unit_amount":100}` }
	for items, want := range map[string]string{
		`{"0":` + line("a") + `,"1":` + line("b") + `,"2":` + line("c") + `}`:  "201 a b c",
		`{"1":` + line("a") + `,"9":` + line("b") + `,"10":` + line("c") + `}`: "201 a b c",
		`{"10":` + line("c") + `,"1":` + line("a") + `,"9":` + line("b") + `}`: "201 a b c",
		`{"0":` + line("a") + `,"2":{"sku":5},"4":` + line("c") + `}`:          "422 /items/1/sku wrong_type",
		`{"0":` + line("a") + `,"2":` + line("b") + `,"4":7}`:                  "422 /items/2 wrong_type",
		`{"0":` + line("a") + `,"sku":` + line("b") + `}`:                      "422 /items wrong_type",
	} {
		b := boottest.New(t)
		a, got := post(t, b, "post.json", boottest.Key, body(`{"order_ref":"1","bank":"kartapokupok","amount":300,"term":3,`+
			backToShop+`,"items":`+items+`,`+customer+`}`))
		told := fmt.Sprint(a.StatusCode)
		for _, o := range b.Bank.Orders() {
			for _, item := range o.Items {
				told += " " + item.SKU
			}
		}
		wrong, _ := got["errors"].([]any)
		for _, one := range wrong {
			f, _ := one.(map[string]any)
			told += fmt.Sprint(" ", f["pointer"], " ", f["code"])
		}
		if told != want {
			t.Errorf("%s: %s, want %s", items, told, want)
		}
	}
}

// TestTextsThatLostACharacter: a name that was cut within a character, or that came through another encoding, is a name
// of goods all the same. What tells an order or a person is not guessed.
func TestTextsThatLostACharacter(t *testing.T) {
	whole := `{"order_ref":"REF","bank":"kartapokupok","amount":1200,"term":3,"description":"TEXT",` + backToShop + `,
		"metadata":{"k":"PAIR"},"items":[{"sku":"SKU","name":"NAME","quantity":1,"unit_amount":1200}],
		"customer":{"first_name":"FIRST","last_name":"K","phone":"+375291234567","email":"a@example.by"}}`
	for lost, want := range map[string]string{`Cup \ud83d`: "Cup ?", "Чай \ufffd": "Чай ?", `Чай \ufffd`: "Чай ?",
		`Men\u0092s \u0002cup\u001f`: "Mens cup"} {
		b := boottest.New(t)
		order := strings.NewReplacer("TEXT", lost, "NAME", lost).Replace(whole)
		a, got := post(t, b, "post.json", boottest.Key, body(order))
		opened := b.Bank.Orders()
		if a.StatusCode != 201 || got["description"] != want || len(opened) != 1 || opened[0].Description != want ||
			opened[0].Items[0].Name != want {
			t.Errorf("%s: %d %v, %+v", lost, a.StatusCode, got, opened)
		}
	}
	for _, place := range []string{"REF", "PAIR", "SKU", "FIRST"} {
		a, got := post(t, boottest.New(t), "post.json", boottest.Key, body(strings.Replace(whole, place, `a\ud83d`, 1)))
		if a.StatusCode != 422 || !strings.Contains(fmt.Sprint(got["errors"]), "invalid_text") {
			t.Errorf("%s: %d %v", place, a.StatusCode, got)
		}
	}
}
