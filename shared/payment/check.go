package payment

import "fmt"

// Check holds the invariants that one payment must keep by itself: Apply asserts them after each change, the store
// before each write and after each read. Its error is Internal: only a bug, or a hand in the table, can break them.
func (p Payment) Check() error {
	switch {
	case p.ID.Order == "" || p.ID.Attempt < 1 || p.ID.Attempt > MaxAttempts:
		return broken(p, "its id is not one")
	case p.Amount.Minor <= 0 || !p.Amount.Currency.Known():
		return broken(p, "its amount is not money")
	case p.Status.Money() && (p.Captured <= 0 || p.Handle.OrderID == "" || p.PaidAt.IsZero()):
		return broken(p, "paid without proof: no captured amount, no handle or no time")
	case !p.Status.Money() && (p.Captured != 0 || p.Refunded != 0 || len(p.Refunds) != 0):
		return broken(p, "money without being paid")
	case p.Refunded < 0 || p.Refunded+p.Reserved() > p.Captured:
		return broken(p, "refunded and reserved are more than captured")
	case p.Refunded != p.sumRefunds():
		return broken(p, "its refunds do not add up")
	case p.openRefunds() > 1:
		return broken(p, "two refunds in flight")
	case len(p.Refunds) > MaxRefunds+MaxDeskRefunds || len(p.Notices) > MaxNotices || len(p.History) > MaxHistory ||
		metadataSize(p.Metadata) > MaxMetadata:
		return broken(p, "a bound is exceeded")
	case len(p.Deliveries) > len(p.History) || len(p.Resolutions) > MaxResolved:
		return broken(p, "a bound of what was told or decided is exceeded")
	case int64(len(p.History)) != p.Sequence:
		return broken(p, "history and sequence disagree")
	}
	return p.checkStatus()
}

func (p Payment) checkStatus() error {
	refunded := map[Status]bool{
		Paid:              p.Refunded == 0,
		PartiallyRefunded: p.Refunded > 0 && p.Refunded < p.Captured,
		Refunded:          p.Refunded == p.Captured,
		Created:           p.Handle.OrderID == "",
		Pending: p.Handle.OrderID != "" && p.RedirectURL != "" && !p.OpeningAt.IsZero() &&
			!p.ExpiresAt.IsZero(),
		Declined: true, Cancelled: true, Expired: true,
	}
	if ok, known := refunded[p.Status]; !known || !ok {
		return broken(p, "its status does not fit the rest")
	}
	return nil
}

// checkStep holds what one change may do to a payment.
func checkStep(before, after Payment) error {
	visible := len(after.History) - len(before.History)
	switch {
	case after.Captured < before.Captured || after.Refunded < before.Refunded:
		return broken(after, "money on record shrank")
	case before.Status.Money() && !after.Status.Money():
		return broken(after, "a paid payment became unpaid")
	case visible < 0 || after.Sequence != before.Sequence+int64(visible):
		return broken(after, "the sequence did not grow by one per visible change")
	case visible == 0 && (after.Status != before.Status || after.Overpaid != before.Overpaid ||
		len(after.Reviews) != len(before.Reviews)):
		return broken(after, "a visible change without a history entry")
	}
	for _, old := range before.Refunds {
		if err := checkRefund(before, after, old); err != nil {
			return err
		}
	}
	return after.Check()
}

// checkRefund holds what one change may do to a refund.
func checkRefund(before, after Payment, old Refund) error {
	now := after.refund(old.ID)
	if now == nil {
		if old.Status == RefundBegun && !before.inHistory(old.ID) {
			return nil // nothing of it was sent
		}
		return broken(after, "a refund that somebody knows of is gone")
	}
	failed, decided := old.open() && now.Status == RefundFailed, len(after.Resolutions) > len(before.Resolutions)
	switch {
	case old.Status == RefundSucceeded && (now.Status != RefundSucceeded || now.Amount < old.Amount):
		return broken(after, "a refund that was done is gone")
	case failed && !decided && old.Answer == AnswerDone:
		return broken(after, "a refund failed that the bank said yes to")
	case failed && !decided && old.Status == RefundUnknown &&
		(old.ReadAt.IsZero() || now.SettledAt.Sub(old.ReadAt) < bankDay):
		return broken(after, "an unknown refund failed without two readings or a person's decision")
	}
	return nil
}

func (p Payment) sumRefunds() (sum int64) {
	for _, r := range p.Refunds {
		if r.Status == RefundSucceeded {
			sum += r.Amount
		}
	}
	return sum
}

func (p Payment) openRefunds() (n int) {
	for _, r := range p.Refunds {
		if r.open() {
			n++
		}
	}
	return n
}

func metadataSize(m map[string]string) (n int) {
	for k, v := range m {
		n += len(k) + len(v)
	}
	return n
}

func broken(p Payment, why string) *Error {
	return &Error{Kind: Internal, Message: fmt.Sprintf("payment %s at sequence %d: %s", p.ID, p.Sequence, why)}
}
