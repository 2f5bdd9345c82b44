package outbox_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// waits puts payments of a shop into the outbox, each with two messages that it did not take a minute ago.
func (b *bench) waits(t *testing.T, shop string, refs ...string) (ids []payment.ID) {
	t.Helper()
	answers := b.shop
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	for _, ref := range refs {
		id := b.paid(t, shop, ref)
		b.wake(t, id)
		ids = append(ids, id)
	}
	b.now, b.sent, b.shop = b.now.Add(time.Minute), nil, answers
	return ids
}

// ops counts what is asked of the store.
func (b *bench) ops() map[memory.Op]int {
	counts := map[memory.Op]int{}
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		counts[op]++
		return nil
	}
	return counts
}

func away(payment.Payment, payment.Entry) (delivery.Answer, error) {
	return delivery.Answer{}, &payment.Error{Kind: payment.Unavailable, Message: "the settings cannot be fetched"}
}

// TestAShopThatCannotBeReachedIsAskedOnce in a run, whatever waits for it; nothing is written, and the log says why.
func TestAShopThatCannotBeReachedIsAskedOnce(t *testing.T) {
	b := newBench()
	b.waits(t, "az", "1", "2", "3")
	asked := 0
	b.shop = func(p payment.Payment, e payment.Entry) (delivery.Answer, error) {
		asked++
		return away(p, e)
	}
	ops := b.ops()
	if got := b.run(t); got != (outbox.Counts{Skipped: 3}) || asked != 1 || ops[memory.Save] != 0 {
		t.Errorf("%+v, asked %d times, %v", got, asked, ops)
	}
	const why = `"shop":"az","error":"unavailable: the settings cannot be fetched"`
	if strings.Count(b.logged.String(), why) != 1 {
		t.Errorf("the log says %s", b.logged)
	}
}

// TestAShopThatGoesAwayBetweenTwoMessages has taken the first, and is not told of it again.
func TestAShopThatGoesAwayBetweenTwoMessages(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(p payment.Payment, e payment.Entry) (delivery.Answer, error) {
		if e.Announced() == "payment.paid" {
			return yes, nil
		}
		return away(p, e)
	}
	ops := b.ops()
	if got := b.wake(t, id); got != (outbox.Counts{Delivered: 1, Skipped: 1}) {
		t.Errorf("%+v", got)
	}
	if ops[memory.Load] != 2 { // once for each message
		t.Errorf("%v", ops)
	}
	b.want(t, id, "delivered 200", "retry ")
}

// TestALateNoIsEnough: a shop that says no after five seconds is not waited for again in this run; one that says it
// earlier is asked until it has said it three times.
func TestALateNoIsEnough(t *testing.T) {
	for took, want := range map[time.Duration]int{5 * time.Second: 1, 5*time.Second - 1: 3} {
		b := newBench()
		b.waits(t, "az", "1", "2", "3")
		asked := 0
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
			asked++
			b.now = b.now.Add(took)
			return no, nil
		}
		if got := b.run(t); asked != want || got.Failed != want {
			t.Errorf("after %s each: asked %d times, %+v", took, asked, got)
		}
	}
}

// TestAMessageNeedsTwentySeconds: fifteen that a shop may take, and five to save what it said.
func TestAMessageNeedsTwentySeconds(t *testing.T) {
	for left, want := range map[time.Duration]outbox.Counts{20 * time.Second: {Delivered: 2},
		20*time.Second - 1: {Skipped: 1}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			ids := []payment.ID{b.paid(t, "az", "1")}
			got, unsaved := b.Wake(waning{t.Context(), func() time.Duration { return left }}, ids)
			if got != want || len(unsaved) > 0 {
				t.Errorf("with %s left: %+v, %v", left, got, unsaved)
			}
		})
	}
}

// TestARunGoesOnBesideAPaymentThatCannotBeRead.
func TestARunGoesOnBesideAPaymentThatCannotBeRead(t *testing.T) {
	b := newBench()
	ids := b.waits(t, "az", "sick", "sound")
	b.store.Before = func(op memory.Op, id payment.ID) error {
		return when(op == memory.Load && id == ids[0], &payment.Error{Kind: payment.Unavailable})
	}
	if got := b.run(t); got != (outbox.Counts{Delivered: 2, Unsaved: 1}) {
		t.Errorf("%+v", got)
	}
	b.store.Before = nil
	if told := b.logged.String(); !strings.Contains(told, ids[0].String()) || strings.Contains(told, `"level":"ERROR"`) {
		t.Errorf("it passes by itself, and the log says %s", told)
	}
	b.want(t, ids[0], "retry 500", "retry 500")
	b.want(t, ids[1], "delivered 200", "delivered 200")
}

// TestEachMessageHasItsOwnTime, also where its shop has asked for it; the log tells of each no and of nothing else.
func TestEachMessageHasItsOwnTime(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(_ payment.Payment, e payment.Entry) (delivery.Answer, error) {
		if e.Announced() == "payment.paid" {
			return delivery.Answer{Code: "503", RetryAfter: time.Hour}, nil
		}
		return no, nil
	}
	b.wake(t, id)
	b.sent, b.now = nil, b.now.Add(time.Minute)
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return yes, nil }
	b.run(t)
	b.wantSent(t, "az payment.review")
	b.now = b.now.Add(time.Hour)
	b.run(t)
	b.wantSent(t, "az payment.paid")
	for sequence, times := range map[int]int{3: 1, 4: 1} {
		told := fmt.Sprintf(`"sequence":%d,"tries":1,"answer":"50`, sequence)
		if n := strings.Count(b.logged.String(), told); n != times {
			t.Errorf("entry %d: %d noes in the log, want %d: %s", sequence, n, times, b.logged)
		}
	}
	if n := strings.Count(b.logged.String(), "did not take a message"); n != 2 {
		t.Errorf("%d noes in the log: %s", n, b.logged)
	}
}

// TestTheBetterAnswerOfTwoRunsCounts where they overlap: a yes before all, and a definite no before one that may pass.
func TestTheBetterAnswerOfTwoRunsCounts(t *testing.T) {
	for _, c := range []struct {
		inner, outer delivery.Answer
		want         string
	}{{gone, yes, "delivered 200"}, {yes, gone, "delivered 200"}, {no, yes, "delivered 200"}, {no, gone, "dead 410"},
		{gone, no, "dead 410"}} {
		b := newBench()
		id := b.waits(t, "az", "1")[0]
		answer, within := c.outer, false
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
			if !within {
				within, answer = true, c.inner
				b.run(t)
				answer = c.outer
			}
			return answer, nil
		}
		b.run(t)
		if got := b.deliveries(t, id); got[0] != c.want || got[1] != c.want {
			t.Errorf("%s within %s: %q, want %s", c.inner.Code, c.outer.Code, got, c.want)
		}
	}
}
