// Package house holds no code: its tests keep the house as it was drawn. Which room may know which, how long a file,
// a function or a path to follow may be, and words that stand nowhere.
package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"kassa/shared/boot"
)

const root = "../.."

// pkg is what `go list` tells about a package of ours.
type pkg struct {
	ImportPath string
	Standard   bool
	GoFiles    []string
	Imports    []string
	Deps       []string

	TestImports, XTestImports []string
}

func packages(t *testing.T, flags ...string) []pkg {
	t.Helper()
	fields := "-json=ImportPath,Standard,GoFiles,Imports,Deps,TestImports,XTestImports"
	cmd := exec.Command("go", append(append([]string{"list", fields}, flags...), "./...")...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room says what of ours and of others' a part of the house may import, besides its own inner rooms and the standard
// library.
type room struct {
	name          string
	ours, foreign []string
	anything      bool
}

// simbase is what every simulated bank is built on; of the adapters and of another bank it knows nothing.
var simbase = []string{
	"kassa/shared/loopback", "kassa/shared/simbank", "kassa/shared/simbank/book", "kassa/shared/simbank/control",
	"kassa/shared/simbank/fault", "kassa/shared/simbank/fault/script", "kassa/shared/simbank/frame",
	"kassa/shared/simbank/journal", "kassa/shared/simbank/pki",
}

// simkapital is what both simulated gateways of one bank have besides.
var simkapital = append(slices.Clone(simbase), "kassa/shared/simbank/kapital", "kassa/shared/simbank/kapital/page")

// banks are the rooms of a bank and of its simulator, alike for all: a further bank needs no row here. None knows
// another, nor whoever calls it.
func banks() (all []room) {
	for name := range boot.Profiles() {
		sim := "kassa/shared/simbank/" + name
		all = append(all, room{name: sim, ours: append(slices.Clone(simbase), sim)},
			room{name: "kassa/shared/bank/" + name, ours: []string{"kassa/shared/address", "kassa/shared/bank",
				"kassa/shared/bank/exchange", "kassa/shared/payment", "kassa/shared/strict", "kassa/shared/strict/asn",
				"kassa/shared/strict/markup"},
				foreign: []string{"golang.org/x/text/unicode/norm"}}) // to find a name however it is spelt
	}
	return all
}

// anywhere is what every room may know: forms of characters, with nothing beneath them.
const anywhere = "kassa/shared/strict/ascii"

// rooms are looked through in order, after those of banks; the first name that fits counts.
var rooms = []room{
	{name: "kassa/shared/payment"},
	{name: "kassa/shared/wording", ours: []string{"kassa/shared/payment"}},
	{name: "kassa/shared/address", foreign: []string{"golang.org/x/net/idna"}},
	{name: anywhere},
	{name: "kassa/shared/strict/markup", ours: []string{"kassa/shared/strict"}},
	{name: "kassa/shared/strict"},
	{name: "kassa/shared/loopback"},
	{name: "kassa/shared/bank/exchange", ours: []string{"kassa/shared/address", "kassa/shared/bank",
		"kassa/shared/payment", "kassa/shared/strict", "kassa/shared/strict/asn", "kassa/shared/strict/head"}},
	{name: "kassa/shared/bank/banktest", ours: []string{"kassa/shared/bank", "kassa/shared/payment"}},
	{name: "kassa/shared/simbank/kapitalxml", ours: simkapital},
	{name: "kassa/shared/simbank/kapitaltxpg", ours: simkapital},
	{name: "kassa/shared/simbank", ours: []string{"kassa/shared/loopback"}, foreign: []string{"go.etcd.io/bbolt"}},
	{name: "kassa/shared/bank", ours: []string{"kassa/shared/payment"}},
	{name: "kassa/shared/checkout", ours: []string{"kassa/shared/address", "kassa/shared/bank", "kassa/shared/metric",
		"kassa/shared/payment", "kassa/shared/payment/delivery", "kassa/shared/payment/allowance", "kassa/shared/strict"},
		foreign: []string{"golang.org/x/text/unicode/norm"}},
	{name: "kassa/shared/dynamo/storetest", ours: []string{"kassa/shared/checkout", "kassa/shared/checkout/book",
		"kassa/shared/checkout/limit",
		"kassa/shared/payment", "kassa/shared/payment/delivery", "kassa/shared/payment/allowance"}},
	{name: "kassa/shared/dynamo/memory", ours: []string{"kassa/shared/payment", "kassa/shared/payment/delivery",
		"kassa/shared/payment/allowance"}},
	{name: "kassa/shared/awsclient", foreign: []string{"github.com/aws/"}},
	{name: "kassa/shared/dynamo/client", ours: []string{"kassa/shared/awsclient"}, foreign: []string{"github.com/aws/"}},
	{name: "kassa/shared/dynamo", ours: []string{"kassa/shared/awsclient", "kassa/shared/dynamo/client",
		"kassa/shared/payment",
		"kassa/shared/payment/delivery", "kassa/shared/payment/allowance"}, foreign: []string{"github.com/aws/"}},
	{name: "kassa/shared/webhook", ours: []string{"kassa/shared/address", "kassa/shared/strict",
		"kassa/shared/strict/head"}},
	{name: "kassa/shared/bitrix24", ours: []string{"kassa/shared/payment", "kassa/shared/payment/delivery",
		"kassa/shared/webhook"}},
	{name: "kassa/shared/shop", ours: []string{"kassa/shared/address", "kassa/shared/bitrix24", "kassa/shared/awsclient",
		"kassa/shared/payment", "kassa/shared/strict", "kassa/shared/webhook"}, foreign: []string{"github.com/aws/"}},
	{name: "kassa/shared/api/contract", foreign: []string{kin,
		"github.com/santhosh-tekuri/jsonschema/", "go.yaml.in/yaml/v4"}},
	{name: "kassa/shared/api/event", foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/shared/api", ours: []string{"kassa/shared/api/event", "kassa/shared/metric", "kassa/shared/payment",
		"kassa/shared/strict"},
		foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/shared/boot", anything: true},
	// figures are words and numbers: whoever knows that something happened may count it, and no AWS comes with it
	{name: "kassa/shared/metric"},
	{name: "kassa/functions/instalments", ours: []string{"kassa/shared/api", "kassa/shared/boot/public",
		"kassa/shared/payment"}, foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/functions/notify", ours: []string{"kassa/shared/boot/courier", "kassa/shared/checkout/outbox",
		"kassa/shared/metric", "kassa/shared/payment"},
		foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/functions/bitrix-checkout", ours: []string{"kassa/shared/api", "kassa/shared/bank",
		"kassa/shared/bitrix24", "kassa/shared/boot", "kassa/shared/checkout", "kassa/shared/payment"},
		foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/functions", ours: []string{"kassa/shared/address", "kassa/shared/api", "kassa/shared/bank",
		"kassa/shared/boot", "kassa/shared/checkout", "kassa/shared/checkout/book",
		"kassa/shared/metric", "kassa/shared/payment"},
		foreign: []string{"github.com/aws/aws-lambda-go/"}},
	{name: "kassa/storefront"},
	{name: "kassa/infra", anything: true},
}

func TestArrowsPointInward(t *testing.T) {
	rooms := append(banks(), rooms...)
	for _, p := range packages(t) {
		i := slices.IndexFunc(rooms, func(r room) bool {
			return p.ImportPath == r.name || strings.HasPrefix(p.ImportPath, r.name+"/")
		})
		if i < 0 {
			t.Errorf("%s stands in no room of this list: say in rooms what it may import", p.ImportPath)
			continue
		}
		here := rooms[i]
		for _, imported := range p.Imports {
			within := strings.HasPrefix(imported, here.name+"/") && !slices.ContainsFunc(rooms, func(r room) bool {
				return r.name == imported
			})
			ours, standard := strings.HasPrefix(imported, "kassa/"), !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
			foreign := slices.ContainsFunc(here.foreign, func(prefix string) bool { return strings.HasPrefix(imported, prefix) })
			if here.anything || within || imported == anywhere || ours && slices.Contains(here.ours, imported) ||
				!ours && (standard || foreign) {
				continue
			}
			t.Errorf("%s must not import %s", p.ImportPath, imported)
		}
	}
}

// kin is the module that reads openapi.yaml.
const kin = "github.com/getkin/kin-openapi/"

// The reader of openapi.yaml is for tests: one room holds it, and nothing that runs links it.
func TestOneRoomReadsTheContract(t *testing.T) {
	const room = "kassa/shared/api/contract"
	for _, p := range packages(t) {
		imports := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		if p.ImportPath != room && slices.ContainsFunc(imports, func(i string) bool { return strings.HasPrefix(i, kin) }) {
			t.Errorf("%s must not import kin-openapi; %s does it for all", p.ImportPath, room)
		}
		linked := slices.ContainsFunc(p.Deps, func(i string) bool { return strings.HasPrefix(i, kin) })
		if linked && p.ImportPath != room && p.ImportPath != "kassa/shared/boot/boottest" {
			t.Errorf("%s links kin-openapi, which is for tests alone", p.ImportPath)
		}
	}
}

func TestBudgets(t *testing.T) {
	var files, functions []int
	perPackage := map[string]int{}
	walk(t, func(path string, source []byte) {
		lines := bytes.Count(source, []byte("\n"))
		limit := 300
		if strings.HasSuffix(path, "_test.go") {
			limit = 500
		} else {
			files = append(files, lines)
			perPackage[filepath.Dir(path)]++
			functions = append(functions, functionLengths(t, path, source)...)
		}
		if lines > limit {
			t.Errorf("%s has %d lines, the budget is %d", path, lines, limit)
		}
	})
	for dir, n := range perPackage {
		most := 10
		if strings.HasSuffix(filepath.ToSlash(dir), "shared/payment") {
			most = 24 // cut by noun
		}
		if n > most {
			t.Errorf("%s has %d files besides tests, the budget is %d", dir, n, most)
		}
	}
	if m := median(files); m > 120 {
		t.Errorf("the median file has %d lines, the budget is 120", m)
	}
	if m := median(functions); m > 15 {
		t.Errorf("the median function has %d lines, the budget is 15", m)
	}
	t.Logf("%d files, median %d lines; %d functions, median %d lines, longest %d", len(files), median(files),
		len(functions),
		median(functions), slices.Max(functions))
}

func functionLengths(t *testing.T, path string, source []byte) (lengths []int) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok {
			lengths = append(lengths, length(set, f))
		}
	}
	return lengths
}

// TestNoLineOver120 columns, a tab counted as one, in code, comments and the documents that stand between backquotes.
func TestNoLineOver120(t *testing.T) {
	walk(t, func(path string, source []byte) {
		for _, n := range longLines(source) {
			t.Errorf("%s:%d is longer than 120 columns", path, n)
		}
	})
	spoiled := "package x\n\n// " + strings.Repeat("ə", 117) + "\n\n// " + strings.Repeat("ə", 118) + "\n"
	if got := longLines([]byte(spoiled)); !slices.Equal(got, []int{5}) {
		t.Errorf("the long lines of a spoiled file are %v, want line 5 alone", got)
	}
}

// longLines gives the numbers of a Go file's lines that are too long.
func longLines(source []byte) (long []int) {
	for i, line := range bytes.Split(source, []byte("\n")) {
		if utf8.RuneCount(line) > 120 {
			long = append(long, i+1)
		}
	}
	return long
}

// A newcomer follows a payment in these files (README, "Follow one payment").
func TestSevenFilesUnder900Lines(t *testing.T) {
	total := 0
	for _, name := range []string{
		"functions/initiate/handler.go", "functions/callback/handler.go", "shared/checkout/initiate.go",
		"shared/checkout/callback.go",
		"shared/bank/bank.go", "shared/payment/machine.go", "shared/bank/kapital/xml/callback.go",
	} {
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		total += bytes.Count(source, []byte("\n"))
	}
	if total > 900 {
		t.Errorf("the seven files of a payment have %d lines, the budget is 900", total)
	}
	t.Logf("%d lines", total)
}

func TestEveryMainIsThinAndHandlersFitAScreen(t *testing.T) {
	for name, limit := range map[string]int{"main.go": 25, "handler.go": 90} {
		found, err := filepath.Glob(filepath.Join(root, "functions", "*", name))
		if err != nil || len(found) < 5 {
			t.Errorf("%d functions have a %s (%v)", len(found), name, err)
		}
		for _, path := range found {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(source, []byte("\n")); n > limit {
				t.Errorf("%s has %d lines, the budget is %d", path, n, limit)
			}
		}
	}
}

// Words that must stand nowhere in the product's code, by room.
func TestForbiddenWords(t *testing.T) {
	rules := []struct {
		rooms, word string
		why         string
	}{
		{`^(shared/(payment|bank|checkout|dynamo|api)|functions)/`, `\bfloat(32|64)\b`, "money is integers"},
		{`.`, `InsecureSkipVerify\s*[:=]\s*true`, "TLS verification is never switched off"},
		{`^shared/payment/`, `time\.Now\(`, "the domain reads no clock"},
		// but with nothing, with "" and with a draft of our own
		{`^(shared/(api|bitrix24|checkout|payment|shop|webhook)|functions)/`,
			`(?i)(token|secret|digest|signature|password) [!=]= (?:[^"nd]|d[^r])`, "secrets are compared in constant time"},
	}
	walk(t, func(path string, source []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range rules {
			if regexp.MustCompile(rule.rooms).MatchString(filepath.ToSlash(rel)) && regexp.MustCompile(rule.word).Match(source) {
				t.Errorf("%s holds %s: %s", rel, rule.word, rule.why)
			}
		}
	})
}

func walk(t *testing.T, visit func(path string, source []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err == nil {
			visit(path, source)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func median(n []int) int {
	if len(n) == 0 {
		return 0
	}
	slices.Sort(n)
	return n[len(n)/2]
}
