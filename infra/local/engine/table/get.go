// GetItem. Every reading is consistent here, whether it was asked for or not.

package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

// getRequest has no projection: Kassa reads whole items.
type getRequest struct {
	TableName      string
	Key            attribute.Item
	ConsistentRead bool // every reading is
}

// getItem names the key before it is checked, so that a refused call is on record with what it asked for.
func (s *Store) getItem(request getRequest) (wire.Action, error) {
	action := wire.Action{Table: request.TableName}
	t, err := s.table(request.TableName)
	if err != nil {
		return action, err
	}
	action.Key = t.Keys().Readable(request.Key)
	action.Do = func(wire.Effect) (any, error) {
		// that there is none is no error, and has no Item
		answer := wire.Text("{}")
		err := s.file.View(func(tx *bolt.Tx) error {
			if item := t.items(tx).Get(t.Keys().Encode(request.Key)); item != nil {
				answer = append(append(wire.Text(`{"Item":`), item...), '}')
			}
			return nil
		})
		return answer, err
	}
	return action, t.Keys().CheckExact(request.Key)
}
