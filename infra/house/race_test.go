package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The race detector never looks at the domain's own tests, whose long walks it slows threefold. It could find nothing:
// neither the domain nor its tests start or share anything. Packages above run the same code under the detector.
func TestTheDomainRunsNothingAtOnce(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	for _, line := range []string{"\nPLAIN := ./shared/payment/... ./shared/checkout ./infra/e2e\n",
		"\n\tCGO_ENABLED=1 go test -race ./shared/checkout ./infra/e2e\n"} {
		if err != nil || !strings.Contains(string(makefile), line) {
			t.Errorf("the Makefile leaves out something else than this test looks at: no line %q (%v)", line, err)
		}
	}
	files := 0
	err = filepath.WalkDir(filepath.Join(root, "shared/payment"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if p := strings.Trim(i.Path.Value, `"`); p == "sync" || p == "sync/atomic" || p == "testing/synctest" {
				t.Errorf("%s imports %s", path, p)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt, *ast.ChanType, *ast.SelectStmt:
				t.Errorf("%s: concurrency", set.Position(n.Pos()))
			case *ast.SelectorExpr:
				if name := n.Sel.Name; name == "Parallel" || name == "RunParallel" || name == "AfterFunc" {
					t.Errorf("%s: %s", set.Position(n.Pos()), name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || files < 40 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
