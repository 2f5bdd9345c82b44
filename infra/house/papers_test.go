package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// place is where a test makes a certificate, or hands somebody a clock.
type place struct {
	at    token.Position
	paper bool // a certificate is made
	from  source
}

// places are all of them in a package.
func (s *suite) places() (all []place) {
	for before := -1; before != len(s.makers); { // a function that hands a time on to a maker is one, too
		before = len(s.makers)
		for _, file := range s.files {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if ok && f.Body != nil && slices.ContainsFunc(f.Type.Params.List, givesTime) && len(s.within(f.Body, nil)) > 0 {
					s.makers[f.Name.Name] = true
				}
			}
		}
	}
	for _, file := range s.files {
		for _, d := range file.Decls {
			local := map[string][]ast.Node{}
			if f, ok := d.(*ast.FuncDecl); ok {
				local = locals(f)
			}
			all = append(all, s.within(d, local)...)
			all = append(all, s.clocks(d, local)...)
		}
	}
	return all
}

// locals are the names that a function's parameters and assignments have, and what they are made of.
func locals(f *ast.FuncDecl) map[string][]ast.Node {
	local := map[string][]ast.Node{}
	for _, p := range f.Type.Params.List {
		for _, n := range p.Names {
			local[n.Name] = nil // whoever calls knows
		}
	}
	if f.Body == nil {
		return local
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for i, left := range a.Lhs {
				if x, ok := left.(*ast.Ident); ok {
					local[x.Name] = append(local[x.Name], a.Rhs[min(i, len(a.Rhs)-1)])
				}
			}
		}
		return true
	})
	return local
}

// within are the certificates that are made in a node.
func (s *suite) within(n ast.Node, local map[string][]ast.Node) (found []place) {
	add := func(n ast.Node) {
		found = append(found, place{s.set.Position(n.Pos()), true, s.of(n, local, nil)})
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if name(n.Type) == "x509.Certificate" {
				add(n)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if field, ok := left.(*ast.SelectorExpr); ok && (field.Sel.Name == "NotBefore" || field.Sel.Name == "NotAfter") {
					add(n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.CallExpr:
			called, short := name(n.Fun), ""
			if field, ok := n.Fun.(*ast.SelectorExpr); ok {
				short = field.Sel.Name
			}
			if s.makers[called] || s.makers[short] {
				for _, a := range n.Args {
					add(a)
				}
			}
		}
		return true
	})
	return found
}

// clocks are the fields Now, and Time of a TLS configuration, that are set in a node.
func (s *suite) clocks(n ast.Node, local map[string][]ast.Node) (found []place) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				field, ok := e.(*ast.KeyValueExpr)
				if ok && (name(field.Key) == "Now" || name(field.Key) == "Time" && name(n.Type) == "tls.Config") {
					found = append(found, place{s.set.Position(n.Pos()), false, s.of(field.Value, local, nil)})
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Now" {
					found = append(found, place{s.set.Position(n.Pos()), false, s.of(n.Rhs[min(i, len(n.Rhs)-1)], local, nil)})
				}
			}
		}
		return true
	})
	return found
}

// complaints name each certificate that goes by another clock than its test. A date that the package has a name for
// counts for all its files; today's clock only in its own, for a package may hold tests of both kinds.
func (s *suite) complaints() (all []string) {
	places, fixed := s.places(), false
	for _, n := range s.named {
		fixed = fixed || s.look(n, nil, nil).fixed
	}
	for _, p := range places {
		fixed = fixed || p.from.fixed
	}
	for _, p := range places {
		if !p.paper {
			continue
		}
		if p.from.today && fixed {
			all = append(all, fmt.Sprintf("%s: this certificate is made today (time.Now), and a clock of the package's tests "+
				"stands on a date: make it by that clock", p.at))
		}
		today := slices.ContainsFunc(places, func(o place) bool { return o.from.today && o.at.Filename == p.at.Filename })
		if p.from.fixed && today {
			all = append(all, fmt.Sprintf("%s: this certificate is made for a date, and a clock of this file shows today "+
				"(time.Now): make both by one clock", p.at))
		}
	}
	return all
}
