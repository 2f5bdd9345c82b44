package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
)

// What a database file begins with: two pages that take turns in saying which of the others count.
const (
	pageSize  = 4096
	metaPages = 2 * pageSize
)

// TestACrashAtAnyByte cuts the writing of a group off at any byte: whatever of it reached the disk, the file opens with
// all that was acknowledged before, and of the group with all or nothing.
func TestACrashAtAnyByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	file, err := storage.Open(path, bucket)
	if err != nil {
		t.Fatal(err)
	}
	const before, together = 40, 8
	for i := range before {
		putThings(t, file, i, 1)
	}
	old := read(t, path)
	putThings(t, file, before, together)
	whole := read(t, path)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	// The disk gets the pages first, in any order, and once they are synced the page that makes them count.
	pages, metas := differences(old, whole, metaPages, len(whole)), differences(old, whole, 0, metaPages)
	if len(pages) < 2 || len(metas) < 8 {
		t.Fatalf("the group changed %d places of pages and %d of the first two", len(pages), len(metas))
	}
	for n := 0; n < len(pages); n += max(1, len(pages)/40) {
		torn := bytes.Clone(old)
		for _, at := range pages[:n] {
			torn[at] = whole[at]
		}
		checkTorn(t, torn, before, 0)
		torn = bytes.Clone(old)
		for _, at := range pages[n:] {
			torn[at] = whole[at]
		}
		checkTorn(t, torn, before, 0)
	}
	for n := range len(metas) + 1 {
		torn := bytes.Clone(whole)
		for _, at := range metas[n:] {
			torn[at] = old[at]
		}
		if n == len(metas) {
			checkTorn(t, torn, before+together, 0)
			continue
		}
		checkTorn(t, torn, before, together)
	}
}

// putThings puts some things from a number on in one transaction.
func putThings(t *testing.T, file *storage.File, first, count int) {
	t.Helper()
	err := file.Commit(func(tx *bolt.Tx) error {
		for i := first; i < first+count; i++ {
			if err := storage.Put(tx.Bucket([]byte(bucket)), fmt.Appendf(nil, "%04d", i), i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// differences are the places of a stretch at which two states of a file differ; the file did not grow between them.
func differences(old, whole []byte, from, to int) (places []int) {
	for at := from; at < to; at++ {
		if old[at] != whole[at] {
			places = append(places, at)
		}
	}
	return places
}

// checkTorn opens a file as a crash left it: the first things are there, and of the further ones all or none.
func checkTorn(t *testing.T, torn []byte, sure, perhaps int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine.db")
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := storage.Open(path, bucket)
	if err != nil {
		t.Fatalf("the file does not open: %v", err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	found := 0
	err = file.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(key, value []byte) error {
			if want := fmt.Sprintf("%04d", found); string(key) != want || string(value) != fmt.Sprint(found) {
				t.Errorf("%s holds %s where %s was expected", key, value, want)
			}
			found++
			return nil
		})
	})
	if err != nil || found != sure && found != sure+perhaps {
		t.Errorf("%d things of %d and perhaps %d, %v", found, sure, perhaps, err)
	}
}
