package e2e

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/kapitaltxpg"
)

// TestForeignCurrencyIsNoPayment: the bank shows our order paid in another currency than it was opened in. Nothing
// counts as taken and a person must look; what the bank says when it has seen its error counts.
func TestForeignCurrencyIsNoPayment(t *testing.T) { eachGateway(t, foreignCurrencyIsNoPayment) }

func foreignCurrencyIsNoPayment(t *testing.T, w world) {
	p := w.open(t, 1, 3400)
	if err := errors.Join(w.bank.SetCurrency(p.BankOrderID, w.bank.usd), w.bank.Approve(p.BankOrderID)); err != nil {
		t.Fatal(err)
	}
	if got := w.poll(t, p.ID); got.Status != "pending" || got.Captured != 0 || got.Review != "currency" {
		t.Errorf("%s captured %d review %q", got.Status, got.Captured, got.Review)
	}
	if a := w.shop.must(t, []int{409}, "POST", "/v1/payments", order(p.OrderRef, w.Info.ShopURL, 3400)); read[problemDoc](
		t,
		a).Code != "order_under_review" {
		t.Errorf("another try to pay: %s", a)
	}
	if err := w.bank.SetCurrency(p.BankOrderID, w.bank.azn); err != nil {
		t.Fatal(err)
	}
	w.age(t, p.ID, time.Minute)
	if got := w.poll(t, p.ID); got.Status != "paid" || got.Captured != 3400 || got.Review != "currency" {
		t.Errorf("%s captured %d review %q", got.Status, got.Captured, got.Review)
	}
}

// TestUnknownWordChangesNothing for a day; then a person must look, and the bank is asked all the same.
func TestUnknownWordChangesNothing(t *testing.T) { eachGateway(t, unknownWordChangesNothing) }

func unknownWordChangesNothing(t *testing.T, w world) {
	p := w.open(t, 1, 3500)
	if err := w.bank.SetStatus(p.BankOrderID, "HAPPY"); err != nil {
		t.Fatal(err)
	}
	w.stands(t, p.ID, "pending", 0, 0)
	w.age(t, p.ID, 25*time.Hour)
	w.sweep(t)
	if got := w.poll(t, p.ID); got.Status != "pending" || got.Review != "status" {
		t.Errorf("a day later: %s review %q", got.Status, got.Review)
	}
	if err := errors.Join(w.bank.SetStatus(p.BankOrderID, w.bank.open), w.bank.Approve(p.BankOrderID)); err != nil {
		t.Fatal(err)
	}
	w.age(t, p.ID, 2*time.Minute)
	w.stands(t, p.ID, "paid", 3500, 0)
}

// TestSumsDecideAgainstTheWord of the JSON gateway: money that the order's operations show is paid although its status
// denies it, and a person must look; it can be given back.
func TestSumsDecideAgainstTheWord(t *testing.T) {
	w := shared(t)
	w = w.over(overJSON(w.Stack))
	for n, word := range []string{"Declined", "Expired", "Cancelled", "Refused", "Preparing", "Authorized"} {
		p := w.open(t, n, 3600)
		if err := errors.Join(w.bank.Approve(p.BankOrderID), w.bank.SetStatus(p.BankOrderID, word)); err != nil {
			t.Fatal(err)
		}
		if came, err := w.bank.comes(t.Context(), p.BankOrderID, comeback{}); err != nil || came[0] != http.StatusSeeOther {
			t.Fatal(came, err)
		}
		if got := w.poll(t, p.ID); got.Status != "paid" || got.Captured != 3600 || got.Review != "status" ||
			got.BankStatus != word {
			t.Errorf("%s: %s captured %d review %q", word, got.Status, got.Captured, got.Review)
		}
		if n > 0 {
			continue
		}
		if err := w.bank.SetStatus(p.BankOrderID, w.bank.paid); err != nil {
			t.Fatal(err)
		}
		a, err := w.shop.refund(t.Context(), p.ID, "k", 100)
		if got := w.poll(t, p.ID); err != nil || a.status != 201 || got.Refunded != 100 || got.Review != "status" {
			t.Errorf("given back under review: %s %v, %+v", a, err, got)
		}
	}
}

// TestEveryWayTheJSONGatewayBringsCustomersBack: without its parameters, with claims that are not so, twice.
func TestEveryWayTheJSONGatewayBringsCustomersBack(t *testing.T) {
	w := shared(t)
	w = w.over(overJSON(w.Stack))
	for n, set := range []func(*kapitaltxpg.Settings){
		func(s *kapitaltxpg.Settings) { s.ReturnWithout = "id" },
		func(s *kapitaltxpg.Settings) { s.ReturnWithout = "status" },
		func(s *kapitaltxpg.Settings) { s.ReturnWithout = "both" },
		func(s *kapitaltxpg.Settings) { s.ForgeStatus = "Declined" },
		func(s *kapitaltxpg.Settings) { s.ForgeStatus, s.SwapOrder = "<b>", "999999999999999999999" },
		func(s *kapitaltxpg.Settings) { s.PageForm, s.VoidSum = "bare", "none" },
		func(s *kapitaltxpg.Settings) { s.PageForm, s.VoidMark = "slash", "sign" },
	} {
		if err := errors.Join(w.bank.Reset(false), w.KapitalTXPG.Set(set)); err != nil {
			t.Fatal(err)
		}
		p := w.paid(t, n, 3700)
		if a, err := w.shop.refund(t.Context(), p.ID, "all", 0); err != nil || a.status != 201 {
			t.Errorf("%d: %s %v", n, a, err)
		}
		w.stands(t, p.ID, "refunded", 3700, 3700)
	}
	if err := w.bank.Reset(false); err != nil {
		t.Fatal(err)
	}
}

// TestTheOtherVerbFollowsARefusalOfTheState alone: where the bank no longer voids, or does not refund yet, the whole
// goes back by the other one; any other refusal, and an answer that decides nothing, sends nothing more.
func TestTheOtherVerbFollowsARefusalOfTheState(t *testing.T) {
	w := shared(t)
	w = w.over(overJSON(w.Stack))
	for n, c := range []struct {
		set       func(*kapitaltxpg.Settings)
		answer    int
		calls     int // at most
		given     int64
		afterward string // how the refund stands
	}{
		{func(s *kapitaltxpg.Settings) { s.CutOff = "00:00" }, 201, 2, 3800, "succeeded"},
		{func(s *kapitaltxpg.Settings) { s.CutOff, s.StateCode = "00:00", "TranProhibited" }, 201, 2, 3800, "succeeded"},
		{func(s *kapitaltxpg.Settings) { s.RefundSameDay = "none" }, 201, 2, 3800, "succeeded"},
		{func(s *kapitaltxpg.Settings) { s.Refuse = map[string]string{"exec-tran": "InvalidAmt"} }, 422, 1, 0, "failed"},
		{func(s *kapitaltxpg.Settings) {
			s.Refuse = map[string]string{"exec-tran": "InvalidOrderState"}
		}, 422, 2, 0, "failed"},
		{func(s *kapitaltxpg.Settings) {
			s.Refuse = map[string]string{"exec-tran": "PmoUnreachable"}
		}, 202, 1, 0, "processing"},
	} {
		p := w.paid(t, n, 3800)
		if err := w.KapitalTXPG.Set(c.set); err != nil {
			t.Fatal(err)
		}
		a, err := w.shop.refund(t.Context(), p.ID, "k", 0)
		calls := 0
		for _, operation := range w.asked(p.BankOrderID) {
			if operation == w.bank.move[0] {
				calls++
			}
		}
		if err := w.bank.Reset(false); err != nil { // also the history
			t.Fatal(err)
		}
		after := w.poll(t, p.ID)
		if err != nil || a.status != c.answer || calls > c.calls || after.Refunded != c.given || len(after.Refunds) != 1 ||
			after.Refunds[0].Status != c.afterward || w.account(t, p).Refunded != c.given {
			t.Errorf("%d: %s %v, %d calls, %+v", n, a, err, calls, after)
		}
	}
}

// TestTaksit pays an order by the months of the shop's contract: the term alone tells the bank, and no text does.
func TestTaksit(t *testing.T) {
	w := shared(t)
	w = w.over(overJSON(w.Stack))
	anybody, shop := w.shop, w.Info.Shops[w.bank.shop].ID
	anybody.bearer = ""
	offered := read[struct {
		Currency string
		Plans    []struct{ Term int }
	}](t, anybody.must(t, []int{200}, "GET", "/v1/instalments?bank=kapital&amount=9000&shop="+shop, nil))
	if offered.Currency != "AZN" || len(offered.Plans) != 3 || offered.Plans[1].Term != 3 {
		t.Errorf("offered %+v", offered)
	}
	anybody.must(t, []int{404}, "GET", "/v1/instalments?bank=kartapokupok&amount=9000&shop="+shop, nil)

	body := order(w.ref(t, 1), w.Info.ShopURL, 9000)
	body["term"] = 3
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", body))
	for _, o := range w.KapitalTXPG.Ledger().Orders {
		if o.OrderID == p.BankOrderID && (o.Taksit != 3 || o.Description != "TAKSIT=3") {
			t.Errorf("the bank was told %q", o.Description)
		}
	}
	w.pay(t, p)
	w.stands(t, p.ID, "paid", 9000, 0)
	for _, wrong := range []map[string]any{{"term": 12}, {"description": "ÇAY TAKSİT = 6"}, {"description": "ＴＡＫＳＩＴ＝６"}} {
		body := order("taksit-refused", w.Info.ShopURL, 9000)
		at := ""
		for name, value := range wrong {
			body[name], at = value, "/"+name
		}
		refused := read[problemDoc](t, w.shop.must(t, []int{422}, "POST", "/v1/payments", body))
		if len(refused.Errors) != 1 || refused.Errors[0].Pointer != at {
			t.Errorf("%v: %+v", wrong, refused)
		}
	}
	named := order(w.ref(t, 2)+"; TAKSIT=6", w.Info.ShopURL, 9100) // an order's number is no order to pay so
	delete(named, "description")
	plain := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", named))
	if a := w.account(t, plain); strings.Contains(a.Description, "TAKSIT=") {
		t.Errorf("the bank was told %q", a.Description)
	}
}

// TestRefusedLoginIsLeftAlone: a login that the bank has changed is taken at once when it is entered. One that it
// refuses is tried once by each function and no more, however much is asked; an ERROR line calls a person.
func TestRefusedLoginIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	w = w.over(overJSON(w.Stack))
	paid, open := w.paid(t, 1, 4100), w.open(t, 2, 4200)
	refused := func() (n int) {
		for _, r := range w.bank.history() {
			if r.Code == "InvalidLogin" || r.Code == "PwdTryLimitExceeded" {
				n++
			}
		}
		return n
	}

	w.KapitalTXPG.Unlock("renewed")
	w.enterPassword(t, "renewed")
	w.open(t, 3, 4300)
	if a, err := w.shop.refund(t.Context(), paid.ID, "a", 100); err != nil || a.status != 201 {
		t.Errorf("with the renewed login: %s %v", a, err)
	}
	before := refused()

	w.KapitalTXPG.Unlock("changed again, and nobody was told")
	for n := range 2 {
		w.shop.must(t, []int{500}, "POST", "/v1/payments", order(w.ref(t, 10+n), w.Info.ShopURL, 4400))
		w.age(t, open.ID, 5*time.Minute)
		w.sweep(t)
		w.age(t, open.ID, 5*time.Minute)
		if got := w.poll(t, open.ID); got.Status != "pending" {
			t.Errorf("%s while the bank refuses our login", got.Status)
		}
		if a, err := w.shop.refund(t.Context(), paid.ID, "b", 200); err != nil || a.status != 500 {
			t.Errorf("a refund while the bank refuses our login: %s %v", a, err)
		}
	}
	if tries := refused() - before; tries < 1 || tries > 4 { // Initiate, Refund, StatusPoll, ExpirySweep
		t.Errorf("the refused login was tried %d times", tries)
	}
	for _, function := range []string{"Initiate", "Refund", "ExpirySweep"} {
		if !w.wrote(t, function, `"level":"ERROR"`) {
			t.Errorf("%s calls nobody", function)
		}
	}

	w.enterPassword(t, "changed again, and nobody was told")
	w.Host.KillAll() // half a minute after the last doubt, or five without one, a function reads the secret again
	w.KapitalTXPG.Unlock("changed again, and nobody was told")
	w.pay(t, open)
	if a, err := w.shop.refund(t.Context(), paid.ID, "b", 200); err != nil || a.status != 201 {
		t.Errorf("the same refund later: %s %v", a, err)
	}
	w.stands(t, paid.ID, "partially_refunded", 4100, 300)
}

// enterPassword writes the JSON gateway's password into the secret of the demo shop.
func (w world) enterPassword(t *testing.T, password string) {
	t.Helper()
	err := w.rewrite(t.Context(), "kassa/local/bank/demo-az-json/kapital", func(fields map[string]any) {
		if section, ok := fields["txpg"].(map[string]any); ok {
			section["password"] = password
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wrote says whether a function has written such a line.
func (w world) wrote(t *testing.T, function, text string) bool {
	t.Helper()
	log, err := os.ReadFile(w.LogFile(function))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(log), text)
}
