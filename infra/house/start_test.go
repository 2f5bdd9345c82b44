package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kassa/shared/boot"
)

// TestNothingIsBuiltAtStart: what a function links makes nothing when it is started but what the compiler has laid out.
// A pattern, a table, a replacer: every start would pay for it, that of a function which never needs it, too. What has
// a simple form is checked by hand, see strict/ascii; what has not is made by sync.OnceValue when it is first needed.
func TestNothingIsBuiltAtStart(t *testing.T) {
	all := packages(t)
	linked := map[string]bool{}
	for _, p := range all {
		if strings.HasPrefix(p.ImportPath, "kassa/functions/") {
			for _, name := range append(p.Deps, p.ImportPath) {
				linked[name] = true
			}
		}
	}
	seen := 0
	for _, p := range all {
		if !linked[p.ImportPath] {
			continue
		}
		seen++
		for _, name := range p.GoFiles {
			path := filepath.Join(root, strings.TrimPrefix(p.ImportPath, "kassa/"), name)
			for _, what := range builtAtStart(t, path, nil) {
				t.Errorf("%s: %s", path, what)
			}
		}
	}
	if seen < 30 {
		t.Errorf("%d packages of ours are linked by functions: the rule no longer sees them", seen)
	}
}

// TestFunctionsLinkWhatTheyUse: what is linked is loaded, and what of it must be built is built, at every start.
func TestFunctionsLinkWhatTheyUse(t *testing.T) {
	banks := []string{"kassa/shared/bank", "kassa/shared/bank/exchange", "encoding/xml", "encoding/gob"}
	for name := range boot.Profiles() {
		banks = append(banks, "kassa/shared/bank/"+name)
	}
	table := []string{"kassa/shared/dynamo", "kassa/shared/checkout", "github.com/aws/aws-sdk-go-v2/service/dynamodb"}
	nobody := []string{"expvar", "html/template", "net/http/pprof", "net/rpc", "testing", "text/template",
		"github.com/aws/aws-sdk-go-v2/config"} // the last would make a start half again as slow
	without := map[string][]string{"instalments": append(slices.Clone(banks), table...), "notify": banks}
	seen := 0
	for _, p := range packages(t, "-tags", "lambda.norpc,nethttpomithttp2") {
		function, ok := strings.CutPrefix(p.ImportPath, "kassa/functions/")
		if !ok {
			continue
		}
		seen++
		for _, unused := range append(without[function], nobody...) {
			if slices.Contains(p.Deps, unused) {
				t.Errorf("%s links %s, which it does not use", function, unused)
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d functions were seen", seen)
	}
}

// builtAtStart are the variables of a file that need code to run before main, and its functions init.
func builtAtStart(t *testing.T, path string, source any) (built []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			built = append(built, "a function init runs at every start")
		}
		general, ok := d.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR {
			continue
		}
		for _, spec := range general.Specs {
			one := spec.(*ast.ValueSpec)
			for _, value := range one.Values {
				for _, work := range workOf(value) {
					built = append(built, fmt.Sprintf("the variable %s is made at every start, by %s", one.Names[0].Name, work))
				}
			}
		}
	}
	return built
}

// workOf are the parts of a variable's value that the compiler cannot lay out. It can an error with a text, and what is
// to be made once.
func workOf(value ast.Expr) (work []string) {
	ast.Inspect(value, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			if _, ok := n.Type.(*ast.MapType); ok {
				work = append(work, "a map")
			}
		case *ast.CallExpr:
			laidOut := []string{"max", "min", "len", "errors.New", "sync.OnceValue", "sync.OnceValues", "sync.OnceFunc"}
			_, conversion := n.Fun.(*ast.ParenExpr)
			if called := name(n.Fun); !conversion && !slices.Contains(laidOut, called) {
				work = append(work, "a call of "+called)
			}
		}
		return true
	})
	return work
}

// TestTheRuleOfStartsFindsWhatItIsFor.
func TestTheRuleOfStartsFindsWhatItIsFor(t *testing.T) {
	for code, built := range map[string]bool{
		"var p = regexp.MustCompile(`a`)":                             true,
		"var (\n\ta = 1\n\tp = regexp.MustCompile(`a`)\n)":            true,
		"var m = map[string]int{`a`: 1}":                              true,
		"var s = struct{ m map[string]int }{map[string]int{}}":        true,
		"var r = strings.NewReplacer(`a`, `b`)":                       true,
		"var l = []netip.Prefix{netip.MustParsePrefix(`10.0.0.0/8`)}": true,
		"var n = made()":         true,
		"func init() { made() }": true,
		"var p = sync.OnceValue(func() any { return regexp.MustCompile(`a`) })":      false,
		"func p() any { return regexp.MustCompile(`a`) }":                            false,
		"var f = func() any { return regexp.MustCompile(`a`) }":                      false,
		"var err = errors.New(`a`)":                                                  false,
		"var l = []string{`a`, `b`}":                                                 false,
		"var f = form{Bytes: max(a, b)}":                                             false,
		"var _ bank = (*kapital)(nil)":                                               false,
		"type t struct{}\nfunc (t) init() {}\nvar e = &Error{Kind: 1, Code: `none`}": false,
	} {
		if got := builtAtStart(t, "", "package x\n"+code+"\n"); (len(got) > 0) != built {
			t.Errorf("%q: %q", code, got)
		}
	}
}
