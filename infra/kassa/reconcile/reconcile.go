// Package reconcile compares a shop's bank day as Kassa has it with what the bank says of it: each payment whose money
// moved is asked about, and a statement, where there is one, is matched line by line. It reads; only where that is
// wanted does it book a refund that the bank's own people made, by the way in which every reading of a bank is booked.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/infra/kassa/statement"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// Source gives the payments of a shop that changed visibly in [from, until), each once; more of them do no harm. What
// cannot be read hides no other: unreadable says why, naming the payment.
type Source func(ctx context.Context, shop string, from, until time.Time) (found []payment.Payment, unreadable []error,
	err error)

// Reconciler is what a reconciliation needs.
type Reconciler struct {
	Payments Source
	Banks    checkout.Banks
	Usual    map[string]bank.Profile // of the banks as such: their day, where a shop's secret cannot be had
	Store    saving.Store            // what has changed meanwhile is read from it; booked alone is written
	Now      func() time.Time

	// Pace waits until the next question may be put; its error ends the asking. Progress hears of each.
	Pace     func(ctx context.Context) error
	Progress func(done, all int)
}

// Request says what is compared.
type Request struct {
	Shop, Bank string // of one bank alone; "" is every one of the shop's
	Day        time.Time
	Book       bool

	// Statement reads what the bank has settled; usual is the currency of lines that name none. nil = there is none.
	Statement func(usual payment.Currency) (statement.Statement, error)
}

// ErrWhichBank says that a statement is of one bank, and the shop has payments of several.
var ErrWhichBank = errors.New("the shop has payments of several banks, and a statement is of one: add --bank")

// around is how far beside the day a payment is looked for that a line of a statement names: banks settle later.
const around = 4 * 24 * time.Hour

// silences is after how many failures in a row a bank is left alone.
const silences = 3

// run is one reconciliation.
type run struct {
	Reconciler
	Request
	profiles map[string]profile
	failures map[string]int // in a row, by bank
}

// profile is what is to be known of a bank of the shop.
type profile struct {
	window window
	err    error // why it cannot be asked
}

// window is a bank day.
type window struct{ from, until time.Time }

func (w window) has(at time.Time) bool { return !at.Before(w.from) && at.Before(w.until) }

// Run compares. The error is the store's, the statement's, or ErrWhichBank: then nothing was asked and nothing booked.
// What could not be asked stands in the report.
func (r Reconciler) Run(ctx context.Context, q Request) (Report, error) {
	beside := time.Duration(0) // what has not changed that day is of use to a statement's lines alone
	if q.Statement != nil {
		beside = around
	}
	// everybody's day, wherever the bank is
	all, unreadable, err := r.Payments(ctx, q.Shop, q.Day.Add(-14*time.Hour-beside), q.Day.Add(36*time.Hour+beside))
	if err != nil {
		return Report{}, err
	}
	all = slices.DeleteFunc(all, func(p payment.Payment) bool { return q.Bank != "" && p.Bank != q.Bank })
	slices.SortFunc(all, func(a, b payment.Payment) int {
		if at := a.CreatedAt.Compare(b.CreatedAt); at != 0 {
			return at
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
	w := run{Reconciler: r, Request: q, profiles: map[string]profile{}, failures: map[string]int{}}
	report := Report{Shop: q.Shop, Day: q.Day.Format(time.DateOnly), Booking: q.Book}
	for _, p := range all {
		if _, known := w.profiles[p.Bank]; !known {
			w.profiles[p.Bank] = w.profile(ctx, p.Bank)
			report.Banks = append(report.Banks, BankDay{p.Bank, w.profiles[p.Bank].window.from,
				w.profiles[p.Bank].window.until})
		}
	}
	lines, err := w.statement(&report, all)
	if err != nil {
		return Report{}, err
	}
	rows := w.rows(all, lines)
	for i := range rows {
		w.look(ctx, &rows[i])
		r.Progress(i+1, len(rows))
	}
	report.Rows = slices.Concat(rows, lines.strangers())
	for _, why := range unreadable {
		row := Row{Verdict: NotAsked}
		row.because(says("why.unreadable"), fmt.Errorf("not asked: %w", why))
		report.Rows = append(report.Rows, row)
	}
	report.finish()
	return report, nil
}

// The order of things matters: the statement is read before any bank is asked, so that a wrong file costs nobody
// anything, and after the payments, whose currency it may leave out.

// statement reads the statement, where there is one, and notes what it is.
func (w run) statement(report *Report, all []payment.Payment) (*ledger, error) {
	if w.Statement == nil {
		return nil, nil
	}
	if len(w.profiles) > 1 {
		return nil, ErrWhichBank
	}
	usual := payment.Currency("")
	if len(all) > 0 {
		usual = all[0].Amount.Currency
	}
	s, err := w.Statement(usual)
	if err != nil {
		return nil, err
	}
	l := newLedger(s.Lines, report.Day)
	report.Statement = &Settled{Layout: s.Layout, Lines: len(l.lines), OtherDays: len(s.Lines) - len(l.lines)}
	return l, nil
}

// profile finds out when a bank's day is. Its secret may be out of reach: then it cannot be asked either.
func (w run) profile(ctx context.Context, name string) profile {
	zone := w.Usual[name].Zone
	err := w.Banks.With(ctx, w.Shop, name, func(b bank.Bank) error {
		zone = b.Profile().Zone
		return nil
	})
	if zone == nil {
		zone = time.UTC
	}
	from := time.Date(w.Day.Year(), w.Day.Month(), w.Day.Day(), 0, 0, 0, 0, zone)
	return profile{window{from, from.AddDate(0, 0, 1)}, err}
}

// rows are the payments to look at: those whose money moved that day, and those that the statement names.
func (w run) rows(all []payment.Payment, lines *ledger) (rows []Row) {
	moved := func(p payment.Payment) bool { return moved(p, w.profiles[p.Bank].window) }
	named := lines.match(all, moved)
	for _, p := range all {
		if moved(p) || len(named[p.ID]) > 0 {
			row := rowOf(p)
			row.lines = named[p.ID]
			row.stated = lines != nil
			rows = append(rows, row)
		}
	}
	return rows
}

// moved says whether money of p moved in a bank day, or may have.
func moved(p payment.Payment, day window) bool {
	return p.Status.Money() && day.has(p.PaidAt) || slices.ContainsFunc(p.Refunds, func(r payment.Refund) bool {
		return r.Status != payment.RefundFailed && (day.has(r.RequestedAt) || day.has(r.SettledAt))
	})
}

// again is how often a payment is looked at that changes meanwhile.
const again = 3

// look asks the bank about a payment, and compares. Much may have happened since the payments were read, and what shop
// and bank did meanwhile is no difference: where there is one, the payment is read anew, and asked about anew if it has
// changed.
func (w run) look(ctx context.Context, row *Row) {
	for n := range again {
		p, asked := row.payment, w.Now()
		report, err := w.ask(ctx, p)
		switch {
		case errors.Is(err, bank.ErrNoOrder):
			row.unfound(err)
		case err != nil:
			row.Verdict = NotAsked
			row.because(unasked(err), err)
		default:
			row.hear(report)
			row.compare(report)
		}
		if len(row.Differences) == 0 {
			break
		}
		if fresh, err := w.Store.Load(ctx, p.ID); err == nil && fresh.Rev != p.Rev && n < again-1 {
			row.renew(fresh)
			continue
		}
		if w.Book && err == nil && provenDesk(p, report) {
			w.book(ctx, row, report, asked)
		}
		break
	}
	row.settle(w.profiles[row.payment.Bank].window)
}

// ask puts the question, unless the bank has fallen silent.
func (w run) ask(ctx context.Context, p payment.Payment) (report bank.Report, err error) {
	known := w.profiles[p.Bank]
	switch {
	case known.err != nil:
		return report, known.err
	case p.Handle.OrderID == "":
		return report, unaskedError{"no_order", "the bank has no order of it"}
	case w.failures[p.Bank] >= silences:
		return report, unaskedError{"left_alone", "the bank did not answer three times in a row, and is left alone"}
	}
	ended := unaskedError{"ended", "the run was ended"}
	if err := w.Pace(ctx); err != nil {
		return report, ended
	}
	err = w.Banks.With(ctx, p.Shop, p.Bank, func(b bank.Bank) (err error) {
		report, err = b.Status(ctx, p.Handle)
		return err
	})
	if err != nil && ctx.Err() != nil {
		return report, ended
	}
	w.failures[p.Bank]++
	if told(err) {
		w.failures[p.Bank] = 0
	}
	return report, err
}

// provenDesk says whether the bank proves to have given back more than is on record, and nothing else is open: then the
// rest can only be its own people's doing, or a refund of ours that seemed lost. payment.Apply knows which.
func provenDesk(p payment.Payment, r bank.Report) bool {
	here := payment.Money{Minor: p.Captured, Currency: p.Amount.Currency}
	total, said := given(p, r)
	return taken(r.State) && r.State != payment.BankRefunding && !r.Denied && said && total > p.Refunded &&
		total <= p.Captured && p.InFlight() == nil && (r.Amount == payment.Money{} || r.Amount == here)
}

// book lets what the bank said change the payment, as a question of the sweep would, and compares anew.
func (w run) book(ctx context.Context, row *Row, r bank.Report, asked time.Time) {
	booked := int64(0) // by the last try: somebody else may have booked it meanwhile
	said := payment.Statement{Handle: row.payment.Handle, Report: r, Asked: asked}
	p, err := saving.Surely(ctx, w.Store, row.payment, func(p payment.Payment) (payment.Payment, error) {
		next, err := saving.All(w.Now(), said)(p)
		booked = next.Refunded - p.Refunded
		return next, err
	})
	if err != nil {
		row.because(says("why.unbooked"), fmt.Errorf("not booked: %w", err))
		return
	}
	row.renew(p)
	row.Booked = booked
	row.hear(r)
	row.compare(r)
}
