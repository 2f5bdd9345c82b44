package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// Limits of one BatchGetItem (API Reference, "BatchGetItem").
const (
	maxBatchKeys = 100
	maxBatch     = 16 << 20 // bytes of items
)

type batchRequest struct {
	RequestItems map[string]batchKeys
}

type batchKeys struct {
	Keys           []attribute.Item
	ConsistentRead bool // every reading is
}

type batchAnswer struct {
	Responses       map[string][]attribute.Item
	UnprocessedKeys map[string]batchKeys
}

// batchGet reads many items of one table. AWS reads from several, which nobody here asks for.
func (s *Store) batchGet(request batchRequest) (wire.Action, error) {
	if len(request.RequestItems) != 1 {
		return wire.Action{}, wire.Validation("The local engine reads a batch from exactly one table.")
	}
	var action wire.Action
	// there is one
	for name, wanted := range request.RequestItems {
		action.Table = name
		t, err := s.table(name)
		if err != nil {
			return action, err
		}
		if err := t.checkBatch(wanted.Keys); err != nil {
			return action, err
		}
		action.Do = func(wire.Effect) (any, error) { return s.readBatch(t, wanted) }
	}
	return action, nil
}

// checkBatch refuses what AWS refuses: too many keys, a key twice, and what is no key.
func (t table) checkBatch(keys []attribute.Item) error {
	if len(keys) < 1 || len(keys) > maxBatchKeys {
		return wire.Validation("Too many items requested for the BatchGetItem call, or none: 1 to %d", maxBatchKeys)
	}
	seen := map[string]bool{}
	for _, key := range keys {
		if err := t.Keys().CheckExact(key); err != nil {
			return err
		}
		place := string(t.Keys().Encode(key))
		if seen[place] {
			return wire.Validation("Provided list of item keys contains duplicates")
		}
		seen[place] = true
	}
	return nil
}

// readBatch reads until the answer is full, and names what it has not read.
func (s *Store) readBatch(t table, wanted batchKeys) (batchAnswer, error) {
	found := []attribute.Item{}
	left, size := wanted.Keys, 0
	err := s.file.View(func(tx *bolt.Tx) error {
		for len(left) > 0 {
			var item attribute.Item
			there, err := storage.Get(t.items(tx), t.Keys().Encode(left[0]), &item)
			if err != nil {
				return err
			}
			// what would not fit is left, and named as unprocessed
			if size += item.Size(); size > maxBatch {
				return nil
			}
			if left = left[1:]; there {
				found = append(found, item)
			}
		}
		return nil
	})
	answer := batchAnswer{Responses: map[string][]attribute.Item{t.TableName: found},
		UnprocessedKeys: map[string]batchKeys{}}
	if len(left) > 0 {
		answer.UnprocessedKeys[t.TableName] = batchKeys{left, wanted.ConsistentRead}
	}
	return answer, err
}
