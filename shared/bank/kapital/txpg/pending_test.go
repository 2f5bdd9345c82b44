package txpg

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/checkout/people"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// TestWhatIsOnItsWayBack: an operation that gives money back, or may, and of which the bank has not decided. One that
// it has declined is nothing, and so is one that takes or holds money.
func TestWhatIsOnItsWayBack(t *testing.T) {
	refund := map[string]any{"type": "Refund", "description": "Refund"}
	void, elsewhere := map[string]any{"description": "Purchase - Void"}, map[string]any{"description": "Возврат"}
	hold := map[string]any{"phase": "Auth", "description": "Void"}
	for name, c := range map[string]struct {
		cleared json.Number
		kind    map[string]any
		over    map[string]any
		want    bool
	}{
		"postponed":                 {"0", refund, map[string]any{"pmoResultCode": "4"}, true},
		"the host is down":          {"0", refund, map[string]any{"pmoResultCode": "72"}, true},
		"a system error":            {"0", refund, map[string]any{"pmoResultCode": "54"}, true},
		"a code that nobody knows":  {"0", refund, map[string]any{"pmoResultCode": "7"}, true},
		"not billed yet":            {"-4", refund, map[string]any{"billingStatus": "Pending"}, true},
		"not billed, without codes": {"-4", refund, map[string]any{"billingStatus": "Pending", "pmoResultCode": nil}, true},
		"no host's number":          {"-4", refund, map[string]any{"ridByPmo": ""}, true},
		"a void":                    {"0", void, map[string]any{"pmoResultCode": "4"}, true},
		"a reversal by its flag":    {"0", map[string]any{"isReversal": "true"}, map[string]any{"pmoResultCode": "4"}, true},
		"by its sign alone":         {"-4", map[string]any{"description": ""}, map[string]any{"pmoResultCode": "4"}, true},
		"in words nobody has seen":  {"0", elsewhere, map[string]any{"pmoResultCode": "4"}, true},
		"declined":                  {"0", refund, map[string]any{"pmoResultCode": "59"}, false},
		"never sent to the host":    {"0", refund, map[string]any{"pmoResultCode": nil, "ridByPmo": ""}, false},
		"done":                      {"-4", refund, nil, false},
		"a purchase, postponed":     {"4", nil, map[string]any{"pmoResultCode": "4"}, false},
		"a hold, let go":            {"0", hold, map[string]any{"pmoResultCode": "4"}, false},
	} {
		second := op(c.cleared, map[string]any{"actionId": "b1", "amount": 4})
		lay(second, c.kind)
		lay(second, c.over)
		back := "0"
		if name == "done" {
			back = "4"
		}
		h := history{name, []map[string]any{op("10", nil), second}, charged("10", back)}
		o, err := readOrder(parsed(t, body("FullyPaid", h)), "7")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, doubt := o.report(taken)
		if r.Returning != c.want || doubt != "" || r.Amount.Minor != 1000 || r.State == payment.BankUnknown {
			t.Errorf("%s: %+v, %q", name, r, doubt)
		}
	}
}

// TestARefundThatIsPostponed stays unknown for as long as the bank shows it so, and ends as the bank decides, or as a
// person says who has asked there.
func TestARefundThatIsPostponed(t *testing.T) {
	for name, c := range map[string]struct {
		decides map[string]any // what becomes of the entry; nil = nothing
		want    payment.RefundStatus
	}{
		"and then done":     {map[string]any{"pmoResultCode": "1", "clearAmount": major(-5000)}, payment.RefundSucceeded},
		"and then declined": {map[string]any{"pmoResultCode": "59"}, payment.RefundFailed},
		"and never decided": {nil, payment.RefundUnknown},
	} {
		for code, over := range map[string]map[string]any{"4": {"pmoResultCode": "4", "clearAmount": 0},
			"1": {"billingStatus": "Postponed", "clearAmount": 0}} {
			s := openShop(t)
			s.bank.pay(s.order())
			s.back("")
			s.bank.answer = map[string]any{"pmoResultCode": code}
			if code == "1" {
				s.bank.answer = map[string]any{"match": nil}
			}
			s.bank.meanwhile = func() { lay(s.order().trans[1], over) }
			got, err := s.refund("k1", 5000)
			if err != nil || got.Refund.Status != payment.RefundUnknown {
				t.Fatalf("%s: %s, %v", name, got.Refund.Status, err)
			}
			s.days(3)
			if p := s.stored(); p.Reserved() != 5000 || !p.InReview(payment.ReviewRefund) {
				t.Errorf("%s, after three days: %+v, reviews %v", name, p.Refunds, p.Reviews)
			}
			if c.decides != nil {
				lay(s.order().trans[1], map[string]any{"billingStatus": "Normal"})
				lay(s.order().trans[1], c.decides)
			}
			s.days(3)
			p := s.stored()
			if r := p.Refunds[0]; r.Status != c.want || (len(p.Reviews) == 0) != (c.decides != nil) {
				t.Errorf("%s: %s, reviews %v", name, r.Status, p.Reviews)
			}
			if c.decides == nil {
				s.freed(p)
			}
		}
	}
}

// freed lets a person end what the bank never decides: nothing is locked for good.
func (s *shop) freed(p payment.Payment) {
	s.t.Helper()
	people := people.Operator{Store: s.svc.Store.(*memory.Store), Now: s.svc.Now}
	rule := func(r payment.Ruling) {
		r.By, r.Why = payment.ByOperator("ada"), "the bank says no"
		if _, err := people.Resolve(s.t.Context(), p.ID, r); err != nil {
			s.t.Fatal(err)
		}
	}
	rule(payment.Ruling{How: payment.ResolveRefundNotDone, Refund: p.InFlight().ID})
	s.bank.answer = nil
	if _, err := s.refund("k1", 5000); payment.CodeOf(err) != "refund_under_review" || len(s.bank.sent()) != 1 {
		s.t.Errorf("the bank still shows it: %v, sent %q", err, s.bank.sent())
	}
	rule(payment.Ruling{How: payment.ResolveDismiss, Review: payment.ReviewRefund})
	if got, err := s.refund("k1", 5000); err != nil || got.Refund.Status != payment.RefundSucceeded {
		s.t.Errorf("after a person has looked twice: %s, %v", got.Refund.Status, err)
	}
}

func (s *shop) refund(key string, amount int64) (checkout.RefundResult, error) {
	return s.svc.Refund(s.t.Context(), checkout.RefundOrder{ID: s.id, Shop: "demo", By: "k1", Key: key, Amount: amount})
}

// days lets the sweep look for so many days.
func (s *shop) days(n int) {
	s.t.Helper()
	for range n * 24 {
		s.pass(time.Hour)
		if _, err := s.svc.Sweep(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestARefusalBesideAnOperationThatNobodyUnderstands is no end: it may be ours, sent twice on the way.
func TestARefusalBesideAnOperationThatNobodyUnderstands(t *testing.T) {
	k := connect(t, nil)
	h, o := k.paid(t)
	k.bank.faulty, k.bank.fault = "exec-tran", `400 {"errorCode":"InvalidAmt"}`
	k.bank.meanwhile = func() { lay(k.bank.entry(o, -5000, "Refund", "Refund"), map[string]any{"phase": "Other"}) }
	if _, err := k.Refund(t.Context(), k.refund(h, 5000, 0)); payment.KindOf(err) != payment.Uncertain {
		t.Error(err)
	}
}

// TestAPostponedRefundIsKnownByItsName: the bank has named what it postponed, so a refund of the desk's of the same
// amount is not taken for it, and how it ends is told by its own entry.
func TestAPostponedRefundIsKnownByItsName(t *testing.T) {
	for code, want := range map[string]payment.RefundStatus{"1": payment.RefundSucceeded, "59": payment.RefundFailed,
		"59 at once": payment.RefundFailed} {
		s := openShop(t)
		s.bank.pay(s.order())
		s.back("")
		desk := func() { s.bank.entry(s.order(), -5000, "Refund", "Refund") }
		s.bank.answer = map[string]any{"pmoResultCode": "4"}
		code, atOnce := strings.CutSuffix(code, " at once")
		s.bank.meanwhile = func() {
			lay(s.order().trans[1], map[string]any{"pmoResultCode": "4", "clearAmount": 0})
			if atOnce {
				desk()
			}
		}
		q := checkout.RefundOrder{ID: s.id, Shop: "demo", By: "shop:k1", Key: "k", Amount: 5000}
		if r, err := s.svc.Refund(t.Context(), q); err != nil || r.Refund.Status != payment.RefundUnknown {
			t.Fatalf("%+v, %v", r.Refund, err)
		}
		if !atOnce {
			desk()
		}
		sweep := func() payment.Payment {
			s.pass(25 * time.Hour)
			if _, err := s.svc.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			return s.stored()
		}
		if p := sweep(); p.Refunds[0].Status != payment.RefundUnknown {
			t.Errorf("%s: the desk's is taken for ours: %+v", code, p.Refunds)
		}
		lay(s.order().trans[1], map[string]any{"pmoResultCode": code})
		if code == "1" {
			lay(s.order().trans[1], map[string]any{"clearAmount": major(-5000)})
		}
		sweep()
		p := sweep()
		if p.Refunds[0].Status != want {
			t.Errorf("%s: %+v, reviews %v", code, p.Refunds, p.Reviews)
		}
	}
}
