package dynamo

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestTheShortFormSaysTheSame of every payment that was ever recorded, through an ordinary life, and of one that leads
// all ways back to the same address.
func TestTheShortFormSaysTheSame(t *testing.T) {
	all := ordinary(t, payment.Handle{OrderID: "1", Private: "s"}, nil)
	for _, p := range ordinary(t, payment.Handle{OrderID: "1", Private: "s"}, nil)[:3] {
		p.Return.Cancel, p.Return.Decline = p.Return.Success, p.Return.Success
		all = append(all, p)
	}
	for name, item := range recorded(t) {
		p, err := restore(item)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, p)
	}
	for _, p := range all {
		long, err := encode(p, false)
		if err != nil {
			t.Fatal(err)
		}
		short, err := encode(p, true)
		if err != nil || sizeOf(long)-sizeOf(short) < len("sequence")+len("opening_at") {
			t.Fatalf("%s: %v, %d bytes of %d", p.ID, err, sizeOf(short), sizeOf(long))
		}
		if short["sequence"] != nil { // without it versions before this one refuse the item, and do not misread it
			t.Errorf("%s: the short form has a sequence", p.ID)
		}
		got, err := restore(short)
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: %v\n%+v\nwant\n%+v", p.ID, err, got, p)
		}
	}
}

// TestWhatCannotBeShortenedStaysLong: whatever a payment holds comes back.
func TestWhatCannotBeShortenedStaysLong(t *testing.T) {
	shortened := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := ordinary(t, payment.Handle{OrderID: "1", Private: "s"}, nil)[r.IntN(5)]
		for range 1 + r.IntN(2) {
			at := []*time.Time{&p.CreatedAt, &p.OpeningAt, &p.PaidAt, &p.History[r.IntN(len(p.History))].At}[r.IntN(4)]
			*at = []time.Time{{}, p.CreatedAt, p.History[len(p.History)-1].At, anyTime(r)}[r.IntN(4)]
			back := []*string{&p.Return.Success, &p.Return.Cancel, &p.Return.Decline}[r.IntN(3)]
			*back = []string{"", p.Return.Success, p.Return.Cancel}[r.IntN(3)]
			if r.IntN(9) == 0 {
				p.History[r.IntN(len(p.History))].Sequence = int64(r.IntN(5))
			}
			if r.IntN(9) == 0 {
				p.Sequence = int64(1 + r.IntN(5))
			}
			if r.IntN(9) == 0 {
				p.Status = payment.Statuses()[r.IntN(len(payment.Statuses()))]
			}
		}
		item, err := encode(p, true)
		if err != nil {
			t.Fatal(err)
		}
		if item["sequence"] == nil {
			shortened++
		}
		if got, err := decode(item); err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("seed %d: %v\n%+v\nwant\n%+v", seed, err, got, p)
		}
	}
	if shortened < 500 || shortened > 1900 {
		t.Errorf("%d of 2,000 were shortened", shortened)
	}
}
