package main

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFirstPayment runs the commands of the README, exactly: from nothing to the first paid test payment of a new shop.
// Between them a person pays in a browser, here by the same forms. Only the ports are this stack's.
func TestFirstPayment(t *testing.T) {
	for _, needed := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("this needs", needed)
		}
	}
	w := open(t)
	w.build()
	commands := w.readme()
	if len(commands) > 5 {
		t.Fatalf("the README needs %d commands, at most five are allowed", len(commands))
	}
	last := len(commands) - 1
	said := w.shell(strings.Join(commands[:last], "\n"))
	var opened struct {
		RedirectURL string `json:"redirect_url"`
		Status      string
		Currency    string
	}
	_, answer, _ := strings.Cut(said, "{")
	if err := json.Unmarshal([]byte("{"+answer), &opened); err != nil || opened.Status != "pending" ||
		opened.Currency != "AZN" {
		t.Fatalf("the payment was not opened: %s", said)
	}
	payInBrowser(t, opened.RedirectURL)
	if said := w.shell(commands[last]); !strings.Contains(said, "paid") || !strings.Contains(said, "150.00 AZN") ||
		strings.Contains(said, "pending") {
		t.Errorf("the last command says\n%s", said)
	}
}

var firstPayment = regexp.MustCompile(`(?s)<!-- first-payment:begin -->\n` + "```sh\n(.*?)\n```" +
	`\n<!-- first-payment:end -->`)

// readme are the commands between the markers, with the ports of this stack in place of the defaults.
func (w world) readme() []string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		w.t.Fatal(err)
	}
	m := firstPayment.FindSubmatch(text)
	if m == nil {
		w.t.Fatal("the README has no commands between its markers")
	}
	ports := strings.NewReplacer("http://127.0.0.1:8080", w.Info.ShopURL, "http://127.0.0.1:8081", w.Info.APIURL)
	return strings.Split(ports.Replace(string(m[1])), "\n")
}

// shell runs a script in the scratch folder, as in the root of a clone, and gives its standard output.
func (w world) shell(script string) string {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), "sh", "-e", "-c", script)
	c.Dir = w.dir
	for _, value := range os.Environ() {
		if !strings.HasPrefix(value, "KASSA_") && !strings.HasPrefix(value, "AWS_") {
			c.Env = append(c.Env, value)
		}
	}
	var complaints strings.Builder
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		w.t.Fatalf("%s\n%v\n%s%s", script, err, out, complaints.String())
	}
	return string(out)
}

var (
	inputTag = regexp.MustCompile(`<input([^>]*)>`)
	field    = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	formTag  = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
)

// payInBrowser fills in the bank's page and lets it bring the customer home.
func payInBrowser(t *testing.T, address string) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.Contains(r.URL.RawQuery, "payment_id=") { // the shop's own page, which need not be there
			return http.ErrUseLastResponse
		}
		return nil
	}}
	get := func(r *http.Response, err error) (*url.URL, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		return r.Request.URL, string(text)
	}
	typed := url.Values{"action": {"pay"}, "pan": {"4169741330151124"}, "expiry": {"12 / 39"}, "cvv": {"119"}}
	at, page := get(browser.Get(address))
	at, page = get(browser.PostForm(formOf(t, at, page, typed)))
	home, values := formOf(t, at, page, nil)
	r, err := browser.PostForm(home, values)
	if get(r, err); r.StatusCode != http.StatusSeeOther || !strings.Contains(r.Header.Get("Location"), "status=paid") {
		t.Fatalf("the customer came back to %q with %d", r.Header.Get("Location"), r.StatusCode)
	}
}

// formOf is a page's first form, filled in.
func formOf(t *testing.T, at *url.URL, page string, typed url.Values) (action string, values url.Values) {
	t.Helper()
	m := formTag.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form on %s", page)
	}
	values = url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(m[2], -1) {
		values.Set(attribute(input[1], "name"), attribute(input[1], "value"))
	}
	for name, value := range typed {
		values[name] = value
	}
	to, err := at.Parse(attribute(m[1], "action"))
	if err != nil {
		t.Fatal(err)
	}
	return to.String(), values
}

func attribute(tag, name string) string {
	for _, m := range field.FindAllStringSubmatch(tag, -1) {
		if m[1] == name {
			return html.UnescapeString(m[2])
		}
	}
	return ""
}
