package payment

import (
	"testing"
	"time"
)

func TestAPaymentCancelledBeforeItsOpeningIsNeverDue(t *testing.T) {
	p := apply(t, createdPayment(1), CancelRequested{By: ByShop("k1")}, start.Add(time.Minute))
	if !p.DueAt.IsZero() || Due(p, start.Add(48*time.Hour)) != NoWork {
		t.Fatalf("it has no page at the bank, so nobody can be asked, and yet it is due at %v", p.DueAt)
	}
}
