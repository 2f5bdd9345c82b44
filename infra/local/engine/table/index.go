// Global secondary indexes. AWS brings them up to date a moment after the write; here it happens in the write's
// transaction. What reads an index must bear an entry that is late all the same, and tests of that set the item's
// state, not the time.

package table

import (
	"bytes"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/schema"
)

// entry is an item's place in an index and what the index holds of it; both nil for an item that is not in it.
type entry struct {
	key   []byte
	value attribute.Item
}

// entry gives no place to an item that lacks a key of the index: that is what makes an index sparse, and a to-do list.
// The table's own key follows the index's, since index keys need not be unique.
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
	if now.key == nil || bytes.Equal(old.key, now.key) && attribute.Same(old.value, now.value) {
		return nil
	}
	return bucket.Put(now.key, now.value.AppendJSON(nil))
}
