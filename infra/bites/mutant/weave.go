package mutant

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// weaver goes through one file.
type weaver struct {
	set    *token.FileSet
	info   *types.Info
	own    *types.Package
	file   *ast.File
	source []byte
	into   *Package

	place string     // the sum of the declaration that is visited
	stack []ast.Node // from the file down to what is visited
	wraps []wrap     // outer ones before inner ones
}

// wrap puts two texts around a piece of the source.
type wrap struct {
	start, end     int
	before, behind string
}

// visit notes the mutants of a node.
func (w *weaver) visit(n ast.Node) bool {
	if n == nil {
		w.stack = w.stack[:len(w.stack)-1]
		return true
	}
	if declared, ok := n.(ast.Decl); ok && len(w.stack) == 1 {
		w.place = w.sum(declared)
	}
	switch n := n.(type) {
	case *ast.GenDecl:
		if n.Tok == token.CONST || n.Tok == token.IMPORT || n.Tok == token.TYPE {
			w.constants(n)
			return false
		}
	case *ast.ArrayType:
		return false // its length must be a constant
	case ast.Stmt:
		w.statement(n)
	case ast.Expr:
		if w.info.Types[n].Value != nil {
			w.constant(n)
			return false
		}
		w.expression(n)
	}
	w.stack = append(w.stack, n)
	return true
}

// parent is what the visited node stands in.
func (w *weaver) parent() ast.Node { return w.stack[len(w.stack)-1] }

// listed says whether the visited statement is one of a list, so that another may take its place.
func (w *weaver) listed(s ast.Stmt) bool {
	switch p := w.parent().(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	case *ast.CommClause:
		return p.Comm != s
	}
	return false
}

// note adds a mutant of a node, which will be wrapped as the two texts say; mutant(%d) in them asks for this one.
func (w *weaver) note(kind string, n ast.Node, changed, before, behind string) {
	m := w.mutant(kind, n, changed)
	w.wraps = append(w.wraps, wrap{w.offset(n.Pos()), w.offset(n.End()),
		strings.ReplaceAll(before, "mutant(%d)", fmt.Sprintf("mutant(%d)", m.Number)), behind})
}

// mutant adds a mutant of a node to the package's.
func (w *weaver) mutant(kind string, n ast.Node, changed string) *Mutant {
	at := w.set.Position(n.Pos())
	w.into.Mutants = append(w.into.Mutants, Mutant{Number: len(w.into.Mutants) + 1, File: at.Filename, Line: at.Line,
		In: w.function(), Kind: kind, Old: oneLine(w.of(n)), New: oneLine(changed), Place: w.place})
	return &w.into.Mutants[len(w.into.Mutants)-1]
}

// constants notes the numbers of a declaration of constants. No condition can stand in there, so each of them costs a
// compilation of its own. They are few, and worth it: most of them say how long something may take, or how much of it
// there may be.
func (w *weaver) constants(d *ast.GenDecl) {
	if d.Tok != token.CONST {
		return
	}
	ast.Inspect(d, func(n ast.Node) bool {
		number, ok := n.(*ast.BasicLit)
		if !ok || number.Kind != token.INT {
			return true
		}
		if changed := other(number.Value); changed != "" {
			m := w.mutant(Constant, number, changed)
			m.Alone = true
			m.text = slices.Concat(w.source[:w.offset(number.Pos())], []byte(changed), w.source[w.offset(number.End()):])
			m.Old = oneLine(w.of(d))
			if spec := specOf(d, number); spec != nil {
				m.Old = oneLine(w.of(spec))
				m.New = strings.Replace(m.Old, number.Value, changed, 1)
			}
		}
		return true
	})
}

// specOf is the line of a declaration that a node stands in.
func specOf(d *ast.GenDecl, n ast.Node) ast.Node {
	for _, s := range d.Specs {
		if s.Pos() <= n.Pos() && n.End() <= s.End() {
			return s
		}
	}
	return nil
}

// sum is a short one of a declaration. The file was read without its comments, so they are not in it.
func (w *weaver) sum(d ast.Decl) string {
	var b strings.Builder
	if err := format.Node(&b, w.set, d); err != nil { // what was parsed can be printed
		panic(err) //nolint:forbidigo // a declaration that cannot be printed is a mistake of this program's
	}
	whole := sha256.Sum256([]byte(strings.Join(strings.Fields(b.String()), " ")))
	return hex.EncodeToString(whole[:5])
}

// function names the function that the visited node stands in.
func (w *weaver) function() string {
	for _, n := range w.stack {
		if f, ok := n.(*ast.FuncDecl); ok {
			if f.Recv == nil {
				return f.Name.Name
			}
			receiver := strings.TrimPrefix(w.of(f.Recv.List[0].Type), "*")
			return receiver + "." + f.Name.Name
		}
	}
	return "package"
}

// text is the source with everything woven in, on the lines where it stood. Where one piece ends another may begin;
// ends come first, inner ones before outer ones.
func (w *weaver) text() string {
	at := map[int][]string{}
	for i := len(w.wraps) - 1; i >= 0; i-- {
		at[w.wraps[i].end] = append(at[w.wraps[i].end], w.wraps[i].behind)
	}
	for _, p := range w.wraps {
		at[p.start] = append(at[p.start], p.before)
	}
	var b strings.Builder
	last := 0
	for _, offset := range slices.Sorted(maps.Keys(at)) {
		b.Write(w.source[last:offset])
		b.WriteString(strings.Join(at[offset], ""))
		last = offset
	}
	b.Write(w.source[last:])
	return b.String()
}

func (w *weaver) offset(p token.Pos) int { return w.set.Position(p).Offset }

// of is the source of a node.
func (w *weaver) of(n ast.Node) string { return string(w.source[w.offset(n.Pos()):w.offset(n.End())]) }

// name is how the file calls a type, or nothing where it cannot.
func (w *weaver) name(t types.Type) string {
	if basic, ok := t.(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	known := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == w.own {
			return ""
		}
		for _, i := range w.file.Imports {
			if called, _ := strconv.Unquote(i.Path.Value); called == p.Path() {
				if i.Name != nil {
					return i.Name.Name
				}
				return path.Base(p.Name())
			}
		}
		known = false
		return p.Name()
	})
	if !known {
		return ""
	}
	return name
}

// other is the whole number after the one of a literal, or before it where that is the last of its kind.
func other(literal string) string {
	n, err := strconv.ParseInt(literal, 0, 64)
	switch {
	case err != nil:
		return ""
	case n == 127 || n == 255 || n == 65535:
		return fmt.Sprint(n - 1)
	}
	return fmt.Sprint(n + 1)
}

// oneLine is a piece of source on one line, cut where it is long.
func oneLine(s string) string {
	var kept []string
	for line := range strings.Lines(s) {
		if line, _, _ = strings.Cut(line, "//"); strings.TrimSpace(line) != "" {
			kept = append(kept, strings.Join(strings.Fields(line), " "))
		}
	}
	s = strings.Join(kept, " ")
	if letters := []rune(s); len(letters) > 100 {
		s = string(letters[:97]) + "..."
	}
	return s
}
