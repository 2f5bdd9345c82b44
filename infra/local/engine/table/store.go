// Package table is the DynamoDB half of the engine: tables with global secondary indexes and a stream, for the calls
// that Kassa makes.
//
// The file holds a bucket "tables" (definitions by name) and one bucket "table:<name>" each, with the buckets "items"
// (by primary key), "index:<name>" (by index key, then primary key) and "stream" (by position). One transaction writes
// all that belongs to one PutItem.
package table

import (
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/schema"
	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// Bucket is the root bucket that the file must have.
const Bucket = "tables"

// Store answers for all tables of one file.
type Store struct {
	file    *storage.File
	now     func() time.Time
	region  string
	written bell
	tables  sync.Map // table by name: none is ever changed
}

// NewStore is a store on a file that has the bucket Bucket. The region only appears in names.
func NewStore(file *storage.File, now func() time.Time, region string) *Store {
	return &Store{file: file, now: now, region: region, written: bell{next: make(chan struct{})}}
}

// Written is closed by the next write that is on disk, so that who reads a stream need not ask again and again. Take it
// before reading, or a write in between goes unnoticed.
func (s *Store) Written() <-chan struct{} { return s.written.listen() }

// bell wakes everyone who listens.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// listen gives the channel that the next ring closes.
func (b *bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

// ring wakes who listens by now; who listens later waits for the next.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// Operations are the operations the store speaks, by their X-Amz-Target.
func (s *Store) Operations() map[string]wire.Operation {
	const dynamo, streams = "DynamoDB_20120810.", "DynamoDBStreams_20120810."
	return map[string]wire.Operation{
		dynamo + "CreateTable":       wire.Read(s.createTable),
		dynamo + "DescribeTable":     wire.Read(s.describeTable),
		dynamo + "PutItem":           wire.Read(s.putItem),
		dynamo + "GetItem":           wire.Read(s.getItem),
		dynamo + "BatchGetItem":      wire.Read(s.batchGet),
		dynamo + "Query":             wire.Read(s.query),
		streams + "ListStreams":      wire.Read(s.listStreams),
		streams + "DescribeStream":   wire.Read(s.describeStream),
		streams + "GetShardIterator": wire.Read(s.getShardIterator),
		streams + "GetRecords":       wire.Read(s.getRecords),
	}
}

// table is a stored definition with what the engine added.
type table struct {
	schema.Definition
	ID      string
	Created time.Time
}

// table finds a table by name.
func (s *Store) table(name string) (table, error) {
	var t table
	if known, ok := s.tables.Load(name); ok {
		if t, ok = known.(table); ok {
			return t, nil
		}
	}
	if !schema.ValidName(name) {
		return t, wire.Validation(
			"TableName must be 3 to 255 letters, digits, '_', '.' or '-'; the local engine takes no ARN: %q", name)
	}
	err := s.file.View(func(tx *bolt.Tx) error {
		found, err := storage.Get(tx.Bucket([]byte(Bucket)), []byte(name), &t)
		if err == nil && !found {
			return wire.Dynamo("ResourceNotFoundException", "Requested resource not found")
		}
		return err
	})
	if err == nil {
		s.tables.Store(name, t)
	}
	return t, err
}

// root is the bucket of all that is the table's, so that tables cannot meet.
func (t table) root(tx *bolt.Tx) *bolt.Bucket { return tx.Bucket([]byte("table:" + t.TableName)) }

func (t table) items(tx *bolt.Tx) *bolt.Bucket { return t.root(tx).Bucket([]byte("items")) }

func (t table) indexed(tx *bolt.Tx, name string) *bolt.Bucket {
	return t.root(tx).Bucket([]byte("index:" + name))
}

func (t table) stream(tx *bolt.Tx) *bolt.Bucket { return t.root(tx).Bucket([]byte("stream")) }

func (s *Store) arn(t table) string {
	return "arn:aws:dynamodb:" + s.region + ":" + wire.Account + ":table/" + t.TableName
}

// streamLabel is the name that AWS gives to a stream: the moment in which it was switched on.
func streamLabel(t table) string { return t.Created.UTC().Format("2006-01-02T15:04:05.000") }

func (s *Store) streamARN(t table) string { return s.arn(t) + "/stream/" + streamLabel(t) }
