package console_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"kassa/infra/console/screen"
	"kassa/infra/kassa/ping"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
)

// Banks, Keys and Runs are what the world's Health is told.
func (w *world) Banks(_ context.Context, _ string, ask bool) ([]ping.Result, error) {
	checks := []ping.Check{{Check: "own certificate", Grade: ping.Soon, Said: "CN=shop", Left: 12,
		Until: start.AddDate(0, 0, 12)}}
	if ask {
		checks = append(checks, ping.Check{Check: "odd question", Grade: ping.Bad, Said: "<b>out of order</b>"})
	}
	return []ping.Result{{Bank: "kapital", Checks: checks}}, w.unwell
}

func (w *world) Keys(context.Context, string) ([]vault.Key, error) {
	return []vault.Key{{ID: "k20261121-2004", Scopes: []string{"create", "read"}}}, w.unwell
}

func (w *world) Runs(context.Context) ([]screen.Run, error) {
	return []screen.Run{{Function: "expiry-sweep", Last: start.Add(59 * time.Minute), Starts: 60},
		{Function: "notify", Last: start.Add(20 * time.Minute), Starts: 20, Failed: 3}}, w.unwell
}

// TestHowEverythingStands: no bank is called before somebody asks for it, and what stands still is seen.
func TestHowEverythingStands(t *testing.T) {
	w := open(t, false)
	c := w.enter()
	page := w.get(c, http.StatusOK, "/health")
	page.wants(t, "12 days left, until 2026-12-05", "soon", "k20261121-2004", "open payments, read", "2026-11-23 17:29:00",
		"stopped?", "have not been asked yet")
	page.lacks(t, "odd question")
	asked := w.post(c, page, "/health", url.Values{})
	asked.wants(t, "odd question", "&lt;b&gt;out of order", "were asked just now")
}

// TestMissingRightsAreSaid, each in its place, and by its name.
func TestMissingRightsAreSaid(t *testing.T) {
	w := open(t, false)
	c := w.enter()
	w.unwell = &payment.Error{Kind: payment.NotFound, Message: "there is no shop"}
	w.get(c, http.StatusOK, "/health").wants(t, "There are no settings of this shop", "kassa shop put")
}
