package mutant

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// expression notes the mutants of an expression. Beside the one that is woven stands the source as it is, so that no
// text grows with what is in it.
func (w *weaver) expression(e ast.Expr) {
	binary, ok := e.(*ast.BinaryExpr)
	if !ok {
		if w.condition(e) {
			w.note(Negated, e, "!"+w.of(e), "(mutant(%d) != (", "))")
		}
		return
	}
	swapped := func(to token.Token) string { return w.of(binary.X) + " " + to.String() + " " + w.of(binary.Y) }
	choice := func(kind, changed string) {
		w.note(kind, e, changed, "(mutant(%d) && ("+changed+") || !mutant(%d) && (", "))")
	}
	switch binary.Op {
	case token.EQL:
		w.note(Negated, e, swapped(token.NEQ), "(mutant(%d) != (", "))")
	case token.NEQ:
		w.note(Negated, e, swapped(token.EQL), "(mutant(%d) != (", "))")
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		w.note(Negated, e, swapped(opposite[binary.Op]), "(mutant(%d) != (", "))")
		choice(Boundary, swapped(beside[binary.Op]))
	case token.LAND: // in parentheses, since each side may be made of others
		choice(Connective, "("+w.of(binary.X)+") || ("+w.of(binary.Y)+")")
	case token.LOR:
		choice(Connective, "("+w.of(binary.X)+") && ("+w.of(binary.Y)+")")
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		t := w.info.Types[e].Type
		if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&types.IsNumeric != 0 {
			w.closure(Arithmetic, e, t, swapped(inverse[binary.Op]))
		}
	}
}

// What stands in the place of an operator.
var (
	opposite = map[token.Token]token.Token{
		token.LSS: token.GEQ, token.LEQ: token.GTR, token.GTR: token.LEQ, token.GEQ: token.LSS,
	}
	beside = map[token.Token]token.Token{
		token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	}
	inverse = map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
	}
)

// closure notes a mutant of an expression that has a value of a type, if the file has a name for that. It is a function
// that is called on the spot, since Go has no expression that chooses.
func (w *weaver) closure(kind string, e ast.Expr, t types.Type, changed string) {
	if name := w.name(t); name != "" {
		w.note(kind, e, changed, "func() "+name+" { if mutant(%d) { return "+changed+" }; return (", ") }()")
	}
}

// constant notes the mutants of a constant that is no part of another: one for each whole number in it, unless it is an
// index in a list of constants, or a zero beside an error, at which nobody looks.
func (w *weaver) constant(e ast.Expr) {
	switch p := w.parent().(type) {
	case *ast.KeyValueExpr:
		if p.Key == e {
			return
		}
	case *ast.ReturnStmt:
		if results := w.results(); results[len(results)-1] == "error" && w.zero(e) &&
			!w.zero(p.Results[len(p.Results)-1]) {
			return
		}
	}
	t := w.info.Types[e].Type
	basic, ok := t.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsInteger == 0 {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		if number, ok := n.(*ast.BasicLit); ok && number.Kind == token.INT {
			at, end := number.Pos()-e.Pos(), number.End()-e.Pos()
			if text, changed := w.of(e), other(number.Value); changed != "" {
				w.closure(Constant, e, t, text[:at]+changed+text[end:])
			}
		}
		return true
	})
}

// condition says whether an expression is one of those that decide: it is true or false, and not made of comparisons,
// which have mutants of their own.
func (w *weaver) condition(e ast.Expr) bool {
	t := w.info.Types[e]
	if !t.IsValue() {
		return false
	}
	basic, ok := t.Type.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsBoolean == 0 {
		return false
	}
	if _, ok := e.(*ast.ParenExpr); ok {
		return false // what is in it has one
	}
	if not, ok := e.(*ast.UnaryExpr); ok && compares(not.X) {
		return false
	}
	switch p := w.parent().(type) {
	case *ast.IfStmt, *ast.ForStmt, *ast.ReturnStmt, *ast.ParenExpr:
		return true
	case *ast.BinaryExpr:
		return p.Op == token.LAND || p.Op == token.LOR
	case *ast.CaseClause:
		s, ok := w.stack[len(w.stack)-3].(*ast.SwitchStmt)
		return ok && s.Tag == nil
	}
	return false
}

// compares says whether an expression, without its parentheses, is made of others.
func compares(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.BinaryExpr)
	return ok
}

// statement notes the mutants of a statement that is one of a list.
func (w *weaver) statement(s ast.Stmt) {
	if !w.listed(s) {
		return
	}
	drop := func() { w.note(Dropped, s, "", "if !mutant(%d) { ", " }") }
	swap := func(changed string) { w.note(Arithmetic, s, changed, "if mutant(%d) { "+changed+" } else { ", " }") }
	switch s := s.(type) {
	case *ast.ExprStmt:
		if call, ok := s.X.(*ast.CallExpr); !ok || w.of(call.Fun) != "panic" { // a function must end
			drop()
		}
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE && !nothing(s) {
			drop()
		}
		if to, ok := inverse[s.Tok]; ok && w.numeric(s.Lhs[0]) {
			swap(w.of(s.Lhs[0]) + " " + to.String() + " " + w.of(s.Rhs[0]))
		}
	case *ast.IncDecStmt:
		drop()
		swap(strings.NewReplacer("++", "--", "--", "++").Replace(w.of(s)))
	case *ast.SendStmt, *ast.DeferStmt, *ast.RangeStmt:
		drop()
	case *ast.BranchStmt: // not a goto, and not a fallthrough, which must be the last of its case
		if s.Tok == token.CONTINUE || s.Tok == token.BREAK {
			drop()
		}
	case *ast.IfStmt: // a check with all that it guards: what a hurried hand forgets
		if s.Else == nil {
			drop()
		}
	case *ast.ForStmt: // a loop without an end is where a function may end
		if s.Cond != nil {
			drop()
		}
	case *ast.ReturnStmt:
		w.returns(s)
	}
}

// nothing says whether an assignment assigns to nothing but the blank.
func nothing(s *ast.AssignStmt) bool {
	for _, l := range s.Lhs {
		if name, ok := l.(*ast.Ident); !ok || name.Name != "_" {
			return false
		}
	}
	return true
}

func (w *weaver) numeric(e ast.Expr) bool {
	t := w.info.Types[e].Type
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// returns notes a mutant for each value that a statement returns: its type's zero, which for an error is that there was
// none. What is true or false has those of conditions. What a call gives is taken apart first, so that the call is made
// and one of its values lost.
func (w *weaver) returns(s *ast.ReturnStmt) {
	results := w.results()
	switch {
	case len(s.Results) == len(results):
		for i, e := range s.Results {
			if results[i] == "bool" || w.zero(e) {
				continue
			}
			parts := make([]string, len(results))
			for k, r := range s.Results {
				parts[k] = w.of(r)
			}
			parts[i] = "*new(" + results[i] + ")"
			w.returned(s, results[i], i, "", strings.Join(parts, ", "))
		}
	case len(s.Results) == 1: // what a call gives
		names := make([]string, len(results))
		for i := range results {
			names[i] = fmt.Sprintf("mutant%d", i)
		}
		called := strings.Join(names, ", ") + " := " + w.of(s.Results[0]) + "; "
		for i := range results {
			parts := append([]string{}, names...)
			parts[i] = "*new(" + results[i] + ")"
			w.returned(s, results[i], i, called+"_ = "+names[i]+"; ", strings.Join(parts, ", "))
		}
	}
}

func (w *weaver) returned(s *ast.ReturnStmt, result string, i int, before, values string) {
	kind, shown := ZeroValue, fmt.Sprintf("the zero %s, value %d", result, i+1)
	if result == "error" {
		kind, shown = NilError, "nil"
	}
	w.note(kind, s, shown, "if mutant(%d) { "+before+"return "+values+" }; ", "")
}

// results are the types that the innermost function returns.
func (w *weaver) results() (all []string) {
	var f *ast.FuncType
	for _, n := range w.stack {
		switch n := n.(type) {
		case *ast.FuncDecl:
			f = n.Type
		case *ast.FuncLit:
			f = n.Type
		}
	}
	if f.Results == nil {
		return nil
	}
	for _, field := range f.Results.List {
		for range max(1, len(field.Names)) {
			all = append(all, w.of(field.Type))
		}
	}
	return all
}

// zero says whether an expression is a zero value as it stands.
func (w *weaver) zero(e ast.Expr) bool {
	switch v := w.info.Types[e].Value; {
	case v == nil:
		return w.of(e) == "nil" || strings.HasSuffix(w.of(e), "{}")
	case v.Kind() == constant.Int || v.Kind() == constant.Float:
		return constant.Sign(v) == 0
	case v.Kind() == constant.String:
		return constant.StringVal(v) == ""
	}
	return false
}
