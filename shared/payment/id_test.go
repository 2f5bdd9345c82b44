package payment

import (
	"strings"
	"testing"
)

// The golden values were made apart from this code: base32 of SHA-256("demo-az" 0x00 "12345"), and of SHA-256(id 0x00
// "key-1"). They must never change: every stored payment is found by them.
const (
	goldenOrder  = "pay_p24ihyr4p2vstu7a3qvbfm6n2l"
	goldenRefund = "rf_rjxiqmte6ogwsxykzkhhqwpwuk"
	goldenShard  = 14 // the order's bytes as digits to the base of 31, modulo 16
)

func TestIDsAreWhatTheyHaveAlwaysBeen(t *testing.T) {
	if got := OrderKey("demo-az", "12345"); got != goldenOrder {
		t.Errorf("OrderKey is %s, want %s", got, goldenOrder)
	}
	id := ID{goldenOrder, 1}
	if got := RefundID(id, "key-1"); got != goldenRefund {
		t.Errorf("RefundID is %s, want %s", got, goldenRefund)
	}
	if got := id.String(); got != goldenOrder+"-1" {
		t.Errorf("String is %s", got)
	}
	if got := id.Shard(); got != goldenShard {
		t.Errorf("Shard is %d, want %d: every entry of the to-do lists lies under its shard", got, goldenShard)
	}
}

// No two orders and no two refunds share an id.
func TestIDsKeepThingsApart(t *testing.T) {
	seen := map[string]string{}
	for _, shop := range []string{"a", "ab", "abc", "demo-az"} {
		for _, ref := range []string{"", "c", "bc", "abc", "12345", "12346"} {
			key := OrderKey(shop, ref)
			if other, taken := seen[key]; taken {
				t.Errorf("%s of %s and %s have the id %s", ref, shop, other, key)
			}
			seen[key] = ref + " of " + shop
		}
	}
	one, two := ID{goldenOrder, 1}, ID{goldenOrder, 2}
	refunds := map[string]bool{}
	for _, id := range []string{RefundID(one, "k"), RefundID(two, "k"), RefundID(one, "K"), RefundID(one, "")} {
		if refunds[id] || len(id) != 29 {
			t.Errorf("the refund id %s is taken or too short", id)
		}
		refunds[id] = true
	}
}

func TestParseIDTakesTheOneFormOnly(t *testing.T) {
	for _, n := range []string{"1", "2", "9", "10", "99", "100"} {
		text := goldenOrder + "-" + n
		if id, ok := ParseID(text); !ok || id.Order != goldenOrder || id.String() != text {
			t.Errorf("ParseID(%q) is %+v, %v", text, id, ok)
		}
	}
	for _, text := range []string{
		"", "pay_", goldenOrder, goldenOrder + "-", goldenOrder + "-0", goldenOrder + "-01", goldenOrder + "-101",
		goldenOrder + "-999",
		goldenOrder + "-1000", goldenOrder + "--1", goldenOrder + "-+1", goldenOrder + "-1 ", " " + goldenOrder + "-1",
		goldenOrder + "-1\n",
		"\n" + goldenOrder + "-1", strings.ToUpper(goldenOrder) + "-1", goldenOrder[:29] + "-1", goldenOrder + "a-1",
		goldenRefund + "-1",
		"pay_p24ihyr4p2vstu7a3qvbfm6n21-1", "pay_p24ihyr4p2vstu7a3qvbfm6n2l-１", goldenOrder + "-1\x00",
		goldenOrder + "-99999999999999999999",
	} {
		if id, ok := ParseID(text); ok {
			t.Errorf("ParseID(%q) took it for %+v", text, id)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{goldenOrder + "-1", goldenOrder + "-100", goldenOrder + "-01", "pay_-1", "",
		"pay_\xff-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := ParseID(text)
		switch {
		case ok && id.String() != text:
			t.Errorf("ParseID(%q).String() is %q", text, id)
		case ok && (id.Attempt < 1 || id.Attempt > MaxAttempts || len(id.Order) != 30 || id.Shard() < 0 ||
			id.Shard() >= Shards):
			t.Errorf("ParseID(%q) is %+v", text, id)
		}
	})
}
