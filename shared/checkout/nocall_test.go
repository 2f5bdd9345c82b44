package checkout_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank/kartapokupok"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// mute lets the bank's next answers about the order be of no use, as a server is that is being put up anew: its router
// knows no paths yet, or its totals are not there.
func (b *partner) mute(kind string) {
	if kind == "no totals" {
		b.set(func(s *kartapokupoksim.Settings) { s.Totals = "off" })
		return
	}
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "status", Kind: kind, Count: -1}))
}

func mutes() []string { return []string{"http_404", "html_404", "http_405", "http_501", "no totals"} }

// lostRefund is a paid order of which a part was to be given back under the key r1: the bank never heard of it, and the
// shop was told days later that it failed, which nobody has proven.
func lostRefund(t *testing.T) *partner {
	t.Helper()
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.RefundCallback = "off" }, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "refuse_connection", Count: 1},
		kartapokupoksim.Fault{Operation: "status", Kind: "http_500", Nth: 2, Count: 1}))
	_, err := b.refund("r1", 5000)
	b.must(err)
	for range 60 {
		b.advance(time.Hour)
		b.sweep()
	}
	return b
}

// TestARefundThatMayTurnUpIsLookedForBeforeTheNext: a bank that has told its total before has a status call, whatever
// its server answers for a moment. Without a total nothing is sent beside a refund that it may have carried out.
func TestARefundThatMayTurnUpIsLookedForBeforeTheNext(t *testing.T) {
	for _, kind := range mutes() {
		b := lostRefund(t)
		if r := b.read().Refunds[0]; r.Status != payment.RefundFailed {
			t.Fatalf("%s: the lost refund is %s", kind, r.Status)
		}
		b.must(b.sim.DeskRefund(b.session(), 5000)) // the bank works its queue off
		b.mute(kind)
		if _, err := b.refund("r2", 5000); payment.KindOf(err) != payment.Unavailable {
			t.Errorf("%s: %v", kind, err)
		}
		b.sim.ClearFaults()
		b.set(func(s *kartapokupoksim.Settings) { s.Totals = "" })
		if _, err := b.refund("r2", 5000); payment.CodeOf(err) != "refund_done_meanwhile" {
			t.Errorf("%s, and then: %v", kind, err)
		}
		if back := b.sim.Ledger().Totals.Refunded; back != 5000 || b.read().Refunded != 5000 {
			t.Errorf("%s: the bank gave back %d, and %d is on record", kind, back, b.read().Refunded)
		}
	}
}

// TestAStatusCallDoesNotGoAway: nothing is called off at a bank that has answered about the order before and does not
// now. One that has never answered has no such call; and what it has signed counts by itself.
func TestAStatusCallDoesNotGoAway(t *testing.T) {
	for _, kind := range mutes()[:4] {
		for _, known := range []bool{true, false} {
			b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "drop" }, nil)
			p := b.open()
			if known {
				b.advance(time.Minute)
				b.sweep()
			}
			b.must(b.sim.Approve(b.session()))
			b.mute(kind)
			_, err := b.svc.Cancel(context.Background(), p.ID, "demo", "shop:k1")
			if known && payment.KindOf(err) != payment.Unavailable || !known && err != nil {
				t.Errorf("%s, known %t: %v", kind, known, err)
			}
			b.set(func(s *kartapokupoksim.Settings) { s.Callback = "" })
			_, err = b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
			b.must(err)
			b.stands(kind, payment.Paid, !known)
		}
	}
}

// TestALateLoanIsFoundBehindAMissingCall: a loan that is granted after the shop has called the page off, and of which
// no message comes, is learnt of by the questions that are still put then. One that the bank's server did not know is
// none of them.
func TestALateLoanIsFoundBehindAMissingCall(t *testing.T) {
	for _, kind := range mutes()[:4] {
		b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "drop" }, nil)
		p := b.open()
		b.advance(time.Minute)
		b.sweep()
		_, err := b.svc.Cancel(context.Background(), p.ID, "demo", "shop:k1")
		b.must(err)
		for range 2 * 60 {
			b.advance(time.Minute)
			b.sweep()
		}
		b.must(b.sim.Approve(b.session()))
		b.mute(kind)
		for range 24 {
			b.advance(time.Hour)
			b.sweep()
		}
		b.sim.ClearFaults()
		for range 24 {
			b.advance(time.Hour)
			b.sweep()
		}
		b.stands(kind, payment.Paid, true)
	}
}

// TestWhoeverMayNotRefundIsHelpedByAPerson: a bank may have stopped for good to tell its totals. Then a person is
// called who looks at its portal, and what he finds lets the shop refund again.
func TestWhoeverMayNotRefundIsHelpedByAPerson(t *testing.T) {
	for _, kind := range []string{"no totals", "no status call"} {
		b := lostRefund(t)
		if kind == "no totals" {
			b.mute(kind)
		} else {
			text := strings.Replace(string(b.secret), `{`, `{"status":{"mode":"off"},`, 1)
			k, err := kartapokupok.New([]byte(text), kartapokupok.Options{Stage: "test", Now: b.now})
			b.must(err)
			b.svc.Banks = instalmentBank{k}
		}
		if _, err := b.refund("r2", 3000); payment.KindOf(err) != payment.Unavailable {
			t.Errorf("%s: %v", kind, err)
		}
		p := b.read()
		if !p.InReview(payment.ReviewRefund) {
			t.Errorf("%s: nobody is called, and no refund can be made", kind)
		}
		desk := people.Operator{Store: b.store, Now: b.now}
		b.advance(time.Minute)
		_, err := desk.Resolve(t.Context(), p.ID, payment.Ruling{How: payment.ResolveDismiss, Review: payment.ReviewRefund,
			By: "operator:a", Why: "the portal shows no refund"})
		b.must(err)
		if r, err := b.refund("r2", 3000); err != nil || r.Refund.Status != payment.RefundSucceeded {
			t.Errorf("%s, after a person has looked: %v, %s", kind, err, r.Refund.Status)
		}
		if back := b.sim.Ledger().Totals.Refunded; back != 3000 {
			t.Errorf("%s: the bank gave back %d", kind, back)
		}
	}
}

// TestWhatABankHasSignedIsNoAnswer: one that has no status call still has none when it has signed something. What a
// person has settled with it ends by its age then, or is called off.
func TestWhatABankHasSignedIsNoAnswer(t *testing.T) {
	for _, kind := range mutes()[:4] {
		for _, cancelled := range []bool{true, false} {
			b := newPartner(t, nil, nil)
			p := b.open()
			b.mute(kind)
			_, err := b.sim.Callback(t.Context(), b.session(), kartapokupoksim.Message{Status: "APPROVED", Currency: "USD"})
			b.must(err)
			b.stands(kind, payment.Pending, false, payment.ReviewCurrency)
			b.advance(time.Minute)
			_, err = people.Operator{Store: b.store, Now: b.now}.Resolve(t.Context(), p.ID, payment.Ruling{
				How: payment.ResolveDismiss, By: "operator:a", Why: "given back at the bank's desk"})
			b.must(err)
			want := payment.Expired
			if cancelled {
				want = payment.Cancelled
				_, err := b.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1")
				b.must(err)
			}
			for range 2 * 31 {
				b.advance(12 * time.Hour)
				b.sweep()
			}
			b.stands(kind, want, false)
		}
	}
}

// TestAMissingCallIsNoRecheck: on the morning on which a paid loan is asked about once more, the bank's server does not
// know the question for some hours. What its desk gave back is found all the same, once it knows it again.
func TestAMissingCallIsNoRecheck(t *testing.T) {
	for _, kind := range mutes()[:4] {
		b := newPartner(t, func(s *kartapokupoksim.Settings) { s.RefundCallback = "off" }, nil)
		o := b.order()
		o.Recheck = true
		_, err := b.svc.Initiate(t.Context(), o)
		b.must(err)
		b.must(b.sim.Approve(b.session()))
		b.stands(kind, payment.Paid, false)
		b.must(b.sim.DeskRefund(b.session(), 5000))
		b.mute(kind)
		for range 36 {
			b.advance(time.Hour)
			b.sweep()
		}
		b.stands(kind, payment.Paid, false)
		b.sim.ClearFaults()
		for range 36 {
			b.advance(time.Hour)
			b.sweep()
		}
		b.stands(kind+", and then", payment.PartiallyRefunded, false)
	}
}
