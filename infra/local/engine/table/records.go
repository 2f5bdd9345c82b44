// Reading a stream: an iterator, then pages of records, by positions that are counted from 1; and letting go of it.

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
	action.Do = func(wire.Effect) (any, error) {
		err := s.file.View(func(tx *bolt.Tx) error {
			if first := oldest(t.stream(tx)); position == 0 {
				position = first
			} else if position < first {
				return trimmed(position)
			}
			return nil
		})
		return iteratorAnswer{s.iterator(t, position)}, err
	}
	return action, err
}

// position is that of the first record that the iterator gives; 0 is the oldest that is left.
func (r iteratorRequest) position() (uint64, error) {
	switch {
	case r.ShardIteratorType == "TRIM_HORIZON" && r.SequenceNumber == "":
		return 0, nil
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
		if position < oldest(stream) {
			return trimmed(position)
		}
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

// A stream is trimmed: AWS drops records after a day; here they go once those who follow the stream are done with them,
// since a machine that takes payments for an hour would else keep ten times as much of the changes as of the payments.
const (
	// keptRecords are left for people and tests to read, whoever is done with them.
	keptRecords = 1000
	// trimEach is how many records more there may be, so that not each batch costs a transaction.
	trimEach = 250
	// maxTrim bounds one transaction; a file with more catches up by and by.
	maxTrim = 2000
)

// Trim drops the oldest records of a table's stream, up to the sequence number that all who follow it are done with,
// but for the newest.
func (s *Store) Trim(tableName, sequence string) error {
	t, err := s.table(tableName)
	if err != nil {
		return err
	}
	through, err := parseSequenceNumber(sequence)
	if err != nil {
		return err
	}
	var due bool
	err = s.file.View(func(tx *bolt.Tx) error {
		first, last := t.trimmable(tx, through)
		due = last >= first+trimEach
		return nil
	})
	if err != nil || !due {
		return err
	}
	return s.file.Commit(func(tx *bolt.Tx) error {
		first, last := t.trimmable(tx, through)
		stream := t.stream(tx)
		for position := first; position < min(last, first+maxTrim); position++ {
			if err := stream.Delete(place(position)); err != nil {
				return err
			}
		}
		return nil
	})
}

// trimmable is the stretch of positions that may go: from the oldest record to before the first that stays.
func (t table) trimmable(tx *bolt.Tx, through uint64) (first, end uint64) {
	stream := t.stream(tx)
	first = oldest(stream)
	if newest := stream.Sequence(); newest > keptRecords {
		end = min(through, newest-keptRecords) + 1
	}
	return first, end
}

// oldest is the position of the oldest record that is left; 1 where there never was one.
func oldest(stream *bolt.Bucket) uint64 {
	if key, _ := stream.Cursor().First(); key != nil {
		return positionOf(key)
	}
	return 1
}

// trimmed refuses to go on from a place whose records are gone, as AWS does: whoever was too late has to know it.
func trimmed(position uint64) error {
	return wire.Dynamo("TrimmedDataAccessException", "The operation tried to read beyond trimmed data: %s",
		sequenceNumber(position))
}
