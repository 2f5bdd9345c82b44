package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"kassa/infra/console/words"
	"kassa/shared/payment"
)

// hostile is an order's number as an attacker would choose it: markup, a change of direction, 64 characters.
const hostile = `"><script>alert(1)</script>` + "\u202e" + `<img src=x onerror=alert(2)> ` + "abcdefg"

// TestTheDay says what became of its payments, and first what needs a person.
func TestTheDay(t *testing.T) {
	w := open(t, false)
	w.order("A-1", 15000, start, taken(15000))
	w.order("A-2", 5000, start, declined("116"))
	w.order("A-3", 7000, start.Add(-24*time.Hour), taken(7000))
	w.order("A-4", 9000, start, taken(8999))
	c := w.enter()
	today := w.get(c, http.StatusOK, "/today")
	today.wants(t, "Waiting for a person: 1", "A-4", "239.99", "2026-11-23", "66 %", `aria-current="page"`, "UTC&#43;4",
		"16:00") // the hour in Baku
	today.lacks(t, "A-3")
	yesterday := w.get(c, http.StatusOK, "/today?day=2026-11-22")
	yesterday.wants(t, "70.00", "100 %")
	p := w.order("A-5", 9000, start, taken(9000), dead(3))
	p.Overpaid = true
	if _, err := w.store.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.get(c, http.StatusOK, "/today").wants(t, "Paid twice within the week, to be given back: 1", "only=overpaid",
		"messages that never reached the shop: 1")
	empty := w.get(c, http.StatusOK, "/today?day=2026-11-01")
	empty.wants(t, "No payment was opened on this day", "Waiting for a person: 1")
	for _, day := range []string{"1-1-1", "2000-01-01"} { // from which on each day would be read
		w.get(c, http.StatusUnprocessableEntity, "/today?day="+day).wants(t, "There is no such day")
	}
	w.get(c, http.StatusOK, "/today?shop=other").wants(t, "This stage has no shop other", "No payment was opened")
	w.get(c, http.StatusUnprocessableEntity, "/today?shop=No+Shop").wants(t, "no shop&#39;s id")
}

// TestThePaymentsOfDays are found by each filter and by their numbers, page by page, and as a sheet.
func TestThePaymentsOfDays(t *testing.T) {
	w := open(t, false)
	for i := range 60 {
		w.order("B-"+strconv.Itoa(i), int64(1000+i*100), start.Add(time.Duration(i)*time.Second), taken(int64(1000+i*100)))
	}
	w.order("C-1", 99000, start, declined("116"))
	w.order("C-2", 500, start, taken(400))
	c := w.enter()
	first := w.get(c, http.StatusOK, "/payments")
	next := regexp.MustCompile(`href="([^"]+cursor=[^"]+)"`).FindStringSubmatch(first.body)
	if next == nil || strings.Count(first.body, "<tr>") != 51 {
		t.Fatalf("%d rows, next %v", strings.Count(first.body, "<tr>"), next)
	}
	on := strings.TrimPrefix(strings.ReplaceAll(next[1], "&amp;", "&"), w.base)
	if second := w.get(c, http.StatusOK, on); strings.Count(second.body, "<tr>") != 13 ||
		strings.Contains(second.body, "Next →") {
		t.Errorf("the second page:\n%s", second.body)
	}
	w.get(c, http.StatusUnprocessableEntity, strings.Replace(on, "cursor=", "cursor=A", 1)).wants(t, "does not go on")
	w.get(c, http.StatusUnprocessableEntity, strings.Replace(on, "cursor=", "status=paid&cursor=", 1)).
		wants(t, "does not go on")
	for filter, want := range map[string]int{
		"status=declined": 1, "status=paid&least=60": 10, "ref=C-": 2, "only=review": 1, "only=late": 0,
		"bank=kapital&ref=C":   2,
		"least=9,5&most=10.00": 1, "from=2026-11-22&to=2026-11-22": 0, "by=changed&ref=C": 2, "find=B-7": 1, "find=none": 0,
		"find=412345678901&ref=C": 1, "only=overpaid": 0,
	} {
		p := w.get(c, http.StatusOK, "/payments?"+filter)
		if got := max(0, strings.Count(p.body, "<tr>")-1); got != want {
			t.Errorf("%s finds %d, want %d", filter, got, want)
		}
	}
	for _, filter := range []string{"from=28.11.2026", "from=0001-01-01", "to=9999-01-01",
		"from=2026-11-23&to=2026-11-22", "status=gone", "bank=none", "by=none", "only=none", "least=many",
		"most=1.234", "least=50&most=49.99"} {
		w.get(c, http.StatusUnprocessableEntity, "/payments?"+filter).wants(t, `role="alert"`)
	}
	sheet := w.get(c, http.StatusOK, "/payments.csv?ref=C-")
	if lines := strings.Split(strings.TrimSpace(sheet.body), "\r\n"); len(lines) != 3 ||
		!strings.HasPrefix(lines[0], "payment,shop,order,bank") || sheet.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the sheet %v:\n%s", sheet.header, sheet.body)
	}
}

// TestTheListLooksOn where the first that it reads are not wanted: what was opened long ago, or is one of many, is not
// said to be missing.
func TestTheListLooksOn(t *testing.T) {
	w := open(t, false)
	w.order("H-old", 5000, start.AddDate(0, -3, 0), taken(5000))
	w.order("H-ancient", 5000, start.AddDate(-1, -4, 0), taken(5000))
	for i := range 1200 {
		w.order("H-"+strconv.Itoa(i), 1000, start.Add(time.Duration(i)*time.Second))
	}
	c := w.enter()
	day := start.AddDate(0, -3, 0).Format(time.DateOnly)
	w.get(c, http.StatusOK, "/payments?from="+day+"&to="+day).wants(t, "H-old")
	w.get(c, http.StatusOK, "/payments?from="+day+"&to=2026-11-23&status=paid").wants(t, "H-old")
	day = start.AddDate(-1, -4, 0).Format(time.DateOnly)
	page := w.get(c, http.StatusOK, "/payments?from="+day+"&to="+day)
	page.wants(t, "found yet", "Looked back to", "Search further back", "payments.csv")
	page.lacks(t, "Take more days")
	on := regexp.MustCompile(`href="([^"]+cursor=[^"]+)"`).FindStringSubmatch(page.body)
	if on == nil {
		t.Fatal(page.body)
	}
	w.get(c, http.StatusOK, strings.TrimPrefix(strings.ReplaceAll(on[1], "&amp;", "&"), w.base)).wants(t, "H-ancient")
}

// TestAPaymentIsShown with everything that is on record but what opens doors.
func TestAPaymentIsShown(t *testing.T) {
	w := open(t, false)
	p := w.order("D-1", 15000, start, taken(14000), dead(3))
	q := w.order("D-2", 15000, start, declined("116"))
	c := w.enter()
	shown := w.get(c, http.StatusOK, "/payments/"+p.ID.String())
	shown.wants(t, "D-1", "150.00", "140.00", "416974******1778", "412345678901", "123456", "review: amount",
		"The bank took another amount", "2026-11-23 16:31:00", "2026-11-23 12:31:00 UTC", "given up", "410", "test money")
	shown.lacks(t, "clientsecret", "callbacksecret", "secretpage", "handlesecret", "/refund", "/cancel")
	w.get(c, http.StatusOK, "/payments/"+q.ID.String()).wants(t, "not enough money on the card", "116")
	for _, untrue := range []string{"cancelled", "decided", "refund.succeeded", "refund.failed"} {
		w.get(c, http.StatusOK, "/payments/"+q.ID.String()+"?done="+untrue).lacks(t, `role="status"`)
	}
	w.get(c, http.StatusNotFound, "/payments/pay_abcdefghijklmnopqrstuvwxyz-1").wants(t, "There is no such payment")
	w.get(c, http.StatusNotFound, "/payments/42").wants(t, "There is no such payment")
	w.get(c, http.StatusNotFound, "/nothing").wants(t, "There is no such page")
	asked := w.post(c, shown, "/payments/"+p.ID.String()+"/ask", url.Values{})
	asked.wants(t, "The bank does not answer", "neither paid nor unpaid")
}

// TestHostileTextsStayTexts on each screen that shows them.
func TestHostileTextsStayTexts(t *testing.T) {
	w := open(t, true)
	p := w.order(hostile, 15000, start, taken(14000))
	p.Description = hostile
	if _, err := w.store.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := w.enter()
	for _, path := range []string{"/today", "/payments", "/payments?find=" + url.QueryEscape(hostile),
		"/payments?ref=" + url.QueryEscape(hostile), "/payments/" + p.ID.String()} {
		shown := w.get(c, http.StatusOK, path)
		shown.wants(t, "&lt;script&gt;alert(1)")
		shown.lacks(t, "<script>alert", "<img src=x")
	}
	w.get(c, http.StatusOK, "/payments").wants(t, "<bdi>") // a change of direction ends with its cell
}

// TestLanguages are chosen by the browser and by the switch, which is remembered; every page has every text.
func TestLanguages(t *testing.T) {
	w := open(t, true)
	p := w.order("E-1", 15000, start, taken(14000), dead(3))
	c := w.enter()
	r := w.request(http.MethodGet, "/today", "")
	r.Header.Set("Accept-Language", "be-BY,be;q=0.9,ru;q=0.5")
	fetch(t, c, r).wants(t, `<html lang="be">`, "Плацяжы")
	for _, language := range words.Languages() {
		for _, path := range []string{"/today", "/today?day=2026-11-01", "/payments", "/payments?from=x",
			"/payments/" + p.ID.String(), "/payments/none"} {
			separator := "?"
			if strings.Contains(path, "?") {
				separator = "&"
			}
			shown := fetch(t, c, w.request(http.MethodGet, path+separator+"language="+language[0], ""))
			shown.wants(t, `<html lang="`+language[0]+`">`)
			if missing := regexp.MustCompile(`\[[a-z_]+\.[a-z_.]+\]`).FindString(shown.body); missing != "" {
				t.Errorf("%s in %s lacks the text %s", path, language[1], missing)
			}
		}
		w.get(c, http.StatusOK, "/today").wants(t, `<html lang="`+language[0]+`">`)
	}
}

// TestWhatAWSRefuses is told with the right that is missing, and a table that cannot be reached as that; neither looks
// like a day with nothing.
func TestWhatAWSRefuses(t *testing.T) {
	w := open(t, false)
	c := w.enter()
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:aws:sts::1:assumed-role/x is " +
		"not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-central-1:1:table/kassa"}
	for _, one := range []struct {
		err    error
		status int
		says   []string
	}{
		{&payment.Error{Kind: payment.Misconfigured, Message: "The payment store refuses.", Cause: denied}, 403,
			[]string{"AWS does not allow", "dynamodb:Query", "ReadPolicy"}},
		{&payment.Error{Kind: payment.Unavailable, Code: "store_unavailable", Message: "Try again."}, 503,
			[]string{"There is no answer just now", "reload the page"}},
		{&payment.Error{Kind: payment.Internal, Cause: errors.New("broken")}, 500, []string{"unexpected"}},
	} {
		w.refuses(one.err)
		for _, path := range []string{"/today", "/payments", "/reviews", "/payments/pay_abcdefghijklmnopqrstuvwxyz-1",
			"/payments?find=1"} {
			w.get(c, one.status, path).wants(t, one.says...)
		}
	}
}

// TestEvidenceIsDownloaded as the command makes it.
func TestEvidenceIsDownloaded(t *testing.T) {
	w := open(t, false)
	p := w.order("F-1", 15000, start, taken(15000))
	got := w.get(w.enter(), http.StatusOK, "/payments/"+p.ID.String()+"/evidence")
	got.wants(t, `{"evidence_of":"`+p.ID.String())
	want := `attachment; filename="evidence-` + p.ID.String() + `.html"`
	if got.header.Get("Content-Disposition") != want {
		t.Errorf("%v", got.header)
	}
}
