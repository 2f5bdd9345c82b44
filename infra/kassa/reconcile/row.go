package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"kassa/infra/kassa/statement"
	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Verdict is what came of comparing.
type Verdict string

// The verdicts, the most urgent first.
const (
	OnlyThere Verdict = "only_there" // the bank's statement has it, and Kassa knows of no such payment
	OnlyHere  Verdict = "only_here"  // Kassa has it, and the statement has not
	Differs   Verdict = "differs"
	NotAsked  Verdict = "not_asked" // the bank was not asked, or did not answer; nothing is known
	Equal     Verdict = "equal"
)

// Figures are how a payment stands on one side; amounts are minor units.
type Figures struct {
	Status   string `json:"status"` // here ours, there the bank's own word
	Captured int64  `json:"captured"`
	Refunded int64  `json:"refunded"`
}

// Difference is one thing that is not the same on both sides, in words.
type Difference struct {
	What  string `json:"what"`
	Here  string `json:"here"`
	There string `json:"there"`
}

// Row is one payment, or lines of a statement that belong to none.
type Row struct {
	Verdict     Verdict      `json:"verdict"`
	ID          string       `json:"payment_id"`
	OrderRef    string       `json:"order_ref"`
	Bank        string       `json:"bank"`
	BankOrderID string       `json:"bank_order_id"`
	RRN         string       `json:"rrn"`
	Currency    string       `json:"currency"`
	Here        *Figures     `json:"here"`
	There       *Figures     `json:"there"`
	Lines       []int        `json:"statement_lines"` // their numbers in the file
	Differences []Difference `json:"differences"`
	Booked      int64        `json:"booked"` // by this run: what the bank's desk had given back
	Why         string       `json:"why"`    // it was not asked, or not booked

	payment payment.Payment
	lines   []statement.Line
	stated  bool // there is a statement
}

// rowOf is a row that nothing is known of but what is here.
func rowOf(p payment.Payment) Row {
	row := Row{ID: p.ID.String(), OrderRef: p.OrderRef, Bank: p.Bank, BankOrderID: p.Handle.OrderID, RRN: p.Receipt.RRN,
		Currency: string(p.Amount.Currency), payment: p}
	row.stand()
	return row
}

// stand notes how the payment stands with us.
func (r *Row) stand() {
	p := r.payment
	r.Here = &Figures{string(p.Status), p.Captured, p.Refunded}
}

// hear notes what the bank says.
func (r *Row) hear(said bank.Report) {
	r.There = &Figures{Status: said.Word}
	if taken(said.State) {
		r.There.Captured = r.payment.Captured
		if said.Amount != (payment.Money{}) {
			r.There.Captured = said.Amount.Minor
		}
		r.There.Refunded, _ = given(r.payment, said)
	}
}

// differ notes a difference, in words that people can act on.
func (r *Row) differ(what, here, there string) {
	r.Differences = append(r.Differences, Difference{what, here, there})
}

// money writes minor units of the row's currency.
func (r *Row) money(minor int64) string {
	return payment.Money{Minor: minor, Currency: payment.Currency(r.Currency)}.String()
}

// taken says whether a state is of money that was taken, whatever went back since.
func taken(s payment.State) bool {
	return s == payment.BankApproved || s == payment.BankRefunding || s == payment.BankRefunded ||
		s == payment.BankReturned
}

// given is what the bank states to have given back: all of it, where it says so without a figure.
func given(p payment.Payment, r bank.Report) (minor int64, said bool) {
	if r.Refunded.Said {
		return r.Refunded.Minor, true
	}
	return p.Captured, r.State == payment.BankReturned
}

// compare finds what of the bank's report is not as it is here.
func (r *Row) compare(said bank.Report) {
	p := r.payment
	if p.Status.Money() != taken(said.State) || said.Denied {
		r.differ("state", string(p.Status), said.Word)
		return // there is nothing to compare amounts with
	}
	if !taken(said.State) {
		return
	}
	if a := said.Amount; a != (payment.Money{}) && a.Currency != p.Amount.Currency {
		r.differ("currency", string(p.Amount.Currency), string(a.Currency))
	} else if a != (payment.Money{}) && a.Minor != p.Captured {
		r.differ("amount", r.money(p.Captured), a.String())
	}
	if flying := p.InFlight(); flying != nil {
		r.differ("refund in flight", r.money(flying.Amount)+" "+string(flying.Status), r.back(said))
		return // the rest is compared once it is settled
	}
	total, stated := given(p, said)
	switch {
	case stated && total != p.Refunded:
		r.differ("refunded", r.money(p.Refunded), r.money(total))
	case !stated && said.State == payment.BankRefunded && p.Refunded == 0:
		r.differ("refunded", r.money(0), "something, and the bank does not say how much")
	case !stated && said.State == payment.BankApproved && p.Refunded > 0 && said.Operations == nil:
		return // it states no totals
	case said.Operations != nil && !slices.Equal(ours(p), theirs(said)):
		r.differ("operations", r.list(ours(p)), r.list(theirs(said)))
	}
}

// back is what the bank says of money that went back, for people.
func (r *Row) back(said bank.Report) string {
	if total, stated := given(r.payment, said); stated {
		return r.money(total) + " given back in all"
	}
	return said.Word
}

// ours are the refunds on record, whoever made them, the smallest first: the bank's list has an order of its own.
func ours(p payment.Payment) (amounts []int64) {
	for _, r := range p.Refunds {
		if r.Status == payment.RefundSucceeded {
			amounts = append(amounts, r.Amount)
		}
	}
	slices.Sort(amounts)
	return amounts
}

// theirs are those that the bank lists, in the same order.
func theirs(said bank.Report) (amounts []int64) {
	for _, op := range said.Operations {
		amounts = append(amounts, op.Amount)
	}
	slices.Sort(amounts)
	return amounts
}

// list writes amounts for people.
func (r *Row) list(amounts []int64) (text string) {
	for i, a := range amounts {
		if i > 0 {
			text += " + "
		}
		text += r.money(a)
	}
	if text == "" {
		return "none"
	}
	return text
}

// settle compares with the statement, and comes to the verdict. A payment of which the bank has said nothing stays not
// asked, unless the statement alone shows a difference: that is one, whatever the bank would have said.
func (r *Row) settle(day window) {
	missing := r.stated && len(r.lines) == 0
	if missing {
		r.differ("statement", "money moved", "no line")
	} else if r.stated {
		r.compareLines(day)
	}
	switch {
	case missing && len(r.Differences) == 1 && r.Verdict != NotAsked:
		r.Verdict = OnlyHere
	case len(r.Differences) > 0:
		r.Verdict = Differs
	case r.Verdict == "":
		r.Verdict = Equal
	}
}

// compareLines compares what the statement has of the payment with what moved that day.
func (r *Row) compareLines(day window) {
	p, charged, back := r.payment, int64(0), int64(0)
	for _, l := range r.lines {
		r.Lines = append(r.Lines, l.Number)
		if l.Currency != "" && l.Currency != p.Amount.Currency {
			r.differ("statement currency, line "+strconv.Itoa(l.Number), string(p.Amount.Currency), string(l.Currency))
			return
		}
		if l.Refund {
			back += l.Amount
		} else {
			charged += l.Amount
		}
	}
	took := p.Captured
	if !p.Status.Money() {
		took = 0
	}
	if paid := p.Status.Money() && day.has(p.PaidAt); !paid && charged == took && charged > 0 {
		r.differ("day", "paid on "+p.PaidAt.In(day.from.Location()).Format(time.DateOnly), "charged on this day")
	} else if !paid {
		took = 0
	}
	if charged != took && (charged != p.Captured || took > 0) {
		r.differ("statement charge", r.money(took), r.money(charged))
	}
	gave, later := backOn(p, day)
	if back != gave && back != gave+later {
		r.differ("statement refund", r.money(gave), r.money(back))
	}
}

// backOn is what went back on a day, and what of the bank's own refunds was found after it: nobody told us when they
// were made.
func backOn(p payment.Payment, day window) (gave, later int64) {
	for _, r := range p.Refunds {
		switch {
		case r.Status != payment.RefundSucceeded:
		case day.has(r.SettledAt):
			gave += r.Amount
		case r.Origin == payment.OriginBank && !r.SettledAt.Before(day.until):
			later += r.Amount
		}
	}
	return gave, later
}

// numbers writes the lines of a statement for people.
func numbers(lines []int) (text string) {
	for i, n := range lines {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(n)
	}
	return text
}
