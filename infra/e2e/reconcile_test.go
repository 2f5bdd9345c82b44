package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	reconciled "kassa/infra/kassa/reconcile"
	"kassa/infra/local/stack"
	"kassa/shared/simbank/fault"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// bankDay is a day that is long over, whatever the hour: its noon in Baku, and how it is typed.
type bankDay struct {
	noon time.Time
	name string
}

func dayBefore() bankDay {
	midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(-48 * time.Hour)
	return bankDay{midnight.Add(8 * time.Hour), midnight.Format(time.DateOnly)}
}

// at moves what has just happened to a payment to that day.
func (d bankDay) at(t *testing.T, w world, p paymentDoc) paymentDoc {
	t.Helper()
	w.age(t, p.ID, time.Since(d.noon))
	return p
}

// found is what a report says, by the order at the bank: the verdict, and what differs.
type found map[string]string

// reconciles types the command, and gives what it found that is not equal.
func (y typist) reconciles(t *testing.T, code int, args ...string) (found, reconciled.Report) {
	t.Helper()
	var r reconciled.Report
	text := y.types(t, code, append([]string{"reconcile", "--rate", "20", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	got := found{}
	for _, row := range r.Rows {
		what := []string{string(row.Verdict)}
		for _, d := range row.Differences {
			what = append(what, d.What)
		}
		if row.Verdict != reconciled.Equal {
			got[row.BankOrderID] = strings.Join(what, ": ")
		}
	}
	return got, r
}

func (f found) is(t *testing.T, want found) {
	t.Helper()
	for order, what := range want {
		if f[order] != what {
			t.Errorf("bank order %s: %q, want %q", order, f[order], what)
		}
	}
	for order, what := range f {
		if want[order] == "" {
			t.Errorf("bank order %s: %q, and nothing was planted", order, what)
		}
	}
}

// sheet writes a statement in the layout card-orders.
type sheet struct {
	day  string
	rows []string
}

func (s *sheet) line(order, kind, amount, currency string) {
	at, _ := time.Parse(time.DateOnly, s.day)
	s.rows = append(s.rows, fmt.Sprintf(`%s;;"%s";%s;%s;%s 10:%02d:00`, order, amount, currency, kind,
		at.Format("02.01.2006"), len(s.rows)))
}

func (s *sheet) write(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "statement.csv")
	text := "Order ID;RRN;Amount;Currency;Operation;Date\n" + strings.Join(s.rows, "\n") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReconciliationFindsWhatIsPlanted: fifteen differences and more at each gateway of one bank and at the other bank,
// on the bank's side and on the statement's, and nothing else.
func TestReconciliationFindsWhatIsPlanted(t *testing.T) {
	t.Parallel()
	w, day := alone(t, stack.Config{}), dayBefore()
	for _, g := range gatewaysOf(w.Stack) {
		plantCards(t, w.over(g), day)
	}
	plantInstalments(t, w.borrower(), day)
	y := w.as(t, "RefundPolicy")
	before := day.noon.Add(-240 * time.Hour).Format(time.DateOnly)
	empty, r := y.reconciles(t, 0, "--shop", w.Info.Shops[0].ID, "--day", before)
	if empty.is(t, found{}); len(r.Rows) != 0 {
		t.Errorf("a day with nothing has %d rows", len(r.Rows))
	}
}

// enough is how many differences are planted at each gateway, at least.
const enough = 15

func plantCards(t *testing.T, w world, day bankDay) {
	shop, y := w.Info.Shops[w.bank.shop].ID, w.as(t, "RefundPolicy")
	orders := w.soldOn(t, day)
	at := func(n int) string { return orders[n].BankOrderID }
	plain, _ := y.reconciles(t, 0, "--shop", shop, "--day", day.name)
	plain.is(t, found{})

	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.bank.DeskRefund(at(2), 3000))
	must(w.bank.SetAmount(at(3), 14900))
	must(w.bank.SetCurrency(at(4), w.bank.usd))
	must(w.bank.SetStatus(at(5), w.bank.dead))
	must(w.bank.SetStatus(at(11), w.bank.busy))
	must(w.bank.DeskRefund(at(12), 15000))
	must(w.bank.Approve(at(16)))
	s := sheet{day: day.name}
	for n := range orders {
		amount := map[int]string{7: "140,00"}[n]
		if n != 6 {
			s.line(at(n), "Purchase", cmp.Or(amount, "150,00"), map[bool]string{true: "USD", false: "AZN"}[n == 14])
		}
	}
	s.line(at(1), "Refund", "20,00", "AZN")
	s.line(at(8), "Refund", "10,00", "AZN")    // a refund of which nobody here knows
	s.line(at(9), "Purchase", "150,00", "AZN") // charged twice
	s.line("999999", "Purchase", "1 234,50", "AZN")
	s.line("888888", "Refund", "7,00", "AZN")
	want := found{at(2): "differs: refunded", at(3): "differs: amount", at(4): "differs: currency",
		at(5): "differs: state",
		at(6): "only_here: statement", at(7): "differs: statement charge", at(8): "differs: statement refund",
		at(9): "differs: statement charge", "999999": "only_there: payment", "888888": "only_there: payment",
		at(11): "differs: state", at(12): "differs: refunded", at(13): "differs: statement refund",
		at(14): fmt.Sprint("differs: statement currency, line ", 15), at(15): "differs: day",
		at(16): "differs: state: statement charge", at(17): "differs: statement charge"}
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--statement", s.write(t))
	got.is(t, want)
	if len(want) < enough || r.Counts[reconciled.Equal] != 3 || r.Statement.Lines != 22 || len(r.Banks) != 1 {
		t.Errorf("%s: %d planted, %+v %+v", w.bank.name, len(want), r.Counts, r.Statement)
	}
	w.booksTheDesk(t, y, day, orders[2], orders[12])
	w.fallsSilent(t, y, day)
	w.isSilent(t, y, day)
	w.forgets(t, y, day)
}

// soldOn are payments of a day, in order: 13 and 1 have an own refund, 15 is of the day before, nobody has paid 16, and
// 17 has expired.
func (w world) soldOn(t *testing.T, day bankDay) (orders []paymentDoc) {
	t.Helper()
	for n := range 18 {
		var p paymentDoc
		switch {
		case n < 16:
			p = w.paid(t, n, 15000)
		case n == 16:
			p = w.open(t, n, 15000)
		default:
			p = w.open(t, n, 15000)
			if err := w.bank.Expire(p.BankOrderID); err != nil || w.poll(t, p.ID).Status != "expired" {
				t.Fatalf("%s has not expired: %v", p.ID, err)
			}
		}
		if n == 1 || n == 13 { // which is equal, where the statement has it, too
			if a, err := w.shop.refund(t.Context(), p.ID, "k", 2000); err != nil || a.status != 201 {
				t.Fatalf("%s %v", a, err)
			}
		}
		opened := bankDay{day.noon.Add(time.Duration(n) * 5 * time.Minute), day.name} // in this order
		if orders = append(orders, opened.at(t, w, p)); n == 15 {
			w.move(t, p.ID, 24*time.Hour)
		}
	}
	return orders
}

// taken is how many of those payments were paid on the day itself.
const taken = 15

// booksTheDesk: with --book what the desk gave back, in part and whole, is on record, and nothing else of that day has
// changed.
func (w world) booksTheDesk(t *testing.T, y typist, day bankDay, part, whole paymentDoc) {
	t.Helper()
	shop := w.Info.Shops[w.bank.shop].ID
	before := w.poll(t, part.ID)
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--book")
	if what := got[part.BankOrderID]; what != "" || before.Refunded != 0 {
		t.Errorf("%s refunded %d is then %q", part.ID, before.Refunded, what)
	}
	booked := []string{}
	for _, row := range r.Rows {
		if row.Booked != 0 {
			booked = append(booked, fmt.Sprint(row.BankOrderID, " ", row.Booked))
		}
	}
	if !slices.Equal(booked, []string{part.BankOrderID + " 3000", whole.BankOrderID + " 15000"}) {
		t.Errorf("booked: %v", booked)
	}
	if now := w.poll(t, part.ID); now.Refunded != 3000 || now.Status != "partially_refunded" {
		t.Errorf("%s is %s with %d given back", part.ID, now.Status, now.Refunded)
	}
	if now := w.poll(t, whole.ID); now.Refunded != 15000 || now.Status != "refunded" {
		t.Errorf("%s is %s with %d given back", whole.ID, now.Status, now.Refunded)
	}
}

// fallsSilent: a bank that goes down in mid-run has answered for some, and what its desk gave back there is booked; of
// the rest nothing is known, each says so, and nothing of it is booked.
func (w world) fallsSilent(t *testing.T, y typist, day bankDay) {
	t.Helper()
	defer w.bank.ClearFaults()
	w.bank.ClearFaults()
	const answered = 10 // questions: one gateway needs two of them for a payment
	for _, ask := range w.bank.ask {
		if err := w.bank.Faults(fault.Fault{Operation: ask, Nth: answered + 1, Kind: "http_500", Count: 100}); err != nil {
			t.Fatal(err)
		}
	}
	_, r := y.reconciles(t, 1, "--shop", w.Info.Shops[w.bank.shop].ID, "--day", day.name, "--book")
	known, alone := 0, 0
	for _, row := range r.Rows {
		switch {
		case row.There != nil:
			known++
		case row.Booked != 0 || row.Why == "" || row.Verdict != reconciled.NotAsked:
			t.Errorf("of a bank that has fallen silent: %+v", row)
		case strings.Contains(row.Why, "left alone"):
			alone++
		}
	}
	if len(r.Rows) != taken || known == 0 || known > answered || r.Unasked() != taken-known || alone != taken-known-3 {
		t.Errorf("%d rows, %d known, %d left alone: %+v", len(r.Rows), known, alone, r.Counts)
	}
}

// isSilent: of a bank that is down nothing is known. What was not asked is told, and nothing is booked.
func (w world) isSilent(t *testing.T, y typist, day bankDay) {
	t.Helper()
	defer w.bank.ClearFaults()
	w.bank.ClearFaults()
	w.bank.breaks(t, w.bank.ask, fault.Fault{Kind: "http_500", Count: 100})
	got, r := y.reconciles(t, 4, "--shop", w.Info.Shops[w.bank.shop].ID, "--day", day.name, "--book")
	alone := 0
	for _, row := range r.Rows {
		if row.Booked != 0 || row.There != nil || row.Why == "" {
			t.Errorf("of a silent bank: %+v", row)
		}
		if strings.Contains(row.Why, "left alone") {
			alone++
		}
	}
	if len(got) != taken || r.Counts[reconciled.NotAsked] != taken || alone != taken-3 {
		t.Errorf("%d rows, %+v, %d left alone", len(got), r.Counts, alone)
	}
}

// forgets: a bank that answers, and finds no order of the day, was asked, and is not silent. It has booked nothing.
func (w world) forgets(t *testing.T, y typist, day bankDay) {
	t.Helper()
	if err := w.bank.Reset(true); err != nil {
		t.Fatal(err)
	}
	got, r := y.reconciles(t, 1, "--shop", w.Info.Shops[w.bank.shop].ID, "--day", day.name, "--book")
	for order, what := range got {
		if what != "only_here: order" {
			t.Errorf("bank order %s, forgotten: %q", order, what)
		}
	}
	for _, row := range r.Rows {
		if row.Booked != 0 || !strings.Contains(row.Why, "does not find this order") {
			t.Errorf("of a bank that forgot: %+v", row)
		}
	}
	if len(got) != taken || r.Unasked() != 0 {
		t.Errorf("%d rows, %d not asked", len(got), r.Unasked())
	}
}

func plantInstalments(t *testing.T, b borrower, day bankDay) {
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.RefundCallback = "off" }))
	shop, y := b.Info.Shops[1].ID, b.as(t, "RefundPolicy")
	var at []string
	for n := range 14 {
		var p paymentDoc
		if n < 12 {
			p = b.approved(t, n)
		} else {
			p = b.apply(t, n)
		}
		if n == 9 {
			if a, err := b.shop.refund(t.Context(), p.ID, "k", 2000); err != nil || a.status != 201 {
				t.Fatalf("%s %v", a, err)
			}
		}
		if n == 13 {
			b.must(t, b.KartaPokupok.Expire(p.BankOrderID))
			if got := b.poll(t, p.ID).Status; got != "cancelled" { // as this bank calls it
				t.Fatalf("%s is %s", p.ID, got)
			}
		}
		if at = append(at, day.at(t, b.world, p).BankOrderID); n == 8 {
			b.move(t, p.ID, 24*time.Hour)
		}
	}
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" }))
	b.must(t, b.KartaPokupok.DeskRefund(at[1], 2000))
	b.must(t, b.KartaPokupok.SetStatus(at[2], "REJECTED"))
	b.must(t, b.KartaPokupok.SetAmount(at[3], 11900))
	b.must(t, b.KartaPokupok.SetCurrency(at[10], "USD"))
	b.must(t, b.KartaPokupok.DeskRefund(at[11], 12000))
	b.must(t, b.KartaPokupok.Approve(at[12]))
	date := day.noon.Format("02.01.2006")
	lines := []string{"Дата;Номер заявки;Сумма"}
	line := func(order, amount string) {
		lines = append(lines, fmt.Sprintf("%s 10:%02d;%s;%s", date, len(lines), order, amount))
	}
	for n, order := range at {
		if n != 4 {
			line(order, cmp.Or(map[int]string{5: "110,00"}[n], "120,00"))
		}
	}
	line(at[6], "-10,00")
	line(at[7], "120,00") // charged twice
	line("unknown-application", "120,00")
	line("unknown-refund", "-7,00")
	file := filepath.Join(t.TempDir(), "instalments.csv")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	want := found{at[1]: "differs: refunded", at[2]: "differs: state", at[3]: "differs: amount",
		at[4]: "only_here: statement", at[5]: "differs: statement charge", at[6]: "differs: statement refund",
		at[7]: "differs: statement charge", at[8]: "differs: day", at[9]: "differs: statement refund",
		at[10]: "differs: currency", at[11]: "differs: refunded", at[12]: "differs: state: statement charge",
		at[13]: "differs: statement charge", "unknown-application": "only_there: payment",
		"unknown-refund": "only_there: payment"}
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--statement", file)
	got.is(t, want)
	if len(want) < enough || r.Counts[reconciled.Equal] != 1 || r.Statement.Layout != "instalments" {
		t.Errorf("%d planted, %+v %+v", len(want), r.Counts, r.Statement)
	}
}
