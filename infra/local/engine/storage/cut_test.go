package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/infra/local/engine/storage"
)

// TestACutFileIsRefusedOrWhole truncates the file at any byte: it opens with everything that was acknowledged, where
// only room was cut off that nothing had been written to yet, or it is refused in one line that says why. It never ends
// the program, and never opens with less.
func TestACutFileIsRefusedOrWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	file, err := storage.Open(path, bucket)
	if err != nil {
		t.Fatal(err)
	}
	const things = 300
	for first := 0; first < things; first += 50 {
		putThings(t, file, first, 50)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	whole := read(t, path)
	opened, refused := 0, 0
	for size := 1; size < len(whole); size += 509 { // a prime: at every place of a page
		cut := filepath.Join(t.TempDir(), "cut.db")
		if err := os.WriteFile(cut, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := storage.Open(cut, bucket)
		if err != nil {
			refused++
			if said := err.Error(); !strings.Contains(said, "cut.db") || strings.Contains(said, "\n") {
				t.Errorf("cut to %d of %d bytes it says %q", size, len(whole), said)
			}
			continue
		}
		opened++
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		checkTorn(t, read(t, cut), things, 0)
	}
	if refused == 0 || opened == 0 {
		t.Errorf("%d cut files opened, %d were refused: one of both was not seen", opened, refused)
	}
}
