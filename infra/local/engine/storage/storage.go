// Package storage is the engine's file: a bbolt database in which every acknowledged write is on disk.
package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"kassa/infra/local/engine/wire"
)

// lockWait is how long opening waits for another process to let go of the file, long enough for a restart.
const lockWait = 2 * time.Second

// errNotRun stands until a write was run, so that nothing is acknowledged by accident.
var errNotRun = errors.New("the write was not run")

// File is an open database file, safe for concurrent use.
type File struct {
	db   *bolt.DB
	turn sync.Mutex // held by whoever commits

	mu      sync.Mutex
	waiting []*job
}

// job is one write on its way into a transaction.
type job struct {
	write func(*bolt.Tx) error
	done  bool
	err   error
}

// Open opens or creates the file with the given root buckets. It fails in one line when another process has it open.
func Open(path string, buckets ...string) (*File, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process has this file open; stop it, or choose another path", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w; check that its folder exists and that the file was written by this engine", path,
			err)
	}
	f := &File{db: db}
	err = f.Commit(func(tx *bolt.Tx) error {
		for _, bucket := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(bucket)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), db.Close())
	}
	return f, nil
}

// Close waits for running transactions and lets go of the file.
func (f *File) Close() error { return f.db.Close() }

// View runs a reading transaction.
func (f *File) View(read func(*bolt.Tx) error) error { return f.db.View(read) }

// Commit runs a write and returns when it is on disk. Writes that arrive while another one is being synced share the
// next transaction, so that many writers cost few syncs and a lone one waits for nobody. The write may be run twice
// (again alone, when a companion spoilt the shared transaction); a *wire.Error from it means that it has written
// nothing, any other error undoes it.
func (f *File) Commit(write func(*bolt.Tx) error) error {
	mine := &job{write: write, err: errNotRun}
	f.mu.Lock()
	f.waiting = append(f.waiting, mine)
	f.mu.Unlock()

	f.turn.Lock()
	defer f.turn.Unlock()
	if !mine.done {
		f.commitWaiting()
	}
	return mine.err
}

// commitWaiting takes over whatever waits. A write that spoils the shared transaction fails alone: all of them are run
// once more, each in a transaction of its own.
func (f *File) commitWaiting() {
	f.mu.Lock()
	jobs := f.waiting
	f.waiting = nil
	f.mu.Unlock()

	if f.commit(jobs) == nil {
		return
	}
	for _, alone := range jobs {
		if err := f.commit([]*job{alone}); err != nil {
			alone.done, alone.err = true, err
		}
	}
}

// commit runs jobs in one transaction and settles all of them, or none when it returns an error.
func (f *File) commit(jobs []*job) error {
	answers := make([]error, len(jobs))
	err := f.db.Update(func(tx *bolt.Tx) error {
		for i, job := range jobs {
			answers[i] = job.write(tx)
			var refusal *wire.Error
			if answers[i] != nil && !errors.As(answers[i], &refusal) {
				return answers[i]
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, job := range jobs {
		job.done, job.err = true, answers[i]
	}
	return nil
}

// Put stores a value as JSON.
func Put(bucket *bolt.Bucket, key []byte, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode a stored value: %w", err)
	}
	return bucket.Put(key, text)
}

// Get reads a value stored by Put and tells whether there was one.
func Get(bucket *bolt.Bucket, key []byte, value any) (bool, error) {
	text := bucket.Get(key)
	if text == nil {
		return false, nil
	}
	if err := json.Unmarshal(text, value); err != nil {
		return false, fmt.Errorf("the stored value under %q is damaged: %w", key, err)
	}
	return true, nil
}
