package ledger

import "time"

// Approve pays the shop. The bank may also change its mind: an application that
// was rejected, cancelled or has run out can be approved late, once.
func (a *Application) Approve(now time.Time, r Rules) error {
	if a.Charged > 0 {
		return refuse(CodeState, "the application is %s and was approved before", a.Word(r))
	}
	a.Charged, a.Paid, a.Later = a.Amount, now, false
	a.become(Approved, now)
	a.note(Callback{Word: Approved, At: now})
	return nil
}

// Reject is the bank's no.
func (a *Application) Reject(now time.Time, r Rules) error { return a.end(Rejected, now, r) }

// Cancel is the customer's no.
func (a *Application) Cancel(now time.Time, r Rules) error { return a.end(Cancelled, now, r) }

// Postpone leaves the application open: the customer decides later.
func (a *Application) Postpone(now time.Time, r Rules) error {
	if !a.Open() {
		return refuse(CodeState, "the application is %s already", a.Word(r))
	}
	a.Later, a.Updated = true, now
	a.note(Callback{Word: Pending, At: now})
	return nil
}

func (a *Application) end(status string, now time.Time, r Rules) error {
	if !a.Open() {
		return refuse(CodeState, "the application is %s already", a.Word(r))
	}
	a.Later = false
	a.become(status, now)
	a.note(Callback{Word: status, At: now})
	return nil
}

// Lapse ends an open application whose time is over.
func (a *Application) Lapse(now time.Time, r Rules) {
	if a.Open() && !r.NeverExpire && !now.Before(a.ends(r)) {
		a.lapse(now, r)
	}
}

// Expire ends an open application now, whatever the clock says.
func (a *Application) Expire(now time.Time, r Rules) error {
	if !a.Open() {
		return refuse(CodeState, "the application is %s already", a.Word(r))
	}
	a.lapse(now, r)
	return nil
}

func (a *Application) lapse(now time.Time, r Rules) {
	a.Later = false
	a.become(Expired, now)
	a.note(Callback{Word: a.Word(r), At: now})
}

// Refund gives a part or the rest back because the shop asked. The id is the new
// refund's.
func (a *Application) Refund(id string, amount int64, now time.Time, r Rules) error {
	if err := a.refundable(amount, r); err != nil {
		return err
	}
	switch {
	case r.NoPartial && amount != a.Charged:
		return refuse(CodePartial, "only the whole amount can be refunded")
	case r.NoRepeat && len(a.Refunds) > 0:
		return refuse(CodeRepeated, "the application was refunded before; a second refund is not possible")
	case r.RefundDays > 0 && now.After(a.Paid.Add(days(r.RefundDays))):
		return refuse(CodeWindow, "refunds are possible for %d days after the approval", r.RefundDays)
	}
	a.giveBack(GiveBack{ID: id, Amount: amount, At: now})
	return nil
}

// DeskRefund is a refund by the bank itself, on any day.
func (a *Application) DeskRefund(id string, amount int64, now time.Time, r Rules) error {
	if err := a.refundable(amount, r); err != nil {
		return err
	}
	a.giveBack(GiveBack{ID: id, Amount: amount, At: now, Desk: true, Hidden: r.HideDesk})
	return nil
}

func (a *Application) refundable(amount int64, r Rules) error {
	switch {
	case a.Status != Approved:
		return refuse(CodeState, "the application is %s; only an approved one can be refunded", a.Word(r))
	case amount <= 0:
		return refuse(CodeAmount, "a refund must be more than nothing")
	case amount > a.Left():
		return refuse(CodeAmount, "the refund exceeds what is left of the application")
	}
	return nil
}

// giveBack books the refund. The notice of it always says REFUNDED: it tells of
// one processed refund, and its total says how much went back in all.
func (a *Application) giveBack(g GiveBack) {
	a.Refunds = append(a.Refunds, g)
	a.Returned += g.Amount
	a.Updated = g.At
	if a.Left() == 0 {
		a.Status = Refunded
	}
	a.note(Callback{Word: Refunded, At: g.At, RefundID: g.ID, Returned: a.Returned})
}
