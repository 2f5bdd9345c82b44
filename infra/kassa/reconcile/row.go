package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
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

	currency string // where it is not the row's: in totals it is never added to that
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
	r.Here = &Figures{Status: string(p.Status), Captured: p.Captured, Refunded: p.Refunded}
}

// hear notes what the bank says.
func (r *Row) hear(said bank.Report) {
	r.There = &Figures{Status: said.Word}
	if taken(said.State) {
		r.There.Captured, r.There.Refunded = r.payment.Captured, r.payment.Refunded // where it does not say otherwise
		if said.Amount != (payment.Money{}) {
			r.There.Captured = said.Amount.Minor
			r.There.currency = string(said.Amount.Currency)
		}
		if total, stated := given(r.payment, said); stated {
			r.There.Refunded = total
		}
	}
}

// unfound notes that the bank answers, and finds no such order.
func (r *Row) unfound(err error) {
	r.There, r.Why = &Figures{Status: "not found"}, err.Error()
	if r.payment.Status.Money() {
		r.differ("order", string(r.payment.Status), "not found")
	}
}

// renew takes the payment as it has become, of which nothing is compared yet.
func (r *Row) renew(p payment.Payment) {
	r.payment, r.There, r.Differences, r.Verdict, r.Why = p, nil, nil, "", ""
	r.stand()
}

// differ notes a difference, in words that people can act on.
func (r *Row) differ(what, here, there string) {
	r.Differences = append(r.Differences, Difference{what, here, there})
}

// money writes minor units of the row's currency, which a statement may not name.
func (r *Row) money(minor int64) string {
	return strings.TrimSpace(payment.Money{Minor: minor, Currency: payment.Currency(r.Currency)}.String())
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
	unfound := len(r.Differences) == 1 && r.Differences[0].What == "order"
	sure, _ := backOn(r.payment, day)
	missing := r.stated && len(r.lines) == 0 && (sure > 0 || r.payment.Status.Money() && within(day, r.payment.CreatedAt,
		r.payment.PaidAt))
	if missing {
		r.differ("statement", "money moved", "no line")
	} else if len(r.lines) > 0 {
		r.compareLines(day)
	}
	switch {
	case unfound && len(r.lines) == 0, missing && len(r.Differences) == 1 && r.Verdict != NotAsked:
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
	switch {
	case charged == took && took > 0 && !overlaps(day, p.CreatedAt, p.PaidAt):
		r.differ("day", "paid on "+p.PaidAt.In(day.from.Location()).Format(time.DateOnly), "charged on this day")
	case charged == 0 && !within(day, p.CreatedAt, p.PaidAt): // it was charged on another day
	case charged != took:
		if !overlaps(day, p.CreatedAt, p.PaidAt) {
			took = 0
		}
		r.differ("statement charge", r.money(took), r.money(charged))
	}
	if sure, may := backOn(p, day); back < sure || back > sure+may {
		r.differ("statement refund", r.money(sure), r.money(back))
	}
}

// The bank moved the money when it did, and Kassa has heard of it at that moment or later. So a payment of which the
// page was open at midnight may stand in the statement of either day, and what the desk gave back in that of any day
// until it was found: a line is missing, or too much, only where no such moment explains it.

// within says whether something that happened between two moments was surely on a day.
func within(day window, from, until time.Time) bool { return day.has(from) && day.has(until) }

// overlaps says whether it may have been on that day. Without an end it is still open.
func overlaps(day window, from, until time.Time) bool {
	return from.Before(day.until) && (until.IsZero() || !until.Before(day.from))
}

// backOn is what surely went back on a day, and what may have.
func backOn(p payment.Payment, day window) (sure, may int64) {
	for _, r := range p.Refunds {
		from := r.RequestedAt
		if r.Origin == payment.OriginBank {
			from = p.CreatedAt // it was requested when we found it
		}
		switch {
		case r.Status == payment.RefundFailed:
		case r.Status == payment.RefundSucceeded && within(day, from, r.SettledAt):
			sure += r.Amount
		case overlaps(day, from, r.SettledAt):
			may += r.Amount
		}
	}
	return sure, may
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
