package e2e

import (
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

// TestReconciliationFindsWhatIsPlanted: at both gateways of one bank and at the other bank, on the bank's side and on
// the statement's, and nothing else.
func TestReconciliationFindsWhatIsPlanted(t *testing.T) {
	t.Parallel()
	w, day := alone(t, stack.Config{}), dayBefore()
	planted := 0
	for _, g := range gatewaysOf(w.Stack) {
		planted += plantCards(t, w.over(g), day)
	}
	if planted += plantInstalments(t, w.borrower(), day); planted < 15 {
		t.Errorf("%d differences were planted", planted)
	}
	y := w.as(t, "RefundPolicy")
	before := day.noon.Add(-240 * time.Hour).Format(time.DateOnly)
	empty, r := y.reconciles(t, 0, "--shop", w.Info.Shops[0].ID, "--day", before)
	if empty.is(t, found{}); len(r.Rows) != 0 {
		t.Errorf("a day with nothing has %d rows", len(r.Rows))
	}
}

func plantCards(t *testing.T, w world, day bankDay) int {
	shop, y := w.Info.Shops[w.bank.shop].ID, w.as(t, "RefundPolicy")
	var orders []paymentDoc
	for n := range 11 {
		p := w.paid(t, n, 15000)
		if n == 1 { // an own refund is equal
			if a, err := w.shop.refund(t.Context(), p.ID, "k", 2000); err != nil || a.status != 201 {
				t.Fatalf("%s %v", a, err)
			}
		}
		orders = append(orders, day.at(t, w, p))
	}
	unpaid := day.at(t, w, w.open(t, 11, 15000))
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
	must(w.bank.Approve(unpaid.BankOrderID))
	s := sheet{day: day.name}
	for n := range 11 {
		if n != 6 {
			s.line(at(n), "Purchase", map[bool]string{true: "140,00", false: "150,00"}[n == 7], "AZN")
		}
	}
	s.line(at(1), "Refund", "20,00", "AZN")
	s.line(at(8), "Refund", "10,00", "AZN")    // a refund of which nobody here knows
	s.line(at(9), "Purchase", "150,00", "AZN") // charged twice
	s.line("999999", "Purchase", "1 234,50", "AZN")
	s.line(unpaid.BankOrderID, "Purchase", "150,00", "AZN")
	want := found{at(2): "differs: refunded", at(3): "differs: amount", at(4): "differs: currency",
		at(5): "differs: state",
		at(6): "only_here: statement", at(7): "differs: statement charge", at(8): "differs: statement refund",
		at(9): "differs: statement charge", "999999": "only_there: payment",
		unpaid.BankOrderID: "differs: state: statement charge"}
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--statement", s.write(t))
	got.is(t, want)
	if r.Counts[reconciled.Equal] != 3 || r.Statement.Lines != 15 || len(r.Banks) != 1 {
		t.Errorf("%s: %+v %+v", w.bank.name, r.Counts, r.Statement)
	}
	w.booksTheDesk(t, y, day, orders[2])
	w.isSilent(t, y, day)
	w.forgets(t, y, day)
	return len(want) + 1
}

// booksTheDesk: with --book what the desk gave back is on record, and nothing else of that day has changed.
func (w world) booksTheDesk(t *testing.T, y typist, day bankDay, p paymentDoc) {
	t.Helper()
	shop := w.Info.Shops[w.bank.shop].ID
	before := w.poll(t, p.ID)
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--book")
	if what := got[p.BankOrderID]; what != "" || before.Refunded != 0 {
		t.Errorf("%s refunded %d is then %q", p.ID, before.Refunded, what)
	}
	booked := []string{}
	for _, row := range r.Rows {
		if row.Booked != 0 {
			booked = append(booked, fmt.Sprint(row.BankOrderID, " ", row.Booked))
		}
	}
	if !slices.Equal(booked, []string{p.BankOrderID + " 3000"}) {
		t.Errorf("booked: %v", booked)
	}
	if now := w.poll(t, p.ID); now.Refunded != 3000 || now.Status != "partially_refunded" {
		t.Errorf("%s is %s with %d given back", p.ID, now.Status, now.Refunded)
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
	if len(got) != 11 || r.Counts[reconciled.NotAsked] != 11 || alone != 8 {
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
	if len(got) != 11 || r.Unasked() != 0 {
		t.Errorf("%d rows, %d not asked", len(got), r.Unasked())
	}
}

func plantInstalments(t *testing.T, b borrower, day bankDay) int {
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.RefundCallback = "off" }))
	shop, y := b.Info.Shops[1].ID, b.as(t, "RefundPolicy")
	var at []string
	for n := range 5 {
		p := day.at(t, b.world, b.approved(t, n))
		at = append(at, p.BankOrderID)
	}
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" }))
	b.must(t, b.KartaPokupok.DeskRefund(at[1], 2000))
	b.must(t, b.KartaPokupok.SetStatus(at[2], "REJECTED"))
	b.must(t, b.KartaPokupok.SetAmount(at[3], 11900))
	date := day.noon.Format("02.01.2006")
	lines := []string{"Дата;Номер заявки;Сумма"}
	for _, order := range append(slices.Clone(at[:4]), "unknown-application") {
		lines = append(lines, date+";"+order+";120,00")
	}
	file := filepath.Join(t.TempDir(), "instalments.csv")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	want := found{at[1]: "differs: refunded", at[2]: "differs: state", at[3]: "differs: amount",
		at[4]: "only_here: statement", "unknown-application": "only_there: payment"}
	got, r := y.reconciles(t, 1, "--shop", shop, "--day", day.name, "--statement", file)
	got.is(t, want)
	if r.Counts[reconciled.Equal] != 1 || r.Statement.Layout != "instalments" {
		t.Errorf("%+v %+v", r.Counts, r.Statement)
	}
	return len(want)
}
