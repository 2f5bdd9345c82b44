package xml

import (
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// What a wrong field has no part in works all the same; a terminal that cannot ask is none, since its messages prove
// nothing.
func TestABrokenPartStopsNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]any
		works  string // the operations that do
	}{
		"a signature without key": {map[string]any{"callback_signature": map[string]any{"fields": []string{"a"},
			"parameter": "s"}}, "open status refund"},
		"a page's host":            {map[string]any{"page_hosts": []string{"a b"}}, "status refund read"},
		"a language":               {map[string]any{"language": "TR"}, "status refund read"},
		"a cut-off":                {map[string]any{"reverse_cutoff": "25:00"}, "open status read"},
		"totals":                   {map[string]any{"totals": "some"}, "open read"},
		"no key":                   {map[string]any{"key": nil}, ""},
		"a name that nobody knows": {map[string]any{"page_host": "x"}, ""},
	} {
		k, err := New(secretOf(t, complete(t), c.change), Options{Stage: "prod", Now: bakuNoon})
		if payment.KindOf(err) != payment.Misconfigured || k == nil && strings.Contains(c.works, "status") {
			t.Fatalf("%s: %v, %v", name, k, err)
		}
		for _, op := range []bank.Operation{bank.OpOpen, bank.OpStatus, bank.OpRefund, bank.OpRead} {
			if k == nil {
				continue
			}
			if wrong := k.Ready(op); strings.Contains(c.works, string(op)) != (wrong == nil) {
				t.Errorf("%s: %s: %v", name, op, wrong)
			}
		}
		if k != nil && !strings.Contains(c.works, "read") {
			if notice, err := k.Read(got("ORDERID=828")); payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%s: it reads %+v, %v", name, notice, err)
			}
		}
	}
}
