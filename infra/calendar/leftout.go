package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// omission is a test that a moved clock must make red, because a program takes part that the go command does not build.
type omission struct {
	pkg, test string // test is a function, or one of its subtests behind a slash
	why       string
}

// leftOut is the whole list. Suites behind a build tag (browser, contract, template) are no part of what `go test
// ./...` runs.
var leftOut = []omission{
	{"kassa/infra/docs", "TestWebhookPrograms/Node", "Node compares the message's time with its own, true clock"},
	{"kassa/infra/docs", "TestWebhookPrograms/PHP", "PHP compares the message's time with its own, true clock"},
	{"kassa/infra/docs", "TestWebhookPrograms/Python", "Python compares the message's time with its own, true clock"},
}

// pattern is what -skip takes to leave out a package's omissions; empty where it has none.
func pattern(list []omission, pkg string) string {
	var names []string
	for _, o := range list {
		if o.pkg != pkg {
			continue
		}
		function, sub, below := strings.Cut(o.test, "/")
		name := "^" + regexp.QuoteMeta(function) + "$"
		if below {
			name += "/^" + regexp.QuoteMeta(sub) + "$"
		}
		names = append(names, name)
	}
	return strings.Join(names, "|")
}

// exists looks for the function, and for its subtest's name as a string, in the tests of the package. What is gone must
// leave the list, or it would hide what gets that name next. root is the module's folder.
func (o omission) exists(root string) error {
	files, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(o.pkg, "kassa/"), "*_test.go"))
	if err != nil {
		return err
	}
	var tests []byte
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // a file of the repository
		if err != nil {
			return err
		}
		tests = append(tests, text...)
	}
	function, sub, below := strings.Cut(o.test, "/")
	found := bytes.Contains(tests, []byte("\nfunc "+function+"("))
	if !found || below && !bytes.Contains(tests, fmt.Appendf(nil, "%q", sub)) {
		return fmt.Errorf("the calendar leaves out %s of %s, and there is no such test: mend leftOut in infra/calendar",
			o.test, o.pkg)
	}
	return nil
}
