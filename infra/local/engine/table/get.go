// GetItem. Every reading is consistent here, whether it was asked for or not.

package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// getRequest has no projection: Kassa reads whole items.
type getRequest struct {
	TableName      string
	Key            attribute.Item
	ConsistentRead bool // every reading is
}

// getAnswer has no Item where there is none, which is no error.
type getAnswer struct {
	Item attribute.Item `json:",omitempty"`
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
		var answer getAnswer
		err := s.file.View(func(tx *bolt.Tx) error {
			_, err := storage.Get(t.items(tx), t.Keys().Encode(request.Key), &answer.Item)
			return err
		})
		return answer, err
	}
	return action, t.Keys().CheckExact(request.Key)
}
