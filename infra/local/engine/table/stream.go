// Streams: which there are, and their shards. There is one shard for ever, so what is not shown here is how a poller
// follows a shard that was split; the poller of this machine refuses one.

package table

import (
	"errors"
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// shardID is the one shard of every stream. It stays open for ever.
const shardID = "shardId-00000000000000000001-00000001"

// listStreamsRequest may name a table; without one all streams are meant.
type listStreamsRequest struct{ TableName string }

// streamName is how a stream is told from an earlier one of a table of the same name.
type streamName struct{ StreamArn, StreamLabel, TableName string }

// listStreamsAnswer is all of them in one page.
type listStreamsAnswer struct{ Streams []streamName }

// listStreams goes through all tables: there are few.
func (s *Store) listStreams(request listStreamsRequest) (wire.Action, error) {
	return wire.Action{Table: request.TableName, Do: func(wire.Effect) (any, error) {
		answer := listStreamsAnswer{Streams: []streamName{}}
		err := s.file.View(func(tx *bolt.Tx) error {
			tables := tx.Bucket([]byte(Bucket))
			return tables.ForEach(func(name, _ []byte) error {
				var t table
				if _, err := storage.Get(tables, name, &t); err != nil {
					return err
				}
				if t.HasStream() && (request.TableName == "" || request.TableName == t.TableName) {
					answer.Streams = append(answer.Streams, streamName{s.streamARN(t), streamLabel(t), t.TableName})
				}
				return nil
			})
		})
		return answer, err
	}}, nil
}

// streamed finds the table that a stream belongs to.
func (s *Store) streamed(arn string) (table, error) {
	_, path, _ := strings.Cut(arn, ":table/")
	name, _, _ := strings.Cut(path, "/stream/")
	t, err := s.table(name)
	var refusal *wire.Error
	if errors.As(err, &refusal) || (err == nil && (!t.HasStream() || s.streamARN(t) != arn)) {
		return t, wire.Dynamo("ResourceNotFoundException", "Requested resource not found: Stream: %s not found", arn)
	}
	return t, err
}

// describeStreamRequest asks by ARN.
type describeStreamRequest struct{ StreamArn string }

// describeStreamAnswer wraps the description as the API does.
type describeStreamAnswer struct{ StreamDescription streamDescription }

// streamDescription tells the one shard; it is always enabled, since the template says so for the life of the table.
type streamDescription struct {
	streamName
	CreationRequestDateTime float64
	KeySchema               []schema.KeyElement
	Shards                  []shard
	StreamStatus            string
	StreamViewType          string
}

// shard has a first sequence number and no last one: it is open.
type shard struct {
	ShardID             string `json:"ShardId"`
	SequenceNumberRange struct{ StartingSequenceNumber string }
}

// describeStream needs no transaction: nothing of it changes after the table was made.
func (s *Store) describeStream(request describeStreamRequest) (wire.Action, error) {
	t, err := s.streamed(request.StreamArn)
	return wire.Action{Table: t.TableName, Do: func(wire.Effect) (any, error) {
		only := shard{ShardID: shardID}
		only.SequenceNumberRange.StartingSequenceNumber = sequenceNumber(1)
		return describeStreamAnswer{streamDescription{
			streamName:              streamName{s.streamARN(t), streamLabel(t), t.TableName},
			CreationRequestDateTime: wire.Seconds(t.Created),
			KeySchema:               t.KeySchema,
			Shards:                  []shard{only},
			StreamStatus:            "ENABLED",
			StreamViewType:          t.StreamSpecification.StreamViewType,
		}}, nil
	}}, err
}
