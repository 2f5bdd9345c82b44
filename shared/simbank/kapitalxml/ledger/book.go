package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrUnknown is returned for an order that the bank never made.
var ErrUnknown = errors.New("the bank has no such order")

var (
	bucketOrders = []byte("orders")
	bucketMeta   = []byte("meta")
	keyLast      = []byte("last")
)

// firstID keeps order ids apart from row counters in logs.
const firstID = 100001

// Book holds all orders in memory and, when it has a file, on disk: an answer
// is given only after the change is on disk, so a kill loses nothing that the
// merchant was told. It is safe for concurrent use.
type Book struct {
	mu     sync.Mutex
	orders map[int64]Order
	last   int64
	db     *bolt.DB
}

// Open reads the books from a bbolt file and creates it where it is missing. An
// empty name keeps the books in memory only.
func Open(file string) (*Book, error) {
	b := &Book{orders: map[int64]Order{}, last: firstID - 1}
	if file == "" {
		return b, nil
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: 2 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("open the bank's books %s (is another simulator using the file?): %w", file, err)
	}
	b.db = db
	if err := b.load(); err != nil {
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

// Create gives the order the next id and stores it.
func (b *Book) Create(o Order) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.ID = b.last + 1
	if err := b.save(o); err != nil {
		return Order{}, err
	}
	b.last = o.ID
	return o, nil
}

// Change lets f work on the order and stores the result, one change at a time.
// What f changed is kept also when it refuses: an order that expired while it was
// looked at stays expired.
func (b *Book) Change(id int64, f func(*Order) error) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, ok := b.orders[id]
	if !ok {
		return Order{}, ErrUnknown
	}
	after := before
	refusal := f(&after)
	if reflect.DeepEqual(before, after) {
		return after, refusal
	}
	if err := b.save(after); err != nil {
		return before, err
	}
	return after, refusal
}

// Order returns one order as it stands, without looking at the clock.
func (b *Book) Order(id int64) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.orders[id]
	if !ok {
		return Order{}, ErrUnknown
	}
	return o, nil
}

// All lists the orders, oldest first.
func (b *Book) All() []Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Order, 0, len(b.orders))
	for _, o := range b.orders {
		list = append(list, o)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// Forget removes all orders. Ids go on counting, so that an id never means two
// orders.
func (b *Book) Forget() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.update(func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket(bucketOrders); err != nil {
			return err
		}
		_, err := tx.CreateBucket(bucketOrders)
		return err
	})
	if err != nil {
		return fmt.Errorf("empty the bank's books: %w", err)
	}
	b.orders = map[int64]Order{}
	return nil
}

func (b *Book) update(f func(*bolt.Tx) error) error {
	if b.db == nil {
		return nil
	}
	return b.db.Update(f)
}

func (b *Book) save(o Order) error {
	err := b.update(func(tx *bolt.Tx) error {
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if err := tx.Bucket(bucketOrders).Put(key(o.ID), text); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keyLast, key(max(b.last, o.ID)))
	})
	if err != nil {
		return fmt.Errorf("write order %d to the bank's books: %w", o.ID, err)
	}
	b.orders[o.ID] = o
	return nil
}

func (b *Book) load() error {
	return b.db.Update(func(tx *bolt.Tx) error {
		orders, err := tx.CreateBucketIfNotExists(bucketOrders)
		if err != nil {
			return err
		}
		meta, err := tx.CreateBucketIfNotExists(bucketMeta)
		if err != nil {
			return err
		}
		if last := meta.Get(keyLast); last != nil {
			if b.last, err = strconv.ParseInt(string(last), 10, 64); err != nil {
				return fmt.Errorf("the last order id is unreadable: %w", err)
			}
		}
		return orders.ForEach(func(k, text []byte) error {
			var o Order
			if err := json.Unmarshal(text, &o); err != nil {
				return fmt.Errorf("order %s is unreadable: %w", k, err)
			}
			b.orders[o.ID] = o
			return nil
		})
	})
}

// key keeps the orders of the file in the order of their ids.
func key(id int64) []byte { return fmt.Appendf(nil, "%019d", id) }
