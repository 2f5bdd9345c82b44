package payment

import (
	"slices"
	"strings"
	"testing"
)

// TestAVersionBearsItsLastSaves: four of them, the newest first, each by the first seven characters of its stamp.
func TestAVersionBearsItsLastSaves(t *testing.T) {
	p := Payment{}
	var stamps []string
	for _, c := range "ABCDEF" {
		stamps = append(stamps, strings.Repeat(string(c), 26))
	}
	for i, stamp := range stamps {
		drawn := "drawn by the store"
		if p.Stamp = stamp; i%2 == 1 { // its writer does not care
			p.Stamp, drawn = "", stamp
		}
		if p = p.Stamped(drawn); p.Stamp != "" || !strings.HasPrefix(p.Rev, stamp[:7]) || len(p.Rev) != 7*min(i+1, 4) {
			t.Errorf("after %d saves its version is %q, its stamp %q", i+1, p.Rev, p.Stamp)
		}
	}
	for i, stamp := range stamps {
		if p.Bears(stamp) != (i >= 2) {
			t.Errorf("%q bears the save %d of 6: %t", p.Rev, i+1, p.Bears(stamp))
		}
	}
}

// TestTheStatusesOfAPayment in the order of its life.
func TestTheStatusesOfAPayment(t *testing.T) {
	want := []Status{"created", "pending", "paid", "partially_refunded", "refunded", "declined", "cancelled", "expired"}
	if got := Statuses(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, s := range want {
		live, money := s == "created" || s == "pending", s == "paid" || s == "partially_refunded" || s == "refunded"
		if s.Live() != live || s.Money() != money {
			t.Errorf("%s: live %t, money %t", s, s.Live(), s.Money())
		}
	}
}

// TestTheWayHome: a customer is told of a failure only where there is one, and nobody has to look.
func TestTheWayHome(t *testing.T) {
	for status, want := range map[Status]string{Created: "ok", Pending: "ok", Paid: "ok", PartiallyRefunded: "ok",
		Refunded: "ok", Cancelled: "cancel", Expired: "cancel", Declined: "no"} {
		p := Payment{Status: status, Return: ReturnURLs{Success: "ok", Cancel: "cancel", Decline: "no"}}
		if got := p.Home(); got != want {
			t.Errorf("%s leads to %s", status, got)
		}
		p.Reviews = []Review{ReviewStatus}
		if got := p.Home(); got != "ok" {
			t.Errorf("%s, under review, leads to %s", status, got)
		}
	}
}

// stranger is an event that the table does not know.
type stranger struct{}

func (stranger) event() {}

func TestAnUnknownEventIsRefused(t *testing.T) {
	refuse(t, pendingPayment(t, 1), stranger{}, early, Internal, "")
}

// TestABankMaySellByOtherTerms than the shop's, or by none.
func TestABankMaySellByOtherTerms(t *testing.T) {
	policy := InstalmentPolicy{Terms: []int{3, 6}, MinAmount: 100, Banks: map[string][]int{"a": {12}, "b": nil}}
	for bank, want := range map[string][]int{"a": {12}, "b": nil, "c": {3, 6}} {
		if got := policy.At(bank); !slices.Equal(got.Terms, want) || got.MinAmount != 100 || got.Sells() != (want != nil) {
			t.Errorf("at %s: %+v", bank, got)
		}
	}
}
