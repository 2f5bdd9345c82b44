package checkout_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// said is what the bank's page lets a browser bring back.
func said(order, word, code string) url.Values {
	return url.Values{"xmlmsg": {
		fmt.Sprintf("<Message><OrderID>%s</OrderID><OrderStatus>%s</OrderStatus><ResponseCode>%s</ResponseCode></Message>",
			order, word, code)}}
}

// Why the bank refused is told by the message that the browser brings. It is kept where the bank itself has stated that
// end of that order, and nowhere else: a browser may say anything.
func TestWhyTheBankRefusedIsKeptWhereTheBankAgrees(t *testing.T) {
	for name, c := range map[string]struct {
		atBank string
		order  string // "" = ours
		word   string
		code   string
		want   payment.Decline
	}{
		"expired":               {"decline", "", "DECLINED", "051", payment.Decline{Code: "051", Hint: payment.HintExpired}},
		"no money":              {"decline", "", "DECLINED", "076", payment.Decline{Code: "076", Hint: payment.HintFunds}},
		"keep the card":         {"decline", "", "DECLINED", "908", payment.Decline{Code: "908", Hint: payment.HintCallBank}},
		"unknown":               {"decline", "", "DECLINED", "123", payment.Decline{Code: "123", Hint: payment.HintOther}},
		"an approval's code":    {"decline", "", "DECLINED", "001", payment.Decline{}},
		"no code":               {"decline", "", "DECLINED", "none of your business", payment.Decline{}},
		"another order":         {"decline", "99", "DECLINED", "051", payment.Decline{}},
		"another end":           {"decline", "", "CANCELED", "051", payment.Decline{}},
		"the bank says paid":    {"approve", "", "DECLINED", "051", payment.Decline{}},
		"the bank says nothing": {"", "", "DECLINED", "051", payment.Decline{}},
		"the customer has left": {"cancel", "", "DECLINED", "051", payment.Decline{}},
	} {
		w := newWorld(t, nil)
		w.perform([]string{"open", "A", "15000"})
		if c.atBank != "" {
			w.perform([]string{"bank", c.atBank, "A"})
		}
		order := w.stored("A").Handle.OrderID
		if c.order != "" {
			order = c.order
		}
		if _, err := w.come("A", true, said(order, c.word, c.code)); err != nil {
			t.Fatal(name, err)
		}
		if got := w.stored("A").Decline; got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The first reason stands: a later message changes nothing, and neither does the bank's repeating its end without one.
// A poll that was faster than the browser takes nothing away.
func TestTheReasonOfARefusalStays(t *testing.T) {
	w := newWorld(t, nil)
	w.perform([]string{"open", "A", "15000"})
	w.perform([]string{"bank", "decline", "A"})
	if got := w.perform([]string{"poll", "A"}); !strings.Contains(got, "declined") {
		t.Fatal(got)
	}
	order := w.stored("A").Handle.OrderID
	for _, code := range []string{"051", "076", ""} {
		w.advance(6 * time.Second)
		if _, err := w.come("A", true, said(order, "DECLINED", code)); err != nil {
			t.Fatal(err)
		}
		if got := w.stored("A").Decline; got.Code != "051" {
			t.Errorf("after %q it is %+v", code, got)
		}
	}
}

// A bank that states the reason in its own answer or in a signed message is believed.
func TestAStatedReasonIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankDeclined, Word: "DECLINED", Code: "LIMIT-7",
			Hint: payment.HintLimit})
		c.advance(time.Minute)
		if _, err := c.poll(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		c.bank.says("A", payment.Report{State: payment.BankDeclined, Word: "DECLINED"})
		c.advance(time.Minute)
		if _, err := c.callback(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if got := c.stored("A", 1).Decline; got != (payment.Decline{Code: "LIMIT-7", Hint: payment.HintLimit}) {
			t.Errorf("%+v", got)
		}
	})
}
