package house

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// share is how many of an area's lines hold a comment, alone or behind code. Lines that hold nothing do not count.
type share struct{ comments, lines int }

func (s share) percent() float64 { return 100 * float64(s.comments) / float64(max(1, s.lines)) }

// TestComments holds how much of the code, tests aside, is comment: too little leaves a newcomer guessing, too much
// repeats the code. Under infra a little less will do, since the help of a command and the texts of a shop
// are lines of code that explain themselves.
func TestComments(t *testing.T) {
	areas := map[string]share{}
	walk(t, func(path string, source []byte) {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		area, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		one := shareOf(source)
		for _, name := range []string{area, ""} {
			all := areas[name]
			areas[name] = share{all.comments + one.comments, all.lines + one.lines}
		}
	})
	for area, least := range map[string]float64{"": 15, "shared": 15, "functions": 15, "infra": 14} {
		s := areas[area]
		if got := s.percent(); got < least || got > 25 {
			t.Errorf("%q: %.1f %% of %d lines hold a comment, the budget is %g to 25", area, got, s.lines, least)
		}
		t.Logf("%q: %.1f %% of %d lines", area, s.percent(), s.lines)
	}
	sample := "// Package x is one line.\npackage x\n\n/* two\nlines */\nvar s = `\n// a document\n` // behind code\n"
	if got := shareOf([]byte(sample)); got != (share{4, 7}) {
		t.Errorf("the sample has %+v, want 4 of 7 lines", got)
	}
}

// TestCommentsNameWhatIsHere: a source that the reader does not have is none.
func TestCommentsNameWhatIsHere(t *testing.T) {
	elsewhere := regexp.MustCompile(`\bDESIGN\b|\bfacts/|\([Ff]acts\b|\b[Ff]acts [A-Z]?\d`)
	check := func(path string, text []byte) {
		for _, found := range elsewhere.FindAll(text, -1) {
			t.Errorf("%s names %s, which is not in the repository: say what it says", path, found)
		}
	}
	walk(t, func(path string, source []byte) {
		if !strings.HasSuffix(path, filepath.Join("house", "comments_test.go")) {
			check(path, source)
		}
	})
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(documents) < 8 {
		t.Fatalf("%d documents (%v)", len(documents), err)
	}
	for _, path := range append(documents, filepath.Join(root, "README.md"), filepath.Join(root, "template.yaml"),
		filepath.Join(root, "shared", "api", "openapi.yaml")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		check(path, text)
	}
	if !elsewhere.MatchString("// as it says (facts A5)") || elsewhere.MatchString("// artefacts/code.zip, three facts") {
		t.Error("the rule does not see what it is for")
	}
}

// shareOf counts by tokens, so that what stands between backquotes is no comment.
func shareOf(source []byte) share {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	lines, comments := map[int]bool{}, map[int]bool{}
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return share{len(comments), len(lines)}
		}
		if kind == token.SEMICOLON && text == "\n" { // the scanner's own
			continue
		}
		first := file.Line(pos)
		for line := first; line <= first+strings.Count(text, "\n"); line++ {
			lines[line] = true
			if kind == token.COMMENT {
				comments[line] = true
			}
		}
	}
}
