package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMakeTestHidesNoFailure: where one of its halves fails, or the packages cannot be listed, it fails and says which.
func TestMakeTestHidesNoFailure(t *testing.T) {
	folder := t.TempDir()
	const command = `#!/bin/sh
case "$*" in
"env CC") echo sh ;;
"list ./...") [ "$BROKEN" != list ] && printf 'kassa/slow\nkassa/raced\nkassa/plain\n' ;;
"list ./infra/e2e "*) echo kassa/slow ;;
list*) printf 'kassa/slow\nkassa/raced\n' ;;
"test -race "*" kassa/raced") [ "$BROKEN" != raced ] ;;
"test -p "*" kassa/slow kassa/plain" | "test -p "*" kassa/slow") [ "$BROKEN" != unraced ] ;;
*) exit 9 ;;
esac
`
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte(command), 0o700); err != nil {
		t.Fatal(err)
	}
	for broken, want := range map[string]string{"": "", "raced": ": raced] Error 1", "unraced": ": unraced] Error 1",
		"list": ": unraced] Error 1"} {
		c := exec.CommandContext(t.Context(), "make", "test")
		c.Dir = root
		c.Env = append(os.Environ(), "MAKEFLAGS=", "LC_ALL=C", "BROKEN="+broken,
			"PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
		said, err := c.CombinedOutput()
		if (err != nil) != (want != "") || !strings.Contains(string(said), want) ||
			want != "" && strings.Count(string(said), "] Error 1") != 1 {
			t.Errorf("%q: %v\n%s", broken, err, said)
		}
	}
}
