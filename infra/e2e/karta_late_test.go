package e2e

import (
	"net/http"
	"testing"
	"time"

	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestLateApproval after the bank's no and after our own end: the customer's money, so paid, late, and once.
func TestLateApproval(t *testing.T) { lateApproval(t, shared(t).borrower()) }

// TestLateApprovalWithoutStatusCall is believed by its signature alone.
func TestLateApprovalWithoutStatusCall(t *testing.T) {
	t.Parallel()
	lateApproval(t, aloneByInstalments(t, map[string]any{"status": noStatusCall}))
}

func lateApproval(t *testing.T, b borrower) {
	t.Helper()
	rejected := b.apply(t, 1)
	b.browser.landed(t, b.decides(t, rejected, "reject"), rejected.ID, "decline", "declined")
	b.age(t, rejected.ID, time.Hour)

	lapsed := b.apply(t, 2)
	b.age(t, lapsed.ID, 29*24*time.Hour)
	b.sweep(t)
	b.stands(t, lapsed.ID, "pending", 0, 0)
	b.age(t, lapsed.ID, 2*24*time.Hour)
	b.sweep(t)
	if got := b.text(t, lapsed.ID, "status"); got != "expired" {
		t.Fatalf("31 days later: %s", got)
	}
	b.age(t, lapsed.ID, time.Hour)

	for _, p := range []paymentDoc{rejected, lapsed} {
		b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
		if got := b.text(t, p.ID, "status"); got != "paid" {
			t.Errorf("%s: stored as %s once the callback had come", p.ID, got)
		}
		first := b.stands(t, p.ID, "paid", 12000, 0)
		for range 3 {
			if status, err := b.KartaPokupok.Replay(t.Context(), p.BankOrderID); err != nil || status != http.StatusOK {
				t.Errorf("%d %v", status, err)
			}
		}
		again := b.stands(t, p.ID, "paid", 12000, 0)
		if !first.Late || first.Overpaid || again.Sequence != first.Sequence {
			t.Errorf("late %v, overpaid %v, replays moved it from %d to %d", first.Late, first.Overpaid, first.Sequence,
				again.Sequence)
		}
		a := b.shop.must(t, []int{409}, "POST", "/v1/payments", application(p.OrderRef, b.Info.ShopURL, 12000))
		if read[problemDoc](t, a).Code != "order_already_paid" {
			t.Errorf("%s", a)
		}
	}
}

// TestApprovalWhileTheStatusCallIsDown: the signed message is taken and kept, and confirmed a minute later by the sweep
// alone.
func TestApprovalWhileTheStatusCallIsDown(t *testing.T) {
	b := switched(t)
	for n, kind := range []string{"http_500", "refuse_connection", "no_json"} {
		p := b.apply(t, n)
		b.must(t, b.KartaPokupok.Faults(kartapokupoksim.Fault{Operation: "status", Kind: kind, Count: -1}))
		if _, err := b.choose(t.Context(), p, "approve"); err != nil {
			t.Fatal(err)
		}
		if answers := b.answers(p); len(answers) != 1 || answers[0] != http.StatusOK {
			t.Errorf("%s: the bank's callback was answered with %v", kind, answers)
		}
		if got, kept := b.text(t, p.ID, "status"), b.notices(t, p.ID); got != "pending" || kept != 1 {
			t.Errorf("%s: stored as %s with %d notices, want pending with the one", kind, got, kept)
		}
		b.KartaPokupok.ClearFaults()
		b.sweep(t)
		if got := b.text(t, p.ID, "status"); got != "pending" {
			t.Errorf("%s: %s before a minute was over", kind, got)
		}
		b.age(t, p.ID, time.Minute+time.Second)
		b.sweep(t)
		if got, kept := b.text(t, p.ID, "status"), b.notices(t, p.ID); got != "paid" || kept != 0 {
			t.Errorf("%s: stored as %s with %d notices after the sweep", kind, got, kept)
		}
		b.stands(t, p.ID, "paid", 12000, 0)
	}
}

// TestCallbackBeforeTheApplicationIsSaved: the bank signs an approval before it has answered our opening, and it is
// true or is not. What is true is paid at once, and nobody is sent to a page that there is no more.
func TestCallbackBeforeTheApplicationIsSaved(t *testing.T) {
	b := switched(t)
	for n, mode := range []string{"early_paid", "early"} {
		b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Callback = mode }))
		body := application(b.ref(t, n), b.Info.ShopURL, 12000)
		a := b.shop.must(t, []int{201, 409}, "POST", "/v1/payments", body)
		b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Callback = "" }))
		var p paymentDoc
		if mode == "early_paid" {
			problem := read[problemDoc](t, a)
			if p = b.poll(t, problem.PaymentID); problem.Code != "payment_paid" {
				t.Errorf("%s: opened as %s", mode, a)
			}
		} else {
			p = b.stands(t, read[paymentDoc](t, a).ID, "pending", 0, 0)
			b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
		}
		if answers := b.answers(p); answers[0] != http.StatusOK {
			t.Errorf("%s: the bank's callback was answered with %v", mode, answers)
		}
		b.age(t, p.ID, time.Minute)
		b.stands(t, p.ID, "paid", 12000, 0)
	}
}

// TestRefundTimesOutAfterItsEffect: the bank gives back and says nothing. Its totals tell, and it is never asked a
// second time.
func TestRefundTimesOutAfterItsEffect(t *testing.T) {
	t.Parallel()
	refundTimesOut(t, aloneByInstalments(t, map[string]any{"timeout": "1s"}), "off")
}

// TestRefundTimesOutWithoutStatusCall: only the bank's REFUNDED callback tells that the money went back.
func TestRefundTimesOutWithoutStatusCall(t *testing.T) {
	t.Parallel()
	refundTimesOut(t, aloneByInstalments(t, map[string]any{"timeout": "1s", "status": noStatusCall}), "")
}

func refundTimesOut(t *testing.T, b borrower, callbacks string) {
	t.Helper()
	p := b.approved(t, 1)
	b.age(t, p.ID, time.Minute)
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.RefundCallback = callbacks }))
	b.must(t, b.KartaPokupok.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "timeout_after", DelayMS: 3000}))
	ask := func() answer {
		t.Helper()
		a, err := b.shop.refund(t.Context(), p.ID, "k", 5000)
		b.must(t, err)
		if a.status != 201 && a.status != 202 {
			t.Fatalf("%s", a)
		}
		return a
	}
	t.Logf("the refund without an answer: %s", ask())
	for range 6 {
		ask()
		b.age(t, p.ID, 16*time.Minute)
		_, err := b.KartaPokupok.Deliver(t.Context(), "", false)
		b.must(t, err)
		b.sweep(t)
	}
	if a := ask(); a.status != 201 || read[refundDoc](t, a).Status != "succeeded" {
		t.Errorf("in the end: %s", a)
	}
	p = b.stands(t, p.ID, "partially_refunded", 12000, 5000)
	if books := b.account(t, p); len(books.Refunds) != 1 || b.count(p, "refund") != 1 || len(p.Refunds) != 1 {
		t.Errorf("asked %d times; the bank's refunds %+v, ours %+v", b.count(p, "refund"), books.Refunds, p.Refunds)
	}
	if a, err := b.shop.refund(t.Context(), p.ID, "rest", 0); err != nil || a.status != 201 {
		t.Errorf("the rest: %s %v", a, err)
	}
	b.stands(t, p.ID, "refunded", 12000, 12000)
}
