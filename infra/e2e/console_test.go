package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/local/stack"
)

// serves runs the console until the test ends, and gives a browser that was let in, with what all addresses begin with.
func (y typist) serves(t *testing.T, args ...string) (*http.Client, string) {
	t.Helper()
	told, out := io.Pipe()
	k := &tool.Tool{Console: &console.Console{Out: out, Err: t.Output()}, Now: time.Now, User: "tester"}
	k.Flags.Getenv = func(name string) string {
		return map[string]string{"KASSA_DATA": y.folder, "KASSA_STAGE": "local"}[name]
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- command.Run(ctx, k, append([]string{"console", "--no-open", "--json"}, args...))
		_ = out.Close()
	}()
	t.Cleanup(func() {
		end()
		if code := <-ended; code != console.Done {
			t.Errorf("the console ended with %d", code)
		}
	})
	var result struct{ URL string }
	if err := json.NewDecoder(told).Decode(&result); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, told) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	if status, page := view(t, browser, result.URL); status == http.StatusForbidden &&
		!strings.Contains(page, "AWS does not allow") { // the first page may lack a right
		t.Fatalf("not let in: %d %s", status, page)
	}
	base, _, _ := strings.Cut(result.URL, "/enter/")
	return browser, base
}

// view reads a page.
func view(t *testing.T, browser *http.Client, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return shown(t, browser, r)
}

// shown is the status and the page that answer a request.
func shown(t *testing.T, browser *http.Client, r *http.Request) (int, string) {
	t.Helper()
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(page)
}

// TestTheConsoleOfWhoeverLooks needs no right beyond ReadPolicy: no secret, hence no list of shops, and times by the
// currency of the shop's payments.
func TestTheConsoleOfWhoeverLooks(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	paid := w.paid(t, 1, 5000)
	reader := w.as(t, "ReadPolicy").within(t, "ReadPolicy")
	browser, base := reader.serves(t, "--shop", w.Info.Shops[0].ID)
	for path, want := range map[string]string{"/today": "UTC&#43;4", "/payments": w.ref(t, 1), "/reviews": "<h1>",
		"/deliveries": "<h1>", "/payments/" + paid.ID: "50.00", "/payments.csv": paid.ID} {
		if status, page := view(t, browser, base+path); status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%s answers %d, want 200 and %q:\n%s", path, status, want, page)
		}
	}
	nobody, base := reader.serves(t)
	if status, page := view(t, nobody, base+"/today"); status != http.StatusUnprocessableEntity ||
		!strings.Contains(page, "Which shop?") {
		t.Errorf("without a shop: %d %s", status, page)
	}
}
