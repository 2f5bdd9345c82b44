package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
)

// TestShapes: each function fits on a screen, each interface is a narrow seam, a constructor takes few things, and
// nothing happens because something was imported.
func TestShapes(t *testing.T) {
	seen := 0
	walk(t, func(path string, source []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, complaint := range shapes(t, path, source) {
			t.Error(complaint)
		}
		seen++
	})
	if seen < 100 {
		t.Errorf("the rule sees %d files", seen)
	}
}

// TestTheRuleOfShapesFindsWhatItIsFor, in a source that is spoiled, and nothing in one that is not.
func TestTheRuleOfShapesFindsWhatItIsFor(t *testing.T) {
	body := func(lines int) string { return "{\n" + strings.Repeat("\t_ = 1\n", lines) + "}" }
	for source, want := range map[string]string{
		"func long() " + body(69):                                         "long has 71 lines",
		"func (t T) long() " + body(69):                                   "long has 71 lines",
		"func screen() " + body(68):                                       "",
		"type Wide interface{ A(); B(); C(); D(); E(); F() }":             "line 2 has 6 methods",
		"type Bank interface{ A(); B(); C(); D(); E() }":                  "",
		"type T struct{ wide interface{ A(); B(); C(); D(); E(); F() } }": "line 2 has 6 methods",
		"func New(a, b, c, d, e int) {}":                                  "New takes 5 parameters",
		"func New(a, b, c, d int) {}":                                     "",
		"func init() {}":                                                  "init",
		"func (t T) init() {}":                                            "",
	} {
		got := strings.Join(shapes(t, "x.go", []byte("package x\n"+source+"\n")), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.60s: %q, want %q", source, got, want)
		}
	}
}

// shapes are a file's complaints.
func shapes(t *testing.T, path string, source []byte) (complaints []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	complain := func(format string, values ...any) {
		complaints = append(complaints, path+": "+fmt.Sprintf(format, values...))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			own := n.Name.Name
			if lines := length(set, n); lines > 70 {
				complain("%s has %d lines, a function's budget is 70", own, lines)
			}
			if n.Recv == nil && strings.HasPrefix(own, "New") && parameters(n.Type) > 4 {
				complain("%s takes %d parameters, a constructor's budget is 4", own, parameters(n.Type))
			}
			if n.Recv == nil && own == "init" {
				complain("init does something because of an import")
			}
		case *ast.InterfaceType:
			if methods := n.Methods.NumFields(); methods > 5 {
				complain("the interface in line %d has %d methods, the budget is 5", set.Position(n.Pos()).Line, methods)
			}
		}
		return true
	})
	return complaints
}

// length is how many lines a function has.
func length(set *token.FileSet, f *ast.FuncDecl) int {
	return set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
}

func parameters(f *ast.FuncType) (n int) {
	for _, field := range f.Params.List {
		n += max(1, len(field.Names))
	}
	return n
}

// TestAddABankNamesTheSeam: the page lists the methods of a bank, and each by its name.
func TestAddABankNamesTheSeam(t *testing.T) {
	_, list, _ := strings.Cut(page(t, "add-a-bank.md"), "methods ")
	list, _, _ = strings.Cut(list, ".")
	seam := reflect.TypeFor[bank.Bank]()
	for m := range seam.NumMethod() {
		if name := seam.Method(m).Name; !strings.Contains(list, "`"+name+"`") {
			t.Errorf("docs/add-a-bank.md lists the methods %s, without %s", list, name)
		}
	}
	if n := strings.Count(list, "`"); n != 2*seam.NumMethod() {
		t.Errorf("docs/add-a-bank.md lists %d methods: %s", n/2, list)
	}
}
