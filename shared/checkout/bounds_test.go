package checkout_test

import (
	"slices"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// pointers are the fields that are told as wrong, each with its code.
func pointers(fields []payment.FieldError) (all []string) {
	for _, f := range fields {
		all = append(all, f.Pointer+" "+f.Code)
	}
	return all
}

// An order's bounds are the last values that are taken, and each one beyond is told once.
func TestBoundsOfAnOrder(t *testing.T) {
	offer := payment.InstalmentPolicy{Terms: []int{3}, MaxAmount: 10000}
	wrong := []string{"/amount out_of_range"}
	sells := func(o *checkout.Order, minor int64) {
		o.Term, o.Instalments, o.Amount.Minor = 3, offer, minor
	}
	for name, c := range map[string]struct {
		change func(o *checkout.Order)
		want   []string
	}{
		"a qepik in three parts":  {func(o *checkout.Order) { sells(o, 1) }, wrong},
		"the most by instalments": {func(o *checkout.Order) { sells(o, payment.MaxAmount) }, wrong},
		"more than any order":     {func(o *checkout.Order) { sells(o, payment.MaxAmount+1) }, wrong},
		"the most of all":         {func(o *checkout.Order) { o.Amount.Minor = payment.MaxAmount }, nil},
		"a card as a phone": {func(o *checkout.Order) { o.Customer.Phone = "4111111111111111" },
			[]string{"/customer/phone card_number"}},
		"an applicant's phone that is none": {func(o *checkout.Order) { sells(o, 9000); o.Customer.Phone = "ask my wife" },
			[]string{"/customer/phone bad_format"}},
		"a payer's phone that is none": {func(o *checkout.Order) { o.Customer.Phone = "ask my wife" }, nil},
		"a phone as people write it": {func(o *checkout.Order) { sells(o, 9000); o.Customer.Phone = "050 123-45-67" },
			nil},
		"an order_ref with another blank": {func(o *checkout.Order) { o.Ref = "A\u00a01" }, nil},
	} {
		o := order("A", 9000)
		c.change(&o)
		if got := pointers(o.Check()); !slices.Equal(got, c.want) {
			t.Errorf("%s: wrong are %v, want %v", name, got, c.want)
		}
	}
}

// Whoever checks an order keeps it as it is, its goods above all, which the order shares with its copies.
func TestACheckChangesNoOrder(t *testing.T) {
	o := order("A", 9000)
	o.Items = []bank.Item{{Name: "a\nchair ", SKU: " 1\t"}}
	o.Check()
	if o.Items[0].Name != "a\nchair " || o.Items[0].SKU != " 1\t" {
		t.Errorf("%+v", o.Items)
	}
}

// Where a shop names one address alone, the customer comes back to it however the payment ends.
func TestOneReturnAddressIsForAllEnds(t *testing.T) {
	const thanks, sorry = "https://shop.example/thanks", "https://shop.example/sorry"
	for given, want := range map[payment.ReturnURLs]payment.ReturnURLs{
		{Success: thanks}:                 {Success: thanks, Cancel: thanks, Decline: thanks},
		{Success: thanks, Cancel: sorry}:  {Success: thanks, Cancel: sorry, Decline: thanks},
		{Success: thanks, Decline: sorry}: {Success: thanks, Cancel: thanks, Decline: sorry},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			o := order("A", 9000)
			o.Return = given
			if _, err := c.svc.Initiate(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if got := c.stored("A", 1).Return; got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// What the customer reads at the bank are the shop's words, or else the order's number, which no bank can take for one
// of its own marks, such as TAKSIT=6.
func TestWhatTheCustomerReadsAtTheBank(t *testing.T) {
	for _, c := range []struct{ ref, words, want string }{
		{"A-1", "Two chairs", "Two chairs"}, {"A-1", "", "Order №A-1"}, {"№ 7", "", "Order № 7"}, {"#7", "", "Order #7"},
		{"TAKSIT=6", "", "Order №TAKSIT-6.xglvmxesnwu7cv7txfv37asa4zs"},
		{"A;7", "", "Order №A-7.xer3lvnc4swai23sxzgmefry2yf"},
	} {
		inBubble(t, func(t *testing.T, k *counter) {
			o := order(c.ref, 9000)
			o.Description = c.words
			if _, err := k.svc.Initiate(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if got := k.bank.opened[0].Description; got != c.want {
				t.Errorf("%s: %q, want %q", c.ref, got, c.want)
			}
		})
	}
}

// A refund's amount is told as a wrong field where none can be meant, before anybody is asked; nought is all that
// remains.
func TestBoundsOfARefund(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		for amount, want := range map[int64]string{-1: "invalid_fields", payment.MaxAmount + 1: "invalid_fields",
			payment.MaxAmount: "refund_exceeds_captured"} {
			asked := c.questions()
			if _, err := c.give(p, "k1", amount); payment.KindOf(err) != payment.Invalid || payment.CodeOf(err) != want {
				t.Errorf("%d: %v, want %s", amount, err, want)
			}
			if len(*asked) > 0 || len(c.stored("A", 1).Refunds) > 0 {
				t.Errorf("%d: the bank was asked, or %+v", amount, c.stored("A", 1).Refunds)
			}
		}
		if got, err := c.give(p, "k1", 0); err != nil || got.Refund.Amount != 15000 {
			t.Errorf("%+v, %v", got.Refund, err)
		}
	})
}

// give asks for a refund of p.
func (c *counter) give(p payment.Payment, key string, amount int64) (checkout.RefundResult, error) {
	return c.svc.Refund(c.within(25*time.Second), checkout.RefundOrder{ID: p.ID, Shop: p.Shop, By: "shop:k1", Key: key,
		Amount: amount})
}

// breaks lets calls of this kind not reach the store, from the nth on.
func (c *counter) breaks(at memory.Op, nth int) {
	calls := 0
	c.store.Before = func(op memory.Op, _ payment.ID) error {
		if op != at {
			return nil
		}
		if calls++; calls >= nth {
			return unavailable()
		}
		return nil
	}
}
