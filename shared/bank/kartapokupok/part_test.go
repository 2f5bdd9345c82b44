package kartapokupok

import (
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// What a wrong field has no part in works all the same, and says nothing of it; what it has a part in names it.
func TestABrokenPartStopsNothingElse(t *testing.T) {
	good, ended := golden(t, "rsa.spki.pem"), func() time.Time { return minskNoon().AddDate(50, 0, 0) }
	callback := func(field string, value any) map[string]any {
		fields := map[string]any{"public_keys": []string{good}}
		fields[field] = value
		return map[string]any{"callback": fields}
	}
	for name, c := range map[string]struct {
		change map[string]any
		now    func() time.Time
		works  string // the operations that do
	}{
		"an ended certificate":    {nil, ended, "read"},
		"no key":                  {map[string]any{"key": nil}, nil, "read"},
		"no address":              {map[string]any{"base_url": "http://x"}, nil, "read"},
		"one wrong key of two":    {callback("public_keys", []string{"AAAA", good}), nil, "open status refund read"},
		"no right key":            {callback("public_keys", []string{"AAAA"}), nil, "open status refund"},
		"a header that is none":   {callback("header", "a b"), nil, "open status refund"},
		"no host of a page":       {map[string]any{"payment_hosts": nil}, nil, "status refund read"},
		"an impossible term":      {map[string]any{"terms": map[string]any{"x": "1"}}, nil, "status refund read"},
		"an impossible reference": {map[string]any{"order_ref": "x"}, nil, "status refund read"},
		"an impossible prefix":    {map[string]any{"order_ref_prefix": "a/b"}, nil, "status refund read"},
		"an impossible number of days": {map[string]any{"refund": map[string]any{"max_days": "x"}}, nil,
			"open status read"},
		"refunds of no known kind": {map[string]any{"refund": map[string]any{"partial": "x"}}, nil, ""},
		// what is opened could not be settled
		"an impossible status map": {map[string]any{"status_map": map[string]any{"NEW": "x"}}, nil, ""},
		"a name that nobody knows": {map[string]any{"amount_fromat": "minor"}, nil, ""},
		"amounts of no known form": {map[string]any{"amount_format": "euros"}, nil, ""},
		"an unknown partner":       {map[string]any{"partner_id": nil}, nil, ""},
	} {
		if c.now == nil {
			c.now = minskNoon
		}
		k, err := New(secretOf(t, complete(t), c.change), Options{Stage: "prod", Now: c.now})
		if payment.KindOf(err) != payment.Misconfigured || (k == nil) != (c.works == "") {
			t.Fatalf("%s: %v, %v", name, k, err)
		}
		for _, op := range []bank.Operation{bank.OpOpen, bank.OpStatus, bank.OpRefund, bank.OpRead} {
			if k == nil {
				continue
			}
			wrong := k.Ready(op)
			if works := strings.Contains(c.works, string(op)); works != (wrong == nil) ||
				!works && payment.KindOf(wrong) != payment.Misconfigured {
				t.Errorf("%s: %s: %v", name, op, wrong)
			}
		}
		if k != nil && !strings.Contains(c.works, "read") {
			if notice, err := k.Read(notify("AAAA", approved)); payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%s: it reads %+v, %v", name, notice, err)
			}
		}
	}
}

// An operation that cannot work asks nobody.
func TestABrokenPartIsNotUsed(t *testing.T) {
	k, err := New(secretOf(t, complete(t), map[string]any{"key": nil}), Options{Stage: "prod", Now: minskNoon})
	if k == nil {
		t.Fatal(err)
	}
	_, open := k.Open(t.Context(), bank.Order{})
	_, status := k.Status(t.Context(), bank.Handle{})
	_, refund := k.Refund(t.Context(), bank.Refund{})
	for _, err := range []error{open, status, refund} {
		if payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), "key is missing") {
			t.Errorf("%v", err)
		}
	}
	if _, err := k.Read(bank.Message{}); payment.KindOf(err) != payment.Forged {
		t.Errorf("%v", err)
	}
}
