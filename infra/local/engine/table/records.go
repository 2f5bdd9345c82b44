// Reading a stream: an iterator, then pages of records, by positions that are counted from 1.

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

// iteratorRequest says where to begin: at the oldest record, or behind one that was read before.
type iteratorRequest struct {
	StreamArn         string
	ShardID           string `json:"ShardId"`
	ShardIteratorType string
	SequenceNumber    string
}

// iteratorAnswer holds an opaque text, to be given back as it is.
type iteratorAnswer struct{ ShardIterator string }

// getShardIterator names its type as the key on record, so that a test can see whether a poller began anew or went on.
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

// recordsRequest has no limit: pages are as large as AWS lets them be.
type recordsRequest struct{ ShardIterator string }

// recordsAnswer always has a next iterator, for a shard here never ends.
type recordsAnswer struct {
	NextShardIterator string
	Records           []json.RawMessage
}

// getRecords answers an empty page where nothing is new; whoever follows a stream waits by Written and does not ask on.
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

// readRecords fills a page up to AWS's limits; one record that is larger than a page comes alone.
func (s *Store) readRecords(t table, position uint64) (recordsAnswer, error) {
	answer := recordsAnswer{Records: []json.RawMessage{}}
	size := 0
	err := s.file.View(func(tx *bolt.Tx) error {
		from := schema.Span{From: place(position)}
		stream := t.stream(tx)
		for key, text := range from.Walk(stream.Cursor(), true) {
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
