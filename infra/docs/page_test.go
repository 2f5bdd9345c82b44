// Package docs holds no code: its tests run what the pages in docs/ tell a shop's developer to run, and check what they
// say where a machine can.
package docs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/shared/api"
	domain "kassa/shared/payment"
	txpg "kassa/shared/simbank/kapitaltxpg/ledger"
	xml "kassa/shared/simbank/kapitalxml/ledger"
)

const root = "../.."

// snippet is a fenced block. A block that can run has a name behind its language: ```python webhook
type snippet struct {
	lang, name, text string
	line             int
}

func snippets(t *testing.T) (all []snippet) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, "docs", "integrate.md"))
	if err != nil {
		t.Fatal(err)
	}
	var open *snippet
	lines := bufio.NewScanner(bytes.NewReader(source))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case open == nil && strings.HasPrefix(line, "```"):
			lang, name, _ := strings.Cut(strings.TrimPrefix(line, "```"), " ")
			open = &snippet{lang: lang, name: name, line: n}
		case open != nil && line == "```":
			all, open = append(all, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil || lines.Err() != nil {
		t.Fatalf("a block is not closed (%v)", lines.Err())
	}
	return all
}

func find(t *testing.T, lang, name string) string {
	t.Helper()
	for _, s := range snippets(t) {
		if s.lang == lang && s.name == name {
			return s.text
		}
	}
	t.Fatalf("integrate.md has no block %s %s", lang, name)
	return ""
}

// tested are the blocks that some test of this package runs.
var tested = []string{
	"sh setup", "sh create", "sh attempts", "sh poll", "sh refund", "sh cancel", "sh days", "sh undelivered",
	"sh redeliver",
	"sh instalments-setup", "sh instalments", "sql table", "sql save", "sql mysql-table", "sql mysql-save",
	"go webhook", "php webhook", "js webhook", "python webhook", "go client", "php client", "js client", "python client",
}

// TestEveryProgramOnThePageIsRun: who adds a program to the page adds it to a test.
func TestEveryProgramOnThePageIsRun(t *testing.T) {
	var found []string
	for _, s := range snippets(t) {
		switch s.lang {
		case "", "html": // a picture of a request; markup that the badge's own tests try
		case "json":
			if !json.Valid([]byte(s.text)) {
				t.Errorf("line %d is no JSON", s.line)
			}
		default:
			found = append(found, s.lang+" "+s.name)
			if !slices.Contains(tested, s.lang+" "+s.name) {
				t.Errorf("line %d: no test runs %q", s.line, s.lang+" "+s.name)
			}
		}
	}
	for _, name := range tested {
		if !slices.Contains(found, name) {
			t.Errorf("integrate.md has no block %q", name)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,4} (.+)$`)
	inWords = regexp.MustCompile("[^a-z0-9 -]")
)

// TestEveryLinkLeadsSomewhere: within the page and to files beside it.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		source, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		anchors := anchorsOf(source)
		for _, m := range link.FindAllStringSubmatch(string(source), -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			switch {
			case strings.HasPrefix(file, "https://"):
				continue
			case file == "" && !slices.Contains(anchors, anchor):
				t.Errorf("%s: nothing is called #%s", page, anchor)
			case file != "":
				target, err := os.Stat(filepath.Join(filepath.Dir(page), file))
				if err != nil {
					t.Errorf("%s: %v", page, err)
				} else if anchor != "" && !target.IsDir() {
					text, err := os.ReadFile(filepath.Join(filepath.Dir(page), file))
					if err != nil || !slices.Contains(anchorsOf(text), anchor) {
						t.Errorf("%s: %s has no #%s", page, file, anchor)
					}
				}
			}
		}
	}
}

// anchorsOf are the names that a page's headings get.
func anchorsOf(source []byte) (anchors []string) {
	for _, m := range heading.FindAllStringSubmatch(string(source), -1) {
		anchors = append(anchors, strings.ReplaceAll(inWords.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return anchors
}

var (
	codesOf = regexp.MustCompile(`code: *\{ *enum: *\[([^\]]+)\]`)
	typesOf = regexp.MustCompile(`type: *\{ *enum: *\[([^\]]+)\]`)
)

// TestThePageKnowsEveryCodeAndEvent holds the page's tables to the API's document.
func TestThePageKnowsEveryCodeAndEvent(t *testing.T) {
	contract, err := os.ReadFile(filepath.Join(root, "shared", "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "integrate.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := 0
	for _, pattern := range []*regexp.Regexp{codesOf, typesOf} {
		for _, m := range pattern.FindAllStringSubmatch(string(contract), -1) {
			for word := range strings.SplitSeq(m[1], ",") {
				words++
				if word = strings.TrimSpace(word); !bytes.Contains(page, []byte("`"+word+"`")) {
					t.Errorf("openapi.yaml knows %q, the page does not", word)
				}
			}
		}
	}
	if words < 30 {
		t.Errorf("only %d words were found in openapi.yaml", words)
	}
}

// TestPagesKnowTheBounds: what a page says is taken at most is what the programs take.
func TestPagesKnowTheBounds(t *testing.T) {
	body := fmt.Sprintf("%d MB", api.MaxBody>>20)
	for _, c := range []struct{ page, said string }{
		{"docs/integrate.md", "| 413 | `body_too_large` | " + body + " is the limit |"},
		{"docs/integrate.md", fmt.Sprintf("%d attempts of one order, %d refunds of one payment:", domain.MaxAttempts,
			domain.MaxRefunds)},
		{"docs/integrate.md", fmt.Sprintf("Counted are %d bytes of UTF-8,", domain.MaxMetadata)},
		{"docs/security.md", "bodies end at " + body + " from a shop"},
		{"shared/api/openapi.yaml", "The body is over " + body + "."},
		{"shared/api/openapi.yaml", fmt.Sprintf("at most %d printable characters (Unicode", domain.MaxReason)},
	} {
		text, err := os.ReadFile(filepath.Join(root, c.page))
		if err != nil || !strings.Contains(string(text), c.said) {
			t.Errorf("%s does not say %q, %v", c.page, c.said, err)
		}
	}
}

// interpreter finds a program or skips; where CI promises them all, a missing one is an error.
func interpreter(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	message := fmt.Sprintf("none of %s is in PATH, so its programs on the page were not run", strings.Join(names, ", "))
	if os.Getenv("KASSA_SNIPPETS") == "all" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// language is how the programs of one language are run.
type language struct {
	fence, file string
	names       []string // of the interpreter
}

func languages() map[string]language {
	return map[string]language{
		"Go":     {fence: "go", file: "main.go", names: []string{"go"}},
		"PHP":    {fence: "php", file: "main.php", names: []string{"php"}},
		"Node":   {fence: "js", file: "main.mjs", names: []string{"node", "nodejs"}},
		"Python": {fence: "python", file: "main.py", names: []string{"python3"}},
	}
}

// write puts files into a folder of the test's own.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// compile builds a Go program that needs the standard library alone, as a shop's developer would.
func compile(t *testing.T, dir string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module shop\n\ngo 1.22\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"vet", "."}, {"build", "-o", "program", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return filepath.Join(dir, "program")
}

// command runs the program in dir, which stands in the language's file.
func (l language) command(t *testing.T, dir string, before ...string) *exec.Cmd {
	t.Helper()
	path := interpreter(t, l.names...)
	if l.fence == "go" {
		return exec.Command(compile(t, dir))
	}
	return exec.Command(path, append(before, filepath.Join(dir, l.file))...)
}

// TestCards: whoever follows the page pays at both gateways with what it names.
func TestCards(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "integrate.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(xml.Cards(), txpg.Cards()) {
		if c.Name == "approve" && !strings.Contains(string(page), fmt.Sprintf("`%s` | `%s` |", c.PAN, c.CVV)) {
			t.Errorf("the page does not name the card %s with its code %s", c.PAN, c.CVV)
		}
	}
}
