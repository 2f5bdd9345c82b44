package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// bench is a handler on a store in memory, and a shop that takes everything or nothing.
type bench struct {
	handler
	store  *memory.Store
	answer delivery.Answer
	logged *strings.Builder
	now    time.Time
}

func newBench() *bench {
	b := &bench{store: new(memory.Store), answer: delivery.Answer{Accepted: true, Code: "200"},
		logged: new(strings.Builder), now: start}
	log := slog.New(slog.NewJSONHandler(b.logged, nil))
	b.handler = handler{log: log, stage: "prod",
		outbox: &outbox.Outbox{Store: b.store, Courier: b, Now: func() time.Time { return b.now }, Log: log}}
	return b
}

func (b *bench) Deliver(context.Context, payment.Payment, payment.Entry) (delivery.Answer, error) {
	return b.answer, nil
}

// cancelled is a payment whose shop waits to be told.
func (b *bench) cancelled(t *testing.T, ref string) payment.ID {
	t.Helper()
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("az", ref), Attempt: 1}, Shop: "az",
		OrderRef: ref, Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Notify: true}, start, start.Add(time.Minute))
	p, err := payment.Apply(p, payment.Cancellation{By: "shop:k1"}, start)
	if err == nil {
		_, err = b.store.Create(t.Context(), p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func (b *bench) state(t *testing.T, id payment.ID) delivery.State {
	t.Helper()
	p, err := b.store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p.Deliveries[0].State
}

// streamed is a record as Lambda hands it over, with an image that holds every type of attribute.
func streamed(id payment.ID, number string) string {
	return fmt.Sprintf(`{"eventID":"e%s","eventName":"MODIFY","eventVersion":"1.1","eventSource":"aws:dynamodb",
		"awsRegion":"eu-central-1",
		"dynamodb":{"ApproximateCreationDateTime":1.7726e9,"Keys":{"pk":{"S":%q},"sk":{"N":"%d"}},
		"NewImage":{"wake":{"BOOL":true},"x":{"NULL":true},
		"b":{"B":"AA=="},"ss":{"SS":["a"]}},"SequenceNumber":%q,"SizeBytes":26,"StreamViewType":"NEW_AND_OLD_IMAGES"},
		"eventSourceARN":"arn:aws:dynamodb:eu-central-1:1:table/t/stream/2026"}`, number, id.Order, id.Attempt, number)
}

func (b *bench) send(t *testing.T, event string) string {
	t.Helper()
	answer, err := b.handle(t.Context(), json.RawMessage(event))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestABatchOfTheStream tells every payment's shop, whatever other records hold.
func TestABatchOfTheStream(t *testing.T) {
	b := newBench()
	first, last := b.cancelled(t, "1"), b.cancelled(t, "2")
	unknown := payment.ID{Order: payment.OrderKey("az", "3"), Attempt: 1}
	poison := []string{`null`, `"x"`, `{}`, `{"dynamodb":7}`,
		`{"dynamodb":{"Keys":{"pk":{"N":"1"},"sk":{"S":"x"}},"SequenceNumber":"9"}}`,
		strings.Replace(streamed(first, "8"), `"sk":{"N":"1"}`, `"sk":{"N":"1.5"}`, 1), streamed(unknown, "7")}
	event := `{"Records":[` + strings.Join(append(append([]string{streamed(first, "1")}, poison...), streamed(last, "2"),
		streamed(last, "3")), ",") + `]}`
	if got := b.send(t, event); got != `{"batchItemFailures":[]}` {
		t.Errorf("answer %s", got)
	}
	if b.state(t, first) != delivery.Delivered || b.state(t, last) != delivery.Delivered {
		t.Errorf("not told\n%s", b.logged)
	}
	if n := strings.Count(b.logged.String(), "names no payment"); n != 6 {
		t.Errorf("%d of 6 poison records reported\n%s", n, b.logged)
	}
	if !strings.Contains(b.logged.String(), `"webhook_delivered":2`) || !strings.Contains(b.logged.String(), `"_aws"`) {
		t.Errorf("no metric\n%s", b.logged)
	}
}

// TestOnlyOurOwnFailedSaveIsReported, with every record of the payment that is meant.
func TestOnlyOurOwnFailedSaveIsReported(t *testing.T) {
	b := newBench()
	sick, sound := b.cancelled(t, "1"), b.cancelled(t, "2")
	b.answer = delivery.Answer{Code: "500"}
	b.store.Before = func(op memory.Op, id payment.ID) error {
		if op == memory.Save && id == sick {
			return &payment.Error{Kind: payment.Unavailable}
		}
		return nil
	}
	got := b.send(t, `{"Records":[`+strings.Join([]string{streamed(sound, "1"), streamed(sick, "2"), streamed(sick, "3")},
		",")+`]}`)
	if want := `{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"3"}]}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	if b.state(t, sick) != delivery.New || b.state(t, sound) != delivery.Retry {
		t.Errorf("%s, %s", b.state(t, sick), b.state(t, sound))
	}
}

// TestTheSchedule retries, whatever its event looks like, and a list that cannot be read fails the invocation.
func TestTheSchedule(t *testing.T) {
	for _, event := range []string{`{}`, `null`, `"x"`, `{"Records":[]}`, `{"Records":7}`, `{"source":"aws.scheduler"}`} {
		b := newBench()
		id := b.cancelled(t, "1")
		b.answer = delivery.Answer{Code: "500"}
		b.send(t, `{"Records":[`+streamed(id, "1")+`]}`)
		b.answer = delivery.Answer{Gone: true, Code: "410"}
		b.now = b.now.Add(time.Minute)
		if got := b.send(t, event); got != "null" || b.state(t, id) != delivery.Dead {
			t.Errorf("%s: answer %s, %s\n%s", event, got, b.state(t, id), b.logged)
		}
		if !strings.Contains(b.logged.String(), `"webhook_dead":1`) {
			t.Errorf("%s: no metric of the dead\n%s", event, b.logged)
		}
		b.store.Before = func(memory.Op, payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
		if _, err := b.handle(t.Context(), json.RawMessage(event)); err == nil {
			t.Errorf("%s: a list that cannot be read is no error", event)
		}
	}
}

// FuzzHandle: no event may panic, or lose a payment of the same batch.
func FuzzHandle(f *testing.F) {
	f.Add(`{}`)
	f.Add(streamed(payment.ID{Order: payment.OrderKey("az", "1"), Attempt: 1}, "1"))
	f.Add(`{"dynamodb":{"Keys":{"pk":{"S":"pay_a"},"sk":{"N":"1"}}}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		b := newBench()
		id := b.cancelled(t, "1")
		if !json.Valid([]byte(raw)) {
			return
		}
		if got := b.send(t, `{"Records":[`+raw+`,`+streamed(id, "1")+`]}`); got != `{"batchItemFailures":[]}` ||
			b.state(t, id) != delivery.Delivered {
			t.Errorf("answer %s\n%s", got, b.logged)
		}
	})
}
