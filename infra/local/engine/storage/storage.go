// Package storage is the engine's file: a bbolt database in which every acknowledged write is on disk.
package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
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
	db      *bolt.DB
	jobs    chan *job     // handed to the one goroutine that commits
	closing chan struct{} // closed when no more jobs are taken
	closed  chan struct{} // closed when the last group is on disk
	once    sync.Once
}

// job is one write on its way into a transaction.
type job struct {
	write func(*bolt.Tx) error
	err   error
	done  chan struct{} // closed when err is settled
}

// Open opens or creates the file with the given root buckets. It fails in one line when another process has it open.
func Open(path string, buckets ...string) (*File, error) {
	err := checkLength(path)
	var db *bolt.DB
	if err == nil {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait})
	}
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process has this file open; stop it, or choose another path", path)
	}
	if errors.Is(err, errCut) {
		return nil, fmt.Errorf("open %s: %w", path, errCut)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w; check that its folder exists and that the file was written by this engine", path,
			err)
	}
	f := &File{db: db, jobs: make(chan *job), closing: make(chan struct{}), closed: make(chan struct{})}
	go f.run()
	err = f.Commit(func(tx *bolt.Tx) error {
		for _, bucket := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(bucket)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), f.Close())
	}
	return f, nil
}

// errCut says that a part of a file is gone.
var errCut = errors.New("its end was cut off, and what stood there is lost; put a copy in its place")

// checkLength refuses a file that ends before the pages that count do. bbolt does not look: it would end the program at
// the first page that is missing, whenever that comes.
func checkLength(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil // a new one
	}
	if err != nil {
		return err
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, ReadOnly: true}) // reads the first two pages alone
	if err != nil {
		return err
	}
	err = db.View(func(tx *bolt.Tx) error {
		if info.Size() < tx.Size() {
			return errCut
		}
		return nil
	})
	return errors.Join(err, db.Close())
}

// Close waits for running transactions and lets go of the file.
func (f *File) Close() error {
	f.once.Do(func() { close(f.closing) })
	<-f.closed
	return f.db.Close()
}

// View runs a reading transaction.
func (f *File) View(read func(*bolt.Tx) error) error { return f.db.View(read) }

// Commit runs a write and returns when it is on disk. Writes that arrive while others are being synced share the next
// transaction, so that many writers cost few syncs and a lone one waits for nobody. The write may be run twice (again
// alone, when a companion spoilt the shared transaction); a *wire.Error from it means that it has written nothing, any
// other error undoes it.
func (f *File) Commit(write func(*bolt.Tx) error) error {
	mine := &job{write: write, err: errNotRun, done: make(chan struct{})}
	select {
	case f.jobs <- mine:
		<-mine.done
		return mine.err
	case <-f.closing:
		return bolterrors.ErrDatabaseNotOpen
	}
}

// run commits group after group.
func (f *File) run() {
	defer close(f.closed)
	for {
		select {
		case first := <-f.jobs:
			f.commitGroup(f.gather(first))
		case <-f.closing:
			return
		}
	}
}

// gather takes along whoever waits by now. Who was answered a moment ago is let ask again first: a processor that has
// nothing to do costs nothing here, and a sync that is saved is worth many of these.
func (f *File) gather(first *job) []*job {
	group := []*job{first}
	runtime.Gosched()
	for {
		select {
		case more := <-f.jobs:
			group = append(group, more)
		default:
			return group
		}
	}
}

// commitGroup settles every job of a group. A write that spoils the shared transaction fails alone: all of them are run
// once more, each in a transaction of its own.
func (f *File) commitGroup(jobs []*job) {
	if f.commit(jobs) != nil {
		for _, alone := range jobs {
			if err := f.commit([]*job{alone}); err != nil {
				alone.err = err
			}
		}
	}
	for _, job := range jobs {
		close(job.done)
	}
}

// commit runs jobs in one transaction and keeps the answers of all of them, or of none when it returns an error.
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
		job.err = answers[i]
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
