package screen

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/infra/console/cursor"
	"kassa/infra/console/frame"
	"kassa/infra/kassa/days"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// paymentsPage is the list of a shop's payments of some days.
type paymentsPage struct {
	frame.Frame
	Asked      filters
	Payments   []payment.Payment
	Next       string // the address of what follows; "" at the end
	Partly     bool   // some payments could not be read
	Wrong      string // the key of what is wrong with the filters; "" for nothing
	Looked     string // back to when it was looked where that goes on; "" for the end
	Days       [2]string
	Statuses   []payment.Status
	Banks      []string
	Begun      bool // this is not the first page
	Order      bool // these are all attempts to pay the order that was looked for, of whatever day
	httpStatus int
}

func (p *paymentsPage) Status() int { return p.httpStatus }

// perPage is how many payments a page shows; mostLooks how many pages of the book a search for a number goes through
// before it asks whether to go on, and mostBlank how many a list in which nothing was found.
const (
	perPage   = 50
	mostLooks = 20
	mostBlank = 12

	searchDays = 31 // that a search goes back where no days are named
)

// filters are what was asked for, as it was typed.
type filters struct {
	From, To, By, Status, Bank, Ref, Least, Most, Only, Find string
}

// asked reads the filters of an address.
func asked(q url.Values) filters {
	read := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return filters{From: read("from"), To: read("to"), By: read("by"), Status: read("status"), Bank: read("bank"),
		Ref: read("ref"), Least: read("least"), Most: read("most"), Only: read("only"), Find: read("find")}
}

// pairs are the filters as an address has them.
func (f filters) pairs(more ...string) []string {
	return append([]string{"from", f.From, "to", f.To, "by", f.By, "status", f.Status, "bank", f.Bank, "ref", f.Ref,
		"least", f.Least, "most", f.Most, "only", f.Only, "find", f.Find}, more...)
}

// asked is all of it as one text, for the signature of a cursor.
func (f filters) asked(shop string) string { return fmt.Sprintf("%q %q", shop, f.pairs()) }

// Narrow says whether less than all payments of the days are asked for.
func (f filters) Narrow() bool {
	f.From, f.To, f.Find = "", "", ""
	return f != filters{}
}

// query makes of them what the book is asked; wrong is the key of the first thing that cannot be meant.
func (f filters) query(v *frame.Visit) (q book.Query, wrong string) {
	from, err := v.Day(f.From)
	if err != nil {
		return q, "payments.wrong.day"
	}
	last := from
	if f.To != "" {
		if last, err = v.Day(f.To); err != nil || last.Before(from) {
			return q, "payments.wrong.day"
		}
	}
	q = book.Query{Shop: v.Shop, From: from, To: last.AddDate(0, 0, 1), Changed: f.By == "changed", Bank: f.Bank,
		RefPrefix: f.Ref}
	if q.Statuses, err = days.Statuses(f.Status); err != nil || f.Bank != "" && !slices.Contains(banks(), f.Bank) ||
		f.By != "" && f.By != "created" && f.By != "changed" {
		return q, "payments.wrong.choice"
	}
	yes := true
	switch f.Only {
	case "":
	case "review":
		q.Review = &yes
	case "late":
		q.Late = &yes
	case "overpaid":
		q.Overpaid = &yes
	default: // all payments would be taken for those
		return q, "payments.wrong.choice"
	}
	for _, one := range []struct {
		text string
		into *int64
	}{{f.Least, &q.Least}, {f.Most, &q.Most}} {
		if *one.into, err = bound(one.text); err != nil {
			return q, "payments.wrong.amount"
		}
	}
	if q.Most > 0 && q.Most < q.Least {
		return q, "payments.wrong.bounds"
	}
	return q, ""
}

var boundForm = regexp.MustCompile(`^([0-9]{1,10})(?:[.,]([0-9]{1,2}))?$`)

// bound reads an amount of major units that bounds a list, where 50, 50.00 and 50,00 mean the same: nothing moves by
// it.
func bound(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	m := boundForm.FindStringSubmatch(text)
	if m == nil {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(m[1]+(m[2] + "00")[:2], 10, 64)
}

func (s *screens) payments(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	f := asked(v.R.URL.Query())
	if id, known := payment.ParseID(f.Find); known {
		return frame.Onward("/payments/" + id.String()), nil
	}
	page := &paymentsPage{Frame: v.Frame, Asked: f, Statuses: payment.Statuses(), Banks: banks(), httpStatus: 200}
	if f.Find != "" && f.From == "" {
		f.From, f.To = v.Today().AddDate(0, 0, -searchDays).Format(time.DateOnly), v.Today().Format(time.DateOnly)
	}
	q, wrong := f.query(v)
	if wrong != "" {
		page.Wrong, page.httpStatus = wrong, http.StatusUnprocessableEntity
		return page, nil
	}
	page.Asked.From, page.Asked.To = q.From.Format(time.DateOnly), q.To.AddDate(0, 0, -1).Format(time.DateOnly)
	length := 0 // of the days that are shown, by which one goes back and forth
	for at := q.From; at.Before(q.To); at = at.AddDate(0, 0, 1) {
		length++
	}
	page.Days[0] = page.shifted(q, -length)
	if q.To.Before(v.Now) {
		page.Days[1] = page.shifted(q, length)
	}
	if f.Find != "" {
		return page, s.find(v, page, q)
	}
	return page, s.list(v, page, q)
}

// list reads a page. Of many payments the filters may want few, and what was opened long ago stands behind all that was
// since: an empty page is only shown where nothing comes, or where looking on takes long, which it then says.
func (s *screens) list(v *frame.Visit, page *paymentsPage, q book.Query) error {
	at, err := s.begin(v, page.Asked)
	if err != nil {
		return err
	}
	page.Begun = at != book.Place{}
	for range mostBlank {
		found, err := book.Read(v.R.Context(), s.Store, q, at, perPage, v.Now)
		if err != nil {
			return err
		}
		page.Payments, page.Partly = found.Payments, page.Partly || len(found.Unreadable) > 0
		if at = found.Next; len(page.Payments) > 0 || at == (book.Place{}) {
			page.Next = s.next(v, page.Asked, at)
			return nil
		}
	}
	page.Looked, page.Next = at.Day.Format(time.DateOnly), s.next(v, page.Asked, at)
	return nil
}

// find looks for a number that somebody has. The order's is the key of its payments, so that all of them are found at
// once, of whatever day; for any other the days are gone through.
func (s *screens) find(v *frame.Visit, page *paymentsPage, q book.Query) error {
	attempts, err := s.Service.Orders(v.R.Context(), v.Shop, page.Asked.Find)
	if page.Order = len(attempts) > 0; err != nil || page.Order {
		page.Payments = attempts
		return err
	}
	at, err := s.begin(v, page.Asked)
	if err != nil {
		return err
	}
	page.Begun, q.Number = at != book.Place{}, page.Asked.Find
	for range mostLooks {
		found, err := book.Read(v.R.Context(), s.Store, q, at, perPage, v.Now)
		if err != nil {
			return err
		}
		page.Payments, page.Partly = append(page.Payments, found.Payments...), page.Partly || len(found.Unreadable) > 0
		if at = found.Next; at == (book.Place{}) {
			return nil
		}
	}
	page.Looked, page.Next = at.Day.Format(time.DateOnly), s.next(v, page.Asked, at)
	return nil
}

// next is the address of what follows; "" at the end.
func (s *screens) next(v *frame.Visit, f filters, at book.Place) string {
	if at == (book.Place{}) {
		return ""
	}
	return v.Link("/payments", f.pairs("cursor", s.seal.Write(cursor.Place(at), f.asked(v.Shop)))...)
}

// begin is where the list goes on; its beginning where the address names no cursor.
func (s *screens) begin(v *frame.Visit, f filters) (at book.Place, err error) {
	text := v.R.URL.Query().Get("cursor")
	if text == "" {
		return at, nil
	}
	place, err := s.seal.Read(text, f.asked(v.Shop))
	if err == nil {
		at, err = cursor.ReadPlace(place)
	}
	if err != nil {
		return book.Place{}, frame.NoCursor
	}
	return at, nil
}

// shifted are the same filters some days later.
func (p *paymentsPage) shifted(q book.Query, by int) string {
	f := p.Asked
	f.From, f.To = q.From.AddDate(0, 0, by).Format(time.DateOnly), q.To.AddDate(0, 0, by-1).Format(time.DateOnly)
	return p.Link("/payments", f.pairs()...)
}

// Sheet is the address of the same as a sheet.
func (p *paymentsPage) Sheet() string { return p.Link("/payments.csv", p.Asked.pairs()...) }

// sheet writes what the filters choose, all of it and not one page, with the columns of `kassa payment list --csv`.
// What cannot be read is told on a page where nothing was written yet; later it ends the connection in its midst, so
// that the browser says that the file is not whole: a sheet that is silently shorter would be believed.
func (s *screens) sheet(v *frame.Visit) (any, error) {
	if v.Shop == "" {
		return nil, frame.NoShop
	}
	f := asked(v.R.URL.Query())
	q, wrongKey := f.query(v)
	if wrongKey != "" {
		return nil, frame.NoFilters
	}
	var sheet *days.Sheet
	begin := func() {
		attach(v, asSheet, v.Shop+"-"+q.From.Format(time.DateOnly)+".csv")
		sheet = days.NewSheet(v.W, v.Zone)
	}
	q.Number = f.Find
	for p, err := range book.All(v.R.Context(), s.Store, q, v.Now) {
		if err != nil && sheet != nil {
			return nil, frame.ErrCut
		}
		if err != nil {
			return nil, err
		}
		if sheet == nil {
			begin()
		}
		sheet.Add(p)
	}
	if sheet == nil { // a day with nothing is a sheet, too
		begin()
	}
	if sheet.Err() != nil {
		return nil, frame.ErrCut
	}
	return nil, nil
}
