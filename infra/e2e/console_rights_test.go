package e2e

import (
	"bytes"
	"html"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/stack"
	"kassa/infra/proof/policy"
)

// desk is a browser that was let into somebody's console.
type desk struct {
	*http.Client
	base string
}

// view reads a page, which must be answered with a status and say something.
func (d desk) view(t *testing.T, status int, path string, says ...string) string {
	t.Helper()
	got, page := view(t, d.Client, d.base+path)
	checks(t, path, got, status, page, says)
	return page
}

// checks holds that a page says what it should, whatever it is about: in clear words, and never half of it.
func checks(t *testing.T, what string, got, status int, page string, says []string) {
	t.Helper()
	if got != status || len(page) == 0 || strings.Contains(page, "The page cannot be shown") {
		t.Errorf("%s answers %d, want %d:\n%s", what, got, status, page)
	}
	for _, text := range says {
		if !strings.Contains(page, text) {
			t.Errorf("%s does not say %q:\n%s", what, text, page)
		}
	}
}

var (
	formTo    = regexp.MustCompile(`(?s)<form [^>]*method="post" action="([^"#]+)[^>]*>(.*?)</form>`)
	hiddenOne = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
)

// posts sends a page's form to a path as its button would, with further fields.
func (d desk) posts(t *testing.T, page, path string, status int, more map[string]string, says ...string) string {
	t.Helper()
	for _, form := range formTo.FindAllStringSubmatch(page, -1) {
		to := html.UnescapeString(form[1])
		at, err := url.Parse(d.base)
		if err != nil {
			t.Fatal(err)
		}
		if bare, _, _ := strings.Cut(to, "?"); bare != at.Path+path {
			continue
		}
		fields := map[string]string{}
		for _, m := range hiddenOne.FindAllStringSubmatch(form[2], -1) {
			fields[m[1]] = html.UnescapeString(m[2])
		}
		maps.Copy(fields, more)
		got, answer := d.sends(t, at.Scheme+"://"+at.Host, to, fields)
		checks(t, path, got, status, answer, says)
		return answer
	}
	t.Errorf("there is no form to %s:\n%s", path, page)
	return ""
}

// sends sends a form, as one that has a file where it names one.
func (d desk) sends(t *testing.T, origin, to string, fields map[string]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+to, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", origin)
	return shown(t, d.Client, r)
}

// cases are payments in each way in which somebody may want to do something about them.
type cases struct{ paid, open, wrong, dead paymentDoc }

func (w world) cases(t *testing.T, n int) (c cases) {
	t.Helper()
	c.paid, c.open, c.wrong, c.dead = w.paid(t, n, 5000), w.open(t, n+1, 5100), w.open(t, n+2, 5200), w.open(t, n+3, 5300)
	if err := w.bank.SetAmount(c.wrong.BankOrderID, 5199); err != nil {
		t.Fatal(err)
	}
	w.fails(t, inbox.Fault{Kind: "http_410", PaymentID: c.dead.ID})
	for _, p := range []paymentDoc{c.wrong, c.dead} {
		w.pay(t, p)
		w.told(t, p.ID)
	}
	return c
}

// TestEveryScreenByRight: each screen and each form of the console, with what each policy of the template allows and
// nothing else. It works, or says which right is missing, in its place, and hides nothing else for it.
func TestEveryScreenByRight(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	const secret, save = "secretsmanager:GetSecretValue", "dynamodb:PutItem"
	missing := func(right string) []string { return []string{"AWS does not allow these credentials", "<code>" + right} }
	for n, who := range []struct {
		right              string
		with               []string
		asks, decides, may []string // what asking a bank, deciding, and moving money say
	}{
		{"ReadPolicy", []string{"ReadPolicy"}, missing(secret), missing(save), missing(secret)},
		{"OperatePolicy", []string{"ReadPolicy", "OperatePolicy"}, missing(secret), nil, missing(secret)},
		{"RefundPolicy", []string{"ReadPolicy", "RefundPolicy"}, nil, nil, nil},
	} {
		c := w.cases(t, 10*n)
		y := w.as(t, who.right).within(t, who.with...)
		browser, base := y.serves(t, "--shop", w.Info.Shops[0].ID, "--write", "--as", "aysel")
		d := desk{browser, base}
		d.looks(t, c)
		d.asks(t, c, who.asks)
		d.decides(t, c, who.decides)
		d.moves(t, c, who.may)
	}
}

// lists waits for an order in a list that an index holds, which may be a moment old.
func (d desk) lists(t *testing.T, path, order string) string {
	t.Helper()
	for end := within(t, 20*time.Second); ; <-time.After(20 * time.Millisecond) {
		if _, page := view(t, d.Client, d.base+path); strings.Contains(page, order) || end.Err() != nil {
			return d.view(t, http.StatusOK, path, order)
		}
	}
}

// looks reads each page: for that ReadPolicy is enough.
func (d desk) looks(t *testing.T, c cases) {
	t.Helper()
	for path, says := range c.pages() {
		d.lists(t, path, says)
	}
	d.view(t, http.StatusNotFound, "/payments/pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1", "There is no such payment")
}

// or is what is said where nothing is missing.
func or(missing []string, says ...string) []string {
	if missing != nil {
		return missing
	}
	return says
}

// asks puts each question to the bank.
func (d desk) asks(t *testing.T, c cases, missing []string) {
	t.Helper()
	paid := "/payments/" + c.paid.ID
	d.posts(t, d.view(t, 200, paid), paid+"/ask", 200, nil, or(missing, "The bank says what is on record here")...)
	d.posts(t, d.view(t, 200, "/health", or(missing, "have not been asked yet")...), "/health", 200, nil,
		or(missing, "were asked just now", `pill good`)...)
	page := d.posts(t, d.view(t, 200, "/reconciliation"), "/reconciliation", 200, map[string]string{
		"day": time.Now().In(time.FixedZone("", 4*60*60)).Format(time.DateOnly)})
	for strings.Contains(page, "<progress") {
		page = d.view(t, 200, "/reconciliation")
	}
	says := []string{"equal"}
	if missing != nil {
		says = []string{"not asked", "needs RefundPolicy; the missing right is secretsmanager:GetSecretValue"}
	}
	for _, path := range []string{"/reconciliation", "/reconciliation/report.html"} {
		d.view(t, 200, path, says...)
	}
	d.view(t, 200, "/reconciliation/report.csv", c.paid.ID)
	d.view(t, 200, "/reconciliation/report.json", c.paid.ID)
}

// decides rules on a review and sends messages again.
func (d desk) decides(t *testing.T, c cases, missing []string) {
	t.Helper()
	status := func(done int) int {
		if missing != nil {
			return http.StatusForbidden
		}
		return done
	}
	rule := "/payments/" + c.wrong.ID + "/decide/amount"
	question := d.posts(t, d.view(t, 200, rule), rule, 200, map[string]string{"choice": "step.keep",
		"reason": "the shop agrees"})
	d.posts(t, question, rule, status(200), nil, or(missing, "The decision is on record")...)
	list := d.lists(t, "/deliveries", c.dead.OrderRef)
	d.posts(t, list, "/deliveries/"+c.dead.ID, status(200), nil, or(missing, "goes out by itself")...)
	if missing != nil {
		d.posts(t, d.view(t, 200, "/payments/"+c.dead.ID), "/payments/"+c.dead.ID+"/redeliver", 403, nil, missing...)
	}
}

// moves gives money back and calls a payment off.
func (d desk) moves(t *testing.T, c cases, missing []string) {
	t.Helper()
	status := http.StatusOK
	if missing != nil {
		status = http.StatusForbidden
	}
	back, off := "/payments/"+c.paid.ID+"/refund", "/payments/"+c.open.ID+"/cancel"
	question := d.posts(t, d.view(t, 200, back), back, 200, map[string]string{"amount": "10.00"})
	d.posts(t, question, back, status, nil, or(missing, "The money went back")...)
	question = d.posts(t, d.view(t, 200, "/payments/"+c.open.ID), off, 200, nil)
	d.posts(t, question, off, status, nil, or(missing, "was called off")...)
}

// pages are all that can be looked at, each with something that it must say.
func (c cases) pages() map[string]string {
	paid := "/payments/" + c.paid.ID
	all := map[string]string{"/today": "messages that never reached the shop", "/payments": c.wrong.OrderRef}
	all["/payments.csv"], all["/payments?find="+c.paid.OrderRef] = c.paid.ID, "50.00"
	all["/payments?find=nobody"] = "No such payment was found"
	all[paid], all[paid+"/evidence"], all[paid+"/refund"] = "50.00", `{"evidence_of"`, "50.00"
	all["/reviews"], all["/payments/"+c.wrong.ID+"/decide/amount"] = c.wrong.OrderRef, "51.99"
	all["/deliveries"], all["/reconciliation"], all["/health"] = c.dead.OrderRef, "<h1>", "<h1>"
	return all
}

// TestAMissingRightIsNamed: with one right of those who look taken away after the other, and with none at all, each
// page on which AWS refuses something says which right is missing. None is blank, and none says that all is well.
func TestAMissingRightIsNamed(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	c := w.cases(t, 0)
	browser, base := w.as(t, "ReadPolicy").within(t, "ReadPolicy").serves(t, "--shop", w.Info.Shops[0].ID, "--write",
		"--as", "aysel")
	desk{browser, base}.looks(t, c)
	all := []policy.Statement(nil)
	for _, s := range rightsOf(t, "ReadPolicy") {
		for _, action := range s.Actions {
			if strings.HasPrefix(action, "dynamodb:") {
				all = append(all, policy.Statement{Effect: s.Effect, Actions: []string{action}, Resources: s.Resources})
			}
		}
	}
	taken := [][]policy.Statement{nil}
	for i := range all {
		taken = append(taken, slices.Delete(slices.Clone(all), i, i+1))
	}
	for n, rights := range taken {
		y := w.as(t, "ReadPolicy")
		y.allowed(t, rights)
		browser, base := y.serves(t, "--shop", w.Info.Shops[0].ID, "--write", "--as", "aysel")
		missed := 0
		for path, says := range c.pages() {
			status, page := view(t, browser, base+path)
			named := strings.Contains(page, "<code>dynamodb:")
			if named {
				missed++
			}
			if status != http.StatusOK && status != http.StatusForbidden || status == http.StatusForbidden && !named ||
				!named && !strings.Contains(page, says) {
				t.Errorf("without right %d %s answers %d, without %q:\n%.6000s", n, path, status, says, page)
			}
		}
		if missed == 0 {
			t.Errorf("nobody missed right %d of %v", n, all)
		}
	}
}
