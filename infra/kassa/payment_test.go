package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/shared/simbank/kapitalxml"
)

// paymentDoc is a payment as a program reads it.
type paymentDoc struct {
	ID          string
	Shop        string
	Status      string
	BankOrderID string  `json:"bank_order_id"`
	Captured    int64   `json:"captured_amount"`
	Refunded    int64   `json:"refunded_amount"`
	Refundable  int64   `json:"refundable_amount"`
	RedirectURL *string `json:"redirect_url"`
	ClientToken *string `json:"client_token"`
	Reviews     []string
	Deliveries  []struct {
		Sequence int64
		State    string
		Tries    int
	}
	Resolutions []struct{ How, By, Why string }
	History     []struct{ What, By string }
	Refunds     []struct{ ID, Status string }
}

// order opens a payment of 150.00 AZN through the API.
func (w world) order(key, ref string) paymentDoc {
	w.t.Helper()
	return w.post(key, `{"order_ref":"`+ref+`","bank":"kapital","amount":15000,"return_urls":{"success":"`+w.Info.ShopURL+
		`/"}}`)
}

// post opens a payment through the API.
func (w world) post(key, body string) paymentDoc {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", w.Info.APIURL+"/v1/payments", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusCreated {
		w.t.Fatalf("%d %s %v", answer.StatusCode, text, err)
	}
	var p paymentDoc
	if err := json.Unmarshal(text, &p); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// pay lets the customer pay at the bank and come back.
func (w world) pay(p paymentDoc) {
	w.t.Helper()
	if _, err := w.Kapital.Pay(p.BankOrderID, kapitalxml.Card{PAN: "4169741330151124", Expiry: "1240",
		CVV: "119"}); err != nil {
		w.t.Fatal(err)
	}
	if answers, err := w.Kapital.Callback(w.t.Context(), p.BankOrderID, kapitalxml.Return{}); err != nil ||
		len(answers) != 1 || answers[0] != http.StatusSeeOther {
		w.t.Fatal(answers, err)
	}
}

// shown is what `kassa payment` shows to programs.
func (w world) shown(code int, args ...string) (p paymentDoc) {
	w.t.Helper()
	o := w.want(code, nil, append([]string{"--json", "payment"}, args...)...)
	if err := json.Unmarshal([]byte(o.out), &p); err != nil {
		w.t.Fatalf("%v: %s", err, o.out)
	}
	return p
}

// changingToo is what differs from payment to payment.
var changingToo = regexp.MustCompile(`pay_[a-z2-7]{26}-1|rf_[a-z2-7]{26}|"[1-9][0-9]{0,9}"|order [0-9]+` +
	`|approval code +[0-9]+|rrn +[0-9]+|"[0-9]{12}"|"0[0-9]{5}"`)

func paymentGolden(t *testing.T, name, text string) {
	t.Helper()
	text = changingToo.ReplaceAllStringFunc(text, func(found string) string {
		return strings.Trim(regexp.MustCompile(`[a-z2-7]{26}|[0-9]+`).ReplaceAllString(found, "N"), `"`)
	})
	golden(t, name, regexp.MustCompile(` +`).ReplaceAllString(normal(text), " "))
}

// TestAPaymentsLifeFromTheDesk: looked up, given back in part, the rest not twice, each under the operator's name.
func TestAPaymentsLifeFromTheDesk(t *testing.T) {
	w := open(t)
	key := w.board("desk").APIKey
	p := w.order(key, "life-1")
	if open := w.shown(0, "show", p.ID); open.Status != "pending" || open.RedirectURL != nil || open.ClientToken != nil ||
		open.Shop != "desk" {
		t.Errorf("%+v", open)
	}
	w.want(1, []string{"0.00 AZN of the payment", "which is pending"}, "payment", "refund", p.ID)
	w.pay(p)
	w.want(1, []string{"paid"}, "payment", "cancel", p.ID, "--as", "aysel")
	w.want(2, []string{"Give back 50.00 AZN of order life-1 of the shop desk", "--yes"}, "payment", "refund", p.ID,
		"--amount", "50.00")
	w.want(2, []string{"must have two decimals"}, "payment", "refund", p.ID, "--amount", "5000", "--yes")
	w.want(2, []string{"--amount is empty"}, "payment", "refund", p.ID, "--amount", "", "--yes")
	w.want(2, []string{"--key is empty"}, "payment", "refund", p.ID, "--amount", "1.00", "--key", "", "--yes")
	w.want(2, []string{"must have two decimals"}, "payment", "refund", p.ID, "--amount", "5,0", "--yes")
	w.want(2, []string{"who are you?"}, "payment", "refund", p.ID, "--as", "a b", "--yes")
	for _, wrong := range []string{" 7", strings.Repeat("x", 65), "4169741330151124"} {
		if o := w.want(2, []string{"--reference is wrong"}, "payment", "refund", p.ID, "--reference", wrong, "--yes", "--as",
			"aysel"); strings.Contains(o.err, wrong) {
			t.Errorf("what was typed is told again: %s", o.err)
		}
	}

	first := w.want(0, []string{"succeeded", "50.00 AZN", "--key operator-", "--reference credit-note-7"}, "payment",
		"refund", p.ID, "--amount", "50.00",
		"--reason", "one cup broke", "--reference", "credit-note-7", "--as", "aysel", "--yes")
	repeat := regexp.MustCompile(`operator-[0-9a-f]{16}`).FindString(first.err)
	w.want(0, []string{`"replayed": true`, "nothing more was given back"}, "--json", "payment", "refund", p.ID, "--amount",
		"50.00", "--key", repeat, "--yes")
	w.want(0, []string{"reference credit-note-7 one cup broke"}, "payment", "show", p.ID)
	w.want(0, []string{`"reason": "one cup broke"`, `"reference": "credit-note-7"`}, "--json", "payment", "show", p.ID)
	for _, yes := range [][]string{{"--yes"}, nil} { // nobody is asked about what cannot be done
		w.want(1, []string{"100.00 AZN"}, append([]string{"payment", "refund", p.ID, "--amount", "100.01"}, yes...)...)
	}
	if now := w.shown(0, "show", p.ID); now.Status != "partially_refunded" || now.Refunded != 5000 ||
		now.Refundable != 10000 || now.History[len(now.History)-1].What != "refund_succeeded" {
		t.Errorf("%+v", now)
	}
	person := &typist{lines: []string{"n", "y"}}
	if o := w.asked(person, "payment", "refund", p.ID); o.code != 1 || !strings.Contains(o.err, "nothing was done") {
		t.Errorf("a person who says no: %d %s", o.code, o.err)
	}
	if o := w.asked(person, "payment", "refund", p.ID); o.code != 0 {
		t.Errorf("a person who says yes: %d %s", o.code, o.err)
	}
	if charged := w.shown(0, "show", p.ID); charged.Status != "refunded" || charged.Refunded != 15000 {
		t.Errorf("%+v", charged)
	}
	for _, words := range [][]string{nil, {"--amount", "1.00"}, {"--yes"}} {
		w.want(1, []string{"all of the payment " + p.ID + " is given back already, 150.00 AZN: nothing is left"},
			append([]string{"payment", "refund", p.ID}, words...)...)
	}
	w.want(0, []string{"nothing more was given back"}, "payment", "refund", p.ID, "--amount", "50.00", "--key", repeat)
	w.want(0, []string{"nothing more was given back"}, "payment", "refund", p.ID, "--amount", "50.00", "--key", repeat,
		"--yes")
	paymentGolden(t, "payment_show.txt", w.want(0, nil, "payment", "show", p.ID).out)
	paymentGolden(t, "payment_show.json", w.want(0, nil, "payment", "show", p.ID, "--json").out)
	paymentGolden(t, "payment_history.txt", w.want(0, nil, "payment", "history", p.ID).out)
	paymentGolden(t, "payment_history.json", w.want(0, nil, "payment", "history", p.ID, "--json").out)
	paymentGolden(t, "payment_list.txt", w.want(0, nil, "payment", "list", "--shop", "desk", "--order", "life-1").out)
}

// TestANewShopSellsByInstalments: what init writes for the other bank works as well.
func TestANewShopSellsByInstalments(t *testing.T) {
	w := open(t)
	p := w.post(w.board("instalments", "--bank", "kartapokupok").APIKey,
		`{"order_ref":"1","bank":"kartapokupok","amount":12000,"term":12,
		"return_urls":{"success":"`+w.Info.ShopURL+
			`/"},"items":[{"sku":"abrus","name":"Abrus","quantity":1,"unit_amount":12000}],
		"customer":{"first_name":"Hanna","last_name":"Lion","phone":"+375291234567","email":"hanna@mail.example"}}`)
	if err := w.KartaPokupok.Approve(p.BankOrderID); err != nil {
		t.Fatal(err)
	}
	o := w.want(0, []string{"paid", "120.00 BYN", "12 months"}, "payment", "show", p.ID)
	if strings.Contains(o.out, "Hanna") || strings.Contains(o.out, "+375") {
		t.Error("the customer is shown")
	}
}

// TestCancelFromTheDesk ends an unpaid payment under the operator's name.
func TestCancelFromTheDesk(t *testing.T) {
	w := open(t)
	p := w.order(w.board("canceller").APIKey, "1")
	got := w.shown(0, "cancel", p.ID, "--as", "aysel")
	if last := got.History[len(got.History)-1]; got.Status != "cancelled" || last.By != "operator:aysel" {
		t.Errorf("%+v", got)
	}
}

// TestCancelWhileTheBankIsSilent says that nothing was ended, once, and in no word that could mean the contrary.
func TestCancelWhileTheBankIsSilent(t *testing.T) {
	w := open(t)
	p := w.order(w.board("cancel-unheard").APIKey, "1")
	if err := w.Kapital.Faults(kapitalxml.Fault{Operation: "GetOrderStatus", Kind: "refuse_connection"}); err != nil {
		t.Fatal(err)
	}
	o := w.want(4, []string{"kassa: the payment was not ended: "}, "payment", "cancel", p.ID, "--as", "aysel")
	if strings.Count(o.err, "\n") != 1 {
		t.Errorf("it is told more than once:\n%s", o.err)
	}
	if now := w.shown(0, "show", p.ID); now.Status != "pending" {
		t.Errorf("%+v", now)
	}
}

// TestHelpTellsWhoCallsTheBank: a bank that allow-lists addresses must know this machine's.
func TestHelpTellsWhoCallsTheBank(t *testing.T) {
	w := open(t)
	for _, name := range []string{"refund", "cancel"} {
		w.want(0, []string{"from this"}, "payment", name, "--help")
	}
	w.want(0, []string{"allow-lists addresses"}, "payment", "refund", "--help")
}

// TestHelpTellsWhoDecides: where no USER is set, as in a container, --as is needed, and every example can be typed
// there.
func TestHelpTellsWhoDecides(t *testing.T) {
	w := open(t)
	for _, name := range []string{"refund", "cancel", "resolve"} {
		help := w.want(0, []string{"(default $USER, needed where that is not set)"}, "payment", name, "--help").out
		if strings.Contains(help, "tester") {
			t.Errorf("the help names a person:\n%s", help)
		}
		for line := range strings.Lines(strings.ReplaceAll(help, "\\\n", "")) {
			if strings.HasPrefix(line, "  kassa payment "+name+" pay_") && !strings.Contains(line, " --as ") {
				t.Errorf("an example lacks --as: %s", line)
			}
		}
	}
}

// TestDecisions: what only people can find out is listed, decided once, with a name and a reason.
func TestDecisions(t *testing.T) {
	w := open(t)
	p := w.order(w.board("deciding").APIKey, "other-amount")
	if err := w.Kapital.SetAmount(p.BankOrderID, 14000); err != nil {
		t.Fatal(err)
	}
	w.pay(p)
	w.now = func() time.Time { return time.Now().Add(2 * time.Second) } // the list counts whole seconds
	var list struct{ Payments []paymentDoc }
	o := w.want(0, nil, "--json", "payment", "list", "--review", "--shop", "deciding")
	if err := json.Unmarshal([]byte(o.out), &list); err != nil || len(list.Payments) != 1 || list.Payments[0].ID != p.ID ||
		list.Payments[0].Reviews[0] != "amount" {
		t.Fatalf("%v %s", err, o.out)
	}
	w.want(2, []string{"--how must be"}, "payment", "resolve", p.ID, "--reason", "x")
	w.want(2, []string{"--reason is needed"}, "payment", "resolve", p.ID, "--how", "accept-captured")
	w.want(2, []string{"--reason is needed"}, "payment", "resolve", p.ID, "--how", "accept-captured", "--reason",
		"card 4111 1111 1111 1111")
	w.want(2, []string{`--review "colour" is none`}, "payment", "resolve", p.ID, "--how", "dismiss", "--review", "colour",
		"--reason", "x")
	w.want(1, []string{"nothing_to_resolve"}, "payment", "resolve", p.ID, "--how", "refund-done", "--amount", "1.00",
		"--reason", "x")
	w.want(0, []string{"review:amount"}, "payment", "show", p.ID)
	got := w.shown(0, "resolve", p.ID, "--how", "accept-captured", "--reason", "the shop keeps 140.00", "--as", "aysel")
	if len(got.Reviews) != 0 || len(got.Resolutions) != 1 || got.Resolutions[0].By != "operator:aysel" ||
		got.Resolutions[0].Why != "the shop keeps 140.00" {
		t.Errorf("%+v", got)
	}
	w.want(1, []string{"nothing_to_resolve"}, "payment", "resolve", p.ID, "--how", "accept-captured", "--reason", "again")
	w.want(0, []string{"accept_captured: the shop keeps 140.00", "operator:aysel"}, "payment", "history", p.ID)
	if o := w.want(0, nil, "payment", "list", "--review", "--shop", "deciding"); strings.Contains(o.out, p.ID) {
		t.Errorf("still listed:\n%s", o.out)
	}
}

// TestARefundThatNobodyConfirms ends with "try again"; a person may decide about it once nobody can be at work on it
// any more.
func TestARefundThatNobodyConfirms(t *testing.T) {
	w := open(t)
	p := w.order(w.board("unsure").APIKey, "1")
	w.pay(p)
	if err := w.Kapital.Faults(kapitalxml.Fault{Operation: "GetOrderStatus", Kind: "http_500"}); err != nil {
		t.Fatal(err)
	}
	w.want(4, []string{"nothing was given back: "}, "payment", "refund", p.ID, "--amount", "20.00", "--yes", "--as",
		"aysel")
	w.Kapital.ClearFaults()
	refund := w.stuck(p)
	w.want(4, []string{"refund_in_progress"}, "payment", "refund", p.ID, "--amount", "1.00", "--yes")
	resolve := func(how string, more ...string) []string {
		return append([]string{"payment", "resolve", p.ID, "--how", how, "--reason", "the bank's desk says so", "--as",
			"aysel"}, more...)
	}
	w.want(4, []string{"may still be at work"}, resolve("refund-not-done", "--refund", refund)...)
	w.now = func() time.Time { return time.Now().Add(time.Hour) }
	w.want(2, []string{"the refund " + refund + " of 20.00 AZN is in flight", "--refund " + refund},
		resolve("refund-not-done")...)
	w.want(2, []string{"--refund " + refund}, resolve("refund-done")...)
	w.want(2, []string{"--refund " + refund}, resolve("refund-done", "--amount", "5.00")...)
	w.want(2, []string{"must be less than the refund's 20.00 AZN"}, resolve("refund-done", "--refund", refund, "--amount",
		"20.00")...)
	w.want(2, []string{"--amount goes with"}, resolve("refund-not-done", "--refund", refund, "--amount", "5.00")...)
	w.want(1, []string{"The refund in flight is " + refund},
		resolve("refund-not-done", "--refund", "rf_abcdefghijklmnopqrstuvwxyz")...)
	w.want(2, []string{"--refund goes with"}, resolve("dismiss", "--refund", "rf_one")...)
	w.want(0, []string{"refund failed"}, resolve("refund-not-done", "--refund", refund)...)
	if got := w.shown(0, "show", p.ID); got.Refundable != 15000 || got.Refunded != 0 {
		t.Errorf("%+v", got)
	}
}

// stuck begins a refund of 20.00 that the bank does not confirm, and gives its id.
func (w world) stuck(p paymentDoc) string {
	w.t.Helper()
	err := w.Kapital.Faults(kapitalxml.Fault{Operation: "Refund", Kind: "http_500"},
		kapitalxml.Fault{Operation: "GetOrderStatus", Nth: 2, Count: 2, Kind: "http_500"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.want(4, []string{"processing", "has not confirmed the refund yet"}, "payment", "refund", p.ID, "--amount", "20.00",
		"--yes", "--as", "aysel")
	w.Kapital.ClearFaults()
	return w.shown(0, "show", p.ID).Refunds[0].ID
}

// TestAPartGivenBack: the refund is done with the part that the bank gave back, and the rest is left.
func TestAPartGivenBack(t *testing.T) {
	w := open(t)
	p := w.order(w.board("partly").APIKey, "1")
	w.pay(p)
	refund := w.stuck(p)
	w.now = func() time.Time { return time.Now().Add(time.Hour) }
	got := w.shown(0, "resolve", p.ID, "--how", "refund-done", "--refund", refund, "--amount", "5.00", "--reason",
		"the bank gave back 5.00 of 20.00", "--as", "aysel")
	if len(got.Refunds) != 1 || got.Refunds[0].Status != "succeeded" || got.Refunded != 500 || got.Refundable != 14500 {
		t.Errorf("%+v", got)
	}
}

// TestRedeliver puts a message into the outbox again, whatever became of it.
func TestRedeliver(t *testing.T) {
	w := open(t)
	p := w.order(w.board("unheard", "--webhook-url", "http://127.0.0.1:9/hook").APIKey, "1")
	w.pay(p)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var got paymentDoc
	for len(got.Deliveries) == 0 || got.Deliveries[0].State != "retry" {
		select {
		case <-t.Context().Done():
			t.Fatal("the shop was never called")
		case <-tick.C:
			got = w.shown(0, "show", p.ID)
		}
	}
	if got.Deliveries[0].Tries != 1 {
		t.Errorf("%+v", got.Deliveries)
	}
	w.want(0, []string{"message 3", "retry", "1 tries"}, "payment", "show", p.ID)
	w.want(0, []string{"none is sent again", "--sequence"}, "payment", "redeliver", p.ID)
	if d := w.shown(0, "show", p.ID).Deliveries[0]; d.Tries != 1 {
		t.Errorf("without a number it was put back: %+v", d)
	}
	got = w.shown(0, "redeliver", p.ID, "--sequence", "3")
	if d := got.Deliveries[0]; d.State != "retry" || d.Tries != 0 || d.Sequence != 3 {
		t.Errorf("%+v", d)
	}
	w.want(1, nil, "payment", "redeliver", p.ID, "--sequence", "1")
	if bytes.Contains([]byte(w.want(0, nil, "payment", "history", p.ID).out), []byte("127.0.0.1")) {
		t.Error("the history tells the webhook's address")
	}
}
