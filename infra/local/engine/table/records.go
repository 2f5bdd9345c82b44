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
	if err := request.check(); err != nil {
		return action, err
	}
	action.Do = func(wire.Effect) (any, error) {
		position, err := s.start(t, request)
		return iteratorAnswer{s.iterator(t, position)}, err
	}
	return action, nil
}

func (r iteratorRequest) check() error {
	switch r.ShardIteratorType {
	case "TRIM_HORIZON", "LATEST":
		if r.SequenceNumber != "" {
			return wire.Validation("Invalid SequenceNumber: it does not go with ShardIteratorType %s", r.ShardIteratorType)
		}
		return nil
	case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
		_, err := parseSequenceNumber(r.SequenceNumber)
		return err
	}
	return wire.Validation("Value '%s' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum "+
		"value set: [TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER]", r.ShardIteratorType)
}

// start is the position of the first record that an iterator gives.
func (s *Store) start(t table, request iteratorRequest) (uint64, error) {
	switch request.ShardIteratorType {
	case "TRIM_HORIZON":
		return 1, nil
	case "LATEST":
		var position uint64
		err := s.file.View(func(tx *bolt.Tx) error {
			position = t.stream(tx).Sequence() + 1
			return nil
		})
		return position, err
	}
	position, err := parseSequenceNumber(request.SequenceNumber)
	if request.ShardIteratorType == "AFTER_SEQUENCE_NUMBER" {
		position++
	}
	return position, err
}

// iterator names a position in a stream. It never expires (at AWS it does so after 15 minutes).
func (s *Store) iterator(t table, position uint64) string {
	return s.streamARN(t) + "|" + sequenceNumber(position)
}

type recordsRequest struct {
	ShardIterator string
	Limit         *int
}

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
	limit := maxRecords
	if request.Limit != nil {
		limit = *request.Limit
	}
	if limit < 1 || limit > maxRecords {
		return wire.Action{}, wire.Validation(
			"Value '%d' at 'limit' failed to satisfy constraint: Member must be between 1 and %d", limit, maxRecords)
	}
	t, err := s.streamed(arn)
	return wire.Action{Table: t.TableName, Do: func(wire.Effect) (any, error) {
		return s.readRecords(t, position, limit)
	}}, err
}

func (s *Store) readRecords(t table, position uint64, limit int) (recordsAnswer, error) {
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
			if len(answer.Records) == limit {
				return nil
			}
		}
		return nil
	})
	answer.NextShardIterator = s.iterator(t, position)
	return answer, err
}
