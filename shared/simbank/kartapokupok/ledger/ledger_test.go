package ledger

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"kassa/shared/simbank/book"
)

var noon = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func fresh() Application {
	return Application{Session: "s", Amount: 1000, Currency: "BYN", Term: 3, Status: Pending, Created: noon}
}

// Whatever happens in whatever order, the bank pays once and takes back no more
// than it paid.
func TestTheBooksStayWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a, now, rules := fresh(), noon, Rules{LifetimeDays: 1 + random.IntN(3), NoRepeat: random.IntN(4) == 0,
			NoPartial: random.IntN(4) == 0}
		paid := 0
		for range 25 {
			now = now.Add(time.Duration(random.IntN(20)) * time.Hour)
			before := a
			a.Lapse(now, rules)
			var err error
			switch random.IntN(7) {
			case 0:
				if err = a.Approve(now, rules); err == nil {
					paid++
				}
			case 1:
				err = a.Reject(now, rules)
			case 2:
				err = a.Cancel(now, rules)
			case 3:
				err = a.Postpone(now, rules)
			case 4:
				err = a.Expire(now, rules)
			case 5:
				err = a.Refund("r", random.Int64N(1300)-100, now, rules)
			case 6:
				err = a.DeskRefund("d", random.Int64N(1300)-100, now, rules)
			}
			var no Refusal
			if err != nil && (!errors.As(err, &no) || no.Code == "" || no.Why == "" || a.Charged != before.Charged ||
				a.Returned != before.Returned) {
				t.Fatalf("refused with %v, and the money moved from %+v to %+v", err, before, a)
			}
			var sum int64
			for _, g := range a.Refunds {
				sum += g.Amount
			}
			if sum != a.Returned || a.Returned > a.Charged || a.Returned < before.Returned || a.Charged < before.Charged ||
				paid > 1 ||
				(a.Status == Refunded) != (a.Charged > 0 && a.Left() == 0) || a.Charged > 0 && a.Open() {
				t.Fatalf("the books are wrong: %+v", a)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		a    Application
		r    Rules
		want string
	}{
		{Application{Status: Expired}, Rules{}, Cancelled},
		{Application{Status: Expired}, Rules{ExpiredWord: "TIMEOUT"}, "TIMEOUT"},
		{Application{Status: Approved, Charged: 2, Returned: 1}, Rules{}, Approved},
		{Application{Status: Approved, Charged: 2, Returned: 1}, Rules{PartialWord: Refunded}, Refunded},
		{Application{Status: Approved, Charged: 2}, Rules{PartialWord: Refunded}, Approved},
	} {
		if got := c.a.Word(c.r); got != c.want {
			t.Errorf("%+v under %+v is %s", c.a, c.r, got)
		}
	}
}

func TestNotices(t *testing.T) {
	a := fresh()
	if err := a.Approve(noon, Rules{}); err != nil {
		t.Fatal(err)
	}
	before := a.Notices
	a.Sent(1, 503)
	a.Sent(1, 200)
	a.Sent(1, 503) // the twin of a delivered one changes nothing but the count
	if n := a.Notices[0]; n.State != Delivered || n.Attempts != 3 || n.HTTP != 503 || before[0].State != Waiting ||
		before[0].Attempts != 0 {
		t.Errorf("%+v, read before as %+v", n, before[0])
	}
	a.Sent(7, 200)
	a.Drop(0)
	if len(a.Due()) != 0 || len(a.Notices) != 1 {
		t.Errorf("%+v", a.Notices)
	}
}

func TestBookKeepsWhatARefusedStepChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	b, err := book.Open(file, Shape())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(fresh(), fresh().Unlike(Rules{})); err != nil {
		t.Fatal(err)
	}
	_, err = b.Change("s", func(a *Application) error {
		a.Lapse(noon.AddDate(1, 0, 0), Rules{})
		return a.Cancel(noon, Rules{})
	})
	if err == nil {
		t.Error("an application was cancelled after its end")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err = book.Open(file, Shape()); err != nil {
		t.Fatal(err)
	}
	if a, err := b.Find("s"); err != nil || a.Status != Expired || a.Number != 1 {
		t.Errorf("%+v %v", a, err)
	}
	second := fresh()
	second.Session = "t"
	if a, err := b.Create(second, second.Unlike(Rules{})); err != nil || a.Number != 2 {
		t.Errorf("the second one is %d, %v", a.Number, err)
	}
	if err := b.Forget(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Find("t"); !errors.Is(err, book.ErrUnknown) {
		t.Errorf("after forgetting: %v", err)
	}
	if _, err := b.Change("t", func(*Application) error { return nil }); !errors.Is(err, book.ErrUnknown) {
		t.Errorf("an unknown session: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(fresh(), fresh().Unlike(Rules{})); err == nil {
		t.Error("a closed book took an application")
	}
	if _, err := b.Find("s"); err == nil {
		t.Error("what could not be written is remembered")
	}
}
