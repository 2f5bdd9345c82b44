package checkout_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// TestAroundTheEndOfTheBanksDay: a payment is undone on its own bank day and refunded later, and only the bank knows
// when its day ends. Whatever the hour, and whichever clock is ahead: what was asked for goes back once, to the qepik.
func TestAroundTheEndOfTheBanksDay(t *testing.T) {
	baku := time.FixedZone("bank", 4*60*60)
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 11, day, hour, minute, second, 0, baku)
	}
	for _, amounts := range [][]int64{{0}, {4000, 0}} {
		for _, fast := range []time.Duration{-3 * time.Minute, time.Second, 3 * time.Minute} {
			for _, times := range [][2]time.Time{
				{at(24, 22, 0, 0), at(24, 22, 59, 59)}, {at(24, 22, 0, 0), at(24, 23, 0, 0)},
				{at(24, 23, 59, 59), at(25, 0, 0, 5)}, {at(24, 23, 30, 0), at(25, 9, 0, 0)}, {at(25, 0, 0, 1), at(25, 0, 0, 30)},
			} {
				dayEnd{amounts, fast, times}.try(t)
			}
		}
	}
}

// dayEnd is one payment and what is given back of it; 0 is all that is left.
type dayEnd struct {
	amounts []int64
	fast    time.Duration
	times   [2]time.Time // paid, given back
}

func (c dayEnd) try(t *testing.T) {
	t.Helper()
	w := newWorld(t, nil)
	w.clock, w.fast = c.times[0], c.fast
	if err := w.sim.Set(func(s *kapitalxml.Settings) { s.CutOff = "23:00" }); err != nil { // as ours
		t.Fatal(err)
	}
	opened, err := w.svc.Initiate(context.Background(), order("1", 15000))
	if err == nil {
		err = w.sim.Approve(opened.Payment.Handle.OrderID)
	}
	if err == nil {
		_, err = w.svc.Poll(context.Background(), opened.Payment.ID, checkout.Reader{Shop: "demo"})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.clock = c.times[1]
	var want int64
	for n, amount := range c.amounts {
		if want += amount; amount == 0 {
			want = 15000
		}
		got, err := w.svc.Refund(context.Background(), checkout.RefundOrder{ID: opened.Payment.ID, Shop: "demo",
			By: "shop:k1", Key: fmt.Sprint(n), Amount: amount})
		if err != nil || got.Refund.Status != payment.RefundSucceeded || got.Payment.Refunded != want {
			t.Errorf("%+v: refund %d is %s with %d in all, %v", c, n, got.Refund.Status, got.Payment.Refunded, err)
		}
	}
	if a := w.account("1"); a.Refunded != want || len(w.stored("1").Reviews) != 0 {
		t.Errorf("%+v: the bank gave back %d, want %d; reviews %v", c, a.Refunded, want, w.stored("1").Reviews)
	}
}
