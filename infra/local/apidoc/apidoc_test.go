package apidoc

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const document = "../../../shared/api/openapi.yaml"

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func site(path string) http.Handler {
	shop := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the shop")) })
	return Beside(shop, path, "http://127.0.0.1:8081")
}

// TestThePageShowsAll that the document has: each operation, event, answer, field, value and error code, and nothing
// unresolved.
func TestThePageShowsAll(t *testing.T) {
	page := get(t, site(document), "/docs/api")
	body := page.Body.String()
	if page.Code != 200 || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v %.300s", page.Code, page.Header(), body)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var all yaml.Node
	if err := yaml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	root := node{all.Content[0]}
	for _, kind := range []string{"paths", "webhooks"} {
		for _, path := range root.get(kind).pairs() {
			for _, method := range path.value.pairs() {
				if id := method.value.get("operationId").text(); id != "" && !strings.Contains(body, `<article id="`+id+`">`) {
					t.Errorf("%s is not shown", id)
				}
			}
		}
	}
	for _, schema := range root.get("components", "schemas").pairs() {
		for _, property := range schema.value.get("properties").pairs() {
			if !strings.Contains(body, `<article id="`+schema.name+`">`) ||
				!strings.Contains(body, "<code>"+property.name+"</code>") {
				t.Errorf("%s.%s is not shown", schema.name, property.name)
			}
		}
		for _, value := range schema.value.get("enum").list() {
			if !strings.Contains(body, "<code>"+value.text()+"</code>") && value.text() != "" && schema.name != "ProblemType" {
				t.Errorf("%s = %s is not shown", schema.name, value.text())
			}
		}
	}
	for _, must := range []string{"order_already_paid", "merchant_changed", "refund_too_late", "Retry-After",
		"payment.overpaid", "curl -X POST",
		"&#34;order_ref&#34;: &#34;12345&#34;", "webhook-signature"} {
		if !strings.Contains(body, must) {
			t.Errorf("%s is not shown", must)
		}
	}
	body = regexp.MustCompile(`\d\*{6}\d`).ReplaceAllString(body, "") // a masked card is no Markdown
	for _, never := range []string{"$ref", "no value", "<script", "http://www.", "cdn", "**", "| ---"} {
		if strings.Contains(body, never) {
			t.Errorf("the page holds %q", never)
		}
	}
}

// TestLinksLeadSomewhere within the page, and nowhere else.
func TestLinksLeadSomewhere(t *testing.T) {
	body := get(t, site(document), "/docs/api").Body.String()
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		target, within := strings.CutPrefix(m[1], "#")
		if within && !strings.Contains(body, ` id="`+target+`"`) || !within && m[1] != "/docs/openapi.yaml" &&
			m[1] != "data:," {
			t.Errorf("a link leads to %q", m[1])
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if ids[m[1]] {
			t.Errorf("%s stands there twice", m[1])
		}
		ids[m[1]] = true
	}
}

func TestTheRestIsTheShop(t *testing.T) {
	h := site(document)
	want, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if raw := get(t, h, "/docs/openapi.yaml"); raw.Body.String() != string(want) ||
		!strings.HasPrefix(raw.Header().Get("Content-Type"), "application/yaml") {
		t.Errorf("%d %v", raw.Code, raw.Header())
	}
	for _, path := range []string{"/", "/docs", "/docs/other", "/orders"} {
		if a := get(t, h, path); a.Body.String() != "the shop" {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	if a := get(t, site(filepath.Join(t.TempDir(), "none.yaml")), "/docs/api"); a.Code != 500 ||
		!strings.Contains(a.Body.String(), "none.yaml") {
		t.Errorf("a document that is not there: %d %s", a.Code, a.Body)
	}
}

// TestMarkdownIsText: structure is shown as such; HTML, and whatever would lead or load from elsewhere, stays text.
func TestMarkdownIsText(t *testing.T) {
	for text, want := range map[string]string{
		"a <b> & `c<d`":           "<p>a &lt;b&gt; &amp; <code>c&lt;d</code></p>",
		"**x** y\nz\n\nnew":       "<p><strong>x</strong> y z</p><p>new</p>",
		"- one\n  more\n- two":    "<ul><li>one more</li><li>two</li></ul>",
		"1. one\n2. two\n   more": "<ol><li>one</li><li>two more</li></ol>",
		"| a | b |\n| --- | --- |\n| `c\\|` | d |": "<table><thead><tr><th>a</th><th>b</th></tr></thead>" +
			"<tbody><tr><td><code>c|</code></td><td>d</td></tr></tbody></table>",
		"```\n<a>\n```":                  "<pre><code>&lt;a&gt; </code></pre>",
		"<script>alert(1)</script>":      "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		"<div>\n<img src=x onerror=y>\n": "<p>&lt;div&gt; &lt;img src=x onerror=y&gt;</p>",
		"x <!-- y --> &lt;b&gt;":         "<p>x &lt;!-- y --&gt; &lt;b&gt;</p>",
		"[a](javascript:b) ![c](//d)":    "<p>[a](javascript:b) ![c](//d)</p>",
		"<https://a.example>":            "<p>&lt;https://a.example&gt;</p>",
		"[a]: https://a.example\n\n[a]":  "<p>[a]: https://a.example</p><p>[a]</p>",
		"":                               "",
	} {
		got := strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(string(markdown(text)), ">\n", ">"), "\n", " "))
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	if got := short("a `b`\n<c>"); got != "a <code>b</code>\n&lt;c&gt;" {
		t.Errorf("short: %q", got)
	}
}

// TestDocumentsThatAreNone give a reason, not half a page.
func TestDocumentsThatAreNone(t *testing.T) {
	for _, text := range []string{"", "a: [1", "- a", "text"} {
		if page, err := Render([]byte(text), ""); err == nil {
			t.Errorf("%q was shown: %s", text, page)
		}
	}
	if _, err := Render([]byte("paths: {/a: {get: {operationId: a}}}\nwebhooks: {b: 1}"), ""); err != nil {
		t.Errorf("a document with little in it: %v", err)
	}
}
