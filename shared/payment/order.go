package payment

import "time"

// ReturnURLs is where the customer's browser goes when the bank's page is done with. One that has ended keeps those
// that its customer may still be sent to: Success, and the one of its end.
type ReturnURLs struct{ Success, Cancel, Decline string }

// Home is where the customer's browser goes, by how the payment stands. What is not decided yet, or waits for a person,
// is no failure of the customer's.
func (p Payment) Home() string {
	if len(p.Reviews) > 0 {
		return p.Return.Success
	}
	switch p.Status {
	case Cancelled, Expired:
		return p.Return.Cancel
	case Declined:
		return p.Return.Decline
	case Created, Pending, Paid, PartiallyRefunded, Refunded:
	}
	return p.Return.Success
}

// forget lets go of what is of no use any more: each byte is paid for with every write. Nobody is sent to a page that
// has ended. What ended unpaid ends so no second time, and nothing leads back from money: its customers all come home
// by one address, and when their page was opened times no question any more.
func (p *Payment) forget() {
	if !p.Status.Live() {
		p.RedirectURL = ""
	}
	switch {
	case p.Status.Money():
		p.Return.Cancel, p.Return.Decline, p.OpeningAt = "", "", time.Time{}
	case p.Status == Declined:
		p.Return.Cancel = ""
	case p.Status == Cancelled, p.Status == Expired:
		p.Return.Decline = ""
	}
}

// Draft is what a shop's order fixes about a payment.
type Draft struct {
	ID            ID
	Shop          string
	OrderRef      string
	Bank          string
	Amount        Money
	Term          int
	Description   string
	Metadata      map[string]string
	Return        ReturnURLs
	CallbackToken string
	ClientToken   string
	PageLife      time.Duration // of the bank's page, as far as is known before it is opened
	Notify        bool          // the shop has a webhook
	Recheck       bool          // the shop has its paid payments asked about once more
}

// New makes a payment whose creator holds the lease to open it at the bank until the given time.
func New(d Draft, now, until time.Time) Payment {
	now = clock(now)
	p := Payment{
		ID: d.ID, Shop: d.Shop, OrderRef: d.OrderRef, Bank: d.Bank, Amount: d.Amount, Term: d.Term,
		Description: d.Description, Metadata: d.Metadata, Return: d.Return,
		CallbackToken: d.CallbackToken, ClientToken: d.ClientToken, Notify: d.Notify, CreatedAt: now,
		Recheck: d.Recheck,
		Status:  Created, Lease: clock(until), Openings: 1, OpeningAt: now,
	}
	p.record(now, string(Created), byKassa, "", "")
	// Where its page will be due, so that its entry in the to-do list can stay there. One that nobody finishes opening is
	// woken too early, and waits on.
	p.DueAt = listed(now.Add(firstAsk(d.PageLife)))
	return p
}
