package reconcile

import (
	"reflect"
	"testing"
	"time"

	"kassa/infra/kassa/statement"
	"kassa/shared/bank"
	"kassa/shared/payment"
)

// noon is the middle of the day that these tests look at.
var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.FixedZone("bank", 4*60*60))

func today() window {
	from := time.Date(2026, 11, 27, 0, 0, 0, 0, noon.Location())
	return window{from, from.AddDate(0, 0, 1)}
}

// paid is a payment of 150.00 with refunds that succeeded at noon.
func paid(refunds ...int64) payment.Payment {
	p := payment.Payment{ID: payment.ID{Order: "pay_a", Attempt: 1}, Bank: "b", Status: payment.Paid,
		CreatedAt: noon, PaidAt: noon, Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Captured: 15000,
		Handle: payment.Handle{OrderID: "7"}}
	for _, amount := range refunds {
		p.Refunds = append(p.Refunds, payment.Refund{Amount: amount, Status: payment.RefundSucceeded, RequestedAt: noon,
			SettledAt: noon})
		p.Refunded += amount
		p.Status = payment.PartiallyRefunded
	}
	return p
}

func with(p payment.Payment, change func(*payment.Payment)) payment.Payment {
	change(&p)
	return p
}

// said is a report of money, with the total that went back and the bank's list of it; no list is none.
func said(state payment.State, total int64, list ...int64) bank.Report {
	r := bank.Report{State: state, Word: "WORD", Refunded: payment.Said(total)}
	for _, amount := range list {
		r.Operations = append(r.Operations, payment.Operation{Amount: amount})
	}
	return r
}

func amount(r bank.Report, minor int64, c payment.Currency) bank.Report {
	r.Amount = payment.Money{Minor: minor, Currency: c}
	return r
}

// TestWhatDiffersFromTheBank: each kind of difference by its name, and nothing where there is none.
func TestWhatDiffersFromTheBank(t *testing.T) {
	approved, back := payment.BankApproved, payment.BankRefunded
	flying := with(paid(), func(p *payment.Payment) {
		p.Refunds = []payment.Refund{{Amount: 2000, Status: payment.RefundUnknown, RequestedAt: noon}}
	})
	for name, c := range map[string]struct {
		here  payment.Payment
		there bank.Report
		want  [][3]string
	}{
		"equal":                     {paid(), amount(said(approved, 0), 15000, payment.AZN), nil},
		"equal, nothing said":       {paid(), bank.Report{State: approved}, nil},
		"equal, refunded":           {paid(2000, 1000), said(back, 3000, 1000, 2000), nil},
		"equal, no totals":          {paid(2000), bank.Report{State: back}, nil},
		"equal, approved no totals": {paid(2000), bank.Report{State: approved}, nil},
		"equal, wholly": {with(paid(15000), func(p *payment.Payment) { p.Status = payment.Refunded }),
			bank.Report{State: payment.BankReturned}, nil},
		"unpaid there": {paid(), bank.Report{State: payment.BankDeclined, Word: "DECLINED"},
			[][3]string{{"state", "paid", "DECLINED"}}},
		"unknown there": {paid(), bank.Report{State: payment.BankUnknown, Word: "ODD"},
			[][3]string{{"state", "paid", "ODD"}}},
		"paid there": {with(paid(), func(p *payment.Payment) { p.Status, p.Captured = payment.Expired, 0 }),
			amount(said(approved, 0), 15000, payment.AZN), [][3]string{{"state", "expired", "WORD"}}},
		"both unpaid": {with(paid(), func(p *payment.Payment) { p.Status, p.Captured = payment.Expired, 0 }),
			bank.Report{State: payment.BankExpired}, nil},
		"denied": {paid(), bank.Report{State: approved, Word: "Preparing", Denied: true},
			[][3]string{{"state", "paid", "Preparing"}}},
		"amount": {paid(), amount(said(approved, 0), 14900, payment.AZN),
			[][3]string{{"amount", "150.00 AZN", "149.00 AZN"}}},
		"currency": {paid(), amount(said(approved, 0), 15000, payment.USD), [][3]string{{"currency", "AZN", "USD"}}},
		"desk":     {paid(), said(back, 2000, 2000), [][3]string{{"refunded", "0.00 AZN", "20.00 AZN"}}},
		"reversed": {paid(), bank.Report{State: payment.BankReturned},
			[][3]string{{"refunded", "0.00 AZN", "150.00 AZN"}}},
		"refund that is not there": {paid(2000), said(approved, 0),
			[][3]string{{"refunded", "20.00 AZN", "0.00 AZN"}}},
		"refunded without a figure": {paid(), bank.Report{State: back},
			[][3]string{{"refunded", "0.00 AZN", "something, and the bank does not say how much"}}},
		"operations": {paid(2000, 1000), said(back, 3000, 3000),
			[][3]string{{"operations", "10.00 AZN + 20.00 AZN", "30.00 AZN"}}},
		"in flight": {flying, said(approved, 0),
			[][3]string{{"refund in flight", "20.00 AZN under way", "0.00 AZN given back in all"}}},
		"amount and refunded": {paid(), amount(said(back, 2000), 14900, payment.AZN),
			[][3]string{{"amount", "150.00 AZN", "149.00 AZN"}, {"refunded", "0.00 AZN", "20.00 AZN"}}},
	} {
		row := rowOf(c.here)
		row.compare(c.there)
		var got [][3]string
		for _, d := range row.Differences {
			got = append(got, [3]string{d.What, d.Here, d.There})
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestWhatDiffersFromTheStatement: lines against what moved on the day.
func TestWhatDiffersFromTheStatement(t *testing.T) {
	charge, refund := func(n int64) statement.Line { return statement.Line{Number: 1, Amount: n} },
		func(n int64) statement.Line { return statement.Line{Number: 2, Amount: n, Refund: true} }
	desk := with(paid(2000), func(p *payment.Payment) {
		p.Refunds[0].Origin, p.Refunds[0].SettledAt = payment.OriginBank, noon.AddDate(0, 0, 1)
	})
	yesterday := func(p *payment.Payment) {
		p.CreatedAt, p.PaidAt = noon.AddDate(0, 0, -1), noon.AddDate(0, 0, -1)
	}
	lastNight := func(p *payment.Payment) { p.CreatedAt, p.PaidAt = today().from.Add(-time.Minute), today().from }
	tonight := func(p *payment.Payment) {
		p.CreatedAt, p.PaidAt = today().until.Add(-1), today().until.Add(time.Minute)
	}
	late := with(paid(2000), func(p *payment.Payment) { p.Refunds[0].SettledAt = noon.AddDate(0, 0, 2) })
	found := with(paid(2000), func(p *payment.Payment) {
		yesterday(p)
		p.Refunds[0].Origin, p.Refunds[0].RequestedAt, p.Refunds[0].SettledAt = payment.OriginBank, noon, noon
	})
	flying := with(paid(2000), func(p *payment.Payment) {
		p.Refunds[0].Status, p.Refunds[0].SettledAt = payment.RefundUnknown, time.Time{}
	})
	twice := with(paid(2000, 1000), func(p *payment.Payment) {
		for i := range p.Refunds {
			p.Refunds[i].Origin, p.Refunds[i].SettledAt = payment.OriginBank, noon.AddDate(0, 0, 1)
		}
	})
	for name, c := range map[string]struct {
		here    payment.Payment
		lines   []statement.Line
		verdict Verdict
		what    string
	}{
		"equal":                              {paid(), []statement.Line{charge(15000)}, Equal, ""},
		"equal with a refund":                {paid(2000), []statement.Line{charge(15000), refund(2000)}, Equal, ""},
		"refund of a former payment":         {with(paid(2000), yesterday), []statement.Line{refund(2000)}, Equal, ""},
		"desk refund, found later":           {desk, []statement.Line{charge(15000), refund(2000)}, Equal, ""},
		"desk refund of a later day":         {desk, []statement.Line{charge(15000)}, Equal, ""},
		"page open at midnight, line before": {with(paid(), tonight), []statement.Line{charge(15000)}, Equal, ""},
		"page open at midnight, line after":  {with(paid(), lastNight), []statement.Line{charge(15000)}, Equal, ""},
		"page open at midnight, no line":     {with(paid(), lastNight), nil, Equal, ""},
		"page open at midnight, too much": {with(paid(), lastNight), []statement.Line{charge(15001)},
			Differs, "statement charge"},
		"own refund that seemed lost":   {late, []statement.Line{charge(15000), refund(2000)}, Equal, ""},
		"own refund, settled later":     {late, []statement.Line{charge(15000)}, Equal, ""},
		"desk refund of the day before": {found, nil, Equal, ""},
		"refund in flight":              {flying, []statement.Line{charge(15000), refund(2000)}, Equal, ""},
		"more than is in flight": {flying, []statement.Line{charge(15000), refund(2001)},
			Differs, "statement refund"},
		"of two desk refunds one on the day": {twice, []statement.Line{charge(15000), refund(1000)}, Equal, ""},
		"no line":                            {paid(), nil, OnlyHere, "statement"},
		"another amount":                     {paid(), []statement.Line{charge(14000)}, Differs, "statement charge"},
		"charged twice": {paid(), []statement.Line{charge(15000), charge(15000)},
			Differs, "statement charge"},
		"refund only there": {paid(), []statement.Line{charge(15000), refund(2000)},
			Differs, "statement refund"},
		"refund only here": {paid(2000), []statement.Line{charge(15000)},
			Differs, "statement refund"},
		"settled a day later": {with(paid(), yesterday), []statement.Line{charge(15000)},
			Differs, "day"},
		"another currency": {paid(), []statement.Line{{Number: 3, Amount: 15000, Currency: payment.USD}}, Differs,
			"statement currency, line 3"},
		"unpaid here": {with(paid(), func(p *payment.Payment) { p.Status, p.Captured = payment.Declined, 0 }),
			[]statement.Line{charge(15000)}, Differs, "statement charge"},
		"a former one, another amount": {with(paid(), yesterday), []statement.Line{charge(14000)}, Differs,
			"statement charge"},
	} {
		row := rowOf(c.here)
		row.stated, row.lines = true, c.lines
		row.settle(today())
		what := ""
		for _, d := range row.Differences {
			what += d.What
		}
		if row.Verdict != c.verdict || what != c.what {
			t.Errorf("%s: %s %+v, want %s %s", name, row.Verdict, row.Differences, c.verdict, c.what)
		}
	}
}

// TestARefundsOwnNumbers: a statement may have it under an RRN of its own, and without zeros that a spreadsheet took.
func TestARefundsOwnNumbers(t *testing.T) {
	p := with(paid(2000), func(p *payment.Payment) {
		p.Receipt.RRN, p.Refunds[0].BankRefundID, p.Handle.OrderID = "000000000042", "633100000003", "8"
	})
	l := newLedger([]statement.Line{{Number: 1, RRN: "42", Amount: 15000}, {Number: 2, RRN: "633100000003", Amount: 2000,
		Refund: true}, {Number: 3, RRN: "0"}}, "2026-11-27")
	if n := len(l.match([]payment.Payment{p}, func(payment.Payment) bool { return true })[p.ID]); n != 2 ||
		len(l.strangers()) != 1 {
		t.Errorf("%d lines are of the payment", n)
	}
}

// TestTotalsWhereTheBankStatesNone: they are not all that was taken.
func TestTotalsWhereTheBankStatesNone(t *testing.T) {
	for _, p := range []payment.Payment{paid(), paid(2000)} {
		row := rowOf(p)
		row.hear(bank.Report{State: payment.BankApproved})
		if row.There.Captured != 15000 || row.There.Refunded != p.Refunded {
			t.Errorf("%+v", row.There)
		}
	}
}

// TestCurrenciesAreNeverAdded: what the bank, or the statement, has in another currency counts in that one's total.
func TestCurrenciesAreNeverAdded(t *testing.T) {
	row := rowOf(paid())
	row.hear(amount(said(payment.BankApproved, 0), 15000, payment.USD))
	l := newLedger([]statement.Line{{Number: 1, Order: "9", Amount: 700, Currency: payment.AZN},
		{Number: 2, Order: "9", Amount: 80, Currency: payment.USD}}, "2026-11-27")
	r := Report{Rows: append([]Row{row}, l.strangers()...)}
	r.finish()
	want := []Total{{"AZN", Sums{15000, 0, 15000}, Sums{700, 0, 700}, 0}, {"USD", Sums{}, Sums{15080, 0, 15080}, 0}}
	if !reflect.DeepEqual(r.Totals, want) || len(r.Rows) != 3 {
		t.Errorf("%+v of %d rows", r.Totals, len(r.Rows))
	}
}

// TestLinesFindTheirPayment: by the bank order, else by the RRN; of two with one number, the one that moved and has the
// amount.
func TestLinesFindTheirPayment(t *testing.T) {
	of := func(attempt int, order, rrn string, captured int64) payment.Payment {
		return with(paid(), func(p *payment.Payment) {
			p.ID.Attempt, p.Handle.OrderID, p.Receipt.RRN, p.Captured = attempt, order, rrn, captured
		})
	}
	all := []payment.Payment{of(1, "1", "r1", 100), of(2, "2", "r2", 200), of(3, "3", "r2", 300), of(4, "", "", 400)}
	l := newLedger([]statement.Line{{Number: 1, Order: "1", Amount: 100}, {Number: 2, RRN: "r2", Amount: 300},
		{Number: 3, Order: "unknown", RRN: "r1", Amount: 5, Refund: true}, {Number: 4, Order: "9", Amount: 7},
		{Number: 5, Order: "9", Amount: 2, Refund: true}, {Number: 6, RRN: "r9", Amount: 1},
		{Number: 7, Order: "1", Amount: 1, Day: "2026-11-26"}}, "2026-11-27")
	named := l.match(all, func(payment.Payment) bool { return true })
	for i, want := range [][]int{{1, 3}, nil, {2}, nil} {
		var got []int
		for _, line := range named[all[i].ID] {
			got = append(got, line.Number)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("payment %d has lines %v, want %v", i+1, got, want)
		}
	}
	rows := l.strangers()
	if len(rows) != 2 || rows[0].BankOrderID != "9" ||
		!reflect.DeepEqual(rows[0].There, figures(says("in_statement"), 7, 2)) ||
		!reflect.DeepEqual(rows[0].Lines, []int{4, 5}) || rows[1].RRN != "r9" || rows[1].Verdict != OnlyThere {
		t.Errorf("%+v", rows)
	}
}

// TestWhatMayBeBooked: a total above ours that the bank proves, with nothing else open.
func TestWhatMayBeBooked(t *testing.T) {
	desk := said(payment.BankRefunded, 2000)
	if !provenDesk(paid(), desk) || !provenDesk(paid(1000), desk) ||
		!provenDesk(paid(), bank.Report{State: payment.BankReturned}) {
		t.Error("a proven refund of the desk's is not booked")
	}
	denied := desk
	denied.Denied = true
	for name, c := range map[string]struct {
		here  payment.Payment
		there bank.Report
	}{
		"equal": {paid(2000), desk}, "less there": {paid(3000), desk}, "denied": {paid(), denied},
		"under way":        {paid(), said(payment.BankRefunding, 2000)},
		"unpaid":           {paid(), bank.Report{State: payment.BankDeclined}},
		"no figure":        {paid(), bank.Report{State: payment.BankRefunded}},
		"more than taken":  {paid(), said(payment.BankRefunded, 16000)},
		"another amount":   {paid(), amount(desk, 14000, payment.AZN)},
		"another currency": {paid(), amount(desk, 15000, payment.USD)},
		"in flight": {with(paid(), func(p *payment.Payment) {
			p.Refunds = []payment.Refund{{Amount: 2000, Status: payment.RefundUnknown}}
		}), desk},
	} {
		if provenDesk(c.here, c.there) {
			t.Errorf("%s is booked", name)
		}
	}
}
