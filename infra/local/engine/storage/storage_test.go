package storage_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

const bucket = "things"

func open(t testing.TB) *storage.File {
	t.Helper()
	file, err := storage.Open(filepath.Join(t.TempDir(), "engine.db"), bucket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

// TestCompanionsOfASpoiltWrite runs many writes at once of which some fail after they have written: those leave
// nothing, and no other write is lost or told that it failed.
func TestCompanionsOfASpoiltWrite(t *testing.T) {
	file := open(t)
	spoilt := errors.New("spoilt")
	const writes = 60
	results := make([]error, writes)
	var wait sync.WaitGroup
	for i := range writes {
		wait.Go(func() {
			results[i] = file.Commit(func(tx *bolt.Tx) error {
				if i%3 == 1 {
					return wire.Validation("refused")
				}
				if err := storage.Put(tx.Bucket([]byte(bucket)), fmt.Appendf(nil, "%d", i), i); err != nil {
					return err
				}
				if i%3 == 2 {
					return spoilt
				}
				return nil
			})
		})
	}
	wait.Wait()
	err := file.View(func(tx *bolt.Tx) error {
		for i, result := range results {
			var value int
			found, err := storage.Get(tx.Bucket([]byte(bucket)), fmt.Appendf(nil, "%d", i), &value)
			var refusal *wire.Error
			switch {
			case err != nil:
				return err
			case i%3 == 0 && (result != nil || !found || value != i):
				t.Errorf("write %d: error %v, found %v", i, result, found)
			case i%3 == 1 && (!errors.As(result, &refusal) || found):
				t.Errorf("refused write %d: error %v, found %v", i, result, found)
			case i%3 == 2 && (!errors.Is(result, spoilt) || found):
				t.Errorf("spoilt write %d: error %v, found %v", i, result, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWritersShareATransaction: whoever waits while a transaction is being synced goes into the next one.
func TestWritersShareATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, release := open(t), make(chan struct{})
		go func() {
			if err := file.Commit(func(*bolt.Tx) error { <-release; return nil }); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		transactions := make([]int, 16)
		var wait sync.WaitGroup
		for i := range transactions {
			wait.Go(func() {
				if err := file.Commit(func(tx *bolt.Tx) error { transactions[i] = tx.ID(); return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		wait.Wait()
		slices.Sort(transactions)
		if transactions[0] == 0 || transactions[0] != transactions[len(transactions)-1] {
			t.Errorf("16 writers had the transactions %v", transactions)
		}
	})
}

func TestNothingIsAcknowledgedAfterClose(t *testing.T) {
	file, err := storage.Open(filepath.Join(t.TempDir(), "engine.db"), bucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Commit(func(*bolt.Tx) error { return nil }); err == nil {
		t.Error("a write to a closed file was acknowledged")
	}
}

func TestADamagedValueIsReported(t *testing.T) {
	file := open(t)
	err := file.Commit(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte("k"), []byte("{")) })
	if err != nil {
		t.Fatal(err)
	}
	err = file.View(func(tx *bolt.Tx) error {
		var value int
		_, err := storage.Get(tx.Bucket([]byte(bucket)), []byte("k"), &value)
		return err
	})
	if err == nil {
		t.Error("a damaged value was read as one that is not there")
	}
}
