package table

import (
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
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
	Keys                     []attribute.Item
	ConsistentRead           bool              // every reading is
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
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
		places, err := t.checkBatch(wanted.Keys)
		if err != nil {
			return action, err
		}
		names, err := expression.ParseProjection(wanted.ProjectionExpression, wanted.ExpressionAttributeNames)
		if err != nil {
			return action, err
		}
		action.Do = func(wire.Effect) (any, error) { return s.readBatch(t, wanted, places, names) }
	}
	return action, nil
}

// checkBatch gives the places of the items, and refuses what AWS refuses: too many keys, a key twice, and what is no
// key.
func (t table) checkBatch(keys []attribute.Item) (places [][]byte, err error) {
	if len(keys) < 1 || len(keys) > maxBatchKeys {
		return nil, wire.Validation("Too many items requested for the BatchGetItem call, or none: 1 to %d", maxBatchKeys)
	}
	seen, primary := make(map[string]bool, len(keys)), t.Keys()
	for _, key := range keys {
		if err := primary.CheckExact(key); err != nil {
			return nil, err
		}
		place := primary.Encode(key)
		if seen[string(place)] {
			return nil, wire.Validation("Provided list of item keys contains duplicates")
		}
		seen[string(place)] = true
		places = append(places, place)
	}
	return places, nil
}

// readBatch reads until the answer is full, and names what it has not read. The whole items count, as AWS has it,
// whatever is picked of them.
func (s *Store) readBatch(t table, wanted batchKeys, places [][]byte, names []string) (text wire.Text, err error) {
	err = s.file.View(func(tx *bolt.Tx) error {
		var found attribute.Raws
		items, read := t.items(tx), 0
		for ; read < len(places); read++ {
			item := items.Get(places[read])
			if item == nil {
				continue
			}
			before := found
			found.Add(item)
			full, err := found.Exceed(maxBatch)
			if err != nil {
				return err
			}
			if full {
				found = before
				break
			}
		}
		unread := map[string]batchKeys{}
		if wanted.Keys = wanted.Keys[read:]; len(wanted.Keys) > 0 {
			unread[t.TableName] = wanted
		}
		rest, err := json.Marshal(unread)
		if err != nil {
			return err
		}
		text, err = found.Append(fmt.Appendf(nil, `{"Responses":{%q:[`, t.TableName), attribute.NamesOf(names))
		text = fmt.Appendf(text, `]},"UnprocessedKeys":%s}`, rest)
		return err
	})
	return text, err
}
