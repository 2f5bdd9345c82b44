package txpg

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

const (
	voidSent = `{"tran":{"phase":"Single","voidKind":"Full"}}`
	allSent  = `{"tran":{"phase":"Single","type":"Refund","amount":"150.50"}}`
	partSent = `{"tran":{"phase":"Single","type":"Refund","amount":"50.00"}}`
	restSent = `{"tran":{"phase":"Single","type":"Refund","amount":"100.50"}}`
)

// TestWhichVerb: the whole on its bank day is voided, later refunded; a part is always refunded; the other verb
// follows only a refusal that names the order's state. The day is that of the operation by the bank's clock.
func TestWhichVerb(t *testing.T) {
	for name, c := range map[string]struct {
		settings     map[string]any
		later        time.Duration
		amount       int64
		noVoids      bool
		noRefunds    bool
		sent         []string
		kind         payment.Kind
		code         string
		returned     int64
		beforeRefund int64
	}{
		"the whole, the same day": {sent: []string{voidSent}, amount: 15050, returned: 15050},
		"a minute before the bank's day ends": {later: 10*time.Hour + 59*time.Minute, sent: []string{voidSent},
			amount: 15050, returned: 15050},
		"after the cut-off": {later: 11 * time.Hour, sent: []string{allSent}, amount: 15050,
			returned: 15050},
		"the next day": {later: 24 * time.Hour, sent: []string{allSent}, amount: 15050,
			returned: 15050},
		"a cut-off of its own": {settings: map[string]any{"void_until": "13:00"}, later: time.Hour, sent: []string{allSent},
			amount: 15050, returned: 15050},
		"refunds first": {settings: map[string]any{"refund_same_day": "refund_first"}, sent: []string{allSent},
			amount: 15050, returned: 15050},
		"a part":   {amount: 5000, sent: []string{partSent}, returned: 5000},
		"the rest": {amount: 10050, beforeRefund: 5000, sent: []string{restSent}, returned: 15050},
		"the bank's day has ended": {noVoids: true, sent: []string{voidSent, allSent},
			amount: 15050, returned: 15050},
		"the bank's day has not ended": {later: 11 * time.Hour, noRefunds: true, sent: []string{allSent, voidSent},
			amount: 15050, returned: 15050},
		"neither will do": {noVoids: true, noRefunds: true, sent: []string{voidSent, allSent}, amount: 15050,
			kind: payment.Refused,
			code: "InvalidOrderState"},
		"a part is never voided": {noRefunds: true, sent: []string{partSent}, amount: 5000, kind: payment.Refused,
			code: "InvalidOrderState"},
		"too much":          {amount: 15051, kind: payment.Refused},
		"more than is left": {amount: 10051, beforeRefund: 5000, kind: payment.Refused, returned: 5000},
		"nothing":           {amount: 0, kind: payment.Refused},
	} {
		k := connect(t, c.settings)
		h, o := k.paid(t)
		if c.beforeRefund > 0 {
			k.bank.entry(o, -c.beforeRefund, "Refund", "Refund")
		}
		k.now, k.bank.now, k.bank.noVoids, k.bank.noRefunds = k.now.Add(c.later), k.now.Add(c.later), c.noVoids, c.noRefunds
		id, err := k.Refund(t.Context(), k.refund(h, c.amount, c.beforeRefund))
		if (err == nil) != (c.kind == 0) || err != nil && payment.KindOf(err) != c.kind || err == nil &&
			id == "" {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
		if e, ok := errors.AsType[*payment.Error](err); ok && e.BankCode != c.code {
			t.Errorf("%s: code %q", name, e.BankCode)
		}
		if !slices.Equal(k.bank.sent(), c.sent) || k.bank.ledger().Returned != c.returned {
			t.Errorf("%s: sent %q, given back %d", name, k.bank.sent(), k.bank.ledger().Returned)
		}
	}
}

// TestTheOtherVerbNeedsAReading: a refusal that names the state is not enough.
func TestTheOtherVerbNeedsAReading(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		also  func(b *gatewayBank, o *bankOrder) // happens while the void is refused
		kind  payment.Kind
	}{
		"another refusal":   {`400 {"errorCode":"InvalidToken"}`, nil, payment.Refused},
		"a decline":         {golden(t, "answer_decline.json"), nil, payment.Refused},
		"done all the same": {`after 400 {"errorCode":"InvalidOrderState"}`, nil, payment.Uncertain},
		"the desk gives back": {`400 {"errorCode":"InvalidOrderState"}`, func(b *gatewayBank, o *bankOrder) {
			b.entry(o,
				-100, "Refund", "Refund")
		}, payment.Refused},
		"the desk gives all back": {`400 {"errorCode":"InvalidOrderState"}`, func(b *gatewayBank, o *bankOrder) {
			b.entry(o,
				-15050, "Refund", "Refund")
		}, payment.Uncertain},
		"one of the amount is under way": {`400 {"errorCode":"InvalidOrderState"}`, func(b *gatewayBank, o *bankOrder) {
			lay(b.entry(o, -15050, "Refund", "Refund"), map[string]any{"pmoResultCode": "4",
				"clearAmount": major(0)})
		}, payment.Uncertain},
		"it cannot be read": {`400 {"errorCode":"InvalidOrderState"}`, func(b *gatewayBank, _ *bankOrder) {
			b.faulty,
				b.fault = "order", "503 "
		}, payment.Uncertain},
		"unknown": {`500 {"errorCode":"PmoUnreachable"}`, nil, payment.Uncertain},
	} {
		k := connect(t, nil)
		h, o := k.paid(t)
		if strings.HasPrefix(c.fault, "{") {
			c.fault = "400 " + c.fault
		}
		k.bank.faulty, k.bank.fault, k.bank.meanwhile = "exec-tran", c.fault, func() {
			if c.also != nil {
				c.also(k.bank, o)
			}
		}
		_, err := k.Refund(t.Context(), k.refund(h, 15050, 0))
		if err == nil || payment.KindOf(err) != c.kind || len(k.bank.sent()) != 1 {
			t.Errorf("%s: %v after %q", name, err, k.bank.sent())
		}
	}
}

// TestProofOfARefund: the bank's id of the operation, and where the answer does not name it plainly, the entry that
// was not there before.
func TestProofOfARefund(t *testing.T) {
	for name, c := range map[string]struct {
		answer map[string]any
		kind   payment.Kind
	}{
		"an id":                              {nil, 0},
		"no approval code":                   {map[string]any{"approvalCode": nil}, 0},
		"no result code":                     {map[string]any{"pmoResultCode": nil}, 0},
		"no id, but a new entry":             {map[string]any{"match": map[string]any{"ridByPmo": "1"}}, 0},
		"a yes in part, and a whole entry":   {map[string]any{"pmoResultCode": "2"}, 0},
		"approved in part, in so many words": {map[string]any{"approvedPartial": true}, 0},
		"no ridByPmo": {map[string]any{"match": map[string]any{"tranActionId": "x="}},
			payment.Uncertain},
		"a ridByPmo of nothing": {map[string]any{"match": map[string]any{"tranActionId": "x=", "ridByPmo": "0"}},
			payment.Uncertain},
		"an id of nothing, but a new entry": {map[string]any{"match": map[string]any{"tranActionId": "null",
			"ridByPmo": "1"}}, 0},
		"no match":                  {map[string]any{"match": nil}, payment.Uncertain},
		"postponed":                 {map[string]any{"pmoResultCode": "4"}, payment.Uncertain},
		"a code without a meaning":  {map[string]any{"pmoResultCode": "7"}, payment.Uncertain},
		"a yes and an error":        {map[string]any{"errorCode": "PmoDecline"}, payment.Uncertain},
		"a yes, and less than none": {map[string]any{"errorCode": -1}, payment.Uncertain},
		"a yes, and no error":       {map[string]any{"errorCode": "0"}, 0},
		"a result called none":      {map[string]any{"pmoResultCode": "None"}, payment.Uncertain},
		"a decline that was done":   {map[string]any{"pmoResultCode": "59"}, payment.Uncertain},
	} {
		k := connect(t, nil)
		h, o := k.paid(t)
		k.bank.answer = c.answer
		id, err := k.Refund(t.Context(), k.refund(h, 5000, 0))
		if c.kind == 0 && (err != nil || id != o.trans[1]["actionId"]) || c.kind != 0 &&
			payment.KindOf(err) != c.kind {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
}

// TestAYesWithoutAName is a yes all the same, whether the order shows what it gave back, not yet, or cannot be read.
func TestAYesWithoutAName(t *testing.T) {
	for name, meanwhile := range map[string]func(b *gatewayBank, o *bankOrder){
		"not yet": func(*gatewayBank, *bankOrder) {},
		"one of two": func(b *gatewayBank, o *bankOrder) {
			b.entry(o, -5000, "Refund", "Refund")
			b.entry(o, -5000, "Refund", "Refund")
		},
		"unread": func(b *gatewayBank, _ *bankOrder) { b.faulty, b.fault = "order", "503 " },
	} {
		k := connect(t, nil)
		h, o := k.paid(t)
		k.bank.faulty, k.bank.fault = "exec-tran", `200 {"tran":{"pmoResultCode":"1","match":{"ridByPmo":"17302955"}}}`
		k.bank.meanwhile = func() { meanwhile(k.bank, o) }
		if id, err := k.Refund(t.Context(), k.refund(h, 5000, 0)); err != nil || id != "" {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// TestAnAnswerOfBeforeProvesNothing: an id that was listed already is another operation's.
func TestAnAnswerOfBeforeProvesNothing(t *testing.T) {
	k := connect(t, nil)
	h, o := k.paid(t)
	old := k.bank.entry(o, -5000, "Refund", "Refund")
	text, _ := json.Marshal(map[string]any{"tran": map[string]any{"pmoResultCode": "1",
		"match": map[string]any{"tranActionId": old["actionId"], "ridByPmo": old["ridByPmo"]}}})
	k.bank.faulty, k.bank.fault = "exec-tran", "200 "+string(text)
	if id, err := k.Refund(t.Context(), k.refund(h, 5000, 5000)); payment.KindOf(err) != payment.Uncertain ||
		err == nil {
		t.Errorf("%+v, %v", id, err)
	}
}

// TestAHoldThatWasClearedIsVoidedAsSuch.
func TestAHoldThatWasClearedIsVoidedAsSuch(t *testing.T) {
	k := connect(t, nil)
	h, o := k.paid(t)
	lay(o.trans[0], map[string]any{"phase": "Clearing"})
	if _, err := k.Refund(t.Context(), k.refund(h, 15050, 0)); err != nil {
		t.Error(err)
	}
	if sent := k.bank.sent(); len(sent) != 1 || sent[0] != `{"tran":{"phase":"Clearing","voidKind":"Full"}}` {
		t.Errorf("%q", sent)
	}
}

// TestNothingIsSentWhere the bank does not show the money, or cannot be read.
func TestNothingIsSentWhereTheBankShowsNoMoney(t *testing.T) {
	for name, change := range map[string]func(b *gatewayBank, o *bankOrder){
		"no operation":      func(_ *gatewayBank, o *bankOrder) { o.trans = nil },
		"an unclear one":    func(_ *gatewayBank, o *bankOrder) { lay(o.trans[0], map[string]any{"phase": "Other"}) },
		"an unreadable one": func(_ *gatewayBank, o *bankOrder) { lay(o.trans[0], map[string]any{"clearAmount": "x"}) },
		"no answer":         func(b *gatewayBank, _ *bankOrder) { b.faulty, b.fault = "order", "503 " },
	} {
		k := connect(t, nil)
		h, o := k.paid(t)
		change(k.bank, o)
		if _, err := k.Refund(t.Context(), k.refund(h, 100, 0)); payment.KindOf(err) != payment.Unavailable ||
			len(k.bank.sent()) != 0 {
			t.Errorf("%s: %v, %q", name, err, k.bank.sent())
		}
	}
}

// TestADeskRefundIsToldFromOurs by the bank's ids, though both are of the same amount: as the payment's own record
// weighs them.
func TestADeskRefundIsToldFromOurs(t *testing.T) {
	k := connect(t, nil)
	h, o := k.paid(t)
	desk := k.bank.entry(o, -5000, "Refund", "Refund")
	id, err := k.Refund(t.Context(), k.refund(h, 5000, 5000))
	if err != nil || id == desk["actionId"] || id != o.trans[2]["actionId"] {
		t.Fatalf("%+v, %v", id, err)
	}
	now, err := k.Status(t.Context(), h)
	want := []payment.Operation{{ID: desk["actionId"].(string), Amount: 5000}, {ID: id,
		Amount: 5000}}
	if err != nil || !slices.Equal(now.Operations, want) || now.Refunded.Minor != 10000 {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestAVoidThatShowsInASumAlone was refused, and yet done: what is cleared is gone.
func TestAVoidThatShowsInASumAlone(t *testing.T) {
	k := connect(t, nil)
	h, _ := k.paid(t)
	k.bank.voidShows = "cleared"
	k.bank.faulty, k.bank.fault = "exec-tran", `after 400 {"errorCode":"InvalidOrderState"}`
	if _, err := k.Refund(t.Context(), k.refund(h, 15050, 0)); payment.KindOf(err) != payment.Uncertain ||
		len(k.bank.sent()) != 1 {
		t.Errorf("%v after %q", err, k.bank.sent())
	}
	if r, err := k.Status(t.Context(), h); err != nil || r.State != payment.BankReturned || r.Refunded.Minor != 15050 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestWhatWasTakenTwiceIsNotVoided: a void undoes one operation.
func TestWhatWasTakenTwiceIsNotVoided(t *testing.T) {
	k := connect(t, nil)
	h, o := k.paid(t)
	lay(o.trans[0], map[string]any{"clearAmount": major(10000), "amount": major(10000)})
	k.bank.entry(o, 5050, "Purchase", "Purchase")
	if _, err := k.Refund(t.Context(), k.refund(h, 15050, 0)); err != nil || k.bank.sent()[0] != allSent {
		t.Errorf("%v after %q", err, k.bank.sent())
	}
}

// TestAYesToAPart is none to the whole: the list has less than was asked for.
func TestAYesToAPart(t *testing.T) {
	for _, answer := range []map[string]any{{"approvedPartial": true}, {"pmoResultCode": "2"}} {
		k := connect(t, nil)
		h, o := k.paid(t)
		k.bank.answer = answer
		k.bank.meanwhile = func() { lay(o.trans[1], map[string]any{"clearAmount": major(-3000), "amount": major(3000)}) }
		if r, err := k.Refund(t.Context(), k.refund(h, 5000, 0)); payment.KindOf(err) != payment.Uncertain || err == nil {
			t.Errorf("%v: %+v, %v", answer, r, err)
		}
	}
}
