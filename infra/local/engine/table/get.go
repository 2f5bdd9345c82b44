package table

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

type getRequest struct {
	TableName      string
	Key            attribute.Item
	ConsistentRead bool // every reading is
}

type getAnswer struct {
	Item attribute.Item `json:",omitempty"`
}

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
