package reconcile

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kassa/infra/kassa/statement"
	"kassa/shared/bank"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// asked is a bank that says what it is told to say, and does something each time.
type asked struct {
	bank.Bank
	says func() bank.Report
}

func (a asked) Profile() bank.Profile { return bank.Profile{Zone: noon.Location()} }

func (a asked) Status(context.Context, bank.Handle) (bank.Report, error) { return a.says(), nil }

func (a asked) With(_ context.Context, _, _ string, call func(bank.Bank) error) error { return call(a) }

// TestWhatHappensMeanwhileIsNoDifference: a day of 3,000 payments takes ten minutes, and shops give money back in them.
func TestWhatHappensMeanwhileIsNoDifference(t *testing.T) {
	store := new(memory.Store)
	stored, err := store.Create(t.Context(), paid())
	if err != nil {
		t.Fatal(err)
	}
	refund := func() { // one of the shop's, done from end to end while the bank is asked
		now, err := store.Load(t.Context(), stored.ID)
		if err == nil {
			now.Refunds = append(now.Refunds, payment.Refund{Amount: 1000, Status: payment.RefundSucceeded,
				RequestedAt: noon, SettledAt: noon})
			now.Refunded, now.Status = now.Refunded+1000, payment.PartiallyRefunded
			_, err = store.Save(t.Context(), now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for during, want := range map[int]Verdict{1: Equal, 2: Equal, 99: Differs} { // always another one ends, too
		given, questions := int64(0), 0
		if now, err := store.Load(t.Context(), stored.ID); err == nil {
			given = now.Refunded
		}
		read, err := store.Load(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		b := asked{says: func() bank.Report {
			if questions++; questions <= during {
				refund()
				given += 1000
			}
			return said(payment.BankRefunded, given)
		}}
		r := Reconciler{Banks: b, Store: store, Now: func() time.Time { return noon }, Progress: func(int, int) {},
			Pace: func(context.Context) error { return nil },
			Payments: func(context.Context, string, time.Time, time.Time) ([]payment.Payment, []error, error) {
				return []payment.Payment{read}, nil, nil
			}}
		report, err := r.Run(t.Context(), Request{Day: noon.UTC().Truncate(24 * time.Hour)})
		if err != nil || len(report.Rows) != 1 || report.Rows[0].Verdict != want || questions > again {
			t.Errorf("%d times: %+v %v after %d questions", during, report.Rows, err, questions)
		}
	}
}

// TestADayAloneIsReadWithoutAStatement: the days beside it would fill the memory for nothing.
func TestADayAloneIsReadWithoutAStatement(t *testing.T) {
	day := noon.UTC().Truncate(24 * time.Hour)
	for days, lines := range map[time.Duration]func(payment.Currency) (statement.Statement, error){
		0: nil, 4: func(payment.Currency) (statement.Statement, error) { return statement.Statement{}, nil }} {
		source := func(_ context.Context, _ string, from, until time.Time) ([]payment.Payment, []error, error) {
			if beside := days * 24 * time.Hour; !from.Equal(day.Add(-14*time.Hour-beside)) ||
				!until.Equal(day.Add(36*time.Hour+beside)) {
				t.Errorf("with %d days beside it: from %v to %v", days, from, until)
			}
			return nil, nil, nil
		}
		if _, err := (Reconciler{Payments: source}).Run(t.Context(), Request{Day: day, Statement: lines}); err != nil {
			t.Error(err)
		}
	}
}

// TestTwoBookAtOnce: each run tells what it booked itself, so that two reports do not speak of money twice.
func TestTwoBookAtOnce(t *testing.T) {
	store := new(memory.Store)
	read, err := store.Create(t.Context(), paid())
	if err != nil {
		t.Fatal(err)
	}
	desk := asked{says: func() bank.Report { return said(payment.BankRefunded, 2000, 2000) }}
	r := Reconciler{Banks: desk, Store: store, Now: func() time.Time { return noon.Add(time.Hour) }}
	booked := int64(0)
	for range 2 {
		row := rowOf(read) // the second has read it before the first has booked
		row.hear(desk.says())
		run{Reconciler: r}.book(t.Context(), &row, desk.says(), noon.Add(time.Hour))
		booked += row.Booked
		if row.Why != "" || row.payment.Refunded != 2000 || len(row.Differences) > 0 {
			t.Errorf("%+v", row)
		}
	}
	if booked != 2000 {
		t.Errorf("%d is said to have been booked", booked)
	}
}

// TestACleanDayOfAHundred yields nothing, with its statement line by line: payments of every amount, some given back in
// part, some whole, and one that was opened before midnight.
func TestACleanDayOfAHundred(t *testing.T) {
	var all []payment.Payment
	var lines []statement.Line
	says := map[string]bank.Report{}
	line := func(order string, minor int64, refund bool) {
		lines = append(lines, statement.Line{Number: len(lines) + 2, Order: order, Amount: minor, Refund: refund,
			Currency: payment.AZN, Day: "2026-11-27"})
	}
	for n := range 100 {
		var refunds []int64
		switch n % 10 {
		case 3:
			refunds = []int64{500, 700}
		case 7:
			refunds = []int64{15000}
		}
		p := with(paid(refunds...), func(p *payment.Payment) {
			p.ID.Order, p.Handle.OrderID = fmt.Sprintf("pay_%d", n), fmt.Sprint(n)
			p.Receipt.RRN = fmt.Sprint(633100000000 + n)
			if n == 42 {
				p.CreatedAt = today().from.Add(-time.Minute)
			}
		})
		all, says[p.Handle.OrderID] = append(all, p), amount(said(payment.BankApproved, p.Refunded, refunds...), 15000,
			payment.AZN)
		line(p.Handle.OrderID, 15000, false)
		for _, r := range refunds {
			line(p.Handle.OrderID, r, true)
		}
	}
	store := new(memory.Store)
	r := Reconciler{Banks: clean{says: says}, Store: store, Now: func() time.Time { return noon },
		Progress: func(int, int) {}, Pace: func(context.Context) error { return nil },
		Payments: func(context.Context, string, time.Time, time.Time) ([]payment.Payment, []error, error) {
			return all, nil, nil
		}}
	report, err := r.Run(t.Context(), Request{Shop: "s", Day: noon.UTC().Truncate(24 * time.Hour), Book: true,
		Statement: func(payment.Currency) (statement.Statement, error) { return statement.Statement{Lines: lines}, nil }})
	if err != nil || len(report.Rows) != 100 || report.Counts[Equal] != 100 || report.Unlike()+report.Unasked() != 0 {
		t.Errorf("%+v %v", report.Counts, err)
	}
	for _, row := range report.Rows {
		if row.Verdict != Equal || row.Booked != 0 {
			t.Errorf("%+v", row)
		}
	}
}

// clean is a bank that says what stands in its books.
type clean struct {
	bank.Bank
	says map[string]bank.Report
}

func (c clean) Profile() bank.Profile { return bank.Profile{Zone: noon.Location()} }

func (c clean) Status(_ context.Context, h bank.Handle) (bank.Report, error) {
	return c.says[h.OrderID], nil
}

func (c clean) With(_ context.Context, _, _ string, call func(bank.Bank) error) error { return call(c) }
