package checkout_test

import (
	"context"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/checkout/people"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

var rewrite = flag.Bool("rewrite", false, "write what happens into testdata/*.txt instead of comparing; read the diff")

// The stories in testdata are transcripts: a line "> command" and below it what came of it. "#" tells the reader why.
func TestScenarios(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(text))
			if *rewrite {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(text) {
				t.Errorf("the story went otherwise:\n%s", difference(string(text), got))
			}
		})
	}
}

// play runs a story and gives its transcript as it really went.
func play(t *testing.T, story string) string {
	t.Helper()
	var w *world
	settings := map[string]any{}
	var out strings.Builder
	for line := range strings.Lines(story) {
		command, isCommand := strings.CutPrefix(strings.TrimSpace(line), "> ")
		switch {
		case strings.HasPrefix(line, "#"), strings.TrimSpace(line) == "":
			out.WriteString(line)
		case !isCommand: // the outcome of another day
		default:
			out.WriteString("> " + command + "\n")
			words := strings.Fields(command)
			if words[0] == "terminal" {
				key, value, _ := strings.Cut(words[1], "=")
				settings[key] = value
				continue
			}
			if w == nil {
				w = newWorld(t, settings)
			}
			for result := range strings.Lines(w.perform(words)) {
				out.WriteString(strings.TrimSuffix(result, "\n") + "\n")
			}
		}
	}
	return out.String()
}

func (w *world) perform(words []string) string {
	w.t.Helper()
	ctx := context.Background()
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch words[0] {
	case "open":
		o := order(arg(1), w.number(arg(2)))
		o.Supersede, o.Reopen = arg(3) == "supersede", arg(3) == "reopen"
		opened, err := w.svc.Initiate(ctx, o)
		if err == nil && opened.Replayed {
			return "replayed " + w.tell(opened.Payment, nil)
		}
		return w.tell(opened.Payment, err)
	case "poll":
		p, err := w.svc.Poll(ctx, w.id(arg(1)), checkout.Reader{Shop: "demo"})
		return w.tell(p, err)
	case "return", "notify":
		claims, err := url.ParseQuery(strings.Join(words[2:], "&"))
		if err != nil {
			w.t.Fatal(err)
		}
		p, err := w.come(arg(1), words[0] == "return", claims)
		return w.tell(p, err)
	case "cancel":
		p, err := w.svc.Cancel(ctx, w.id(arg(1)), "demo", payment.ByShop("k1"))
		return w.tell(p, err)
	case "refund":
		r, err := w.svc.Refund(ctx, checkout.RefundOrder{ID: w.id(arg(1)), Shop: "demo", By: payment.ByShop("k1"),
			Key: arg(2), Amount: w.number(arg(3))})
		if err != nil {
			return w.tell(r.Payment, err)
		}
		how := ""
		if r.Replayed {
			how = "replayed "
		}
		return fmt.Sprintf("%srefund %s %d: %s", how, r.Refund.Status, r.Refund.Amount, w.tell(r.Payment, nil))
	case "dismiss":
		p, err := people.Operator{Store: w.store, Now: w.now}.Resolve(ctx, w.id(arg(1)), payment.Ruling{
			How: payment.ResolveDismiss, By: payment.ByOperator("aysel"), Why: "unpaid, says the portal"})
		return w.tell(p, err)
	case "sweep":
		s, err := w.svc.Sweep(ctx)
		return fmt.Sprintf("looked at %d, asked %d, failed %d, skipped %d%s", s.Looked, s.Asked, s.Failed, s.Skipped,
			problem(err))
	case "advance":
		d, err := time.ParseDuration(arg(1))
		if err != nil {
			w.t.Fatal(err)
		}
		w.advance(d)
		return ""
	case "show":
		return w.show(w.stored(arg(1)))
	case "bank":
		return w.atBank(arg(1), arg(2), arg(3))
	case "fault":
		f := kapitalxml.Fault{Operation: arg(1), Kind: arg(2), Count: int(w.number(arg(3))), Nth: int(w.number(arg(4)))}
		w.must(w.sim.Faults(f))
		return ""
	case "faults":
		w.sim.ClearFaults()
		return ""
	case "asked":
		return w.exchanges()
	case "store":
		w.breakStore(memory.Op(arg(1)), arg(2))
		return ""
	}
	w.t.Fatalf("the story has an unknown command %q", words)
	return ""
}

// atBank lets something happen at the bank, or tells what its ledger says.
func (w *world) atBank(what, name, value string) string {
	w.t.Helper()
	if what == "ledger" {
		a := w.account(name)
		return fmt.Sprintf("the bank: %s charged %d refunded %d", a.Status, a.Charged, a.Refunded)
	}
	if what == "settings" {
		w.must(w.sim.Set(func(s *kapitalxml.Settings) {
			switch name {
			case "accept_expired":
				s.AcceptExpired = value != "off"
			case "never_expire":
				s.NeverExpire = value != "off"
			case "hide_desk":
				s.HideDesk = value != "off"
			case "refund_checks":
				s.RefundChecks = int(w.number(value))
			default:
				w.t.Fatalf("the bank has no switch %q", name)
			}
		}))
		return ""
	}
	id := w.stored(name).Handle.OrderID
	var err error
	switch what {
	case "approve":
		err = w.sim.Approve(id)
	case "decline":
		err = w.sim.Decline(id)
	case "cancel":
		err = w.sim.Cancel(id)
	case "lock":
		err = w.sim.Lock(id)
	case "expire":
		err = w.sim.Expire(id)
	case "settle":
		err = w.sim.EndRefund(id)
	case "desk_refund":
		err = w.sim.DeskRefund(id, w.number(value))
	case "desk_reverse":
		err = w.sim.DeskReverse(id)
	case "status":
		err = w.sim.SetStatus(id, value)
	case "amount":
		err = w.sim.SetAmount(id, w.number(value))
	case "currency":
		err = w.sim.SetCurrency(id, value)
	default:
		w.t.Fatalf("the bank cannot %q", what)
	}
	w.must(err)
	return ""
}

// breakStore lets the next call of this kind fail: "down", nothing is done; "lost", it is done and the answer lost.
func (w *world) breakStore(op memory.Op, how string) {
	broken := func(called memory.Op, _ payment.ID) error {
		if called != op {
			return nil
		}
		w.store.Before, w.store.After = nil, nil
		return &payment.Error{Kind: payment.Unavailable, Code: "store_unavailable", Message: "The store does not answer."}
	}
	if how == "lost" {
		w.store.After = broken
	} else {
		w.store.Before = broken
	}
}

// tell writes a payment, or the error with the payment it means, in a line.
func (w *world) tell(p payment.Payment, err error) string {
	if err == nil {
		return w.line(p)
	}
	text := "error " + payment.KindOf(err).String()
	if e, ok := errors.AsType[*payment.Error](err); ok {
		text += " " + e.Code
		if e.RetryAfter > 0 {
			text += " retry after " + e.RetryAfter.Round(time.Second).String()
		}
		if e.Payment != nil {
			text += " about " + w.line(*e.Payment)
		}
	}
	return text
}

func (w *world) line(p payment.Payment) string {
	if p.OrderRef == "" {
		return "nothing"
	}
	text := fmt.Sprintf("%s/%d %s", p.OrderRef, p.ID.Attempt, p.Status)
	if p.Captured > 0 {
		text += fmt.Sprintf(" captured %d", p.Captured)
	}
	if p.Refunded > 0 {
		text += fmt.Sprintf(" refunded %d", p.Refunded)
	}
	if n := p.Reserved(); n > 0 {
		text += fmt.Sprintf(" reserved %d", n)
	}
	if p.Late {
		text += " late"
	}
	if p.Overpaid {
		text += " overpaid"
	}
	for _, r := range p.Reviews {
		text += " review:" + string(r)
	}
	return text
}

func (w *world) show(p payment.Payment) string {
	text := w.line(p) + "\n"
	if p.BankStatus != "" {
		text += "  bank says " + p.BankStatus + "\n"
	}
	if !p.DueAt.IsZero() {
		text += "  due at +" + p.DueAt.Sub(start).String() + "\n"
	}
	for _, e := range p.History {
		text += fmt.Sprintf("  %d +%s %s by %s\n", e.Sequence, e.At.Sub(start), e.What, e.By)
	}
	return text
}

// exchanges tells what the bank was asked since the last time.
func (w *world) exchanges() string {
	all := w.sim.Requests()
	var names []string
	for _, e := range all[w.asked:] {
		names = append(names, e.Operation)
	}
	w.asked = len(all)
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " ")
}

func (w *world) number(text string) int64 {
	w.t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	w.must(err)
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return ", error " + err.Error()
}

func pemEncode(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// difference shows the first line that differs, with what stands around it.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n  after  %s\n  wanted %s\n  got    %s", i+1,
				strings.Join(a[max(0, i-3):i], "\n         "), a[i], b[i])
		}
	}
	return fmt.Sprintf("wanted %d lines, got %d", len(a), len(b))
}
