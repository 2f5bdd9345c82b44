package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrUnknown is returned for a session that the bank never opened.
var ErrUnknown = errors.New("the bank has no such session")

var (
	bucketApplications = []byte("applications")
	bucketMeta         = []byte("meta")
	keyLast            = []byte("last")
)

// Book holds all applications in memory and, when it has a file, on disk: an
// answer is given only after the change is on disk, so a kill loses nothing that
// the shop was told. It is safe for concurrent use.
type Book struct {
	mu   sync.Mutex
	all  map[string]Application
	refs map[string]bool // partner and order_ref of every application
	last int64
	db   *bolt.DB
}

// Open reads the books from a bbolt file and creates it where it is missing. An
// empty name keeps the books in memory only.
func Open(file string) (*Book, error) {
	b := &Book{all: map[string]Application{}, refs: map[string]bool{}}
	if file == "" {
		return b, nil
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: 2 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("open the bank's books %s (is another simulator using the file?): %w", file, err)
	}
	b.db = db
	if err := db.Update(b.load); err != nil {
		return nil, errors.Join(fmt.Errorf("read the bank's books %s: %w", file, err), db.Close())
	}
	return b, nil
}

// Close releases the file.
func (b *Book) Close() error {
	if b.db == nil {
		return nil
	}
	return b.db.Close()
}

// Create gives the application its number and stores it.
func (b *Book) Create(a Application, r Rules) (Application, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.UniqueRef && b.refs[reference(a)] {
		return Application{}, refuse(CodeDuplicate, "this order_ref was used before")
	}
	a.Number = b.last + 1
	if err := b.save(a); err != nil {
		return Application{}, err
	}
	return a, nil
}

// Change lets f work on the application and stores the result, one change at a
// time. What f changed is kept also when it refuses: an application that ran out
// while it was looked at stays so. f must not write into the slices it finds, only
// append to them or replace them.
func (b *Book) Change(session string, f func(*Application) error) (Application, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, ok := b.all[session]
	if !ok {
		return Application{}, ErrUnknown
	}
	after := before
	after.Refunds, after.Notices = slices.Clip(before.Refunds), slices.Clip(before.Notices)
	refusal := f(&after)
	if reflect.DeepEqual(before, after) {
		return after, refusal
	}
	if err := b.save(after); err != nil {
		return before, err
	}
	return after, refusal
}

// Find returns one application as it stands, without looking at the clock.
func (b *Book) Find(session string) (Application, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.all[session]
	if !ok {
		return Application{}, ErrUnknown
	}
	return a, nil
}

// All lists the applications, oldest first.
func (b *Book) All() []Application {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Application, 0, len(b.all))
	for _, a := range b.all {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Number < list[j].Number })
	return list
}

// Forget removes all applications.
func (b *Book) Forget() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.update(func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket(bucketApplications); err != nil {
			return err
		}
		_, err := tx.CreateBucket(bucketApplications)
		return err
	})
	if err != nil {
		return fmt.Errorf("empty the bank's books: %w", err)
	}
	b.all, b.refs = map[string]Application{}, map[string]bool{}
	return nil
}

func (b *Book) update(f func(*bolt.Tx) error) error {
	if b.db == nil {
		return nil
	}
	return b.db.Update(f)
}

func (b *Book) save(a Application) error {
	err := b.update(func(tx *bolt.Tx) error {
		text, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := tx.Bucket(bucketApplications).Put([]byte(a.Session), text); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keyLast, strconv.AppendInt(nil, max(b.last, a.Number), 10))
	})
	if err != nil {
		return fmt.Errorf("write session %s to the bank's books: %w", a.Session, err)
	}
	b.keep(a)
	return nil
}

func (b *Book) keep(a Application) {
	b.all[a.Session] = a
	b.refs[reference(a)] = true
	b.last = max(b.last, a.Number)
}

func reference(a Application) string { return a.Partner + "\x00" + a.Reference }

func (b *Book) load(tx *bolt.Tx) error {
	applications, err := tx.CreateBucketIfNotExists(bucketApplications)
	if err != nil {
		return err
	}
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil {
		return err
	}
	if last := meta.Get(keyLast); last != nil {
		if b.last, err = strconv.ParseInt(string(last), 10, 64); err != nil {
			return fmt.Errorf("the last number is unreadable: %w", err)
		}
	}
	return applications.ForEach(func(session, text []byte) error {
		var a Application
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("session %s is unreadable: %w", session, err)
		}
		b.keep(a)
		return nil
	})
}
