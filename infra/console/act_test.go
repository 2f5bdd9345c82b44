package console_test

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank/kapital"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
	"kassa/shared/simbank/kapitalxml"
)

// terminal gives the shop a bank, simulated over real TLS.
func (w *world) terminal() *kapitalxml.Sim {
	w.t.Helper()
	sim, err := kapitalxml.New(kapitalxml.Options{PageURL: "http://127.0.0.1:8084", Auth: "none", Merchant: "E1000010",
		Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewTLSServer(sim.API())
	w.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		_ = sim.Close()
	})
	secret, err := json.Marshal(map[string]any{"merchant_id": "E1000010", "environment": "test",
		"endpoint": server.URL + "/Exec", "auth": "none", "page_hosts": []string{"127.0.0.1:8084"},
		"insecure_loopback": true,
		"ca":                string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))})
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := kapital.New(secret, kapital.Options{Stage: "local"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.banks["kapital"] = b
	return sim
}

// opened is a payment whose customer is before the bank's page.
func (w *world) opened(ref string, minor int64) payment.Payment {
	w.t.Helper()
	result, err := w.service.Initiate(w.t.Context(), checkout.Order{Shop: "demo-az", By: payment.ByShop("k1"), Ref: ref,
		Bank: "kapital", Amount: payment.Money{Minor: minor, Currency: payment.AZN}, Locale: "en",
		Return: payment.ReturnURLs{Success: "https://shop.example/thanks"}, Banks: []string{"kapital"},
		Origins: []string{"https://shop.example"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return result.Payment
}

// paid is a payment that the bank has taken the money of.
func (w *world) paid(sim *kapitalxml.Sim, ref string, minor int64) payment.Payment {
	w.t.Helper()
	p := w.opened(ref, minor)
	if err := sim.Approve(p.Handle.OrderID); err != nil {
		w.t.Fatal(err)
	}
	p, err := w.service.Poll(w.t.Context(), p.ID, checkout.Reader{Shop: p.Shop})
	if err != nil || p.Status != payment.Paid {
		w.t.Fatal(p.Status, err)
	}
	return p
}

// stored is a payment as it is on record.
func (w *world) stored(id payment.ID) payment.Payment {
	w.t.Helper()
	p, err := w.store.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// refunded is what the bank's own books say to have gone back.
func refunded(sim *kapitalxml.Sim) (sum int64) {
	for _, o := range sim.Ledger().Orders {
		sum += o.Refunded
	}
	return sum
}

var hidden = regexp.MustCompile(`type="hidden" name="([a-z]+)" value="([^"]*)"`)

// fields are the hidden ones of a page's form.
func (p page) fields() url.Values {
	all := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(p.body, -1) {
		all.Set(m[1], m[2])
	}
	return all
}

// TestARefund is asked about with shop and stage before it is made, is made once however often its form is sent, also
// at the same moment, and bears the operator's name.
func TestARefund(t *testing.T) {
	w := open(t, true)
	sim := w.terminal()
	p := w.paid(sim, "R-1", 15000)
	path := "/payments/" + p.ID.String() + "/refund"
	c := w.enter()
	w.get(c, http.StatusOK, "/payments/"+p.ID.String()).wants(t, path)
	form := w.get(c, http.StatusOK, path)
	form.wants(t, `value="150.00"`, "150.00\u00a0AZN of 150.00")
	typed := form.fields()
	typed.Set("amount", "40.00")
	typed.Set("reason", "one cup broke")
	question := w.post(c, form, path, typed)
	question.wants(t, "Give back 40.00\u00a0AZN of order \u2068R-1\u2069 of the shop demo-az on stage test?", "test money",
		"one cup broke", "operator (aysel)")
	if question.status != http.StatusOK || refunded(sim) != 0 {
		t.Fatalf("asked: %d, and the bank gave back %d", question.status, refunded(sim))
	}
	sure := question.fields()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if p := w.post(c, question, path, sure); p.status != http.StatusOK {
				t.Errorf("%d: %s", p.status, p.body)
			}
		})
	}
	both.Wait()
	w.post(c, question, path, sure).wants(t, "The money went back")
	now := w.stored(p.ID)
	if refunded(sim) != 4000 || len(now.Refunds) != 1 || now.Refunded != 4000 {
		t.Errorf("the bank gave back %d, on record are %+v", refunded(sim), now.Refunds)
	}
	if by := now.Refunds[0].By; by != "operator:aysel" {
		t.Errorf("it was made by %s", by)
	}
	sure.Set("amount", "50,00")
	w.post(c, question, path, sure).wants(t, "sent before with another amount")
	if refunded(sim) != 4000 {
		t.Errorf("another amount under the same key: the bank gave back %d", refunded(sim))
	}
}

// TestWhatIsWrongWithARefund is told at once and in the form, with what was typed, and nothing reaches the bank.
func TestWhatIsWrongWithARefund(t *testing.T) {
	w := open(t, true)
	sim := w.terminal()
	p := w.paid(sim, "R-2", 15000)
	path := "/payments/" + p.ID.String() + "/refund"
	c := w.enter()
	form := w.get(c, http.StatusOK, path)
	for change, want := range map[string]string{
		"amount=5000": "can be read in two ways", "amount=1,000": "with two decimals", "amount=": "two decimals",
		"amount=0.00": "two decimals", "amount=150.01": "more than what is left", "amount=50.00 BYN": "another currency",
		"reason=4169741330151778": "card number", "reference=4169741330151778": "card number", "key=mine": "too old",
	} {
		typed := form.fields()
		typed.Set("amount", "50.00")
		typed.Set("sure", "yes")
		name, value, _ := strings.Cut(change, "=")
		typed.Set(name, value)
		answer := w.post(c, form, path, typed)
		answer.wants(t, want, `role="alert"`)
		if answer.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", change, answer.status)
		}
	}
	w.banks["kapital"] = nil
	typed := form.fields()
	typed.Set("amount", "50.00")
	typed.Set("sure", "yes")
	silent := w.post(c, form, path, typed)
	silent.wants(t, "The bank does not answer", `value="50.00"`, typed.Get("key"))
	if silent.status != http.StatusServiceUnavailable || refunded(sim) != 0 || len(w.stored(p.ID).Refunds) != 0 {
		t.Errorf("%d, %+v", silent.status, w.stored(p.ID).Refunds)
	}
}

// TestCancelling asks first, and refuses what is paid with words that say what to do instead.
func TestCancelling(t *testing.T) {
	w := open(t, true)
	sim := w.terminal()
	p, q := w.opened("S-1", 15000), w.opened("S-2", 15000)
	c := w.enter()
	path := "/payments/" + p.ID.String()
	shown := w.get(c, http.StatusOK, path)
	w.post(c, shown, path+"/cancel", url.Values{}).wants(t, "order \u2068S-1\u2069 of the shop demo-az on stage test?")
	if w.stored(p.ID).Status != payment.Pending {
		t.Fatal("it was ended before anybody was asked")
	}
	w.post(c, shown, path+"/cancel", url.Values{"sure": {"yes"}}).wants(t, "was called off", "operator (aysel)")
	if now := w.stored(p.ID); now.Status != payment.Cancelled || now.History[len(now.History)-1].By != "operator:aysel" {
		t.Errorf("%s %+v", now.Status, now.History)
	}
	open := w.get(c, http.StatusOK, "/payments/"+q.ID.String())
	if err := sim.Approve(q.Handle.OrderID); err != nil {
		t.Fatal(err)
	}
	late := w.post(c, open, "/payments/"+q.ID.String()+"/cancel", url.Values{"sure": {"yes"}})
	if late.wants(t, "give the money back instead"); late.status != http.StatusConflict {
		t.Errorf("of a paid one: %d", late.status)
	}
	asked := w.post(c, open, "/payments/"+q.ID.String()+"/ask", url.Values{})
	asked.wants(t, "The bank says what is on record here")
	w.get(c, http.StatusOK, "/payments/"+q.ID.String()+"?language=ru")
	asked.wants(t, `href="`+w.base+"/payments/"+q.ID.String()+`?language=ru"`) // a form is not sent twice
}

// TestDecisions are made about the review that the page shows, with a reason, and for the refund that was asked about.
func TestDecisions(t *testing.T) {
	w := open(t, true)
	p := w.order("T-1", 15000, start, taken(14000))
	c := w.enter()
	path := "/payments/" + p.ID.String()
	list := w.get(c, http.StatusOK, "/reviews")
	list.wants(t, "T-1", "The bank took another amount", "it took 140.00\u00a0AZN instead of 150.00\u00a0AZN",
		path+"/decide/amount")
	form := w.get(c, http.StatusOK, path+"/decide/amount")
	form.wants(t, "The shop keeps what was taken", "The shop gives everything back")
	empty := w.post(c, form, path+"/decide/amount", form.fields())
	if empty.wants(t, "Choose what you found out", "Write how you know"); empty.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty form: %d", empty.status)
	}
	typed := form.fields()
	typed.Set("choice", "step.keep")
	typed.Set("reason", "the shop agrees")
	question := w.post(c, form, path+"/decide/amount", typed)
	question.wants(t, "about order \u2068T-1\u2069 of the shop demo-az on stage test", "The shop keeps what was taken")
	if len(w.stored(p.ID).Resolutions) != 0 {
		t.Fatal("it was decided before anybody was asked")
	}
	w.post(c, question, path+"/decide/amount", question.fields()).wants(t, "The decision is on record",
		"the shop agrees")
	if now := w.stored(p.ID); len(now.Reviews) != 0 || len(now.Resolutions) != 1 ||
		now.Resolutions[0].By != "operator:aysel" {
		t.Errorf("%v %+v", now.Reviews, now.Resolutions)
	}
	again := w.post(c, question, path+"/decide/amount", question.fields())
	if again.wants(t, "This review is over"); again.status != http.StatusNotFound {
		t.Errorf("once more: %d", again.status)
	}
	w.get(c, http.StatusOK, "/reviews").wants(t, "Nothing waits for a person")
}

// TestADecisionHoldsForItsRefund alone: the shop may have begun another since the form was opened.
func TestADecisionHoldsForItsRefund(t *testing.T) {
	w := open(t, true)
	p := w.order("T-2", 15000, start, taken(15000))
	p.Reviews = []payment.Review{payment.ReviewRefund}
	p.Refunds = []payment.Refund{{ID: payment.RefundID(p.ID, "k"), Amount: 2000, Status: payment.RefundUnknown,
		Origin: payment.OriginShop, RequestedAt: start, Until: start.Add(time.Minute)}}
	if _, err := w.store.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := w.enter()
	path := "/payments/" + p.ID.String() + "/decide/refund"
	form := w.get(c, http.StatusOK, path)
	typed := form.fields()
	typed.Set("choice", "step.refund_part")
	typed.Set("reason", "the bank's portal")
	typed.Set("amount", "5.00 BYN")
	w.post(c, form, path, typed).wants(t, "another currency")
	typed.Set("amount", "5.00")
	question := w.post(c, form, path, typed)
	question.wants(t, "smaller amount", "5.00\u00a0AZN", p.Refunds[0].ID)
	stale := question.fields()
	stale.Set("refund", "rf_other")
	w.post(c, question, path, stale).wants(t, "Another refund has begun")
	w.post(c, question, path, question.fields()).wants(t, "The decision is on record")
	if now := w.stored(p.ID); now.Refunds[0].Status != payment.RefundSucceeded || now.Refunds[0].Amount != 500 {
		t.Errorf("%+v", now.Refunds)
	}
}

// TestMessagesGoAgain where the shop has not taken them.
func TestMessagesGoAgain(t *testing.T) {
	w := open(t, true)
	p := w.order("U-1", 15000, start, taken(15000), dead(3))
	c := w.enter()
	shown := w.get(c, http.StatusOK, "/payments/"+p.ID.String())
	shown.wants(t, "Send again")
	w.post(c, shown, "/payments/"+p.ID.String()+"/redeliver", url.Values{}).wants(t, "go out again")
	if d := w.stored(p.ID).Deliveries[0]; d.State != delivery.Retry {
		t.Errorf("%+v", d)
	}
	wrong := w.forge(c, "/payments/"+p.ID.String()+"/redeliver", url.Values{"sequence": {"1"}})
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("an entry that nobody is told of: %d", wrong.status)
	}
}

// TestReadOnly has no way to change anything: neither buttons nor addresses.
func TestReadOnly(t *testing.T) {
	w := open(t, false)
	p := w.order("V-1", 15000, start, taken(14000), dead(3))
	c := w.enter()
	path := "/payments/" + p.ID.String()
	shown := w.get(c, http.StatusOK, path)
	shown.wants(t, "read-only")
	for _, action := range []string{"/refund", "/cancel", "/redeliver", "/decide/amount"} {
		shown.lacks(t, path+action)
		if answer := w.forge(c, path+action, url.Values{"sure": {"yes"}}); answer.status != http.StatusNotFound {
			t.Errorf("%s answers %d", action, answer.status)
		}
	}
	if now := w.stored(p.ID); now.Rev != p.Rev {
		t.Error("something was saved")
	}
}

// TestWhereNothingCanGoBack the form of a refund says so before anybody fills it in.
func TestWhereNothingCanGoBack(t *testing.T) {
	w := open(t, true)
	unpaid, paid := w.order("W-1", 15000, start), w.order("W-2", 15000, start, taken(15000))
	paid.Refunds = []payment.Refund{{ID: payment.RefundID(paid.ID, "k"), Amount: 2000, Status: payment.RefundUnknown,
		Origin: payment.OriginShop, RequestedAt: start, Until: start.Add(time.Minute)}}
	if _, err := w.store.Save(t.Context(), paid); err != nil {
		t.Fatal(err)
	}
	c := w.enter()
	w.get(c, http.StatusOK, "/payments/"+unpaid.ID.String()+"/refund").wants(t, "nothing left to give back")
	w.get(c, http.StatusOK, "/payments/"+paid.ID.String()+"/refund").wants(t, "Another refund of this payment",
		`value="130.00"`)
}
