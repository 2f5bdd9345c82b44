package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// termRow is a row of the glossary: a term, its Go name, and a sentence.
var termRow = regexp.MustCompile("(?m)^\\| ([^|`]+) \\| `([^`|]+)` \\| ([^|]+) \\|$")

// TestEveryTermHasItsGoName: the glossary names what there is, each term once and in one sentence.
func TestEveryTermHasItsGoName(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := termRow.FindAllStringSubmatch(string(page), -1)
	if lines := strings.Count(string(page), "\n| ") - 2*strings.Count(string(page), "\n| ---"); len(rows) < 40 ||
		len(rows) != lines {
		t.Fatalf("%d terms can be read, of %d rows", len(rows), lines)
	}
	names, terms := declared(t, "shared", "infra"), map[string]bool{}
	for _, row := range rows {
		if term := row[1]; terms[term] {
			t.Errorf("%q means two things", term)
		}
		terms[row[1]] = true
		if !names[row[2]] {
			t.Errorf("%q is carried by %s, which there is not", row[1], row[2])
		}
		if strings.Count(row[3], ". ")+strings.Count(row[3], ".\n") > 0 || !strings.HasSuffix(row[3], ".") {
			t.Errorf("%q has not one sentence: %s", row[1], row[3])
		}
	}
}

// declared are the exported names below some folders, as other packages write them: package.Name, package.Type.Member.
func declared(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, d := range file.Decls {
				collect(names, file.Name.Name+".", d)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func collect(names map[string]bool, prefix string, d ast.Decl) {
	if f, is := d.(*ast.FuncDecl); is {
		if f.Recv != nil {
			receiver := f.Recv.List[0].Type
			if pointer, is := receiver.(*ast.StarExpr); is {
				receiver = pointer.X
			}
			if named, is := receiver.(*ast.Ident); is {
				prefix += named.Name + "."
			}
		}
		names[prefix+f.Name.Name] = f.Name.IsExported()
		return
	}
	for _, spec := range d.(*ast.GenDecl).Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				names[prefix+name.Name] = name.IsExported()
			}
		case *ast.TypeSpec:
			names[prefix+spec.Name.Name] = spec.Name.IsExported()
			if members, is := spec.Type.(*ast.StructType); is {
				for _, field := range members.Fields.List {
					for _, name := range field.Names {
						names[prefix+spec.Name.Name+"."+name.Name] = name.IsExported()
					}
				}
			}
		}
	}
}
