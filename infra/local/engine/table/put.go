// PutItem, the one write that Kassa makes: a whole item on a condition. The item, its index entries and its stream
// record are one transaction, so a killed process leaves all of them or none.

package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/wire"
)

// maxItem is the size limit of an item in bytes (Service quotas, "Item size").
const maxItem = 400 * 1024

// allOld asks for the item that made a condition fail.
const allOld = "ALL_OLD"

// putRequest knows conditions and their values; expressions with #names, return values and counters are refused by
// name.
type putRequest struct {
	TableName                           string
	Item                                attribute.Item
	ConditionExpression                 *string
	ExpressionAttributeValues           attribute.Item
	ReturnValuesOnConditionCheckFailure string
}

// put is a PutItem that was checked and waits for its transaction.
type put struct {
	store     *Store
	table     table
	request   putRequest
	condition expression.Condition
}

// putItem checks all that does not need the stored item, so that what is refused never waits for a transaction.
func (s *Store) putItem(request putRequest) (wire.Action, error) {
	action := wire.Action{Table: request.TableName}
	t, err := s.table(request.TableName)
	if err != nil {
		return action, err
	}
	action.Key = t.Keys().Readable(request.Item)
	p, err := s.checked(t, request)
	action.Do = p.do
	return action, err
}

// checked is a PutItem of which nothing can be refused any more but by its condition.
func (s *Store) checked(t table, request putRequest) (p put, err error) {
	p = put{store: s, table: t, request: request}
	if asked := request.ReturnValuesOnConditionCheckFailure; asked != "" && asked != allOld {
		return p, wire.Validation(
			"Value '%s' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: the local engine knows %s", asked,
			allOld)
	}
	if p.condition, err = expression.ParseCondition(request.ConditionExpression,
		request.ExpressionAttributeValues); err != nil {
		return p, err
	}
	return p, t.checkItem(request.Item)
}

// PutAll carries out PutItem requests, a thousand in each transaction: 100,000 are there in seconds, and are what as
// many calls would have left. It ends at the first that is refused.
func (s *Store) PutAll(requests iter.Seq[[]byte]) error {
	// as many as a transaction bears without its pages growing out of the memory
	const together = 1000
	for some := range chunks(requests, together) {
		puts := make([]put, len(some))
		for i, body := range some {
			var request putRequest
			err := wire.Decode(body, &request)
			if err != nil {
				return err
			}
			t, err := s.table(request.TableName)
			if err != nil {
				return err
			}
			if puts[i], err = s.checked(t, request); err != nil {
				return err
			}
		}
		if err := s.file.Commit(func(tx *bolt.Tx) error {
			for _, p := range puts {
				if err := p.commit(tx, wire.NoEffect); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		s.written.ring()
	}
	return nil
}

// chunks gathers so many at a time.
func chunks[T any](all iter.Seq[T], size int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		var some []T
		for one := range all {
			if some = append(some, one); len(some) == size {
				if !yield(some) {
					return
				}
				some = nil
			}
		}
		if len(some) > 0 {
			yield(some)
		}
	}
}

// checkItem refuses what AWS refuses of an item: keys, the keys of indexes that it has, size.
func (t table) checkItem(item attribute.Item) error {
	if _, unnamed := item[""]; unnamed {
		return wire.Validation("One or more parameter values were invalid: the name of an attribute must not be empty")
	}
	if err := t.Keys().CheckItem(item); err != nil {
		return err
	}
	for _, index := range t.Indexes() {
		if err := index.Keys.CheckIndexed(index.IndexName, item); err != nil {
			return err
		}
	}
	if item.Size() > maxItem {
		return wire.Validation("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// do wakes those who follow the stream once the write is on disk, never before.
func (p put) do(effect wire.Effect) (any, error) {
	err := p.store.file.Commit(func(tx *bolt.Tx) error { return p.commit(tx, effect) })
	if err == nil {
		p.store.written.ring()
	}
	return struct{}{}, err
}

// commit writes the item, its index entries and its stream record, or nothing when the condition fails.
func (p put) commit(tx *bolt.Tx, effect wire.Effect) error {
	items, key := p.table.items(tx), p.table.Keys().Encode(p.request.Item)
	c := change{new: p.request.Item, before: bytes.Clone(items.Get(key))}
	if c.before != nil {
		if err := json.Unmarshal(c.before, &c.old); err != nil {
			return fmt.Errorf("the stored item %s is damaged: %w", p.table.Keys().Readable(c.new), err)
		}
	}
	if effect == wire.Conflict || !p.condition.Holds(c.old) {
		return p.conditionFailed(c.old)
	}
	c.after = c.new.AppendJSON(nil)
	if err := items.Put(key, c.after); err != nil {
		return err
	}
	for _, index := range p.table.Indexes() {
		if err := p.table.reindex(tx, index, c.old, c.new); err != nil {
			return err
		}
	}
	return p.store.record(tx, p.table, c, effect)
}

// conditionFailed brings the stored item where it was asked for: by it a writer whose answer was lost finds its own
// write.
func (p put) conditionFailed(old attribute.Item) error {
	failed := wire.Dynamo("ConditionalCheckFailedException", "The conditional request failed")
	if p.request.ReturnValuesOnConditionCheckFailure == allOld && old != nil {
		failed.Item = old
	}
	return failed
}
