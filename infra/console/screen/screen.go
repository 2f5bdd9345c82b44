// Package screen is what `kassa console` shows: a file for each screen, with the struct that its page is made of, and
// beside it page/<screen>.html and a file of texts in the package words. The screens decide nothing: they read what the
// command reads, and act through the same use cases as the API and the command.
package screen

import (
	"context"
	"embed"
	"slices"
	"time"

	"kassa/infra/console/cursor"
	"kassa/infra/console/frame"
	"kassa/infra/console/guard"
	"kassa/infra/console/tally"
	"kassa/shared/boot"
	"kassa/shared/checkout"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/people"
)

//go:embed page/*.html
var pages embed.FS

// Store is the payments, as the use cases want them.
type Store interface {
	checkout.Store
	people.Store
	book.Store
	checkout.UndeliveredList
}

// Kassa is what the screens work on.
type Kassa struct {
	Store    Store
	Service  *checkout.Service
	Shops    frame.Shops
	Stage    string // such as prod
	Operator string // who acts, as the history names a person
	Write    bool   // whether anything may be changed
	Now      func() time.Time

	Health Health
	Behind func(work func(ctx context.Context)) // does work behind the pages, until the console ends
}

// screens are all of them. They may serve several requests at once.
type screens struct {
	Kassa
	site *frame.Site
	days *tally.Days
	seal *cursor.Seal // of lists that go on

	errand errand
}

// asSheet is the kind of a CSV file with a head.
const asSheet = "text/csv; charset=utf-8; header=present"

// attach makes the answer a file to keep.
func attach(v *frame.Visit, kind, name string) {
	v.W.Header().Set("Content-Type", kind)
	v.W.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// inPlace is an error as it is told on a page that shows everything else; nil for none.
func inPlace(v *frame.Visit, err error) *frame.Fault {
	if err == nil {
		return nil
	}
	said, _ := frame.FaultOf(err)
	said.Frame = v.Frame
	return &said
}

// New makes the screens behind a guard. Addresses that change something do not exist unless that is allowed.
func New(k Kassa, g *guard.Guard) (*frame.Site, error) {
	site, err := frame.New(frame.About{Shops: k.Shops, Stage: k.Stage, Operator: k.Operator, Write: k.Write, Now: k.Now,
		Screens: []string{"today", "payments", "reviews", "deliveries",
			"reconciliation", "health"}, Pages: pages}, g)
	if err != nil {
		return nil, err
	}
	s := &screens{Kassa: k, site: site, days: tally.New(k.Store, k.Now), seal: cursor.NewSeal()}
	site.On("GET /{$}", "", func(v *frame.Visit) (any, error) { return frame.Onward(v.With("/today")), nil })
	site.On("GET /today", "today", s.today)
	site.On("GET /payments", "payments", s.payments)
	site.On("GET /payments.csv", "", s.sheet)
	site.On("GET /payments/{id}", "payment", s.payment)
	site.On("GET /payments/{id}/evidence", "", s.evidence)
	site.On("POST /payments/{id}/ask", "payment", s.askBank)
	site.On("GET /reviews", "reviews", s.reviews)
	site.On("GET /deliveries", "deliveries", s.deliveries)
	site.On("GET /health", "health", s.health)
	site.On("POST /health", "health", s.health)
	site.On("GET /reconciliation", "reconciliation", s.reconciliation)
	site.On("POST /reconciliation", "reconciliation", s.reconcileDay)
	site.On("POST /reconciliation/stop", "reconciliation", s.stopReconciling)
	site.On("GET /reconciliation/report.csv", "", s.reportAs("csv", asSheet, asCSV))
	site.On("GET /reconciliation/report.html", "", s.reportAs("html", "text/html; charset=utf-8", asHTML))
	site.On("GET /reconciliation/report.json", "", s.reportAs("json", "application/json", asJSON))
	if k.Write {
		site.On("GET /payments/{id}/refund", "refund", s.refundForm)
		site.On("POST /payments/{id}/refund", "refund", s.refund)
		site.On("POST /payments/{id}/cancel", "cancel", s.cancel)
		site.On("POST /payments/{id}/redeliver", "payment", s.redeliver)
		site.On("POST /deliveries/{id}", "deliveries", s.sendAgain)
		site.On("GET /payments/{id}/decide/{review}", "decide", s.decideForm)
		site.On("POST /payments/{id}/decide/{review}", "decide", s.ruling)
	}
	return site, nil
}

// banks are the names of all banks, whatever the shop has.
func banks() (all []string) {
	for name := range boot.Profiles() {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
