package payment

import (
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// sums is the summary of a payment that is paid and was given back in part.
func sums(t *testing.T) Summary {
	t.Helper()
	p := refundingPayment(t, early, RefundIntent{Amount: 4000})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "b1"}, early)
	p.Receipt.RRN, p.Late, p.Overpaid = "602112345678", true, true
	p.Reviews = []Review{ReviewAmount}
	return p.Summary()
}

// TestASummaryIsOfThePayment, and each part of it holds what its readers need, and no more.
func TestASummaryIsOfThePayment(t *testing.T) {
	s := sums(t)
	r := s.Refunds[0]
	want := Summary{ID: ID{OrderKey("demo-az", "12345"), 1}, OrderRef: "12345", Bank: "kapital", BankOrder: "828",
		RRN: "602112345678", Status: PartiallyRefunded, Amount: Money{testAmount, AZN}, Captured: testAmount, Refunded: 4000,
		CreatedAt: start, Refunds: []Refund{r}, Reviews: []Review{ReviewAmount}, Late: true, Overpaid: true}
	if !reflect.DeepEqual(s, want) || r.Amount != 4000 {
		t.Errorf("%+v, want %+v", s, want)
	}
	for part, want := range map[Part]Summary{
		Whole: s,
		Sums: {ID: s.ID, Bank: s.Bank, Status: s.Status, Amount: Money{0, AZN}, Captured: testAmount, Refunded: 4000,
			CreatedAt: start, Overpaid: true},
		Numbers: {ID: s.ID, OrderRef: s.OrderRef, BankOrder: s.BankOrder, RRN: s.RRN, Refunds: s.Refunds},
	} {
		if got := s.Only(part); !reflect.DeepEqual(got, want) {
			t.Errorf("part %d: %+v, want %+v", part, got, want)
		}
	}
}

// TestABrokenSummaryIsFound as far as the sums show it.
func TestABrokenSummaryIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		harm  func(s *Summary)
		sound bool
	}{
		"as it is":               {func(*Summary) {}, true},
		"no id":                  {func(s *Summary) { s.ID.Order = "" }, false},
		"no attempt":             {func(s *Summary) { s.ID.Attempt = 0 }, false},
		"the last attempt":       {func(s *Summary) { s.ID.Attempt = MaxAttempts }, true},
		"too many attempts":      {func(s *Summary) { s.ID.Attempt = MaxAttempts + 1 }, false},
		"a strange currency":     {func(s *Summary) { s.Amount.Currency = "BYR" }, false},
		"an unknown status":      {func(s *Summary) { s.Status = "settled" }, false},
		"paid, nothing captured": {func(s *Summary) { s.Captured, s.Refunded = 0, 0 }, false},
		"captured, not paid":     {func(s *Summary) { s.Status, s.Refunded = Declined, 0 }, false},
		"not paid":               {func(s *Summary) { s.Status, s.Captured, s.Refunded = Declined, 0, 0 }, true},
		"the least":              {func(s *Summary) { s.Captured, s.Refunded = 1, 0 }, true},
		"refunded below nothing": {func(s *Summary) { s.Refunded = -1 }, false},
		"all of it":              {func(s *Summary) { s.Refunded = s.Captured }, true},
		"more than all of it":    {func(s *Summary) { s.Refunded = s.Captured + 1 }, false},
	} {
		s := sums(t)
		c.harm(&s)
		err := s.Check()
		if (err == nil) != c.sound || err != nil && KindOf(err) != Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if e := sums(t).broken("so"); e.Error() != "internal: payment "+sums(t).ID.String()+": so" {
		t.Errorf("the log reads %q", e.Error())
	}
}

// TestWhatAPaymentGoesBy: each of its numbers as a whole, and nothing else.
func TestWhatAPaymentGoesBy(t *testing.T) {
	s := sums(t)
	for number, want := range map[string]bool{"12345": true, "828": true, "602112345678": true, "rf_one": true, "b1": true,
		"": false, "1234": false, "123456": false, "kapital": false} {
		if s.Known(number) != want {
			t.Errorf("%q: %t", number, !want)
		}
	}
	if (Summary{ID: s.ID}).Known("") {
		t.Error("a payment without numbers goes by nothing")
	}
}

// TestTheBookHasItsOrder: what was created later first, of one moment the greater id; and its shards are even.
func TestTheBookHasItsOrder(t *testing.T) {
	at := func(d time.Duration, order string, attempt int) BookEntry {
		return BookEntry{start.Add(d), ID{order, attempt}}
	}
	want := []BookEntry{at(1, "pay_a", 1), at(0, "pay_c", 1), at(0, "pay_b", 2), at(0, "pay_b", 1), at(-1, "pay_d", 1)}
	got := slices.Clone(want)
	slices.Reverse(got)
	same := want[0]
	if slices.SortFunc(got, BookEntry.Compare); !slices.Equal(got, want) || same.Compare(want[0]) != 0 {
		t.Errorf("%v, want %v", got, want)
	}
	seen := map[int]bool{}
	for n := range 200 {
		id := ID{OrderKey("demo", time.Duration(n).String()), 1}
		if seen[id.BookShard()] = true; id.BookShard() != id.Shard()%8 {
			t.Errorf("%s stands in shard %d", id, id.BookShard())
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d shards", len(seen))
	}
}

// TestWhenAPaymentChanged last is when its history did.
func TestWhenAPaymentChanged(t *testing.T) {
	if p := paidPayment(t); !p.ChangedAt().Equal(start.Add(paidIn)) {
		t.Errorf("changed at %v", p.ChangedAt())
	}
	one := Payment{CreatedAt: start, History: []Entry{{At: late}}}
	if none := (Payment{CreatedAt: start}); !one.ChangedAt().Equal(late) || !none.ChangedAt().Equal(start) {
		t.Errorf("changed at %v and %v", one.ChangedAt(), none.ChangedAt())
	}
	// a clock that is behind noted the last change: the payment stays on the day of the one before, and of its creation
	apart := Payment{CreatedAt: late, History: []Entry{{At: late}, {At: early}}}
	if !apart.ChangedAt().Equal(late) {
		t.Errorf("changed at %v", apart.ChangedAt())
	}
}

// TestWhatIsUndelivered: all but what the shop has taken, in their order.
func TestWhatIsUndelivered(t *testing.T) {
	p := Payment{}
	for i, state := range []delivery.State{delivery.Delivered, delivery.New, delivery.Dead, delivery.Delivered,
		delivery.Retry} {
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: int64(i + 1), State: state})
	}
	want := []delivery.Delivery{p.Deliveries[1], p.Deliveries[2], p.Deliveries[4]}
	if got := p.Undelivered(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestWhatIsAnnouncedLateStandsInItsPlace among the messages, and no other message of the payment takes it.
func TestWhatIsAnnouncedLateStandsInItsPlace(t *testing.T) {
	p := paidPayment(t)
	p = apply(t, p, reported(Report{State: BankDeclined, Word: "DECLINED"}), late) // and a review
	p = apply(t, apply(t, p, Redelivery{[]int64{4}}, late), Redelivery{[]int64{3}}, late)
	var got []int64
	for _, d := range p.Deliveries {
		got = append(got, d.Sequence)
	}
	if !slices.Equal(got, []int64{3, 4}) {
		t.Errorf("the messages are %v", got)
	}
	for _, sequence := range []int64{-1, 0, 1, 2, p.Sequence + 1} {
		refuse(t, p, Redelivery{[]int64{sequence}}, late, Invalid, "not_announced")
	}
}

// TestHowLoudAnErrorIs: what only a person can mend wakes one.
func TestHowLoudAnErrorIs(t *testing.T) {
	for kind, want := range map[Kind]slog.Level{Internal: slog.LevelError, Misconfigured: slog.LevelError,
		Unavailable: slog.LevelWarn, Uncertain: slog.LevelWarn, Forged: slog.LevelWarn, Invalid: slog.LevelInfo,
		NotFound: slog.LevelInfo, Standing: slog.LevelInfo, Refused: slog.LevelInfo, Unsupported: slog.LevelInfo,
		Malformed: slog.LevelInfo, Forged + 1: slog.LevelError} {
		if got := kind.Level(); got != want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
}
