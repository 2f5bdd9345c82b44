//go:build template

package proof

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestToolsArePinned: each Python package is named with its version, so that a run today is a run next year.
func TestToolsArePinned(t *testing.T) {
	files, err := filepath.Glob("tools/*.txt")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	pinned := regexp.MustCompile(`^[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!-]*$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			if !pinned.MatchString(line) {
				t.Errorf("%s: %q is not pinned", file, line)
			}
		}
	}
}

// TestSuppressionsSayWhy: whatever checkov is told not to ask has its reason beside it.
func TestSuppressionsSayWhy(t *testing.T) {
	text, err := os.ReadFile("tools/checkov.yaml")
	if err != nil {
		t.Fatal(err)
	}
	suppressed := regexp.MustCompile(`(?m)^\s*- (CKV\S+)(?: # (.*))?$`).FindAllStringSubmatch(string(text), -1)
	for _, s := range suppressed {
		if len(strings.Fields(s[2])) < 8 {
			t.Errorf("%s is suppressed without a reason", s[1])
		}
	}
	if len(suppressed) == 0 || len(suppressed) != strings.Count(string(text), "CKV") {
		t.Errorf("%d suppressions were read", len(suppressed))
	}
	for _, elsewhere := range []string{"checkov:skip", "checkov: ", "skip:"} {
		if strings.Contains(own(t), elsewhere) {
			t.Errorf("template.yaml suppresses by itself: %s", elsewhere)
		}
	}
}
