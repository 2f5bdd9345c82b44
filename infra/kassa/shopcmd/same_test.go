package shopcmd

import (
	"testing"

	"kassa/shared/bank"
)

// TestWhoAShopIsAtEachGateway: a further gateway takes no payment from anybody; another merchant, or none, at a
// gateway of before does.
func TestWhoAShopIsAtEachGateway(t *testing.T) {
	at := func(xml, txpg string) account {
		return accountOf("kapital", map[string]any{"environment": "test", "merchant_id": xml,
			"txpg": map[string]any{"merchant_id": txpg}})
	}
	partner := func(id string) account { return accountOf("kartapokupok", map[string]any{"partner_id": id}) }
	for _, c := range []struct {
		before, next account
		leaves       bool
	}{
		{at("E1", ""), at("E1", ""), false}, {at("E1", ""), at("E1", "E1"), false}, {at("", "E1"), at("E2", "E1"), false},
		{at("E1", ""), at("E2", ""), true}, {at("E1", ""), at("", "E1"), true}, {at("E1", "E2"), at("E1", ""), true},
		{at("E1", "E2"), at("E1", "E3"), true}, {partner("P"), partner("Q"), true}, {partner("P"), partner("P"), false},
	} {
		if c.before.leaves(c.next) != c.leaves {
			t.Errorf("%v to %v: %t", c.before.ids, c.next.ids, !c.leaves)
		}
	}
	if at("E1", "E2").id() != "E1 and E2" || at("", "E2").id() != "E2" || at("E1", "E1").id() != "E1" ||
		at("E1", "").environment != "test" {
		t.Errorf("%q", at("E1", "E2").id())
	}
}

// TestEveryPasswordIsBorrowed: a bank may have one for its API and another that it signs with.
func TestEveryPasswordIsBorrowed(t *testing.T) {
	p := bank.Profile{Name: "small", Secret: []bank.Field{{Name: "shop", Role: bank.RoleAccount},
		{Name: "api_key", Role: bank.RolePassword}, {Name: "notice/signing_key", Role: bank.RolePassword}}}
	b := borrowed(p, map[string]any{"shop": "S1", "api_key": "a", "notice": map[string]any{"signing_key": "b"}})
	if b.Passwords["api_key"] != "a" || b.Passwords["signing_key"] != "b" || b.Auth != "password" {
		t.Errorf("borrowed %q, %q", b.Passwords, b.Auth)
	}
}
