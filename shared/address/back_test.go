package address_test

import (
	"strings"
	"testing"

	"kassa/shared/address"
)

// TestOurWordsStandAloneForEveryFramework: what PHP's parse_str reads as payment_id or status, tried with PHP 8.2, is
// replaced in whatever spelling it stands there; what it reads as another name stays.
func TestOurWordsStandAloneForEveryFramework(t *testing.T) {
	const ours = "payment_id=pay_x-1&status=paid"
	extend := func(pair string) string {
		got, err := address.Extend("https://shop.az/t?a=1&"+pair+"&b=2", address.Parameter{Name: "payment_id",
			Value: "pay_x-1"},
			address.Parameter{Name: "status", Value: "paid"})
		if err != nil {
			t.Fatalf("%q: %v", pair, err)
		}
		return got
	}
	for _, name := range []string{"payment_id", "payment.id", "payment id", "payment+id", "payment%20id",
		"payment[id", "payment%5Bid", "%20payment_id",
		"+payment_id", " payment_id", "++payment.id", "payment_id%00x", "payment_id%00", "payment.id%00.x",
		"payment_id[a]", "payment.id[a]", "payment%2Eid",
		"payment%2eid%5b%5d", "%20%20payment%20id", "payment.id[a][b]", "payment%5bid%00]", "+status", "status%00.x",
		"status[]", "status[][",
		"status%5B%5D", "%20status[x]", "STATUS", "Payment.ID", "status+", "%09status", "status%0D%0A"} {
		for _, value := range []string{"=1", "=", "", "=1=2"} {
			if got, want := extend(name+value), "https://shop.az/t?a=1&b=2&"+ours; got != want {
				t.Errorf("%s: %s", name+value, got)
			}
		}
	}
	for _, name := range []string{"payment", "payment[id]", "payment[id][x]", "payment-id", "paymentid",
		"payment_id2", "payment__id", "payment[[id", "x.status",
		"order.status", "status_x", "x%00status", "x[status]", "my+status", "payment/id"} {
		if got := extend(name + "=1"); !strings.HasSuffix(got, "=1&b=2&"+ours) {
			t.Errorf("%s is not there any more: %s", name, got)
		}
	}
}

// TestASemicolonMayPartParameters, as in Perl and older Ruby: ours stand alone for those, too, and all else stays.
func TestASemicolonMayPartParameters(t *testing.T) {
	for query, want := range map[string]string{"a=1;status=ok": "a=1", "a=1;status=ok;b=2": "a=1;b=2",
		"status=ok;b=2": "b=2", ";status=ok": "", "a;status=1&b;Status[]=2": "a&b", "a=1;b": "a=1;b",
		"a=x;status": "a=x;status", "a=;;b": "a=;;b", "a=1;": "a=1;",
		"a=1;x.status=2": "a=1;x.status=2"} {
		got, err := address.Extend("https://shop.az/?"+query, address.Parameter{Name: "status", Value: "paid"})
		if want != "" {
			want += "&"
		}
		if err != nil || got != "https://shop.az/?"+want+"status=paid" {
			t.Errorf("%s: %s, %v", query, got, err)
		}
	}
}

// TestNoStatusBehindTheRoute: a page that reads its route finds no status and no payment there that Kassa has not set.
func TestNoStatusBehindTheRoute(t *testing.T) {
	for fragment, want := range map[string]string{"/thanks": "#/thanks", "/thanks?status=ok": "#/thanks",
		"/thanks?a=1&Status=ok&b=2": "#/thanks?a=1&b=2", "!/x?a=1;status[]=ok": "#!/x?a=1", "status=ok": "",
		"a=1&status=ok": "#a=1", "/thanks&status=ok": "#/thanks", "/a?b=1?status=ok": "#/a?b=1",
		"/thanks?%73tatus=ok": "#/thanks", "/status": "#/status", "status": "#status", "/a?x=status": "#/a?x=status",
		"/a?status": "#/a", "?status=ok": "", "/status=ok/x": "#/status=ok/x", "/a?": "#/a?", "/a&b": "#/a&b",
		"/a#b": "#/a#b", "/a?status=ok#b": "#/a#b", "/a#status=ok": "#/a", "/a?b=1#c%23d": "#/a?b=1#c%23d"} {
		got, err := address.Extend("https://shop.az/?a=1#"+fragment, address.Parameter{Name: "status", Value: "paid"})
		if err != nil || got != "https://shop.az/?a=1&status=paid"+want {
			t.Errorf("#%s: %s, %v; want %s", fragment, got, err, want)
		}
	}
}
