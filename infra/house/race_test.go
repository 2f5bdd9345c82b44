package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWhatRunsAtOnceIsRaced: make test and make race find by a pattern what the race detector has to look at. A package
// that starts or waits for something and has no such line would be tested without it by every target.
func TestWhatRunsAtOnceIsRaced(t *testing.T) {
	pattern := atOnce(t)
	raced, running := map[string]bool{}, map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			if err == nil && entry.IsDir() && (entry.Name() == "testdata" || path != root && entry.Name()[0] == '.') {
				return filepath.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		raced[folder] = raced[folder] || pattern.Match(text)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if concurrent(n) {
				running[folder] = append(running[folder], set.Position(n.Pos()).String())
			}
			return true
		})
		return nil
	})
	for folder, places := range running {
		if !raced[folder] {
			t.Errorf("%s runs something at once, and the Makefile's ATONCE finds no line of it", places)
		}
	}
	if err != nil || len(raced) < 80 || len(running) < 25 {
		t.Errorf("%d packages were read, of which %d run something at once: %v", len(raced), len(running), err)
	}
}

// atOnce is the Makefile's pattern.
func atOnce(t *testing.T) *regexp.Regexp {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"\n\t@CGO_ENABLED=1 go test -race -vet=off '-ldflags=-s -w' $$($(RACED) | grep -vxF \"$$(go list $(SLOW))\")\n",
		"\n\tCGO_ENABLED=1 go test -race -vet=off '-ldflags=-s -w' -short -timeout 30m " +
			"$$(printf '%s\\n' $(filter-out ./infra/e2e,$(SLOW)) | \\\n"} {
		if !strings.Contains(string(makefile), line) {
			t.Errorf("no line of the Makefile holds %q", line)
		}
	}
	_, after, found := strings.Cut(string(makefile), "\nATONCE := ")
	if !found {
		t.Fatal("the Makefile has no ATONCE")
	}
	line, _, _ := strings.Cut(after, "\n")
	return regexp.MustCompile("(?m)" + strings.ReplaceAll(line, "$$", "$"))
}

// concurrent says whether a node starts something at once, or hands it on.
func concurrent(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt, *ast.SelectStmt:
		return true
	case *ast.CallExpr:
		method, ok := n.Fun.(*ast.SelectorExpr)
		return ok && slices.Contains([]string{"Parallel", "RunParallel"}, method.Sel.Name)
	}
	return false
}
