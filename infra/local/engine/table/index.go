package table

import (
	"bytes"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/storage"
)

// entry is an item's place in an index and what the index holds of it; both nil for an item that is not in it.
type entry struct {
	key   []byte
	value attribute.Item
}

func (t table) entry(in schema.Index, item attribute.Item) entry {
	if !in.Keys.Has(item) || !t.Keys().Has(item) {
		return entry{}
	}
	key := append(in.Keys.Encode(item), t.Keys().Encode(item)...)
	return entry{key: key, value: in.Project(t.Keys(), item)}
}

// reindex brings one index from the old item to the new one.
func (t table) reindex(tx *bolt.Tx, in schema.Index, before, after attribute.Item) error {
	old, now := t.entry(in, before), t.entry(in, after)
	bucket := t.indexed(tx, in.IndexName)
	if old.key != nil && !bytes.Equal(old.key, now.key) {
		if err := bucket.Delete(old.key); err != nil {
			return err
		}
	}
	if now.key == nil {
		return nil
	}
	return storage.Put(bucket, now.key, now.value)
}
