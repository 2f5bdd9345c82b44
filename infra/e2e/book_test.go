package e2e

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

// TestAShopReadsItsDay through the real functions: page by page, each payment once, and by its last change, too.
func TestAShopReadsItsDay(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	var want []string
	for n := range 5 {
		want = append(want, w.open(t, 700+n, 15000).ID)
	}
	w.pay(t, w.open(t, 710, 15000))
	day := time.Now().UTC()
	days := "/v1/payments?from=" + day.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" +
		day.AddDate(0, 0, 1).Format(time.DateOnly) + "&status=pending&limit=2"
	for _, by := range []string{"&by=created", "&by=changed"} {
		var got []string
		for next, pages := "", 0; pages == 0 || next != ""; pages++ {
			page := read[struct {
				Payments []paymentDoc `json:"payments"`
				Next     *string      `json:"next"`
			}](t, w.shop.must(t, []int{200}, "GET", days+by+next, nil))
			for _, p := range page.Payments {
				got = append(got, p.ID)
			}
			next = ""
			if page.Next != nil {
				next = "&cursor=" + url.QueryEscape(*page.Next)
			}
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", by, got, want)
		}
	}
}
