// Package book keeps what a simulated bank must not forget: its orders, in a file, or in memory when it has none. Of a
// file it holds nothing in memory, so that a bank may work for hours.
package book

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"sort"
	"strconv"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

var (
	bucketMeta = []byte("meta")
	keyLast    = []byte("last")
)

// Shape says how one bank's orders stand in its book.
type Shape[K comparable, T any] struct {
	// Bucket of the file that holds them, as JSON.
	Bucket string
	// First is the number of the first order.
	First int64
	// Number is where an order keeps the number that the book gives it.
	Number func(*T) *int64
	// Key is what the bank calls the order, and Text the same in the file.
	Key  func(*T) K
	Text func(K) []byte
	// Own takes the order's slices from the book's copy, so that a change that
	// appends writes into no other.
	Own func(*T)
}

// Numbered is the shape of orders that go by their numbers. The file keeps them in
// the order of these.
func Numbered[T any](bucket string, first int64, number func(*T) *int64, own func(*T)) Shape[int64, T] {
	return Shape[int64, T]{
		Bucket: bucket, First: first, Number: number, Own: own,
		Key:  func(o *T) int64 { return *number(o) },
		Text: func(id int64) []byte { return fmt.Appendf(nil, "%019d", id) },
	}
}

// ErrUnknown is returned for a key that the bank never gave.
var ErrUnknown = errors.New("the bank has no such order")

// Refusal is a definite "no": no money moved. Code is what the bank's protocol calls
// it, Why is for the reader of the request history.
type Refusal struct{ Code, Why string }

// Error says why the bank refused.
func (r Refusal) Error() string { return r.Why }

// Orders holds the orders of one bank: an answer is given only after the change is
// on disk, so a kill loses nothing that the merchant was told. It is safe for
// concurrent use.
type Orders[K comparable, T any] struct {
	shape Shape[K, T]

	mu   sync.Mutex
	all  map[K]T // where there is no file
	last int64
	db   *bolt.DB
}

// Open reads the book from a bbolt file and creates it where it is missing. An
// empty name keeps the book in memory only.
func Open[K comparable, T any](file string, shape Shape[K, T]) (*Orders[K, T], error) {
	b := &Orders[K, T]{shape: shape, all: map[K]T{}, last: shape.First - 1}
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
func (b *Orders[K, T]) Close() error {
	if b.db == nil {
		return nil
	}
	return b.db.Close()
}

// Create gives the order the next number and stores it. Where clash is not nil it
// is shown every other order, and its error refuses the new one.
func (b *Orders[K, T]) Create(o T, clash func(other *T) error) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var none T
	if clash != nil {
		if err := b.each(func(other T) error { return clash(&other) }); err != nil {
			return none, err
		}
	}
	*b.shape.Number(&o) = b.last + 1
	if err := b.save(o); err != nil {
		return none, err
	}
	return o, nil
}

// Change lets f work on the order and stores the result, one change at a time.
// What f changed is kept also when it refuses: an order that expired while it was
// looked at stays expired. f must not write into the slices it finds, only append
// to them or replace them.
func (b *Orders[K, T]) Change(key K, f func(*T) error) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, err := b.find(key)
	if err != nil {
		return before, err
	}
	after := before
	b.shape.Own(&after)
	refusal := f(&after)
	if reflect.DeepEqual(before, after) {
		return after, refusal
	}
	if err := b.save(after); err != nil {
		return before, err
	}
	return after, refusal
}

// Find returns one order as it stands, without looking at the clock.
func (b *Orders[K, T]) Find(key K) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(key)
}

// All lists the orders, oldest first. All could be read when the book was opened, so only a closed one lists none.
func (b *Orders[K, T]) All() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []T{}
	_ = b.each(func(o T) error {
		list = append(list, o)
		return nil
	})
	sort.Slice(list, func(i, j int) bool { return *b.shape.Number(&list[i]) < *b.shape.Number(&list[j]) })
	return list
}

// Mark remembers how the book stands and gives a function that puts it back so, however often. A book with a file
// cannot go back.
func (b *Orders[K, T]) Mark() (back func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all, last := maps.Clone(b.all), b.last // what an order refers to is never written into
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.all, b.last = maps.Clone(all), last
	}
}

// Keep remembers how one order stands and gives a function that puts it back so, however often. A book with a file
// cannot go back.
func (b *Orders[K, T]) Keep(key K) (back func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, known := b.all[key] // what it refers to is never written into
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if known {
			b.all[key] = o
		}
	}
}

// Forget removes all orders. Numbers go on counting, so that one never means two
// orders.
func (b *Orders[K, T]) Forget() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.update(func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket([]byte(b.shape.Bucket)); err != nil {
			return err
		}
		_, err := tx.CreateBucket([]byte(b.shape.Bucket))
		return err
	})
	if err != nil {
		return fmt.Errorf("empty the bank's books: %w", err)
	}
	b.all = map[K]T{}
	return nil
}

func (b *Orders[K, T]) update(f func(*bolt.Tx) error) error {
	if b.db == nil {
		return nil
	}
	return b.db.Update(f)
}

func (b *Orders[K, T]) save(o T) error {
	key, last := b.shape.Key(&o), max(b.last, *b.shape.Number(&o))
	err := b.update(func(tx *bolt.Tx) error {
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if err := tx.Bucket([]byte(b.shape.Bucket)).Put(b.shape.Text(key), text); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keyLast, strconv.AppendInt(nil, last, 10))
	})
	if err != nil {
		return fmt.Errorf("write order %v to the bank's books: %w", key, err)
	}
	if b.last = last; b.db == nil {
		b.all[key] = o
	}
	return nil
}

func (b *Orders[K, T]) find(key K) (o T, err error) {
	if b.db == nil {
		o, ok := b.all[key]
		if !ok {
			err = ErrUnknown
		}
		return o, err
	}
	err = b.db.View(func(tx *bolt.Tx) error {
		text := tx.Bucket([]byte(b.shape.Bucket)).Get(b.shape.Text(key))
		if text == nil {
			return ErrUnknown
		}
		return json.Unmarshal(text, &o)
	})
	return o, err
}

// each shows every order, in no order, until f fails.
func (b *Orders[K, T]) each(f func(T) error) error {
	if b.db != nil {
		return b.db.View(func(tx *bolt.Tx) error { return read(tx.Bucket([]byte(b.shape.Bucket)), f) })
	}
	for _, o := range b.all {
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

// read decodes the orders of a bucket.
func read[T any](orders *bolt.Bucket, f func(T) error) error {
	return orders.ForEach(func(k, text []byte) error {
		var o T
		if err := json.Unmarshal(text, &o); err != nil {
			return fmt.Errorf("order %s is unreadable: %w", k, err)
		}
		return f(o)
	})
}

// load makes the places of the file, and finds the last number that was given.
func (b *Orders[K, T]) load(tx *bolt.Tx) error {
	orders, err := tx.CreateBucketIfNotExists([]byte(b.shape.Bucket))
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
	return read(orders, func(o T) error {
		b.last = max(b.last, *b.shape.Number(&o))
		return nil
	})
}
