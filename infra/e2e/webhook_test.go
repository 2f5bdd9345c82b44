package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/engine"
	"kassa/infra/local/stack"
	"kassa/shared/payment"
)

// inboxOf lists what the demo shop has heard of a payment, oldest first.
func (w world) inboxOf(t testing.TB, id string) []inbox.Message {
	t.Helper()
	list, err := w.Shop.Inbox().Messages(inbox.Filter{PaymentID: id})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b inbox.Message) int { return int(a.Sequence - b.Sequence) })
	return list
}

// heard waits until the stream has brought every news of a payment to the shop, and holds that it was these, each taken
// at the first delivery, and that the shop believes of the payment what the API says.
func (w world) heard(t testing.TB, p paymentDoc, kinds ...string) {
	t.Helper()
	w.told(t, p.ID)
	var got []string
	for _, m := range w.inboxOf(t, p.ID) {
		got = append(got, m.Type)
		if m.ID != fmt.Sprintf("evt_%s_%d", p.ID, m.Sequence) || !m.Verified || !m.Taken || len(m.Attempts) != 1 ||
			m.At.IsZero() {
			t.Errorf("%s", show(m))
		}
		w.decent(t, p, m)
	}
	if !slices.Equal(got, kinds) {
		t.Errorf("the shop heard %v of %s, want %v", got, p.ID, kinds)
	}
	if len(kinds) == 0 {
		return // and nobody asks the bank, which the customer's return is about to do
	}
	now := w.poll(t, p.ID)
	if s, _, err := w.Shop.Inbox().Standing(w.Info.Shops[0].ID, p.ID); err != nil || s.Status != now.Status ||
		s.Sequence != now.Sequence ||
		s.Captured != now.Captured || s.Refunded != now.Refunded || s.Review != now.Review {
		t.Errorf("the shop believes %+v, the API says %+v (%v)", s, now, err)
	}
}

// decent holds what no message may have, and what each must.
func (w world) decent(t testing.TB, p paymentDoc, m inbox.Message) {
	t.Helper()
	if len(m.Body) >= 20<<10 {
		t.Errorf("%s is %d bytes long", m.ID, len(m.Body))
	}
	var event struct {
		Type, Timestamp string
		Sequence        int64
		Data            map[string]any
	}
	if err := json.Unmarshal([]byte(m.Body), &event); err != nil {
		t.Errorf("%s: %v", m.Body, err)
	}
	for _, name := range []string{"client_token", "redirect_url"} {
		if v, there := event.Data[name]; !there || v != nil {
			t.Errorf("%s: %s is %v", m.ID, name, v)
		}
	}
	if event.Data["id"] != p.ID || event.Data["order_ref"] != p.OrderRef || p.ClientToken != "" &&
		strings.Contains(m.Body, p.ClientToken) {
		t.Errorf("%s", m.Body)
	}
}

func show(m inbox.Message) string {
	m.Body = ""
	text, err := json.Marshal(m)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestEventsReachTheShopOnceEach takes payments to each of their ends; the shop verifies every message with the public
// library.
func TestEventsReachTheShopOnceEach(t *testing.T) {
	t.Parallel()
	w := shared(t)

	p := w.open(t, 1, 9100)
	w.heard(t, p) // nothing is told of what the shop has just asked for
	w.pay(t, p)
	w.heard(t, p, "payment.paid")
	for n, amount := range []int64{3000, 0} {
		if a, err := w.shop.refund(t.Context(), p.ID, fmt.Sprint("part-", n), amount); err != nil || a.status != 201 {
			t.Fatalf("%s %v", a, err)
		}
	}
	w.heard(t, p, "payment.paid", "refund.succeeded", "refund.succeeded")
	for range 3 { // repeats and polls are no news
		w.poll(t, p.ID)
		if a, err := w.shop.refund(t.Context(), p.ID, "part-1", 0); err != nil || a.status != 201 {
			t.Fatalf("%s %v", a, err)
		}
	}
	w.heard(t, p, "payment.paid", "refund.succeeded", "refund.succeeded")

	declined := w.open(t, 2, 9200)
	if at, err := w.browser.atBank(t.Context(), declined.RedirectURL, card(cardDeclined)); err != nil {
		t.Fatal(err)
	} else if _, err := w.browser.home(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	w.heard(t, declined, "payment.declined")

	cancelled := w.open(t, 3, 9300)
	w.shop.must(t, []int{200}, "POST", "/v1/payments/"+cancelled.ID+"/cancel", nil)
	w.heard(t, cancelled, "payment.cancelled")

	// An end that the bank did not state is followed by the truth.
	if err := w.Kapital.Approve(cancelled.BankOrderID); err != nil {
		t.Fatal(err)
	}
	w.age(t, cancelled.ID, 25*time.Hour)
	w.sweep(t)
	w.heard(t, cancelled, "payment.cancelled", "payment.paid")
}

// TestMessagesOfInstalmentsNameNobody: the shop of the other bank hears, too, at its own address; the customer's data
// does not come back.
func TestMessagesOfInstalmentsNameNobody(t *testing.T) {
	t.Parallel()
	b := shared(t).borrower()
	p := b.apply(t, 1)
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	b.told(t, p.ID)
	list := b.inboxOf(t, p.ID)
	if len(list) != 1 || list[0].Type != "payment.paid" || list[0].Shop != "demo-by" || !list[0].Taken ||
		len(list[0].Attempts) != 1 {
		t.Fatalf("%d messages: %+v", len(list), list)
	}
	for _, text := range customerTexts() {
		if strings.Contains(list[0].Body, text) {
			t.Errorf("the message names the customer: %s", text)
		}
	}
}

// notify runs the outbox once, as its schedule does.
func (w world) notify(t testing.TB) {
	t.Helper()
	if _, err := w.Invoke(t.Context(), "Notify", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
}

// fails arms a fault of the shop for one payment.
func (w world) fails(t testing.TB, f inbox.Fault) {
	t.Helper()
	if err := w.Shop.Inbox().Fail(f); err != nil {
		t.Fatal(err)
	}
}

// drain lets the shop hear of everything now: what the stream has brought, and what was put off for a minute, because
// it was recorded while an earlier message was on its way.
func (w world) drain(t testing.TB, id string) {
	t.Helper()
	w.told(t, id)
	item, err := w.item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, later := item["outbox_at"]; later {
		w.move(t, id, time.Minute+time.Second)
		w.notify(t)
	}
}

// tries is how often a payment's messages were delivered, by type, and whether each was taken.
func (w world) tries(t testing.TB, id string) string {
	t.Helper()
	var all []string
	for _, m := range w.inboxOf(t, id) {
		all = append(all, fmt.Sprintf("%s %d %v", m.Type, len(m.Attempts), m.Taken))
	}
	return strings.Join(all, ", ")
}

// TestAFailingShopHearsAfterItReturns lets the shop fail in each way that it knows. It hears again when the schedule
// says, not before, under the same id, for that is how the shop files its messages; and what is newer is not held up.
func TestAFailingShopHearsAfterItReturns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault inbox.Fault
		early time.Duration // after which it is not yet tried again
		due   time.Duration // after which it is; 0 = never
	}{
		{fault: inbox.Fault{Kind: "http_500"}, early: 50 * time.Second, due: 11 * time.Second},
		{fault: inbox.Fault{Kind: "http_404"}, early: 50 * time.Second, due: 11 * time.Second},
		{fault: inbox.Fault{Kind: "http_302"}, early: 50 * time.Second, due: 11 * time.Second},
		{fault: inbox.Fault{Kind: "timeout_before"}, early: 50 * time.Second, due: 11 * time.Second},
		{fault: inbox.Fault{Kind: "http_503", RetryAfter: "600"}, early: 9 * time.Minute, due: 61 * time.Second},
		{fault: inbox.Fault{Kind: "http_410"}, early: 80 * time.Hour},
	} {
		t.Run(c.fault.Kind, func(t *testing.T) {
			t.Parallel()
			w := alone(t, stack.Config{})
			p := w.open(t, 1, 9400)
			c.fault.PaymentID, c.fault.Operation = p.ID, "payment.paid"
			w.fails(t, c.fault)
			w.pay(t, p)
			w.told(t, p.ID)
			if got := w.tries(t, p.ID); got != "payment.paid 1 false" {
				t.Fatalf("at first: %s", got)
			}
			if a, err := w.shop.refund(t.Context(), p.ID, "k", 400); err != nil || a.status != 201 {
				t.Fatalf("%s %v", a, err)
			}
			w.told(t, p.ID)
			if got := w.tries(t, p.ID); got != "payment.paid 1 false, refund.succeeded 1 true" {
				t.Errorf("what is newer waited: %s", got)
			}
			w.age(t, p.ID, c.early)
			w.notify(t)
			if got := w.tries(t, p.ID); got != "payment.paid 1 false, refund.succeeded 1 true" {
				t.Errorf("too early: %s", got)
			}
			if c.due > 0 {
				w.age(t, p.ID, c.due)
				w.notify(t)
				w.notify(t)
				if got := w.tries(t, p.ID); got != "payment.paid 2 true, refund.succeeded 1 true" {
					t.Errorf("when it was due: %s", got)
				}
			}
			if s, _, err := w.Shop.Inbox().Standing("demo-az", p.ID); err != nil || s.Status != "partially_refunded" ||
				s.Refunded != 400 {
				t.Errorf("the shop believes %+v (%v)", s, err)
			}
			if refused := w.Shop.Inbox().Refused(); len(refused) != 0 {
				t.Errorf("a redirect was followed, or a signature was bad: %+v", refused)
			}
		})
	}
}

// TestALostAnswerMakesADuplicateWithTheSameID: the shop took the message and Kassa never learnt of it.
func TestALostAnswerMakesADuplicateWithTheSameID(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	p := w.open(t, 1, 9500)
	w.fails(t, inbox.Fault{Kind: "cut_after", PaymentID: p.ID})
	w.pay(t, p)
	w.age(t, p.ID, 61*time.Second)
	w.notify(t)
	list := w.inboxOf(t, p.ID)
	if len(list) != 1 || len(list[0].Attempts) != 2 || list[0].Attempts[0].Note != "taken" ||
		list[0].Attempts[1].Note != "seen before" {
		t.Errorf("%+v", list)
	}
}

// TestALostStreamRecordIsMadeGoodByTheSweep: no record of the payment's writes ever comes.
func TestALostStreamRecordIsMadeGoodByTheSweep(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	ref := w.ref(t, 1)
	key := payment.OrderKey(w.Info.Shops[0].ID, ref)
	if err := w.Engine.Fault(engine.Fault{Operation: "PutItem", Key: key, Kind: engine.FaultDropRecord,
		Count: engine.Always}); err != nil {
		t.Fatal(err)
	}
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 9600)))
	w.pay(t, p)
	// Whatever the stream holds by now, another payment's record comes behind it.
	other := w.paid(t, 2, 9700)
	w.heard(t, other, "payment.paid")
	w.sweep(t)
	w.notify(t)
	if got := w.tries(t, p.ID); got != "" || !w.waits(t, p.ID) {
		t.Fatalf("its records are lost, and still the shop heard: %s", got)
	}
	w.move(t, p.ID, 3*time.Minute+time.Second)
	w.sweep(t)
	if w.waits(t, p.ID) {
		t.Error("the sweep did not put it into the outbox")
	}
	w.move(t, p.ID, time.Second) // the outbox counts whole seconds
	w.notify(t)
	if got := w.tries(t, p.ID); got != "payment.paid 1 true" {
		t.Errorf("after the sweep: %q", got)
	}
}

// waits says whether a payment has news that was never tried.
func (w world) waits(t testing.TB, id string) bool {
	t.Helper()
	item, err := w.item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	wake, _ := item["wake"].(*types.AttributeValueMemberBOOL)
	return wake != nil && wake.Value
}

func TestARepeatedStreamRecordIsNoSecondMessage(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	ref := w.ref(t, 1)
	key := payment.OrderKey(w.Info.Shops[0].ID, ref)
	if err := w.Engine.Fault(engine.Fault{Operation: "PutItem", Key: key, Kind: engine.FaultDuplicateRecord,
		Count: engine.Always}); err != nil {
		t.Fatal(err)
	}
	p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 9800)))
	w.pay(t, p)
	w.heard(t, p, "payment.paid")
	w.heard(t, w.paid(t, 2, 9900), "payment.paid") // behind the repeated ones
	w.heard(t, p, "payment.paid")
}

// settle writes a new version of a shop's settings, as an operator would.
func (w world) settle(ctx context.Context, shop string, change func(settings map[string]any)) error {
	name := aws.String("kassa/local/shop/" + shop)
	out, err := vault(w.Stack).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: name})
	if err != nil {
		return err
	}
	settings := map[string]any{}
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &settings); err != nil {
		return err
	}
	change(settings)
	text, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	_, err = vault(w.Stack).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: name,
		SecretString: aws.String(string(text))})
	return err
}

// TestAnAcknowledgementInWords: a shop that wants it is told again of what it answered with an empty 200.
func TestAnAcknowledgementInWords(t *testing.T) {
	t.Parallel()
	for _, acknowledge := range []bool{false, true} {
		w := alone(t, stack.Config{})
		err := w.settle(t.Context(), "demo-az", func(s map[string]any) {
			s["webhook"].(map[string]any)["acknowledge"] = acknowledge
		})
		if err != nil {
			t.Fatal(err)
		}
		p := w.open(t, 1, 9900)
		w.fails(t, inbox.Fault{Kind: "silent", PaymentID: p.ID})
		w.pay(t, p)
		w.age(t, p.ID, 61*time.Second)
		w.notify(t)
		want := map[bool]string{false: "payment.paid 1 false", true: "payment.paid 2 true"}[acknowledge]
		if got := w.tries(t, p.ID); got != want {
			t.Errorf("acknowledge %v: %s, want %s", acknowledge, got, want)
		}
	}
}

// TestThePageOfMessages shows staff what arrived.
func TestThePageOfMessages(t *testing.T) {
	t.Parallel()
	w := shared(t)
	p := w.paid(t, 1, 9050)
	w.heard(t, p, "payment.paid")
	at, err := w.browser.get(t.Context(), w.Info.ShopURL+"/messages?order="+p.OrderRef)
	if err != nil || at.status != http.StatusOK || !strings.Contains(at.html, "evt_"+p.ID+"_3") ||
		!strings.Contains(at.html, "signature verified") {
		t.Errorf("%s %v", at, err)
	}
}
