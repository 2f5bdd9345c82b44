package screen

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"kassa/infra/console/frame"
	"kassa/infra/kassa/reconcile"
	"kassa/infra/kassa/statement"
	"kassa/shared/payment"
)

// reconciliationPage is the form of a reconciliation, or how far the one is that goes on, or its report.
type reconciliationPage struct {
	frame.Frame
	Run     progress
	Asked   map[string]string // what was typed
	Wrong   []string          // keys of texts: what is wrong with the form
	Fault   *frame.Fault      // why there is no report
	Banks   []string
	Layouts []string
	answer  int
}

// Status is that of the answer.
func (p *reconciliationPage) Status() int { return p.answer }

// mostRows is how many rows the page shows; the files have all of them.
const mostRows = 200

func (s *screens) reconciliation(v *frame.Visit) (any, error) {
	page := s.dayPage(v)
	if page.Run.Running {
		v.W.Header().Set("Refresh", "3") // a page without script goes on by itself
	}
	return page, nil
}

// dayPage begins the page with what is there.
func (s *screens) dayPage(v *frame.Visit) *reconciliationPage {
	page := &reconciliationPage{Frame: v.Frame, Run: s.errand.Look(), Banks: banks(), answer: http.StatusOK,
		Asked: map[string]string{"day": v.Today().AddDate(0, 0, -1).Format(time.DateOnly)}}
	for _, l := range statement.Examples() {
		page.Layouts = append(page.Layouts, l.Name)
	}
	if page.Run.Err != nil {
		said, _ := frame.FaultOf(page.Run.Err)
		if said.Frame = v.Frame; errors.Is(page.Run.Err, reconcile.ErrWhichBank) {
			said = frame.Fault{Frame: v.Frame, Word: "which_bank"}
		}
		page.Fault = &said
	}
	return page
}

// reconcileDay reads the form, gives all that is wrong with it at once, and begins.
func (s *screens) reconcileDay(v *frame.Visit) (any, error) {
	page := s.dayPage(v)
	for _, name := range []string{"day", "bank", "layout", "book"} {
		page.Asked[name] = strings.TrimSpace(v.R.PostForm.Get(name))
	}
	complain := func(wrong bool, key string) {
		if wrong {
			page.Wrong, page.answer = append(page.Wrong, key), http.StatusUnprocessableEntity
		}
	}
	q := reconcile.Request{Shop: v.Shop, Bank: page.Asked["bank"], Book: page.Asked["book"] == "yes"}
	day, err := time.Parse(time.DateOnly, page.Asked["day"])
	q.Day = day
	complain(q.Shop == "", "fault.shop.title")
	complain(err != nil, "reconciliation.wrong.day")
	complain(err == nil && day.After(s.Now().Add(14*time.Hour)), "reconciliation.wrong.future")
	complain(err == nil && day.Before(s.Now().AddDate(0, 0, -reconcile.Oldest)), "reconciliation.wrong.old")
	complain(q.Bank != "" && !slices.Contains(page.Banks, q.Bank), "reconciliation.wrong.bank")
	complain(q.Book && !s.Write, "reconciliation.wrong.book")
	file, name, err := upload(v.R)
	complain(err != nil, "reconciliation.wrong.file")
	layouts := statement.Examples()
	if chosen := page.Asked["layout"]; chosen != "" {
		layouts = slices.DeleteFunc(layouts, func(l statement.Layout) bool { return l.Name != chosen })
		complain(len(layouts) == 0, "reconciliation.wrong.layout")
	}
	if name != "" {
		q.Statement = func(usual payment.Currency) (statement.Statement, error) {
			return statement.Read(file, layouts, usual)
		}
	}
	if len(page.Wrong) > 0 {
		return page, nil
	}
	if !s.reconcile(q, name) {
		page.Run, page.answer = s.errand.Look(), http.StatusConflict
		return page, nil
	}
	return frame.Onward(v.With("/reconciliation")), nil
}

// upload is the statement of a form, and the last part of its name; "" where none was chosen. The guard has bounded it.
func upload(r *http.Request) (content []byte, name string, err error) {
	file, head, err := r.FormFile("statement")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = file.Close() }() // it was read
	if head.Filename == "" {
		return nil, "", nil
	}
	content, err = io.ReadAll(file)
	return content, path.Base(strings.ReplaceAll(head.Filename, `\`, "/")), err
}

// stopReconciling ends the asking.
func (s *screens) stopReconciling(v *frame.Visit) (any, error) {
	s.errand.Stop()
	return frame.Onward(v.With("/reconciliation")), nil
}

// reportAs gives the report as a file, all of it.
func (s *screens) reportAs(ending, kind string, write func(p progress, w io.Writer, language string) error,
) func(v *frame.Visit) (any, error) {
	return func(v *frame.Visit) (any, error) {
		now := s.errand.Look()
		if now.Report == nil {
			return nil, frame.NoReport
		}
		attach(v, kind, now.Shop+"-"+now.Day+"."+ending)
		if write(now, v.W, v.Language) != nil {
			return nil, frame.ErrCut
		}
		return nil, nil
	}
}

func asCSV(p progress, w io.Writer, _ string) error { return p.Report.CSV(w) }

func asHTML(p progress, w io.Writer, language string) error {
	return p.Report.HTML(w, p.Made, language)
}

func asJSON(p progress, w io.Writer, _ string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p.Report)
}

// Rows are what is to be looked at, as many as the page shows.
func (p *reconciliationPage) Rows() []reconcile.Row {
	unequal := slices.DeleteFunc(slices.Clone(p.Run.Report.Rows), func(r reconcile.Row) bool {
		return r.Verdict == reconcile.Equal && r.Booked == 0
	})
	return unequal[:min(len(unequal), mostRows)]
}

// Tally are the verdicts that there are, the most urgent first.
func (p *reconciliationPage) Tally() (all []reconcile.Verdict) {
	for _, v := range []reconcile.Verdict{reconcile.OnlyThere, reconcile.OnlyHere, reconcile.Differs, reconcile.NotAsked,
		reconcile.Equal} {
		if p.Run.Report.Counts[v] > 0 {
			all = append(all, v)
		}
	}
	return all
}

// Said colours a verdict.
func (p *reconciliationPage) Said(v reconcile.Verdict) string {
	switch v {
	case reconcile.Equal:
		return "good"
	case reconcile.NotAsked:
		return "open"
	case reconcile.OnlyThere, reconcile.OnlyHere, reconcile.Differs:
	}
	return "bad"
}

// In is an amount of a row's currency, which a stranger's line may not name.
func (p *reconciliationPage) In(minor int64, currency string) string {
	return p.Money(minor, payment.Currency(currency))
}

// Sum is In without the currency.
func (p *reconciliationPage) Sum(minor int64, currency string) string {
	return p.Figure(minor, payment.Currency(currency))
}

// Unequal is how many rows are not the same on both sides or were not asked.
func (p *reconciliationPage) Unequal() int {
	return len(p.Run.Report.Rows) - p.Run.Report.Counts[reconcile.Equal]
}
