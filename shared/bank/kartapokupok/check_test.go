package kartapokupok

import (
	"math"
	"slices"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func TestCheck(t *testing.T) {
	k := partner(t, map[string]any{"terms": map[string]any{"3": "", "12": "90000001"}})
	for name, c := range map[string]struct {
		change func(*bank.Order)
		want   []string
	}{
		"right": {func(*bank.Order) {}, nil},
		"another currency": {func(o *bank.Order) {
			o.Amount.Currency = payment.AZN
		}, []string{"/currency currency_refused"}},
		"no term":           {func(o *bank.Order) { o.Term = 0 }, []string{"/term required"}},
		"a term of no list": {func(o *bank.Order) { o.Term = 6 }, []string{"/term term_refused"}},
		"a term below zero": {func(o *bank.Order) { o.Term = -12 }, []string{"/term term_refused"}},
		"no items":          {func(o *bank.Order) { o.Items = nil }, []string{"/items required"}},
		"500 items": {func(o *bank.Order) {
			o.Items, o.Amount.Minor = slices.Repeat(o.Items[1:], 500), 500*o.Items[1].UnitAmount
		}, nil},
		"500 items, and a kopeck more": {func(o *bank.Order) {
			o.Items, o.Amount.Minor = slices.Repeat(o.Items[1:], 500), 500*o.Items[1].UnitAmount+1
		}, []string{"/amount amount_mismatch"}},
		"a kopeck's worth": {func(o *bank.Order) {
			o.Items = append(o.Items, bank.Item{SKU: "B", Name: "Bag", Quantity: 1, UnitAmount: 1})
			o.Amount.Minor++
		}, nil},
		"501 items": {func(o *bank.Order) {
			o.Items = slices.Repeat(o.Items[:1], 501)
		}, []string{"/items too_many"}},
		"100 items": {func(o *bank.Order) {
			o.Items = slices.Repeat(o.Items[1:], 100)
			o.Amount.Minor = 201000
		}, nil},
		"one kopeck more": {func(o *bank.Order) { o.Amount.Minor++ }, []string{"/amount amount_mismatch"}},
		"one kopeck less": {func(o *bank.Order) { o.Amount.Minor-- }, []string{"/amount amount_mismatch"}},
		"no quantity": {func(o *bank.Order) {
			o.Items[0].Quantity = 0
		}, []string{"/items/0/quantity out_of_range"}},
		"negative pair": {func(o *bank.Order) {
			o.Items[0].Quantity, o.Items[0].UnitAmount = -2, -4995
		}, []string{"/items/0/quantity out_of_range", "/items/0/unit_amount out_of_range"}},
		"a gift": {func(o *bank.Order) {
			o.Items = append(o.Items, bank.Item{SKU: "G", Name: "Gift", Quantity: 3})
		}, nil},
		"gifts alone": {func(o *bank.Order) {
			o.Items = []bank.Item{{SKU: "G", Name: "Gift", Quantity: 3}}
		}, []string{"/amount amount_mismatch"}},
		"no price": {func(o *bank.Order) {
			o.Items[1].UnitAmount = -1
		}, []string{"/items/1/unit_amount out_of_range"}},
		"overflow": {func(o *bank.Order) {
			o.Items[0].Quantity, o.Items[0].UnitAmount = math.MaxInt64, math.MaxInt64
		}, []string{"/amount amount_mismatch"}},
		"overflow back to right": {func(o *bank.Order) {
			o.Items[0].Quantity, o.Items[0].UnitAmount = 1<<62+4995, 4
		}, []string{"/amount amount_mismatch"}},
		"overflow that comes to nothing": {func(o *bank.Order) {
			o.Items[0].Quantity, o.Items[0].UnitAmount = 1<<62, 4
			o.Items = append(o.Items, bank.Item{SKU: "B", Name: "Bag", Quantity: 1, UnitAmount: 9990})
		}, []string{"/amount amount_mismatch"}},
		"no name":           {func(o *bank.Order) { o.Items[0].Name = "  " }, []string{"/items/0/name required"}},
		"name with control": {func(o *bank.Order) { o.Items[0].Name = "a\x01b" }, []string{"/items/0/name bad_format"}},
		"name too long": {func(o *bank.Order) {
			o.Items[0].Name = strings.Repeat("ы", 251)
		}, []string{"/items/0/name bad_format"}},
		"name as long as may be": {func(o *bank.Order) { o.Items[0].Name = strings.Repeat("ы", 250) }, nil},
		"sku as long as may be":  {func(o *bank.Order) { o.Items[0].SKU = strings.Repeat("ы", 100) }, nil},
		"sku too long": {func(o *bank.Order) {
			o.Items[0].SKU = strings.Repeat("ы", 101)
		}, []string{"/items/0/sku bad_format"}},
		"no sku": {func(o *bank.Order) { o.Items[1].SKU = "" }, []string{"/items/1/sku required"}},
		"no customer": {func(o *bank.Order) { o.Customer = bank.Customer{} },
			[]string{"/customer/first_name required", "/customer/last_name required", "/customer/phone required",
				"/customer/email required"}},
		"name of digits": {func(o *bank.Order) {
			o.Customer.FirstName = "123"
		}, []string{"/customer/first_name bad_format"}},
		"name is not UTF-8": {func(o *bank.Order) {
			o.Customer.LastName = "a\xff"
		}, []string{"/customer/last_name bad_format"}},
		"name turned round": {func(o *bank.Order) {
			o.Customer.LastName = "a\u202eb"
		}, []string{"/customer/last_name bad_format"}},
	} {
		o := someOrder()
		c.change(&o)
		var got []string
		for _, f := range k.Profile().Examine(o) {
			got = append(got, f.Pointer+" "+f.Code)
			for _, private := range []string{canaryFirst, canaryLast, canaryPhone, canaryMail} {
				if strings.Contains(f.Detail, private) {
					t.Errorf("%s: the customer is quoted: %s", name, f.Detail)
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Without a list of terms any number of months above zero is one.
func TestTermsWithoutAList(t *testing.T) {
	k := partner(t, nil)
	for months, want := range map[int]int{1: 0, 36: 0, 0: 1, -12: 1} {
		o := someOrder()
		o.Term = months
		if wrong := k.Profile().Examine(o); len(wrong) != want {
			t.Errorf("%d months: %+v", months, wrong)
		}
	}
}

// A term's code is sent as a number, as long as every program reads it as the same one.
func TestCodesOfTerms(t *testing.T) {
	for code, sent := range map[string]string{"": `12`, "90000001": `90000001`, "123456789012345678": `123456789012345678`,
		"1234567890123456789": `"1234567890123456789"`, "T-12": `"T-12"`, "007": `"007"`} {
		x := tell(t, says(createPath, reply{500, ""}), map[string]any{"terms": map[string]any{"12": code}})
		_, _ = x.Open(t.Context(), someOrder()) // what comes of it is another test's
		if len(x.bodies) != 1 || !strings.Contains(x.bodies[0], `"term":`+sent+`,`) {
			t.Errorf("%q: sent %q, want %s", code, x.bodies, sent)
		}
	}
}

// TestLimitsAreNamed: what is refused for its length alone is told how long it may be.
func TestLimitsAreNamed(t *testing.T) {
	o := someOrder()
	o.Items[0].Name, o.Items[0].SKU = strings.Repeat("n", 251), strings.Repeat("s", 101)
	o.Customer = bank.Customer{FirstName: strings.Repeat("f", 101), LastName: strings.Repeat("l", 101),
		Phone: "+375291234567", Email: strings.Repeat("a", 250) + "@b.by"}
	limits := map[string]string{"/items/0/name": "250", "/items/0/sku": "100", "/customer/first_name": "100",
		"/customer/last_name": "100", "/customer/email": "254"}
	for _, f := range partner(t, nil).Profile().Examine(o) {
		if limit := limits[f.Pointer]; limit == "" || !strings.Contains(f.Detail, limit) {
			t.Errorf("%s: %q does not name %q", f.Pointer, f.Detail, limit)
		}
		delete(limits, f.Pointer)
	}
	if len(limits) > 0 {
		t.Errorf("not refused: %v", limits)
	}
}

func TestCustomerForms(t *testing.T) {
	k := partner(t, nil)
	wrong := func(change func(*bank.Customer)) bool {
		o := someOrder()
		change(&o.Customer)
		return len(k.Profile().Examine(o)) > 0
	}
	for text, right := range map[string]bool{
		"+375291234567": true, "375291234567": true, "80291234567": true, "+375 (29) 123-45-67": true,
		"8 029 123 45 67": true, "291234567": true, "123456789012345": true,
		"12345678": false, "+3752912345678901": false, "+375 29 abc": false, "++375291234567": false,
		"375291234567;": false,
		"٣٧٥٢٩١٢٣٤٥٦٧":  false, "+375\n291234567": false,
	} {
		if wrong(func(c *bank.Customer) { c.Phone = text }) == right {
			t.Errorf("phone %q: right is %v", text, !right)
		}
	}
	for text, right := range map[string]bool{
		"a@b.by": true, "first.last+tag@mail.example.com": true, "пошта@прыклад.бел": true, "o'hara@b.by": true,
		"a": false, "a@b": false, "@b.by": false, "a@": false, "a b@b.by": false, "a@b.by, c@d.by": false,
		"A <a@b.by>": false, "a@@b.by": false, "a@.by": false,
		strings.Repeat("a", 249) + "@b.by": true, "a\xff@b.by": false, "a@b\xff.by": false,
		"a@b.by\n": false, "a@b-.by": false, strings.Repeat("a", 250) + "@b.by": false, "a\x00@b.by": false,
	} {
		if wrong(func(c *bank.Customer) { c.Email = text }) == right {
			t.Errorf("email %q: right is %v", text, !right)
		}
	}
	for text, right := range map[string]bool{
		"Ян": true, "Анна-Марыя": true, "O'Neil": true, "Жан Клод": true, "Əli": true, strings.Repeat("ў", 100): true,
		" ": false, "-": false, strings.Repeat("ў", 101): false, "a\tb": false, "a\u2028b": false, "\ufffd": false,
	} {
		if wrong(func(c *bank.Customer) { c.FirstName = text }) == right {
			t.Errorf("name %q: right is %v", text, !right)
		}
	}
}
