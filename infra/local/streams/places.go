// Where each mapping stands, in a file of its own beside the engine's: at AWS the event source mapping keeps it, not
// the table. A place is written after the batch, so after a kill records may come twice and none is left out.

package streams

import (
	"fmt"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// places remembers how far each mapping has come in each shard.
type places struct{ file *bolt.DB }

// A bucket of bbolt: the mapping's name and stream lead to a sequence number.
const placesBucket = "places"

// openPlaces opens or makes the file; it fails when another stack has it open.
func openPlaces(folder string) (*places, error) {
	path := filepath.Join(folder, "streams.db")
	file, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 2 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("open %s, which keeps the places in the stream: %w", path, err)
	}
	return &places{file}, nil
}

// get answers the sequence number of the last record that is done with, "" for the start of the shard.
func (p *places) get(key string) (sequence string, err error) {
	err = p.file.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket([]byte(placesBucket)); b != nil {
			sequence = string(b.Get([]byte(key)))
		}
		return nil
	})
	return sequence, err
}

// put returns when the place is on disk.
func (p *places) put(key, sequence string) error {
	err := p.file.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(placesBucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(sequence))
	})
	if err != nil {
		return fmt.Errorf("keep the place in the stream: %w", err)
	}
	return nil
}

func (p *places) close() error { return p.file.Close() }
