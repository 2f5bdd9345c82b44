package book

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"
)

type order struct {
	ID    int64   `json:"id"`
	Steps []int64 `json:"steps,omitempty"`
}

func open(t *testing.T, file string) *Orders[int64, order] {
	t.Helper()
	b, err := Open(file, Numbered("orders", 100, func(o *order) *int64 { return &o.ID },
		func(o *order) { o.Steps = slices.Clip(o.Steps) }))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Books that earlier simulators wrote are read: both padded numbers and plain ones stand for the last id.
func TestReadsEarlierBooks(t *testing.T) {
	for _, last := range []string{"0000000000000000102", "102"} {
		file := filepath.Join(t.TempDir(), "books.db")
		db, err := bolt.Open(file, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bolt.Tx) error {
			orders, first := tx.CreateBucket([]byte("orders"))
			meta, second := tx.CreateBucket([]byte("meta"))
			return errors.Join(first, second, meta.Put([]byte("last"), []byte(last)),
				orders.Put([]byte("0000000000000000101"), []byte(`{"id":101,"steps":[7]}`)))
		})
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		b := open(t, file)
		if o, err := b.Find(101); err != nil || len(o.Steps) != 1 {
			t.Errorf("%+v, %v", o, err)
		}
		if o, err := b.Create(order{}, nil); err != nil || o.ID != 103 {
			t.Errorf("the next order is %d, %v", o.ID, err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What a refused change did stays, a clash creates nothing, and a number is never given twice.
func TestChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.db")
	b := open(t, file)
	no := errors.New("no")
	o, err := b.Create(order{}, nil)
	if err != nil || o.ID != 100 {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := b.Create(order{}, func(*order) error { return no }); !errors.Is(err, no) || len(b.All()) != 1 {
		t.Errorf("a clash: %v, %d orders", err, len(b.All()))
	}
	_, err = b.Change(100, func(o *order) error { o.Steps = append(o.Steps, 1); return no })
	if kept, _ := b.Find(100); !errors.Is(err, no) || len(kept.Steps) != 1 {
		t.Errorf("a refused change: %v, %+v", err, kept)
	}
	if _, err := b.Change(5, func(*order) error { return nil }); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown order: %v", err)
	}
	if err := errors.Join(b.Forget(), b.Close()); err != nil {
		t.Fatal(err)
	}
	b = open(t, file)
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	if o, err := b.Create(order{}, nil); err != nil || o.ID != 101 {
		t.Errorf("after an emptied book: %d, %v", o.ID, err)
	}
}

// TestKeepsOneOrder: it goes back, and the others go on; one that nobody knew stays unknown.
func TestKeepsOneOrder(t *testing.T) {
	b := open(t, "")
	for range 2 {
		if _, err := b.Create(order{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	back, nothing := b.Keep(100), b.Keep(500)
	for _, id := range []int64{100, 101} {
		if _, err := b.Change(id, func(o *order) error { o.Steps = append(o.Steps, 7); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		back()
		nothing()
	}
	if all := b.All(); len(all) != 2 || len(all[0].Steps) != 0 || len(all[1].Steps) != 1 {
		t.Errorf("%+v", all)
	}
}

// A book with a file holds no order in memory, however many there are, and knows all of them.
func TestAFileIsHeldInNoMemory(t *testing.T) {
	const many = 40
	b := open(t, filepath.Join(t.TempDir(), "books.db"))
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range int64(many) {
		o, err := b.Create(order{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Change(o.ID, func(o *order) error { o.Steps = append(o.Steps, i); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if o, err := b.Find(100); err != nil || !slices.Equal(o.Steps, []int64{0}) {
		t.Errorf("the first: %+v, %v", o, err)
	}
	if all := b.All(); len(all) != many || all[many-1].ID != 100+many-1 || len(b.all) != 0 {
		t.Errorf("%d orders, %d of them in memory", len(all), len(b.all))
	}
}
