package table

import (
	"encoding/json"
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/wire"
)

// Limits of one GetRecords answer (API Reference, "GetRecords"): records, and bytes.
const (
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

type iteratorRequest struct {
	StreamArn         string
	ShardID           string `json:"ShardId"`
	ShardIteratorType string
	SequenceNumber    string
}

type iteratorAnswer struct{ ShardIterator string }

func (s *Store) getShardIterator(request iteratorRequest) (wire.Action, error) {
	t, err := s.streamed(request.StreamArn)
	action := wire.Action{Table: t.TableName, Key: request.ShardIteratorType}
	if err != nil {
		return action, err
	}
	if request.ShardID != shardID {
		return action, wire.Dynamo("ResourceNotFoundException", "Requested resource not found: Shard: %s does not exist",
			request.ShardID)
	}
	position, err := request.position()
	action.Do = func(wire.Effect) (any, error) { return iteratorAnswer{s.iterator(t, position)}, nil }
	return action, err
}

// position is that of the first record that the iterator gives.
func (r iteratorRequest) position() (uint64, error) {
	switch {
	case r.ShardIteratorType == "TRIM_HORIZON" && r.SequenceNumber == "":
		return 1, nil
	case r.ShardIteratorType == "AFTER_SEQUENCE_NUMBER":
		position, err := parseSequenceNumber(r.SequenceNumber)
		return position + 1, err
	}
	return 0, wire.Validation("Value '%s' at 'shardIteratorType' failed to satisfy constraint: "+
		"the local engine knows TRIM_HORIZON without a SequenceNumber, and AFTER_SEQUENCE_NUMBER", r.ShardIteratorType)
}

// iterator names a position in a stream. It never expires (at AWS it does so after 15 minutes).
func (s *Store) iterator(t table, position uint64) string {
	return s.streamARN(t) + "|" + sequenceNumber(position)
}

type recordsRequest struct{ ShardIterator string }

type recordsAnswer struct {
	NextShardIterator string
	Records           []json.RawMessage
}

func (s *Store) getRecords(request recordsRequest) (wire.Action, error) {
	arn, sequence, _ := strings.Cut(request.ShardIterator, "|")
	position, err := parseSequenceNumber(sequence)
	if err != nil {
		return wire.Action{}, wire.Validation("Invalid ShardIterator")
	}
	t, err := s.streamed(arn)
	return wire.Action{Table: t.TableName, Do: func(wire.Effect) (any, error) {
		return s.readRecords(t, position)
	}}, err
}

func (s *Store) readRecords(t table, position uint64) (recordsAnswer, error) {
	answer := recordsAnswer{Records: []json.RawMessage{}}
	size := 0
	err := s.file.View(func(tx *bolt.Tx) error {
		from := schema.Span{From: place(position)}
		stream := t.stream(tx)
		for key := range from.Walk(stream.Cursor(), true) {
			text := stream.Get(key)
			if size += len(text); len(answer.Records) > 0 && size > maxRecordBytes {
				return nil
			}
			answer.Records = append(answer.Records, append(json.RawMessage(nil), text...))
			position = positionOf(key) + 1
			if len(answer.Records) == maxRecords {
				return nil
			}
		}
		return nil
	})
	answer.NextShardIterator = s.iterator(t, position)
	return answer, err
}
