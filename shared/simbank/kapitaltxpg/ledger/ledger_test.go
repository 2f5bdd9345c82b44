package ledger

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"kassa/shared/simbank/kapital"
)

func noon() time.Time { return time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC) }

func paid(t *testing.T) *Order {
	t.Helper()
	o := &Order{ID: 700001, Type: Purchase, Amount: 1000, Currency: "AZN", Status: Preparing, Created: noon()}
	if err := o.Approve(noon(), Rules{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// act is one word of the table below.
func act(o *Order, word string, now time.Time, r Rules) error {
	var err error
	shop := Mover{Login: "TerminalSys/kapital"}
	switch word {
	case "refund 400":
		_, err = o.Refund(400, shop, now, r)
	case "refund 600":
		_, err = o.Refund(600, shop, now, r)
	case "refund all":
		_, err = o.Refund(0, shop, now, r)
	case "refund 1001":
		_, err = o.Refund(1001, shop, now, r)
	case "void":
		_, err = o.VoidAll(shop, now, r)
	case "void 300":
		_, err = o.VoidPart(300, shop, now, r)
	case "desk void":
		_, err = o.VoidAll(Mover{Desk: true}, now, r)
	case "desk 400":
		_, err = o.Refund(400, Mover{Desk: true}, now, r)
	}
	return err
}

func TestWhatGoesBack(t *testing.T) {
	later := 24 * time.Hour
	for _, c := range []struct {
		name  string
		after time.Duration
		rules Rules
		acts  []string
		code  string // of the last act; empty = done
		state string
		back  int64
	}{
		{"in parts", 0, Rules{}, []string{"refund 400", "refund 600"}, "", Refunded, 1000},
		{"one part", 0, Rules{}, []string{"refund 400"}, "", FullyPaid, 400},
		{"one part by another word", 0, Rules{PartStatus: PartPaid}, []string{"refund 400"}, "", PartPaid, 400},
		{"the rest by another word", 0, Rules{PartStatus: PartPaid}, []string{"refund 400", "refund 600"}, "",
			Refunded, 1000},
		{"no amount is the whole", 0, Rules{}, []string{"refund all"}, "", Refunded, 1000},
		{"no amount is not the rest", 0, Rules{}, []string{"refund 400", "refund all"}, InvalidAmount, FullyPaid, 400},
		{"too much", 0, Rules{}, []string{"refund 1001"}, InvalidAmount, FullyPaid, 0},
		{"too much together", 0, Rules{}, []string{"refund 600", "refund 600"}, InvalidAmount, FullyPaid, 600},
		{"nothing left", 0, Rules{}, []string{"refund all", "refund 400"}, InvalidState, Refunded, 1000},
		{"void", 0, Rules{}, []string{"void"}, "", Voided, 1000},
		{"void twice", 0, Rules{}, []string{"void", "void"}, InvalidState, Voided, 1000},
		{"refund of a voided one", 0, Rules{}, []string{"void", "refund 400"}, InvalidState, Voided, 1000},
		{"void on another day", later, Rules{}, []string{"void"}, InvalidState, FullyPaid, 0},
		{"void after the cut-off", time.Hour, Rules{CutOff: "12:30"}, []string{"void"}, InvalidState, FullyPaid, 0},
		{"the desk voids on any day", later, Rules{}, []string{"desk void"}, "", Voided, 1000},
		{"void after a refund", 0, Rules{}, []string{"refund 400", "void"}, InvalidTran, FullyPaid, 400},
		{"part void", 0, Rules{}, []string{"void 300"}, "", FullyPaid, 300},
		{"part void twice", 0, Rules{}, []string{"void 300", "void 300"}, InvalidTran, FullyPaid, 300},
		{"part void, then refund", 0, Rules{}, []string{"void 300", "refund 600"}, "", FullyPaid, 900},
		{"same-day refund off", 0, Rules{RefundSameDay: "none"}, []string{"refund 400"}, InvalidState, FullyPaid, 0},
		{"same-day refund off, next day", later, Rules{RefundSameDay: "none"}, []string{"refund 400"}, "", FullyPaid, 400},
		{"same-day whole refund off", 0, Rules{RefundSameDay: "partial"}, []string{"refund 400", "refund all"}, InvalidAmount,
			FullyPaid, 400},
		{"another code", 0, Rules{RefundSameDay: "partial", StateCode: "TranProhibited"}, []string{"refund all"},
			"TranProhibited", FullyPaid, 0},
		{"the desk refunds on any day", 0, Rules{RefundSameDay: "none"}, []string{"desk 400"}, "", FullyPaid, 400},
		{"a closed order", later, Rules{CloseAfterHours: 1}, []string{"refund 400"}, InvalidState, Closed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := paid(t)
			var err error
			for _, word := range c.acts {
				err = act(o, word, noon().Add(c.after), c.rules)
			}
			var no Refusal
			errors.As(err, &no)
			if no.Code != c.code || o.Status != c.state || o.GivenBack() != c.back {
				t.Errorf("code %q (%v), status %s, given back %d", no.Code, err, o.Status, o.GivenBack())
			}
			check(t, *o)
		})
	}
}

func TestWhatACustomerCanDo(t *testing.T) {
	good := kapital.Card{PAN: Cards()[0].PAN, Expiry: "0627", CVV: "591"}
	poor := kapital.Card{PAN: "7777770000000012", Expiry: "1230", CVV: "119"}
	for _, c := range []struct {
		name  string
		rules Rules
		cards []kapital.Card
		state string
		codes string // pmoResultCodes of the entries
	}{
		{"pays", Rules{}, []kapital.Card{good}, FullyPaid, "1"},
		{"tries again", Rules{}, []kapital.Card{poor, good}, FullyPaid, "59 1"},
		{"a wrong CVV", Rules{}, []kapital.Card{{PAN: good.PAN, Expiry: "0627", CVV: "000"}}, Preparing, "81"},
		{"one try of two", Rules{}, []kapital.Card{poor, poor}, Preparing, "59 59"},
		{"three tries", Rules{}, []kapital.Card{poor, poor, poor}, Declined, "59 59 59"},
		{"one try allowed", Rules{Tries: 1}, []kapital.Card{poor}, Declined, "59"},
		{"a card of nobody", Rules{Tries: 1}, []kapital.Card{{PAN: "4111111111111111"}}, Declined, "52"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &Order{ID: 1, Amount: 1000, Status: Preparing, Created: noon()}
			for _, card := range c.cards {
				if err := o.Pay(card, noon(), c.rules); err != nil {
					t.Fatal(err)
				}
			}
			codes := ""
			for _, tran := range o.Trans {
				codes += " " + tran.Result
			}
			if o.Status != c.state || codes != " "+c.codes {
				t.Errorf("status %s, entries%s", o.Status, codes)
			}
			check(t, *o)
		})
	}
}

func TestActionIDTellsItsTimeInUTC(t *testing.T) {
	o := paid(t)
	if !regexp.MustCompile(`^260310-08000000-[0-9a-z]{6}=$`).MatchString(o.Last().ActionID) {
		t.Errorf("actionId %q", o.Last().ActionID)
	}
}

// TestNoSequenceBreaksTheArithmetic walks at random and checks after each step
// that the entries add up to the totals.
func TestNoSequenceBreaksTheArithmetic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"refund 400", "refund 600", "refund all", "refund 1001", "void", "void 300", "desk void", "desk 400"}
	for walk := range 300 {
		now := noon()
		o := &Order{ID: 1, Amount: 1000, Status: Preparing, Created: now}
		r := Rules{Tries: walk % 3, AcceptExpired: walk%5 == 0, PartStatus: []string{"", PartPaid}[walk%2],
			CloseAfterHours: walk % 7}
		for range 40 {
			now = now.Add(time.Duration(random.IntN(60)) * time.Minute)
			before := *o
			var err error
			switch n := random.IntN(12); n {
			case 0:
				card := Cards()[random.IntN(6)]
				err = o.Pay(kapital.Card{PAN: card.PAN, Expiry: card.Expiry, CVV: card.CVV}, now, r)
			case 1:
				err = o.Confirm(kapital.ChallengeCode, now, r)
			case 2, 3:
				o.Look(now, r)
			default:
				err = act(o, words[n-4], now, r)
			}
			if err != nil && o.Charged+o.GivenBack() != before.Charged+before.GivenBack() {
				t.Fatalf("a refusal (%v) moved money: %+v", err, o)
			}
			check(t, *o)
		}
	}
}

func check(t *testing.T, o Order) {
	t.Helper()
	var taken, back int64
	for _, tran := range o.Trans {
		switch {
		case tran.Clear > 0:
			taken += tran.Clear
		default:
			back -= tran.Clear
		}
		if (tran.Billing == "Normal") != (tran.RID != "") || (tran.Billing == "Normal") != (tran.Clear != 0) {
			t.Fatalf("an entry that half counts: %+v", tran)
		}
	}
	if taken != o.Charged || back != o.GivenBack() || back > taken {
		t.Fatalf("the books do not add up: %+v", o)
	}
	if (o.Status == Refunded || o.Status == Voided) && o.Left() != 0 {
		t.Fatalf("status and money disagree: %+v", o)
	}
}
