package field_test

import (
	"regexp"
	"strings"
	"testing"

	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// TestWhatLooksTheSameIsTheSameOrder, however it was typed.
func TestWhatLooksTheSameIsTheSameOrder(t *testing.T) {
	for want, spellings := range map[string][]string{
		"12345":        {"12345"},
		"Заказ №5/26":  {"Заказ №5/26", "Заказ\u00a0№5/26", "Заказ\u2009№5/26"},
		"Sifariş ğö":   {"Sifari\u015f \u011f\u00f6", "Sifaris\u0327 g\u0306o\u0308"},
		"Ёлка й":       {"\u0415\u0308лка \u0438\u0306"},
		"１２":           {"１２"}, // looks otherwise than 12
		"\u1e69 x":     {"s\u0323\u0307\u3000x", "s\u0307\u0323 x"},
		"a\u00a0b\xff": nil,
	} {
		for _, text := range spellings {
			if got := field.Ref(text); got != want || field.Ref(got) != got {
				t.Errorf("%q is %q, want %q", text, got, want)
			}
		}
	}
}

func TestOrderRefs(t *testing.T) {
	for text, want := range map[string]string{
		"12345": "", "A-1_b.c": "", "№ 45/2026": "", "#1": "", "Заказ 5": "", "Sifariş №7 (ə)": "", "注文-1": "",
		"a&b=c;d\"<>'": "", "🎁 7": "",
		strings.Repeat("ə", 64): "", strings.Repeat("ə", 65): "bad_format",
		"": "required", " ": "bad_format", " 1": "bad_format", "1 ": "bad_format", "1\u00a0": "bad_format",
		"a\tb": "bad_format", "a\nb": "bad_format",
		"a\x00": "bad_format", "a\u200bb": "bad_format", "a\u00adb": "bad_format", "a\u202eb": "bad_format",
		"a\u200fb": "bad_format", "a\ufeffb": "bad_format",
		"a\u2066b": "bad_format", "a\u3164b": "bad_format", "a\u034fb": "bad_format", "a\ufe0fb": "bad_format",
		"a\u2800b": "bad_format", "a\U000e0041b": "bad_format",
		"a\u2028b": "bad_format", "a\xffb": "bad_format", "a\ufffdb": "bad_format", "a\ue000b": "bad_format",
		"4111/1111/1111/1111": "card_number",
		"4169741330151124":    "card_number",
	} {
		var c field.Errors
		c.Ref(field.Ref(text), "/order_ref")
		got := ""
		if len(c.All) > 0 {
			got = c.All[0].Code
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestBanksAreToldOrdersApart: what a bank is told holds to what every bank takes, plain order_refs are themselves, and
// no two are told alike, those included that were made to look like what another one is told as.
func TestBanksAreToldOrdersApart(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	told := map[string]string{}
	refs := []string{"12345", "A-1_b.c", "a.x", strings.Repeat("a", 64), "45/2026", "45-2026", "45#2026", "45 2026", "№45",
		"#45", "-45", "ə", "е", "e", "Ə",
		strings.Repeat("ə", 64), strings.Repeat("ə", 63) + "e", strings.Repeat("a", 63) + "/", strings.Repeat("a", 63) + "#",
		"TAKSIT=6"}
	for range 2 {
		for _, ref := range refs {
			refs = append(refs, field.RefForBank(ref))
		}
	}
	for _, ref := range refs {
		bank := field.RefForBank(ref)
		if !form.MatchString(bank) {
			t.Errorf("%q is told as %q", ref, bank)
		}
		if other, taken := told[bank]; taken && other != ref {
			t.Errorf("%q and %q are both told as %q", ref, other, bank)
		}
		told[bank] = ref
	}
	for _, plain := range refs[:4] {
		if got := field.RefForBank(plain); got != plain {
			t.Errorf("%q is told as %q", plain, got)
		}
	}
	if got := field.RefForBank("№ 45/2026"); !strings.HasPrefix(got, "--45-2026.x") {
		t.Errorf("nobody at the bank reads %q", got)
	}
}

// TestPhonesHaveOneForm, as people of either country write them.
func TestPhonesHaveOneForm(t *testing.T) {
	for want, spellings := range map[string][]string{
		"+375291234567": {"+375291234567", "+375 (29) 123-45-67", "375291234567", "00375 29 1234567", "8 029 1234567",
			"80291234567", "8(029)123-45-67", "8-029-123-45-67",
			"+375 (0)29 123 45 67", "+375029 1234567", "029 123 45 67", "0291234567", "29 123-45-67", "+80291234567",
			"tel:+375291234567", "+375\u00a029\u00a0123\u201145\u201167",
			"\uff0b375 29 1234567", "+٣٧٥٢٩١٢٣٤٥٦٧", "\u200e+375291234567\u200e", "+375.29.123.45.67", "375/29/1234567",
			" 375291234567\t", "375291234567.0", "291234567.00", "+375291234567."},
		"+375171234567": {"8 017 123-45-67", "017 1234567"},
		"+994501234567": {"+994 50 123 45 67", "994501234567", "00994501234567", "+994 (050) 123-45-67", "050 123 45 67",
			"(050) 123-45-67"},
		"+79161234567": {"+7 916 123-45-67", "8 (916) 123-45-67", "79161234567"},
		"+48501234567": {"+48 501 234 567", "0048501234567"},
		"+4722225555":  {"+47 22 22 55 55"},
	} {
		for _, text := range spellings {
			if got := field.Phone(text, payment.BYN); got != want {
				t.Errorf("%q is %q, want %q", text, got, want)
			}
		}
	}
	if got := field.Phone("012 123 45 67", payment.AZN); got != "+994121234567" {
		t.Error(got)
	}
	if got := field.Phone("8 029 1234567", payment.AZN); got != "+375291234567" {
		t.Error(got)
	}
	for _, text := range []string{"", "1", "none", "+375 29 123-45-67 доб. 5", "123456789", "9161234567", "+01234567890",
		"+12", "12+3456789012", "+375291234567890123", "000000000000",
		"8 050 123 45 67", "+80 50 1234567", "81312345678", "85212345678", "8 10 3 1234567"} {
		if got := field.Phone(text, payment.BYN); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb": "a b", "a\r\nb": "a b", "a\tb": "a b", " a\n": "a", "a\u2028b\u2029\u0085c\vd\fe": "a b  c d e",
		"a  b": "a  b", "\n": "", "a\x00b": "a\x00b", "a\x02b\x1f": "ab", "Men\u0092s": "Mens",
		"\u202aИван\u202c": "Иван", "\ufeffLe\u200b\u2060yla\u200f ": "Leyla", "Сергеи\u0306": "Сергей",
		"Gu\u0308ls\u0327\u0259n": "Gülşən", "ev\u00adlilik": "evlilik",
		"عبد\u200fالله": "عبدالله", "می\u200cخواهم": "می\u200cخواهم", "👩\u200d💻 ❤\ufe0f": "👩\u200d💻 ❤\ufe0f",
		"a\u2066b\u2069\u061c": "ab", "\u2067\n": "",
	} {
		if got := field.OneLine(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestMail: an address that was copied out of a page or a chat is the one that people see.
func TestMail(t *testing.T) {
	for text, want := range map[string]string{
		" a@b.by\n": "a@b.by", "\u200ba@b\u00ad.by\u200b": "a@b.by", "\u202aa+1@b.by\u202c": "a+1@b.by",
		"\ufeffпочта@и\u0306од.бел": "почта@йод.бел", "a b@c.by": "a b@c.by",
		"<a@b.by>": "a@b.by", "Anna B. <a@b.by>": "a@b.by", "mailto:a@b.by": "a@b.by", "<MAILTO:a@b.by>;": "a@b.by",
		"a@b.by;": "a@b.by", "a@b.by, ": "a@b.by", "a@b.by.": "a@b.by", "a@b.by,c@d.by": "a@b.by,c@d.by", "<": "<", "-": "-",
		"a@b.by <a@b.by>": "a@b.by", "a@b.by<mailto:a@b.by>": "a@b.by", "'a@B.by' <a@b.by>": "a@b.by",
		"\"a@b.by\"": "a@b.by", "'a@b.by',": "a@b.by", "«a@b.by».": "a@b.by", "(a@b.by)": "a@b.by", "[a@b.by]": "a@b.by",
		"“a@b.by”": "a@b.by", "mailto: a@b.by": "a@b.by", "mailto:a@b.by?subject=Hi": "a@b.by", ",a@b.by": "a@b.by",
		"E-mail: a@b.by": "a@b.by", "Эл. почта: <a@b.by>": "a@b.by", "To: \"Anna\" <a@b.by>;": "a@b.by",
		"'a@b.by' <c@d.by>": "'a@b.by' <c@d.by>", "'a@b.by','c@d.by'": "'a@b.by','c@d.by'", "o'neil@b.by": "o'neil@b.by",
		"\"a b\"@c.by": "\"a b\"@c.by", "mailto:": "mailto:", "a@b.by?x": "a@b.by?x", "()": "", ":": ":",
		"a@b.by <c@d.by>": "a@b.by <c@d.by>", "\"a <b@c.by>\" <d@e.by>": "\"a <b@c.by>\" <d@e.by>",
	} {
		if got := field.Mail(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// FuzzForms: a form is reached in one step, whatever it is made of.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{"№ 45/2026", "8 029 1234567", "+", "a\u0323\u0307\u00a0", "\xff", "00", "0", "80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if ref := field.Ref(text); field.Ref(ref) != ref {
			t.Errorf("order_ref %q", text)
		}
		if line := field.OneLine(text); field.OneLine(line) != line {
			t.Errorf("line %q", text)
		}
		if mail := field.Mail(text); field.Mail(mail) != mail {
			t.Errorf("mail %q is %q, and then %q", text, mail, field.Mail(mail))
		}
		for _, of := range []payment.Currency{payment.AZN, payment.BYN, "XXX"} {
			phone := field.Phone(text, of)
			if field.Phone(phone, of) != phone {
				t.Errorf("phone %q is %q, and then %q", text, phone, field.Phone(phone, of))
			}
		}
		if bank := field.RefForBank(text); text != "" && (len(bank) > 64 && len(text) <= 64 ||
			strings.Trim(bank, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "") {
			t.Errorf("a bank is told of %q as %q", text, bank)
		}
	})
}

// What could not be brought into the one form is no phone, a plus before it or not.
func TestWhatIsAPhone(t *testing.T) {
	for s, want := range map[string]bool{
		"+375291234567": true, "+994501234567": true, "+79161234567": true, "+12025550123": true, "": false, "+": false,
		"+abc":            false,
		"+375 29 1234567": false, "+375 29 1234567 ext 5": false, "+37529123456": false, "+3752912345678": false,
		"+99450123456": false,
		"375291234567": false, "+0291234567": false, "+1234567": false, "+1234567890123456": false,
		"+375291234567,+375291234568": false,
	} {
		if field.IsPhone(s) != want {
			t.Errorf("%q is a phone: %t", s, !want)
		}
	}
}
