package txpg

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"kassa/shared/bank/exchange"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// cardForms are ways to write a whole card number where the bank has an id.
func cardForms() []string {
	return []string{wholeCard, "4169 7413 3015 1778", "4169-7413-3015-1778", "A" + wholeCard, wholeCard + "="}
}

// told is everything that is kept of the payment, and all that was logged.
func (s *shop) told(errs ...error) string { return fmt.Sprintf("%+v\n%s\n%v", s.stored(), s.log, errs) }

// holdsTheCard finds a card's number, whatever stands between its digits.
func holdsTheCard(text string) bool {
	return strings.Contains(strings.NewReplacer(" ", "", "-", "").Replace(text), wholeCard)
}

// TestNoCardIsKeptForAnID: wherever the bank puts a whole card number into an order that is paid and given back, the
// money is right, and the number stands in no record, log or answer.
func TestNoCardIsKeptForAnID(t *testing.T) {
	ids := []string{"actionId", "ridByAcquirer", "ridByPmo", "rrn", "approvalCode", "description", "orderId",
		"terminalId", "merchantId"}
	for _, card := range cardForms() {
		s := openShop(t)
		s.bank.pay(s.order())
		everywhere := map[string]any{}
		for _, name := range ids {
			everywhere[name] = card
		}
		lay(s.order().trans[0], everywhere)
		s.order().also = map[string]any{"custAttrs": []any{map[string]any{"rid": "F104", "val": card}}, "title": card}
		if p := s.back("ID=" + wholeCard + "&STATUS=" + wholeCard); p.Status != payment.Paid {
			t.Errorf("%s: %s", card, p.Status)
		}
		lay(s.bank.entry(s.order(), -1000, "Refund", "Refund"), everywhere) // the desk's
		s.bank.answer = map[string]any{"approvalCode": card, "match": map[string]any{"tranActionId": card, "ridByPmo": card}}
		s.bank.meanwhile = func() { lay(s.order().trans[2], everywhere) }
		got, err := s.refund("k1", 5000)
		if err != nil || got.Refund.Status != payment.RefundSucceeded {
			t.Errorf("%s: %s, %v", card, got.Refund.Status, err)
		}
		s.bank.answer = map[string]any{"pmoResultCode": card}
		s.bank.meanwhile = func() { s.order().trans = s.order().trans[:3] } // it is not done
		_, lost := s.refund("k2", 700)
		p := s.stored()
		if r, _ := p.FindRefund(payment.RefundID(p.ID, "k2")); r.Status != payment.RefundUnknown || p.Refunded != 6000 {
			t.Errorf("%s: %+v, given back %d", card, r, p.Refunded)
		}
		if text := s.told(err, lost); holdsTheCard(text) {
			t.Errorf("%q is told: %s", card, text)
		}
	}
}

// TestNoCardIsKeptForAWord nor for an order's number, its password or the address of its page: then there is no order.
func TestNoCardIsKeptForAWord(t *testing.T) {
	for _, card := range cardForms() {
		for name, answer := range map[string]string{
			"a code": `400 {"errorCode":"` + card + `"}`,
			"a text": `500 {"errorCode":"ServiceError","errorDescription":"` + card + `"}`,
			"a decline": `400 {"errorCode":"PmoDecline","errorDetails":{"pmoResultCode":"` + card +
				`","declineReason":"` + card + `"}}`,
			"a name, twice": `200 {"` + card + `":1,"` + card + `":2}`,
		} {
			s := openShop(t)
			s.bank.pay(s.order())
			s.back("")
			s.order().status = card // it is no word, and nothing changes
			_, unread := s.svc.Poll(t.Context(), s.id, checkout.Reader{Shop: "demo"})
			_, gone := s.refund("k0", 5000)
			if payment.KindOf(gone) != payment.Unavailable || holdsTheCard(s.told(unread, gone)) {
				t.Errorf("a status, %s: %s", card, s.told(unread, gone))
			}
			s.order().status = "FullyPaid"
			s.bank.faulty, s.bank.fault = "exec-tran", answer
			_, err := s.refund("k1", 5000)
			if p := s.stored(); p.Status != payment.Paid || p.Refunds[0].Status != payment.RefundUnknown ||
				holdsTheCard(s.told(err)) {
				t.Errorf("%s, %s: %s", name, card, s.told(err))
			}
		}
	}
	right := map[string]string{"id": "4595", "hppUrl": pages + "/flex", "password": "8xjpd1ejxdma"}
	for name, card := range map[string]string{"id": wholeCard, "password": wholeCard, "hppUrl": pages + "/" + wholeCard} {
		said := maps.Clone(right)
		said[name] = card
		k := connect(t, nil)
		k.bank.faulty, k.bank.fault = "create", fmt.Sprintf(`200 {"order":{"id":%s,"hppUrl":%q,"password":%q}}`,
			said["id"], said["hppUrl"], said["password"])
		session, err := k.Open(t.Context(), k.order())
		if payment.KindOf(err) != payment.Uncertain || holdsTheCard(fmt.Sprint(session, err, k.log)) {
			t.Errorf("%s: %+v, %v", name, session, err)
		}
	}
}

// TestIDsOfOperationsAreKept: the bank's own form, and what other installations may have.
func TestIDsOfOperationsAreKept(t *testing.T) {
	for _, id := range []string{"240612-11385786-000tn5=", "240612-11385786-000045=", "240612-113857-000045=", "77", "tn5",
		"3f2504e0-4f89-41d3-9a0c-0305e82c3301", "123456789012"} {
		k := connect(t, nil)
		h, o := k.paid(t)
		k.bank.answer = map[string]any{"match": map[string]any{"tranActionId": id, "ridByPmo": "1"}}
		k.bank.meanwhile = func() { lay(o.trans[1], map[string]any{"actionId": id}) }
		got, err := k.Refund(t.Context(), k.refund(h, 5000, 0))
		r, unread := k.Status(t.Context(), h)
		if err != nil || got != id || unread != nil || r.Operations[0].ID != id || exchange.MayHoldCard(id) {
			t.Errorf("%s: %q, %v, %+v", id, got, err, r.Operations)
		}
	}
}

// TestRefundsWithoutIDs are told apart by their amounts and by how many there are, also one that a refusal hides.
func TestRefundsWithoutIDs(t *testing.T) {
	none := map[string]any{"actionId": wholeCard}
	s := openShop(t)
	s.bank.pay(s.order())
	lay(s.order().trans[0], none)
	s.back("")
	s.bank.answer = map[string]any{"match": map[string]any{"ridByPmo": "1"}}
	for i, key := range []string{"k1", "k2"} {
		s.bank.meanwhile = func() { lay(s.order().trans[i+1], none) }
		if got, err := s.refund(key, 2000); err != nil || got.Refund.Status != payment.RefundSucceeded {
			t.Errorf("%s: %s, %v", key, got.Refund.Status, err)
		}
	}
	s.bank.faulty, s.bank.fault = "exec-tran", `after 400 {"errorCode":"InvalidAmt"}`
	s.bank.meanwhile = func() {
		lay(s.order().trans[3], map[string]any{"actionId": wholeCard, "pmoResultCode": "4", "clearAmount": major(0)})
	}
	got, err := s.svc.Refund(t.Context(), checkout.RefundOrder{ID: s.id, Shop: "demo", By: "k1", Key: "k3", Amount: 2000})
	if err != nil || got.Refund.Status != payment.RefundUnknown || s.stored().Refunded != 4000 {
		t.Errorf("refused, and postponed: %s, %v, given back %d", got.Refund.Status, err, s.stored().Refunded)
	}
}
