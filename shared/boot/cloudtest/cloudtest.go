// Package cloudtest plays AWS for the tests of a start.
package cloudtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Cloud speaks as much of DynamoDB and Secrets Manager as a start needs: no item, and the secrets it was given.
type Cloud struct {
	*httptest.Server
	Secrets map[string]string
	Reads   atomic.Int64

	mu      sync.Mutex
	fetched []string
}

// Fetched gives the names of the secrets that were asked for since it was last asked, in their order.
func (c *Cloud) Fetched() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names, c.fetched = c.fetched, nil
	slices.Sort(names)
	return names
}

func (c *Cloud) note(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetched = append(c.fetched, name)
}

// New makes one, which ends with the test, and gives the test credentials.
func New(t *testing.T, secrets map[string]string) *Cloud {
	c := &Cloud{Secrets: secrets}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem") {
			c.Reads.Add(1)
			_, _ = io.WriteString(w, `{}`)
			return
		}
		var in struct {
			ID string `json:"SecretId"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		c.note(in.ID)
		content, ok := c.Secrets[in.ID]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
			return
		}
		if err := json.NewEncoder(w).Encode(map[string]string{"SecretString": content, "VersionId": "v1"}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(c.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	return c
}
