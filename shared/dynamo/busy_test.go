package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/awsclient"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/client"
	"kassa/shared/payment"
)

// busyTable is a table of summaries and a book that answers as DynamoDB may when it is busy. It lives in the test's own
// time, where waiting takes none.
type busyTable struct {
	mu    sync.Mutex
	most  []int // how many keys each BatchGetItem reads; -1 refuses the call; the last holds for all that follow
	calls int
	pages []string // answers to Query, in turn; "busy" refuses the call
}

func (b *busyTable) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	status, text := http.StatusOK, `{"Items":[],"Count":0,"ScannedCount":0}`
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
		if strings.Contains(string(body), "#0\"") && len(b.pages) > 0 { // the shard of which the test tells
			text, b.pages = b.pages[0], b.pages[1:]
		}
	} else {
		text = b.batch(body)
	}
	if text == "busy" {
		status = http.StatusBadRequest
		text = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader([]byte(text))), ContentLength: int64(len(text))}, nil
}

func (b *busyTable) batch(body []byte) string {
	var request struct {
		RequestItems map[string]struct {
			Keys []map[string]map[string]string
		}
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return err.Error()
	}
	keys, most := request.RequestItems["t"].Keys, b.most[min(b.calls, len(b.most)-1)]
	if b.calls++; most < 0 {
		return "busy"
	}
	found, left := []string{}, keys[min(most, len(keys)):]
	for _, key := range keys[:min(most, len(keys))] {
		found = append(found, fmt.Sprintf(`{"pk":{"S":%q},"sk":{"N":"1"},"status":{"S":"pending"},"currency":{"S":"AZN"},`+
			`"captured":{"N":"0"},"refunded":{"N":"0"},"created_at":{"S":"2026-03-04T05:06:07.000Z"}}`, key["pk"]["S"]))
	}
	unread, err := json.Marshal(left)
	if err != nil {
		return err.Error()
	}
	rest := ""
	if len(left) > 0 {
		rest = fmt.Sprintf(`"t":{"Keys":%s}`, unread)
	}
	return fmt.Sprintf(`{"Responses":{"t":[%s]},"UnprocessedKeys":{%s}}`, strings.Join(found, ","), rest)
}

func (b *busyTable) store(t *testing.T) *dynamo.Store {
	setDefault(t, "AWS_ACCESS_KEY_ID", "local")
	setDefault(t, "AWS_SECRET_ACCESS_KEY", "local")
	config := awsclient.Config(region, "http://127.0.0.1", time.Second)
	config.HTTPClient = b
	return dynamo.New(client.New(config), "t")
}

// TestABusyTableIsReadToTheEnd: what it leaves is asked for again, what it refuses after a while, and only what is busy
// for long ends the reading, as unavailable.
func TestABusyTableIsReadToTheEnd(t *testing.T) {
	ids := make([]payment.ID, 250)
	for i := range ids {
		ids[i] = payment.ID{Order: payment.OrderKey("s", strconv.Itoa(i)), Attempt: 1}
	}
	for name, c := range map[string]struct {
		most []int
		want payment.Kind
	}{
		"all at once":               {[]int{100}, 0},
		"a part each time":          {[]int{7, 99, 1, 30}, 0},
		"nothing at first":          {[]int{0, 0, 0, 100}, 0},
		"nothing now and then":      {[]int{50, 0, 0, 10, 0, 0, 10, 0, 0, 10, 0, 0, 100}, 0},
		"refuses for a while":       {[]int{-1, -1, -1, -1, -1, -1, -1, -1, 100}, 0},
		"refuses within a reading":  {[]int{40, -1, -1, -1, -1, 40, -1, -1, -1, -1, 100}, 0},
		"never reads anything":      {[]int{0}, payment.Unavailable},
		"refuses for ever":          {[]int{-1}, payment.Unavailable},
		"stops half-way, for ever":  {[]int{100, 60, 0}, payment.Unavailable},
		"refuses for ever after 10": {[]int{10, 10, 10, -1}, payment.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			b := &busyTable{most: c.most}
			s := b.store(t)
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				found, unreadable, err := s.Summaries(t.Context(), ids, payment.Sums)
				if c.want != 0 {
					if payment.KindOf(err) != c.want || time.Since(begun) > time.Minute {
						t.Errorf("%v after %v", err, time.Since(begun))
					}
					return
				}
				if err != nil || len(unreadable) > 0 || !slices.EqualFunc(found, ids, func(s payment.Summary, id payment.ID) bool {
					return s.ID == id
				}) {
					t.Errorf("%d of %d, %v %v", len(found), len(ids), unreadable, err)
				}
			})
		})
	}
}

// TestWhoHasGoneWaitsForNoTable that is busy.
func TestWhoHasGoneWaitsForNoTable(t *testing.T) {
	b := &busyTable{most: []int{0}}
	s := b.store(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 120*time.Millisecond)
		defer cancel()
		begun := time.Now()
		_, _, err := s.Several(ctx, []payment.ID{{Order: payment.OrderKey("s", "1"), Attempt: 1}})
		if payment.KindOf(err) != payment.Unavailable || time.Since(begun) > 200*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// TestABookCutIntoPages: a page ends where DynamoDB likes, may be empty with more behind it, and may be refused in the
// middle. What was created in one millisecond may lie on two of them.
func TestABookCutIntoPages(t *testing.T) {
	entry := func(n int, at string) (string, payment.BookEntry) {
		id := payment.ID{Order: payment.OrderKey("s", strconv.Itoa(n)), Attempt: 1}
		created, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"pk":{"S":%q},"sk":{"N":"1"},"book":{"S":"s#2026-03-04#0"},"created_at":{"S":%q}}`, id.Order,
			at), payment.BookEntry{CreatedAt: created, ID: id}
	}
	var want []payment.BookEntry
	texts := make([]string, 5)
	for n, at := range []string{"2026-03-04T05:00:05.000Z", "2026-03-04T05:00:04.000Z", "2026-03-04T05:00:04.000Z",
		"2026-03-04T05:00:04.000Z", "2026-03-04T05:00:01.000Z"} {
		var e payment.BookEntry
		texts[n], e = entry(n, at)
		want = append(want, e)
	}
	slices.SortFunc(want, payment.BookEntry.Compare)
	page := func(last string, items ...string) string {
		text := fmt.Sprintf(`{"Items":[%s],"Count":%d,"ScannedCount":%[2]d`, strings.Join(items, ","), len(items))
		if last != "" {
			text += `,"LastEvaluatedKey":` + last
		}
		return text + "}"
	}
	pages := []string{page(texts[0]), "busy", "busy", "busy", "busy", page(texts[2], texts[0], texts[1], texts[2]),
		page(texts[2]), page(texts[3], texts[3]), page("", texts[4])}
	for limit := 1; limit <= 6; limit++ {
		s := (&busyTable{pages: slices.Clone(pages)}).store(t)
		synctest.Test(t, func(t *testing.T) {
			got, err := s.Book(t.Context(), payment.BookPart{Shop: "s", Day: want[0].CreatedAt, Limit: limit})
			if err != nil || !slices.EqualFunc(got, want[:min(limit, 5)], func(a, b payment.BookEntry) bool {
				return a.Compare(b) == 0
			}) {
				t.Errorf("%d: %v %v\nwant %v", limit, got, err, want[:min(limit, 5)])
			}
		})
	}
}
