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
)

// TestCertificatesAreMadeByTheTestsClock: a certificate that is valid today, beside a clock that stands on a date, is
// out of date on some later day for that clock, or the clock for it; and so is one of a fixed date beside a clock that
// shows today.
func TestCertificatesAreMadeByTheTestsClock(t *testing.T) {
	packages := map[string]*suite{}
	walk(t, func(path string, source []byte) {
		if dir := filepath.Dir(path); strings.HasSuffix(path, "_test.go") || strings.HasSuffix(dir, "test") {
			if packages[dir] == nil {
				packages[dir] = newSuite()
			}
			packages[dir].add(t, path, source)
		}
	})
	papers := 0
	for _, s := range packages {
		for _, complaint := range s.complaints() {
			t.Error(complaint)
		}
		if slices.ContainsFunc(s.places(), func(p place) bool { return p.paper }) {
			papers++
		}
	}
	if papers < 5 { // the two banks, their simulators, the wire, the checkout, the command's folder
		t.Errorf("only %d packages make certificates: the rule no longer sees them", papers)
	}
}

// TestTheRuleOfClocksFindsWhatItIsFor, in packages that are spoiled, and finds nothing in those that are not.
func TestTheRuleOfClocksFindsWhatItIsFor(t *testing.T) {
	const pkg = "package x\n"
	const noon = pkg + "var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)\n"
	const issue = pkg + "func issue(until time.Time) []byte { return sign(x509.Certificate{NotAfter: until}) }\n"
	for name, c := range map[string]struct {
		spoiled bool
		files   []string
	}{
		"PKI of today beside a variable": {true, []string{
			noon, pkg + "func f() { LoadOrCreatePKI(dir, id, time.Now()) }",
		}},
		"PKI by today's clock": {true, []string{
			noon, pkg + "var pki = sync.OnceValues(func() (*PKI, error) { return LoadOrCreatePKI(dir, id, time.Now) })",
		}},
		"PKI of an inner room": {true, []string{noon, pkg + "func f() { authority.Load(dir, id, time.Now()) }"}},
		"beside a clock in place": {true, []string{
			pkg + "func f() { New(Options{Now: func() time.Time { return time.Unix(1795000000, 0) }}); " +
				"LoadOrCreatePKI(dir, id, time.Now()) }",
		}},
		"a template of today": {true, []string{
			noon, pkg + "var c = &x509.Certificate{NotAfter: time.Now().Add(time.Hour)}",
		}},
		"a template changed later": {true, []string{noon, pkg + "func f() { c.NotBefore = time.Now() }"}},
		"today in a variable": {true, []string{
			noon, pkg + "func f() { now := time.Now(); later := now.Add(5); c := x509.Certificate{NotAfter: later} }",
		}},
		"today in a function": {true, []string{
			noon, issue, pkg + "func soon() time.Time { return time.Now().Add(5) }\nfunc f() { issue(soon()) }",
		}},
		"today handed on": {true, []string{
			noon, issue, pkg + "func leaf(u time.Time) []byte { return issue(u) }\nfunc f() { leaf(time.Now()) }",
		}},
		"today in a field": {true, []string{
			noon, pkg + "var w = world{clock: time.Now}\nfunc f() { LoadOrCreatePKI(dir, id, w.clock) }",
		}},
		"a fixed template beside today's clock": {true, []string{
			pkg + "func f() { New(Options{Now: time.Now}); " +
				"c := x509.Certificate{NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)} }",
		}},
		"a fixed PKI beside today's TLS": {true, []string{
			noon + "func f() { LoadOrCreatePKI(dir, id, func() time.Time { return noon }); " +
				"use(&tls.Config{Time: time.Now}) }",
		}},

		"both of a date": {false, []string{
			noon, pkg + "func f() { New(Options{Now: at(noon)}); LoadOrCreatePKI(dir, id, at(noon)) }",
		}},
		"both of today": {false, []string{
			issue, pkg + "func f() { New(Options{Now: time.Now}); issue(time.Now().Add(5)) }",
		}},
		"a measured duration beside them": {false, []string{
			noon, pkg + "func f() { began := time.Now(); LoadOrCreatePKI(dir, id, at(noon)); use(time.Since(began)) }",
		}},
		"dates that are no clock": {false, []string{
			pkg + "func f() { check(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); " +
				"issue(x509.Certificate{NotAfter: time.Now()}) }",
		}},
		"today's clock in another file": {false, []string{
			noon + "func f() { LoadOrCreatePKI(dir, id, at(noon)) }", pkg + "func g() { New(Options{Now: time.Now}) }",
		}},
		"another test's variable of a name": {false, []string{
			noon, pkg + "func f() { now := time.Now(); use(now) }\nfunc g() { now := noon; " +
				"LoadOrCreatePKI(dir, id, now) }",
		}},
		"a moment that moves with the clock": {false, []string{
			noon, pkg + "func f(now time.Time) { c.NotAfter = now.Add(5) }\nfunc g() { f(noon.Add(5)); f(noon) }",
		}},
	} {
		s := newSuite()
		for i, file := range c.files {
			s.add(t, fmt.Sprintf("%d_test.go", i), []byte(file))
		}
		if complaints := s.complaints(); (len(complaints) > 0) != c.spoiled {
			t.Errorf("%s: %q", name, complaints)
		}
	}
}

// suite is the tests of one package. Names are looked up without types: a function, a variable of the package or a
// field is known by its name alone.
type suite struct {
	set    *token.FileSet
	files  []*ast.File
	names  map[string][]ast.Node // what the package's functions, variables and fields are made of
	named  []string              // variables of the package, and functions that give a time or a clock
	makers map[string]bool       // functions that make a certificate of a time that they are given
}

func newSuite() *suite {
	makers := map[string]bool{"LoadOrCreatePKI": true, "authority.Load": true}
	return &suite{set: token.NewFileSet(), names: map[string][]ast.Node{}, makers: makers}
}

func (s *suite) add(t *testing.T, path string, source []byte) {
	t.Helper()
	file, err := parser.ParseFile(s.set, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s.files = append(s.files, file)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && d.Type.Results != nil && slices.ContainsFunc(d.Type.Results.List, givesTime) {
				s.define(d.Name.Name, d.Body)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for i := range min(len(v.Names), len(v.Values)) {
						s.define(v.Names[i].Name, v.Values[i])
					}
				}
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if field, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := field.Key.(*ast.Ident); ok {
				s.names[key.Name] = append(s.names[key.Name], field.Value)
			}
		}
		return true
	})
}

func (s *suite) define(name string, made ast.Node) {
	s.names[name] = append(s.names[name], made)
	s.named = append(s.named, name)
}

// givesTime says whether a result or parameter is a time.Time, or a function, which may be a clock.
func givesTime(f *ast.Field) bool {
	_, function := f.Type.(*ast.FuncType)
	return function || name(f.Type) == "time.Time"
}

// name is how an identifier or a selector is written; empty for anything else.
func name(e ast.Node) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// source is where a time comes from.
type source struct{ today, fixed bool }

func (a source) and(b source) source { return source{a.today || b.today, a.fixed || b.fixed} }

// of says where the times in a node come from. Names of the function around it, local, come before those of the
// package.
func (s *suite) of(n ast.Node, local map[string][]ast.Node, seen []string) (from source) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called := name(n.Fun); (called == "time.Date" || called == "time.Unix") && len(n.Args) > 0 {
				_, literal := n.Args[0].(*ast.BasicLit)
				from.fixed = from.fixed || literal
			}
		case *ast.SelectorExpr:
			from.today = from.today || name(n) == "time.Now"
			from = from.and(s.of(n.X, local, seen)).and(s.look(n.Sel.Name, nil, seen))
			return false
		case *ast.KeyValueExpr:
			from = from.and(s.of(n.Value, local, seen))
			return false
		case *ast.Ident:
			from = from.and(s.look(n.Name, local, seen))
		}
		return true
	})
	return from
}

func (s *suite) look(name string, local map[string][]ast.Node, seen []string) (from source) {
	made, here := local[name]
	if !here {
		made = s.names[name]
	}
	if slices.Contains(seen, name) {
		return from
	}
	for _, n := range made {
		from = from.and(s.of(n, local, append(slices.Clone(seen), name)))
	}
	return from
}
