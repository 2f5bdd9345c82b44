package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/kapitalxml"
)

// together lets n clients begin at the same moment and gives what each of them ended with.
func together(ctx context.Context, n int, each func(ctx context.Context, n int) (answer, error)) ([]answer, error) {
	begin, answers, errs := make(chan struct{}), make([]answer, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			answers[i], errs[i] = each(ctx, i)
		})
	}
	close(begin)
	all.Wait()
	return answers, errors.Join(errs...)
}

// TestHundredIdenticalPostsOpenOnePayment: two tabs, a double click and an impatient proxy, a hundredfold, while the
// bank takes its time. When the bank's answer is lost, it has one order more, whose page nobody ever saw.
func TestHundredIdenticalPostsOpenOnePayment(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	slow := kapitalxml.Fault{Operation: "CreateOrder", Kind: "slow", DelayMS: 1500}
	for n, c := range []struct {
		name   string
		faults []kapitalxml.Fault
		opened int
	}{
		{"bank is slow", []kapitalxml.Fault{slow}, 1},
		{"bank's answer is lost", []kapitalxml.Fault{{Operation: "CreateOrder", Kind: "cut_after"},
			{Operation: "CreateOrder", Nth: 2, Kind: "slow", DelayMS: 1500}}, 2},
		{"bank is quick", nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Kapital.ClearFaults()
			if err := w.Kapital.Faults(c.faults...); err != nil {
				t.Fatal(err)
			}
			ref := w.ref(t, n)
			p := w.hundredPosts(t, ref)
			if opened := w.ordersOf(ref); opened != c.opened {
				t.Errorf("the bank opened %d orders, want %d", opened, c.opened)
			}
			w.age(t, p.ID, 10*time.Second) // the bank was asked about it a moment ago
			w.pay(t, p)
			w.stands(t, p.ID, "paid", 12300, 0)
		})
	}
}

// hundredPosts gives the one payment that all of them were answered with.
func (w world) hundredPosts(t *testing.T, ref string) paymentDoc {
	t.Helper()
	var mu sync.Mutex
	ids, statuses := map[string]int{}, map[int]int{}
	answers, err := together(within(t, 2*time.Minute), 100, func(ctx context.Context, _ int) (answer, error) {
		return insist(ctx, func() (answer, error) {
			a, err := w.shop.send(ctx, "POST", "/v1/payments", order(ref, w.Info.ShopURL, 12300))
			if err != nil {
				return a, err
			}
			var doc struct {
				ID        string `json:"id"`
				PaymentID string `json:"payment_id"`
			}
			if err := decode(a, &doc); err != nil {
				return a, err
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
			if a.status != 503 { // it may come before the order was read
				ids[doc.ID+doc.PaymentID]++
			}
			return a, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{}
	for _, a := range answers {
		p := read[paymentDoc](t, a)
		pages[p.RedirectURL] = true
		if a.status != 200 && a.status != 201 || p.Status != "pending" {
			t.Errorf("ended with %s", a)
		}
	}
	if len(ids) != 1 || len(pages) != 1 {
		t.Errorf("%d ids and %d pages for one order: %v", len(ids), len(pages), ids)
	}
	list := read[struct {
		Payments []paymentDoc `json:"payments"`
	}](t, w.shop.must(t, []int{200}, "GET", "/v1/payments?order_ref="+ref, nil))
	if len(list.Payments) != 1 {
		t.Errorf("%d payments", len(list.Payments))
	}
	// one may have lost the bank's answer, a busy machine may cost some; a page being opened is a 409
	if statuses[503] > 10 {
		t.Errorf("answers by status: %v", statuses)
	}
	t.Logf("answers by status: %v", statuses)
	return read[paymentDoc](t, answers[0])
}

// ordersOf counts the orders that the bank opened for an order of the shop.
func (w world) ordersOf(ref string) (n int) {
	for _, a := range w.bank.ledger() {
		if a.Description == ref || strings.HasPrefix(a.Description, ref+" (") { // the JSON gateway is told our id too
			n++
		}
	}
	return n
}

// TestHundredRefundsGiveBackNoMoreThanWasTaken: a hundred staff each give back 10 %, each with a key of their own.
func TestHundredRefundsGiveBackNoMoreThanWasTaken(t *testing.T) {
	t.Parallel()
	hundredRefunds(t, shared(t))
}

// TestHundredRefundsWithEverySecondAnswerLost: the same, and the bank gives back, but each second time does not live to
// say so.
func TestHundredRefundsWithEverySecondAnswerLost(t *testing.T) {
	t.Parallel()
	alone(t, stack.Config{}).eachGateway(t, hundredRefundsWithEverySecondAnswerLost)
}

func hundredRefundsWithEverySecondAnswerLost(t *testing.T, w world) {
	for nth := 2; nth <= 20; nth += 2 {
		w.bank.breaks(t, w.bank.move[:1], fault.Fault{Nth: nth, Kind: "cut_after"})
	}
	hundredRefunds(t, w)
	lost := 0
	for _, e := range w.bank.history() {
		if e.Fault != "" {
			lost++
		}
	}
	if lost != 5 {
		t.Errorf("%d of the bank's answers were lost, want 5 of the 10", lost)
	}
}

func hundredRefunds(t *testing.T, w world) {
	t.Helper()
	p := w.paid(t, 1, 20000)
	answers, err := together(within(t, 4*time.Minute), 100, func(ctx context.Context, n int) (answer, error) {
		return insist(ctx, func() (answer, error) {
			a, err := w.shop.refund(ctx, p.ID, fmt.Sprintf("staff-%d", n), 2000)
			for _, o := range w.bank.ledger() {
				if o.Refunded > o.Charged {
					return a, fmt.Errorf("the bank gave back %d of %d", o.Refunded, o.Charged)
				}
			}
			return a, err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := map[string]int{}
	for _, a := range answers {
		switch a.status {
		case 201:
			ended[read[refundDoc](t, a).Status]++
		case 202, 409, 422:
			ended[read[problemDoc](t, a).Code]++
		default:
			t.Errorf("ended with %s", a)
		}
	}
	if ended["succeeded"] != 10 || ended["succeeded"]+ended["refund_exceeds_captured"] != 100 {
		t.Errorf("ended %v, want 10 succeeded and 90 refund_exceeds_captured", ended)
	}
	p = w.stands(t, p.ID, "refunded", 20000, 20000)
	if account := w.account(t, p); account.Operations != 11 {
		t.Errorf("the bank lists %d operations, want the payment and 10 refunds", account.Operations)
	}
}
