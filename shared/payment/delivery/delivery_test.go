package delivery

import (
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// TestScheduleToTheLastTry walks the whole way of a message that nobody takes.
func TestScheduleToTheLastTry(t *testing.T) {
	d, now := Delivery{Sequence: 3, State: New, At: start}, start
	var pauses []time.Duration
	for d.Open() {
		if !d.Due(now) || d.State == Retry && d.Due(now.Add(-time.Millisecond)) {
			t.Fatalf("%+v is not due from %v on", d, now)
		}
		d = d.Tried(Answer{Code: "503"}, now)
		pauses, now = append(pauses, d.At.Sub(now)), d.At
	}
	want := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
		14 * time.Hour,
		20 * time.Hour, 24 * time.Hour, 0}
	if !slices.Equal(pauses, want) {
		t.Errorf("pauses %v, want %v", pauses, want)
	}
	if d.State != Dead || d.Tries != 10 || d.Code != "503" || d.Due(now.AddDate(1, 0, 0)) {
		t.Errorf("after the last try: %+v", d)
	}
}

func TestTried(t *testing.T) {
	now := start.Add(time.Hour)
	fresh := Delivery{Sequence: 3, State: New, At: start}
	once := Delivery{Sequence: 3, State: Retry, Tries: 1, At: now, Code: "500"}
	done := Delivery{Sequence: 3, State: Delivered, Tries: 1, At: start, Code: "204"}
	dead := Delivery{Sequence: 3, State: Dead, Tries: 10, At: start, Code: "500"}
	for name, c := range map[string]struct {
		d    Delivery
		a    Answer
		want Delivery
	}{
		"taken":       {fresh, Answer{Accepted: true, Code: "200"}, Delivery{3, Delivered, 1, now, "200"}},
		"taken later": {once, Answer{Accepted: true, Code: "200"}, Delivery{3, Delivered, 2, now, "200"}},
		"not wanted":  {fresh, Answer{Gone: true, Code: "410"}, Delivery{3, Dead, 1, now, "410"}},
		"asked to wait": {once, Answer{Code: "429", RetryAfter: time.Hour},
			Delivery{3, Retry, 2, now.Add(time.Hour), "429"}},
		"asked to wait less than due": {once, Answer{Code: "429", RetryAfter: time.Second},
			Delivery{3, Retry, 2, now.Add(5 * time.Minute), "429"}},
		"asked to wait for ever": {once, Answer{Code: "429", RetryAfter: 9999 * time.Hour},
			Delivery{3, Retry, 2, now.Add(24 * time.Hour), "429"}},
		"taken, then a late failure": {done, Answer{Code: "timeout"}, done},
		"taken twice":                {done, Answer{Accepted: true, Code: "200"}, done},
		"dead, then a late failure":  {dead, Answer{Code: "timeout"}, dead},
		"dead, then a late yes":      {dead, Answer{Accepted: true, Code: "200"}, Delivery{3, Delivered, 11, now, "200"}},
	} {
		if got := c.d.Tried(c.a, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestShelvedAndAgain(t *testing.T) {
	at := start.Add(time.Hour)
	for _, s := range []State{New, Retry, Delivered, Dead} {
		d := Delivery{Sequence: 3, State: s, Tries: 2, At: start, Code: "500"}
		want := d
		if s == New {
			want.State, want.At = Retry, at
		}
		if next := d.NextTry(); next.IsZero() != (s != Retry) || s == Retry && next != start {
			t.Errorf("%s is tried next at %v", s, next)
		}
		if got := d.Shelved(at); got != want {
			t.Errorf("shelved: %+v, want %+v", got, want)
		}
		if got, want := d.Again(at), (Delivery{Sequence: 3, State: Retry, At: at}); got != want || !got.Due(at) {
			t.Errorf("again: %+v, want %+v", got, want)
		}
	}
}

func TestEarliest(t *testing.T) {
	list := []Delivery{{State: New, At: start.Add(3)}, {State: Retry, At: start.Add(2)}, {State: New, At: start.Add(1)},
		{State: Dead, At: start}, {State: Delivered, At: start}, {State: Retry, At: start.Add(4)}}
	if NeverTried(list) != start.Add(1) || Next(list) != start.Add(2) {
		t.Errorf("never tried %v, next %v", NeverTried(list), Next(list))
	}
	if GivenUp(list) != start || GivenUp(append(list, Delivery{State: Dead, At: start.Add(9)})) != start.Add(9) ||
		!GivenUp(list[:3]).IsZero() {
		t.Errorf("given up %v", GivenUp(list))
	}
	if !NeverTried(list[3:5]).IsZero() || !Next(nil).IsZero() {
		t.Error("a list without such deliveries has a time")
	}
}
