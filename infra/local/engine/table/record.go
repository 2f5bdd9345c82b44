package table

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// change is a write: the item before it (nil for a new one) and after it, and both as they are stored.
type change struct {
	old, new      attribute.Item
	before, after json.RawMessage
}

// record is a stream record on the wire (API Reference, "Record" of DynamoDB Streams).
type record struct {
	AwsRegion    string       `json:"awsRegion"`
	EventID      string       `json:"eventID"`
	EventName    string       `json:"eventName"`
	EventSource  string       `json:"eventSource"`
	EventVersion string       `json:"eventVersion"`
	Dynamodb     streamRecord `json:"dynamodb"`
}

// streamRecord is the change itself; the creation time is in whole seconds, as AWS rounds it.
type streamRecord struct {
	ApproximateCreationDateTime int64
	Keys                        attribute.Item
	NewImage                    json.RawMessage
	OldImage                    json.RawMessage `json:",omitempty"`
	SequenceNumber              string
	SizeBytes                   int
	StreamViewType              string
}

// record appends a write to the table's stream, in the write's own transaction. A write that changes nothing leaves no
// record, as at AWS.
func (s *Store) record(tx *bolt.Tx, t table, c change, effect wire.Effect) error {
	if !t.HasStream() || effect == wire.DropRecord || attribute.Same(c.old, c.new) {
		return nil
	}
	stream := t.stream(tx)
	position, err := stream.NextSequence()
	if err != nil {
		return err
	}
	r := s.newRecord(t, c, position)
	if err := storage.Put(stream, place(position), r); err != nil || effect != wire.DuplicateRecord {
		return err
	}
	if position, err = stream.NextSequence(); err != nil {
		return err
	}
	return storage.Put(stream, place(position), r)
}

// newRecord makes the event's id of stream and position: a record that is handed over again is the same event.
func (s *Store) newRecord(t table, c change, position uint64) record {
	name := "MODIFY"
	if c.old == nil {
		name = "INSERT"
	}
	id := sha256.Sum256([]byte(s.streamARN(t) + sequenceNumber(position)))
	keys := c.new.Pick(t.Keys().Names())
	return record{
		AwsRegion:    s.region,
		EventID:      hex.EncodeToString(id[:16]),
		EventName:    name,
		EventSource:  "aws:dynamodb",
		EventVersion: "1.1",
		Dynamodb: streamRecord{
			ApproximateCreationDateTime: s.now().Unix(),
			Keys:                        keys,
			NewImage:                    c.after,
			OldImage:                    c.before,
			SequenceNumber:              sequenceNumber(position),
			SizeBytes:                   keys.Size() + c.new.Size() + c.old.Size(),
			StreamViewType:              t.StreamSpecification.StreamViewType,
		},
	}
}

// place is the key of a position in the stream's bucket: big-endian, so that the order of bytes is the order of time.
func place(position uint64) []byte { return binary.BigEndian.AppendUint64(nil, position) }

// sequenceNumber is a position as the wire writes it: 21 digits, the least that AWS's model allows, so that texts sort
// as the numbers do.
func sequenceNumber(position uint64) string { return fmt.Sprintf("1%020d", position) }

// parseSequenceNumber reads a text that sequenceNumber has written; anything else is another stream's.
func parseSequenceNumber(text string) (uint64, error) {
	digits, marked := strings.CutPrefix(text, "1")
	position, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || !marked || len(digits) != 20 {
		return 0, wire.Validation("Invalid SequenceNumber: %q is none of this stream's", text)
	}
	return position, nil
}

// positionOf reads a key made by place.
func positionOf(key []byte) uint64 { return binary.BigEndian.Uint64(key) }
