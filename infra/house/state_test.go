package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoPackageHoldsState: a variable of a package is written where it is declared and nowhere else, so that two stacks
// in one process, and two tests at once, share nothing. What is left are constants that Go has no word for: errors,
// tables, compiled expressions, embedded files, and what is made once out of these.
func TestNoPackageHoldsState(t *testing.T) {
	sources := map[string][][]byte{} // by the package's folder
	walk(t, func(path string, source []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			sources[filepath.Dir(path)] = append(sources[filepath.Dir(path)], source)
		}
	})
	seen := 0
	for dir, files := range sources {
		written, declared := writtenVariables(t, files)
		seen += declared
		for _, w := range written {
			t.Errorf("%s: %s; keep it in a value that somebody makes", dir, w)
		}
	}
	if seen < 100 {
		t.Errorf("%d variables of packages were seen: the rule no longer sees them", seen)
	}
}

// TestTheRuleOfStateFindsWhatItIsFor.
func TestTheRuleOfStateFindsWhatItIsFor(t *testing.T) {
	for code, spoiled := range map[string]bool{
		"var n int\nfunc f() { n++ }":                                    true,
		"var n int\nfunc f() { n = 1 }":                                  true,
		"var n int\nfunc f() { _, n = 1, 2 }":                            true,
		"var n int\nfunc f() { p := &n; _ = p }":                         true,
		"var s struct{ a []int }\nfunc f() { s.a[0] = 1 }":               true,
		"var m = map[string]int{}\nfunc f() { m[`a`] = 1 }":              true,
		"var m = map[string]int{}\nfunc f() { delete(m, `a`) }":          true,
		"var n int\nfunc f() { for n = range 3 {} }":                     true,
		"var m = make(map[string]int)":                                   true,
		"import `sync`\nvar mu sync.Mutex":                               true,
		"import `sync/atomic`\nvar n atomic.Int64":                       true,
		"import `bytes`\nvar b bytes.Buffer":                             true,
		"var e = []int{1}\nfunc f() []int { return e }":                  false,
		"var n int\nfunc f() { n := 1; n++ }":                            false,
		"var n int\nfunc f(n int) { n = 2 }":                             false,
		"import `sync`\nvar f = sync.OnceValue(func() int { return 1 })": false,
	} {
		if written, _ := writtenVariables(t, [][]byte{[]byte("package x\n" + code + "\n")}); (len(written) > 0) != spoiled {
			t.Errorf("%q: %q", code, written)
		}
	}
	written, _ := writtenVariables(t, [][]byte{[]byte("package x\nvar n int\n"), []byte("package x\nfunc f() { n++ }\n")})
	if len(written) != 1 {
		t.Errorf("written from another file: %q", written)
	}
}

// stateful are types that are of no use unless they change.
var stateful = regexp.MustCompile(`^\*?(sync\.(Mutex|RWMutex|Map|Pool|Once|WaitGroup)|atomic\.\w+|bytes\.Buffer|` +
	`strings\.Builder)$`)

// writtenVariables says of the files of one package which of its variables are changed, and how many it has.
func writtenVariables(t *testing.T, sources [][]byte) (written []string, declared int) {
	t.Helper()
	set, variables := token.NewFileSet(), map[string]bool{}
	var files []*ast.File
	for _, source := range sources {
		file, err := parser.ParseFile(set, "", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		for _, d := range file.Decls {
			general, ok := d.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				one := spec.(*ast.ValueSpec)
				for _, name := range one.Names {
					variables[name.Name] = name.Name != "_"
				}
				if changing(set, source, one) {
					written = append(written, one.Names[0].Name+" is of a type that is there to be changed")
				}
			}
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, target := range targets(n) {
				name := rootOf(target)
				if name != nil && variables[name.Name] && (name.Obj == nil || name.Obj == file.Scope.Lookup(name.Name)) {
					written = append(written, fmt.Sprintf("the variable %s is changed, or handed out to be", name.Name))
				}
			}
			return true
		})
	}
	return written, len(variables)
}

// changing says whether a variable is declared as something that is empty until it is changed.
func changing(set *token.FileSet, source []byte, v *ast.ValueSpec) bool {
	if v.Type != nil && stateful.Match(source[set.Position(v.Type.Pos()).Offset:set.Position(v.Type.End()).Offset]) {
		return true
	}
	return slices.ContainsFunc(v.Values, func(value ast.Expr) bool {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		f, ok := call.Fun.(*ast.Ident)
		return ok && (f.Name == "make" || f.Name == "new")
	})
}

// targets are what a node of the code changes, or takes the address of.
func targets(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear" || f.Name == "copy") {
			return n.Args[:1]
		}
	}
	return nil
}

// rootOf is the variable that an expression leads from; nil where it is none.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
