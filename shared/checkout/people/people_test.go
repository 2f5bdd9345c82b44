package people_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kassa/shared/checkout/people"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// paid puts a payment into the store that is paid with a minor unit less than it costs, and whose shop never wanted to
// hear of it.
func paid(t *testing.T, s *memory.Store, ref string) payment.Payment {
	t.Helper()
	handle := payment.Handle{OrderID: "828", Private: "s", Account: payment.Account{Merchant: "m", Environment: "test"}}
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", ref), Attempt: 1}, Shop: "demo-az",
		OrderRef: ref, Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Notify: true}, start, start.Add(time.Minute))
	for _, e := range []payment.Event{
		payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/", ExpiresAt: start.Add(time.Hour)},
		payment.Statement{Handle: handle, Report: payment.Report{State: payment.BankApproved,
			Amount: payment.Money{Minor: 14999, Currency: payment.AZN}}},
		payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Gone: true, Code: "410"},
			4: {Accepted: true, Code: "200"}}},
	} {
		var err error
		if p, err = payment.Apply(p, e, start); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func bench() (people.Operator, *memory.Store) {
	s := new(memory.Store)
	return people.Operator{Store: s, Now: func() time.Time { return start.Add(time.Hour) }}, s
}

// TestResolve records a decision even when somebody else saves the payment at the same moment.
func TestResolve(t *testing.T) {
	d, s := bench()
	p := paid(t, s, "1")
	raced := false
	s.Before = func(op memory.Op, id payment.ID) error {
		if op == memory.Save && !raced {
			raced = true
			other, _ := s.Load(t.Context(), id)
			other.BankCode = "001"
			_, err := s.Save(t.Context(), other)
			return err
		}
		return nil
	}
	got, err := d.Resolve(t.Context(), p.ID, payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:a",
		Why: "the shop agrees"})
	if err != nil || len(got.Reviews) != 0 || got.BankCode != "001" || len(got.Resolutions) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	_, err = d.Resolve(t.Context(), p.ID, payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:a",
		Why: "again"})
	if payment.CodeOf(err) != "nothing_to_resolve" {
		t.Errorf("the second decision: %v", err)
	}
	if _, err = d.Resolve(t.Context(), payment.ID{Order: payment.OrderKey("x", "y"), Attempt: 1},
		payment.Ruling{}); payment.KindOf(err) != payment.NotFound {
		t.Errorf("of an unknown payment: %v", err)
	}
}

func TestRedeliver(t *testing.T) {
	d, s := bench()
	p := paid(t, s, "1")
	got, err := d.Redeliver(t.Context(), p.ID, nil)
	if err != nil || got.Deliveries[0].State != delivery.Retry || got.Deliveries[1].State != delivery.Delivered {
		t.Fatalf("%v: %+v", err, got.Deliveries)
	}
	waiting := 0
	for w, err := range s.Outbox(t.Context(), p.ID.Shard(), d.Now()) {
		if waiting++; err != nil || w.ID != p.ID {
			t.Errorf("outbox %v, %v", w, err)
		}
	}
	if waiting != 1 {
		t.Errorf("%d wait in the outbox", waiting)
	}
	if _, err := d.Redeliver(t.Context(), p.ID, []int64{1}); payment.CodeOf(err) != "not_announced" {
		t.Errorf("of an entry that is not announced: %v", err)
	}
}

// TestUnderReview lists what people must look at, and beside it says what cannot be read.
func TestUnderReview(t *testing.T) {
	d, s := bench()
	want := map[payment.ID]bool{}
	for _, ref := range []string{"1", "2", "3"} {
		want[paid(t, s, ref).ID] = true
	}
	found, err := d.UnderReview(t.Context(), 10)
	if err != nil || len(found) != 3 || !want[found[0].ID] || !want[found[1].ID] || !want[found[2].ID] {
		t.Fatalf("%v: %v", err, found)
	}
	s.Before = func(op memory.Op, id payment.ID) error {
		if op == memory.Load && id == found[0].ID {
			return &payment.Error{Kind: payment.Internal}
		}
		return nil
	}
	if rest, err := d.UnderReview(t.Context(), 10); err == nil || payment.KindOf(err) != payment.Internal ||
		len(rest) != 2 {
		t.Errorf("with one that cannot be read: %d, %v", len(rest), err)
	}
}

// A list that cannot be read hides the others as little as a payment does, and is told; the longest waiting stands
// first.
func TestUnderReviewBesideAListThatCannotBeRead(t *testing.T) {
	d, s := bench()
	var all []payment.Payment
	for _, ref := range []string{"1", "2", "3", "4", "5", "6"} {
		p := paid(t, s, ref)
		p.CreatedAt = start.Add(-time.Duration(len(all)) * time.Hour) // the last made has waited longest
		p, err := s.Save(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	settled, err := payment.Apply(all[0], payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:a",
		Why: "kept"}, start.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	lists, empty := 0, 0
	for slices.ContainsFunc(all, func(p payment.Payment) bool { return p.ID.Shard() == empty }) {
		empty++
	}
	s.Before = func(op memory.Op, id payment.ID) error {
		switch {
		case op == memory.Review:
			if lists++; lists == empty+1 {
				return &payment.Error{Kind: payment.Unavailable}
			}
		case op == memory.Load && id == all[0].ID: // decided between the list and the reading
			s.Before = nil
			if _, err := s.Save(t.Context(), settled); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	found, err := d.UnderReview(t.Context(), 10)
	slices.Reverse(all)
	waiting := slices.EqualFunc(found, all[:5], func(a, b payment.Payment) bool { return a.ID == b.ID })
	if payment.KindOf(err) != payment.Unavailable || !waiting {
		t.Errorf("%v, %d found: %v", err, len(found), found)
	}
}

// A decision that cannot be saved is told as what it is: overtaken again and again, refused by the store, or lost.
func TestADecisionThatIsNotSaved(t *testing.T) {
	d, s := bench()
	p := paid(t, s, "1")
	accept := payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:a", Why: "kept"}
	saves := 0
	s.Before = func(op memory.Op, _ payment.ID) error {
		if op == memory.Save {
			saves++
			return &payment.Error{Kind: payment.Unavailable}
		}
		return nil
	}
	if _, err := d.Resolve(t.Context(), p.ID, accept); payment.KindOf(err) != payment.Unavailable || saves != 1 {
		t.Errorf("refused by the store: %v after %d saves", err, saves)
	}
	saves = 0
	s.Before = func(op memory.Op, id payment.ID) error {
		if op != memory.Save {
			return nil
		}
		saves++
		hook := s.Before
		s.Before = nil
		defer func() { s.Before = hook }()
		other, err := s.Load(t.Context(), id)
		if err == nil {
			_, err = s.Save(t.Context(), other)
		}
		return err
	}
	got, err := d.Resolve(t.Context(), p.ID, accept)
	if !errors.Is(err, payment.ErrConflict) || saves != 8 || !got.InReview(payment.ReviewAmount) {
		t.Errorf("overtaken: %v after %d saves", err, saves)
	}
}

// resaid is a store whose answer to one save is lost. Others save on top, and its client writes the same once more.
type resaid struct {
	*memory.Store
	then func(payment.Payment) payment.Payment
}

func (r *resaid) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	made, err := r.Store.Save(ctx, p)
	if err != nil || r.then == nil {
		return made, err
	}
	made, r.then = r.then(made), nil
	if _, err := r.Store.Save(ctx, made); err != nil {
		return made, err
	}
	return r.Store.Save(ctx, p)
}

// A person's own decision is known again, and made once: also when what it has ended has come back since.
func TestAPersonsOwnDecisionIsKnownAgain(t *testing.T) {
	for how, reason := range map[payment.RulingKind]payment.Review{payment.ResolveAcceptCaptured: payment.ReviewAmount,
		payment.ResolveDismiss: payment.ReviewStatus, payment.ResolveRefundDone: payment.ReviewRefund} {
		for _, back := range []bool{false, true} {
			_, s := bench()
			p := paid(t, s, "1")
			p.Reviews = []payment.Review{reason}
			p, err := s.Save(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			d := people.Operator{Now: func() time.Time { return start.Add(time.Hour) },
				Store: &resaid{s, func(p payment.Payment) payment.Payment {
					if p.BankCode = "001"; back {
						p.Reviews = []payment.Review{reason}
					}
					return p
				}}}
			e := payment.Ruling{How: how, By: "operator:a", Why: "says the bank"}
			if how == payment.ResolveRefundDone {
				e.Amount = 1000
			}
			got, err := d.Resolve(t.Context(), p.ID, e)
			if err != nil || len(got.Resolutions) != 1 || got.Refunded != e.Amount || got.InReview(reason) != back ||
				got.BankCode != "001" {
				t.Errorf("%s, back %t: %v: %d decisions, refunded %d, reviews %v", how, back, err, len(got.Resolutions),
					got.Refunded, got.Reviews)
			}
		}
	}
}
