package storage_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
)

// BenchmarkCommit is what a write costs by how many write at once.
func BenchmarkCommit(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(strconv.Itoa(clients), func(b *testing.B) {
			file := open(b)
			var next atomic.Int64
			var wait sync.WaitGroup
			for range clients {
				wait.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						err := file.Commit(func(tx *bolt.Tx) error {
							return storage.Put(tx.Bucket([]byte(bucket)), fmt.Appendf(nil, "%d", n), n)
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wait.Wait()
		})
	}
}
