package reconcile

import (
	"slices"
	"strings"

	"kassa/infra/kassa/statement"
	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/wording"
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

	said     wording.Phrase // the status
	currency string         // where it is not the row's: in totals it is never added to that
}

// figures are those of a status that has its own words; programs read them in English.
func figures(status wording.Phrase, captured, refunded int64) *Figures {
	return &Figures{Status: english().Tell(status), Captured: captured, Refunded: refunded, said: status}
}

// Difference is one thing that is not the same on both sides, in English; In has it in other languages.
type Difference struct {
	What  string `json:"what"`
	Here  string `json:"here"`
	There string `json:"there"`

	here, there wording.Phrase
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

	why     wording.Phrase
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
	r.Here = &Figures{Status: string(p.Status), Captured: p.Captured, Refunded: p.Refunded, said: status(p.Status)}
}

// hear notes what the bank says.
func (r *Row) hear(said bank.Report) {
	r.There = &Figures{Status: said.Word, said: wording.Verbatim(said.Word)}
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
	r.There = figures(says("not_found"), 0, 0)
	r.because(says("why.unfound"), err)
	if r.payment.Status.Money() {
		r.differ("order", status(r.payment.Status), says("not_found"))
	}
}

// renew takes the payment as it has become, of which nothing is compared yet.
func (r *Row) renew(p payment.Payment) {
	r.payment, r.There, r.Differences, r.Verdict, r.Why = p, nil, nil, "", ""
	r.stand()
}

// differ notes a difference, in words that people can act on.
func (r *Row) differ(what string, here, there wording.Phrase) {
	r.Differences = append(r.Differences, Difference{what, english().Tell(here), english().Tell(there), here, there})
}

// money writes minor units of the row's currency, which a statement may not name.
func (r *Row) money(minor int64) wording.Phrase { return sum(minor, payment.Currency(r.Currency)) }

func sum(minor int64, c payment.Currency) wording.Phrase {
	return wording.Verbatim(strings.TrimSpace(payment.Money{Minor: minor, Currency: c}.String()))
}

// code writes a currency.
func code(c payment.Currency) wording.Phrase { return wording.Verbatim(string(c)) }

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
		r.differ("state", status(p.Status), wording.Verbatim(said.Word))
		return // there is nothing to compare amounts with
	}
	if !taken(said.State) {
		return
	}
	if a := said.Amount; a != (payment.Money{}) && a.Currency != p.Amount.Currency {
		r.differ("currency", code(p.Amount.Currency), code(a.Currency))
	} else if a != (payment.Money{}) && a.Minor != p.Captured {
		r.differ("amount", r.money(p.Captured), sum(a.Minor, a.Currency))
	}
	if flying := p.InFlight(); flying != nil {
		r.differ("refund in flight", says("under_way", r.money(flying.Amount)), r.back(said))
		return // the rest is compared once it is settled
	}
	total, stated := given(p, said)
	switch {
	case stated && total != p.Refunded:
		r.differ("refunded", r.money(p.Refunded), r.money(total))
	case !stated && said.State == payment.BankRefunded && p.Refunded == 0:
		r.differ("refunded", r.money(0), says("something"))
	case !stated && said.State == payment.BankApproved && p.Refunded > 0 && said.Operations == nil:
		return // it states no totals
	case said.Operations != nil && !slices.Equal(ours(p), theirs(said)):
		r.differ("operations", r.list(ours(p)), r.list(theirs(said)))
	}
}

// back is what the bank says of money that went back, for people.
func (r *Row) back(said bank.Report) wording.Phrase {
	if total, stated := given(r.payment, said); stated {
		return says("back_in_all", r.money(total))
	}
	return wording.Verbatim(said.Word)
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
func (r *Row) list(amounts []int64) wording.Phrase {
	if len(amounts) == 0 {
		return says("none")
	}
	texts := make([]string, len(amounts))
	for i, a := range amounts {
		texts[i] = english().Tell(r.money(a))
	}
	return wording.Verbatim(strings.Join(texts, " + "))
}
