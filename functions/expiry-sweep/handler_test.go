package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/shared/boot/boottest"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// TestSweepSettles what nobody came back for, whatever the event that woke it looks like.
func TestSweepSettles(t *testing.T) {
	for _, event := range []string{`{}`, `null`, `{"version":"0","detail-type":"Scheduled Event"}`, `"x"`} {
		b := boottest.New(t)
		p := b.Open("12345")
		b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
		b.Advance(4 * time.Minute)
		h := handler{checkout: b.Service, log: b.Log}
		if err := h.sweep(t.Context(), json.RawMessage(event)); err != nil {
			t.Fatal(err)
		}
		now, err := b.Store.Load(t.Context(), p.ID)
		if err != nil || now.Status != payment.Paid || !strings.Contains(b.Logged(), `"asked":1`) {
			t.Errorf("%s: %s, %v\n%s", event, now.Status, err, b.Logged())
		}
	}
}

// TestARunForOneShard does nothing elsewhere, and hands nothing on; its line says which shard it was, and what it left
// to the next minute.
func TestARunForOneShard(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
	b.Advance(4 * time.Minute)
	h := handler{checkout: b.Service, log: b.Log}
	for i := range payment.Shards {
		shard := (p.ID.Shard() + 1 + i) % payment.Shards // its own at last
		event, err := json.Marshal(oneShard{&shard})
		if err == nil {
			err = h.sweep(t.Context(), event)
		}
		now, _ := b.Store.Load(t.Context(), p.ID)
		line := fmt.Sprintf(`"shard":%d`, shard)
		if err != nil || (now.Status == payment.Paid) != (i == payment.Shards-1) || !strings.Contains(b.Logged(), line) {
			t.Errorf("%s: %s, %v\n%s", event, now.Status, err, b.Logged())
		}
	}
}

// TestMuchIsHandedOn: the event names the shard, and the line says how many there were.
func TestMuchIsHandedOn(t *testing.T) {
	b := boottest.New(t)
	for n := range 20 * 32 {
		b.Open(strconv.Itoa(n))
	}
	b.Advance(4 * time.Minute)
	var events []any
	b.Service.HandOn = handOn(func(_ context.Context, event any) error {
		events = append(events, event)
		return nil
	})
	h := handler{checkout: b.Service, log: b.Log}
	if err := h.sweep(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(events)
	if err != nil || !strings.HasPrefix(string(text), `[{"shard":`) ||
		!strings.Contains(b.Logged(), fmt.Sprintf(`"handed_on":%d`, len(events))) {
		t.Errorf("%s, %v\n%s", text, err, b.Logged())
	}
}

// TestSweepReportsAListThatCannotBeRead, so that the alarm hears of it.
func TestSweepReportsAListThatCannotBeRead(t *testing.T) {
	b := boottest.New(t)
	b.Store.Before = func(op memory.Op, _ payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
	h := handler{checkout: b.Service, log: b.Log}
	if err := h.sweep(t.Context(), nil); payment.KindOf(err) != payment.Unavailable ||
		!strings.Contains(b.Logged(), `"level":"ERROR"`) {
		t.Errorf("%v\n%s", err, b.Logged())
	}
}

// TestOneSilentBankIsAWarning: the payment stays due and the run is no failure.
func TestOneSilentBankIsAWarning(t *testing.T) {
	b := boottest.New(t)
	b.Open("12345")
	b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable}
	b.Advance(4 * time.Minute)
	h := handler{checkout: b.Service, log: b.Log}
	if err := h.sweep(t.Context(), nil); err != nil || !strings.Contains(b.Logged(), `"failed":1`) {
		t.Errorf("%v\n%s", err, b.Logged())
	}
}
