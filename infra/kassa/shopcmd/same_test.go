package shopcmd

import "testing"

// TestWhoAShopIsAtEachGateway: a further gateway takes no payment from anybody; another merchant, or none, at a
// gateway of before does.
func TestWhoAShopIsAtEachGateway(t *testing.T) {
	at := func(xml, txpg string) account {
		a := account{Environment: "test", Merchant: xml}
		a.TXPG.Merchant = txpg
		return a
	}
	for _, c := range []struct {
		before, next account
		leaves       bool
	}{
		{at("E1", ""), at("E1", ""), false}, {at("E1", ""), at("E1", "E1"), false}, {at("", "E1"), at("E2", "E1"), false},
		{at("E1", ""), at("E2", ""), true}, {at("E1", ""), at("", "E1"), true}, {at("E1", "E2"), at("E1", ""), true},
		{at("E1", "E2"), at("E1", "E3"), true}, {account{Partner: "P"}, account{Partner: "Q"}, true},
	} {
		if c.before.leaves(c.next) != c.leaves {
			t.Errorf("%v to %v: %t", c.before.ids(), c.next.ids(), !c.leaves)
		}
	}
	if at("E1", "E2").id() != "E1 and E2" || at("", "E2").id() != "E2" {
		t.Errorf("%q", at("E1", "E2").id())
	}
}
