package console_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"kassa/infra/console/guard"
	"kassa/shared/bank"
	"kassa/shared/payment"
)

// answers is a bank that says the same of every order, once it is let.
type answers struct {
	bank.Bank
	said bank.Report
	may  chan struct{} // nil is at once
}

func (a answers) Profile() bank.Profile { return bank.Profile{} }

func (a answers) Status(ctx context.Context, _ payment.Handle) (bank.Report, error) {
	if a.may != nil {
		select {
		case <-a.may:
		case <-ctx.Done():
			return bank.Report{}, ctx.Err()
		}
	}
	return a.said, nil
}

// columns is the head of a statement as one of the layouts that come with Kassa has it.
const columns = "Order ID,RRN,Amount,Currency,Operation,Date\n"

// compare sends the form, with a statement where there is one.
func (w *world) compare(c *http.Client, day, statement string, more ...string) page {
	w.t.Helper()
	address := "/reconciliation?shop=demo-az" // while a day is compared, an old page alone has its form
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := append([]string{guard.FormToken, w.served.Token(w.base + address), "day", day}, more...)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			w.t.Fatal(err)
		}
	}
	if statement != "" {
		part, err := form.CreateFormFile("statement", `C:\bank\day.csv`)
		if err == nil {
			_, err = part.Write([]byte(statement))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		w.t.Fatal(err)
	}
	r := w.request(http.MethodPost, address, body.String())
	r.Header.Set("Content-Type", form.FormDataContentType())
	return fetch(w.t, c, r)
}

// ended looks until the run is over.
func (w *world) ended(c *http.Client) page {
	w.t.Helper()
	for {
		if p := w.get(c, http.StatusOK, "/reconciliation"); !strings.Contains(p.body, "<progress") {
			return p
		}
	}
}

// TestADayIsCompared with the bank and its statement; the report is a page and three files, and books only what the
// console may.
func TestADayIsCompared(t *testing.T) {
	w := open(t, true)
	p := w.order("H-1", 15000, start, taken(15000))
	w.banks["kapital"] = answers{said: bank.Report{State: payment.BankRefunded, Word: "REFUNDED",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Refunded: payment.Said(2000)}}
	c := w.enter()
	w.get(c, http.StatusNotFound, "/reconciliation/report.csv").wants(t, "There is no report")
	w.compare(c, "2026-11-23", columns+"828,,150.00,AZN,Purchase,23.11.2026\n"+
		"999,,10.00,AZN,Purchase,23.11.2026\n", "layout", "card-orders")
	report := w.ended(c)
	report.wants(t, "only at the bank", "999", "differs", "H-1", "<bdi>0.00 AZN</bdi> / <bdi>20.00 AZN</bdi>", "day.csv")
	report.lacks(t, `C:\bank`)
	for ending, want := range map[string]string{"csv": "only_there,", "json": `"stage": "test"`,
		"html": "<!doctype html>"} {
		file := w.get(c, http.StatusOK, "/reconciliation/report."+ending)
		file.wants(t, want)
		if got := file.header.Get("Content-Disposition"); got != `attachment; filename="demo-az-2026-11-23.`+ending+`"` {
			t.Errorf("%s is sent as %s", ending, got)
		}
	}
	for language, words := range map[string][]string{
		"az": {"yalnız bankda", "yoxdur", "çıxarışda var", "10.00 AZN alınıb, 0.00 AZN qaytarılıb"},
		"be": {"толькі ў банку", "няма", "ёсць у выпісцы", "узята 10.00 AZN, вернута 0.00 AZN"},
		"ru": {"только в банке", "нет", "есть в выписке", "взято 10.00 AZN, возвращено 0.00 AZN"},
	} {
		for _, path := range []string{"/reconciliation", "/reconciliation/report.html"} {
			page := w.get(c, http.StatusOK, path+"?language="+language)
			page.wants(t, append(words, `<html lang="`+language)...)
			page.lacks(t, ">none<", "in the statement", "only at the bank", "[reconciliation", "[verdict")
		}
	}
	w.get(c, http.StatusOK, "/reconciliation?language=en")
	w.compare(c, "2026-11-23", "", "book", "yes")
	w.ended(c).wants(t, "Put on record", "20.00")
	if now, err := w.store.Load(t.Context(), p.ID); err != nil || now.Refunded != 2000 {
		t.Errorf("%d refunded, %v", now.Refunded, err)
	}
}

// TestOneDayAtATime, with how far it is on a page that needs no script; it can be stopped, and what was not asked is
// said.
func TestOneDayAtATime(t *testing.T) {
	w := open(t, false)
	w.order("H-1", 15000, start, taken(15000))
	w.banks["kapital"] = answers{may: make(chan struct{})}
	c := w.enter()
	begun := w.compare(c, "2026-11-23", "")
	begun.wants(t, "<progress", "Comparing demo-az, 2026-11-23")
	if begun.header.Get("Refresh") == "" {
		t.Error("the page does not go on by itself")
	}
	if again := w.compare(c, "2026-11-22", ""); again.status != http.StatusConflict {
		t.Errorf("a second one is answered with %d", again.status)
	}
	w.post(c, begun, "/reconciliation/stop", map[string][]string{})
	w.ended(c).wants(t, "not asked", "H-1", "the run was ended")
	w.get(c, http.StatusOK, "/reconciliation?language=ru").wants(t, "не спрошено", "Не спрошено: сверку остановили.")
}

// TestAStopAtOnceIsHeard: it may come before the run has begun behind the page.
func TestAStopAtOnceIsHeard(t *testing.T) {
	w := open(t, false)
	w.order("H-1", 15000, start, taken(15000))
	w.banks["kapital"], w.late = answers{may: make(chan struct{})}, make(chan struct{})
	c := w.enter()
	w.post(c, w.compare(c, "2026-11-23", ""), "/reconciliation/stop", map[string][]string{})
	close(w.late)
	w.behind.Wait()
	stopped := w.ended(c)
	stopped.wants(t, "Compare a day with the bank")
	stopped.lacks(t, "There is no answer just now")
}

// TestTheConsolesEndEndsTheRun: closing the console waits for no bank.
func TestTheConsolesEndEndsTheRun(t *testing.T) {
	w := open(t, false)
	w.order("H-1", 15000, start, taken(15000))
	w.banks["kapital"] = answers{may: make(chan struct{})}
	w.compare(w.enter(), "2026-11-23", "") // the test's end waits for what goes on behind the pages
}

// TestWrongFormsAskNobody: all that is wrong is said at once; a statement's faults by line.
func TestWrongFormsAskNobody(t *testing.T) {
	w := open(t, false)
	w.order("H-1", 15000, start, taken(15000))
	c := w.enter() // there is no bank: whoever asked it would be told
	p := w.compare(c, "23.11.2026", "", "bank", "none", "layout", "mine", "book", "yes")
	p.wants(t, "A day is written as in", "There is no such bank", "no such description of columns", "started with --write")
	w.compare(c, "2027-01-01", "").wants(t, "has not begun yet")
	w.compare(c, "2020-01-01", "").wants(t, "more than 400 days ago")
	w.compare(c, "2026-11-23", columns+"828,,1.234,AZN,Purchase,23.11.2026\n829,,x,AZN,Purchase,x\n")
	w.ended(c).wants(t, "was not read, and nobody was asked", "line 2", "line 3", "1.234")
	w.get(c, http.StatusOK, "/reconciliation?language=be").wants(t, "радок 2: сума", "чытаецца двума спосабамі")
	w.get(c, http.StatusOK, "/reconciliation?language=en")
	large := w.compare(c, "2026-11-23", strings.Repeat("x", 33<<20))
	if large.status != http.StatusRequestEntityTooLarge || !regexp.MustCompile("too large").MatchString(large.body) {
		t.Errorf("a large file: %d %s", large.status, large.body)
	}
}
