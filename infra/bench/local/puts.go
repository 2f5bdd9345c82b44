//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kassa/infra/local/stack"
)

// puts is how many new items as large as payments the engine takes in a second, by how many clients write at once. They
// stand in the indexes of open payments, due in a hundred years, and in the stream.
func puts(ctx context.Context, i stack.Info) (map[int]int, error) {
	// one connection for each client, or the opening of others would be measured
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	all := map[int]int{}
	for _, clients := range []int{1, 16} {
		item := func(name string) string {
			return fmt.Sprintf(`{"TableName":%q,"Item":{"pk":{"S":"load-%d-%s"},"sk":{"N":"1"},"due_shard":{"N":"1"},`+
				`"due_at":{"N":"4948000000"},"book":{"S":"load#2126-11-29#0"},"created_at":{"S":"2126-11-29T12:00:00Z"},`+
				`"rest":{"S":"%s"}}}`, i.Table, clients, name, strings.Repeat("x", 700))
		}
		put := func(name string) error { return put(ctx, client, i.EngineURL, item(name)) }
		var err error
		if all[clients], err = putsBy(clients, put); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// putsBy lets so many write for ten seconds, each one item after the other.
func putsBy(clients int, put func(name string) error) (int, error) {
	const seconds = 10
	var done atomic.Int64
	failed := make(chan error, clients)
	// what is under way at the end still counts: it is one write of each client among thousands
	end := time.Now().Add(seconds * time.Second)
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				if err := put(fmt.Sprintf("%d-%d", client, n)); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	close(failed)
	return int(done.Load()) / seconds, <-failed // nil when nobody failed
}

// put speaks DynamoDB's protocol, without the work of the SDK.
func put(ctx context.Context, client *http.Client, url, body string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=load/") // which nobody verifies
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("PutItem: %s", text)
	}
	return err
}
