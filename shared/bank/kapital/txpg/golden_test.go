package txpg

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func parsed(t testing.TB, text string) *strict.Value {
	t.Helper()
	v, err := strict.ParseJSON([]byte(text), answerForm)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestWhatTheBankIsSent holds every message, byte by byte, to the recorded one.
func TestWhatTheBankIsSent(t *testing.T) {
	c := connect(t, nil)
	h, _ := c.paid(t)
	for name, call := range map[string]func() error{
		"request_create.json": func() error { _, err := c.Open(t.Context(), c.order()); return err },
		"request_order.json":  func() error { _, err := c.Status(t.Context(), h); return err },
		"request_refund.json": func() error { _, err := c.Refund(t.Context(), c.refund(h, 5, 0)); return err },
	} {
		c.bank.asked = nil
		if err := call(); err != nil {
			t.Fatal(err)
		}
		if got := c.bank.asked[len(c.bank.asked)-1]; got != golden(t, name) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, golden(t, name))
		}
	}
	fresh := connect(t, nil)
	h, _ = fresh.paid(t)
	if _, err := fresh.Refund(t.Context(), fresh.refund(h, 15050, 0)); err != nil {
		t.Fatal(err)
	}
	if got := fresh.bank.asked[len(fresh.bank.asked)-1]; got != golden(t, "request_void.json") {
		t.Errorf("void: %s", got)
	}
}

// TestRecordedOrders reads bodies as the bank has sent them.
func TestRecordedOrders(t *testing.T) {
	o, err := readOrder(parsed(t, golden(t, "answer_order_refunded.json")), "5531")
	if err != nil {
		t.Fatal(err)
	}
	got, doubt := o.report(meanings()[o.word])
	all := int64(100)
	want := bank.Report{State: payment.BankReturned, Word: "Refunded", Amount: payment.Money{Minor: 100,
		Currency: payment.AZN}, Refunded: payment.Said(all),
		Receipt:    payment.Receipt{ApprovalCode: "047347", Card: "416974******1778", Brand: "Visa"},
		Operations: []payment.Operation{{ID: "240612-11391689-000tn7=", Amount: 100}}}
	if !reflect.DeepEqual(got, want) || doubt != "" {
		t.Errorf("%+v, %q", got, doubt)
	}
	o, err = readOrder(parsed(t, golden(t, "answer_order_fresh.json")), "4595")
	if got, _ := o.report(meanings()[o.word]); err != nil || got.State != payment.BankOpen ||
		got.Amount != (payment.Money{}) ||
		got.Refunded.Said {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := readOrder(parsed(t, golden(t, "answer_order_fresh.json")), "4596"); err == nil {
		t.Error("another order's answer is read as ours")
	}
}

// TestRecordedAnswers plays the bank's own bodies through a whole exchange.
func TestRecordedAnswers(t *testing.T) {
	c := connect(t, map[string]any{"page_hosts": []string{"txpgtst.kapitalbank.az"}})
	c.bank.faulty, c.bank.fault = "create", "200 "+golden(t, "answer_create.json")
	session, err := c.Open(t.Context(), c.order())
	if err != nil || session.RedirectURL != "https://txpgtst.kapitalbank.az/flex?id=4595&password=8xjpd1ejxdma" ||
		session.Handle.OrderID != "4595" {
		t.Errorf("%+v, %v", session, err)
	}
	c = connect(t, nil)
	h, _ := c.paid(t)
	c.bank.faulty, c.bank.fault = "exec-tran", "200 "+golden(t, "answer_exec.json")
	id, err := c.Refund(t.Context(), c.refund(h, 100, 0))
	if err != nil || id != "240422-13060545-000oed=" {
		t.Errorf("%+v, %v", id, err)
	}
}
