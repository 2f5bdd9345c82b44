package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Report is what a reconciliation found.
type Report struct {
	Shop      string          `json:"shop"`
	Stage     string          `json:"stage"`
	Day       string          `json:"day"`
	Banks     []BankDay       `json:"banks"`
	Statement *Settled        `json:"statement"`
	Booking   bool            `json:"booking"`
	Counts    map[Verdict]int `json:"counts"`
	Totals    []Total         `json:"totals"`
	Rows      []Row           `json:"rows"` // the most urgent first
}

// BankDay is when the day was at a bank.
type BankDay struct {
	Bank  string    `json:"bank"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Settled is the statement that was matched.
type Settled struct {
	File      string `json:"file"`
	Layout    string `json:"layout"`
	Lines     int    `json:"lines"`      // of this day
	OtherDays int    `json:"other_days"` // lines that were left out
}

// Total sums up the rows of one currency as they stand on each side, minor units. Unasked is how many rows there is
// nothing of there.
type Total struct {
	Currency string `json:"currency"`
	Here     Sums   `json:"here"`
	There    Sums   `json:"there"`
	Unasked  int    `json:"unasked"`
}

// Sums are of one side.
type Sums struct {
	Captured int64 `json:"captured"`
	Refunded int64 `json:"refunded"`
	Net      int64 `json:"net"`
}

// add counts a row's side; of what was not asked there is nothing to count.
func (s *Sums) add(f *Figures) {
	if f != nil {
		s.Captured, s.Refunded = s.Captured+f.Captured, s.Refunded+f.Refunded
		s.Net = s.Captured - s.Refunded
	}
}

// urgency is the order of the verdicts in a report: what only the bank knows of may be money that nobody here answers
// for, so it comes first.
func urgency() []Verdict { return []Verdict{OnlyThere, OnlyHere, Differs, NotAsked, Equal} }

// Unlike is how many rows are not the same on both sides.
func (r Report) Unlike() int { return r.Counts[Differs] + r.Counts[OnlyHere] + r.Counts[OnlyThere] }

// Unasked is how many payments the bank has said nothing about, whatever else is known of them.
func (r Report) Unasked() (n int) {
	for _, row := range r.Rows {
		if row.There == nil {
			n++
		}
	}
	return n
}

// finish sorts and sums up.
func (r *Report) finish() {
	order := urgency()
	slices.SortStableFunc(r.Rows, func(a, b Row) int {
		return slices.Index(order, a.Verdict) - slices.Index(order, b.Verdict)
	})
	r.Counts = map[Verdict]int{}
	for _, v := range order {
		r.Counts[v] = 0
	}
	totals := map[string]*Total{}
	for i := range r.Rows {
		row := &r.Rows[i]
		r.Counts[row.Verdict]++
		total := func(currency string) *Total {
			if totals[currency] == nil {
				totals[currency] = &Total{Currency: currency}
			}
			return totals[currency]
		}
		total(row.Currency).Here.add(row.Here)
		if row.There == nil {
			total(row.Currency).Unasked++
		} else {
			total(cmp.Or(row.There.currency, row.Currency)).There.add(row.There)
		}
		if row.Lines == nil {
			row.Lines = []int{} // a list in JSON, as every other
		}
		if row.Differences == nil {
			row.Differences = []Difference{}
		}
	}
	for _, t := range slices.SortedFunc(maps.Values(totals), func(a, b *Total) int {
		return cmp.Compare(a.Currency, b.Currency)
	}) {
		r.Totals = append(r.Totals, *t)
	}
	if r.Rows == nil {
		r.Rows = []Row{}
	}
}
