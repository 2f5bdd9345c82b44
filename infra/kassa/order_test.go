package main

import (
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/stage"
	"kassa/shared/dynamo"
	"kassa/shared/payment"
)

// store is the stack's table.
func (w world) store() *dynamo.Store {
	w.t.Helper()
	f := stage.Flags{Stage: stage.LocalStage, Getenv: func(name string) string {
		return map[string]string{"KASSA_DATA": w.path(".kassa")}[name]
	}}
	at, err := f.Open(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return at.Store()
}

// attempt puts an attempt to pay an order of 150.00 AZN into the table, as edit leaves it.
func (w world) attempt(shop, order string, n int, edit func(*payment.Payment)) payment.Payment {
	w.t.Helper()
	start := time.Now().Add(-48 * time.Hour)
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey(shop, order), Attempt: n}, Shop: shop,
		OrderRef: order, Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}, start, start.Add(time.Minute))
	handle := payment.Handle{OrderID: "828", Private: "s", Account: payment.Account{Merchant: "m", Environment: "test"}}
	for _, e := range []payment.Event{
		payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/", ExpiresAt: start.Add(time.Hour)},
		payment.Statement{Handle: handle, Report: payment.Report{State: payment.BankApproved,
			Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}},
	} {
		var err error
		if p, err = payment.Apply(p, e, start); err != nil {
			w.t.Fatal(err)
		}
	}
	edit(&p)
	p, err := w.store().Create(context.WithoutCancel(w.t.Context()), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func spent(p *payment.Payment) { // wholly given back
	p.Refunds = []payment.Refund{{ID: payment.RefundID(p.ID, "first"), Amount: 15000, Status: payment.RefundSucceeded,
		Origin: payment.OriginShop, RequestedAt: p.CreatedAt}}
	p.Refunded, p.Status = 15000, payment.Refunded
}

// TestByOrder: an order stands for the attempt that a command can mean, and for none where it could mean two.
func TestByOrder(t *testing.T) {
	w := open(t)
	w.board("by-order")
	keep := func(*payment.Payment) {}
	spentOne, held := w.attempt("by-order", "A/1 №7", 1, spent), w.attempt("by-order", "A/1 №7", 2, keep)
	by := func(order string) []string { return []string{"--shop", "by-order", "--order", order} }
	run := func(code int, parts []string, command, order string, more ...string) output {
		t.Helper()
		return w.want(code, parts, append(append([]string{"payment", command}, by(order)...), more...)...)
	}
	for _, name := range []string{"show", "history"} {
		o := run(0, []string{"2 attempts", held.ID.String() + ", the one that holds money", "--order 'A/1 №7'"}, name,
			"A/1 №7")
		if name == "show" && !strings.Contains(o.out, held.ID.String()) || strings.Contains(o.out, spentOne.ID.String()) {
			t.Errorf("%s shows\n%s", name, o.out)
		}
	}
	for _, pasted := range []string{" A/1 №7", "A/1 №7\t", "A/1\u00a0№7\u00a0\r\n"} {
		run(0, []string{held.ID.String()}, "list", pasted)
		run(0, []string{held.ID.String()}, "show", pasted)
	}
	w.want(0, []string{held.ID.String()}, "payment", "show", " "+held.ID.String()+"\u00a0\n")
	run(2, []string{"Give back 150.00 AZN of order A/1 №7 of the shop by-order on the local stack", "test money",
		held.ID.String(), "--yes"}, "refund", "A/1 №7")
	// the attempt that has it, not the one with money
	run(1, []string{"this is " + spentOne.ID.String(), "idempotency_key_reused"}, "refund", "A/1 №7", "--key", "first")
	w.attempt("by-order", "twice", 1, keep)
	w.attempt("by-order", "twice", 2, keep)
	for _, name := range []string{"show", "history", "refund"} {
		run(2, []string{"of 2 attempts to pay this order each holds money",
			"-1 (paid, captured 150.00 AZN, given back 0.00 AZN)", "name one of them by its ID"}, name, "twice")
	}
	w.attempt("by-order", "over", 1, spent)
	newest := w.attempt("by-order", "over", 2, spent)
	run(0, []string{newest.ID.String() + ", the newest"}, "show", "over")
	for line, code := range map[string]int{
		"payment show": 2, "payment show --shop by-order": 2, "payment show --order 1": 2,
		"payment show " + held.ID.String() + " --shop by-order --order 1": 2,
		"payment show --shop By --order 1":                                2,
		"payment refund --shop by-order --order none --yes":               3,
		"payment show --shop nobody --order 1":                            3,
		"payment list --shop nobody --order 1":                            3, "payment list --review --shop nobody": 3,
		"payment list --review --shop by-order": 0, "payment redeliver --shop nobody --order 1": 3,
		"bank ping nobody": 3, "shop show nobody": 3, "shop rotate-key nobody": 3,
		"payment history --shop nobody --order 1": 3, "payment cancel --shop nobody --order 1": 3,
		"payment resolve --shop nobody --order 1 --how dismiss --reason x": 3,
	} {
		o := w.want(code, nil, strings.Fields(line)...)
		if o.out != "" && code != 0 || strings.Contains(line, "nobody") && !strings.Contains(o.err, `no shop "nobody"`) {
			t.Errorf("kassa %s says\n%s%s", line, o.out, o.err)
		}
	}
	w.want(2, []string{"--order is empty"}, "payment", "show", "--shop", "by-order", "--order", "")
	w.want(2, []string{"--stage is empty"}, "payment", "show", held.ID.String(), "--stage", "")
}

// TestOfAnOrderTheRightOneIsEnded: cancel means the attempt that may still be paid, beside one that holds money.
func TestOfAnOrderTheRightOneIsEnded(t *testing.T) {
	w := open(t)
	key := w.board("late-one").APIKey
	live := w.order(key, "1")
	w.attempt("late-one", "1", 2, spent)
	person := &typist{lines: []string{"n", "y"}}
	no := w.asked(person, "payment", "cancel", "--shop", "late-one", "--order", "1")
	if no.code != 1 || !strings.Contains(no.err,
		"End the payment of 150.00 AZN of order 1 of the shop late-one on the local stack") ||
		!strings.Contains(no.err, live.ID) {
		t.Errorf("%d %s", no.code, no.err)
	}
	if now := w.shown(0, "show", live.ID); now.Status != "pending" {
		t.Errorf("a person said no: %+v", now)
	}
	if yes := w.asked(person, "payment", "cancel", "--shop", "late-one", "--order", "1"); yes.code != 0 {
		t.Errorf("%d %s", yes.code, yes.err)
	}
	if now := w.shown(0, "show", live.ID); now.Status != "cancelled" {
		t.Errorf("%+v", now)
	}
}

// pasted are the command lines of an output that stand alone, as one would paste them.
var pasted = regexp.MustCompile(`(?m)^    (kassa .*)$`)

// TestEachReviewIsExplained: every reason in words, in show and below the list, and each command that is told works as
// it stands.
func TestEachReviewIsExplained(t *testing.T) {
	w := open(t)
	w.board("reviewed")
	w.build()
	for reason, c := range map[payment.Review]struct {
		says  string
		lines int
		edit  func(*payment.Payment)
	}{
		payment.ReviewAmount: {"The bank took another amount than the order's.\n  Here: it took " +
			"140.00 AZN instead of 150.00 AZN.\n  Sure: ", 2, func(p *payment.Payment) { p.Captured = 14000 }},
		payment.ReviewCurrency: {"another currency", 1, func(p *payment.Payment) {
			p.Captured, p.Status, p.PaidAt = 0, payment.Pending, time.Time{}
			p.RedirectURL, p.OpeningAt = "https://bank.example/pay", p.CreatedAt
		}},
		payment.ReviewSession: {"another page", 2, func(*payment.Payment) {}},
		payment.ReviewStatus:  {"its status denies it", 1, func(*payment.Payment) {}},
		payment.ReviewRegress: {"chargeback", 1, func(*payment.Payment) {}},
		payment.ReviewRefund:  {"The bank gave money back that nobody asked for here", 2, func(*payment.Payment) {}},
	} {
		p := w.attempt("reviewed", string(reason), 1, func(p *payment.Payment) {
			c.edit(p)
			p.Reviews = []payment.Review{reason}
		})
		shown := w.want(0, []string{"review " + string(reason) + ": ", c.says}, "payment", "show", p.ID.String())
		lines := pasted.FindAllStringSubmatch(shown.out, -1)
		if len(lines) != c.lines {
			t.Errorf("%s: %d commands in\n%s", reason, len(lines), shown.out)
		}
		list := w.want(0, []string{"review:" + string(reason) + " " + p.ID.String(), "  Next: "}, "payment", "list",
			"--shop", "reviewed", "--order", string(reason))
		w.paste(pasted.FindStringSubmatch(list.out)[1])
		decided := lines[len(lines)-1][1]
		if reason == payment.ReviewAmount {
			decided = lines[0][1]
		}
		w.want(0, []string{"Növbəti addım: ", lines[0][1]}, "payment", "show", p.ID.String(), "--language", "az")
		w.paste(decided)
		if now := w.shown(0, "show", p.ID.String()); len(now.Reviews) != 0 || len(now.Resolutions) != 1 {
			t.Errorf("%s is still there after %s", reason, decided)
		}
	}
	w.want(2, []string{`--language "de" is none; there are en, az, be, ru`}, "payment", "list", "--review",
		"--language", "de")
	stuck := w.attempt("reviewed", "in-flight", 1, func(p *payment.Payment) {
		p.Reviews = []payment.Review{payment.ReviewRefund}
		p.Refunds = []payment.Refund{{ID: payment.RefundID(p.ID, "k"), Amount: 2000, Status: payment.RefundUnknown,
			Origin: payment.OriginShop, RequestedAt: p.CreatedAt}}
	})
	shown := w.want(0, []string{"Here: refund " + stuck.Refunds[0].ID + " of 20.00 AZN, asked for at ",
		"If the refund is not there:"}, "payment", "show", stuck.ID.String())
	lines := pasted.FindAllStringSubmatch(shown.out, -1)
	if w.paste(strings.Replace(lines[1][1], "PART", "5.00", 1)); w.shown(0, "show", stuck.ID.String()).Refunded != 500 {
		t.Errorf("the part is not on record:\n%s", shown.out)
	}
}

// paste runs a command line as a shell does, with the built command as kassa.
func (w world) paste(line string) string {
	w.t.Helper()
	return w.shell("PATH=$PWD/.build:$PATH USER=tester\nexport PATH USER\n" + line)
}

// TestARefundIsRepeatedByItsHint: the command that is told first gives nothing back twice, also where the payment was
// named by its order.
func TestARefundIsRepeatedByItsHint(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("this needs sh")
	}
	w := open(t)
	w.build()
	p := w.order(w.board("repeated").APIKey, "r-1")
	w.pay(p)
	first := w.want(0, nil, "payment", "refund", "--shop", "repeated", "--order", "r-1", "--amount", "20.00 AZN",
		"--reason", "one cup's broken", "--as", "aysel", "--yes")
	_, again, _ := strings.Cut(first.err, "should this be cut off, type: ")
	var r struct {
		Replayed  bool
		PaymentID string `json:"payment_id"`
	}
	if err := json.Unmarshal([]byte(w.paste(strings.TrimSpace(again)+" --json")), &r); err != nil || !r.Replayed ||
		r.PaymentID != p.ID {
		t.Errorf("%v %+v after\n%s", err, r, first.err)
	}
	if now := w.shown(0, "show", p.ID); now.Refunded != 2000 {
		t.Errorf("%d was given back", now.Refunded)
	}
}

// TestAllThatIsWrongAtOnce: nobody mends a command line one run at a time.
func TestAllThatIsWrongAtOnce(t *testing.T) {
	w := open(t)
	w.board("wrongly")
	id := w.attempt("wrongly", "1", 1, func(*payment.Payment) {}).ID.String()
	w.want(2, []string{"who are you?", "can mean two amounts", "--key is the key"}, "payment", "refund", id, "--as", "a b",
		"--amount", "50", "--key", "ключ", "--yes")
	w.want(2, []string{"--how must be", `--review "colour" is none; there are amount`, "who are you?",
		"--reason is needed", "can mean two amounts"},
		"payment", "resolve", id, "--review", "colour", "--as", "a b", "--reason", "...", "--amount", "50")
	w.want(2, []string{"is in BYN"}, "payment", "refund", id, "--amount", "5.00 BYN", "--yes")
	person := &typist{lines: []string{"n"}}
	if o := w.asked(person, "payment", "resolve", id, "--how", "dismiss", "--review", "regress", "--reason",
		"settled"); o.code != 1 ||
		!strings.Contains(o.err, "Put on record, of order 1 of the shop wrongly on the local stack") ||
		!strings.Contains(o.err, "the review regress needs nothing more?") {
		t.Errorf("%d %s", o.code, o.err)
	}
}
