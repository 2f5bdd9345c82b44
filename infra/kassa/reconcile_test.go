package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheReconciliationIsTyped as docs/staff.md says, line by line; and of the day on which a payment was paid, in each
// form, with statements that fit, that do not, and that cannot be read.
func TestTheReconciliationIsTyped(t *testing.T) {
	w := open(t)
	w.build()
	shop := w.board("reconciled")
	p := w.order(shop.APIKey, "reconciled-1")
	w.pay(p)
	text := readPage(t, filepath.Join("docs", "staff.md"))
	_, tail, _ := strings.Cut(text, "<!-- reconcile -->\n```sh\n")
	block, _, found := strings.Cut(tail, "```\n<!-- /reconcile -->")
	if !found || strings.Count(block, "kassa reconcile") != 4 {
		t.Fatalf("docs/staff.md has no lines to type: %q", block)
	}
	recent := time.Now().UTC().AddDate(0, 0, -3).Format(time.DateOnly) // on the page it is a day of its own time
	head := "Order ID;RRN;Amount;Currency;Operation;Date\n"
	w.paste("printf '" + strings.ReplaceAll(head, "\n", `\n`) + "' > bank.csv\n" +
		strings.NewReplacer("my-shop", "reconciled", "--stage prod", "--stage local", "2026-11-27", recent).Replace(block) +
		"grep -q 'Reconciliation of reconciled, " + recent + "' day.html\n")

	var shown struct {
		BankOrderID string `json:"bank_order_id"`
		History     []struct {
			At   time.Time
			What string
		}
	}
	if err := json.Unmarshal([]byte(w.want(0, nil, "payment", "show", p.ID, "--json").out), &shown); err != nil {
		t.Fatal(err)
	}
	day := time.Time{}
	for _, e := range shown.History {
		if e.What == "paid" {
			day = e.At.In(time.FixedZone("Baku", 4*60*60))
		}
	}
	if day.IsZero() {
		t.Fatalf("%+v was not paid", shown)
	}
	statement := func(lines ...string) string {
		file := filepath.Join(t.TempDir(), "bank.csv")
		if err := os.WriteFile(file, []byte(head+strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	same := []string{"reconcile", "--shop", "reconciled", "--day", day.Format(time.DateOnly)}
	run := func(code int, says []string, more ...string) { w.want(code, says, append(same, more...)...) }
	run(0, []string{"150.00", "1 equal."})
	run(0, []string{"equal," + p.ID + ",reconciled-1,", ",paid,150.00,0.00,"}, "--csv")
	fits := shown.BankOrderID + ";;150,00;AZN;Purchase;" + day.Format("02.01.2006")
	run(0, []string{"<title>Reconciliation of reconciled", "1 lines of this day"}, "--html", "--statement",
		statement(fits))
	stranger := "no-order;;1.234,50;AZN;Purchase;" + day.Format("02.01.2006")
	run(1, []string{"only there", "none / 1234.50 AZN charged", "2 differ", "only here"}, "--statement",
		statement(stranger))
	run(0, []string{"No money of reconciled moved", "0 lines of this day; 1 of other days were left out"}, "--bank",
		"kartapokupok", "--statement", statement("7;;5,00;AZN;Purchase;01.01.2026"))
	run(2, []string{"line 2: the amount \"ten\" is no amount", "line 3: names no order", "nobody was asked"},
		"--statement", statement("1;;ten;AZN;Purchase;01.01.2026", ";;5,00;AZN;Purchase;01.01.2026"))
	w.want(2, []string{"--shop \"A/b\"", "--day \"27.11.2026\"", "--layout goes with --statement", "--rate must be",
		"choose one of --json, --csv and --html", `--bank "nobody" is no bank`}, "reconcile", "--shop", "A/b", "--day",
		"27.11.2026", "--layout", "x", "--rate", "99", "--csv", "--html", "--bank", "nobody")
	w.want(3, []string{`there is no shop "nowhere"`}, "reconcile", "--shop", "nowhere", "--day", recent)
	w.want(2, []string{"has not begun yet"}, "reconcile", "--shop", "reconciled", "--day", "2999-01-01")
	w.want(2, []string{"is more than 400 days ago"}, "reconcile", "--shop", "reconciled", "--day", "0001-01-01")
}
