package screen

import (
	"context"
	"strconv"
	"strings"
	"time"

	"kassa/infra/console/frame"
	"kassa/infra/kassa/ping"
	"kassa/infra/kassa/vault"
	"kassa/shared/boot"
)

// Health tells how that stands which payments need.
type Health interface {
	// Banks looks at a shop's banks as kassa bank ping does; unless ask, none of them is called.
	Banks(ctx context.Context, shop string, ask bool) ([]ping.Result, error)
	// Keys are the shop's API keys.
	Keys(ctx context.Context, shop string) ([]vault.Key, error)
	// Runs are what the schedules start; none where nothing measures them.
	Runs(ctx context.Context) ([]Run, error)
}

// Run is a function that a schedule starts every minute, as its metrics have it.
type Run struct {
	Function       string
	Last           time.Time // of its starts in the last three hours, to the minute; zero = it was not started
	Starts, Failed int       // in the hour before now
}

// healthPage is how everything stands. What these credentials may not read is said in its place, and hides nothing
// else.
type healthPage struct {
	frame.Frame
	Asked                           bool // the banks were called
	Banks                           []ping.Result
	Keys                            []vault.Key
	Runs                            []Run
	BanksFault, KeysFault, RunFault *frame.Fault
}

func (s *screens) health(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	ctx, page := v.R.Context(), &healthPage{Frame: v.Frame, Asked: v.R.Method == "POST"}
	tell := func(err error) *frame.Fault {
		said := inPlace(v, err)
		if said != nil && said.Word == "payment" { // there is no such shop; its payments may be there all the same
			said.Word = "settings"
		}
		return said
	}
	var banks, keys, runs error
	page.Banks, banks = s.Health.Banks(ctx, v.Shop, page.Asked)
	page.Keys, keys = s.Health.Keys(ctx, v.Shop)
	page.Runs, runs = s.Health.Runs(ctx)
	page.BanksFault, page.KeysFault, page.RunFault = tell(banks), tell(keys), tell(runs)
	return page, nil
}

// Bank is what a bank is called.
func (p *healthPage) Bank(name string) string {
	if title := boot.Profiles()[name].Title; title != "" {
		return title
	}
	return name
}

// Check is the name of a check in words, or "" where the bank has one of its own.
func (p *healthPage) Check(name string) string {
	key := "health.check." + strings.NewReplacer(" ", "_", "'", "").Replace(name)
	if !p.Has(key) {
		return ""
	}
	return p.Say(key)
}

// Rest is what a check says beside the days of a certificate, which the page says in its own language.
func (p *healthPage) Rest(c ping.Check) string {
	if c.Until.IsZero() {
		return c.Said
	}
	before, _, _ := strings.Cut(c.Said, strconv.Itoa(c.Left)+" days left")
	return strings.TrimSuffix(before, ", ")
}

// Graded colours a grade.
func (p *healthPage) Graded(g ping.Grade) string {
	return map[ping.Grade]string{ping.Good: "good", ping.Soon: "open", ping.Bad: "bad"}[g]
}

// Date is the day of a moment by the shop's clock.
func (p *healthPage) Date(t time.Time) string { return t.In(p.Zone).Format(time.DateOnly) }

// silent is after how long a schedule that starts something each minute has stopped; the alarm waits as long.
const silent = 5 * time.Minute

// Stopped says whether a schedule seems to stand still.
func (p *healthPage) Stopped(r Run) bool { return p.Now.Sub(r.Last) > silent+2*time.Minute }
