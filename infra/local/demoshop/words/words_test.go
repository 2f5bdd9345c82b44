package words

import (
	"regexp"
	"strings"
	"testing"
)

// TestEveryTextIsThere in each language, and none is left as it was in another.
func TestEveryTextIsThere(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	same := regexp.MustCompile(`^(goods\.\w+\.name|lang\.name|market\.BYN\.country|who\.(bank|operator))$`)
	if problems := table.Problems(same); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}
