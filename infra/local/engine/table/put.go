package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// maxItem is the size limit of an item in bytes (Service quotas, "Item size").
const maxItem = 400 * 1024

type putRequest struct {
	TableName                           string
	Item                                attribute.Item
	ConditionExpression                 *string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           attribute.Item
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	ReturnConsumedCapacity              string
	ReturnItemCollectionMetrics         string
}

type putAnswer struct {
	Attributes       attribute.Item    `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// put is a PutItem that was checked and waits for its transaction.
type put struct {
	store     *Store
	table     table
	request   putRequest
	condition *expression.Condition
}

func (s *Store) putItem(request putRequest) (wire.Action, error) {
	action := wire.Action{Table: request.TableName}
	t, err := s.table(request.TableName)
	if err != nil {
		return action, err
	}
	action.Key = t.Keys().Readable(request.Item)
	p := put{store: s, table: t, request: request}
	if err := request.checkOptions(); err != nil {
		return action, err
	}
	if p.condition, err = request.condition(); err != nil {
		return action, err
	}
	action.Do = p.do
	return action, t.checkItem(request.Item)
}

func (r putRequest) checkOptions() error {
	return firstError(
		oneOf("ReturnValues", r.ReturnValues, "", "NONE", "ALL_OLD"),
		oneOf("ReturnValuesOnConditionCheckFailure", r.ReturnValuesOnConditionCheckFailure, "", "NONE", "ALL_OLD"),
		oneOf("ReturnConsumedCapacity", r.ReturnConsumedCapacity, "", "NONE", "TOTAL"),
		oneOf("ReturnItemCollectionMetrics", r.ReturnItemCollectionMetrics, "", "NONE"),
	)
}

func (r putRequest) condition() (*expression.Condition, error) {
	scope, err := expression.NewScope(r.ExpressionAttributeNames, r.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	var condition *expression.Condition
	if r.ConditionExpression != nil {
		if condition, err = scope.Condition(*r.ConditionExpression); err != nil {
			return nil, err
		}
	}
	return condition, scope.Unused()
}

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

func (p put) do(effect wire.Effect) (any, error) {
	var answer putAnswer
	err := p.store.file.Commit(func(tx *bolt.Tx) error {
		var err error
		answer, err = p.commit(tx, effect)
		return err
	})
	if err == nil {
		p.store.written.ring()
	}
	return answer, err
}

// commit writes the item, its index entries and its stream record, or nothing when the condition fails.
func (p put) commit(tx *bolt.Tx, effect wire.Effect) (putAnswer, error) {
	items, key := p.table.items(tx), p.table.Keys().Encode(p.request.Item)
	var old attribute.Item
	if _, err := storage.Get(items, key, &old); err != nil {
		return putAnswer{}, err
	}
	if effect == wire.Conflict || (p.condition != nil && !p.condition.Holds(old)) {
		return putAnswer{}, p.conditionFailed(old)
	}
	if err := storage.Put(items, key, p.request.Item); err != nil {
		return putAnswer{}, err
	}
	units := writeUnits(max(old.Size(), p.request.Item.Size()))
	for _, index := range p.table.Indexes() {
		more, err := p.table.reindex(tx, index, old, p.request.Item)
		if err != nil {
			return putAnswer{}, err
		}
		units += more
	}
	var answer putAnswer
	if p.request.ReturnValues == "ALL_OLD" {
		answer.Attributes = old
	}
	answer.ConsumedCapacity = p.table.consumed(p.request.ReturnConsumedCapacity, float64(units))
	return answer, p.store.record(tx, p.table, change{old, p.request.Item}, effect)
}

func (p put) conditionFailed(old attribute.Item) error {
	failed := wire.Dynamo("ConditionalCheckFailedException", "The conditional request failed")
	if p.request.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && old != nil {
		failed.Item = old
	}
	return failed
}

// firstError is the first of the errors that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
