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

// BenchmarkCommit is what a write costs by how many write at once, and how many of them share a transaction.
func BenchmarkCommit(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(strconv.Itoa(clients), func(b *testing.B) {
			file := open(b)
			var next, transactions atomic.Int64
			var wait sync.WaitGroup
			for range clients {
				wait.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						err := file.Commit(func(tx *bolt.Tx) error {
							transactions.Store(int64(tx.ID()))
							return storage.Put(tx.Bucket([]byte(bucket)), fmt.Appendf(nil, "%d", n), n)
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/float64(transactions.Load()), "writes/transaction")
		})
	}
}
