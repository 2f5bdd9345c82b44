package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

type getRequest struct {
	TableName                string
	Key                      attribute.Item
	ConsistentRead           bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
	ReturnConsumedCapacity   string
}

type getAnswer struct {
	Item             *attribute.Item   `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (s *Store) getItem(request getRequest) (wire.Action, error) {
	action := wire.Action{Table: request.TableName}
	t, err := s.table(request.TableName)
	if err != nil {
		return action, err
	}
	action.Key = t.Keys().Readable(request.Key)
	scope, err := expression.NewScope(request.ExpressionAttributeNames, nil)
	if err != nil {
		return action, err
	}
	names, err := projectionNames(scope, request.ProjectionExpression)
	if err != nil {
		return action, err
	}
	action.Do = func(wire.Effect) (any, error) { return s.get(t, request, names) }
	return action, firstError(
		scope.Unused(),
		oneOf("ReturnConsumedCapacity", request.ReturnConsumedCapacity, "", "NONE", "TOTAL"),
		t.Keys().CheckExact(request.Key),
	)
}

// projectionNames reads an optional projection; nil means the whole item.
func projectionNames(scope *expression.Scope, text *string) ([]string, error) {
	if text == nil {
		return nil, nil
	}
	return scope.Projection(*text)
}

func (s *Store) get(t table, request getRequest, names []string) (getAnswer, error) {
	var item attribute.Item
	err := s.file.View(func(tx *bolt.Tx) error {
		_, err := storage.Get(t.items(tx), t.Keys().Encode(request.Key), &item)
		return err
	})
	if err != nil {
		return getAnswer{}, err
	}
	answer := getAnswer{ConsumedCapacity: t.consumed(request.ReturnConsumedCapacity,
		readUnits(item.Size(), request.ConsistentRead))}
	if item != nil {
		item = project(item, names)
		answer.Item = &item
	}
	return answer, nil
}

// project cuts an item down to the named attributes; nil names stand for all.
func project(item attribute.Item, names []string) attribute.Item {
	if names == nil {
		return item
	}
	return item.Pick(names)
}
