package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/stack"
	"kassa/shared/metric"
	"kassa/shared/simbank/kapitalxml"
)

// sent is how often each metric was sent, under which dimensions, and in which unit.
type sent map[metric.Name]map[string]int

// add reads the figures of one line of a log, as CloudWatch does; a line without any is none of its business.
func (s sent) add(line string) error {
	var emf struct {
		AWS *struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	var members map[string]any
	if err := errors.Join(json.Unmarshal([]byte(line), &emf), json.Unmarshal([]byte(line), &members)); err != nil ||
		emf.AWS == nil {
		return err
	}
	if emf.AWS.Timestamp == 0 || len(emf.AWS.CloudWatchMetrics) != 1 ||
		emf.AWS.CloudWatchMetrics[0].Namespace != metric.Namespace {
		return fmt.Errorf("no directive that CloudWatch reads: %s", line)
	}
	directive := emf.AWS.CloudWatchMetrics[0]
	for _, set := range directive.Dimensions {
		for _, name := range set {
			if text, ok := members[name].(string); !ok || text == "" {
				return fmt.Errorf("the dimension %s has no value: %s", name, line)
			}
		}
	}
	for _, m := range directive.Metrics {
		if _, ok := members[m.Name].(float64); !ok {
			return fmt.Errorf("the metric %s has no value: %s", m.Name, line)
		}
		if s[metric.Name(m.Name)] == nil {
			s[metric.Name(m.Name)] = map[string]int{}
		}
		s[metric.Name(m.Name)][fmt.Sprintf("%s %v", m.Unit, directive.Dimensions)]++
	}
	return nil
}

// logged reads the figures of all logs of a stack.
func (w world) logged(t *testing.T) sent {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.LogFolder(), "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	found := sent{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if err := found.add(line); err != nil {
				t.Error(filepath.Base(file), err)
			}
		}
	}
	return found
}

// TestEveryMetricIsSent plays all that is counted, through every function, and holds what they wrote and metric.All
// together: each metric comes, in its unit and under its dimensions, and none that is not listed.
func TestEveryMetricIsSent(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	w.pays(t)
	w.goesWrong(t)
	w.tellsTheShop(t)
	got := w.logged(t)
	for _, m := range metric.All() {
		want := fmt.Sprintf("%s [[Stage]]", m.Unit)
		if m.ByBank {
			want = fmt.Sprintf("%s [[Stage] [Stage Bank Operation]]", m.Unit)
		}
		if len(got[m.Name]) != 1 || got[m.Name][want] == 0 {
			t.Errorf("%s was sent as %v, want %s", m.Name, got[m.Name], want)
		}
		delete(got, m.Name)
	}
	if len(got) > 0 {
		t.Errorf("sent, and not in metric.All: %v", got)
	}
}

// pays plays what payments do: paid, declined, called off, paid all the same, twice, and never; and what is given back.
func (w world) pays(t *testing.T) {
	p := w.paid(t, 1, 5000)
	a, err := w.shop.refund(t.Context(), p.ID, "k", 1000)
	if err != nil || a.status != http.StatusCreated {
		t.Fatalf("%s %v", a, err)
	}
	declined := w.open(t, 2, 5100)
	at, err := w.browser.atBank(t.Context(), declined.RedirectURL, card(canaryPAN))
	if err == nil {
		_, err = w.browser.home(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
	twice := order(w.ref(t, 3), w.Info.ShopURL, 5200)
	first := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", twice))
	w.shop.must(t, []int{200}, "POST", "/v1/payments/"+first.ID+"/cancel", nil)
	w.pay(t, read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", twice)))
	if err := w.Kapital.Approve(first.BankOrderID); err != nil {
		t.Fatal(err)
	}
	w.age(t, first.ID, 11*time.Minute)
	w.sweep(t)
	if got := w.poll(t, first.ID); !got.Late {
		t.Fatalf("%+v", got)
	}
	ended := w.open(t, 4, 5300)
	if err := w.Kapital.Expire(ended.BankOrderID); err != nil {
		t.Fatal(err)
	}
	w.poll(t, ended.ID)
}

// goesWrong plays what calls for a person: a refund nobody knows about, one that fails, a status that nobody
// understands, a forged message.
func (w world) goesWrong(t *testing.T) {
	p := w.paid(t, 5, 5400)
	w.processing(t, p.ID, 1000, "http_500")
	w.recover(t, p.ID)
	stuck := w.open(t, 6, 5500)
	if err := w.Kapital.Faults(kapitalxml.Fault{Operation: "GetOrderStatus", Kind: "http_500"}); err != nil {
		t.Fatal(err)
	}
	w.age(t, stuck.ID, 25*time.Hour)
	w.sweep(t)
	b := w.borrower()
	applied := b.apply(t, 7)
	forged := message{"application/json", approval(applied), []string{b.sign(t, approval(applied), "foreign")}}
	if status := b.send(t, b.callbackURL(t, applied.ID, "notify"), forged); status != http.StatusUnauthorized {
		t.Fatalf("a forged message: %d", status)
	}
	odd := strings.Replace(approval(applied), "APPROVED", "SETTLED", 1)
	if status := b.send(t, b.callbackURL(t, applied.ID, "notify"),
		message{"application/json", odd, []string{b.sign(t, odd, "current")}}); status != http.StatusOK {
		t.Fatalf("a signed message that nobody understands: %d", status)
	}
}

// tellsTheShop plays a shop that is out of order once, and one that wants no more.
func (w world) tellsTheShop(t *testing.T) {
	for n, answer := range []string{"http_500", "http_410"} {
		ref := w.ref(t, 8+n)
		fault, err := json.Marshal(map[string]any{"fault": answer, "count": -1, "order_ref": ref})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Info.ShopURL+"/_shop/webhooks/faults",
			bytes.NewReader(fault))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := w.browser.http.Do(r)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response, err)
		}
		_ = response.Body.Close()
		p := read[paymentDoc](t, w.shop.must(t, []int{201}, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 5600)))
		w.shop.must(t, []int{200}, "POST", "/v1/payments/"+p.ID+"/cancel", nil)
		w.delivery(t, p.ID, map[string]string{"http_500": "retry", "http_410": "dead"}[answer])
	}
}

// delivery waits until the first message about a payment stands so.
func (w world) delivery(t *testing.T, id, state string) {
	t.Helper()
	for ctx := within(t, 20*time.Second); ; {
		item, err := w.item(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		if list, ok := item["deliveries"].(*types.AttributeValueMemberL); ok {
			for _, d := range list.Value {
				if m, ok := d.(*types.AttributeValueMemberM); ok {
					if s, ok := m.Value["state"].(*types.AttributeValueMemberS); ok {
						found = append(found, s.Value)
					}
				}
			}
		}
		if slices.Contains(found, state) {
			return
		}
		pause, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		<-pause.Done()
		cancel()
	}
}
